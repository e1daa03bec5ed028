/* The functions of a text as copies are told by: where each stands, its significant lines and its
 * runs of tokens. C is read from the layout alone (a body opens and closes in the first column), so
 * that all of a kernel tree costs little; what is laid out otherwise is passed over. Assembly is
 * read by its symbols. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

typedef struct function_text {
	const char *at;	  /* into the text, from the head's first line */
	size_t len;	  /* up to the closing brace's line */
	const char *name; /* into the text, not NUL-terminated */
	size_t name_len;
	unsigned line, end_line; /* of the head and of the closing brace, from 1; of assembly: of
				  * what begins the symbol, and of the last statement */
} function_text;

typedef enum function_language {
	FUNCTIONS_NONE,
	FUNCTIONS_C,
	FUNCTIONS_ASSEMBLY,
} function_language;

/* What functions a file can hold, by its name. */
function_language functions_language(const char *path);

/* Appends a function_text for each function definition of the text, in order. */
void functions_scan(GArray *out, const char *path, const char *text, size_t len);

/* Hashes of every run of TOKEN_RUN tokens of a function of `path` (uint64_t, sorted, each once),
 * comments and white space left out, appended to `out`. Its own name stands for any name, so that a
 * new name alone changes nothing. Returns how many tokens there are. */
#define TOKEN_RUN 5u
unsigned functions_runs(GArray *out, const char *path, const function_text *f);
