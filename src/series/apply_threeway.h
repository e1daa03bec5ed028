/* A whole patch by three-way merge, as git am -3 falls back to. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/patch.h"
#include "series/apply_stage.h"

/* Builds the files that `p` was made on from the blob ids of its index lines, applies `p` to them
 * exactly, and merges the result with the files that are there, renames included. *done tells
 * whether that could be done and the merge was clean; then `s` holds the result. False only for
 * failures. `tree` is the tree behind the stage's edit, `edit` the edit itself. */
bool threeway_apply(bool *done, repo *r, stage *s, tree_edit *edit, const oid *tree, const patch *p,
	GError **err);
