/* Random mediations, of any size, with every optional field now there and now not. */
#pragma once

#include <glib.h>

#include "model/mediation.h"
#include "model/reading.h"

/* How much of each. Lists have up to that many entries when `exact` is false. */
typedef struct mediation_size {
	bool exact;
	guint series, patches, files, hunks, lines; /* of a series; files; a file; a hunk */
	guint points, evidence;			    /* evidence of a side */
	guint findings, locations;		    /* locations of a finding */
	guint steps;
} mediation_size;

/* A small mediation, of the same size at every call. */
extern const mediation_size mediation_size_fixed;

/* Keeps the promises of model/: names are unique, indexes exist, fingerprints differ. */
mediation *mediation_random(GRand *rand, const mediation_size *size);
/* A ruling on the finding of that fingerprint. */
decision *decision_random(GRand *rand, const char *fingerprint);

/* Bytes that do not deflate; the caller's. */
GBytes *bytes_random(gsize len);

/* What an analyzer might have read of each series, `facts` entities and uses a file. Owns all. */
typedef struct random_readings {
	GPtrArray *list;    /* series_reading * */
	GPtrArray *sets;    /* fact_set * */
	GPtrArray *touches; /* touch_set * */
	GHashTable *base;
} random_readings;

void readings_random(random_readings *out, GRand *rand, const mediation *m, guint facts);
void readings_random_clear(random_readings *r);
