/* A pool of forked processes: each does one job at a time and answers with bytes.
 *
 * A job that crashes, hangs or wants too much memory costs that job, never the run: its process is
 * replaced and the job reported as failed. The processes are forked from the caller, which must be
 * single-threaded then; they inherit everything in memory and never return from their loop. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct pool_job {
	/* Runs in the child: does job `index` and returns its answer, never NULL. Must not touch
	 * the database or write to the repository. */
	GBytes *(*work)(size_t index, void *data);
	/* Runs in the parent, in whatever order answers come: `answer` is borrowed; NULL when the
	 * job failed, then `why` says how ("crashed (SIGSEGV)", "took longer than 60 s"). */
	void (*done)(size_t index, GBytes *answer, const char *why, void *data);
	/* Runs in the child before its first job, for locking it down; may be NULL. */
	void (*enter)(void *data);
	/* The child keeps no file open but the way to its parent; what it prints is lost. For jobs
	 * that read what others wrote. */
	bool sealed;
	/* Seconds of processor time that a job may take, however busy the machine is; 0: as many as
	 * it wants. One that takes more is ended. */
	unsigned processor_seconds;
	void *data;
} pool_job;

/* Runs jobs 0..count-1 on `workers` processes (0: as many as cores), at most `seconds` a job.
 * False when processes cannot be made or on Ctrl-C; jobs that failed alone do not matter. */
bool pool_run(size_t count, unsigned workers, unsigned seconds, const pool_job *job, GError **err);

/* As many workers as the machine lets this process use. */
unsigned pool_cores(void);
