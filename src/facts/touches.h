/* Touches: the difference of the facts of base and tip, shadow copies measured by their origin. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/reading.h"

/* Finds the added files of `s` that are changed copies of a file of the base (the same file name or
 * a name near it counts most, then shared lines), and appends them to touches->shadows, ordered by
 * path; then the new functions that are changed copies of one of the base, to touches->functions.
 * s->changes must be filled. */
bool facts_find_shadows(touch_set *touches, repo *r, const series *s, GError **err);

/* Fills reading->touches (given as `touches`, shadows already found) with every entity and use that
 * differs. An entity counts as moved when its tokens stand unchanged at another path. What differs
 * from its origin counts of a copied function too: one copied as it is is moved, with an origin. */
void facts_find_touches(touch_set *touches, const series_reading *reading);
