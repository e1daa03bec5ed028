/* Reading: the facts of base and tips, by analyzers in worker processes, through the cache. */
#include "engine/reading.h"

#include <string.h>

#include "analyzers/list.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/sort.h"
#include "engine/archs.h"
#include "engine/batch.h"
#include "engine/branches.h"
#include "engine/build.h"
#include "engine/copies.h"
#include "engine/errand.h"
#include "engine/internal.h"
#include "facts/touches.h"

/* Units a tree and wave for headers that no touched file reaches: few, since one reaches many of
 * them; enough to keep the workers busy. */
#define HEADER_WAVE 6u

static void series_reading_free(series_reading *r)
{
	g_free(r); /* its parts are the facts_reader's */
}

void facts_reader_free(facts_reader *f)
{
	if (!f)
		return;
	g_ptr_array_unref(f->list);
	g_ptr_array_unref(f->touches);
	/* Tips hold on to the base's layout: they go first. */
	while (f->trees->len)
		g_ptr_array_remove_index(f->trees, f->trees->len - 1);
	g_ptr_array_unref(f->trees);
	g_strfreev(f->prefer);
	g_free(f->given);
	g_hash_table_unref(f->settled);
	g_free(f);
}

/* Keys of a path table, sorted; borrowed strings. */
static GPtrArray *sorted_paths(GHashTable *table)
{
	GPtrArray *paths = g_ptr_array_new();
	GHashTableIter it;
	gpointer key;
	g_hash_table_iter_init(&it, table);
	while (g_hash_table_iter_next(&it, &key, NULL))
		g_ptr_array_add(paths, key);
	g_ptr_array_sort(paths, sort_by_text);
	return paths;
}

static void add_errands(facts_reader *f, GArray *errands, guint tree)
{
	tree_facts *t = g_ptr_array_index(f->trees, tree);
	g_autoptr(GPtrArray) paths = sorted_paths(t->wanted);
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		g_autoptr(GPtrArray) readers = g_ptr_array_new();
		analyzers_for(readers, path);
		for (guint k = 0; k < readers->len; k++) {
			errand x = {tree, path, g_hash_table_lookup(t->wanted, path),
				g_ptr_array_index(readers, k), NULL, NULL};
			g_array_append_val(errands, x);
		}
	}
}

/* Makes and begins the jobs of the errands for compilers, or of the others; each into its place of
 * `jobs`. */
static bool begin_errands(engine *e, facts_reader *f, batch *b, const GArray *errands,
	GPtrArray *jobs, bool compilers, GError **err)
{
	for (guint i = 0; i < errands->len; i++) {
		const errand *x = &g_array_index(errands, errand, i);
		read_job *j;
		if (x->reader->needs_layout != compilers)
			continue;
		if (!(compilers ? errand_compiler_job(&j, f, x, err)
				: errand_text_job(&j, e, f, x, err)))
			return false;
		g_ptr_array_index(jobs, i) = j;
		if (j && !batch_add(b, j, err))
			return false;
	}
	return true;
}

/* Adds the unit of a .c file that reaches the header, in the configuration that leads there;
 * headers that lead to the same unit share it. A header that nothing includes is read as text only.
 */
static bool add_header_job(facts_reader *f, batch *b, GPtrArray *jobs, guint tree,
	const char *header, GHashTable *asked, GError **err)
{
	read_job *j;
	if (!errand_header_job(&j, f, tree, header, err))
		return false;
	if (!j)
		return true;
	if (!g_hash_table_add(asked, g_strdup(j->key))) {
		read_job_free(j);
		return true;
	}
	g_ptr_array_add(jobs, j);
	return batch_add(b, j, err);
}

/* A touched header that no touched .c file reached: it gets a unit of its own. */
static bool is_lonely(const tree_facts *t, const char *path)
{
	const fact_set *set = g_hash_table_lookup(t->sets, path);
	return g_str_has_suffix(path, ".h") && !(set && set->seen->len);
}

/* Units for up to HEADER_WAVE lonely headers of a tree that were not asked for yet. */
static bool add_header_wave(facts_reader *f, batch *b, GPtrArray *jobs, guint tree,
	GHashTable *tried, GHashTable *asked, GError **err)
{
	tree_facts *t = g_ptr_array_index(f->trees, tree);
	g_autoptr(GPtrArray) paths = sorted_paths(t->wanted);
	guint before = jobs->len;
	for (guint k = 0; k < paths->len && jobs->len - before < HEADER_WAVE; k++) {
		const char *path = g_ptr_array_index(paths, k);
		if (is_lonely(t, path) && g_hash_table_add(tried, (gpointer)path) &&
			!add_header_job(f, b, jobs, tree, path, asked, err))
			return false;
	}
	return true;
}

/* A unit found for one header reaches others too: so in waves, until none is left to ask for. */
static bool read_lonely_headers(engine *e, facts_reader *f, GError **err)
{
	g_autoptr(GPtrArray) tried =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
	g_autoptr(GPtrArray) asked =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
	for (guint i = 0; i < f->trees->len; i++) {
		g_ptr_array_add(tried, g_hash_table_new(g_str_hash, g_str_equal));
		g_ptr_array_add(
			asked, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL));
	}
	for (;;) {
		g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func(errand_free_job);
		g_autoptr(batch) b = batch_new(e, "Reading headers", 0);
		for (guint i = 0; i < f->trees->len; i++) {
			if (!add_header_wave(f, b, jobs, i, g_ptr_array_index(tried, i),
				    g_ptr_array_index(asked, i), err))
				return false;
		}
		if (!jobs->len)
			return true;
		if (!batch_finish(b, err))
			return false;
		tree_facts_collect(f->trees, jobs);
	}
}

/* --- what to read --- */

