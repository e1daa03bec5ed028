/* What the conformance suite found out, read from its KTAP (version 1): one top-level line an operation, its
 * tests below it, reasons as comments. The text comes from a process of ours that ran an object of
 * somebody else's, so it is taken for data: printable, of the form that is expected, or refused. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct conform_failure {
	char *says;   /* what the test says: "is in nanoseconds" */
	char *reason; /* "test_time.c:44: not (...)", or NULL */
} conform_failure;

typedef struct conform_operation {
	char *id; /* "time.sched_clock" */
	bool failed, skipped;
	bool reached;	     /* false: the run ended before its tests had run */
	GPtrArray *failures; /* conform_failure * */
} conform_operation;

typedef struct conform_result {
	char *backend;		/* what the machine says of it: "NAME, which fills 3 of 103 operations" */
	GPtrArray *operations;	/* conform_operation *, in the suite's order */
	unsigned ok, failed, skipped, unreached; /* operations; the unreached are none of the others */
	char *bail_out;		/* why the run ended early, or NULL */
	char *text;		/* the KTAP itself */
} conform_result;

/* On success *out is the caller's. */
bool conform_ktap_read(conform_result **out, const char *text, size_t len, GError **err);
void conform_result_free(conform_result *r);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(conform_result, conform_result_free)
