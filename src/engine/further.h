/* Further configurations: what they saw of a file, into what the first one saw.
 *
 * A line has one origin: the facts of the first unit, in the order of the jobs, that compiled it.
 * Of further units only facts of changed lines are taken. What did not change was read in the first
 * configuration on both sides, so that base and tips compare as read in the same one. */
#pragma once

#include "engine/reading.h"

/* Adds what `from`, of one more unit, saw of the same file: its lines, and the compiler's facts of
 * `changed` (line_range; NULL: none) lines that nobody saw before. Not its diagnostics, nor the
 * counts of units. The caller finishes `to` when all units are in. */
void further_take(fact_set *to, const fact_set *from, const GArray *changed);

/* The errors of a further unit of the tree, each under the file that it stands in; `alone`: the
 * unit is one that no makefile builds so. */
void further_keep_errors(tree_facts *t, const fact_set *main_set, bool alone);

/* An error of a further unit. */
typedef struct further_error {
	unsigned line;
	bool alone;
	char *text;
} further_error;

/* The last error on or above the line, at most LINES_AFTER_ERROR away, of those that are (not)
 * alone; NULL when there is none. Borrowed. */
#define LINES_AFTER_ERROR 1000u
const further_error *further_error_before(
	const tree_facts *t, const char *path, unsigned line, bool alone);
