/* The plan: from findings and decisions to ordered steps. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/mediation.h"

/* Makes m->plan from m->series (changes filled), m->points and m->findings with their decisions.
 * Every hunk of every path of every series lands in exactly one step or one undecided. */
bool plan_make(mediation *m, repo *r, GError **err);

/* The promise above, checked on its own: false with the first hunk that breaks it. */
bool plan_check(const mediation *m, GError **err);

/* Writes one commit a step that has a tree, on the base, and points `ref` (under refs/heads/ or
 * refs/truce/) at the last. The ref must not exist unless `force`. */
bool plan_apply(const mediation *m, repo *r, const char *ref, bool force, GError **err);
