/* What a mistyped word was meant to be. */
#include "cli/suggest.h"

#include <glib.h>
#include <string.h>

/* Longer words are no typing errors of ours, and the matrix below is quadratic. */
#define LONGEST 64u

/* Damerau-Levenshtein (adjacent letters swapped count once): how git looks for what was meant. */
static unsigned distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned rows[3][LONGEST + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];
	for (size_t k = 0; k <= lb; k++)
		last[k] = (unsigned)k;
	for (size_t i = 1; i <= la; i++) {
		row[0] = (unsigned)i;
		for (size_t k = 1; k <= lb; k++) {
			unsigned change = last[k - 1] + (a[i - 1] != b[k - 1]);
			row[k] = MIN(change, MIN(last[k], row[k - 1]) + 1);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				row[k] = MIN(row[k], before[k - 2] + 1);
		}
		unsigned *spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[lb];
}

const char *suggest(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	/* A third of the letters may be wrong; a beginning is always meant. */
	unsigned limit = (unsigned)strlen(word) / 3 + 1, least = limit + 1;
	if (strlen(word) > LONGEST || !*word)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (strlen(names[i]) > LONGEST)
			continue;
		unsigned d = distance(word, names[i]);
		if (g_str_has_prefix(names[i], word))
			d = MIN(d, 1);
		if (d < least) {
			least = d;
			best = names[i];
		}
	}
	return best;
}
