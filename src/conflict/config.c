/* config.symbol, build.object: the same configuration symbol or object rule defined or changed by
 * two series. config.exclusive: both add a member to one Kconfig choice. */
#include "conflict/check.h"

#include <string.h>

#include "base/text.h"

static bool is_entity(const touch *t, entity_kind kind)
{
	return !t->is_use && t->entity == kind && t->change != TOUCH_MOVED && *t->name;
}

static const char *touch_path(const touch *t)
{
	return t->change == TOUCH_REMOVED ? t->base.path : t->tip.path;
}

static bool same_place(const touch *a, const touch *b)
{
	const char *pa = touch_path(a), *pb = touch_path(b);
	if (a->entity == ENTITY_BUILD_OBJECT) { /* an object belongs to its directory */
		g_autofree char *dir_a = g_path_get_dirname(pa);
		g_autofree char *dir_b = g_path_get_dirname(pb);
		return !strcmp(dir_a, dir_b);
	}
	return !paths_are_alternatives(pa, pb);
}

static const char *verb(const touch *t)
{
	switch (t->change) {
	case TOUCH_ADDED:
		return "defines it";
	case TOUCH_REMOVED:
		return "removes it";
	default:
		return "changes it";
	}
}

static void report(conflict_context *c, series_pair p, const touch *a, const touch *b)
{
	bool symbol = a->entity == ENTITY_CONFIG_SYMBOL;
	const char *kind = symbol ? "config.symbol" : "build.object";
	g_autofree char *directory = g_path_get_dirname(touch_path(a));
	const char *keys[] = {a->name, symbol ? NULL : directory, NULL};
	bool both_new = a->change == TOUCH_ADDED && b->change == TOUCH_ADDED;
	bool typed = *a->signature_tip && *b->signature_tip;
	bool types_differ = typed && strcmp(a->signature_tip, b->signature_tip);
	finding *f = context_add_pair(
		c, kind, both_new && types_differ ? SEVERITY_ERROR : SEVERITY_WARNING, p, keys);
	const char *name_a = context_series(c, p.a)->name, *name_b = context_series(c, p.b)->name;
	finding_set_title(f,
		both_new ? "%s%s: defined by %s and by %s" : "%s%s: changed by %s and by %s",
		symbol ? "CONFIG_" : "", a->name, name_a, name_b);
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_printf(text, "%s %s in %s, line %u; %s %s in %s, line %u.", name_a, verb(a),
		touch_path(a), a->change == TOUCH_REMOVED ? a->base.line : a->tip.line, name_b,
		verb(b), touch_path(b), b->change == TOUCH_REMOVED ? b->base.line : b->tip.line);
	if (types_differ)
		g_string_append_printf(text,
			" %s makes it %s, %s %s: Kconfig takes the first and warns.", name_a,
			a->signature_tip, name_b, b->signature_tip);
	f->explanation = g_strdup(text->str);
	f->suggestion =
		g_strdup(symbol ? "Keep one definition, with the dependencies of both, or give "
				  "one symbol another name."
				: "Write one rule for the object, with a condition that serves "
				  "both, and build both configurations.");
	finding_add_touch(f, p.a, a);
	finding_add_touch(f, p.b, b);
}

static bool find_same(conflict_context *c, series_pair p, entity_kind kind, GError **err)
{
	const touch_set *touches = context_reading(c, p.a)->touches;
	for (guint i = 0; touches && i < touches->touches->len; i++) {
		const touch *a = &g_array_index(touches->touches, touch, i);
		const touch *b = is_entity(a, kind) ? context_partner(c, p.b, a, same_place) : NULL;
		bool same;
		if (!b)
			continue;
		if (!context_same_text(c, &same, a, b, err))
			return false;
		if (!same)
			report(c, p, a, b);
	}
	return true;
}

/* A member of a choice, as a Kconfig file spells it. */
typedef struct choice_member {
	char *choice; /* the prompt */
	char *symbol;
	unsigned line;
} choice_member;

static void choice_member_free(gpointer data)
{
	choice_member *m = data;
	g_free(m->choice);
	g_free(m->symbol);
	g_free(m);
}

/* The word after a keyword at the start of a line; NULL when the line starts otherwise. */
static char *word_after(const char *line, const char *keyword)
{
	if (!g_str_has_prefix(line, keyword) || !g_ascii_isspace(line[strlen(keyword)]))
		return NULL;
	char *rest = g_strstrip(g_strdup(line + strlen(keyword)));
	return rest;
}

/* The prompt's text without its quotes. */
static char *unquoted(char *text)
{
	char *start = strchr(text, '"');
	char *end = start ? strchr(start + 1, '"') : NULL;
	char *prompt = end ? g_strndup(start + 1, (gsize)(end - start - 1)) : g_strdup(text);
	g_free(text);
	return prompt;
}

