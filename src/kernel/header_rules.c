/* Headers that a build makes line by line of other files, by rules that are data. */
#include "kernel/header_rules.h"

#include <string.h>

/* Bytes of a line that expressions are tried on; 6.1's longest that a rule takes has 100. A bound
 * on what one line of a hostile tree can cost. */
#define LINE_MOST 1000u

/* One part of a header: lines of a file, or a text. */
typedef struct rule_part {
	char **from; /* NULL: none */
	GRegex *drop, *take;
	char *line, *before, *after, *trim;
	char *text;
	char *stand_in;
} rule_part;

static void part_free(gpointer data)
{
	rule_part *p = data;
	g_strfreev(p->from);
	g_clear_pointer(&p->drop, g_regex_unref);
	g_clear_pointer(&p->take, g_regex_unref);
	g_free(p->line);
	g_free(p->before);
	g_free(p->after);
	g_free(p->trim);
	g_free(p->text);
	g_free(p->stand_in);
	g_free(p);
}

static void rule_free(gpointer data)
{
	header_rule *r = data;
	g_free(r->path);
	g_ptr_array_unref(r->parts);
	g_strfreev(r->named_in);
	g_strfreev(r->archs);
	g_free(r->has);
	g_strfreev(r->link);
	g_free(r->each);
	g_strfreev(r->compute);
	g_free(r->flags);
	g_free(r);
}

/* ---- reading the rules ---- */

static GRegex *expression(GKeyFile *file, const char *section, const char *key)
{
	g_autofree char *text = g_key_file_get_string(file, section, key, NULL);
	if (!text)
		return NULL;
	/* Bytes: a tree's file need not be UTF-8. */
	GRegex *regex = g_regex_new(text, G_REGEX_RAW | G_REGEX_OPTIMIZE, 0, NULL);
	g_assert(regex);
	return regex;
}

static char **words(GKeyFile *file, const char *section, const char *key)
{
	return g_key_file_get_string_list(file, section, key, NULL, NULL);
}

static rule_part *read_part(GKeyFile *file, const char *section)
{
	rule_part *p = g_new0(rule_part, 1);
	p->from = words(file, section, "from");
	p->drop = expression(file, section, "drop");
	p->take = expression(file, section, "take");
	p->line = g_key_file_get_string(file, section, "line", NULL);
	p->before = g_key_file_get_string(file, section, "before", NULL);
	p->after = g_key_file_get_string(file, section, "after", NULL);
	p->trim = g_key_file_get_string(file, section, "trim", NULL);
	p->text = g_key_file_get_string(file, section, "text", NULL);
	p->stand_in = g_key_file_get_string(file, section, "stand-in", NULL);
	g_assert(p->text || (p->from && p->take && p->line));
	return p;
}

static header_rule *read_rule(GKeyFile *file, const char *section)
{
	header_rule *r = g_new0(header_rule, 1);
	r->path = g_strdup(section);
	r->parts = g_ptr_array_new_with_free_func(part_free);
	r->named_in = words(file, section, "named-in");
	r->archs = words(file, section, "arch");
	r->has = g_key_file_get_string(file, section, "has", NULL);
	r->link = words(file, section, "link");
	r->each = g_key_file_get_string(file, section, "each", NULL);
	r->compute = words(file, section, "compute");
	r->flags = g_key_file_get_string(file, section, "flags", NULL);
	return r;
}

GPtrArray *header_rules_read(const char *text)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	bool read = g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, NULL);
	g_assert(read);
	GPtrArray *rules = g_ptr_array_new_with_free_func(rule_free);
	g_auto(GStrv) sections = g_key_file_get_groups(file, NULL);
	for (char **s = sections; *s; s++) {
		const char *blank = strchr(*s, ' ');
		header_rule *r = blank ? g_ptr_array_index(rules, rules->len - 1) : NULL;
		if (!r) {
			r = read_rule(file, *s);
			g_ptr_array_add(rules, r);
		}
		g_assert(!strncmp(*s, r->path, strlen(r->path)));
		if (!r->link && !r->compute)
			g_ptr_array_add(r->parts, read_part(file, *s));
	}
	return rules;
}

