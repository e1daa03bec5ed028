/* Branches: changed lines that the first configuration of their file skips are read in others. */
#pragma once

#include "engine/reading.h"

/* For every changed line of a .c file or header that no unit of its tree showed: the units that
 * kernel_units_for finds for it, in waves over all trees and files, until each wish is met or given
 * up. They add to what was seen, to the count of clean units and, for changed lines that nobody saw
 * before, the compiler's facts (further.h); diagnostics stay those of the first configuration, so
 * that base and tips are compared as read in the same one. Why a line is in no unit is kept in
 * tree_facts.unreached. */
bool branches_read(engine *e, facts_reader *f, GPtrArray *all, GError **err);

/* Whether a unit was made for the line that no makefile builds so (kernel_wish.alone). */
bool branches_read_alone(const tree_facts *t, const char *path, unsigned line);
/* Why a line of the tree's file is in no unit; NULL when that is not known. Borrowed. */
const char *branches_reason(const tree_facts *t, const char *path, unsigned line);
