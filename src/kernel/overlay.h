/* What a tree has other than the tree that is laid out, told to clang as a map (-ivfsoverlay).
 *
 * A tip, and each tree that a plan's step makes, differs from the base in some hundred files. Those
 * lie under CACHE/overlay/files, once each whatever the number of trees that have them; the map
 * says at which path of the base's layout the compiler shall see them, and which files of the
 * layout it shall not find. Paths in a map are resolved by their words: "../x.h" works from folders
 * that no layout has, and a folder of the map is there for -I. Files given to clang from memory
 * could do neither: it finds those by the exact spelling of their path alone. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "kernel/index.h"

typedef struct overlay overlay;

/* The difference from `base` to `tree`; everything is borrowed. `root` is where base is laid out.
 * Nothing is written yet. */
overlay *overlay_new(repo *r, const tree_index *base, const tree_index *tree, const char *cache_dir,
	const char *root);
void overlay_free(overlay *o);

/* True when the trees differ at this path. */
bool overlay_has(const overlay *o, const char *path);
/* Tells of the file at `path` too, whatever its name; headers are told of from the start. */
void overlay_place(overlay *o, const char *path);
/* Below root/`name` the compiler shall also find what differs in `folder`. */
void overlay_link(overlay *o, const char *name, const char *folder);
/* Calls `note` with path and text of each header of the map below `prefix`. */
bool overlay_each(overlay *o, const char *prefix,
	void (*note)(const char *path, GBytes *text, void *data), void *data, GError **err);
/* The file that holds the map as it is now; NULL when there is nothing to tell. Borrowed until the
 * next call. */
bool overlay_map(overlay *o, const char **file, GError **err);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(overlay, overlay_free)
