/* Units: atoms that go together, and what each must come after. Private to src/plan. */
#pragma once

#include "plan/atom.h"

typedef struct unit {
	unsigned id;
	GArray *atoms; /* unsigned: ids, ascending; set-aside atoms and followers are in none */
	GArray *needs; /* unsigned: units that must come before, ascending */
} unit;

typedef struct unit_list {
	GPtrArray *all;	   /* unit *: ordered by their first atom; id is the index */
	unsigned *of_atom; /* a unit id for every atom; G_MAXUINT: in none */
	/* Atoms that miss lines which a ruling set aside: [atom] = the atom that has the lines, or
	 * G_MAXUINT. */
	unsigned *missing;
} unit_list;

/* Tells from the texts which hunks of a series depend on which: a use on its definition, an
 * #include on the file, an object rule on its source, a removal on the removal of the uses; and
 * which cannot be told apart: hunks of one function, of one #if, a definition and the place it
 * moved to. */
bool unit_list_new(unit_list **out, const atom_list *l, repo *r, GError **err);
void unit_list_free(unit_list *u);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(unit_list, unit_list_free)
