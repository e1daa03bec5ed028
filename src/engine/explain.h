/* How a file is read: for a person who wonders. */
#pragma once

#include "engine/engine.h"

/* Appends to `out`, in lines of at most 80 columns where words allow: for the base, and for each
 * series whose tip has another version, the configurations that the file is compiled in, arguments,
 * headers made, lines left out and errors. Parses what the cache does not hold. NOT_FOUND when no
 * tree has the file. */
bool engine_explain(engine *e, const char *path, GString *out, GError **err);
