/* Decisions and plan: what both an analysis and a ruling need. */
#pragma once

#include "engine/reading.h"

/* Gives the findings their stored decisions, and takes away those that are gone. */
bool planning_attach(engine *e, mediation *m, GError **err);
/* Makes m->plan and checks it; its trees reach the disk. With `facts`, each step's files are
 * parsed; without, steps stay unverified until the next analysis. */
bool planning_make(engine *e, mediation *m, facts_reader *facts, GError **err);
/* Keeps the trees of the plan's steps from git's garbage collection. Call when the plan is stored:
 * the ref never points at what a failed transaction took back. */
bool planning_keep(engine *e, const mediation *m, GError **err);
