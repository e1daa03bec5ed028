/* Reading: the facts of base and tips, by analyzers in worker processes, through the cache. */
#include "engine/reading.h"

#include <string.h>

#include "analyzers/list.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/sort.h"
#include "engine/batch.h"
#include "engine/branches.h"
#include "engine/build.h"
#include "engine/copies.h"
#include "engine/internal.h"
#include "facts/touches.h"

/* Units a tree and wave for headers that no touched file reaches: few, since one reaches many of
 * them; enough to keep the workers busy. */
#define HEADER_WAVE 6u

static void tree_facts_free(tree_facts *t)
{
	kernel_tree_free(t->kernel);
	g_hash_table_unref(t->wanted);
	g_hash_table_unref(t->sets);
	g_clear_pointer(&t->unreached, g_hash_table_unref);
	g_free(t);
}

static tree_facts *tree_facts_new(const oid *tree)
{
	tree_facts *t = g_new0(tree_facts, 1);
	t->tree = *tree;
	t->wanted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	t->sets =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)fact_set_free);
	return t;
}

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
	g_free(f);
}

/* --- jobs --- */

/* Adds a job; `unit` is taken. */
static void add_job(
	facts_reader *f, GPtrArray *jobs, guint tree, const analyzer *reader, analysis_unit *unit)
{
	tree_facts *t = g_ptr_array_index(f->trees, tree);
	reuse_place where = {t->kernel, t->tree, t->wanted};
	g_ptr_array_add(jobs, read_job_new(tree, reader, unit, &where));
}

/* The first architecture that `path` belongs to and clang targets; NULL when there is none. */
static char *first_arch(facts_reader *f, tree_facts *t, const char *path)
{
	g_auto(GStrv) archs = kernel_tree_archs(t->kernel, path, (const char *const *)f->prefer);
	return archs && archs[0] ? g_strdup(archs[0]) : NULL;
}

/* Adds the unit of `path` for a compiler's reader. A file that cannot be made a unit of is read as
 * text only; coverage says so. */
static bool add_compiler_job(facts_reader *f, GPtrArray *jobs, guint tree, const analyzer *reader,
	const char *path, const char *const *symbols, GError **err)
{
	tree_facts *t = g_ptr_array_index(f->trees, tree);
	g_autofree char *arch = first_arch(f, t, path);
	if (!arch)
		return true;
	g_autoptr(analysis_unit) unit = NULL;
	g_autoptr(GError) why = NULL;
	bool made =
		symbols ? kernel_tree_unit_with(&unit, t->kernel, path, arch, symbols, NULL, &why)
			: kernel_tree_unit(&unit, t->kernel, path, arch, &why);
	if (!made) {
		if (g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND) ||
			g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_INPUT))
			return true;
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	add_job(f, jobs, tree, reader, g_steal_pointer(&unit));
	return true;
}

static bool add_text_job(engine *e, facts_reader *f, GPtrArray *jobs, guint tree,
	const analyzer *reader, const char *path, const oid *blob, GError **err)
{
	g_autoptr(GBytes) text = NULL;
	g_autoptr(GError) why = NULL;
	if (!repo_read_blob(e->repo, &text, blob, &why)) {
		if (g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_LIMIT))
			return true;
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	gsize len;
	const char *bytes = g_bytes_get_data(text, &len);
	if (len > LIMIT_SOURCE_BYTES || text_is_binary(bytes, len))
		return true;
	analysis_unit *unit = g_new0(analysis_unit, 1);
	unit->path = g_strdup(path);
	unit->blob = *blob;
	unit->text = g_steal_pointer(&text);
	unit->arch = g_strdup("");
	unit->bodies = true;
	add_job(f, jobs, tree, reader, unit);
	return true;
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

static bool add_tree_jobs(engine *e, facts_reader *f, GPtrArray *jobs, guint tree, GError **err)
{
	tree_facts *t = g_ptr_array_index(f->trees, tree);
	g_autoptr(GPtrArray) paths = sorted_paths(t->wanted);
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		const oid *blob = g_hash_table_lookup(t->wanted, path);
		g_autoptr(GPtrArray) readers = g_ptr_array_new();
		analyzers_for(readers, path);
		for (guint k = 0; k < readers->len; k++) {
			const analyzer *reader = g_ptr_array_index(readers, k);
			bool ok = reader->needs_layout
					  ? add_compiler_job(f, jobs, tree, reader, path, NULL, err)
					  : add_text_job(e, f, jobs, tree, reader, path, blob, err);
			if (!ok || !cancel_check(err))
				return false;
		}
	}
	return true;
}

