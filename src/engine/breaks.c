/* merge.breaks: what git merges clean and no compiler reads any more. */
#include "engine/breaks.h"

#include <string.h>

#include "base/error.h"
#include "base/sort.h"
#include "conflict/conflict.h"
#include "engine/internal.h"
#include "model/path.h"

/* Two series and the merge of their tips. */
typedef struct merged_pair {
	mediation *m;
	engine *engine;
	facts_reader *facts;
	unsigned a, b;
	oid tree;	  /* conflicting paths as in a */
	oid other;	  /* conflicting paths as in b; as `tree` when none conflicts */
	GHashTable *both; /* char *: paths that both change and git merges clean */
	GPtrArray *units; /* char *: .c files to parse, sorted, each once */
} merged_pair;

static const series *series_at(const merged_pair *p, unsigned i)
{
	return g_ptr_array_index(p->m->series, i);
}

static bool has_conflict(const GPtrArray *conflicts, const char *path)
{
	for (guint i = 0; i < conflicts->len; i++) {
		if (!strcmp(((const merge_conflict *)g_ptr_array_index(conflicts, i))->path, path))
			return true;
	}
	return false;
}

/* The merge with the other side of what conflicts. */
static bool merge_other(merged_pair *p, const GPtrArray *conflicts, GError **err)
{
	g_autoptr(tree_edit) edit = NULL;
	if (!tree_edit_new(&edit, p->engine->repo, &p->tree, err))
		return false;
	for (guint i = 0; i < conflicts->len; i++) {
		const merge_conflict *c = g_ptr_array_index(conflicts, i);
		if (!oid_is_zero(&c->theirs) &&
			!tree_edit_set(edit, c->path, &c->theirs, c->their_mode, err))
			return false;
	}
	return tree_edit_write(edit, &p->other, err);
}

static void add_unit(merged_pair *p, const char *path)
{
	g_autofree char *unit = NULL;
	if (g_str_has_suffix(path, ".c"))
		unit = g_strdup(path);
	else if (path_is_header(path))
		unit = facts_reader_includer(p->facts, p->a, path);
	if (unit && !g_ptr_array_find_with_equal_func(p->units, unit, g_str_equal, NULL))
		g_ptr_array_add(p->units, g_steal_pointer(&unit));
}

static void find_units(merged_pair *p, const GPtrArray *conflicts)
{
	const series *a = series_at(p, p->a), *b = series_at(p, p->b);
	for (guint i = 0; a->changes && i < a->changes->len; i++) {
		const file_change *x = g_ptr_array_index(a->changes, i);
		const file_change *y = series_change(b, x->path);
		if (!y || x->status == CHANGE_DELETED || y->status == CHANGE_DELETED ||
			oid_equal(&x->new_oid, &y->new_oid) || has_conflict(conflicts, x->path))
			continue;
		g_hash_table_add(p->both, x->path);
		add_unit(p, x->path);
	}
	g_ptr_array_sort(p->units, sort_by_text);
}

/* How often an error stands in a set, wherever its line is. */
static unsigned count_error(const fact_set *set, const diagnostic *d)
{
	unsigned count = 0;
	for (guint i = 0; set && i < set->diagnostics->len; i++) {
		const diagnostic *other = &g_array_index(set->diagnostics, diagnostic, i);
		count += other->level == DIAGNOSTIC_ERROR && !strcmp(other->path, d->path) &&
			 !strcmp(other->text, d->text);
	}
	return count;
}

/* The units as they stand in the trees that an error is compared with. */
typedef struct compared_sets {
	parse_request *merged, *other, *a, *b;
} compared_sets;

