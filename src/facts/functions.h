/* The functions of a C text as copies are told by: where each stands, its significant lines and its
 * runs of tokens. Read from the layout alone (a body opens and closes in the first column), so that
 * all of a kernel tree costs little; what is laid out otherwise is passed over. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

typedef struct function_text {
	const char *at;	  /* into the text, from the head's first line */
	size_t len;	  /* up to the closing brace's line */
	const char *name; /* into the text, not NUL-terminated */
	size_t name_len;
	unsigned line, end_line; /* of the head and of the closing brace, from 1 */
} function_text;

/* Appends a function_text for each function definition of the text, in order. */
void functions_scan(GArray *out, const char *text, size_t len);

/* Hashes of every run of TOKEN_RUN tokens of the text (uint64_t, sorted, each once), comments and
 * white space left out, appended to `out`. The word at `name` (may be NULL) stands for any name, so
 * that a new name alone changes nothing. Returns how many tokens there are. */
#define TOKEN_RUN 5u
unsigned functions_runs(
	GArray *out, const char *text, size_t len, const char *name, size_t name_len);