const GPtrArray *header_rules_of(kernel_tree *t)
{
	/* The base's, for its tips too: the same text. */
	kernel_tree *owner = t->base ? t->base : t;
	if (!owner->header_rules)
		owner->header_rules = header_rules_read(header_rules_text);
	return owner->header_rules;
}

/* ---- making a header ---- */

/* A header that was made for the configuration already. */
static GBytes *made_file(const tree_arch *a, const tree_config *c, const char *path)
{
	g_autofree char *full = g_build_filename(layout_root(a->tree->layout), path, NULL);
	for (guint i = 0; i < c->memory->len; i++) {
		const memory_file *m = g_ptr_array_index(c->memory, i);
		if (!strcmp(m->path, full))
			return g_bytes_ref(m->data);
	}
	return NULL;
}

static GBytes *first_of(const tree_arch *a, const tree_config *c, char **paths)
{
	for (; *paths; paths++) {
		GBytes *bytes = tree_read(a->tree, *paths);
		bytes = bytes ? bytes : made_file(a, c, *paths);
		if (bytes)
			return bytes;
	}
	return NULL;
}

static bool is_named(const header_rule *r, const tree_arch *a)
{
	if (!r->named_in)
		return true;
	const char *name = strrchr(r->path, '/') + 1;
	for (char **path = r->named_in; *path; path++) {
		g_autoptr(GBytes) bytes = tree_read(a->tree, *path);
		gsize len = 0;
		const char *text = bytes ? g_bytes_get_data(bytes, &len) : NULL;
		if (text && memmem(text, len, name, strlen(name)))
			return true;
	}
	return false;
}

static void append_line(GString *out, const rule_part *p, const char *line, gsize len)
{
	g_autoptr(GMatchInfo) match = NULL;
	if (len > LINE_MOST)
		return;
	if (p->drop && g_regex_match_full(p->drop, line, (gssize)len, 0, 0, NULL, NULL))
		return;
	if (!g_regex_match_full(p->take, line, (gssize)len, 0, 0, &match, NULL))
		return;
	g_autofree char *made = g_match_info_expand_references(match, p->line, NULL);
	if (made)
		g_string_append(out, made);
}

static bool append_part(GString *out, const rule_part *p, const tree_arch *a, const tree_config *c)
{
	if (p->stand_in)
		g_string_append_printf(out, GENERATED_STAND_IN "%s */\n", p->stand_in);
	if (p->text) {
		g_string_append(out, p->text);
		return true;
	}
	g_autoptr(GBytes) bytes = first_of(a, c, p->from);
	if (!bytes)
		return false;
	gsize len;
	const char *at = g_bytes_get_data(bytes, &len);
	const char *end = at ? at + len : NULL;
	g_string_append(out, p->before ? p->before : "");
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;
		append_line(out, p, at, (gsize)(stop - at));
		at = newline ? newline + 1 : end;
	}
	if (p->trim && g_str_has_suffix(out->str, p->trim))
		g_string_truncate(out, out->len - strlen(p->trim));
	g_string_append(out, p->after ? p->after : "");
	return true;
}

bool header_rule_holds(const header_rule *rule, const tree_arch *a)
{
	if (rule->archs && !g_strv_contains((const char *const *)rule->archs, a->folder))
		return false;
	return (!rule->has || tree_has(a->tree, rule->has)) && is_named(rule, a);
}

char *header_rule_make(const header_rule *rule, const tree_arch *a, const tree_config *c)
{
	if (!header_rule_holds(rule, a))
		return NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	bool any = false;
	for (guint i = 0; i < rule->parts->len; i++)
		any |= append_part(out, g_ptr_array_index(rule->parts, i), a, c);
	return any ? g_string_free(g_steal_pointer(&out), FALSE) : NULL;
}
