/* Strands: the places of a path that several patches of one series change, one after the other. */
#include "plan/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/sort.h"

#define MODE_TYPE 0170000u
#define MODE_REGULAR 0100000u

/* --- what each patch did to each path --- */

typedef struct patch_step {
	unsigned patch;
	tree_entry before, after;
} patch_step;

typedef struct collector {
	GHashTable *paths; /* char * -> GArray of patch_step */
	unsigned patch;
} collector;

static bool collect_step(const char *path, const tree_entry *before, const tree_entry *after,
	void *data, GError **err)
{
	collector *c = data;
	(void)err;
	GArray *steps = g_hash_table_lookup(c->paths, path);
	if (!steps) {
		steps = g_array_new(FALSE, FALSE, sizeof(patch_step));
		g_hash_table_insert(c->paths, g_strdup(path), steps);
	}
	patch_step s = {c->patch, *before, *after};
	g_array_append_val(steps, s);
	return true;
}

static bool collect_series(GHashTable *paths, const series *s, repo *r, GError **err)
{
	collector c = {.paths = paths};
	const oid *before = &s->base_tree;
	for (guint i = 0; i < s->commits->len; i++) {
		const series_commit *commit = g_ptr_array_index(s->commits, i);
		c.patch = commit->n;
		if (!oid_equal(before, &commit->tree) &&
			!repo_compare(r, before, &commit->tree, collect_step, &c, err))
			return false;
		before = &commit->tree;
	}
	return true;
}

/* --- regions: where patches meet, while the versions of a text are read --- */

/* Lines first+1..last of a version. */
typedef atom_gap lines;

/* A place that keeps apart from the others by unchanged lines in every version so far. */
typedef struct region {
	GArray *at;	 /* lines: one a version so far, the base's first */
	GArray *touched; /* unsigned: versions (from 1) that changed it */
} region;

static region *region_new(void)
{
	region *g = g_new0(region, 1);
	g->at = g_array_new(FALSE, FALSE, sizeof(lines));
	g->touched = g_array_new(FALSE, FALSE, sizeof(unsigned));
	return g;
}

static void region_free(gpointer data)
{
	region *g = data;
	g_array_unref(g->at);
	g_array_unref(g->touched);
	g_free(g);
}

static lines *region_at(const region *g, guint version)
{
	return &g_array_index(g->at, lines, version);
}

/* The hunk's lines of the version before, and how many more it leaves. */
static lines hunk_lines(const change_hunk *h)
{
	unsigned first = h->old_count ? h->old_start - 1 : h->old_start;
	return (lines){first, first + h->old_count};
}

/* Regions and hunks that touch each other, in one version. */
typedef struct cluster {
	lines span;	/* in the version before */
	guint first, n; /* its regions */
	bool changed;	/* has a hunk */
	int growth;	/* lines that its hunks add */
} cluster;

/* The clusters of a version, in order. Regions keep apart by a line or more, hunks too. */
static GArray *find_clusters(const GPtrArray *regions, const GArray *hunks, guint version)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(cluster));
	guint i = 0, k = 0;
	while (i < regions->len || k < hunks->len) {
		const change_hunk *h =
			k < hunks->len ? &g_array_index(hunks, change_hunk, k) : NULL;
		const lines *g = i < regions->len
					 ? region_at(g_ptr_array_index(regions, i), version - 1)
					 : NULL;
		lines next = h ? hunk_lines(h) : (lines){0, 0};
		bool take_hunk = h && (!g || next.first < g->first);
		lines part = take_hunk ? next : *g;
		cluster *last = out->len ? &g_array_index(out, cluster, out->len - 1) : NULL;
		if (!last || part.first > last->span.end) {
			cluster c = {.span = part, .first = i};
			g_array_append_val(out, c);
			last = &g_array_index(out, cluster, out->len - 1);
		}
		last->span.end = MAX(last->span.end, part.end);
		if (take_hunk) {
			last->changed = true;
			last->growth += (int)h->new_count - (int)h->old_count;
			k++;
		} else {
			last->n++;
			i++;
		}
	}
	return out;
}

