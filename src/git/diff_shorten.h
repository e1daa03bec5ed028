/* Two texts made shorter in such a way that xdiff finds the same difference in them.
 *
 * Most of two versions of a file is equal at the begin and at the end, and xdiff's time goes by
 * lines and bytes, most of it into lines that cannot take part. What it makes of the lines between
 * (the window) depends on the equal ones only in three ways:
 * - how often a line of the window stands there: such lines stay;
 * - how many lines the files have, as a power of two (xdl_bogosqrt): the others become a line that
 *   stands nowhere else, as often as is needed;
 * - where a group of changed lines can slide to, and which indentation and blank lines are around
 * it there: what is next to the window stays, up to a line that stands only once in either text,
 * which nothing slides across, and CONTEXT lines more. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/text.h"

typedef struct short_texts {
	GString *old_text, *new_text;
	unsigned shift; /* lines that are missing before every difference, in both */
} short_texts;

/* False, with nothing in *out, where it does not pay. */
bool diff_shorten(short_texts *out, span old_text, span new_text);
void short_texts_clear(short_texts *s);

/* How much of two texts is equal at their begins and, without overlap, at their ends; in whole
 * lines. */
void text_equal_sides(size_t *front, size_t *back, span old_text, span new_text);
unsigned text_count_lines(span text);

/* What lines are told apart by first: equal lines have the same key, others mostly not, though it
 * is made of few of their bytes. */
#define DIFF_KEY_BITS 15u
guint16 diff_line_key(const char *at, size_t len);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(short_texts, short_texts_clear)
