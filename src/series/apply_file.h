/* One file of a diff onto the stage. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/patch.h"
#include "model/series.h"
#include "series/apply_stage.h"
#include "series/apply_text.h"

typedef struct file_job {
	repo *r;
	stage *stage;
	const patch *patch;
	unsigned n;	    /* series_commit.n */
	text_rules rules;   /* TEXT_ALL: also takes what fits in part, and reports the rest */
	GPtrArray *rejects; /* reject *, with TEXT_ALL */
	unsigned fuzzy;	    /* hunks that found their place otherwise than exactly */
	unsigned failed;    /* hunks (or whole files) that found none */
	unsigned searched;  /* rejects for which the nearest place was looked for */
} file_job;

/* Puts the result of `f` on the stage. With TEXT_STRICT a file that does not fit leaves the stage
 * alone and counts in failed; with TEXT_ALL what fits is staged and the rest becomes rejects. False
 * only for failures: unreadable objects, a path that leaves the tree. */
bool apply_file(file_job *job, const patch_file *f, GError **err);

/* Marks what the patch moves away (see stage_expect_gone); before the first apply_file. */
void apply_file_prepare(stage *s, const patch *p);

/* A reject of `f` for the job's patch; hunk 0 is the whole file. Appends it and returns it. */
reject *apply_reject(file_job *job, const patch_file *f, reject_reason reason, unsigned hunk);
