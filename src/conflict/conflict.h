/* Overlaps and conflicts between series -> findings. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/mediation.h"
#include "model/reading.h"

/* Appends to m->findings what series do to each other and to the base: series.unapplied,
 * text.conflict, text.adjacent, patch.equivalent, code.*, config.symbol, build.object,
 * point.contested, ... m->series and m->points are filled; `readings` are const series_reading *,
 * one a series, same order. Does not call findings_finish. */
bool conflict_find(mediation *m, repo *r, GPtrArray *readings, GError **err);

/* A file that two series change, that git merges without a conflict and that no longer parses. */
typedef struct merge_break {
	unsigned a, b; /* indexes of the series; a < b */
	const char *path;
	oid blob;	      /* as merged */
	const GArray *errors; /* diagnostic: of the merged file, in neither tip; at least one */
} merge_break;

/* Appends a merge.breaks to m->findings: the errors, and the lines of both series next to each. */
bool conflict_add_break(mediation *m, repo *r, const merge_break *b, GError **err);
