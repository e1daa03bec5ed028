/* What `truce interface` tells, as JSON: "truce-interface/1", which
 * docs/truce-interface-1.schema.json describes. Each appends one object and a newline; the same
 * input gives the same bytes. */
#pragma once

#include <glib.h>

#include "engine/interface.h"
#include "model/mediation.h"

/* interface_pack *. */
void interface_json_packs(GString *out, GPtrArray *packs);
/* One catalogue, and points of it (const point *). `m` says what series do at them; NULL when
 * nothing was analysed with this catalogue. `command` is "list" or "show". */
void interface_json_points(GString *out, const char *command, const interface_pack *pack,
	GPtrArray *points, const mediation *m);
void interface_json_table(GString *out, const char *rev, const ops_table *found);
/* ops_drift *. */
void interface_json_drift(
	GString *out, const char *rev, const interface_pack *pack, GPtrArray *drifts);
