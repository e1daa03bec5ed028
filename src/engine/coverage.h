/* Coverage: how much of what a series changes was seen by a compiler, and what was not and why. */
#pragma once

#include "engine/reading.h"
#include "model/mediation.h"

/* The coverage of series `index` of the reader. Lines are counted as DESIGN defines: added lines are
 * judged on the tip, deleted ones on the base. The caller's. */
coverage *coverage_measure(facts_reader *f, guint index);
