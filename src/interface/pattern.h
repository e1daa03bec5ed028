/* Patterns of a catalogue: PCRE2, compiled once, with JIT where the machine has it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct pattern pattern;

typedef enum pattern_mode {
	PATTERN_WHOLE,	/* the whole text must match: names */
	PATTERN_WITHIN, /* somewhere in the text: operands, arguments, conditions */
} pattern_mode;

/* Compiles `text`. On failure *why says what is wrong and where (the caller's, g_free) and NULL
 * comes back. Never matches by line: `.` takes newlines, `$` is the very end. */
pattern *pattern_new(const char *text, pattern_mode mode, char **why);
void pattern_free(pattern *p);
/* The text that a WHOLE pattern of nothing but letters, digits and '_' stands for, or NULL: it can
 * be looked up instead of tried. Borrowed. */
const char *pattern_literal(const pattern *p);
const char *pattern_text(const pattern *p);
/* Thread-safe. A pattern that needs too many steps on a text (PATTERN_LIMIT_STEPS) does not match
 * it. */
bool pattern_match(const pattern *p, const char *text);

/* Steps of one match: sane patterns need a few per byte; `(a+)+b` needs 2 to the length. */
#define PATTERN_LIMIT_STEPS 1000000u
/* Longest text that is looked at, in bytes: arguments of a macro can be whole tables. */
#define PATTERN_LIMIT_TEXT 65536u
/* Longest pattern; {names} of a point may put some hundred names in. */
#define PATTERN_LIMIT_PATTERN 32768u

G_DEFINE_AUTOPTR_CLEANUP_FUNC(pattern, pattern_free)
