/* Laying atoms onto the base. All atoms count in lines of the base, so that a text is the base with
 * each atom's lines replaced in place: no offsets to carry. */
#include "plan/lay.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* --- text --- */

/* An atom with the text that its new lines come from. */
typedef struct piece {
	const atom *a;
	atom_gap gap;
	const line_index *text;
} piece;

static int compare_pieces(const void *va, const void *vb)
{
	const piece *a = va, *b = vb;
	if (a->gap.first != b->gap.first)
		return a->gap.first < b->gap.first ? -1 : 1;
	if (a->gap.end != b->gap.end) /* what is added before a line comes before its replacement */
		return a->gap.end < b->gap.end ? -1 : 1;
	if (a->a->series != b->a->series)
		return a->a->series < b->a->series ? -1 : 1;
	return a->a->hunk < b->a->hunk ? -1 : a->a->hunk > b->a->hunk;
}

static void append_lines(GByteArray *out, const line_index *ix, size_t first, size_t end)
{
	end = MIN(end, ix->count);
	if (first < end)
		g_byte_array_append(out, (const guint8 *)ix->text + ix->start[first],
			(guint)(ix->start[end] - ix->start[first]));
}

static void append_new(GByteArray *out, const piece *p)
{
	const change_hunk *h = p->a->lines;
	if (h->new_count)
		append_lines(out, p->text, h->new_start - 1, h->new_start - 1 + h->new_count);
}

/* Lines first+1..end of the base as one series leaves them. */
static void append_version(GByteArray *out, const line_index *base, atom_gap hull,
	const piece *pieces, guint n, unsigned series_index)
{
	unsigned at = hull.first;
	for (guint i = 0; i < n; i++) {
		if (pieces[i].a->series != series_index)
			continue;
		append_lines(out, base, at, pieces[i].gap.first);
		append_new(out, &pieces[i]);
		at = pieces[i].gap.end;
	}
	append_lines(out, base, at, hull.end);
}

static bool contains_bytes(const GByteArray *whole, guint from, const GByteArray *part)
{
	return whole->len - from == part->len && !memcmp(whole->data + from, part->data, part->len);
}

/* Pieces of several series that replace the same lines: each version once. */
static void append_union(
	GByteArray *out, const line_index *base, atom_gap hull, const piece *pieces, guint n)
{
	guint before = out->len;
	unsigned last = 0;
	bool any = false;
	for (guint i = 0; i < n; i++)
		last = MAX(last, pieces[i].a->series);
	for (unsigned s = 0; s <= last; s++) {
		bool present = false;
		for (guint i = 0; i < n && !present; i++)
			present = pieces[i].a->series == s;
		if (!present)
			continue;
		g_autoptr(GByteArray) version = g_byte_array_new();
		append_version(version, base, hull, pieces, n, s);
		if (!any || !contains_bytes(out, before, version))
			g_byte_array_append(out, version->data, version->len);
		any = true;
	}
}

/* How many pieces from the first on replace common lines; *hull is what they span. */
static guint overlapping(const piece *pieces, guint n, atom_gap *hull)
{
	guint count = 1;
	*hull = pieces[0].gap;
	while (count < n && pieces[count].gap.first < hull->end) {
		hull->end = MAX(hull->end, pieces[count].gap.end);
		count++;
	}
	return count;
}

GBytes *lay_text(GBytes *base, const GPtrArray *atoms, const GPtrArray *texts)
{
	gsize len;
	const char *data = g_bytes_get_data(base, &len);
	line_index ix;
	line_index_init(&ix, data ? data : "", len);
	g_autofree line_index *indexes = g_new0(line_index, atoms->len + 1);
	g_autofree piece *pieces = g_new0(piece, atoms->len + 1);
	for (guint i = 0; i < atoms->len; i++) {
		gsize text_len;
		const char *text = g_bytes_get_data(g_ptr_array_index(texts, i), &text_len);
		line_index_init(&indexes[i], text ? text : "", text_len);
		const atom *a = g_ptr_array_index(atoms, i);
		pieces[i] = (piece){a, atom_position(a), &indexes[i]};
	}
	if (atoms->len)
		qsort(pieces, atoms->len, sizeof *pieces, compare_pieces);
	GByteArray *out = g_byte_array_new();
	unsigned at = 0;
	for (guint i = 0; i < atoms->len;) {
		atom_gap hull;
		guint n = overlapping(pieces + i, atoms->len - i, &hull);
		append_lines(out, &ix, at, hull.first);
		if (n == 1)
			append_new(out, &pieces[i]);
		else
			append_union(out, &ix, hull, pieces + i, n);
		at = hull.end;
		i += n;
	}
	append_lines(out, &ix, at, ix.count);
	for (guint i = 0; i < atoms->len; i++)
		line_index_clear(&indexes[i]);
	line_index_clear(&ix);
	return g_byte_array_free_to_bytes(out);
}

/* --- tree --- */

