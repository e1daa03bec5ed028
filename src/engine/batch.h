/* Batches: analyzers at work on units, in worker processes, through the cache of answers. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "engine/engine.h"
#include "engine/reuse.h"
#include "model/unit.h"

/* One analyzer on one unit of one tree. */
typedef struct read_job {
	guint tree; /* the caller's number of the tree */
	const analyzer *reader;
	analysis_unit *unit;
	reuse_place place; /* the tree and what is wanted of it; parts borrowed */
	char *key;	   /* names the unit and how it is read */
	GPtrArray *sets;   /* fact_set *, the answer; NULL until there */
	char *failure;	   /* why there is none */
} read_job;

/* `unit` is taken; unit->wanted is set to that of `where`. */
read_job *read_job_new(
	guint tree, const analyzer *reader, analysis_unit *unit, const reuse_place *where);
void read_job_free(read_job *j);

/* Does all jobs (read_job *) that have no answer yet: from the cache, else by parsing, else once
 * more without function bodies. What fails then keeps its failure. False only for what ends the run
 * (database, Ctrl-C, no processes). */
bool batch_run(engine *e, GPtrArray *jobs, GError **err);
