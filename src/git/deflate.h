/* Deflating objects that wait for the flush, on all processors: most of the work of writing what is
 * new, and each object stands alone. */
#pragma once

#include <glib.h>
#include <stddef.h>

#include "git/objects.h"

/* Makes `deflated` of each of the `count` objects that has none, and lets `raw` go. */
void deflate_objects(pending_object **objects, guint count);
/* Inflates it again: a new reference; NULL when memory is damaged. */
GBytes *deflate_undo(const pending_object *o);
