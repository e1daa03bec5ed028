/* The room that laid-out trees take on disk, and who may throw them away.
 *
 * CACHE/layout has a folder for each base, CACHE/overlay the files of all other trees (layout.h,
 * overlay.h). Both would grow with every base and every plan: over a size, what was not used for
 * the longest time goes. A process holds what it uses with a shared lock (flock) on the folder,
 * which the system drops with the process; only what nobody holds is thrown away. A base's folder
 * is renamed first: it is there whole or not at all, and a run that is killed while it removes one
 * leaves the rest to the next. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct cache_hold cache_hold;

/* Makes CACHE/layout/`name` and CACHE/overlay, and holds both. First throws away what is too much,
 * when the base is new here or nobody has looked for a while. Where the file system knows no locks,
 * nothing is held, and nothing thrown away. */
bool cache_hold_new(cache_hold **out, const char *cache_dir, const char *name, GError **err);
/* One more owner. */
cache_hold *cache_hold_ref(cache_hold *h);
/* One owner less; NULL is fine. */
void cache_hold_free(cache_hold *h);
/* The base's folder: absolute, no slash at the end. Borrowed. */
const char *cache_hold_root(const cache_hold *h);

/* Throws away what nobody holds, least recently used first, until all bases together take at most
 * `layout` bytes on disk and the overlay `overlay`. What cannot be removed stays. */
void cache_trim(const char *cache_dir, guint64 layout, guint64 overlay);
/* Whether the file of a held folder is there; if so, it counts as used now. */
bool cache_use(const char *path);
/* Removes a folder with all that is in it. Follows no symlink. */
void cache_remove_folder(const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(cache_hold, cache_hold_free)
