/* Laying atoms, and versions of strands, onto the base. All of them count in lines of the base, so
 * that a text is the base with each one's lines replaced in place: no offsets to carry. */
#include "plan/lay.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* --- text --- */

/* Lines of the base, and what stands in their place. */
typedef struct patch_lines {
	atom_gap gap;
	unsigned series;
	unsigned first, count; /* lines first+1..first+count of the text */
	const line_index *text;
} patch_lines;

static int compare_pieces(const void *va, const void *vb)
{
	const patch_lines *a = va, *b = vb;
	if (a->gap.first != b->gap.first)
		return a->gap.first < b->gap.first ? -1 : 1;
	if (a->gap.end != b->gap.end) /* what is added before a line comes before its replacement */
		return a->gap.end < b->gap.end ? -1 : 1;
	if (a->series != b->series)
		return a->series < b->series ? -1 : 1;
	return a->first < b->first ? -1 : a->first > b->first;
}

static void append_lines(GByteArray *out, const line_index *ix, size_t first, size_t end)
{
	end = MIN(end, ix->count);
	if (first < end)
		g_byte_array_append(out, (const guint8 *)ix->text + ix->start[first],
			(guint)(ix->start[end] - ix->start[first]));
}

static void append_new(GByteArray *out, const patch_lines *p)
{
	append_lines(out, p->text, p->first, p->first + p->count);
}

