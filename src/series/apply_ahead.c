/* Reading and comparing ahead of the applier. */
#include "series/apply_ahead.h"

#include <string.h>

/* Bytes kept of files in the base that several patches change, for the difference from base to tip.
 */
#define AHEAD_BASE_BYTES ((size_t)12 << 20)

/* A path that the patches name. */
typedef struct track {
	guint left;	   /* patches that name it and are still to come */
	bool begun;	   /* the first of several is done */
	oid base;	   /* the blob before the first of them; zero for none */
	bool has_base;	   /* base_text is its content; false when there was no room */
	GBytes *base_text; /* NULL for none */
} track;

struct ahead {
	repo *r;
	bool compare;
	GHashTable *tracks; /* char *, borrowed from the patches -> track * */
	size_t kept;	    /* bytes in base_text */
};

static void track_free(gpointer data)
{
	track *t = data;
	g_clear_pointer(&t->base_text, g_bytes_unref);
	g_free(t);
}

static bool is_blob(unsigned mode)
{
	return mode && mode != 0040000 && mode != 0160000;
}

/* True when the path is new. */
static bool count_path(ahead *a, const char *path)
{
	track *t = g_hash_table_lookup(a->tracks, path);
	bool is_new = !t;
	if (is_new) {
		t = g_new0(track, 1);
		g_hash_table_insert(a->tracks, (gpointer)path, t);
	}
	t->left++;
	return is_new;
}

ahead *ahead_new(repo *r, tree_edit *edit, const patch_list *patches, bool compare)
{
	ahead *a = g_new0(ahead, 1);
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(oid));
	a->r = r;
	a->compare = compare;
	a->tracks = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, track_free);
	for (guint i = 0; i < patches->patches->len; i++) {
		const patch *p = g_ptr_array_index(patches->patches, i);
		for (guint k = 0; p->kind == PATCH_DIFF && k < p->files->len; k++) {
			const patch_file *f = g_ptr_array_index(p->files, k);
			tree_entry entry;
			if (f->old_path && count_path(a, f->old_path) &&
				tree_edit_lookup(edit, f->old_path, &entry, NULL) &&
				is_blob(entry.mode))
				g_array_append_val(ids, entry.id);
			if (f->new_path && g_strcmp0(f->old_path, f->new_path))
				count_path(a, f->new_path);
		}
	}
	repo_prefetch(r, ids);
	return a;
}

void ahead_free(ahead *a)
{
	if (!a)
		return;
	repo_prefetch_stop(a->r);
	repo_diff_ahead_end(a->r);
	g_hash_table_unref(a->tracks);
	g_free(a);
}

/* The bytes of one side, NULL for none; `known` when they are at hand. False when they cannot be
 * had. */
static bool take_side(ahead *a, GBytes **text, unsigned mode, const oid *id, GBytes *known)
{
	if (known && is_blob(mode)) {
		*text = g_bytes_ref(known);
		return true;
	}
	return !mode || (is_blob(mode) && repo_read_blob(a->r, text, id, NULL));
}

/* Before the first of several patches: what the last one will be compared with. */
static void keep_base(ahead *a, track *t, const path_step *step, GBytes *text)
{
	size_t size = text ? g_bytes_get_size(text) : 0;
	t->begun = true;
	t->base = step->before;
	t->has_base = !step->before_mode;
	if (!text || a->kept + size > AHEAD_BASE_BYTES)
		return;
	t->base_text = g_bytes_ref(text);
	t->has_base = true;
	a->kept += size;
}

static void drop_base(ahead *a, track *t)
{
	a->kept -= t->base_text ? g_bytes_get_size(t->base_text) : 0;
	g_clear_pointer(&t->base_text, g_bytes_unref);
}

/* Only the first and the last of several patches count for the difference from base to tip. */
static void compare(ahead *a, track *t, const path_step *step, GBytes *before, GBytes *after)
{
	bool first = !t->begun, last = !t->left;
	g_autoptr(GBytes) old_text = NULL;
	g_autoptr(GBytes) new_text = NULL;
	if ((first && !take_side(a, &old_text, step->before_mode, &step->before, before)) ||
		(last && !take_side(a, &new_text, step->after_mode, &step->after, after)))
		t->left = 0; /* whoever asks for it is told why */
	else if (first && last)
		repo_diff_ahead(a->r, &step->before, old_text, &step->after, new_text, step->hunks);
	else if (first)
		keep_base(a, t, step, old_text);
	else if (last && t->has_base)
		repo_diff_ahead(a->r, &t->base, t->base_text, &step->after, new_text, NULL);
}

void ahead_change(ahead *a, const path_step *step, GBytes *before, GBytes *after)
{
	track *t = g_hash_table_lookup(a->tracks, step->path);
	if (!a->compare || !t || !t->left)
		return;
	t->left--;
	compare(a, t, step, before, after);
	if (!t->left)
		drop_base(a, t);
}
