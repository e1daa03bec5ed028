/* What each patch of a series made of each path, and where patches build on each other's lines.
 * Private to src/plan.
 *
 * The atoms of a plan are hunks from base to tip. Where two patches of a series change the same
 * lines, or lines next to each other, one atom holds the work of both, or, when the second takes
 * back what the first did, no atom does. Such a place is a strand: lines of the base, with their
 * text after each of the patches. */
#pragma once

#include "plan/atom.h"

/* A strand as one of its patches leaves it. */
typedef struct strand_version {
	unsigned patch;	      /* series_commit.n */
	tree_entry file;      /* the whole path after the patch; mode 0: not there */
	unsigned first, last; /* the strand's lines are first+1..last of it; not for whole paths */
} strand_version;

typedef struct strand {
	unsigned series;
	char *path;
	tree_entry base;  /* the path in the base; mode 0: not there */
	bool whole_path;  /* added, deleted, binary, a mode: not a matter of lines */
	atom_gap gap;	  /* the lines of the base; not for whole paths */
	GArray *versions; /* strand_version, two or more, in the order of the patches */
	GArray *atoms;	  /* unsigned: ids, ascending; none when nothing is left in the tip */
	bool separable;	  /* its versions can be laid one after the other: no other series changes
			   * these lines, and none of its atoms waits, is contested or passed over */
} strand;

typedef struct history {
	GPtrArray *strands; /* strand *, by series, path, place */
	int *strand_of;	    /* an atom: index of its strand; -1: one patch alone made it */
	unsigned *patch_of; /* an atom: that patch; 0: it is in a strand, or nobody knows */
} history;

/* Reads it from the trees of the series' patches. Call after atoms_classify. */
bool history_new(history **out, const atom_list *l, repo *r, GError **err);
void history_free(history *h);

/* The index of the version that patch `n` made, or of the last one before it; -1: none. */
int strand_version_of(const strand *s, unsigned n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(history, history_free)
