/* Text: what is shown, compared or matched. Nothing of the domain. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of text inside somebody else's memory. Not NUL-terminated. */
typedef struct span {
	const char *at;
	size_t len;
} span;

/* Where each line of a text starts. Lines are numbered from 1, as compilers and git do. */
typedef struct line_index {
	const char *text;
	size_t len;
	size_t *start; /* start[i] = offset of line i + 1; start[count] = len */
	size_t count;  /* a last line without newline counts */
} line_index;

void line_index_init(line_index *ix, const char *text, size_t len);
void line_index_clear(line_index *ix);
/* The line `n` with its newline; an empty span outside 1..count. */
span line_index_get(const line_index *ix, size_t n);
/* The line that holds byte `offset`. */
size_t line_index_find(const line_index *ix, size_t offset);

/* A copy of `text` that is safe on a terminal: valid UTF-8, control characters other than tab and
 * newline replaced by U+FFFD, those that turn the writing direction or end a line unseen written
 * out ("<U+202E>"). The caller's, g_free. */
char *text_printable(const char *text, size_t len);

/* strcmp, but runs of digits compare as numbers: 2.patch before 10.patch. */
int text_natural_compare(const char *a, const char *b);

/* git-like glob: `*` and `?` stop at '/', `**` crosses it, `[a-z]`, `{a,b}`. */
bool text_glob_match(const char *glob, const char *path);

/* FNV-1a 64 of `len` bytes, from `seed` (0 to start). For tables and caches of one run, never
 * for identity across runs: that is what digest.h is for. */
uint64_t text_hash(const void *data, size_t len, uint64_t seed);

/* True when git takes the bytes for binary: a NUL in the first 8000 (git's buffer_is_binary). */
bool text_is_binary(const char *data, size_t len);
