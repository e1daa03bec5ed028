/* What the parties' patches do at the places of a finding, as unified differences: for reports that
 * are read where the repository is not. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "report/report.h"

/* A reader of a report wants to see what collides, not all of it: so many hunks of one side at
 * most, and so many lines of them (a screen for both sides). */
#define DIFF_MOST_HUNKS 3u
#define DIFF_MOST_LINES 30u

/* Appends the hunks of one series (an index in m->series) at its places in `f`, as
 * `git diff` writes them, in lines that end with a newline; what is left out is said in lines that
 * begin with '#'. Everything is printable. False, and nothing appended, when the series has no hunk
 * there or its text cannot be read. `options` gives the reader of blobs. */
bool diff_of_side(GString *out, const mediation *m, const finding *f, int side,
	const report_options *options);
