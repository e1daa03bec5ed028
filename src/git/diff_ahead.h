/* Differences made ahead of their use, on another thread, while the texts are at hand: reading them
 * again costs more than comparing them. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"

/* Bytes of texts that wait to be compared; with more, whoever adds compares, too. */
#define DIFF_AHEAD_BYTES ((size_t)4 << 20)

typedef struct diff_ahead diff_ahead;

/* Two texts to compare, and then what came of it. */
typedef struct diff_job {
	oid old_id, new_id; /* zero: not there */
	GBytes *old_text, *new_text;
	GArray *known;	     /* change_hunk: one way from the old to the new text; or NULL */
	file_change *change; /* without path and modes */
} diff_job;

/* Starts the thread. Both handles are taken over: one is the thread's, one for the thread that
 * calls the functions below. */
diff_ahead *diff_ahead_new(repo *reader, repo *helper);
/* Takes the job over. */
void diff_ahead_add(diff_ahead *d, diff_job *job);
/* Does what is left and ends the thread; results stay. */
void diff_ahead_end(diff_ahead *d);
bool diff_ahead_has_ended(const diff_ahead *d);
/* Hands a result over (diff_job_free), NULL when there is none. For any thread, after the end. */
diff_job *diff_ahead_take(diff_ahead *d, const oid *old_id, const oid *new_id);
void diff_job_free(diff_job *job);
void diff_ahead_free(diff_ahead *d); /* NULL is fine */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(diff_job, diff_job_free)
