/* A pool of forked processes: each does one task at a time and answers with bytes.
 *
 * A task that crashes, hangs or wants too much memory costs that task, never the run: its process
 * is replaced and the task reported as failed. The processes are forked from the caller, which must
 * be single-threaded then; they inherit everything in memory and never return from their loop. They
 * live as long as the pool: what a task needs beyond what was in memory at the first one goes along
 * with it as bytes, so that a large caller forks once and not for each batch of tasks. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct pool pool;

/* What the processes are. */
typedef struct pool_worker {
	/* Runs in the child: does a task and returns its answer, never NULL. Must not touch the
	 * database or write to the repository. */
	GBytes *(*work)(GBytes *task, void *data);
	/* Runs in the child before its first task, for locking it down; may be NULL. */
	void (*enter)(void *data);
	/* The child keeps no file open but the way to its parent; what it prints is lost. For tasks
	 * that read what others wrote. */
	bool sealed;
	/* Seconds of processor time that a task may take, however busy the machine is; 0: as many
	 * as it wants. One that takes more is ended. */
	unsigned processor_seconds;
	unsigned seconds; /* by the clock */
	void *data;	  /* alive as long as the pool */
} pool_worker;

/* Who gives tasks and takes answers; alive until the last answer. Both run in the parent. */
typedef struct pool_client {
	/* The bytes of task `index`, when a process is there to take it. The pool's. */
	GBytes *(*task)(size_t index, void *data);
	/* Takes answers in whatever order they come: `answer` is borrowed; NULL when the task
	 * failed, then `why` says how ("crashed (SIGSEGV)", "took longer than 60 s"). */
	void (*done)(size_t index, GBytes *answer, const char *why, void *data);
	void *data;
} pool_client;

/* `workers` 0: as many as cores. Starts nothing yet. Never NULL. */
pool *pool_new(const pool_worker *work, unsigned workers);
/* Ends the processes; tasks without an answer are dropped. NULL is fine. */
void pool_free(pool *p);
/* Puts a task behind those that wait. */
void pool_add(pool *p, const pool_client *client, size_t index);
/* Hands tasks out and takes the answers that are there; `wait`: until there is one or some time has
 * passed. A caller that has other work to do calls this now and then, so that the processes have
 * some too. False when a process cannot be made or on Ctrl-C. */
bool pool_turn(pool *p, bool wait, GError **err);
/* Tasks that have no answer yet. */
size_t pool_open(const pool *p);

/* The simple case: tasks 0..count-1 of something that is all in memory. */
typedef struct pool_job {
	GBytes *(*work)(size_t index, void *data);
	void (*done)(size_t index, GBytes *answer, const char *why, void *data);
	void (*enter)(void *data);
	bool sealed;
	unsigned processor_seconds;
	void *data;
} pool_job;

/* Does them on `workers` processes, at most `seconds` each. False when processes cannot be made or
 * on Ctrl-C; jobs that failed alone do not matter. */
bool pool_run(size_t count, unsigned workers, unsigned seconds, const pool_job *job, GError **err);

/* As many workers as the machine lets this process use. */
unsigned pool_cores(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(pool, pool_free)
