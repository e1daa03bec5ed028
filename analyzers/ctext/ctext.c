/* The text reader of C: descriptor and the order of the passes. */
#include "analyzers/ctext/ctext.h"

#include "base/error.h"
#include "base/limits.h"
#include "analyzers/ctext/reader.h"

void ctext_read(fact_set *out, const char *text, size_t len)
{
	reader r = {0};
	source_init(&r.s, out, text, len);
	r.code = g_array_sized_new(FALSE, FALSE, sizeof(code_token), r.s.tokens->len + 1);
	r.conditions = g_ptr_array_new();
	r.levels = g_array_new(FALSE, FALSE, sizeof(level));
	r.scratch = g_string_new(NULL);
	names_init(&r.locals);
	names_init(&r.globals);
	read_directives(&r);
	read_declarations(&r);
	names_free(&r.globals);
	names_free(&r.locals);
	g_string_free(r.scratch, TRUE);
	g_array_unref(r.levels);
	g_ptr_array_unref(r.conditions);
	g_array_unref(r.code);
	source_clear(&r.s);
}

static bool claims(const char *path)
{
	return g_str_has_suffix(path, ".c") || g_str_has_suffix(path, ".h");
}

static bool run(const analysis_unit *u, fact_sink *sink, GError **err)
{
	gsize len;
	const char *text = g_bytes_get_data(u->text, &len);
	if (len > LIMIT_SOURCE_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL, "%s: %zu bytes, more than %zu",
			u->path, len, LIMIT_SOURCE_BYTES);
	ctext_read(fact_sink_file(sink, u->path, &u->blob), text ? text : "", len);
	return true;
}

const analyzer ctext_analyzer = {
	.name = "ctext",
	.version = 6,
	.claims = claims,
	.run = run,
	.needs_layout = false,
};
