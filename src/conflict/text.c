/* text.conflict: paths that git's merge of two tips cannot merge, with the lines of each side.
 * text.adjacent: changes that merge cleanly but stand so near that one was written without the
 * other in sight. */
#include "conflict/check.h"

#include <string.h>

/* Lines of context that git shows around a hunk: within them, a reviewer of one patch sees the
 * lines that the other patch changes. */
#define NEAR_LINES 3u
/* Places told one by one in the explanation; the locations name all. */
#define PLACES_TOLD 4u

/* Hunks a[a_first..a_last] and b[b_first..b_last] (inclusive) of one path, a place. */
typedef struct cluster {
	guint a_first, a_last, b_first, b_last;
	unsigned distance; /* the least between a hunk of each side */
	bool same;	   /* both sides do the same */
} cluster;

static const change_hunk *hunk_at(const file_change *change, guint i)
{
	return &g_array_index(change->hunks, change_hunk, i);
}

static bool judge_cluster(
	conflict_context *c, cluster *k, const file_change *a, const file_change *b, GError **err)
{
	k->same = false;
	if (k->a_last - k->a_first != k->b_last - k->b_first)
		return true;
	k->same = true;
	for (guint i = 0; k->same && i <= k->a_last - k->a_first; i++) {
		if (!context_same_hunk(c, &k->same, a, hunk_at(a, k->a_first + i), b,
			    hunk_at(b, k->b_first + i), err))
			return false;
	}
	return true;
}

/* Appends the places where hunks of both sides come within `reach` lines of each other. */
static bool find_clusters(conflict_context *c, GArray *out, const file_change *a,
	const file_change *b, unsigned reach, GError **err)
{
	guint i = 0, j = 0;
	while (i < a->hunks->len && j < b->hunks->len) {
		unsigned distance = hunk_distance(hunk_at(a, i), hunk_at(b, j));
		if (distance > reach) {
			if (hunk_gap(hunk_at(a, i)).end < hunk_gap(hunk_at(b, j)).first)
				i++;
			else
				j++;
			continue;
		}
		cluster k = {i, i, j, j, distance, false};
		for (bool grown = true; grown;) {
			grown = false;
			if (k.a_last + 1 < a->hunks->len &&
				hunk_distance(hunk_at(a, k.a_last + 1), hunk_at(b, k.b_last)) <=
					reach) {
				k.a_last++;
				grown = true;
			} else if (k.b_last + 1 < b->hunks->len &&
				   hunk_distance(hunk_at(a, k.a_last), hunk_at(b, k.b_last + 1)) <=
					   reach) {
				k.b_last++;
				grown = true;
			}
			k.distance = MIN(k.distance,
				hunk_distance(hunk_at(a, k.a_last), hunk_at(b, k.b_last)));
		}
		if (!judge_cluster(c, &k, a, b, err))
			return false;
		g_array_append_val(out, k);
		i = k.a_last + 1;
		j = k.b_last + 1;
	}
	return true;
}

static void add_side(conflict_context *c, finding *f, unsigned series_index,
	const file_change *change, guint first, guint last)
{
	for (guint i = first; i <= last; i++)
		finding_add_hunk(c, f, series_index, change, hunk_at(change, i));
}

/* "line 273", "lines 40-44" */
static void tell_lines(GString *text, const change_hunk *h)
{
	if (h->old_count == 1)
		g_string_append_printf(text, "line %u", h->old_start);
	else
		g_string_append_printf(
			text, "lines %u-%u", h->old_start, h->old_start + h->old_count - 1);
}

/* "NAME's patch 7 (subject) replaces lines 56-58 of the base by 6" */
static void tell_hunk(
	GString *text, const conflict_context *c, unsigned series_index, const change_hunk *h)
{
	g_autofree char *patch_name = context_patch_name(c, series_index, hunk_patch(h));
	g_string_append_printf(text, "%s's %s ", context_series(c, series_index)->name, patch_name);
	if (!h->old_count) {
		g_string_append_printf(text, "adds %u line%s after line %u of the base",
			h->new_count, h->new_count == 1 ? "" : "s", h->old_start);
		return;
	}
	g_string_append(text, h->new_count ? "replaces " : "deletes ");
	tell_lines(text, h);
	g_string_append(text, " of the base");
	if (h->new_count && (h->new_count != 1 || h->old_count != 1))
		g_string_append_printf(text, " by %u", h->new_count);
}

static void tell_side(GString *text, const conflict_context *c, unsigned series_index,
	const file_change *change, guint first, guint last)
{
	tell_hunk(text, c, series_index, hunk_at(change, first));
	if (last > first)
		g_string_append_printf(text, " and %u more near by", last - first);
}

