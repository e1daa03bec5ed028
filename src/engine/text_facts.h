/* Facts of files as a tree has them, by the text readers alone: every #if branch alike, no
 * configuration, no worker. For questions about a tree that no series has touched. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "interface/ops.h"
#include "model/fact.h"

/* The facts of one file, finished; *out NULL when it is binary or longer than LIMIT_SOURCE_BYTES.
 * `text` may be NULL; both outputs are the caller's. */
bool text_facts_read(
	fact_set **out, GBytes **text, repo *r, const char *path, const oid *blob, GError **err);

/* A tree in which records are looked for. */
typedef struct text_tree text_tree;

/* `file` (may be NULL) says where the records stand; the tree is searched otherwise. The repository
 * must outlive it. */
text_tree *text_tree_new(repo *r, const oid *tree, const char *file);
/* Paths where records are looked for before the tree is searched, the first that defines one
 * counts; those that the tree does not have are passed over. Borrowed, NULL-terminated. */
void text_tree_prefer(text_tree *t, const char *const *paths);
void text_tree_free(text_tree *t);
/* What ops_read asks. Valid as long as `t`. */
ops_source text_tree_source(text_tree *t);
/* The first arguments, as names, that `macro` has where .c and .h files of the tree write it, its
 * own definition as well, into `out` (a set of char *, owned by it). */
bool text_tree_arguments(GHashTable *out, text_tree *t, const char *macro, GError **err);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(text_tree, text_tree_free)
