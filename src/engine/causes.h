/* Why .c files of a series do not parse, when the reason lies outside of them. */
#pragma once

#include "engine/reading.h"

/* Fills c->causes: what the .c files of the tip that parse in no configuration have as their first
 * error, when it stands in another file or is a header that is not there. */
void causes_find(coverage *c, const series_reading *r);
