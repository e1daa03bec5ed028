/* What every format says alike: names, counts and sums over a mediation. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/mediation.h"

/* The series of an index, "base" for -1 and whatever is out of range. Borrowed. */
const char *tally_series_name(const mediation *m, int index);
/* "NAME", "NAME, in the base", "base": the tree that a location counts in. The caller's. */
char *tally_tree_name(const mediation *m, const location *l);
/* "path:12-15", "path:12", "path". The caller's. */
char *tally_place(const char *path, unsigned line, unsigned end_line);
/* The subject of patch `n` of a series; NULL when unknown. Borrowed. */
const char *tally_subject(const mediation *m, int series, unsigned n);
/* At most 12 digits of an id, as git abbreviates in the kernel; "-" for none. The caller's. */
char *tally_short_oid(const oid *id);
/* "a", "a and b", "a, b and c" of char *. The caller's. */
char *tally_join_names(GPtrArray *names);
/* "1 finding", "2 findings". The caller's. */
char *tally_count(guint64 n, const char *one, const char *many);
/* "98.7 %" of a part; "100 %" of nothing. The caller's. */
char *tally_percent(guint64 part, guint64 whole);

/* "35 .c files do not parse: include/linux/x.h:12: unknown type name 'y_t' (1 hunk of it found no
 * place)". The caller's. */
char *tally_cause(const mediation *m, guint series_index, const coverage_cause *c);

typedef struct point_tally {
	unsigned all, contested, single, untouched;
} point_tally;
point_tally tally_points(const mediation *m);

typedef struct finding_tally {
	unsigned all, open, by_severity[SEVERITY_ERROR + 1];
} finding_tally;
finding_tally tally_findings(GPtrArray *findings);

/* How a side does it, the strongest evidence first: "shadow copy, hypercall" when it is hooked or
 * bypassed, what happened ("moved") when it is touched, "" when untouched. With `columns` other
 * than 0 as much as fits, and how many more there are: "shadow copy +1". The caller's. */
char *tally_side_how(const point_side *side, unsigned columns);
/* True when evidence of this weight makes a side be in this state. */
bool tally_speaks_for(evidence_weight weight, point_state state);
/* The strongest piece of evidence that speaks for the side's state; NULL when none. Borrowed. */
const evidence *tally_side_evidence(const point_side *side);

/* Points of a group, in catalogue order: [first, last) of m->points that share a group. Call with
 * *last 0 first; false at the end. */
bool tally_next_group(const mediation *m, guint *first, guint *last);

/* Runs of findings of the same severity and kind: [first, last) of `findings`. */
bool tally_next_kind(GPtrArray *findings, guint *first, guint *last);

/* Hunks of one path: "1-3, 5"; "all of it" for a whole path. */
typedef struct path_hunks {
	unsigned series;
	const char *path; /* borrowed from the plan */
	hunk_fate fate;
	unsigned count;
	char *hunks; /* with what becomes of them, in words, when they are not taken */
} path_hunks;
/* plan_hunk * grouped by series, path and what becomes of them, sorted. The caller's. */
GPtrArray *tally_hunks(GPtrArray *hunks);

/* A finding without a ruling that lines of the plan wait for. */
typedef struct waiting_finding {
	const finding *f; /* borrowed */
	guint hunks;
} waiting_finding;
/* What a mediator rules on next: waiting_finding, the one that most hunks wait for first, then by
 * fingerprint. Empty without a plan. The caller's. */
GArray *tally_waiting(const mediation *m);

/* Findings of hunks that found no place, which no plan holds: const finding *, in their order. The
 * caller's. */
GPtrArray *tally_left_out(const mediation *m);
/* "120 hunks in 37 paths". The caller's. */
char *tally_count_hunks(GPtrArray *hunks);
/* How many of a decision's hunks are in question, and how many only wait for those: "2 hunks in 2
 * paths; 3 in 1 path wait for them". The caller's. */
char *tally_open_hunks(GPtrArray *hunks);

/* "one 1-4, 6; two 2" of step_patch. The caller's. */
char *tally_patches(const mediation *m, GArray *patches);
/* "1, 2, 5" of unsigned. The caller's. */
char *tally_numbers(GArray *numbers);
/* "take NAME", "interface", ... of a decision; "open" for NULL. The caller's. */
char *tally_decision(const decision *d);
