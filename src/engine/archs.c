/* Which architecture a file is read for. */
#include "engine/archs.h"

#include <string.h>

#include "base/sort.h"
#include "kernel/arch.h"

/* What is built, and so repaired, by most. */
static const char *const usual[] = {"i386", "x86_64"};
/* An architecture with a smaller share of the touched files is there by the way: what changes all
 * drivers touches two files of a rare board's, and those drivers are not read for it. */
#define SHARE 10u
/* Architectures that a file is tried for beside its first. */
#define OTHERS_TRIED 3u

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

char **archs_preferred(GPtrArray *all)
{
	g_autoptr(GArray) counts = g_array_new(FALSE, TRUE, sizeof(arch_count));
	guint files = 0;
	for (guint i = 0; i < all->len; i++) {
		const series *s = g_ptr_array_index(all, i);
		g_autoptr(GHashTable) here = g_hash_table_new(g_str_hash, g_str_equal);
		files += s->changes->len;
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
	/* None that most of it is about. */
	if (counts->len && g_array_index(counts, arch_count, 0).files * SHARE < files)
		g_ptr_array_add(names, g_strdup(usual[0]));
	for (guint i = 0; i < counts->len; i++) {
		char *name = g_array_index(counts, arch_count, i).name;
		if (i && names->len && !strcmp(g_ptr_array_index(names, 0), name))
			g_free(name);
		else
			g_ptr_array_add(names, name);
	}
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

char *archs_first(const facts_reader *f, const tree_facts *t, const char *path)
{
	const char *settled = g_hash_table_lookup(f->settled, path);
	if (settled)
		return g_strdup(settled);
	g_auto(GStrv) archs = kernel_tree_archs(t->kernel, path, (const char *const *)f->prefer);
	return archs && archs[0] ? g_strdup(archs[0]) : NULL;
}

/* --- files that do not parse where they are read first --- */

static bool is_clean(const read_job *j)
{
	for (guint i = 0; j->sets && i < j->sets->len; i++) {
		const fact_set *set = g_ptr_array_index(j->sets, i);
		if (!strcmp(set->path, j->unit->path))
			return set->clean > 0;
	}
	return false;
}

/* One file in all trees. */
typedef struct quest {
	const char *path;
	char **archs; /* to try */
	GArray *at;   /* guint: its errands */
	guint clean;  /* trees that it parses in */
} quest;

static void quest_free(gpointer data)
{
	quest *q = data;
	g_strfreev(q->archs);
	g_array_unref(q->at);
	g_free(q);
}

static gint compare_quests(gconstpointer va, gconstpointer vb)
{
	const quest *a = *(quest *const *)va, *b = *(quest *const *)vb;
	return strcmp(a->path, b->path);
}

/* The architectures to try, without that of the first reading. */
static char **other_archs(const facts_reader *f, const errand *x)
{
	const tree_facts *t = g_ptr_array_index(f->trees, x->tree);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
		g_ptr_array_add(names, (gpointer)usual[i]);
	for (char **p = f->prefer; *p; p++)
		g_ptr_array_add(names, *p);
	g_ptr_array_add(names, NULL);
	g_auto(GStrv) all =
		kernel_tree_archs(t->kernel, x->path, (const char *const *)names->pdata);
	g_autofree char *first = archs_first(f, t, x->path);
	GPtrArray *others = g_ptr_array_new();
	for (char **a = all; a && *a && others->len < OTHERS_TRIED; a++) {
		if (g_strcmp0(*a, first) != 0)
			g_ptr_array_add(others, g_strdup(*a));
	}
	g_ptr_array_add(others, NULL);
	return (char **)g_ptr_array_free(others, FALSE);
}

/* The .c files that were parsed, by path. */
static GPtrArray *find_quests(const facts_reader *f, const GArray *errands, GPtrArray *jobs)
{
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *quests = g_ptr_array_new_with_free_func(quest_free);
	for (guint i = 0; i < errands->len; i++) {
		const errand *x = &g_array_index(errands, errand, i);
		const read_job *j = g_ptr_array_index(jobs, i);
		if (!j || !x->reader->needs_layout || !g_str_has_suffix(x->path, ".c"))
			continue;
		quest *q = g_hash_table_lookup(known, x->path);
		if (!q) {
			q = g_new0(quest, 1);
			q->path = x->path;
			q->archs = other_archs(f, x);
			q->at = g_array_new(FALSE, FALSE, sizeof(guint));
			g_hash_table_insert(known, (gpointer)q->path, q);
			g_ptr_array_add(quests, q);
		}
		g_array_append_val(q->at, i);
		q->clean += is_clean(j);
	}
	g_ptr_array_sort(quests, compare_quests);
	return quests;
}

static bool is_asked(const quest *q, guint round)
{
	return q->clean < q->at->len && round < g_strv_length(q->archs);
}

static bool begin_quest(facts_reader *f, batch *b, const GArray *errands, GPtrArray *jobs,
	const quest *q, guint round, GError **err)
{
	for (guint i = 0; i < q->at->len; i++) {
		guint at = g_array_index(q->at, guint, i);
		errand x = g_array_index(errands, errand, at);
		x.arch = q->archs[round];
		read_job *j;
		if (!errand_compiler_job(&j, f, &x, err))
			return false;
		g_ptr_array_index(jobs, at) = j;
		if (j && !batch_add(b, j, err))
			return false;
	}
	return true;
}

/* Takes the new jobs of a file when more of its trees are clean with them. */
static void end_quest(facts_reader *f, GPtrArray *jobs, GPtrArray *fresh, quest *q, guint round)
{
	guint clean = 0;
	for (guint i = 0; i < q->at->len; i++) {
		const read_job *j = g_ptr_array_index(fresh, g_array_index(q->at, guint, i));
		clean += j && is_clean(j);
	}
	if (clean <= q->clean)
		return;
	q->clean = clean;
	g_hash_table_replace(f->settled, g_strdup(q->path), g_strdup(q->archs[round]));
	for (guint i = 0; i < q->at->len; i++) {
		guint at = g_array_index(q->at, guint, i);
		gpointer first = g_ptr_array_index(jobs, at);
		if (!g_ptr_array_index(fresh, at))
			continue;
		g_ptr_array_index(jobs, at) = g_ptr_array_index(fresh, at);
		g_ptr_array_index(fresh, at) = first;
	}
}

bool archs_settle(engine *e, facts_reader *f, const GArray *errands, GPtrArray *jobs, GError **err)
{
	g_autoptr(GPtrArray) quests = find_quests(f, errands, jobs);
	for (guint round = 0; round < OTHERS_TRIED; round++) {
		g_autoptr(GPtrArray) fresh = g_ptr_array_new_with_free_func(errand_free_job);
		g_ptr_array_set_size(fresh, (gint)jobs->len);
		g_autoptr(batch) b = batch_new(e, "Reading for other architectures", 0);
		for (guint i = 0; i < quests->len; i++) {
			const quest *q = g_ptr_array_index(quests, i);
			if (is_asked(q, round) && !begin_quest(f, b, errands, fresh, q, round, err))
				return false;
		}
		if (!batch_finish(b, err))
			return false;
		for (guint i = 0; i < quests->len; i++) {
			quest *q = g_ptr_array_index(quests, i);
			if (is_asked(q, round))
				end_quest(f, jobs, fresh, q, round);
		}
	}
	return true;
}

bool archs_settle_file(engine *e, facts_reader *f, const char *path, GError **err)
{
	g_autoptr(GArray) errands = g_array_new(FALSE, FALSE, sizeof(errand));
	g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func(errand_free_job);
	g_autoptr(batch) b = batch_new(e, "Reading", 0);
	const analyzer *reader = compiler_of(path);
	for (guint i = 0; reader && i < f->trees->len; i++) {
		const tree_facts *t = g_ptr_array_index(f->trees, i);
		errand x = {i, path, g_hash_table_lookup(t->wanted, path), reader, NULL, NULL};
		read_job *j;
		if (!x.blob)
			continue;
		if (!errand_compiler_job(&j, f, &x, err))
			return false;
		g_array_append_val(errands, x);
		g_ptr_array_add(jobs, j);
		if (j && !batch_add(b, j, err))
			return false;
	}
	return batch_finish(b, err) && archs_settle(e, f, errands, jobs, err);
}
