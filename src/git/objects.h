/* Objects in memory: what was read lately, and what was written and is not on disk yet. */
#pragma once

#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <glib.h>
#include <stdbool.h>

#include "git/pack_read.h"
#include "model/oid.h"

/* Bytes of inflated objects kept for reading again. A series' files and their trees fit; the
 * applier's memory is bounded by this and PENDING_RAW_BYTES. */
#define OBJECT_CACHE_BYTES ((size_t)24 << 20)
/* Pending bytes kept inflated; what is older is deflated in memory, as the pack will hold it. */
#define PENDING_RAW_BYTES ((size_t)16 << 20)

/* The same for a further thread's handle, which works file by file. */
#define READER_CACHE_BYTES ((size_t)8 << 20)

typedef struct object_cache object_cache;
object_cache *object_cache_new(size_t limit);
void object_cache_set_limit(object_cache *c, size_t limit);
void object_cache_free(object_cache *c);
/* A new reference, or NULL. */
GBytes *object_cache_get(object_cache *c, const oid *id, git_object_t *type);
/* False when it is too large to be kept. */
bool object_cache_put(object_cache *c, const oid *id, git_object_t type, GBytes *data);

/* One object that waits for the flush. */
typedef struct pending_object {
	oid id;
	git_object_t type;
	unsigned scratch; /* 0: for the flush; else the level at whose end it goes */
	size_t size;	  /* inflated */
	GBytes *raw;	  /* inflated, or NULL when only `deflated` is kept */
	guint8 *deflated; /* a zlib stream, or NULL */
	size_t deflated_size;
} pending_object;

/* A backend of libgit2's object database that keeps what is written. */
typedef struct pending_store {
	git_odb_backend parent; /* first: libgit2 hands this pointer back */
	GHashTable *objects;	/* oid * -> pending_object * */
	GPtrArray *order;	/* pending_object *, as written; owns them */
	guint next_raw;		/* order[next_raw..] may still be raw only */
	size_t raw_bytes;
	object_cache *cache; /* borrowed: what libgit2 asks for was mostly read just now */
	pack_reader *packs;  /* borrowed: asked before libgit2's own backends */
	const struct pending_store *lender; /* of a reader: found there too; or NULL */
	unsigned level; /* how deep in repo_scratch_begin: what is written now carries it */
} pending_store;

pending_store *pending_store_new(object_cache *cache, pack_reader *packs);
/* Adds the object unless it is there; one that is written again at a lower level stays longer. */
void pending_add(pending_store *p, const oid *id, git_object_t type, GBytes *data);
pending_object *pending_find(const pending_store *p, const oid *id);
/* The inflated bytes, a new reference; NULL when memory is damaged. */
GBytes *pending_read(const pending_object *o);
/* Forgets what was written at `level` or deeper. */
void pending_drop(pending_store *p, unsigned level);
void pending_clear(pending_store *p);
