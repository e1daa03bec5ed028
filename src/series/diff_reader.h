/* Where the reading of a diff stands, and what it has taken so far. Private to the reading of
 * diffs.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/text.h"

/* A position in the text, always at the start of a line. */
typedef struct diff_reader {
	span text;
	gsize pos;
	unsigned line;	    /* of pos, in the source */
	const char *source; /* for messages; borrowed */
	gsize memory;	    /* that what was read takes, about */
} diff_reader;

/* The line at the reader with its newline, without moving; empty at the end. */
span diff_peek(const diff_reader *r);
void diff_skip(diff_reader *r, span line);

/* Counts memory for what was read; false, with LIMIT, when a source may not take so much. */
bool diff_take_memory(diff_reader *r, gsize bytes, GError **err);

/* INPUT: "SOURCE:LINE: WHAT: 'QUOTED'". Always false. */
bool diff_fail_at(const diff_reader *r, unsigned line, GError **err, const char *hint,
	const char *what, span quoted);
