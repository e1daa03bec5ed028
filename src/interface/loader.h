/* What the readers of a catalogue's parts share. Internal to src/interface. */
#pragma once

#include "interface/rule.h"
#include "interface/yamltree.h"

typedef struct loader loader;

/* The file at hand, for errors. */
const yaml_tree *loader_tree(const loader *l);
catalogue *loader_catalogue(const loader *l);
/* A list of texts, or one text, appended to *out, which is made when it is NULL. No node: nothing.
 */
bool loader_texts(loader *l, const yaml_node *n, GPtrArray **out, GError **err);
/* The entries of a `fits` list, appended to `out` (fit_test *). */
bool loader_fits(loader *l, const yaml_node *n, GPtrArray *out, GError **err);

/* Reads `versions`, after the points. */
bool versions_read(loader *l, const yaml_node *n, GError **err);
