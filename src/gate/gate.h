/* The gate: what a series does against the common interface, as findings.
 *
 *	point.bypass      a privileged operation, or a vendor's call, outside the interface
 *	point.incomplete  an operation that a backend must bring and does not
 *	point.contract    a slot filled with a function of another type or convention; sides that
 *	                  mean different things by one operation
 *	interface.drift   a member of an ops table added, dropped or retyped
 *
 * Told is only what the series introduces and still leaves at its end. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/mediation.h"
#include "model/reading.h"

/* Appends to m->findings what stands against the interface. m->points must be there; `readings`
 * (const series_reading *) are those of m->series, in that order. `structs` (NULL-terminated; NULL
 * for none) are the tags of the ops tables. findings_finish comes after. */
void gate_find(mediation *m, GPtrArray *readings, const char *const *structs);
