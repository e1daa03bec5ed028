/* Which patches of each series go whole, as steps of their own. Private to src/plan. */
#pragma once

#include "plan/weave.h"

/* Marks the patches that may go whole: nothing of them is contested, waits or was passed over, and
 * they are no large overlays. */
bool whole_find(weaver *w, repo *r, GError **err);
/* Strikes marks that cannot stand with these units (unit *), made from the last weave. True when
 * there is to be woven again. */
bool whole_strike(weaver *w, GPtrArray *units, const unsigned *number);
/* Names each unit that is a whole patch. */
void whole_name(const weaver *w, GPtrArray *units, const unsigned *number);
