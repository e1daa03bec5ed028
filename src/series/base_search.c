/* Looking through tags, branches and history for the tree that patches were made on. */
#include "series/base_search.h"

#include <string.h>

/* Files asked for in every tag and commit; more of them tell no more. */
#define SAMPLE_FILES 16u
/* Files that the best candidates are judged by. */
#define JUDGED_FILES 512u
/* Tags and branches looked at. Mainline has under 1,000 tags. */
#define MAX_REFS 5000u
/* Commits looked at in all, around the best tag and around the date of the patches: two releases of
 * mainline. Under 8 s, seen with a series that was put on a base two releases younger. */
#define MAX_COMMITS 30000u
/* Refs younger than the patches that are looked at, too: a release and its candidates. */
#define LATER_REFS 6
/* A file as it was before the series touched it. */
typedef struct wanted {
	const char *path;
	const char *hex; /* start of its blob id, lower case */
} wanted;

typedef struct candidate {
	char *name; /* ref, or NULL */
	oid commit;
	gint64 time;
	unsigned score; /* of the sample */
} candidate;

typedef struct search {
	repo *repo;
	GArray *all;	/* wanted */
	GArray *sample; /* wanted, spread over all */
	GArray *found;	/* candidate */
	gint64 latest;	/* a base is not younger than its patches; 0: unknown */
	oid best;
	const char *best_name; /* its ref, or NULL */
	unsigned best_score;   /* of all */
	unsigned left;	       /* commits that may still be looked at */
} search;

static void search_clear(search *s)
{
	for (guint i = 0; i < s->found->len; i++)
		g_free(g_array_index(s->found, candidate, i).name);
	g_array_unref(s->all);
	g_array_unref(s->sample);
	g_array_unref(s->found);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(search, search_clear)

/* Every path that the series finds in the tree, with the id it finds. Paths that it made before are
 * not of the base. */
static void collect_wanted(search *s, const patch_list *patches)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < patches->patches->len; i++) {
		const patch *p = g_ptr_array_index(patches->patches, i);
		s->latest = MAX(s->latest, p->author.name ? p->author.time : 0);
		for (guint k = 0; p->kind == PATCH_DIFF && k < p->files->len; k++) {
			const patch_file *f = g_ptr_array_index(p->files, k);
			bool fresh = f->old_path && !g_hash_table_contains(seen, f->old_path);
			if (f->old_path)
				g_hash_table_add(seen, f->old_path);
			if (f->new_path)
				g_hash_table_add(seen, f->new_path);
			if (!fresh || !f->old_id || !f->old_id[strspn(f->old_id, "0")] ||
				s->all->len >= JUDGED_FILES)
				continue;
			wanted w = {f->old_path, f->old_id};
			g_array_append_val(s->all, w);
		}
	}
	guint n = MIN(s->all->len, SAMPLE_FILES);
	for (guint i = 0; i < n; i++) {
		guint at = (guint)((guint64)i * s->all->len / n);
		g_array_append_val(s->sample, g_array_index(s->all, wanted, at));
	}
}

static bool holds(repo *r, const oid *tree, const wanted *w)
{
	tree_entry e;
	if (!repo_lookup(r, tree, w->path, &e, NULL))
		return false;
	char hex[OID_HEX + 1];
	return g_str_has_prefix(oid_format(hex, &e.id), w->hex);
}

/* How many of `files` the commit's tree holds; stops once fewer than `needed` can be reached. */
static unsigned score(
	repo *r, const oid *commit, const GArray *files, unsigned needed, gint64 *time)
{
	oid tree;
	person author = {0};
	if (!repo_read_commit(r, commit, NULL, time ? &author : NULL, NULL, &tree, NULL))
		return 0;
	if (time)
		*time = author.time;
	person_clear(&author);
	unsigned n = 0;
	for (guint i = 0; i < files->len; i++) {
		n += holds(r, &tree, &g_array_index(files, wanted, i));
		if (n + (files->len - i - 1) < needed)
			return 0;
	}
	return n;
}

static bool add_ref(const char *name, const oid *commit, void *data)
{
	search *s = data;
	candidate c = {.name = g_strdup(name), .commit = *commit};
	c.score = score(s->repo, commit, s->sample, 0, &c.time);
	g_array_append_val(s->found, c);
	return s->found->len < MAX_REFS;
}

static int by_time(gconstpointer a, gconstpointer b)
{
	const candidate *c = a, *d = b;
	if (c->time != d->time)
		return c->time < d->time ? -1 : 1;
	return strcmp(c->name, d->name);
}

/* The best ref: most files, then the youngest that is not younger than the patches. -1: none. */
static int best_ref(const search *s)
{
	int best = -1;
	for (guint i = 0; i < s->found->len; i++) {
		const candidate *c = &g_array_index(s->found, candidate, i);
		if (!c->score)
			continue;
		const candidate *b = best < 0 ? NULL : &g_array_index(s->found, candidate, best);
		bool late = s->latest && c->time > s->latest;
		if (!b || c->score > b->score || (c->score == b->score && !late))
			best = (int)i;
	}
	return best;
}