static void merge_touched(region *to, const region *from)
{
	for (guint i = 0; i < from->touched->len; i++) {
		unsigned v = g_array_index(from->touched, unsigned, i);
		bool known = false;
		for (guint k = 0; k < to->touched->len && !known; k++)
			known = g_array_index(to->touched, unsigned, k) == v;
		if (!known)
			g_array_append_val(to->touched, v);
	}
}

/* What a cluster's lines were in an earlier version. Around its regions lines are unchanged; one
 * without regions follows from the region before it (NULL: none). */
static lines lines_then(
	const GPtrArray *regions, const cluster *c, const region *before, guint version, guint then)
{
	if (!c->n) {
		unsigned shift_now = before ? region_at(before, version - 1)->end : 0;
		unsigned shift_then = before ? region_at(before, then)->end : 0;
		return (lines){c->span.first - shift_now + shift_then,
			c->span.end - shift_now + shift_then};
	}
	const region *a = g_ptr_array_index(regions, c->first);
	const region *b = g_ptr_array_index(regions, c->first + c->n - 1);
	return (lines){
		region_at(a, then)->first - (region_at(a, version - 1)->first - c->span.first),
		region_at(b, then)->end + (c->span.end - region_at(b, version - 1)->end)};
}

/* Carries the regions over to the next version. */
static GPtrArray *next_regions(GPtrArray *regions, const GArray *hunks, guint version)
{
	g_autoptr(GArray) clusters = find_clusters(regions, hunks, version);
	GPtrArray *out = g_ptr_array_new_with_free_func(region_free);
	const region *before = NULL;
	int shift = 0;
	for (guint i = 0; i < clusters->len; i++) {
		const cluster *c = &g_array_index(clusters, cluster, i);
		region *g = region_new();
		for (guint v = 0; v < version; v++) {
			lines at = lines_then(regions, c, before, version, v);
			g_array_append_val(g->at, at);
		}
		lines now = {(unsigned)((int)c->span.first + shift),
			(unsigned)((int)c->span.end + shift + c->growth)};
		g_array_append_val(g->at, now);
		shift += c->growth;
		for (guint k = 0; k < c->n; k++)
			merge_touched(g, g_ptr_array_index(regions, c->first + k));
		if (g->touched->len)
			g_array_sort(g->touched, sort_by_unsigned);
		if (c->changed)
			g_array_append_val(g->touched, version);
		g_ptr_array_add(out, g);
		before = c->n ? g_ptr_array_index(regions, c->first + c->n - 1) : g;
	}
	return out;
}

/* --- strands --- */

typedef struct builder {
	const atom_list *l;
	repo *r;
	history *h;
	unsigned series;
} builder;

static void strand_free(gpointer data)
{
	strand *s = data;
	g_free(s->path);
	g_array_unref(s->versions);
	g_array_unref(s->atoms);
	g_free(s);
}

static strand *add_strand(builder *b, const char *path, const GArray *steps)
{
	strand *s = g_new0(strand, 1);
	s->series = b->series;
	s->path = g_strdup(path);
	s->base = g_array_index(steps, patch_step, 0).before;
	s->versions = g_array_new(FALSE, FALSE, sizeof(strand_version));
	s->atoms = g_array_new(FALSE, FALSE, sizeof(unsigned));
	g_ptr_array_add(b->h->strands, s);
	return s;
}

static void add_to_strand(builder *b, strand *s, unsigned id)
{
	g_array_append_val(s->atoms, id);
	b->h->strand_of[id] = (int)b->h->strands->len - 1;
}

/* All patches of a path one after the other, not told apart by lines. */
static void strand_of_path(builder *b, const char *path, const GArray *steps, const GArray *atoms)
{
	strand *s = add_strand(b, path, steps);
	s->whole_path = true;
	for (guint i = 0; i < steps->len; i++) {
		const patch_step *at = &g_array_index(steps, patch_step, i);
		strand_version v = {.patch = at->patch, .file = at->after};
		g_array_append_val(s->versions, v);
	}
	for (guint i = 0; atoms && i < atoms->len; i++)
		add_to_strand(b, s, g_array_index(atoms, unsigned, i));
}

