/* The plan: from findings and decisions to ordered steps. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/mediation.h"

/* Makes m->plan from m->series (changes filled), m->points and m->findings with their decisions.
 * Every hunk of every path of every series lands in exactly one step or one undecided. A pure
 * function of the mediation and the texts: no time, no configuration. Trees and blobs are written
 * to `r`'s store, not flushed. */
bool plan_make(mediation *m, repo *r, GError **err);

/* The promise above, checked on its own: false with the first hunk that breaks it. */
bool plan_check(const mediation *m, GError **err);

/* Checks that each step's tree is the one before with exactly the step's hunks applied, by another
 * way than the maker's: one hunk after the other, with running offsets; whole patches by a
 * three-way merge; paths that one series alone changes by the tip. Paths where hunks of two series
 * meet are left out. */
bool plan_check_trees(const mediation *m, repo *r, GError **err);

/* Writes one commit a step that has a tree, on the base, and points `ref` (under refs/heads/ or
 * refs/truce/) at the last. The ref must not exist unless `force`. The trees must still be in the
 * repository (plan_make wrote them; refs/truce/plan keeps them). */
bool plan_apply(const mediation *m, repo *r, const char *ref, bool force, GError **err);
