/* A vendor's backend object held against the conformance suite, on the simulated machine. Needs neither a repository nor
 * a database, and nothing is stored. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "conform/conform.h"

/* The catalogue of the interface that the suite tests. */
#define CONFORM_CATALOGUE "reference"

typedef struct conform_report {
	mediation *m; /* one series, CONFORM_SERIES; the findings */
	conform_result *result;
} conform_report;

/* `operation`: an operation by id or name, or a group ("mmu"); NULL: all. On success *out is the caller's. */
bool engine_conform(
	conform_report **out, const char *object, const char *operation, GError **err);
void conform_report_free(conform_report *r);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(conform_report, conform_report_free)
