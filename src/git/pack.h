/* Writing a git pack with its index, format version 2 of both (git's gitformat-pack). */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Writes the objects (pending_object *) as one pack into `folder` and makes it visible by
 * renaming, the index last: a reader sees all of it or nothing. Objects stay undeltified. The
 * objects are kept deflated only from then on. On failure the folder holds at most a temporary file
 * that git gc removes. */
bool pack_write(const char *folder, const GPtrArray *objects, GError **err);
