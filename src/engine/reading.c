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

/* A job of a tree; `unit` is taken. */
static read_job *make_job(facts_reader *f, guint tree, const analyzer *reader, analysis_unit *unit)
{
	tree_facts *t = g_ptr_array_index(f->trees, tree);
	reuse_place where = {t->kernel, t->tree, t->wanted};
	return read_job_new(tree, reader, unit, &where);
}

/* The first architecture that `path` belongs to and clang targets; NULL when there is none. */
static char *first_arch(facts_reader *f, tree_facts *t, const char *path)
{
	g_auto(GStrv) archs = kernel_tree_archs(t->kernel, path, (const char *const *)f->prefer);
	return archs && archs[0] ? g_strdup(archs[0]) : NULL;
}

const analyzer *compiler_of(const char *path)
{
	g_autoptr(GPtrArray) readers = g_ptr_array_new();
	analyzers_for(readers, path);
	for (guint i = 0; i < readers->len; i++) {
		const analyzer *a = g_ptr_array_index(readers, i);
		if (a->needs_layout)
			return a;
	}
	return NULL;
}

/* What is to be read: a file of a tree by a reader. */
typedef struct errand {
	guint tree;
	const char *path;
	const oid *blob;
	const analyzer *reader;
	const char *const *symbols; /* for facts_reader_parse; NULL: none */
} errand;

/* The job of a compiler's reader. *job NULL: no unit can be made of the file, it is read as text
 * only; coverage says so. */
static bool compiler_job(read_job **job, facts_reader *f, const errand *x, GError **err)
{
	tree_facts *t = g_ptr_array_index(f->trees, x->tree);
	g_autofree char *arch = first_arch(f, t, x->path);
	*job = NULL;
	if (!arch)
		return true;
	g_autoptr(analysis_unit) unit = NULL;
	g_autoptr(GError) why = NULL;
	bool made = x->symbols ? kernel_tree_unit_with(
					 &unit, t->kernel, x->path, arch, x->symbols, NULL, &why)
			       : kernel_tree_unit(&unit, t->kernel, x->path, arch, &why);
	if (!made) {
		if (g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND) ||
			g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_INPUT))
			return true;
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	*job = make_job(f, x->tree, x->reader, g_steal_pointer(&unit));
	return true;
}

