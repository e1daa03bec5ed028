/* The significant lines of a text, as a set of hashes: what a copy is recognised by. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends the hash (uint64_t) of every line, white space left out, in the order of the text. */
void lines_of(GArray *out, const char *text, size_t len);
/* Appends the hash (uint64_t) of every line that says something, white space left out; each once,
 * in the order of the numbers. Lines under six characters ("}", "else") say nothing. */
void lines_read(GArray *out, const char *text, size_t len);
/* The same of what a text does: without the comments that it begins with and its includes, and,
 * with `statements`, without other lines of the preprocessor. Who shares a licence or a list of
 * includes with a file has copied that, and no code. Of assembly lines that name nothing but
 * registers are left out too. `comments` as in facts/comments.h: not NULL for assembly. */
void lines_read_code(
	GArray *out, const char *text, size_t len, const char *comments, bool statements);
/* Sorts hashes, each once. */
void lines_sort(GArray *hashes);
bool lines_have(const GArray *sorted, uint64_t line);

/* The runs of three characters of a short text (uint64_t, sorted, each once), appended to `out`:
 * white space, comments and system includes left out; and the share that two texts have in common,
 * in per cent. */
void trigrams_read(GArray *out, const char *text, size_t len);
unsigned trigrams_likeness(const GArray *a, const GArray *b);
