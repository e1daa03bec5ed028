/* Reuse: answers of a compiler's reader, kept by the content of all that was read for them.
 *
 * Two levels, as in a compiler cache that looks at sources: a unit key names how a file is compiled
 * (path, content, arguments, configuration, reader); behind it stands a list of what was read on
 * earlier occasions, each with the key of its answer. An answer holds for any tree that has the
 * same files, or none, at all places that were read or looked for: base, tips and the trees of the
 * plan's steps share their parses, and a changed patch costs what it touches. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "db/store.h"
#include "kernel/tree.h"

/* One tree and what is wanted of it. */
typedef struct reuse_place {
	const kernel_tree *kernel;
	oid tree;
	GHashTable *wanted; /* tree path -> oid *: files whose facts are asked for */
} reuse_place;

/* The answer that holds for the tree; *answer is the caller's, NULL when there is none. `reads`
 * (may be NULL) is set to what it depends on (char *, the caller's) when there is one. */
bool reuse_find(GBytes **answer, GPtrArray **reads, store *s, const char *unit_key,
	const reuse_place *where, GError **err);
/* Keeps an answer. `path` is the main file; `reads` the tree paths that it depends on ("": the
 * whole tree); `reported` the paths that it has facts of (both char *). */
bool reuse_keep(store *s, const char *unit_key, const char *path, const reuse_place *where,
	GPtrArray *reads, GPtrArray *reported, GBytes *answer, GError **err);
