/* Why lines cannot be seen, for a person; and where else to look. */
#pragma once

#include "kernel/scene.h"

/* Why a condition has no solution together with the file's build and what is `around` it (const
 * branch *). `text` is the innermost #if, or NULL. The caller's. */
char *scene_reason(scene *s, const branch *b, const char *text, const GPtrArray *around);
/* Why the file itself is built in no configuration. The caller's. */
char *scene_unbuilt_reason(scene *s, const GPtrArray *around);
/* Adds the names (set of char *, owned) that would have to exist for the condition (NULL: for the
 * build): symbols that this architecture's Kconfig lacks, macros of other compilers, and as "!X"
 * symbols that cannot be off here. */
void scene_missing(scene *s, const branch *b, GHashTable *names);
/* Whether a target's own macros hold this one ("__sparc__"). */
bool scene_target_has(const char *folder, const char *macro);
