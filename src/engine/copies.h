/* Shadow copies of all series, found side by side in worker processes. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "engine/engine.h"

/* Fills the shadows and copied functions of touches[i] (touch_set *) from all[i] (series * with changes). */
bool copies_find(GPtrArray *touches, engine *e, GPtrArray *all, GError **err);
