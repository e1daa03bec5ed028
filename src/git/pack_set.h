/* The packs of a repository and where an object stands in them; see pack_read.h. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/oid.h"

typedef struct pack_file {
	int index, data; /* open files */
	guint64 size;	 /* of data, without the checksum at its end */
	guint32 fanout[256];
	guint64 large_count; /* offsets of 8 bytes in the index */
} pack_file;

struct pack_set {
	gint refs;
	GArray *packs; /* pack_file */
};

/* Reads exactly `len` bytes at `offset`. */
bool pack_pread(int fd, void *to, size_t len, guint64 offset);
/* Where in the pack's data the object begins; false when it is not in it. */
bool pack_find(const pack_file *p, const oid *id, guint64 *offset);
bool pack_has(const pack_file *p, const oid *id);