static bool try_commit(const oid *commit, void *data)
{
	search *s = data;
	unsigned n = score(s->repo, commit, s->all, s->best_score + 1, NULL);
	if (n > s->best_score) {
		s->best_score = n;
		s->best = *commit;
		s->best_name = NULL;
	}
	s->left--;
	return s->best_score < s->all->len && s->left;
}

/* Puts the files that the best commit does not hold in front: then a commit that is no better is
 * given up after looking at these. */
static void missing_first(search *s)
{
	oid tree;
	if (!s->best_score || !repo_commit_tree(s->repo, &tree, &s->best, NULL))
		return;
	guint front = 0;
	for (guint i = 0; i < s->all->len; i++) {
		wanted w = g_array_index(s->all, wanted, i);
		if (holds(s->repo, &tree, &w))
			continue;
		g_array_index(s->all, wanted, i) = g_array_index(s->all, wanted, front);
		g_array_index(s->all, wanted, front++) = w;
	}
}

/* Walks the history from the ref `upper` (the refs are sorted by time) down to the ref `lower`, as
 * long as something is missing. Refs of equal commits count as one. */
static bool walk_between(search *s, int lower, int upper, GError **err)
{
	int last = (int)s->found->len - 1;
	const candidate *c = &g_array_index(s->found, candidate, CLAMP(upper, 0, last));
	const candidate *below = lower < 0 ? NULL : &g_array_index(s->found, candidate, lower);
	if (s->best_score == s->all->len || !s->left ||
		(below && oid_equal(&below->commit, &c->commit)))
		return true;
	missing_first(s);
	return repo_walk_history(
		s->repo, &c->commit, below ? &below->commit : NULL, s->left, try_commit, s, err);
}

/* The next ref up (step 1) or down (-1) that is another commit than `at`. */
static int neighbour(const search *s, int at, int step)
{
	const candidate *c = &g_array_index(s->found, candidate, at);
	int i = at + step;
	while (i >= 0 && i < (int)s->found->len &&
		oid_equal(&g_array_index(s->found, candidate, i).commit, &c->commit))
		i += step;
	return i;
}

/* The first ref that is younger than the patches; the last one when none is. */
static int ref_after_patches(const search *s)
{
	int i = 0, last = (int)s->found->len - 1;
	while (i < last && g_array_index(s->found, candidate, i).time < s->latest)
		i++;
	return i;
}

static const char *short_name(const char *ref)
{
	static const char *const parts[] = {"refs/tags/", "refs/heads/", "refs/remotes/"};
	for (size_t i = 0; ref && i < G_N_ELEMENTS(parts); i++)
		if (g_str_has_prefix(ref, parts[i]))
			return ref + strlen(parts[i]);
	return ref;
}

static bool find(oid *base, char **how, search *s, GError **err)
{
	if (!repo_each_ref(s->repo, add_ref, s, err))
		return false;
	if (!s->found->len)
		return false;
	g_array_sort(s->found, by_time);
	s->left = MAX_COMMITS;
	int at = best_ref(s);
	if (at >= 0) {
		const candidate *c = &g_array_index(s->found, candidate, at);
		s->best = c->commit;
		s->best_name = c->name;
		s->best_score = score(s->repo, &c->commit, s->all, 0, NULL);
		/* First what was made on it, then what it was made of. */
		if (!walk_between(s, at, neighbour(s, at, 1), err) ||
			!walk_between(s, neighbour(s, at, -1), at, err))
			return false;
	}
	if (s->latest) {
		/* No release holds them: work of between releases, by its date. */
		int upper = ref_after_patches(s), lower = neighbour(s, upper, -1);
		if (lower >= 0)
			lower = neighbour(s, lower, -1);
		if (!walk_between(s, lower, upper, err))
			return false;
		/* Or put on a later base, dates kept. */
		int above = neighbour(s, upper, 1);
		for (int i = 0; i < LATER_REFS && above < (int)s->found->len; i++)
			above = neighbour(s, above, 1);
		if (!walk_between(s, upper, above, err))
			return false;
	}
	const char *name = s->best_name;
	unsigned full = s->best_score;
	/* Half the files may well be equal by chance in any tree of that year. */
	if (full * 2 <= s->all->len)
		return false;
	char hex[OID_HEX + 1];
	oid_format(hex, &s->best);
	*base = s->best;
	*how = name ? g_strdup_printf("%s holds %u of the %u files that the index lines name",
			      short_name(name), full, s->all->len)
		    : g_strdup_printf(
			      "commit %.12s holds %u of the %u files that the index lines name",
			      hex, full, s->all->len);
	return true;
}

bool base_search(
	oid *base, char **how, bool *asked, repo *r, const patch_list *patches, GError **err)
{
	g_auto(search) s = {.repo = r};
	s.all = g_array_new(FALSE, FALSE, sizeof(wanted));
	s.sample = g_array_new(FALSE, FALSE, sizeof(wanted));
	s.found = g_array_new(FALSE, FALSE, sizeof(candidate));
	collect_wanted(&s, patches);
	*asked = s.all->len;
	return s.all->len && find(base, how, &s, err);
}
