/* Laying atoms onto the base: the text of a path, and the tree, that exactly a set of atoms makes.
 * Private to src/plan. */
#pragma once

#include "plan/history.h"

/* What a path is once atoms are laid on it. */
typedef struct laid_file {
	bool exists;
	unsigned mode;
	oid blob;
} laid_file;

/* A tree that grows by atoms, and by versions of strands, over the base. Every path is always made
 * from the base's text and all that it got so far, so that the order of steps does not matter for
 * what comes out. */
typedef struct layer layer;

bool layer_new(layer **out, repo *r, const oid *base_tree, GError **err);
void layer_free(layer *l);
/* Adds an atom (superseded ones are not for layers); the tree changes with the next layer_write. */
void layer_add(layer *l, const atom *a);
/* The strand as its version leaves it, in place of an earlier one; with its last version, its atoms
 * are added instead. */
void layer_set_version(layer *l, const strand *s, guint version);
/* Writes the tree of everything so far. */
bool layer_write(layer *l, oid *tree, GError **err);

/* The text of `base` with atoms laid on: atoms in any order, their new lines read from `texts`
 * (GBytes *, one an atom). Atoms of two series that replace the same lines give both versions, one
 * after the other, in the order of the series. The caller's. Pure; for tests too. */
GBytes *lay_text(GBytes *base, const GPtrArray *atoms, const GPtrArray *texts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(layer, layer_free)
