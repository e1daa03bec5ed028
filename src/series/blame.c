/* Which patch of a series added and removed which line.
 *
 * For each path that several patches change, the origin of every line is carried through its
 * versions: a line either stands in the base, at a known line, or was added by patch n. */
#include "series/apply.h"

#include <string.h>

#include "base/error.h"

/* The lines of one path as they are after the commits so far. */
typedef struct lineage {
	GArray *origin;	     /* guint32 a line: n << 1 | 1 when patch n added it; base line << 1 */
	guint32 *removed_by; /* by base line - 1: the patch that removed it, 0 still there */
	unsigned base_lines;
} lineage;

static void lineage_free(lineage *l)
{
	g_array_unref(l->origin);
	g_free(l->removed_by);
	g_free(l);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(lineage, lineage_free)

static lineage *lineage_new(unsigned base_lines)
{
	lineage *l = g_new0(lineage, 1);
	l->base_lines = base_lines;
	l->origin = g_array_sized_new(FALSE, FALSE, sizeof(guint32), base_lines);
	l->removed_by = g_new0(guint32, base_lines ? base_lines : 1);
	for (unsigned i = 1; i <= base_lines; i++) {
		guint32 value = i << 1;
		g_array_append_val(l->origin, value);
	}
	return l;
}

/* Lines at..at+old_count (from 0) were replaced by new_count lines of patch n. */
static void lineage_replace(
	lineage *l, unsigned at, unsigned old_count, unsigned new_count, unsigned n)
{
	at = MIN(at, l->origin->len);
	old_count = MIN(old_count, l->origin->len - at);
	for (unsigned i = at; i < at + old_count; i++) {
		guint32 value = g_array_index(l->origin, guint32, i);
		if (!(value & 1))
			l->removed_by[(value >> 1) - 1] = n;
	}
	if (old_count)
		g_array_remove_range(l->origin, at, old_count);
	if (!new_count)
		return;
	g_autofree guint32 *added = g_new(guint32, new_count);
	for (unsigned i = 0; i < new_count; i++)
		added[i] = n << 1 | 1;
	g_array_insert_vals(l->origin, at, added, new_count);
}

/* What one commit made of a path. */
typedef struct step {
	unsigned n;
	tree_entry before, after; /* mode 0: not there */
	GArray *hunks;		  /* of path_step, borrowed; or NULL */
	unsigned old_lines;
} step;

/* The blob of one side; zero, nothing, for a missing file or a submodule. */
static oid blob_of(const tree_entry *entry)
{
	return entry->mode && entry->mode != 0160000 ? entry->id : (oid){{0}};
}

/* Carries the lineage over one step; the first one makes it. */
static bool trace_step(repo *r, lineage **l, const step *s, GError **err)
{
	g_auto(text_step) made = {0};
	oid before = blob_of(&s->before), after = blob_of(&s->after);
	if (s->hunks)
		made = (text_step){s->old_lines, g_array_ref(s->hunks)};
	else if (!repo_diff_step(r, &made, &before, &after, err))
		return false;
	if (!*l)
		*l = lineage_new(made.old_lines);
	/* From the end, so that earlier positions stay right. */
	for (guint i = made.hunks->len; i-- > 0;) {
		const change_hunk *h = &g_array_index(made.hunks, change_hunk, i);
		unsigned at = h->old_count ? h->old_start - 1 : h->old_start;
		lineage_replace(*l, at, h->old_count, h->new_count, s->n);
	}
	return true;
}

static unsigned added_by(const lineage *l, unsigned line)
{
	if (!line || line > l->origin->len)
		return 0;
	guint32 value = g_array_index(l->origin, guint32, line - 1);
	return value & 1 ? value >> 1 : 0;
}

static unsigned removed_by(const lineage *l, unsigned line)
{
	return line && line <= l->base_lines ? l->removed_by[line - 1] : 0;
}

/* The difference of base and tip may pair equal lines otherwise than the steps between did: a line
 * that then has no patch of its own gets the latest one of its hunk. */
static void fill_unknown(change_hunk *h)
{
	unsigned latest = 0;
	for (unsigned i = 0; i < h->old_count; i++)
		latest = MAX(latest, h->old_patch[i]);
	for (unsigned i = 0; i < h->new_count; i++)
		latest = MAX(latest, h->new_patch[i]);
	for (unsigned i = 0; i < h->old_count; i++)
		if (!h->old_patch[i])
			h->old_patch[i] = latest;
	for (unsigned i = 0; i < h->new_count; i++)
		if (!h->new_patch[i])
			h->new_patch[i] = latest;
}

/* Gives every line of `c` its patch: by the lineage, or `only` where one patch did it all. */
static void attribute(file_change *c, const lineage *l, unsigned only)
{
	for (guint i = 0; i < c->hunks->len; i++) {
		change_hunk *h = &g_array_index(c->hunks, change_hunk, i);
		h->old_patch = g_new0(unsigned, h->old_count ? h->old_count : 1);
		h->new_patch = g_new0(unsigned, h->new_count ? h->new_count : 1);
		for (unsigned k = 0; k < h->old_count; k++)
			h->old_patch[k] = l ? removed_by(l, h->old_start + k) : only;
		for (unsigned k = 0; k < h->new_count; k++)
			h->new_patch[k] = l ? added_by(l, h->new_start + k) : only;
		fill_unknown(h);
	}
}

/* Most paths of a series are changed by one patch: nothing has to be read for them. */
static bool trace_change(repo *r, file_change *c, const GArray *steps, GError **err)
{
	if (c->binary || !c->hunks->len || !steps || !steps->len)
		return true;
	if (steps->len == 1) {
		attribute(c, NULL, g_array_index(steps, step, 0).n);
		return true;
	}
	g_autoptr(lineage) l = NULL;
	for (guint i = 0; i < steps->len; i++)
		if (!trace_step(r, &l, &g_array_index(steps, step, i), err))
			return false;
	attribute(c, l, 0);
	return true;
}

typedef struct collector {
	GHashTable *paths; /* char * -> GArray of step */
	unsigned n;
} collector;

static void add_step(collector *c, const char *path, const step *s)
{
	GArray *steps = g_hash_table_lookup(c->paths, path);
	if (!steps) {
		steps = g_array_new(FALSE, FALSE, sizeof(step));
		g_hash_table_insert(c->paths, g_strdup(path), steps);
	}
	g_array_append_vals(steps, s, 1);
}

static bool collect_step(const char *path, const tree_entry *before, const tree_entry *after,
	void *data, GError **err)
{
	collector *c = data;
	const step s = {.n = c->n, .before = *before, .after = *after};
	(void)err;
	add_step(c, path, &s);
	return true;
}

static void collect_known(collector *c, const GArray *steps)
{
	for (guint i = 0; i < steps->len; i++) {
		const path_step *s = &g_array_index(steps, path_step, i);
		const step known = {.n = c->n,
			.before = {s->before, s->before_mode},
			.after = {s->after, s->after_mode},
			.hunks = s->hunks,
			.old_lines = s->old_lines};
		add_step(c, s->path, &known);
	}
}

/* What each commit did to each path, by comparing trees at most. */
static bool collect_steps(const series *s, repo *r, GHashTable *paths, GError **err)
{
	collector c = {paths, 0};
	oid before = s->base_tree;
	for (guint i = 0; i < s->commits->len; i++) {
		const series_commit *commit = g_ptr_array_index(s->commits, i);
		c.n = commit->n;
		if (commit->steps)
			collect_known(&c, commit->steps);
		else if (!repo_compare(r, &before, &commit->tree, collect_step, &c, err))
			return false;
		before = commit->tree;
	}
	return true;
}

static void free_steps(gpointer steps)
{
	g_array_unref(steps);
}

/* The changes of a series, taken one by one by several threads. Each result stands in its own
 * file_change, so that the order of threads does not show. */
typedef struct finisher {
	GPtrArray *changes; /* file_change * */
	GHashTable *paths;  /* char * -> GArray of step; only read */
	gint next;	    /* atomic: the next change nobody has taken */
	gint failed;	    /* atomic: stop */
} finisher;

typedef struct finish_thread {
	finisher *all;
	repo *r; /* this thread's */
	GError *error;
	GThread *thread; /* NULL: the caller's own */
} finish_thread;

static bool finish_change(const finisher *f, repo *r, guint i, GError **err)
{
	file_change *c = g_ptr_array_index(f->changes, i);
	return repo_diff_change(r, c, err) &&
	       trace_change(r, c, g_hash_table_lookup(f->paths, c->path), err);
}

static gpointer finish_some(gpointer data)
{
	finish_thread *t = data;
	finisher *f = t->all;
	while (!g_atomic_int_get(&f->failed)) {
		guint i = (guint)g_atomic_int_add(&f->next, 1);
		if (i >= f->changes->len)
			break;
		if (!finish_change(f, t->r, i, &t->error)) {
			g_atomic_int_set(&f->failed, 1);
			break;
		}
	}
	return NULL;
}

/* A change takes about a millisecond, a thread's repository a few. */
#define CHANGES_PER_THREAD 64u
#define FINISH_THREADS_MAX 4u

static bool finish_changes(finisher *f, repo *r, GError **err)
{
	finish_thread threads[FINISH_THREADS_MAX] = {{f, r, NULL, NULL}};
	unsigned wanted = MIN(g_get_num_processors(), f->changes->len / CHANGES_PER_THREAD + 1);
	unsigned count = 1;
	for (; count < MIN(wanted, FINISH_THREADS_MAX); count++) {
		finish_thread *t = &threads[count];
		*t = (finish_thread){f, NULL, NULL, NULL};
		if (!repo_open_reader(&t->r, r, NULL))
			break; /* fewer threads, the same result */
		t->thread = g_thread_new("truce-finish", finish_some, t);
	}
	finish_some(&threads[0]);
	for (unsigned i = 0; i < count; i++) {
		if (threads[i].thread) {
			g_thread_join(threads[i].thread);
			repo_free(threads[i].r);
		}
		if (threads[i].error && err && !*err)
			g_propagate_error(err, threads[i].error);
		else
			g_clear_error(&threads[i].error);
	}
	return !f->failed;
}

bool series_finish(series *s, repo *r, GError **err)
{
	g_autoptr(GPtrArray) changes = NULL;
	g_autoptr(GHashTable) paths =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_steps);
	if (oid_is_zero(&s->tip)) {
		s->tip = s->base;
		s->tip_tree = s->base_tree;
	}
	if (!collect_steps(s, r, paths, err) ||
		!repo_changes(r, &changes, &s->base_tree, &s->tip_tree, err))
		return false;
	finisher f = {changes, paths, 0, 0};
	bool ok = finish_changes(&f, r, err);
	repo_diff_ahead_forget(r);
	for (guint i = 0; i < s->commits->len; i++) {
		series_commit *commit = g_ptr_array_index(s->commits, i);
		g_clear_pointer(&commit->steps, g_array_unref);
	}
	if (!ok)
		return false;
	s->files = changes->len;
	s->insertions = s->deletions = 0;
	for (guint i = 0; i < changes->len; i++) {
		const file_change *c = g_ptr_array_index(changes, i);
		s->insertions += c->insertions;
		s->deletions += c->deletions;
	}
	g_clear_pointer(&s->changes, g_ptr_array_unref);
	s->changes = g_steal_pointer(&changes);
	return true;
}
