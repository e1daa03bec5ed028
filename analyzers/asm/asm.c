/* The text reader of assembly. */
#include "analyzers/asm/asm.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "analyzers/text/assembly.h"

static void read_one_directive(source *s, assembly *a, const directive *d)
{
	macro_text m;
	switch (d->kind) {
	case DIRECTIVE_OTHER:
		break; /* #error, #pragma; or a comment of the assembler */
	case DIRECTIVE_DEFINE:
		if (directive_define(s, d, &m)) {
			const token *t = source_token(s, m.name);
			g_autofree char *name = g_strndup(s->text + t->at, t->len);
			assembly_macro(a, name, m.body, m.body_end);
		}
		break;
	case DIRECTIVE_UNDEF:
		directive_undef(s, d);
		break;
	case DIRECTIVE_INCLUDE:
		directive_include(s, d);
		break;
	default:
		directive_condition(s, d);
		break;
	}
}

void asm_read(fact_set *out, const char *text, size_t len, bool script)
{
	source s;
	source_init(&s, out, text, len);
	assembly *a = assembly_new(&s);
	for (size_t i = 0; i < s.tokens->len;) {
		const token *t = source_token(&s, i);
		if (t->flags & TOKEN_HASH) {
			directive d;
			directive_read(&d, &s, i);
			read_one_directive(&s, a, &d);
			i = d.end;
			continue;
		}
		size_t end = i + 1;
		while (end < s.tokens->len && source_token(&s, end)->line == t->line)
			end++;
		assembly_line(a, i, end, script);
		i = end;
	}
	assembly_free(a);
	source_clear(&s);
}

static bool claims(const char *path)
{
	return g_str_has_suffix(path, ".S") || g_str_has_suffix(path, ".s") ||
	       g_str_has_suffix(path, ".lds");
}

static bool run(const analysis_unit *u, fact_sink *sink, GError **err)
{
	gsize len;
	const char *text = g_bytes_get_data(u->text, &len);
	if (len > LIMIT_SOURCE_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL, "%s: %zu bytes, more than %zu",
			u->path, len, LIMIT_SOURCE_BYTES);
	bool script = g_str_has_suffix(u->path, ".lds.S") || g_str_has_suffix(u->path, ".lds");
	asm_read(fact_sink_file(sink, u->path, &u->blob), text ? text : "", len, script);
	return true;
}

const analyzer asm_analyzer = {
	.name = "asm",
	.version = 2,
	.claims = claims,
	.run = run,
	.needs_layout = false,
};
