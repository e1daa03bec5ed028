/* Rule packs: which there are, and which one fits a tree. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "interface/catalogue.h"

/* Paths of the packs that are found by name, each name once, sorted by name (char *). */
GPtrArray *packs_list(void);
/* A pack by name or path; NOT_FOUND says which there are. `path` may be NULL. */
bool packs_open(catalogue **out, char **path, const char *name, GError **err);
/* The pack that fits a tree best; *out NULL when none does. `path` may be NULL. */
bool packs_fitting(catalogue **out, char **path, repo *r, const oid *tree, GError **err);
/* How well a pack fits a tree; 0: it does not. */
unsigned packs_fit(const catalogue *c, repo *r, const oid *tree);
/* The version of the interface that the tree has; NULL when no version knows it. Borrowed of `c`.
 */
const char *packs_version(const catalogue *c, repo *r, const oid *tree);
/* Leaves the points that a base with this tree is mapped to. */
void packs_take_judged(catalogue *c, repo *r, const oid *tree);
