/* Makefiles and Kbuild files as facts.
 *
 * An entity is an object or folder in a list: its path in the tree as name, the list as value
 * ("obj-$(CONFIG_X)"), the symbols that must be on or off as condition. A use is a symbol that a
 * list's name or a conditional asks for. */
#include "analyzers/kbuild/kbuild.h"

#include <string.h>

#include "base/digest.h"
#include "kernel/kbuild.h"
#include "kernel/layout.h"

static bool claims(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	return !strcmp(name, "Kbuild") || !strcmp(name, "Makefile") ||
	       (g_str_has_prefix(name, "Makefile.") && !g_str_has_suffix(name, ".rst")) ||
	       g_str_has_prefix(name, "Makefile_");
}

/* "A && !B" */
static char *guards_text(const GArray *guards)
{
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < guards->len; i++) {
		const kbuild_guard *g = &g_array_index(guards, kbuild_guard, i);
		g_string_append_printf(
			out, "%s%sCONFIG_%s", i ? " && " : "", g->on ? "" : "!", g->name);
	}
	return g_string_free(out, FALSE);
}

/* Architectures' makefiles and the top one name objects from the root of the tree. */
static bool names_from_root(const char *path)
{
	if (!strcmp(path, "Makefile") || !strcmp(path, "Kbuild"))
		return true;
	g_auto(GStrv) parts = g_strsplit(path, "/", -1);
	return g_strv_length(parts) == 3 && !strcmp(parts[0], "arch") &&
	       g_str_has_prefix(parts[2], "Makefile");
}

static char *object_path(const char *makefile, const char *object)
{
	g_autofree char *folder = g_path_get_dirname(makefile);
	bool root = names_from_root(makefile) || !strcmp(folder, ".");
	char *path = layout_resolve(root ? "" : folder, object);
	if (!path)
		return g_strdup(object);
	if (g_str_has_suffix(object, "/")) {
		char *slashed = g_strconcat(path, "/", NULL);
		g_free(path);
		return slashed;
	}
	return path;
}

static void write_rule(fact_set *facts, const kbuild_makefile *file, const kbuild_rule *rule)
{
	g_autofree char *name = object_path(file->path, rule->object);
	g_autofree char *condition = guards_text(rule->guards);
	entity fact = {.kind = ENTITY_BUILD_OBJECT,
		.reader = READER_TEXT,
		.flags = ENTITY_DEFINITION,
		.line = rule->line,
		.end_line = rule->line,
		.name = name,
		.value = rule->variable,
		.parent = rule->kind == 'p' ? rule->base : "",
		.condition = condition,
		.tokens = 1};
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_text(&d, rule->variable);
	digest_add_text(&d, condition);
	g_autofree char *hex = digest_hex(&d);
	g_autofree char *first = g_strndup(hex, 16), *second = g_strndup(hex + 16, 16);
	fact.body[0] = g_ascii_strtoull(first, NULL, 16);
	fact.body[1] = g_ascii_strtoull(second, NULL, 16);
	fact_set_add_entity(facts, &fact);
}

/* Every CONFIG_X of a statement. */
static void write_uses(fact_set *facts, const make_statement *s, const char *text)
{
	for (const char *p = text; p && (p = strstr(p, "CONFIG_"));) {
		bool whole = p == text || !(g_ascii_isalnum(p[-1]) || p[-1] == '_');
		const char *start = p + strlen("CONFIG_");
		size_t len = 0;
		while (g_ascii_isalnum(start[len]) || start[len] == '_')
			len++;
		p = start + len;
		if (!len || !whole)
			continue;
		g_autofree char *name = g_strndup(start, len);
		fact_set_add_use(facts, &(use){.kind = USE_CONFIG,
						.reader = READER_TEXT,
						.line = s->line,
						.name = name,
						.detail = s->kind == MAKE_ASSIGN ? s->name : "",
						.in = s->kind == MAKE_ASSIGN ? s->name : ""});
	}
}

static bool run(const analysis_unit *u, fact_sink *sink, GError **err)
{
	(void)err;
	gsize len;
	const char *text = g_bytes_get_data(u->text, &len);
	g_autoptr(kbuild_makefile) file = kbuild_read(u->path, text ? text : "", len, NULL);
	fact_set *facts = fact_sink_file(sink, u->path, &u->blob);
	for (guint i = 0; i < file->rules->len; i++) {
		const kbuild_rule *rule = g_ptr_array_index(file->rules, i);
		if (rule->kind != 'i') /* include paths are no objects */
			write_rule(facts, file, rule);
	}
	for (guint i = 0; i < file->statements->len; i++) {
		const make_statement *s = g_ptr_array_index(file->statements, i);
		write_uses(facts, s, s->name);
		write_uses(facts, s, s->value);
	}
	return true;
}

const analyzer analyzer_kbuild = {
	.name = "kbuild",
	.version = 1,
	.claims = claims,
	.run = run,
};
