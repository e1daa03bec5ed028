/* patch.equivalent: what two series both bring: patches of equal stable patch id, and equal hunks
 * of patches that otherwise differ. */
#include "conflict/check.h"

#include <string.h>

/* Patches of one series that another has too: their n, as keys. */
typedef struct twins {
	GHashTable *a, *b;
} twins;

static void add_commit_places(conflict_context *c, finding *f, unsigned series_index, unsigned n)
{
	const series *s = context_series(c, series_index);
	for (guint i = 0; s->changes && i < s->changes->len; i++) {
		const file_change *change = g_ptr_array_index(s->changes, i);
		for (guint k = 0; k < change->hunks->len; k++) {
			const change_hunk *h = &g_array_index(change->hunks, change_hunk, k);
			if (hunk_patch(h) == n)
				finding_add_hunk(c, f, series_index, change, h);
		}
	}
}

static void report_patch(
	conflict_context *c, series_pair p, const series_commit *a, const series_commit *b)
{
	const series *sa = context_series(c, p.a), *sb = context_series(c, p.b);
	const char *keys[] = {a->patch_id, NULL};
	finding *f = context_add_pair(c, "patch.equivalent", SEVERITY_NOTE, p, keys);
	finding_set_title(f, "%s: the same patch in %s and %s", a->subject, sa->name, sb->name);
	f->explanation = g_strdup_printf("Patch %u of %s and patch %u of %s (%s) have the same "
					 "stable patch id: the same change, "
					 "whatever their messages and line numbers.",
		a->n, sa->name, b->n, sb->name, b->subject);
	f->suggestion = g_strdup("Take it once, first, so that both series stand on it. The plan "
				 "does so.");
	add_commit_places(c, f, p.a, a->n);
	add_commit_places(c, f, p.b, b->n);
}

static void find_twins(conflict_context *c, series_pair p, twins *found)
{
	const series *sa = context_series(c, p.a), *sb = context_series(c, p.b);
	g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < sa->commits->len; i++) {
		series_commit *a = g_ptr_array_index(sa->commits, i);
		if (a->patch_id && !g_hash_table_contains(by_id, a->patch_id))
			g_hash_table_insert(by_id, a->patch_id, a);
	}
	for (guint i = 0; i < sb->commits->len; i++) {
		const series_commit *b = g_ptr_array_index(sb->commits, i);
		const series_commit *a =
			b->patch_id ? g_hash_table_lookup(by_id, b->patch_id) : NULL;
		if (!a)
			continue;
		g_hash_table_add(found->a, GUINT_TO_POINTER(a->n));
		g_hash_table_add(found->b, GUINT_TO_POINTER(b->n));
		report_patch(c, p, a, b);
	}
}

/* A hunk that an equal patch explains needs no finding of its own. */
static bool is_explained(const twins *t, const change_hunk *a, const change_hunk *b)
{
	return g_hash_table_contains(t->a, GUINT_TO_POINTER(hunk_patch(a))) &&
	       g_hash_table_contains(t->b, GUINT_TO_POINTER(hunk_patch(b)));
}

static finding *new_hunk_finding(conflict_context *c, series_pair p, const char *path)
{
	const series *sa = context_series(c, p.a), *sb = context_series(c, p.b);
	const char *keys[] = {path, "hunks", NULL};
	finding *f = context_add_pair(c, "patch.equivalent", SEVERITY_NOTE, p, keys);
	finding_set_title(f, "%s: the same lines in %s and %s", path, sa->name, sb->name);
	f->suggestion = g_strdup("Take these lines once. The plan does so.");
	return f;
}

static bool is_same_file(const file_change *a, const file_change *b)
{
	return a->status != CHANGE_DELETED && a->status == b->status &&
	       a->new_mode == b->new_mode && oid_equal(&a->new_oid, &b->new_oid);
}

static bool compare_files(conflict_context *c, series_pair p, const file_change *a,
	const file_change *b, const twins *t, GError **err)
{
	finding *f = NULL;
	unsigned equal = 0;
	if (is_same_file(a, b) && !a->hunks->len) { /* binary, mode, empty */
		f = new_hunk_finding(c, p, a->path);
		finding_add_place(f, (int)p.a, AT_TIP, &a->new_oid, a->path, 0, 0, NULL, 0);
		finding_add_place(f, (int)p.b, AT_TIP, &b->new_oid, b->path, 0, 0, NULL, 0);
		f->explanation = g_strdup_printf("Both series leave %s the same.", a->path);
		return true;
	}
	for (guint i = 0, j = 0; i < a->hunks->len && j < b->hunks->len;) {
		const change_hunk *ha = &g_array_index(a->hunks, change_hunk, i);
		const change_hunk *hb = &g_array_index(b->hunks, change_hunk, j);
		bool same;
		if (!context_same_hunk(c, &same, a, ha, b, hb, err))
			return false;
		if (same && !is_explained(t, ha, hb)) {
			if (!f)
				f = new_hunk_finding(c, p, a->path);
			finding_add_hunk(c, f, p.a, a, ha);
			finding_add_hunk(c, f, p.b, b, hb);
			equal++;
		}
		gap ga = hunk_gap(ha), gb = hunk_gap(hb);
		bool a_first = ga.first < gb.first || (ga.first == gb.first && ga.end <= gb.end);
		i += same || a_first;
		j += same || !a_first;
	}
	if (f)
		f->explanation = g_strdup_printf("%u hunk%s of %s take%s away the same lines and "
						 "put the same in their place in "
						 "both series; the rest of their patches differs.",
			equal, equal > 1 ? "s" : "", a->path, equal > 1 ? "" : "s");
	return true;
}

static bool pair(conflict_context *c, series_pair p, GError **err)
{
	const series *sa = context_series(c, p.a), *sb = context_series(c, p.b);
	g_autoptr(GHashTable) a_twins = g_hash_table_new(NULL, NULL);
	g_autoptr(GHashTable) b_twins = g_hash_table_new(NULL, NULL);
	twins t = {a_twins, b_twins};
	find_twins(c, p, &t);
	for (guint i = 0; sa->changes && i < sa->changes->len; i++) {
		const file_change *a = g_ptr_array_index(sa->changes, i);
		const file_change *b = series_change(sb, a->path);
		if (b && !compare_files(c, p, a, b, &t, err))
			return false;
	}
	return true;
}

const conflict_check check_equivalent = {.name = "patch.equivalent", .pair = pair};