/* The members of every choice in a Kconfig text. A choice without a prompt has the name "". */
static GPtrArray *choice_members(const char *text, size_t len)
{
	GPtrArray *members = g_ptr_array_new_with_free_func(choice_member_free);
	g_autofree char *prompt = NULL;
	bool inside = false;
	line_index ix;
	line_index_init(&ix, text, len);
	for (size_t n = 1; n <= ix.count; n++) {
		span s = line_index_get(&ix, n);
		g_autofree char *line = g_strstrip(g_strndup(s.at, s.len));
		if (!strcmp(line, "choice")) {
			inside = true;
			g_clear_pointer(&prompt, g_free);
		} else if (!strcmp(line, "endchoice")) {
			inside = false;
		} else if (inside && !prompt && g_str_has_prefix(line, "prompt")) {
			char *word = word_after(line, "prompt");
			prompt = word ? unquoted(word) : NULL;
		} else if (inside) {
			char *symbol = word_after(line, "config");
			if (!symbol)
				continue;
			choice_member *m = g_new0(choice_member, 1);
			m->choice = g_strdup(prompt ? prompt : "");
			m->symbol = symbol;
			m->line = (unsigned)n;
			g_ptr_array_add(members, m);
		}
	}
	line_index_clear(&ix);
	return members;
}

static bool has_member(const GPtrArray *members, const choice_member *m)
{
	for (guint i = 0; i < members->len; i++) {
		const choice_member *other = g_ptr_array_index(members, i);
		if (!strcmp(other->symbol, m->symbol) && !strcmp(other->choice, m->choice))
			return true;
	}
	return false;
}

/* Members that the change of a Kconfig file adds. The caller's; NULL on failure. */
static GPtrArray *new_members(conflict_context *c, const file_change *change, GError **err)
{
	GBytes *was = context_text(c, &change->old_oid, err);
	GBytes *is = was ? context_text(c, &change->new_oid, err) : NULL;
	if (!is)
		return NULL;
	gsize was_len, is_len;
	const char *was_text = g_bytes_get_data(was, &was_len);
	const char *is_text = g_bytes_get_data(is, &is_len);
	g_autoptr(GPtrArray) before = choice_members(was_text ? was_text : "", was_len);
	GPtrArray *members = choice_members(is_text ? is_text : "", is_len);
	for (guint i = 0; i < members->len;) {
		if (has_member(before, g_ptr_array_index(members, i)))
			g_ptr_array_remove_index(members, i);
		else
			i++;
	}
	return members;
}

static void report_exclusive(conflict_context *c, series_pair p, const file_change *ca,
	const file_change *cb, const choice_member *a, const choice_member *b)
{
	const char *keys[] = {ca->path, a->choice, a->symbol, b->symbol, NULL};
	finding *f = context_add_pair(c, "config.exclusive", SEVERITY_NOTE, p, keys);
	const char *name_a = context_series(c, p.a)->name, *name_b = context_series(c, p.b)->name;
	finding_set_title(f, "%s or %s: one choice, never both", a->symbol, b->symbol);
	f->explanation = g_strdup_printf("%s adds %s and %s adds %s to the choice \"%s\" of %s: no "
					 "kernel can be built that serves "
					 "both.",
		name_a, a->symbol, name_b, b->symbol, a->choice, ca->path);
	f->suggestion =
		g_strdup("If one kernel is to run on both, neither may be a member of the "
			 "choice: make them options beside it, selected at run time through the "
			 "common interface.");
	finding_add_place(f, (int)p.a, AT_TIP, &ca->new_oid, ca->path, a->line, a->line, a->symbol,
		file_change_patch_of_new(ca, a->line));
	finding_add_place(f, (int)p.b, AT_TIP, &cb->new_oid, cb->path, b->line, b->line, b->symbol,
		file_change_patch_of_new(cb, b->line));
}

static bool is_kconfig(const char *path)
{
	g_autofree char *name = g_path_get_basename(path);
	return g_str_has_prefix(name, "Kconfig");
}

static bool find_exclusive(conflict_context *c, series_pair p, GError **err)
{
	const series *sa = context_series(c, p.a), *sb = context_series(c, p.b);
	for (guint i = 0; sa->changes && i < sa->changes->len; i++) {
		const file_change *ca = g_ptr_array_index(sa->changes, i);
		const file_change *cb = is_kconfig(ca->path) ? series_change(sb, ca->path) : NULL;
		if (!cb)
			continue;
		g_autoptr(GPtrArray) a = new_members(c, ca, err);
		g_autoptr(GPtrArray) b = a ? new_members(c, cb, err) : NULL;
		if (!b)
			return false;
		for (guint j = 0; j < a->len; j++) {
			for (guint k = 0; k < b->len; k++) {
				const choice_member *ma = g_ptr_array_index(a, j);
				const choice_member *mb = g_ptr_array_index(b, k);
				if (!strcmp(ma->choice, mb->choice) &&
					strcmp(ma->symbol, mb->symbol))
					report_exclusive(c, p, ca, cb, ma, mb);
			}
		}
	}
	return true;
}

static bool pair(conflict_context *c, series_pair p, GError **err)
{
	return find_same(c, p, ENTITY_CONFIG_SYMBOL, err) &&
	       find_same(c, p, ENTITY_BUILD_OBJECT, err) && find_exclusive(c, p, err);
}

const conflict_check check_config = {.name = "config.symbol", .pair = pair};