static void tell_cluster(GString *text, const conflict_context *c, series_pair p,
	const file_change *a, const file_change *b, const cluster *k)
{
	const change_hunk *h = hunk_at(a, k->a_first);
	const char *symbol = context_symbol(c, p.a, AT_BASE, a->path, MAX(h->old_start, 1));
	g_string_append_printf(text, "\n- %s%s", symbol ? symbol : "", symbol ? ": " : "");
	tell_side(text, c, p.a, a, k->a_first, k->a_last);
	g_string_append(text, "; ");
	tell_side(text, c, p.b, b, k->b_first, k->b_last);
	g_string_append(text, ".");
}

/* Appends the places wanted and their story; returns how many there are. */
static unsigned tell_clusters(conflict_context *c, finding *f, GString *text, series_pair p,
	const file_change *a, const file_change *b, GArray *clusters, bool wanted(const cluster *k))
{
	unsigned told = 0;
	for (guint i = 0; i < clusters->len; i++) {
		const cluster *k = &g_array_index(clusters, cluster, i);
		if (!wanted(k))
			continue;
		add_side(c, f, p.a, a, k->a_first, k->a_last);
		add_side(c, f, p.b, b, k->b_first, k->b_last);
		if (told++ < PLACES_TOLD)
			tell_cluster(text, c, p, a, b, k);
	}
	if (told > PLACES_TOLD)
		g_string_append_printf(text, "\n- and %u places more.", told - PLACES_TOLD);
	return told;
}

static bool differs(const cluster *k)
{
	return !k->same;
}

static bool touches(const cluster *k)
{
	return !k->same && k->distance == 0;
}

static const char *side_story(const file_change *change)
{
	if (!change)
		return "leaves it or moves another file there";
	switch (change->status) {
	case CHANGE_ADDED:
		return "adds it";
	case CHANGE_DELETED:
		return "deletes it";
	case CHANGE_TYPE:
		return "makes it another type of file";
	case CHANGE_MODIFIED:
		return change->binary	    ? "changes its binary content"
		       : change->hunks->len ? "changes its text"
					    : "changes its mode";
	}
	g_assert_not_reached();
}

static void tell_whole(conflict_context *c, finding *f, GString *text, series_pair p,
	const file_change *a, const file_change *b)
{
	const file_change *sides[] = {a, b};
	const unsigned index[] = {p.a, p.b};
	for (int i = 0; i < 2; i++) {
		const file_change *side = sides[i];
		g_string_append_printf(
			text, " %s %s.", context_series(c, index[i])->name, side_story(side));
		if (!side)
			continue;
		bool gone = side->status == CHANGE_DELETED;
		finding_add_place(f, (int)index[i], gone ? AT_BASE : AT_TIP,
			gone ? &side->old_oid : &side->new_oid, side->path, 0, 0, NULL, 0);
	}
}

/* True when a side takes lines of the base away where they meet. */
static bool takes_away(const file_change *a, const file_change *b, const GArray *clusters,
	bool wanted(const cluster *k))
{
	for (guint i = 0; i < clusters->len; i++) {
		const cluster *k = &g_array_index(clusters, cluster, i);
		bool gone = false;
		for (guint h = k->a_first; h <= k->a_last; h++)
			gone |= hunk_at(a, h)->old_count > 0;
		for (guint h = k->b_first; h <= k->b_last; h++)
			gone |= hunk_at(b, h)->old_count > 0;
		if (wanted(k) && gone)
			return true;
	}
	return false;
}

/* True when both sides put other lines in the place of the same ones. */
static bool rewrites_both(const file_change *a, const file_change *b, const GArray *clusters)
{
	for (guint i = 0; i < clusters->len; i++) {
		const cluster *k = &g_array_index(clusters, cluster, i);
		for (guint x = k->a_first; touches(k) && x <= k->a_last; x++) {
			for (guint y = k->b_first; y <= k->b_last; y++) {
				const change_hunk *h = hunk_at(a, x), *g = hunk_at(b, y);
				if (h->new_count && g->new_count && h->old_count && g->old_count &&
					h->old_start < g->old_start + g->old_count &&
					g->old_start < h->old_start + h->old_count)
					return true;
			}
		}
	}
	return false;
}