/* Lines first+1..end of the base as one series leaves them. */
static void append_version(GByteArray *out, const line_index *base, atom_gap hull,
	const patch_lines *pieces, guint n, unsigned series_index)
{
	unsigned at = hull.first;
	for (guint i = 0; i < n; i++) {
		if (pieces[i].series != series_index)
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
	GByteArray *out, const line_index *base, atom_gap hull, const patch_lines *pieces, guint n)
{
	guint before = out->len;
	unsigned last = 0;
	bool any = false;
	for (guint i = 0; i < n; i++)
		last = MAX(last, pieces[i].series);
	for (unsigned s = 0; s <= last; s++) {
		bool present = false;
		for (guint i = 0; i < n && !present; i++)
			present = pieces[i].series == s;
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
static guint overlapping(const patch_lines *pieces, guint n, atom_gap *hull)
{
	guint count = 1;
	*hull = pieces[0].gap;
	while (count < n && pieces[count].gap.first < hull->end) {
		hull->end = MAX(hull->end, pieces[count].gap.end);
		count++;
	}
	return count;
}

/* What is laid on a text: the lines of one series at one place. */
typedef struct laid_piece {
	atom_gap gap;
	unsigned series;
	unsigned first, count; /* as in patch_lines */
	GBytes *text;	       /* owned */
} laid_piece;

static void laid_piece_clear(gpointer data)
{
	g_bytes_unref(((laid_piece *)data)->text);
}

static GBytes *lay_pieces(GBytes *base, const GArray *laid)
{
	gsize len;
	const char *data = g_bytes_get_data(base, &len);
	line_index ix;
	line_index_init(&ix, data ? data : "", len);
	g_autofree line_index *indexes = g_new0(line_index, laid->len + 1);
	g_autofree patch_lines *pieces = g_new0(patch_lines, laid->len + 1);
	for (guint i = 0; i < laid->len; i++) {
		const laid_piece *p = &g_array_index(laid, laid_piece, i);
		gsize text_len;
		const char *text = g_bytes_get_data(p->text, &text_len);
		line_index_init(&indexes[i], text ? text : "", text_len);
		pieces[i] = (patch_lines){p->gap, p->series, p->first, p->count, &indexes[i]};
	}
	if (laid->len)
		qsort(pieces, laid->len, sizeof *pieces, compare_pieces);
	GByteArray *out = g_byte_array_new();
	unsigned at = 0;
	for (guint i = 0; i < laid->len;) {
		atom_gap hull;
		guint n = overlapping(pieces + i, laid->len - i, &hull);
		append_lines(out, &ix, at, hull.first);
		if (n == 1)
			append_new(out, &pieces[i]);
		else
			append_union(out, &ix, hull, pieces + i, n);
		at = hull.end;
		i += n;
	}
	append_lines(out, &ix, at, ix.count);
	for (guint i = 0; i < laid->len; i++)
		line_index_clear(&indexes[i]);
	line_index_clear(&ix);
	return g_byte_array_free_to_bytes(out);
}

static GArray *pieces_new(void)
{
	GArray *pieces = g_array_new(FALSE, FALSE, sizeof(laid_piece));
	g_array_set_clear_func(pieces, laid_piece_clear);
	return pieces;
}

/* `text` is taken. */
static void add_atom_piece(GArray *pieces, const atom *a, GBytes *text)
{
	const change_hunk *h = a->lines;
	unsigned first = h->new_count ? h->new_start - 1 : h->new_start;
	unsigned end = first + h->new_count;
	laid_piece p = {atom_position(a), a->series, first, h->new_count, text};
	if (!a->cuts || !a->cuts->len) {
		g_array_append_val(pieces, p);
		return;
	}
	while (p.first < end) {
		p.count = end - p.first;
		unsigned next = end;
		for (guint i = 0; i < a->cuts->len; i++) {
			const atom_gap *cut = &g_array_index(a->cuts, atom_gap, i);
			if (cut->end <= p.first || cut->first >= p.first + p.count)
				continue;
			p.count = cut->first > p.first ? cut->first - p.first : 0;
			next = cut->end;
		}
		if (p.count) {
			g_bytes_ref(text);
			g_array_append_val(pieces, p);
		}
		p.first = next;
	}
	g_bytes_unref(text);
}

GBytes *lay_text(GBytes *base, const GPtrArray *atoms, const GPtrArray *texts)
{
	g_autoptr(GArray) pieces = pieces_new();
	for (guint i = 0; i < atoms->len; i++)
		add_atom_piece(pieces, g_ptr_array_index(atoms, i),
			g_bytes_ref(g_ptr_array_index(texts, i)));
	return lay_pieces(base, pieces);
}

/* --- tree --- */

/* What a path got so far. */
typedef struct path_state {
	tree_entry base;	     /* mode 0: not there */
	GPtrArray *atoms;	     /* const atom * */
	GPtrArray *strands;	     /* const strand *: those between two of their versions */
	GArray *versions;	     /* const strand_version *: of each, the one that it is at */
	const strand_version *whole; /* all of the path, as a patch left it; NULL: not so */
} path_state;

struct layer {
	repo *r;
	tree_edit *edit;
	GHashTable *paths;   /* path -> path_state */
	GHashTable *changed; /* path: since the last write */
};

static void path_state_free(gpointer data)
{
	path_state *p = data;
	g_ptr_array_unref(p->atoms);
	g_ptr_array_unref(p->strands);
	g_array_unref(p->versions);
	g_free(p);
}

bool layer_new(layer **out, repo *r, const oid *base_tree, GError **err)
{
	tree_edit *edit;
	if (!tree_edit_new(&edit, r, base_tree, err))
		return false;
	layer *l = g_new0(layer, 1);
	l->r = r;
	l->edit = edit;
	l->paths = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, path_state_free);
	l->changed = g_hash_table_new(g_str_hash, g_str_equal);
	*out = l;
	return true;
}

void layer_free(layer *l)
{
	if (!l)
		return;
	tree_edit_free(l->edit);
	g_hash_table_unref(l->paths);
	g_hash_table_unref(l->changed);
	g_free(l);
}

static path_state *state_of(layer *l, char *path, const tree_entry *base)
{
	path_state *p = g_hash_table_lookup(l->paths, path);
	if (!p) {
		p = g_new0(path_state, 1);
		p->base = *base;
		p->atoms = g_ptr_array_new();
		p->strands = g_ptr_array_new();
		p->versions = g_array_new(FALSE, FALSE, sizeof(const strand_version *));
		g_hash_table_insert(l->paths, path, p);
	}
	g_hash_table_add(l->changed, path);
	return p;
}

void layer_add(layer *l, const atom *a)
{
	const tree_entry base = {a->change->old_oid, a->change->old_mode};
	g_ptr_array_add(state_of(l, a->change->path, &base)->atoms, (gpointer)a);
}

void layer_set_version(layer *l, const strand *s, guint version)
{
	path_state *p = state_of(l, s->path, &s->base);
	const strand_version *v = &g_array_index(s->versions, strand_version, version);
	bool last = version + 1 == s->versions->len;
	guint at;
	if (s->whole_path) {
		p->whole = last && s->atoms->len ? NULL : v;
		return;
	}
	bool known = g_ptr_array_find(p->strands, s, &at);
	if (last) {
		if (known) {
			g_ptr_array_remove_index(p->strands, at);
			g_array_remove_index(p->versions, at);
		}
	} else if (known) {
		g_array_index(p->versions, const strand_version *, at) = v;
	} else {
		g_ptr_array_add(p->strands, (gpointer)s);
		g_array_append_val(p->versions, v);
	}
}

/* The mode and existence that the atoms leave, and the last atom that replaces the whole path. */
static const atom *judge_atoms(laid_file *f, const path_state *p)
{
	const atom *whole = NULL;
	f->mode = p->base.mode;
	f->exists = !p->atoms->len && p->base.mode;
	for (guint i = 0; i < p->atoms->len; i++) {
		const atom *a = g_ptr_array_index(p->atoms, i);
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

static bool path_exists(const path_state *p)
{
	laid_file f;
	if (p->whole)
		return p->whole->file.mode != 0;
	judge_atoms(&f, p);
	return f.exists;
}

static bool read_text(repo *r, GBytes **out, const oid *blob, GError **err)
{
	if (!oid_is_zero(blob))
		return repo_read_blob(r, out, blob, err);
	*out = g_bytes_new_static("", 0);
	return true;
}

static bool collect_pieces(layer *l, GArray *pieces, const path_state *p, GError **err)
{
	for (guint i = 0; i < p->atoms->len; i++) {
		const atom *a = g_ptr_array_index(p->atoms, i);
		GBytes *text;
		if (!a->lines)
			continue;
		if (!read_text(l->r, &text, &a->change->new_oid, err))
			return false;
		add_atom_piece(pieces, a, text);
	}
	for (guint i = 0; i < p->strands->len; i++) {
		const strand *s = g_ptr_array_index(p->strands, i);
		const strand_version *v = g_array_index(p->versions, const strand_version *, i);
		laid_piece piece = {s->gap, s->series, v->first, v->last - v->first, NULL};
		if (!read_text(l->r, &piece.text, &v->file.id, err))
			return false;
		g_array_append_val(pieces, piece);
	}
	return true;
}

static bool lay_blob(layer *l, oid *blob, const path_state *p, GError **err)
{
	g_autoptr(GArray) pieces = pieces_new();
	if (!collect_pieces(l, pieces, p, err))
		return false;
	if (!pieces->len) { /* only the mode, an empty file, or all is as in the base again */
		const atom *first = p->atoms->len ? g_ptr_array_index(p->atoms, 0) : NULL;
		*blob = first && first->change->status == CHANGE_ADDED ? first->change->new_oid
								       : p->base.id;
		return true;
	}
	g_autoptr(GBytes) base = NULL;
	if (!read_text(l->r, &base, &p->base.id, err))
		return false;
	g_autoptr(GBytes) text = lay_pieces(base, pieces);
	gsize len;
	const void *data = g_bytes_get_data(text, &len);
	return repo_write_blob(l->r, blob, data ? data : "", len, err);
}

static bool lay_path(layer *l, const char *path, GError **err)
{
	const path_state *p = g_hash_table_lookup(l->paths, path);
	laid_file f = {0};
	tree_entry entry;
	if (!path_exists(p))
		return !tree_edit_lookup(l->edit, path, &entry, NULL) ||
		       tree_edit_remove(l->edit, path, err);
	if (p->whole)
		return tree_edit_set(l->edit, path, &p->whole->file.id, p->whole->file.mode, err);
	const atom *whole = judge_atoms(&f, p);
	if (whole)
		f.blob = whole->change->new_oid;
	else if (!lay_blob(l, &f.blob, p, err))
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
		if (path_exists(g_hash_table_lookup(l->paths, p->data)) != removals &&
			!lay_path(l, p->data, err)) {
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
