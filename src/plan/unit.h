/* Units: what goes together, and what each must come after. Private to src/plan. */
#pragma once

#include "plan/history.h"

/* A strand taken as far as one of its patches. The last version stands for the strand's atoms. */
typedef struct piece {
	unsigned strand;  /* index in history.strands */
	unsigned version; /* index in its versions */
} piece;

typedef struct unit {
	unsigned id;
	unsigned series; /* of its first atom or piece */
	unsigned patch;	 /* series_commit.n: the unit is that patch, whole; 0: it is none */
	GArray *atoms;	 /* unsigned: ids, ascending; set-aside atoms and followers are in none */
	GArray *pieces;	 /* piece, of strands that are taken version by version */
	GArray *needs;	 /* unsigned: units that must come before, ascending */
	int lost; /* index of the finding whose ruling left out lines that the unit needs; -1 */
} unit;

typedef struct unit_list {
	history *history;
	GPtrArray *all;	   /* unit *: ordered by their first atom; id is the index */
	unsigned *of_atom; /* a unit id for every atom; G_MAXUINT: in none */
} unit_list;

/* Which patches go whole, and what goes together of the rest.
 *
 * A patch goes whole, as one unit, when nothing of it is contested, waits or was passed over, when
 * nothing that it needs is, and when it is no overlay of more than LIMIT_WHOLE_OVERLAY files. Whole
 * patches of a series come in its order; what its own author had before a later patch does not
 * wait for that one. The rest is cut along what the texts tell (plan/links.h). */
bool unit_list_new(unit_list **out, const atom_list *l, repo *r, GError **err);
void unit_list_free(unit_list *u);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(unit_list, unit_list_free)
