/* Reading objects out of git's packs (gitformat-pack, versions 2 of packs and of their indices).
 *
 * libgit2 reads them too, and is asked wherever this file gives up: for loose objects, packs of
 * other kinds, damage. It reads through mapped windows, inflates by zlib and allocates for every
 * link of a delta chain; patching a thousand files of a long history means ten thousands of links.
 */
#pragma once

#include <git2.h>
#include <glib.h>
#include <stdbool.h>

#include "model/oid.h"

/* The packs of an object directory and of its alternates, as they were when it was opened. Any
 * thread may use it; nothing of it changes. */
typedef struct pack_set pack_set;

/* Never fails: a pack that cannot be used is left out. */
pack_set *pack_set_open(const char *objects_dir);
pack_set *pack_set_ref(pack_set *s);
void pack_set_unref(pack_set *s); /* NULL is fine */

/* What one thread needs to read. */
typedef struct pack_reader pack_reader;

/* `s` is kept by reference. */
pack_reader *pack_reader_new(pack_set *s);
void pack_reader_free(pack_reader *r); /* NULL is fine */
/* The object's bytes, the caller's; a NUL follows them. NULL: not in these packs, damaged, or
 * larger than LIMIT_FILE_BYTES; libgit2 knows which. */
GBytes *pack_reader_read(pack_reader *r, const oid *id, git_object_t *type);
/* The same for a reader with a limit of its own: NULL with *longer for what has more than `most`
 * bytes, of which no more than a delta is inflated. */
GBytes *pack_reader_read_most(
	pack_reader *r, const oid *id, git_object_t *type, size_t most, bool *longer);
/* True when a pack has the object. */
bool pack_reader_has(pack_reader *r, const oid *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(pack_set, pack_set_unref)
