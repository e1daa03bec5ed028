/* Which other architecture may show what those that were asked do not. */
#pragma once

#include "kernel/tree_priv.h"

/* Whether `folder` (below arch/) may show lines of `path` that others could not: its Kconfig or its
 * compiler has a name that was missing, or leaves off a symbol that could not be off ("!X"). Told
 * from the text of its Kconfig files alone. `missing`: what scene_missing collected. */
bool elsewhere_hinted(kernel_tree *t, const char *path, const char *folder, GHashTable *missing);
