/* Verification: does each step of the plan leave the tree parsing no worse than before? */
#pragma once

#include "engine/reading.h"
#include "model/mediation.h"

/* Fills `verified` of every step that has a tree: the .c files that the step touches are parsed in
 * its tree and in the tree before, and their errors counted. */
bool verify_steps(mediation *m, engine *e, facts_reader *f, GError **err);