/* What to do, by what the sides do where they meet. The caller's. */
static char *suggestion(const finding *f, const series *sa, const series *sb, const file_change *a,
	const file_change *b, const GArray *clusters)
{
	bool added = a && b && a->status == CHANGE_ADDED && b->status == CHANGE_ADDED;
	bool whole = f->locations->len && !((location *)g_ptr_array_index(f->locations, 0))->line;
	if (added)
		return g_strdup_printf(
			"Two files, one name. Different things: one series gives its file another "
			"name. The same thing: `truce decide ID --take %s` or --take %s, and the "
			"other's callers use that one.",
			sa->name, sb->name);
	if (whole)
		return g_strdup_printf(
			"One of the two has to yield: `truce decide ID --take %s` or "
			"--take %s.",
			sa->name, sb->name);
	const char *anew = finding_has_code(f)
				   ? ", or write it behind the common interface (--interface)"
				   : "";
	if (rewrites_both(a, b, clusters))
		return g_strdup_printf(
			"Both rewrite the same lines (`truce show ID`): make one version of the "
			"two by hand%s. `truce decide ID --take %s` or --take %s says whose lines "
			"stand meanwhile; --both would put one version below the other.",
			anew, sa->name, sb->name);
	if (takes_away(a, b, clusters, touches))
		return g_strdup_printf(
			"One side rewrites lines that the other counts on (`truce show ID`): take "
			"the rewriting side and carry the other's change to where the code went"
			"%s. `truce decide ID --take %s` or --take %s says whose lines stand "
			"meanwhile.",
			anew, sa->name, sb->name);
	return g_strdup_printf(
		"Both only add here (`truce show ID`). If both belong there, one after the other: "
		"`truce decide ID --both`. If one makes the other needless: --take %s or --take "
		"%s.",
		sa->name, sb->name);
}

static bool report_conflict(conflict_context *c, series_pair p, const char *path, GError **err)
{
	const series *sa = context_series(c, p.a), *sb = context_series(c, p.b);
	const file_change *a = series_change(sa, path), *b = series_change(sb, path);
	const char *keys[] = {path, NULL};
	finding *f = context_add_pair(c, "text.conflict", SEVERITY_ERROR, p, keys);
	finding_set_title(f, "%s: %s and %s do not merge", path, sa->name, sb->name);
	g_autoptr(GArray) clusters = g_array_new(FALSE, FALSE, sizeof(cluster));
	bool lines = a && b && a->status == CHANGE_MODIFIED && b->status == CHANGE_MODIFIED;
	if (lines && !find_clusters(c, clusters, a, b, 0, err))
		return false;
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_printf(text, "Both series change %s, and git cannot merge the two.", path);
	unsigned places = tell_clusters(c, f, text, p, a, b, clusters, touches);
	if (!places)
		tell_whole(c, f, text, p, a, b);
	f->explanation = g_strdup(text->str);
	f->suggestion = suggestion(f, sa, sb, a, b, clusters);
	context_mark_clash(c, p, path);
	return true;
}

static bool report_adjacent(conflict_context *c, series_pair p, const file_change *a,
	const file_change *b, GError **err)
{
	g_autoptr(GArray) clusters = g_array_new(FALSE, FALSE, sizeof(cluster));
	if (!find_clusters(c, clusters, a, b, NEAR_LINES, err))
		return false;
	bool any = false;
	for (guint i = 0; i < clusters->len && !any; i++)
		any = differs(&g_array_index(clusters, cluster, i));
	if (!any)
		return true;
	const series *sa = context_series(c, p.a), *sb = context_series(c, p.b);
	const char *keys[] = {a->path, NULL};
	finding *f = context_add_pair(c, "text.adjacent", SEVERITY_NOTE, p, keys);
	finding_set_title(
		f, "%s: %s and %s change neighbouring lines", a->path, sa->name, sb->name);
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_printf(text,
		"git merges %s without a conflict, but neither author saw the other's lines:",
		a->path);
	tell_clusters(c, f, text, p, a, b, clusters, differs);
	f->explanation = g_strdup(text->str);
	f->suggestion = g_strdup("Read the merged lines once. If each stands without the other, "
				 "dismiss this: `truce decide ID --dismiss`.");
	return true;
}

/* Both modify the text of the path, in place. */
static bool edits_both(const file_change *a, const file_change *b)
{
	return b && a->status == CHANGE_MODIFIED && b->status == CHANGE_MODIFIED && a->hunks->len &&
	       b->hunks->len;
}

static bool pair(conflict_context *c, series_pair p, GError **err)
{
	const series *sa = context_series(c, p.a), *sb = context_series(c, p.b);
	oid merged;
	g_autoptr(GPtrArray) conflicts = NULL;
	if (!repo_merge(c->repo, &merged, &conflicts, &c->m->base_tree, &sa->tip_tree,
		    &sb->tip_tree, err))
		return false;
	for (guint i = 0; i < conflicts->len; i++) {
		const merge_conflict *conflict = g_ptr_array_index(conflicts, i);
		if (!report_conflict(c, p, conflict->path, err))
			return false;
	}
	for (guint i = 0; sa->changes && i < sa->changes->len; i++) {
		const file_change *a = g_ptr_array_index(sa->changes, i);
		const file_change *b = series_change(sb, a->path);
		if (edits_both(a, b) && !context_is_clash(c, p, a->path) &&
			!report_adjacent(c, p, a, b, err))
			return false;
	}
	return true;
}

const conflict_check check_text = {.name = "text.conflict", .pair = pair};
