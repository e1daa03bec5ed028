/* Further configurations: what they saw of a file, into what the first one saw. */
#include "engine/further.h"

#include <string.h>

/* --- lines --- */

/* A flag a line. */
typedef struct line_set {
	unsigned count; /* lines 0..count-1 have one */
	bool *has;
} line_set;

static void line_set_clear(line_set *s)
{
	g_clear_pointer(&s->has, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(line_set, line_set_clear)

static void put(line_set *s, const GArray *ranges, bool value)
{
	for (guint i = 0; i < ranges->len; i++) {
		const line_range *r = &g_array_index(ranges, line_range, i);
		for (unsigned line = r->first; line <= r->last && line < s->count; line++)
			s->has[line] = value;
	}
}

static unsigned last_line(const GArray *ranges)
{
	unsigned last = 0;
	for (guint i = 0; i < ranges->len; i++)
		last = MAX(last, g_array_index(ranges, line_range, i).last);
	return last;
}

static bool contains(const line_set *s, unsigned line)
{
	return line < s->count && s->has[line];
}

/* Changed lines that `from` saw and nobody before. */
static void find_new(
	line_set *fresh, const fact_set *to, const fact_set *from, const GArray *changed)
{
	g_auto(line_set) wanted = {0};
	fresh->count = wanted.count = last_line(from->seen) + 1;
	fresh->has = g_new0(bool, fresh->count);
	wanted.has = g_new0(bool, wanted.count);
	put(fresh, from->seen, true);
	put(fresh, to->seen, false);
	put(&wanted, changed, true);
	for (unsigned line = 0; line < fresh->count; line++)
		fresh->has[line] = fresh->has[line] && wanted.has[line];
}

void further_take(fact_set *to, const fact_set *from, const GArray *changed)
{
	g_auto(line_set) fresh = {0};
	if (changed)
		find_new(&fresh, to, from, changed);
	for (guint i = 0; i < from->entities->len; i++) {
		const entity *e = &g_array_index(from->entities, entity, i);
		if (e->reader == READER_CLANG && contains(&fresh, e->line))
			fact_set_add_entity(to, e);
	}
	for (guint i = 0; i < from->uses->len; i++) {
		const use *u = &g_array_index(from->uses, use, i);
		if (u->reader == READER_CLANG && contains(&fresh, u->line))
			fact_set_add_use(to, u);
	}
	g_array_append_vals(to->seen, from->seen->data, from->seen->len);
}

/* --- errors --- */

static void error_free(gpointer data)
{
	further_error *e = data;
	g_free(e->text);
	g_free(e);
}

static void list_free(gpointer list)
{
	g_ptr_array_unref(list);
}

void further_keep_errors(tree_facts *t, const fact_set *main_set, bool alone)
{
	if (!t->errors)
		t->errors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, list_free);
	for (guint i = 0; i < main_set->diagnostics->len; i++) {
		const diagnostic *d = &g_array_index(main_set->diagnostics, diagnostic, i);
		if (d->level != DIAGNOSTIC_ERROR)
			continue;
		GPtrArray *list = g_hash_table_lookup(t->errors, d->path);
		if (!list) {
			list = g_ptr_array_new_with_free_func(error_free);
			g_hash_table_insert(t->errors, g_strdup(d->path), list);
		}
		further_error *e = g_new0(further_error, 1);
		*e = (further_error){d->line, alone, g_strdup(d->text)};
		g_ptr_array_add(list, e);
	}
}

const further_error *further_error_before(
	const tree_facts *t, const char *path, unsigned line, bool alone)
{
	const GPtrArray *list = t->errors ? g_hash_table_lookup(t->errors, path) : NULL;
	const further_error *best = NULL;
	for (guint i = 0; list && i < list->len; i++) {
		const further_error *e = g_ptr_array_index(list, i);
		if (e->alone == alone && e->line <= line && line - e->line < LINES_AFTER_ERROR &&
			(!best || e->line > best->line))
			best = e;
	}
	return best;
}
