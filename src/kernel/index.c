/* All paths of one tree in git, sorted. */
#include "kernel/index.h"

#include <stdlib.h>
#include <string.h>

#define MODE_TYPE 0170000u
#define MODE_FILE 0100000u

static tree_index *index_new(size_t text)
{
	tree_index *x = g_new0(tree_index, 1);
	x->files = g_array_new(FALSE, FALSE, sizeof(tree_file));
	x->paths = g_string_chunk_new(text);
	return x;
}

static bool collect(const char *path, const tree_entry *entry, void *data)
{
	tree_index *x = data;
	/* Symlinks of a tree are never followed: they could lead anywhere. */
	if ((entry->mode & MODE_TYPE) != MODE_FILE || !repo_path_is_safe(path))
		return true;
	tree_file file = {g_string_chunk_insert(x->paths, path), entry->id, entry->mode};
	g_array_append_val(x->files, file);
	return true;
}

static int compare_files(const void *a, const void *b)
{
	return strcmp(((const tree_file *)a)->path, ((const tree_file *)b)->path);
}

bool tree_index_new(tree_index **out, repo *r, const oid *tree, GError **err)
{
	g_autoptr(tree_index) x = index_new(1 << 18);
	if (!repo_walk(r, tree, "", collect, x, err))
		return false;
	if (x->files->len)
		qsort(x->files->data, x->files->len, sizeof(tree_file), compare_files);
	*out = g_steal_pointer(&x);
	return true;
}

/* What an index is made of: the files of `base` up to `at` are taken. */
typedef struct merging {
	tree_index *x;
	const tree_index *base;
	guint at;
} merging;

static void take_until(merging *m, guint end)
{
	if (m->at < end)
		g_array_append_vals(
			m->x->files, &g_array_index(m->base->files, tree_file, m->at), end - m->at);
	m->at = MAX(m->at, end);
}

static bool merge_difference(
	const char *path, const tree_entry *before, const tree_entry *now, void *data, GError **err)
{
	(void)before;
	(void)err;
	merging *m = data;
	guint at = tree_index_lower(m->base, path);
	take_until(m, at);
	m->at += at < m->base->files->len &&
		 !strcmp(g_array_index(m->base->files, tree_file, at).path, path);
	return !now->mode || collect(path, now, m->x);
}

bool tree_index_tip(tree_index **out, repo *r, const tree_index *base, const oid *base_tree,
	const oid *tree, GError **err)
{
	g_autoptr(tree_index) x = index_new(1 << 12);
	merging m = {x, base, 0};
	if (!repo_compare(r, base_tree, tree, merge_difference, &m, err))
		return false;
	take_until(&m, base->files->len);
	*out = g_steal_pointer(&x);
	return true;
}

int tree_file_order(const tree_file *a, const tree_file *b)
{
	return a->path == b->path ? 0 : strcmp(a->path, b->path);
}

void tree_index_free(tree_index *x)
{
	if (!x)
		return;
	g_array_unref(x->files);
	g_string_chunk_free(x->paths);
	g_free(x);
}

guint tree_index_lower(const tree_index *x, const char *prefix)
{
	guint low = 0, high = x->files->len;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (strcmp(g_array_index(x->files, tree_file, middle).path, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const tree_file *tree_index_find(const tree_index *x, const char *path)
{
	guint at = tree_index_lower(x, path);
	if (at >= x->files->len)
		return NULL;
	const tree_file *file = &g_array_index(x->files, tree_file, at);
	return strcmp(file->path, path) ? NULL : file;
}

bool tree_index_has_folder(const tree_index *x, const char *folder)
{
	g_autofree char *prefix = g_strconcat(folder, "/", NULL);
	guint at = tree_index_lower(x, prefix);
	return at < x->files->len &&
	       g_str_has_prefix(g_array_index(x->files, tree_file, at).path, prefix);
}
