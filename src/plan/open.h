/* Open decisions: what the plan waits for, each once. Private to src/plan. */
#pragma once

#include "plan/fate.h"

typedef struct waiting {
	GArray *findings; /* unsigned: to rule on, ascending; none has a ruling */
	GArray *units;	  /* unsigned: units in question */
	GArray *blocked;  /* unsigned: units that only wait for lines of those, or of others too */
} waiting;

/* waiting *, by their first finding. The caller's. */
GPtrArray *open_decisions(const atom_list *l, const unit_list *u, const fates *f);
