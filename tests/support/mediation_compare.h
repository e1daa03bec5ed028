/* Deep comparison of two mediations, field by field. */
#pragma once

#include <glib.h>

#include "model/mediation.h"

/* NULL when they are equal; else where the first difference is and both values, the caller's:
 * "findings[3].locations[0].line: 7 and 8". A double must be the same to the bit. */
char *mediation_difference(const mediation *a, const mediation *b);
/* The same for one series. `changes` false leaves its changes out. */
char *series_difference(const series *a, const series *b, bool changes);
