/* What becomes of each unit: taken, put behind the interface, waiting for rulings, or fallen with
 * what a ruling left out. Private to src/plan. */
#pragma once

#include "plan/unit.h"

typedef struct fates {
	atom_fate *fate; /* a unit */
	int *falls;	 /* a unit: index of the finding whose ruling it falls with; -1 */
	bool *blocked;	 /* a unit: nothing of it is in question, it waits for lines of others */
	GPtrArray *questions; /* a unit: GArray of unsigned, the questions that it waits for */
	unsigned *question;   /* a finding: the least finding of the same question. Findings that
			       * share a unit are one question. */
} fates;

void fates_init(fates *f, const atom_list *l, const GPtrArray *units);
void fates_clear(fates *f);
