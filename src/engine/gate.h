/* The gate: one series judged against the interface. Nothing is stored but cached facts; what is
 * under mediation stays as it is. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "engine/engine.h"

/* What the series is called in a gate's findings. Their fingerprints hold it: it never changes. */
#define GATE_SERIES "incoming"

typedef struct gate_request {
	GPtrArray *specs;     /* char *: SPECs, in order */
	const char *base;     /* REV; NULL: the one under mediation, else found from the patches */
	const char *rules;    /* name or path; NULL: the pack that fits the base */
	const char *baseline; /* file of known findings, or NULL */
} gate_request;

typedef struct gate_result {
	mediation *m; /* one series; the findings of the gate and hunks that found no place; those
		       * that the baseline knows are ruled dismissed, with its reason */
	guint known;  /* how many the baseline knows */
	GPtrArray *stale; /* char *: lines of the baseline that no finding has */
	char *how;	  /* how the base was found, or NULL */
} gate_result;

/* Without a catalogue that fits there is nothing to judge by: NOT_FOUND. On success *out is the
 * caller's. */
bool engine_gate(gate_result **out, engine *e, const gate_request *q, GError **err);
void gate_result_free(gate_result *r);
/* The lines that would put what is not ruled yet into a baseline; reasons are left to write. */
void gate_baseline_lines(GString *out, const mediation *m);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(gate_result, gate_result_free)