/* *job NULL: the file is no text. */
static bool text_job(read_job **job, engine *e, facts_reader *f, const errand *x, GError **err)
{
	g_autoptr(GBytes) text = NULL;
	g_autoptr(GError) why = NULL;
	*job = NULL;
	if (!repo_read_blob(e->repo, &text, x->blob, &why)) {
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
	unit->path = g_strdup(x->path);
	unit->blob = *x->blob;
	unit->text = g_steal_pointer(&text);
	unit->arch = g_strdup("");
	unit->bodies = true;
	*job = make_job(f, x->tree, x->reader, unit);
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
				g_ptr_array_index(readers, k), NULL};
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
		if (!(compilers ? compiler_job(&j, f, x, err) : text_job(&j, e, f, x, err)))
			return false;
		g_ptr_array_index(jobs, i) = j;
		if (j && !batch_add(b, j, err))
			return false;
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

/* What the jobs (NULL: none) answered, into the sets of their trees, in the order of the jobs. */
static void collect(facts_reader *f, GPtrArray *jobs)
{
	g_autoptr(GHashTable) grown = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < jobs->len; i++) {
		read_job *j = g_ptr_array_index(jobs, i);
		if (!j)
			continue;
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
static bool add_header_job(facts_reader *f, batch *b, GPtrArray *jobs, guint tree,
	const char *header, GHashTable *asked, GError **err)
{
	tree_facts *t = g_ptr_array_index(f->trees, tree);
	g_autofree char *arch = first_arch(f, t, header);
	g_autoptr(analysis_unit) unit = NULL;
	if (!arch || !kernel_tree_header_unit(&unit, t->kernel, header, arch, NULL))
		return true;
	const analyzer *reader = compiler_of(unit->path);
	if (!reader)
		return true;
	read_job *j = make_job(f, tree, reader, g_steal_pointer(&unit));
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

static void free_job(gpointer job)
{
	read_job_free(job); /* NULL is fine */
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
		g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func(free_job);
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
	g_autoptr(GArray) errands = g_array_new(FALSE, FALSE, sizeof(errand));
	for (guint i = 0; i < f->trees->len; i++)
		add_errands(f, errands, i);
	g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func(free_job);
	g_ptr_array_set_size(jobs, (gint)errands->len);
	/* Text first: it needs nothing laid out, and is read while headers are. */
	g_autoptr(batch) b = batch_new(e, "Reading", errands->len);
	if (!begin_errands(e, f, b, errands, jobs, false, err) ||
		!begin_errands(e, f, b, errands, jobs, true, err) || !batch_finish(b, err))
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

char **facts_reader_switches(const facts_reader *f, guint series_index)
{
	const tree_facts *tip = g_ptr_array_index(f->trees, series_index + 1);
	return kernel_tree_new_symbols(tip->kernel, f->prefer[0] ? f->prefer[0] : "");
}

/* --- parsing files of other trees --- */

static guint count_errors(const fact_set *set)
{
	guint errors = 0;
	for (guint i = 0; i < set->diagnostics->len; i++)
		errors += g_array_index(set->diagnostics, diagnostic, i).level == DIAGNOSTIC_ERROR;
	return errors;
}

/* A question at work. */
typedef struct parsing {
	parse_request *request;
	tree_facts *facts;
	GPtrArray *jobs; /* read_job * */
} parsing;

static void parsing_free(gpointer data)
{
	parsing *p = data;
	g_ptr_array_unref(p->jobs); /* jobs borrow from the tree: they go first */
	tree_facts_free(p->facts);
	g_free(p);
}

/* Questions whose trees are open at the same time: enough that the workers have something to do
 * while a tree is opened; each holds some MB. */
#define PARSING_AHEAD 6u

static void free_set(gpointer set)
{
	fact_set_free(set); /* NULL is fine */
}

/* Opens the question's tree and begins to parse. */
static bool begin_parsing(engine *e, facts_reader *f, batch *b, parsing *p, GError **err)
{
	tree_facts *base = g_ptr_array_index(f->trees, 0);
	const parse_request *r = p->request;
	bool ok = oid_equal(&r->tree, &base->tree)
			  ? build_open_tree(&p->facts->kernel, e, &r->tree, err)
			  : kernel_tree_tip(&p->facts->kernel, base->kernel, &r->tree, err);
	guint index = f->trees->len;
	g_ptr_array_add(f->trees, p->facts);
	/* All are wanted before the first is begun: what is asked for never depends on the time. */
	for (guint i = 0; ok && i < r->paths->len; i++) {
		oid blob;
		const char *path = g_ptr_array_index(r->paths, i);
		if (kernel_tree_blob(p->facts->kernel, path, &blob))
			want(p->facts, path, &blob);
	}
	for (guint i = 0; ok && i < r->paths->len; i++) {
		errand x = {.tree = index,
			.path = g_ptr_array_index(r->paths, i),
			.reader = compiler_of(g_ptr_array_index(r->paths, i)),
			.symbols = r->symbols};
		read_job *j;
		if (!x.reader || !g_hash_table_contains(p->facts->wanted, x.path))
			continue;
		ok = compiler_job(&j, f, &x, err);
		if (!ok || !j)
			continue;
		g_ptr_array_add(p->jobs, j);
		ok = batch_add(b, j, err);
	}
	(void)g_ptr_array_steal_index(f->trees, index);
	return ok;
}

static bool is_parsed(const parsing *p)
{
	for (guint i = 0; i < p->jobs->len; i++) {
		if (!read_job_is_done(g_ptr_array_index(p->jobs, i)))
			return false;
	}
	return true;
}

/* Hands the answers over. */
static void end_parsing(facts_reader *f, parsing *p)
{
	parse_request *r = p->request;
	guint index = f->trees->len;
	g_ptr_array_add(f->trees, p->facts);
	for (guint i = 0; i < p->jobs->len; i++)
		((read_job *)g_ptr_array_index(p->jobs, i))->tree = index;
	collect(f, p->jobs);
	(void)g_ptr_array_steal_index(f->trees, index);
	r->sets = g_ptr_array_new_with_free_func(free_set);
	for (guint i = 0; i < r->paths->len; i++) {
		gpointer set = NULL;
		g_hash_table_steal_extended(
			p->facts->sets, g_ptr_array_index(r->paths, i), NULL, &set);
		g_ptr_array_add(r->sets, set);
	}
}

/* Ends what is parsed, oldest first, and waits until at most `most` questions are open. */
static bool end_some(facts_reader *f, batch *b, GPtrArray *open, guint most, GError **err)
{
	while (open->len) {
		if (is_parsed(g_ptr_array_index(open, 0))) {
			end_parsing(f, g_ptr_array_index(open, 0));
			g_ptr_array_remove_index(open, 0);
		} else if (open->len <= most) {
			return true;
		} else if (!batch_turn(b, true, err)) {
			return false;
		}
	}
	return true;
}

bool facts_reader_parse(
	engine *e, facts_reader *f, const char *title, GPtrArray *requests, GError **err)
{
	guint total = 0;
	for (guint i = 0; i < requests->len; i++)
		total += ((parse_request *)g_ptr_array_index(requests, i))->paths->len;
	if (!total)
		return true;
	/* Jobs go before the batch that knows them. */
	g_autoptr(batch) b = batch_new(e, title, total);
	g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(parsing_free);
	for (guint i = 0; i < requests->len; i++) {
		parse_request *r = g_ptr_array_index(requests, i);
		if (!r->paths->len)
			continue;
		parsing *p = g_new0(parsing, 1);
		p->request = r;
		p->facts = tree_facts_new(&r->tree);
		p->jobs = g_ptr_array_new_with_free_func(free_job);
		g_ptr_array_add(open, p);
		if (!begin_parsing(e, f, b, p, err) || !end_some(f, b, open, PARSING_AHEAD, err))
			return false;
	}
	return end_some(f, b, open, 0, err);
}

parse_request *parse_request_new(const oid *tree, const char *const *symbols)
{
	parse_request *r = g_new0(parse_request, 1);
	r->tree = *tree;
	r->paths = g_ptr_array_new_with_free_func(g_free);
	r->symbols = symbols;
	return r;
}

void parse_request_free(parse_request *r)
{
	if (!r)
		return;
	g_ptr_array_unref(r->paths);
	g_clear_pointer(&r->sets, g_ptr_array_unref);
	g_free(r);
}

const fact_set *parse_request_set(const parse_request *r, guint i)
{
	return r->sets ? g_ptr_array_index(r->sets, i) : NULL;
}

guint parse_request_errors(const parse_request *r, guint i)
{
	const fact_set *set = parse_request_set(r, i);
	return set && set->units ? count_errors(set) : G_MAXUINT;
}

char *facts_reader_includer(const facts_reader *f, guint series_index, const char *header)
{
	tree_facts *tip = g_ptr_array_index(f->trees, series_index + 1);
	g_autofree char *arch = first_arch((facts_reader *)f, tip, header);
	char *path = NULL;
	return arch && kernel_tree_includer(&path, tip->kernel, header, arch, NULL) ? path : NULL;
}

bool facts_reader_knows_errors(
	guint *errors, const facts_reader *f, guint series_index, const char *path)
{
	const tree_facts *tip = g_ptr_array_index(f->trees, series_index + 1);
	const fact_set *set = g_hash_table_lookup(tip->sets, path);
	if (set)
		*errors = set->units ? count_errors(set) : G_MAXUINT;
	return set != NULL;
}
