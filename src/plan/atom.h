/* Atoms: the hunks of every path of every series, each of which the plan puts into one place.
 * Private to src/plan. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/mediation.h"

/* What becomes of an atom, the weaker claim first: a unit of several atoms has the strongest. */
typedef enum atom_fate {
	FATE_TAKE,	/* as it is */
	FATE_INTERFACE, /* with the step of an interface group */
	FATE_DECIDED,	/* with the step of a ruling */
	FATE_UNDECIDED, /* waits for a ruling */
} atom_fate;

/* Lines first+1..end of a text. */
typedef struct atom_gap {
	unsigned first, end;
} atom_gap;

typedef struct atom {
	unsigned id;
	unsigned series; /* index in mediation.series */
	const file_change *change;
	unsigned hunk;		  /* from 1; 0: the whole path */
	const change_hunk *lines; /* NULL when hunk is 0 */
	atom_fate fate;
	bool set_aside;	  /* a ruling chose another side, or new code, in its place */
	bool superseded;  /* set aside, or an equal atom stands for it: its lines are not taken */
	GArray *cuts;	  /* atom_gap: lines first+1..end of the tip that rulings leave out of it */
	bool falls;	  /* it needs lines that a ruling leaves out; set once units are known */
	bool leads;	  /* it stands for equal atoms of later series */
	int leader;	  /* the equal atom of an earlier series that stands for it; -1 */
	int ruling;	  /* index of the finding whose decision rules it; -1 */
	GArray *findings; /* unsigned: indexes of findings that stand here, whatever their state */
	GArray *open;	  /* unsigned: those of them that need a ruling */
	GArray *points;	  /* unsigned: indexes of contested points whose evidence stands here */
} atom;

typedef struct atom_list {
	const mediation *m;
	GPtrArray *all;	  /* atom *, by series, path, hunk; id is the index */
	GPtrArray *paths; /* a series: GHashTable path -> GArray of unsigned (ids) */
} atom_list;

atom_list *atom_list_new(const mediation *m);
void atom_list_free(atom_list *l);
atom *atom_get(const atom_list *l, unsigned id);
/* The atoms of a path in a series: unsigned ids; NULL when it does not touch the path. Borrowed. */
const GArray *atom_list_path(const atom_list *l, unsigned series, const char *path);

/* True when a change has no lines to choose from: binary, mode, type, submodule, empty files. Its
 * atoms are taken or left together. */
bool change_is_whole(const file_change *change);
/* Between the lines of the base: the atom replaces lines first+1..end. A whole path has 0, 0. */
atom_gap atom_position(const atom *a);
/* True when both replace a common line of the base, or one adds inside what the other replaces. */
bool atoms_overlap(const atom *a, const atom *b);

/* Sets leaders: equal changes of several series, of which the first stands for all. */
bool atoms_find_equal(atom_list *l, repo *r, GError **err);
/* Sets fates, findings and points from m->findings, their decisions and m->points. */
void atoms_classify(atom_list *l);

/* True when a finding, as it is ruled now, still puts a point behind the interface. */
bool point_needs_interface(const mediation *m, const point_result *p);
/* True when each party changed a file of its own, one of them a copy: both can be taken. */
bool finding_is_of_copies(const finding *f);
/* Atoms where a location stands, appended to `out` (unsigned ids). */
void atoms_at_location(const atom_list *l, GArray *out, const location *place);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(atom_list, atom_list_free)
