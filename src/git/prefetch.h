/* Reading objects ahead of their use, on another thread. */
#pragma once

#include <git2.h>
#include <glib.h>
#include <stdbool.h>

#include "model/oid.h"

/* Bytes read ahead that nobody has asked for yet. */
#define PREFETCH_BYTES ((size_t)6 << 20)

typedef struct repo repo;
typedef struct prefetch prefetch;

/* Starts reading the objects `ids` (oid, copied) in order through `reader`, which it takes over. */
prefetch *prefetch_start(repo *reader, const GArray *ids);
/* Hands over an object that was read ahead, waiting when it is being read just now. NULL when it
 * was not asked for, not reached yet, taken before, or cannot be read: then the caller reads it. */
GBytes *prefetch_take(prefetch *p, const oid *id, git_object_t *type);
/* Ends the thread. NULL is fine. */
void prefetch_stop(prefetch *p);
