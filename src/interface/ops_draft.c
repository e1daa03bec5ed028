/* An ops table as the draft of a catalogue. */
#include "interface/ops.h"

#include <string.h>

/* In single quotes, as YAML has them. */
static void quoted(GString *out, const char *text)
{
	g_string_append_c(out, '\'');
	for (const char *at = text; *at; at++) {
		bool control = (guchar)*at < ' ' || *at == 0x7f;
		g_string_append_c(out, control ? ' ' : *at);
		if (*at == '\'')
			g_string_append_c(out, '\'');
	}
	g_string_append_c(out, '\'');
}

static void line_of(GString *out, unsigned indent, const char *key, const char *value)
{
	g_string_append_printf(out, "%*s%s: ", (int)indent, "", key);
	quoted(out, value);
	g_string_append_c(out, '\n');
}

static GPtrArray *groups_of(const ops_table *t)
{
	GPtrArray *groups = g_ptr_array_new();
	for (guint i = 0; i < t->members->len; i++) {
		const ops_member *m = g_ptr_array_index(t->members, i);
		if (!g_ptr_array_find_with_equal_func(groups, m->group, g_str_equal, NULL))
			g_ptr_array_add(groups, m->group);
	}
	return groups;
}

static void texts(GString *out, const char *key, const GPtrArray *list)
{
	g_string_append_printf(out, "%s: [", key);
	for (guint i = 0; i < list->len; i++) {
		g_string_append(out, i ? ", " : "");
		quoted(out, g_ptr_array_index(list, i));
	}
	g_string_append(out, "]\n");
}

/* "X86_PAE" of "defined(CONFIG_X86_PAE)"; NULL of anything else. The caller's. */
static char *config_symbol(const char *condition)
{
	static const char front[] = "defined(CONFIG_";
	if (!g_str_has_prefix(condition, front))
		return NULL;
	const char *name = condition + strlen(front);
	size_t len = strspn(name, G_CSET_A_2_Z G_CSET_a_2_z "0123456789_");
	return len && strcmp(name + len, ")") == 0 ? g_strndup(name, len) : NULL;
}

static bool is_term(const char *text)
{
	return !text[strspn(text, G_CSET_a_2_z "0123456789-")];
}

static void draft_point(GString *out, const ops_member *m)
{
	g_autofree char *id = g_strdup_printf("%s.%s", m->group, m->name);
	g_autofree char *title = g_strdup_printf("%s of %s", m->name, m->record);
	g_autofree char *symbol = config_symbol(m->condition);
	g_string_append_printf(out, "  - id: %s\n", id);
	line_of(out, 4, "title", title);
	if (m->signature)
		line_of(out, 4, "signature", m->signature);
	if (m->variants->len) {
		g_string_append(out, "    ");
		texts(out, "variants", m->variants);
	}
	if (m->wrapper)
		g_string_append_printf(
			out, "    contract: {convention: wrapped} # %s\n", m->wrapper);
	else if (m->convention && is_term(m->convention))
		g_string_append_printf(out, "    contract: {convention: %s}\n", m->convention);
	/* whether a backend must have it, no #ifdef tells */
	if (symbol)
		g_string_append_printf(out, "    # required: when %s\n", symbol);
	g_string_append_printf(out, "    # %s:%u\n", m->path, m->line);
}

static void draft_fits(GString *out, const ops_table *t)
{
	g_string_append(out, "fits:\n");
	for (guint i = 0; i < t->files->len; i++) {
		g_string_append(out, "  - {file: ");
		quoted(out, g_ptr_array_index(t->files, i));
		g_string_append(out, "}\n");
	}
}

/* "a|b": the tags, and the fields by which a table is reached from another. */
static char *owners(const ops_table *t)
{
	GString *out = g_string_new(NULL);
	const GPtrArray *const lists[] = {t->records, t->fields};
	for (size_t l = 0; l < G_N_ELEMENTS(lists); l++)
		for (guint i = 0; i < lists[l]->len; i++)
			g_string_append_printf(out, "%s%s", out->len ? "|" : "",
				(char *)g_ptr_array_index(lists[l], i));
	return g_string_free(out, FALSE);
}

static void draft_rules(GString *out, const ops_table *t, const char *filler)
{
	g_autofree char *names = owners(t);
	g_string_append_printf(out,
		"rules:\n"
		"  # Slots by the struct's tag, the variable's name, or the member that holds the "
		"table%s.\n"
		"  - id: slot\n"
		"    find: use\n"
		"    change: [added, changed]\n"
		"    use:\n"
		"      - {kind: slot, name: '(?:%s)\\.{slot}', not_detail: "
		"'^\\(?(?:void \\*\\))?\\s*(?:NULL|0)$'}\n",
		filler ? ", or by the macro that fills them" : "", names);
	/* in one rule: a compiler sees both in one place, and it counts once */
	if (filler) {
		g_string_append(out, "      - {kind: [macro, call], name: ");
		quoted(out, filler);
		g_string_append(out, ", detail: '^\\(\\s*{slot}\\s*,', not_detail: "
				     "',\\s*(?:\\(void \\*\\)\\s*)?(?:NULL|0)\\s*\\)$'}\n");
	}
	g_string_append(out,
		"    gives: {weight: override, kind: ops-table, confidence: 0.9, note: "
		"fills the slot of the ops table}\n");
}

void ops_draft(
	GString *out, const ops_table *t, const char *name, const char *version, const char *filler)
{
	g_autoptr(GPtrArray) groups = groups_of(t);
	g_autofree char *title = NULL;
	g_autofree char *records = NULL;
	g_ptr_array_add(t->records, NULL);
	records = g_strjoinv(", ", (char **)t->records->pdata);
	g_ptr_array_set_size(t->records, (gint)t->records->len - 1);
	title = g_strdup_printf("Operations of %s", records);
	g_string_append(out,
		"# A draft: what the source says. Titles, contracts, native code and the names of\n"
		"# native definitions are yours to add; docs/rules.md describes the format.\n");
	line_of(out, 0, "catalogue", name);
	line_of(out, 0, "version", version);
	line_of(out, 0, "title", title);
	draft_fits(out, t);
	texts(out, "files", t->files);
	texts(out, "structs", t->records);
	texts(out, "groups", groups);
	draft_rules(out, t, filler);
	g_string_append(out, "points:\n");
	for (guint i = 0; i < t->members->len; i++)
		draft_point(out, g_ptr_array_index(t->members, i));
}
