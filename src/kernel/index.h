/* All paths of one tree in git, sorted, for the many small questions that are asked of it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"

typedef struct tree_file {
	const char *path;
	oid id;
	unsigned mode;
} tree_file;

typedef struct tree_index {
	GArray *files; /* tree_file, by strcmp of path; regular files and symlinks alone */
	GStringChunk *paths;
} tree_index;

bool tree_index_new(tree_index **out, repo *r, const oid *tree, GError **err);
/* The index of a tree that differs from another one: only what differs is read. What they have alike
 * has the other's strings, so `base` must live longer. */
bool tree_index_tip(tree_index **out, repo *r, const tree_index *base, const oid *base_tree,
	const oid *tree, GError **err);
void tree_index_free(tree_index *x);
/* As strcmp of two paths, at once where an index has the other's string. */
int tree_file_order(const tree_file *a, const tree_file *b);
/* NULL when there is no such file. Borrowed. */
const tree_file *tree_index_find(const tree_index *x, const char *path);
/* Position of the first file whose path is not before `prefix`. */
guint tree_index_lower(const tree_index *x, const char *prefix);
/* True when some file lies below the folder ("arch/i386", no slash at the end). */
bool tree_index_has_folder(const tree_index *x, const char *folder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(tree_index, tree_index_free)
