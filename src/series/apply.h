/* The applier: patches onto git trees, in memory. No work tree is touched. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/patch.h"
#include "model/series.h"

/* Applies the patches of one source after what `s` already holds (s->tip, s->tip_tree; a new series
 * starts at its base), as `source`, and appends commits and rejects. A hunk is tried exact, then by
 * offset, then with reduced context as git apply does, then three-way by the blob ids of the index
 * line. A hunk that finds no place becomes a reject; the rest of its patch and the series still
 * apply. False only for failures (unreadable objects, an impossible path): then s is untouched. */
bool series_apply(series *s, repo *r, const patch_list *patches, unsigned source, GError **err);

/* After the last source: fills changes (with the patch of every line), files, insertions and
 * deletions. */
bool series_finish(series *s, repo *r, GError **err);