static fact_set *tree_set(tree_facts *t, const char *path, const oid *blob)
{
	fact_set *set = g_hash_table_lookup(t->sets, path);
	if (!set) {
		set = fact_set_new(path, blob);
		g_hash_table_insert(t->sets, set->path, set);
	}
	return set;
}

/* What the jobs answered, into the sets of their trees, in the order of the jobs. */
static void collect(facts_reader *f, GPtrArray *jobs)
{
	g_autoptr(GHashTable) grown = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < jobs->len; i++) {
		read_job *j = g_ptr_array_index(jobs, i);
		tree_facts *t = g_ptr_array_index(f->trees, j->tree);
		for (guint k = 0; j->sets && k < j->sets->len; k++) {
			const fact_set *from = g_ptr_array_index(j->sets, k);
			const oid *blob = g_hash_table_lookup(t->wanted, from->path);
			if (!blob)
				continue;
			fact_set *set = tree_set(t, from->path, blob);
			fact_set_merge(set, from);
			g_hash_table_add(grown, set);
		}
		if (j->failure) {
			fact_set *set = tree_set(t, j->unit->path, &j->unit->blob);
			g_autofree char *text =
				g_strdup_printf("%s: %s", j->reader->name, j->failure);
			diagnostic d = {DIAGNOSTIC_ERROR, j->unit->path, 0, text};
			fact_set_add_diagnostic(set, &d);
			set->units++;
			g_hash_table_add(grown, set);
		}
		g_clear_pointer(&j->sets, g_ptr_array_unref); /* once is enough */
	}
	GHashTableIter it;
	gpointer set;
	g_hash_table_iter_init(&it, grown);
	while (g_hash_table_iter_next(&it, &set, NULL))
		fact_set_finish(set);
}

/* Adds the unit of a .c file that reaches the header, in the configuration that leads there;
 * headers that lead to the same unit share it. A header that nothing includes is read as text only.
 */
static void add_header_jobs(
	facts_reader *f, GPtrArray *jobs, guint tree, const char *header, GHashTable *asked)
{
	tree_facts *t = g_ptr_array_index(f->trees, tree);
	g_autofree char *arch = first_arch(f, t, header);
	g_autoptr(analysis_unit) unit = NULL;
	if (!arch || !kernel_tree_header_unit(&unit, t->kernel, header, arch, NULL))
		return;
	g_autoptr(GPtrArray) readers = g_ptr_array_new();
	analyzers_for(readers, unit->path);
	for (guint n = 0; n < readers->len && unit; n++) {
		const analyzer *reader = g_ptr_array_index(readers, n);
		if (!reader->needs_layout)
			continue;
		add_job(f, jobs, tree, reader, g_steal_pointer(&unit));
		read_job *j = g_ptr_array_index(jobs, jobs->len - 1);
		if (!g_hash_table_add(asked, g_strdup(j->key)))
			g_ptr_array_set_size(jobs, (gint)jobs->len - 1);
	}
}

/* A touched header that no touched .c file reached: it gets a unit of its own. */
static bool is_lonely(const tree_facts *t, const char *path)
{
	const fact_set *set = g_hash_table_lookup(t->sets, path);
	return g_str_has_suffix(path, ".h") && !(set && set->seen->len);
}

/* Units for up to HEADER_WAVE lonely headers of a tree that were not asked for yet. */
static void add_header_wave(
	facts_reader *f, GPtrArray *jobs, guint tree, GHashTable *tried, GHashTable *asked)
{
	tree_facts *t = g_ptr_array_index(f->trees, tree);
	g_autoptr(GPtrArray) paths = sorted_paths(t->wanted);
	guint before = jobs->len;
	for (guint k = 0; k < paths->len && jobs->len - before < HEADER_WAVE; k++) {
		const char *path = g_ptr_array_index(paths, k);
		if (is_lonely(t, path) && g_hash_table_add(tried, (gpointer)path))
			add_header_jobs(f, jobs, tree, path, asked);
	}
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
		g_autoptr(GPtrArray) jobs =
			g_ptr_array_new_with_free_func((GDestroyNotify)read_job_free);
		for (guint i = 0; i < f->trees->len; i++)
			add_header_wave(f, jobs, i, g_ptr_array_index(tried, i),
				g_ptr_array_index(asked, i));
		if (!jobs->len)
			return true;
		if (!batch_run(e, jobs, err))
			return false;
		collect(f, jobs);
	}
}

/* --- what to read --- */

static bool is_regular(unsigned mode)
{
	return (mode & 0170000) == 0100000;
}

static void want(tree_facts *t, const char *path, const oid *blob)
{
	g_hash_table_replace(t->wanted, g_strdup(path), oid_copy(blob));
}

