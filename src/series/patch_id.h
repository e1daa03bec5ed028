/* git's patch id: the same for the same change, whatever lines it stands at. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/patch.h"

/* What `git patch-id --stable` says of a diff; 40 hex digits, the caller's. NULL when it changes
 * nothing or holds binary content. */
char *patch_id_of_diff(const patch *p);

/* The same for the difference of two trees, as git diff-tree -p shows it by default. *out is NULL
 * in the same cases. */
bool patch_id_of_trees(char **out, repo *r, const oid *old_tree, const oid *new_tree, GError **err);