/* True when the path is one text from the base to the tip, of one mode. */
static bool is_text_throughout(const builder *b, const GArray *steps, const GArray *atoms)
{
	unsigned mode = g_array_index(steps, patch_step, 0).before.mode;
	if ((mode & MODE_TYPE) != MODE_REGULAR)
		return false;
	for (guint i = 0; i < steps->len; i++) {
		if (g_array_index(steps, patch_step, i).after.mode != mode)
			return false;
	}
	return !atoms ||
	       !change_is_whole(atom_get(b->l, g_array_index(atoms, unsigned, 0))->change);
}

static GPtrArray *regions_of_atoms(const builder *b, const GArray *atoms)
{
	GPtrArray *regions = g_ptr_array_new_with_free_func(region_free);
	for (guint i = 0; atoms && i < atoms->len; i++) {
		region *g = region_new();
		lines at = atom_position(atom_get(b->l, g_array_index(atoms, unsigned, i)));
		g_array_append_val(g->at, at);
		g_ptr_array_add(regions, g);
	}
	return regions;
}

/* The regions of a path after its last patch. The atoms' lines are regions from the start, so that
 * each is in one. */
static bool read_regions(
	builder *b, GPtrArray **out, const GArray *steps, const GArray *atoms, GError **err)
{
	g_autoptr(GPtrArray) regions = regions_of_atoms(b, atoms);
	for (guint i = 0; i < steps->len; i++) {
		const patch_step *at = &g_array_index(steps, patch_step, i);
		g_auto(text_step) made = {0};
		if (!repo_diff_step(b->r, &made, &at->before.id, &at->after.id, err))
			return false;
		GPtrArray *next = next_regions(regions, made.hunks, i + 1);
		g_ptr_array_unref(regions);
		regions = next;
	}
	*out = g_steal_pointer(&regions);
	return true;
}

static bool is_in_region(const builder *b, const region *g, unsigned id)
{
	atom_gap at = atom_position(atom_get(b->l, id));
	const lines *base = region_at(g, 0);
	return base->first <= at.first && at.end <= base->end;
}

/* True when the atoms of a region (from *at on, of `atoms`) make of the base's lines what the tip
 * has there. The difference of base and tip may pair equal lines otherwise than the patches did. */
static bool region_fits(
	const builder *b, const region *g, const GArray *atoms, guint *at, guint versions)
{
	const lines *base = region_at(g, 0), *tip = region_at(g, versions);
	int shift = (int)tip->first - (int)base->first;
	guint before = *at;
	for (; *at < (atoms ? atoms->len : 0); ++*at) {
		unsigned id = g_array_index(atoms, unsigned, *at);
		const change_hunk *h = atom_get(b->l, id)->lines;
		if (!is_in_region(b, g, id))
			break;
		unsigned to = h->new_count ? h->new_start - 1 : h->new_start;
		if ((int)to != (int)atom_position(atom_get(b->l, id)).first + shift)
			return false;
		shift += (int)h->new_count - (int)h->old_count;
	}
	if (*at == before && g->touched->len < 2)
		return false;
	return g->touched->len && (int)base->end + shift == (int)tip->end;
}

static bool regions_fit(
	const builder *b, const GPtrArray *regions, const GArray *atoms, guint versions)
{
	guint at = 0;
	for (guint i = 0; i < regions->len; i++) {
		if (!region_fits(b, g_ptr_array_index(regions, i), atoms, &at, versions))
			return false;
	}
	return at == (atoms ? atoms->len : 0);
}

static void strand_of_region(builder *b, const char *path, const GArray *steps, const region *g)
{
	strand *s = add_strand(b, path, steps);
	s->gap = *region_at(g, 0);
	for (guint i = 0; i < g->touched->len; i++) {
		unsigned version = g_array_index(g->touched, unsigned, i);
		const patch_step *at = &g_array_index(steps, patch_step, version - 1);
		const lines *there = region_at(g, version);
		strand_version v = {at->patch, at->after, there->first, there->end};
		g_array_append_val(s->versions, v);
	}
}

