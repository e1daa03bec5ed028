/* Verification: does each step of the plan leave the tree parsing no worse than before? */
#pragma once

#include "engine/reading.h"
#include "model/mediation.h"

/* Fills `verified` of every step that has a tree: the .c files that the step changes are parsed in
 * its tree, and may have no more errors than in the tree before; those that it adds no more than in
 * the tip that they come from. What fails in its first configuration is tried with the switches
 * that its series brings: a file of the base with those that the step's tree has, an added one with
 * the Kconfig and Kbuild files of the tip. */
bool verify_steps(mediation *m, engine *e, facts_reader *f, GError **err);
