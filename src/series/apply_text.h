/* Text hunks onto a text: where each one goes, and the text that comes out. Follows git's apply.c.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/patch.h"
#include "model/series.h"

/* How a hunk found its place. */
typedef enum placement {
	PLACED_NOWHERE,
	PLACED_EXACT,
	PLACED_OFFSET,	/* all its lines, at another line */
	PLACED_ENDINGS, /* all its lines, CRLF and LF taken for the same */
	PLACED_BARE,	/* a hunk of a diff without context, at its line */
	PLACED_REDUCED, /* with outer context lines left off, as git apply -C1 */
} placement;

typedef enum text_rules {
	TEXT_STRICT, /* PLACED_EXACT and PLACED_OFFSET only: what git apply does unasked */
	TEXT_ALL,
} text_rules;

/* What text_apply did to the lines. */
typedef struct text_edit {
	GArray *hunks;	    /* change_hunk without patches and context, in order; NULL: hunks were
			     * placed out of order, which this cannot say */
	unsigned old_lines; /* of the whole old text */
} text_edit;

/* Applies hunk * in order to `old`; a hunk without a place is left out. places[i] says how hunk i
 * went. Returns the new text, the caller's; `old` itself when nothing changed. `edit` may be NULL;
 * else it is the caller's (text_edit_clear). */
GBytes *text_apply(
	GBytes *old, const GPtrArray *hunks, text_rules rules, placement *places, text_edit *edit);
void text_edit_clear(text_edit *e);

/* Where a hunk that found no place would nearly fit. */
typedef struct near_place {
	unsigned first, last; /* lines of the text; 0: nowhere */
	char *difference; /* unified lines: '-' what the hunk expects, '+' what is there; or NULL */
} near_place;

/* Finds it for hunk `h` in `text`; the caller frees out->difference. */
void text_nearest(near_place *out, GBytes *text, const hunk *h);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(text_edit, text_edit_clear)