/* Adds a base path by looking it up; what is not a file is left out. */
static void want_base(engine *e, tree_facts *base, const char *path)
{
	tree_entry entry;
	if (g_hash_table_contains(base->wanted, path))
		return;
	if (repo_lookup(e->repo, &base->tree, path, &entry, NULL) && is_regular(entry.mode))
		want(base, path, &entry.id);
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
				want(base, c->path, &c->old_oid);
			if (c->status != CHANGE_DELETED && is_regular(c->new_mode))
				want(tip, c->path, &c->new_oid);
		}
		for (guint k = 0; k < touches->shadows->len; k++)
			want_base(e, base, g_array_index(touches->shadows, shadow_copy, k).origin);
		for (guint k = 0; k < touches->functions->len; k++)
			want_base(e, base,
				g_array_index(touches->functions, function_copy, k).origin);
	}
}

/* "arch/i386/..." and "include/asm-i386/...": the architecture that a path names, or NULL. */
static char *arch_of_path(const char *path)
{
	const char *name = NULL;
	if (g_str_has_prefix(path, "arch/"))
		name = path + strlen("arch/");
	else if (g_str_has_prefix(path, "include/asm-"))
		name = path + strlen("include/asm-");
	const char *slash = name ? strchr(name, '/') : NULL;
	if (!slash || slash == name)
		return NULL;
	g_autofree char *arch = g_strndup(name, (gsize)(slash - name));
	return strcmp(arch, "generic") ? g_steal_pointer(&arch) : NULL;
}

typedef struct arch_count {
	char *name;
	guint series; /* how many series touch it */
	guint files;
} arch_count;

static gint compare_arch_counts(gconstpointer va, gconstpointer vb)
{
	const arch_count *a = va, *b = vb;
	if (a->series != b->series)
		return a->series > b->series ? -1 : 1;
	if (a->files != b->files)
		return a->files > b->files ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* Architectures that the series touch: what all touch first, then by files. Generic code is read
 * for the first. */
static char **preferred_archs(GPtrArray *all)
{
	g_autoptr(GArray) counts = g_array_new(FALSE, TRUE, sizeof(arch_count));
	for (guint i = 0; i < all->len; i++) {
		const series *s = g_ptr_array_index(all, i);
		g_autoptr(GHashTable) here = g_hash_table_new(g_str_hash, g_str_equal);
		for (guint k = 0; k < s->changes->len; k++) {
			const file_change *c = g_ptr_array_index(s->changes, k);
			g_autofree char *arch = arch_of_path(c->path);
			if (!arch)
				continue;
			guint n = 0;
			while (n < counts->len &&
				strcmp(g_array_index(counts, arch_count, n).name, arch))
				n++;
			if (n == counts->len) {
				arch_count fresh = {g_strdup(arch), 0, 0};
				g_array_append_val(counts, fresh);
			}
			arch_count *count = &g_array_index(counts, arch_count, n);
			count->files++;
			count->series += g_hash_table_add(here, count->name);
		}
	}
	g_array_sort(counts, compare_arch_counts);
	GPtrArray *names = g_ptr_array_new();
	for (guint i = 0; i < counts->len; i++)
		g_ptr_array_add(names, g_array_index(counts, arch_count, i).name);
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

static bool open_trees(
	facts_reader *f, engine *e, const oid *base_tree, GPtrArray *all, GError **err)
{
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
	g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify)read_job_free);
	for (guint i = 0; i < f->trees->len; i++) {
		if (!add_tree_jobs(e, f, jobs, i, err))
			return false;
	}
	if (!batch_run(e, jobs, err))
		return false;
	collect(f, jobs);
	return read_lonely_headers(e, f, err);
}

static facts_reader *facts_reader_new(GPtrArray *all)
{
	facts_reader *f = g_new0(facts_reader, 1);
	f->trees = g_ptr_array_new_with_free_func((GDestroyNotify)tree_facts_free);
	f->touches = g_ptr_array_new_with_free_func((GDestroyNotify)touch_set_free);
	f->list = g_ptr_array_new_with_free_func((GDestroyNotify)series_reading_free);
	f->prefer = preferred_archs(all);
	return f;
}

bool facts_reader_open(
	facts_reader **out, engine *e, const oid *base_tree, GPtrArray *all, GError **err)
{
	g_autoptr(facts_reader) f = facts_reader_new(all);
	if (!open_trees(f, e, base_tree, all, err))
		return false;
	*out = g_steal_pointer(&f);
	return true;
}

