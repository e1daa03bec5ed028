/* The analyzers, in the order in which they are asked. Adding one: a folder and a line in list.c.
 */
#pragma once

#include "model/unit.h"

extern const analyzer *const analyzers[]; /* NULL-terminated */

/* The analyzers that claim `path`: a compiler's reader first, text readers after it. Appends
 * const analyzer * to `out`. */
void analyzers_for(GPtrArray *out, const char *path);
/* The analyzer of this name; NULL when there is none. */
const analyzer *analyzer_named(const char *name);
