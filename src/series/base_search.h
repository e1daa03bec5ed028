/* The commit whose tree holds the blobs that the index lines of patches name. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/patch.h"

/* Looks at tags and branches, then at the history around the best of them. *how is a sentence for
 * the user, the caller's. False without error when there is none; *asked tells whether the patches
 * name any blob. */
bool base_search(
	oid *base, char **how, bool *asked, repo *r, const patch_list *patches, GError **err);
