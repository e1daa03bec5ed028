/* Titles and texts of steps, for people. Private to src/plan. */
#pragma once

#include "plan/open.h"
#include "plan/schedule.h"

/* The title of a batch's step; `whole`: it is one patch and nothing less. The caller's. */
char *batch_title(const atom_list *l, const unit_list *u, const batch *b, const GPtrArray *groups,
	bool whole);
/* The title of an open decision on these findings (indexes). The caller's. */
char *waiting_title(const atom_list *l, const GArray *findings);
/* Markdown: what a ruling's step holds and leaves to do by hand, and what it leaves out. `s` has
 * its hunks. The caller's; NULL when there is nothing to say. */
char *ruling_detail(const atom_list *l, unsigned ruling, const step *s);
/* Markdown: for every contested point of the group, each side's code to move behind it, and the
 * step that brings the code. `step_of` : atom -> step number, 0 for undecided. The caller's. */
char *interface_detail(
	const atom_list *l, const char *group, const unsigned *step_of, unsigned this_step);
/* The same for what one side changed in a copy: each name, and where each side has it. The
 * caller's; NULL when there is nothing of the kind. */
char *copies_detail(const atom_list *l, const unsigned *step_of, unsigned this_step);
/* Contested points of a group that the interface is to settle: char * ids, appended to `out`. */
void group_points(const mediation *m, const char *group, GPtrArray *out);