bool facts_reader_run(facts_reader **out, engine *e, const oid *base_tree, GPtrArray *all,
	const char *const *native, GError **err)
{
	g_autoptr(facts_reader) f = facts_reader_new(all);
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

static guint count_errors(const fact_set *set)
{
	guint errors = 0;
	for (guint i = 0; i < set->diagnostics->len; i++)
		errors += g_array_index(set->diagnostics, diagnostic, i).level == DIAGNOSTIC_ERROR;
	return errors;
}

char **facts_reader_switches(const facts_reader *f, guint series_index)
{
	const tree_facts *tip = g_ptr_array_index(f->trees, series_index + 1);
	return kernel_tree_new_symbols(tip->kernel, f->prefer[0] ? f->prefer[0] : "");
}

static bool add_unit_jobs(engine *e, facts_reader *f, GPtrArray *jobs, guint tree, GPtrArray *paths,
	const char *const *symbols, GError **err)
{
	tree_facts *t = g_ptr_array_index(f->trees, tree);
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		tree_entry entry;
		if (!repo_lookup(e->repo, &t->tree, path, &entry, NULL))
			continue;
		want(t, path, &entry.id);
		g_autoptr(GPtrArray) readers = g_ptr_array_new();
		analyzers_for(readers, path);
		for (guint k = 0; k < readers->len; k++) {
			const analyzer *reader = g_ptr_array_index(readers, k);
			if (reader->needs_layout &&
				!add_compiler_job(f, jobs, tree, reader, path, symbols, err))
				return false;
		}
	}
	return true;
}

static void free_set(gpointer set)
{
	fact_set_free(set); /* NULL is fine */
}

bool facts_reader_parse(GPtrArray **sets, engine *e, facts_reader *f, const oid *tree,
	GPtrArray *paths, const char *const *symbols, GError **err)
{
	g_autoptr(GPtrArray) answer = g_ptr_array_new_with_free_func(free_set);
	g_ptr_array_set_size(answer, (gint)paths->len);
	if (!paths->len) {
		*sets = g_steal_pointer(&answer);
		return true;
	}
	tree_facts *base = g_ptr_array_index(f->trees, 0);
	guint index = f->trees->len;
	tree_facts *t = tree_facts_new(tree);
	g_ptr_array_add(f->trees, t);
	g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify)read_job_free);
	bool ok = oid_equal(tree, &base->tree)
			  ? build_open_tree(&t->kernel, e, tree, err)
			  : kernel_tree_tip(&t->kernel, base->kernel, tree, err);
	ok = ok && add_unit_jobs(e, f, jobs, index, paths, symbols, err) && batch_run(e, jobs, err);
	if (ok)
		collect(f, jobs);
	for (guint i = 0; ok && i < paths->len; i++) {
		gpointer set = NULL;
		g_hash_table_steal_extended(t->sets, g_ptr_array_index(paths, i), NULL, &set);
		g_ptr_array_index(answer, i) = set;
	}
	/* Jobs borrow from the tree: they go first. */
	g_clear_pointer(&jobs, g_ptr_array_unref);
	g_ptr_array_remove_index(f->trees, index);
	if (ok)
		*sets = g_steal_pointer(&answer);
	return ok;
}

bool facts_reader_errors(GArray **errors, engine *e, facts_reader *f, const oid *tree,
	GPtrArray *paths, const char *const *symbols, GError **err)
{
	g_autoptr(GPtrArray) sets = NULL;
	if (!facts_reader_parse(&sets, e, f, tree, paths, symbols, err))
		return false;
	GArray *counts = g_array_new(FALSE, TRUE, sizeof(guint));
	for (guint i = 0; i < sets->len; i++) {
		const fact_set *set = g_ptr_array_index(sets, i);
		guint count = set && set->units ? count_errors(set) : G_MAXUINT;
		g_array_append_val(counts, count);
	}
	*errors = counts;
	return true;
}

char *facts_reader_includer(const facts_reader *f, guint series_index, const char *header)
{
	tree_facts *tip = g_ptr_array_index(f->trees, series_index + 1);
	g_autofree char *arch = first_arch((facts_reader *)f, tip, header);
	char *path = NULL;
	return arch && kernel_tree_includer(&path, tip->kernel, header, arch, NULL) ? path : NULL;
}

bool facts_reader_tip_errors(guint *errors, engine *e, facts_reader *f, guint series_index,
	const char *path, GError **err)
{
	const tree_facts *tip = g_ptr_array_index(f->trees, series_index + 1);
	const fact_set *set = g_hash_table_lookup(tip->sets, path);
	if (set) {
		*errors = set->units ? count_errors(set) : G_MAXUINT;
		return true;
	}
	g_autoptr(GPtrArray) paths = g_ptr_array_new();
	g_ptr_array_add(paths, (gpointer)path);
	g_autoptr(GArray) counts = NULL;
	oid tree = tip->tree;
	if (!facts_reader_errors(&counts, e, f, &tree, paths, NULL, err))
		return false;
	*errors = g_array_index(counts, guint, 0);
	return true;
}