static void compared_sets_clear(compared_sets *s)
{
	g_clear_pointer(&s->merged, parse_request_free);
	g_clear_pointer(&s->other, parse_request_free);
	g_clear_pointer(&s->a, parse_request_free);
	g_clear_pointer(&s->b, parse_request_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(compared_sets, compared_sets_clear)

static bool has_errors(const fact_set *set)
{
	for (guint i = 0; set && i < set->diagnostics->len; i++) {
		if (g_array_index(set->diagnostics, diagnostic, i).level == DIAGNOSTIC_ERROR)
			return true;
	}
	return false;
}

static parse_request *request_units(const merged_pair *p, const oid *tree)
{
	parse_request *r = parse_request_new(tree, NULL);
	for (guint i = 0; i < p->units->len; i++)
		g_ptr_array_add(r->paths, g_strdup(g_ptr_array_index(p->units, i)));
	return r;
}

static bool parse_requests(merged_pair *p, parse_request **requests, guint n, GError **err)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	for (guint i = 0; i < n; i++)
		g_ptr_array_add(list, requests[i]);
	return facts_reader_parse(p->engine, p->facts, "Checking interactions", list, err);
}

/* The merge is parsed first: what has no error there need not be parsed elsewhere. */
static bool parse_units(merged_pair *p, compared_sets *s, GError **err)
{
	s->merged = request_units(p, &p->tree);
	if (!parse_requests(p, &s->merged, 1, err))
		return false;
	for (guint i = p->units->len; i-- > 0;) {
		if (has_errors(parse_request_set(s->merged, i)))
			continue;
		g_ptr_array_remove_index(s->merged->sets, i);
		g_ptr_array_remove_index(s->merged->paths, i);
		g_ptr_array_remove_index(p->units, i);
	}
	s->other = request_units(p, &p->other);
	s->a = request_units(p, &series_at(p, p->a)->tip_tree);
	s->b = request_units(p, &series_at(p, p->b)->tip_tree);
	parse_request *all[] = {s->other, s->a, s->b};
	return parse_requests(p, all, G_N_ELEMENTS(all), err);
}

/* The file that an error is reported for: its own when both sides changed that, else the unit. */
static GHashTable *errors_by_file(const merged_pair *p, const compared_sets *s)
{
	GHashTable *files =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_array_unref);
	for (guint i = 0; i < p->units->len; i++) {
		const fact_set *set = parse_request_set(s->merged, i);
		for (guint k = 0; k < set->diagnostics->len; k++) {
			const diagnostic *d = &g_array_index(set->diagnostics, diagnostic, k);
			unsigned here = count_error(set, d);
			if (d->level != DIAGNOSTIC_ERROR ||
				count_error(parse_request_set(s->a, i), d) >= here ||
				count_error(parse_request_set(s->b, i), d) >= here ||
				!count_error(parse_request_set(s->other, i), d))
				continue;
			const char *file = g_hash_table_contains(p->both, d->path)
						   ? d->path
						   : g_ptr_array_index(p->units, i);
			GArray *errors = g_hash_table_lookup(files, file);
			if (!errors) {
				errors = g_array_new(FALSE, FALSE, sizeof(diagnostic));
				g_hash_table_insert(files, (gpointer)file, errors);
			}
			g_array_append_val(errors, *d);
		}
	}
	return files;
}

static bool report(merged_pair *p, const compared_sets *s, GError **err)
{
	g_autoptr(GHashTable) files = errors_by_file(p, s);
	g_autoptr(GPtrArray) paths = g_ptr_array_new();
	GHashTableIter it;
	gpointer path;
	g_hash_table_iter_init(&it, files);
	while (g_hash_table_iter_next(&it, &path, NULL))
		g_ptr_array_add(paths, path);
	g_ptr_array_sort(paths, sort_by_text);
	for (guint i = 0; i < paths->len; i++) {
		merge_break found = {.a = p->a, .b = p->b, .path = g_ptr_array_index(paths, i)};
		tree_entry entry;
		if (!repo_lookup(p->engine->repo, &p->tree, found.path, &entry, NULL))
			continue;
		found.blob = entry.id;
		found.errors = g_hash_table_lookup(files, found.path);
		if (!conflict_add_break(p->m, p->engine->repo, &found, err))
			return false;
	}
	return true;
}

static bool find_pair(merged_pair *p, GError **err)
{
	const oid a = series_at(p, p->a)->tip_tree, b = series_at(p, p->b)->tip_tree;
	g_autoptr(GPtrArray) conflicts = NULL;
	if (!repo_merge(p->engine->repo, &p->tree, &conflicts, &p->m->base_tree, &a, &b, err))
		return false;
	find_units(p, conflicts);
	if (!p->units->len)
		return true;
	g_auto(compared_sets) sets = {0};
	return merge_other(p, conflicts, err) && parse_units(p, &sets, err) &&
	       report(p, &sets, err);
}

bool breaks_find(mediation *m, engine *e, facts_reader *f, GError **err)
{
	bool ok = true;
	for (unsigned a = 0; ok && a < m->series->len; a++) {
		for (unsigned b = a + 1; ok && b < m->series->len; b++) {
			merged_pair p = {.m = m, .engine = e, .facts = f, .a = a, .b = b};
			p.both = g_hash_table_new(g_str_hash, g_str_equal);
			p.units = g_ptr_array_new_with_free_func(g_free);
			ok = find_pair(&p, err);
			g_hash_table_unref(p.both);
			g_ptr_array_unref(p.units);
		}
	}
	return ok;
}
