/* Which architecture a file is read for.
 *
 * A file of one architecture is read for it. Generic code is read for the architecture that the
 * series touch most, when a tenth of what they touch is of it, else for a usual one; where it does
 * not parse there (what a tree's headers ask of GCC, clang does not always know, and a driver of
 * one board's wants its headers), for a usual one or the next that the series touch. A file is read
 * for the same architecture in every tree, so that trees can be compared. */
#pragma once

#include "engine/errand.h"

/* Architectures that the series (series *) touch: what all touch first, then by files; before them
 * the usual one when each is touched by the way only. The caller's (g_strfreev). */
char **archs_preferred(GPtrArray *all);
/* The architecture that `path` is read for; NULL when clang targets none that it belongs to. The
 * caller's. */
char *archs_first(const facts_reader *f, const tree_facts *t, const char *path);
/* Looks for another architecture for the .c files that no tree, or not each, could be parsed of
 * without an error. `errands` and `jobs` (done, NULL: none) are in the same order; a job takes the
 * place of one that was not clean. */
bool archs_settle(engine *e, facts_reader *f, const GArray *errands, GPtrArray *jobs, GError **err);
/* The same for one .c file, which is read in the trees of `f` that want it. */
bool archs_settle_file(engine *e, facts_reader *f, const char *path, GError **err);
