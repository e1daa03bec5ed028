/* Directed graphs of numbered nodes: which nodes reach each other. Private to src/plan. */
#pragma once

#include <glib.h>

typedef struct graph_edge {
	unsigned from, to; /* below the number of nodes */
} graph_edge;

/* The strongly connected components of a graph: a component's number for every node, from 0, in an
 * order that the edges and nodes give. The caller's, g_free. */
unsigned *graph_components(guint nodes, const GArray *edges);
