/* The list of atoms, and which of them are equal. */
#include "plan/atom.h"

#include <string.h>

#include "base/text.h"

#define MODE_TYPE 0170000u
#define MODE_SUBMODULE 0160000u

bool change_is_whole(const file_change *change)
{
	return change->binary || !change->hunks->len || change->status == CHANGE_TYPE ||
	       (change->old_mode & MODE_TYPE) == MODE_SUBMODULE ||
	       (change->new_mode & MODE_TYPE) == MODE_SUBMODULE;
}

static void atom_free(gpointer data)
{
	atom *a = data;
	g_array_unref(a->findings);
	g_array_unref(a->open);
	g_array_unref(a->points);
	g_array_unref(a->cuts);
	g_free(a);
}

static void add_atom(atom_list *l, unsigned series_index, const file_change *change, unsigned n)
{
	atom *a = g_new0(atom, 1);
	a->id = l->all->len;
	a->series = series_index;
	a->change = change;
	a->hunk = n;
	a->lines = n ? &g_array_index(change->hunks, change_hunk, n - 1) : NULL;
	a->leader = a->ruling = -1;
	a->findings = g_array_new(FALSE, FALSE, sizeof(unsigned));
	a->open = g_array_new(FALSE, FALSE, sizeof(unsigned));
	a->points = g_array_new(FALSE, FALSE, sizeof(unsigned));
	a->cuts = g_array_new(FALSE, FALSE, sizeof(atom_gap));
	g_ptr_array_add(l->all, a);
	GHashTable *paths = g_ptr_array_index(l->paths, series_index);
	GArray *ids = g_hash_table_lookup(paths, change->path);
	if (!ids) {
		ids = g_array_new(FALSE, FALSE, sizeof(unsigned));
		g_hash_table_insert(paths, change->path, ids);
	}
	g_array_append_val(ids, a->id);
}

atom_list *atom_list_new(const mediation *m)
{
	atom_list *l = g_new0(atom_list, 1);
	l->m = m;
	l->all = g_ptr_array_new_with_free_func(atom_free);
	l->paths = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
	for (unsigned i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		g_ptr_array_add(l->paths, g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
						  (GDestroyNotify)g_array_unref));
		for (guint k = 0; s->changes && k < s->changes->len; k++) {
			const file_change *change = g_ptr_array_index(s->changes, k);
			if (!change->hunks->len)
				add_atom(l, i, change, 0);
			for (unsigned h = 1; h <= change->hunks->len; h++)
				add_atom(l, i, change, h);
		}
	}
	return l;
}

void atom_list_free(atom_list *l)
{
	if (!l)
		return;
	g_ptr_array_unref(l->all);
	g_ptr_array_unref(l->paths);
	g_free(l);
}

atom *atom_get(const atom_list *l, unsigned id)
{
	return g_ptr_array_index(l->all, id);
}

const GArray *atom_list_path(const atom_list *l, unsigned series_index, const char *path)
{
	return path ? g_hash_table_lookup(g_ptr_array_index(l->paths, series_index), path) : NULL;
}

atom_gap atom_position(const atom *a)
{
	if (!a->lines)
		return (atom_gap){0, 0};
	const change_hunk *h = a->lines;
	unsigned first = h->old_count ? h->old_start - 1 : h->old_start;
	return (atom_gap){first, first + h->old_count};
}

bool atoms_overlap(const atom *a, const atom *b)
{
	atom_gap ga = atom_position(a), gb = atom_position(b);
	return ga.first < gb.end && gb.first < ga.end;
}

static bool read_lines(repo *r, GBytes **text, span *lines, const atom *a, GError **err)
{
	if (!a->lines->new_count) {
		*lines = (span){"", 0};
		return true;
	}
	if (!repo_read_blob(r, text, &a->change->new_oid, err))
		return false;
	gsize len;
	const char *data = g_bytes_get_data(*text, &len);
	line_index ix;
	line_index_init(&ix, data ? data : "", len);
	size_t first = a->lines->new_start - 1, last = first + a->lines->new_count;
	bool inside = last <= ix.count;
	if (inside)
		*lines = (span){data + ix.start[first], ix.start[last] - ix.start[first]};
	line_index_clear(&ix);
	g_assert(inside); /* hunks come from the blobs themselves */
	return true;
}

static bool same_atom(bool *same, repo *r, const atom *a, const atom *b, GError **err)
{
	const file_change *ca = a->change, *cb = b->change;
	*same = false;
	if (ca->status != cb->status || ca->new_mode != cb->new_mode)
		return true;
	if (oid_equal(&ca->new_oid, &cb->new_oid)) {
		*same = a->hunk == b->hunk;
		return true;
	}
	if (change_is_whole(ca) || change_is_whole(cb) ||
		a->lines->old_start != b->lines->old_start ||
		a->lines->old_count != b->lines->old_count ||
		a->lines->new_count != b->lines->new_count)
		return true;
	g_autoptr(GBytes) text_a = NULL;
	g_autoptr(GBytes) text_b = NULL;
	span lines_a, lines_b;
	if (!read_lines(r, &text_a, &lines_a, a, err) || !read_lines(r, &text_b, &lines_b, b, err))
		return false;
	*same = lines_a.len == lines_b.len && !memcmp(lines_a.at, lines_b.at, lines_a.len);
	return true;
}

/* The first atom of the series before that equals `a`. */
static bool find_leader(atom_list *l, repo *r, atom *a, GError **err)
{
	for (unsigned i = 0; i < a->series; i++) {
		const GArray *ids = atom_list_path(l, i, a->change->path);
		for (guint k = 0; ids && k < ids->len; k++) {
			const atom *b = atom_get(l, g_array_index(ids, unsigned, k));
			bool same;
			if (!same_atom(&same, r, b, a, err))
				return false;
			if (!same)
				continue;
			a->leader = b->leader >= 0 ? b->leader : (int)b->id;
			return true;
		}
	}
	return true;
}

bool atoms_find_equal(atom_list *l, repo *r, GError **err)
{
	for (guint i = 0; i < l->all->len; i++) {
		if (!find_leader(l, r, g_ptr_array_index(l->all, i), err))
			return false;
	}
	return true;
}
