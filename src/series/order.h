/* From the letters of a box to the patches of a series: what is left out, which revision counts, in
 * which order. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/patch.h"
#include "series/letter.h"

typedef struct order_options {
	bool keep_order;  /* the order of the source counts (file names), not n/m */
	unsigned version; /* the revision wanted; 0: the newest */
} order_options;

/* Picks from `letters` (letter *, in source order) the patches of the series, in the order in which
 * they apply, and tells in `notes` (char *) what it left out or missed:
 * - cover letters, and letters without a patch;
 * - replies, unless they carry a patch that nothing else is;
 * - older revisions of the same series ([PATCH 1/3] beside [PATCH v2 1/3]); a revision that has
 *   only some of its numbers takes the others from the one before;
 * - numbers that are in no letter.
 * Different series in one box follow each other as in the box. The pointers stay the array's; free
 * *out with g_ptr_array_unref. TRUCE_ERROR_LIMIT for a box with too many series. */
bool order_letters(GPtrArray **out, GPtrArray *letters, const order_options *options,
	GPtrArray *notes, GError **err);
