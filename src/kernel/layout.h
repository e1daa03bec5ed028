/* The headers of a tree on disk, for a compiler to read: laid out once, shared by all runs.
 *
 * A layout is a directory CACHE/layout/<tree id>. It is filled by groups (include/, arch/X,
 * drivers/X, fs/, ...): all *.h of the group, and everything below include/. A group is written
 * beside its place and renamed into it, so that it is there whole or not at all, whoever else
 * does the same at the same time. Files that are #included under other names (.c, .lds) are placed
 * one by one. While a layout of the base is open, no run throws it or the overlay away (cache.h).
 * Symlinks of the tree and files over LIMIT_SOURCE_BYTES are left out.
 *
 * A tip, or any other tree beside the base, has no directory of its own: it is the base's, seen
 * through a map of what differs (overlay.h). */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "kernel/cache.h"
#include "kernel/index.h"

typedef struct layout layout;

/* `origin` is the base's layout, NULL for the base itself. It, index and repository are borrowed;
 * it has to live as long. Nothing is laid out yet. */
bool layout_open(layout **out, repo *r, const oid *tree, const tree_index *index,
	const char *cache_dir, layout *origin, GError **err);
void layout_free(layout *l);
const char *layout_root(const layout *l); /* absolute, no slash at the end. Borrowed */
cache_hold *layout_hold(const layout *l); /* the base's. Borrowed */
/* Lays out the group that `path` belongs to, and the groups that its headers name by "../". */
bool layout_need(layout *l, const char *path, GError **err);
/* Lays out one file, whatever its name. True too when the tree has none. */
bool layout_place(layout *l, const char *path, GError **err);
/* Makes the folder that `path` lies in: "../x.h" from there is found through it. */
bool layout_make_folder(layout *l, const char *path, GError **err);
/* Makes root/.link/`name`/asm lead to root/`folder` ("include/asm-i386"). Returns the absolute
 * path of root/.link/`name`; the caller's. */
bool layout_link(layout *l, char **out, const char *name, const char *folder, GError **err);
/* The map through which a compiler has to see the directory (-ivfsoverlay), with everything placed
 * and linked until now; NULL when it shall see it as it is. Borrowed until the next call. */
bool layout_map(layout *l, const char **file, GError **err);
/* The tree path that `path` from a file in `folder` names, "." and ".." resolved. NULL when it
 * leaves the tree. The caller's. */
char *layout_resolve(const char *folder, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(layout, layout_free)
