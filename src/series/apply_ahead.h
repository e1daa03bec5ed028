/* What other threads can do while patches are applied: read the blobs that the patches start from,
 * and compare versions of a file while both are in memory. Nothing depends on it but the time. */
#pragma once

#include <glib.h>

#include "git/repo.h"
#include "model/patch.h"
#include "model/series.h"

typedef struct ahead ahead;

/* Counts how often each path is changed, and starts reading what is in `edit`. `r` and `patches`
 * are borrowed. With `compare` the patches start on the base of the series: differences from there
 * will be asked for. */
ahead *ahead_new(repo *r, tree_edit *edit, const patch_list *patches, bool compare);
/* A patch did this; what the path held before and after when that is at hand, else NULL. */
void ahead_change(ahead *a, const path_step *step, GBytes *before, GBytes *after);
/* Waits for the threads. NULL is fine. */
void ahead_free(ahead *a);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ahead, ahead_free)
