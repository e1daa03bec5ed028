/* The plan: ordered steps that bring the series together, and what is still undecided. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/oid.h"

typedef enum step_action {
	STEP_TAKE,	/* hunks that can be taken as they are */
	STEP_INTERFACE, /* code to move behind operations of the common interface */
	STEP_DECIDED,	/* hunks that a decision ruled on */
} step_action;

typedef enum step_verified {
	VERIFIED_NO,	/* not checked, or no tree */
	VERIFIED_OK,	/* the touched files parse no worse than in the tree before */
	VERIFIED_WORSE,
} step_verified;

/* A hunk of the difference from the base to a series' tip. hunk counts from 1 in
 * file_change.hunks; 0 is the whole path (binary, mode or deletion of an empty file). */
typedef struct plan_hunk {
	unsigned series; /* index in mediation.series */
	char *path;
	unsigned hunk;
	bool superseded; /* accounted for, but its lines are not taken: an equal hunk of another
			  * series, or the side that a decision chose, stands for it */
} plan_hunk;

typedef struct step {
	unsigned n;	    /* from 1 */
	step_action action;
	char *title;
	GPtrArray *series;  /* char *: names */
	GArray *patches;    /* struct step_patch */
	GPtrArray *hunks;   /* plan_hunk * */
	GPtrArray *points;  /* char *: ids */
	GPtrArray *findings;/* char *: finding ids */
	GArray *depends_on; /* unsigned: step numbers */
	oid tree;	    /* zero: the step has no tree of its own */
	step_verified verified;
	char *detail;	    /* Markdown for people: what to move behind which operation; or NULL */
	GPtrArray *owners;  /* char *: who should see it (MAINTAINERS), or empty */
} step;

typedef struct step_patch {
	unsigned series; /* index */
	unsigned n;	 /* series_commit.n */
} step_patch;

/* An open decision: hunks that wait for a mediator. */
typedef struct undecided {
	char *title;
	GPtrArray *findings; /* char *: ids to rule on */
	GPtrArray *hunks;    /* plan_hunk * */
} undecided;

typedef struct plan {
	GPtrArray *steps;     /* step * */
	GPtrArray *undecided; /* undecided * */
} plan;

plan *plan_new(void);
void plan_free(plan *p);
step *step_new(step_action action);
void step_free(step *s);
undecided *undecided_new(const char *title);
void undecided_free(undecided *u);
plan_hunk *plan_hunk_new(unsigned series, const char *path, unsigned hunk);
void plan_hunk_free(plan_hunk *h);

const char *step_action_name(step_action action);	/* "take", "interface", "decided" */
const char *step_verified_name(step_verified verified); /* "no", "ok", "worse" */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(plan, plan_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(step, step_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(undecided, undecided_free)
