/* Batches: analyzers at work on units, in worker processes, through the cache of answers.
 *
 * The processes outlive a batch: the first one starts them, engine_free ends them. A batch works
 * while its caller does: what is added is begun at once, so that making units and reading them go
 * side by side. What an answer says never depends on when it came. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "engine/engine.h"
#include "engine/reuse.h"
#include "model/unit.h"

/* One analyzer on one unit of one tree. */
typedef struct unit_maker {
	/* *out is the caller's; it borrows from the tree. */
	bool (*make)(analysis_unit **out, void *data, GError **err);
	void *data;
	GDestroyNotify free; /* of `data` */
} unit_maker;

typedef struct read_job {
	guint tree; /* the caller's number of the tree */
	const analyzer *reader;
	analysis_unit *unit;
	unit_maker maker; /* of a unit that only stands for one (analysis_unit.how); asked when no
			   * answer is there. make NULL: the unit is one */
	reuse_place place; /* the tree and what is wanted of it; parts borrowed */
	char *key;	   /* names the unit and how it is read */
	GPtrArray *sets;   /* fact_set *, the answer; NULL until there */
	char *failure;	   /* why there is none */
	bool parsed;	   /* by this batch; otherwise the cache had the answer */
	bool keep_reads;   /* asked for before the job is added: then ... */
	GPtrArray *reads;  /* ... char *: tree paths that were read or looked for; NULL: unknown */
} read_job;

/* Sets the unit's `how`, when it has none. */
void unit_tell_how(analysis_unit *u);
/* `unit` is taken; unit->wanted is set to that of `where`. */
read_job *read_job_new(
	guint tree, const analyzer *reader, analysis_unit *unit, const reuse_place *where);
void read_job_free(read_job *j);
/* An answer or a failure is there. */
bool read_job_is_done(const read_job *j);

typedef struct batch batch;

/* `total`: jobs that will come, for the progress shown; 0: unknown. Never NULL. */
batch *batch_new(engine *e, const char *title, guint total);
/* Begins a job (borrowed until the batch is freed): answers it from the cache, else by parsing,
 * else once more without function bodies. What fails then keeps its failure. False only for what
 * ends the run (database, Ctrl-C, no processes). */
bool batch_add(batch *b, read_job *j, GError **err);
/* Lets the processes go on; `wait`: until one has answered or some time has passed. */
bool batch_turn(batch *b, bool wait, GError **err);
/* Waits until every job is done. */
bool batch_finish(batch *b, GError **err);
/* Jobs that are not done are dropped. */
void batch_free(batch *b);

/* All of it for jobs (read_job *) that are there already. */
bool batch_run(engine *e, GPtrArray *jobs, GError **err);

/* The processes of an engine. NULL is fine. */
typedef struct reader_pool reader_pool;
void reader_pool_free(reader_pool *r);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(batch, batch_free)
