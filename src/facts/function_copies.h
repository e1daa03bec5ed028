/* Copies of single functions: new functions of a series that are changed copies of one of the base.
 * A finder is fed with the lines of every file of the base, then judges. Internal to src/facts. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/series.h"
#include "model/touch.h"

typedef struct function_finder function_finder;

/* A file of the base. */
typedef struct function_file {
	const char *path; /* borrowed */
	oid blob;
} function_file;

/* Reads the new functions of the series: those whose lines are mostly new and whose name their file
 * does not define in the base. s->changes must be filled; `r` and `s` must outlive the finder. */
bool function_finder_new(function_finder **out, repo *r, const series *s, GError **err);
void function_finder_free(function_finder *f); /* NULL is fine */
/* How many functions it looks for. */
guint function_finder_length(const function_finder *f);
/* Can the file hold an origin? */
bool function_finder_wants(const function_finder *f, const char *path);
/* Tells it the lines (lines_of) of file `index` of the base, which is at `path`. Each file once. */
void function_finder_count(function_finder *f, guint index, const char *path, const GArray *lines);
/* Appends the copies to touches->functions, ordered by path and line. `files` (function_file) are
 * those that were counted, by index; touches->shadows must be there. */
bool function_finder_judge(
	function_finder *f, touch_set *touches, const GArray *files, GError **err);
