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
	VERIFIED_NO, /* not checked, or no tree */
	VERIFIED_OK, /* the touched files parse no worse than in the tree before */
	VERIFIED_WORSE,
} step_verified;

/* What is done with a hunk where the plan names it. */
typedef enum hunk_fate {
	HUNK_TAKEN, /* of a step: its lines are there with the step; of a decision: in question */
	HUNK_TRIMMED,	/* taken, less lines in the middle of it that a decision leaves out */
	HUNK_STOOD_FOR, /* not taken: an equal hunk of another series, or the side that a decision
			 * chose, stands for it */
	HUNK_ANEW,	/* not taken: to be written anew behind the interface, by a decision */
	HUNK_FALLS,	/* not taken: it needs lines that a decision leaves out */
	HUNK_WAITS,	/* of a decision: not in question, it needs lines that are */
} hunk_fate;

/* A hunk of the difference from the base to a series' tip. hunk counts from 1 in
 * file_change.hunks; 0 is the whole path (binary, mode or deletion of an empty file). */
typedef struct plan_hunk {
	unsigned series; /* index in mediation.series */
	char *path;
	unsigned hunk;
	hunk_fate fate;
} plan_hunk;

typedef struct step {
	unsigned n; /* from 1 */
	step_action action;
	bool whole; /* patches[0], whole: nothing else, and nothing of it elsewhere */
	char *title;
	GPtrArray *series;   /* char *: names */
	GArray *patches;     /* struct step_patch */
	GPtrArray *hunks;    /* plan_hunk * */
	GPtrArray *parts;    /* plan_hunk *: hunks of which the step brings what its patch has in
			      * them; a later step, of the last patch that has a part, counts them */
	GPtrArray *points;   /* char *: ids */
	GPtrArray *findings; /* char *: finding ids */
	GArray *depends_on;  /* unsigned: step numbers */
	oid tree;	     /* zero: the step has no tree of its own */
	step_verified verified;
	char *detail;	   /* Markdown for people: what to move behind which operation; or NULL */
	GPtrArray *owners; /* char *: who should see it (MAINTAINERS), or empty */
} step;

typedef struct step_patch {
	unsigned series; /* index */
	unsigned n;	 /* series_commit.n */
} step_patch;

/* An open decision: hunks that wait for a mediator. */
typedef struct undecided {
	char *title;
	GPtrArray *findings; /* char *: ids to rule on; none has a decision */
	GPtrArray *hunks;    /* plan_hunk *: in question, or waiting for those that are */
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
const char *hunk_fate_name(hunk_fate fate); /* "taken", "trimmed", "stood-for", "anew", "falls", "waits" */
/* True when the hunk is accounted for without its lines being taken. */
bool hunk_is_superseded(const plan_hunk *h);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(plan, plan_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(step, step_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(undecided, undecided_free)
