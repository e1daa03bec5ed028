/* A backend object held against the conformance suite: what fails becomes findings. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "conform/ktap.h"
#include "model/mediation.h"

/* What the object's side is called in findings. Their fingerprints hold it: it never changes. */
#define CONFORM_SERIES "object"

/* Adds a series of that name, whose source is `path`, and a finding for each operation that fails, and one where
 * the backend does not come up at all. `points` (const point *) describe the operations; one that is not among
 * them is told by its name alone. */
void conform_find(mediation *m, const conform_result *r, const char *path, GPtrArray *points);