struct layer {
	repo *r;
	tree_edit *edit;
	oid base_tree;
	GHashTable *atoms;   /* path -> GPtrArray of const atom * so far */
	GHashTable *changed; /* path: since the last write */
};

bool layer_new(layer **out, repo *r, const oid *base_tree, GError **err)
{
	tree_edit *edit;
	if (!tree_edit_new(&edit, r, base_tree, err))
		return false;
	layer *l = g_new0(layer, 1);
	l->r = r;
	l->edit = edit;
	l->base_tree = *base_tree;
	l->atoms = g_hash_table_new_full(
		g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
	l->changed = g_hash_table_new(g_str_hash, g_str_equal);
	*out = l;
	return true;
}

void layer_free(layer *l)
{
	if (!l)
		return;
	tree_edit_free(l->edit);
	g_hash_table_unref(l->atoms);
	g_hash_table_unref(l->changed);
	g_free(l);
}

void layer_add(layer *l, const atom *a)
{
	GPtrArray *atoms = g_hash_table_lookup(l->atoms, a->change->path);
	if (!atoms) {
		atoms = g_ptr_array_new();
		g_hash_table_insert(l->atoms, a->change->path, atoms);
	}
	g_ptr_array_add(atoms, (gpointer)a);
	g_hash_table_add(l->changed, a->change->path);
}

/* The mode and existence that the atoms leave, and the last atom that replaces the whole path. */
static const atom *judge_file(laid_file *f, const GPtrArray *atoms)
{
	const atom *whole = NULL;
	const file_change *first = ((const atom *)g_ptr_array_index(atoms, 0))->change;
	f->mode = first->old_mode;
	f->exists = false;
	for (guint i = 0; i < atoms->len; i++) {
		const atom *a = g_ptr_array_index(atoms, i);
		const file_change *c = a->change;
		if (c->status == CHANGE_DELETED)
			continue;
		f->exists = true;
		/* the mode comes with the first hunk */
		if (a->hunk <= 1 && c->new_mode != c->old_mode)
			f->mode = c->new_mode;
		if (change_is_whole(c) && !oid_equal(&c->old_oid, &c->new_oid))
			whole = a;
	}
	return whole;
}

static bool read_text(repo *r, GBytes **out, const oid *blob, GError **err)
{
	if (!oid_is_zero(blob))
		return repo_read_blob(r, out, blob, err);
	*out = g_bytes_new_static("", 0);
	return true;
}

static bool lay_blob(layer *l, oid *blob, const GPtrArray *atoms, GError **err)
{
	g_autoptr(GPtrArray) textual = g_ptr_array_new();
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	const file_change *first = ((const atom *)g_ptr_array_index(atoms, 0))->change;
	for (guint i = 0; i < atoms->len; i++) {
		atom *a = g_ptr_array_index(atoms, i);
		GBytes *text;
		if (!a->lines)
			continue;
		if (!read_text(l->r, &text, &a->change->new_oid, err))
			return false;
		g_ptr_array_add(textual, a);
		g_ptr_array_add(texts, text);
	}
	if (!textual->len) { /* only the mode, or an empty file */
		*blob = first->status == CHANGE_ADDED ? first->new_oid : first->old_oid;
		return true;
	}
	g_autoptr(GBytes) base = NULL;
	if (!read_text(l->r, &base, &first->old_oid, err))
		return false;
	g_autoptr(GBytes) text = lay_text(base, textual, texts);
	gsize len;
	const void *data = g_bytes_get_data(text, &len);
	return repo_write_blob(l->r, blob, data ? data : "", len, err);
}

static bool lay_path(layer *l, const char *path, GError **err)
{
	const GPtrArray *atoms = g_hash_table_lookup(l->atoms, path);
	laid_file f;
	const atom *whole = judge_file(&f, atoms);
	tree_entry entry;
	if (!f.exists)
		return !tree_edit_lookup(l->edit, path, &entry, NULL) ||
		       tree_edit_remove(l->edit, path, err);
	if (whole)
		f.blob = whole->change->new_oid;
	else if (!lay_blob(l, &f.blob, atoms, err))
		return false;
	return tree_edit_set(l->edit, path, &f.blob, f.mode, err);
}

static gint compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

/* Deletions first: a directory may take the place of a file. */
static bool lay_changed(layer *l, GList *paths, bool removals, GError **err)
{
	for (GList *p = paths; p; p = p->next) {
		laid_file f;
		judge_file(&f, g_hash_table_lookup(l->atoms, p->data));
		if (f.exists != removals && !lay_path(l, p->data, err)) {
			error_prefix(err, "%s", (const char *)p->data);
			return false;
		}
	}
	return true;
}

bool layer_write(layer *l, oid *tree, GError **err)
{
	g_autoptr(GList) paths = g_list_sort(g_hash_table_get_keys(l->changed), compare_paths);
	if (!lay_changed(l, paths, true, err) || !lay_changed(l, paths, false, err))
		return false;
	g_hash_table_remove_all(l->changed);
	return tree_edit_write(l->edit, tree, err);
}
