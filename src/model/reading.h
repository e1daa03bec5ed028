/* What was read of one series: facts of base and tip, and the touches between them. */
#pragma once

#include <glib.h>

#include "model/fact.h"
#include "model/series.h"
#include "model/touch.h"

/* Nothing here is owned: the engine keeps the parts alive while stages look at them. */
typedef struct series_reading {
	const series *series; /* changes are filled */
	GHashTable *base; /* path -> const fact_set *: touched paths of every series and the origins
			   * of shadow copies, as they stand in the base */
	GHashTable *tip;  /* path -> const fact_set *: touched paths as they stand in this tip */
	const touch_set *touches;
} series_reading;