static void use_regions(builder *b, const char *path, const GArray *steps, const GArray *atoms,
	const GPtrArray *regions)
{
	guint k = 0;
	for (guint i = 0; i < regions->len; i++) {
		const region *g = g_ptr_array_index(regions, i);
		bool several = g->touched->len > 1;
		if (several)
			strand_of_region(b, path, steps, g);
		for (; atoms && k < atoms->len; k++) {
			unsigned id = g_array_index(atoms, unsigned, k);
			if (!is_in_region(b, g, id))
				break;
			if (several)
				add_to_strand(b,
					g_ptr_array_index(b->h->strands, b->h->strands->len - 1),
					id);
			else
				b->h->patch_of[id] = g_array_index(steps, patch_step,
					g_array_index(g->touched, unsigned, 0) - 1)
							     .patch;
		}
	}
}

static bool read_path(builder *b, const char *path, const GArray *steps, GError **err)
{
	const GArray *atoms = atom_list_path(b->l, b->series, path);
	if (steps->len == 1) {
		for (guint i = 0; atoms && i < atoms->len; i++)
			b->h->patch_of[g_array_index(atoms, unsigned, i)] =
				g_array_index(steps, patch_step, 0).patch;
		return true;
	}
	if (is_text_throughout(b, steps, atoms)) {
		g_autoptr(GPtrArray) regions = NULL;
		if (!read_regions(b, &regions, steps, atoms, err)) {
			error_prefix(err, "%s", path);
			return false;
		}
		if (regions_fit(b, regions, atoms, steps->len)) {
			use_regions(b, path, steps, atoms, regions);
			return true;
		}
	}
	strand_of_path(b, path, steps, atoms);
	return true;
}

/* --- which strands can be laid version by version --- */

static bool is_plain(const atom *a)
{
	return a->fate == FATE_TAKE && !a->superseded;
}

/* Another series changes these lines, or, of a whole path, any. */
static bool is_crossed(const atom_list *l, const strand *s)
{
	for (unsigned i = 0; i < l->m->series->len; i++) {
		const GArray *others = i == s->series ? NULL : atom_list_path(l, i, s->path);
		for (guint k = 0; others && k < others->len; k++) {
			const atom *a = atom_get(l, g_array_index(others, unsigned, k));
			atom_gap gap = atom_position(a);
			if (!a->superseded && (s->whole_path || (gap.first < s->gap.end &&
									s->gap.first < gap.end)))
				return true;
		}
	}
	return false;
}

static void judge_strand(const atom_list *l, strand *s)
{
	s->separable = !is_crossed(l, s);
	for (guint i = 0; i < s->atoms->len && s->separable; i++)
		s->separable = is_plain(atom_get(l, g_array_index(s->atoms, unsigned, i)));
}

int strand_version_of(const strand *s, unsigned n)
{
	int found = -1;
	for (guint i = 0; i < s->versions->len; i++) {
		if (g_array_index(s->versions, strand_version, i).patch <= n)
			found = (int)i;
	}
	return found;
}

static bool read_series(builder *b, GError **err)
{
	g_autoptr(GHashTable) paths = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
	if (!collect_series(paths, g_ptr_array_index(b->l->m->series, b->series), b->r, err))
		return false;
	g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(paths), (GCompareFunc)strcmp);
	for (GList *n = names; n; n = n->next) {
		if (!read_path(b, n->data, g_hash_table_lookup(paths, n->data), err))
			return false;
	}
	return true;
}

bool history_new(history **out, const atom_list *l, repo *r, GError **err)
{
	g_autoptr(history) h = g_new0(history, 1);
	h->strands = g_ptr_array_new_with_free_func(strand_free);
	h->strand_of = g_new(int, l->all->len + 1);
	h->patch_of = g_new0(unsigned, l->all->len + 1);
	for (guint i = 0; i <= l->all->len; i++)
		h->strand_of[i] = -1;
	for (unsigned i = 0; i < l->m->series->len; i++) {
		builder b = {l, r, h, i};
		if (!read_series(&b, err))
			return false;
	}
	for (guint i = 0; i < h->strands->len; i++)
		judge_strand(l, g_ptr_array_index(h->strands, i));
	*out = g_steal_pointer(&h);
	return true;
}

void history_free(history *h)
{
	if (!h)
		return;
	g_ptr_array_unref(h->strands);
	g_free(h->strand_of);
	g_free(h->patch_of);
	g_free(h);
}
