/* Binary content out of a patch. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/patch.h"

/* Makes the new content from a literal or from a git delta on `old` (NULL: none). False when the
 * delta does not fit `old`, is damaged, claims more than LIMIT_FILE_BYTES, or the patch holds no
 * content. *out is the caller's. */
bool binary_apply(GBytes **out, const patch_binary *half, GBytes *old);
