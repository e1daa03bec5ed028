/* Links between atoms: "goes with" and "comes after". Private to src/plan. */
#pragma once

#include "plan/atom.h"

typedef struct link_join {
	unsigned a, b; /* atoms that cannot be told apart */
} link_join;

typedef struct link_edge {
	unsigned from, to;	       /* atoms: `from` comes after `to` */
	unsigned from_patch, to_patch; /* whose lines say so; 0: not known */
	const char *name;	       /* that `from` needs of `to`; NULL: for another reason */
} link_edge;

/* What the texts tell of the atoms, before anything is made of it. */
typedef struct links {
	const atom_list *l;
	GArray *joins;	       /* link_join */
	GArray *edges;	       /* link_edge */
	GHashTable *makers;    /* name -> GArray of unsigned: atoms that define it, of any series */
	GStringChunk *strings; /* the names */
} links;

void links_clear(links *k);
/* Both go together. */
void links_join(links *k, unsigned a, unsigned b);
/* An edge, with what is known of it; or `from` comes after `to`, and nothing more is known. */
void links_add(links *k, const link_edge *e);
void links_after(links *k, unsigned from, unsigned to);

/* Reads from the texts which hunks of a series depend on which: a use on its definition, an
 * #include on the file, an object rule on its source, a removal on the removal of the uses; and
 * which cannot be told apart: hunks of one function, of one #if, a definition and the place it
 * moved to. `k` is the caller's, links_clear, also after a failure. */
bool links_read(links *k, const atom_list *l, repo *r, GError **err);
