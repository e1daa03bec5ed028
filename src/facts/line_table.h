/* Who has a line: the lines of all candidates, for meeting them in the files of a base. */
#pragma once

#include <glib.h>
#include <stdint.h>

/* A line that some owner has. */
typedef struct known_line {
	uint64_t hash;
	GArray *owners; /* guint; NULL in an empty slot. At most POSTINGS_LIMIT + 1 of them */
	guint files;	/* of the base that have it */
	guint last;	/* the last of them + 1 */
} known_line;

/* Owners that share a line beyond this many make it a line of their own boilerplate. */
#define POSTINGS_LIMIT 64u

typedef struct line_table {
	known_line *slots; /* open addressing */
	uint64_t mask;
} line_table;

/* Makes room for `lines` lines. */
void line_table_init(line_table *t, size_t lines);
void line_table_clear(line_table *t); /* a zeroed one is fine */
void line_table_add(line_table *t, uint64_t hash, guint owner);
/* The slot of a line: `owners` NULL when nobody has it. */
known_line *line_table_find(const line_table *t, uint64_t hash);
/* The owners of a line that file `index` of the base has: NULL when nobody has it, when the file
 * showed it before, or when too many have it. Counts the file. */
const GArray *line_table_meet(const line_table *t, uint64_t hash, guint index);