static bool is_regular(unsigned mode)
{
	return (mode & 0170000) == 0100000;
}

/* Adds a base path by looking it up; what is not a file is left out. */
static void want_base(engine *e, tree_facts *base, const char *path)
{
	tree_entry entry;
	if (g_hash_table_contains(base->wanted, path))
		return;
	if (repo_lookup(e->repo, &base->tree, path, &entry, NULL) && is_regular(entry.mode))
		tree_facts_want(base, path, &entry.id);
}

static void want_touched(engine *e, facts_reader *f, GPtrArray *all, const char *const *native)
{
	tree_facts *base = g_ptr_array_index(f->trees, 0);
	for (; native && *native; native++)
		want_base(e, base, *native);
	for (guint i = 0; i < all->len; i++) {
		const series *s = g_ptr_array_index(all, i);
		const touch_set *touches = g_ptr_array_index(f->touches, i);
		tree_facts *tip = g_ptr_array_index(f->trees, i + 1);
		for (guint k = 0; k < s->changes->len; k++) {
			const file_change *c = g_ptr_array_index(s->changes, k);
			if (c->status != CHANGE_ADDED && is_regular(c->old_mode))
				tree_facts_want(base, c->path, &c->old_oid);
			if (c->status != CHANGE_DELETED && is_regular(c->new_mode))
				tree_facts_want(tip, c->path, &c->new_oid);
		}
		for (guint k = 0; k < touches->shadows->len; k++)
			want_base(e, base, g_array_index(touches->shadows, shadow_copy, k).origin);
		for (guint k = 0; k < touches->functions->len; k++)
			want_base(e, base,
				g_array_index(touches->functions, function_copy, k).origin);
	}
}

static bool open_trees(
	facts_reader *f, engine *e, const oid *base_tree, GPtrArray *all, GError **err)
{
	g_auto(digest) given = {0};
	digest_init(&given);
	if (!build_digest(&given, e, err))
		return false;
	f->given = digest_hex(&given);
	tree_facts *base = tree_facts_new(base_tree);
	g_ptr_array_add(f->trees, base);
	if (!build_open_tree(&base->kernel, e, base_tree, err))
		return false;
	for (guint i = 0; i < all->len; i++) {
		const series *s = g_ptr_array_index(all, i);
		tree_facts *tip = tree_facts_new(&s->tip_tree);
		g_ptr_array_add(f->trees, tip);
		if (!kernel_tree_tip(&tip->kernel, base->kernel, &s->tip_tree, err))
			return false;
	}
	return true;
}

static bool read_trees(engine *e, facts_reader *f, GError **err)
{
	g_autoptr(GArray) errands = g_array_new(FALSE, FALSE, sizeof(errand));
	for (guint i = 0; i < f->trees->len; i++)
		add_errands(f, errands, i);
	g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func(errand_free_job);
	g_ptr_array_set_size(jobs, (gint)errands->len);
	/* Text first: it needs nothing laid out, and is read while headers are. */
	g_autoptr(batch) b = batch_new(e, "Reading", errands->len);
	if (!begin_errands(e, f, b, errands, jobs, false, err) ||
		!begin_errands(e, f, b, errands, jobs, true, err) || !batch_finish(b, err))
		return false;
	if (!archs_settle(e, f, errands, jobs, err))
		return false;
	tree_facts_collect(f->trees, jobs);
	return read_lonely_headers(e, f, err);
}

static facts_reader *facts_reader_new(engine *e, GPtrArray *all)
{
	facts_reader *f = g_new0(facts_reader, 1);
	f->engine = e;
	f->trees = g_ptr_array_new_with_free_func((GDestroyNotify)tree_facts_free);
	f->touches = g_ptr_array_new_with_free_func((GDestroyNotify)touch_set_free);
	f->list = g_ptr_array_new_with_free_func((GDestroyNotify)series_reading_free);
	f->prefer = archs_preferred(all);
	f->settled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return f;
}

bool facts_reader_open(
	facts_reader **out, engine *e, const oid *base_tree, GPtrArray *all, GError **err)
{
	g_autoptr(facts_reader) f = facts_reader_new(e, all);
	if (!open_trees(f, e, base_tree, all, err))
		return false;
	*out = g_steal_pointer(&f);
	return true;
}

bool facts_reader_run(facts_reader **out, engine *e, const oid *base_tree, GPtrArray *all,
	const char *const *native, GError **err)
{
	g_autoptr(facts_reader) f = facts_reader_new(e, all);
	for (guint i = 0; i < all->len; i++)
		g_ptr_array_add(f->touches, touch_set_new());
	if (!copies_find(f->touches, e, all, err) || !open_trees(f, e, base_tree, all, err))
		return false;
	want_touched(e, f, all, native);
	if (!read_trees(e, f, err) || !branches_read(e, f, all, err))
		return false;
	tree_facts *base = g_ptr_array_index(f->trees, 0);
	for (guint i = 0; i < all->len; i++) {
		tree_facts *tip = g_ptr_array_index(f->trees, i + 1);
		series_reading *r = g_new0(series_reading, 1);
		r->series = g_ptr_array_index(all, i);
		r->base = base->sets;
		r->tip = tip->sets;
		r->touches = g_ptr_array_index(f->touches, i);
		g_ptr_array_add(f->list, r);
		facts_find_touches(g_ptr_array_index(f->touches, i), r);
	}
	*out = g_steal_pointer(&f);
	return true;
}

bool facts_reader_switches(char ***out, const facts_reader *f, guint series_index, GError **err)
{
	tree_facts *tip = g_ptr_array_index(f->trees, series_index + 1);
	return errand_switches(out, f, tip, f->prefer[0] ? f->prefer[0] : "", err);
}
