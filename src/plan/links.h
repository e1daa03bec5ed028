/* Links between atoms: "goes with" and "comes after". Private to src/plan. */
#pragma once

#include "plan/atom.h"

typedef struct link_edge {
	unsigned from, to; /* `from` comes after `to` */
} link_edge;

typedef struct links {
	const atom_list *l;
	unsigned *parent; /* atoms that go together, as a forest */
	GArray *edges;	  /* link_edge */
} links;

void links_init(links *k, const atom_list *l);
void links_clear(links *k);
/* Both go together; nothing when one was set aside. */
void links_join(links *k, unsigned a, unsigned b);
/* `from` comes after `to`. */
void links_after(links *k, unsigned from, unsigned to);
unsigned links_root(links *k, unsigned a);

/* Fills `k` with what the texts tell. */
bool links_read(links *k, repo *r, GError **err);
