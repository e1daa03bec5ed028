/* Tasks: a unit and its reader as bytes, for a process that was there before the unit was; and what
 * comes back, which is also what the cache keeps. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/unit.h"

/* The bytes of a unit that this reader is to read. */
GBytes *task_encode(const analyzer *reader, const analysis_unit *unit);

/* A task as it is taken in: the unit and all that it borrows. */
typedef struct task {
	const analyzer *reader;
	analysis_unit *unit;
	GHashTable *wanted, *aliases;
} task;

/* What a process keeps from task to task: the headers of configurations. */
typedef struct task_kept {
	GBytes *bytes; /* as in the tasks */
	GPtrArray *memory, *computed;
} task_kept;

/* For task_decode: bytes -> task_kept *. */
GHashTable *task_kept_new(void);
/* `bytes` are this program's own. They and `kept` must stay until task_clear. */
bool task_decode(task *t, GBytes *bytes, GHashTable *kept);
void task_clear(task *t);

/* An answer: fact sets, and the places of the tree that they depend on. */
GBytes *answer_encode(const fact_sink *sink);
/* The sets (fact_set *, the caller's) of an answer or of what was kept of one; NULL on bytes that
 * this version did not write. *reads (may be NULL) gets the places (char *, borrowed from
 * `bytes`; the array is the caller's); *kept (may be NULL) how many of the bytes, from the first
 * on, are the sets alone: an answer to be kept. */
GPtrArray *answer_decode(GBytes *bytes, GPtrArray **reads, gsize *kept);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(task, task_clear)
