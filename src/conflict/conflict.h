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
