/* Hunks that all stand at the very lines they name, as most do: applied without an index of lines.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "series/apply_text.h"

/* A text_edit while hunks are applied one after the other. */
typedef struct running_edit {
	text_edit edit;
	gint64 grown; /* lines that the text has more than the old one, up to `end` */
	guint end;    /* of the last hunk, in the text so far */
} running_edit;

/* Forgets what was noted. */
void running_edit_begin(running_edit *e, unsigned old_lines);
/* Notes that `h`, without `cut_front` and `cut_back` lines of context, goes to line `place` (from
 * 0) of the text so far. */
void running_edit_note(
	running_edit *e, const hunk *h, guint cut_front, guint cut_back, guint place);

/* As text_apply with TEXT_STRICT when every hunk is PLACED_EXACT, in order; else NULL. */
GBytes *text_apply_exact(GBytes *old, const GPtrArray *hunks, running_edit *e);
