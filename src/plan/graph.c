/* Tarjan's strongly connected components, with a stack of its own: graphs may be deep. */
#include "plan/graph.h"

#include <stdbool.h>

typedef struct walk {
	unsigned node;
	unsigned next; /* the next of its edges to look at */
} walk;

typedef struct tarjan {
	unsigned *first; /* node -> its first edge in `to`; one more at the end */
	unsigned *to;
	unsigned *index, *low, *component;
	bool *on_stack;
	GArray *stack; /* unsigned */
	unsigned counter, components;
} tarjan;

/* Edges by the node that they leave, in the order given. */
static void sort_edges(tarjan *t, guint nodes, const GArray *edges)
{
	for (guint i = 0; i < edges->len; i++)
		t->first[g_array_index(edges, graph_edge, i).from + 1]++;
	for (guint i = 0; i < nodes; i++)
		t->first[i + 1] += t->first[i];
	g_autofree unsigned *next = g_memdup2(t->first, (nodes + 1) * sizeof *next);
	for (guint i = 0; i < edges->len; i++) {
		const graph_edge *e = &g_array_index(edges, graph_edge, i);
		t->to[next[e->from]++] = e->to;
	}
}

static void finish_node(tarjan *t, unsigned node)
{
	if (t->low[node] != t->index[node])
		return;
	unsigned member;
	do {
		member = g_array_index(t->stack, unsigned, t->stack->len - 1);
		g_array_set_size(t->stack, t->stack->len - 1);
		t->on_stack[member] = false;
		t->component[member] = t->components;
	} while (member != node);
	t->components++;
}

static void enter_node(tarjan *t, GArray *path, unsigned node)
{
	t->index[node] = t->low[node] = ++t->counter;
	g_array_append_val(t->stack, node);
	t->on_stack[node] = true;
	walk w = {node, t->first[node]};
	g_array_append_val(path, w);
}

static void visit(tarjan *t, unsigned start)
{
	g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(walk));
	enter_node(t, path, start);
	while (path->len) {
		walk *w = &g_array_index(path, walk, path->len - 1);
		if (w->next < t->first[w->node + 1]) {
			unsigned to = t->to[w->next++];
			if (!t->index[to])
				enter_node(t, path, to);
			else if (t->on_stack[to])
				t->low[w->node] = MIN(t->low[w->node], t->index[to]);
			continue;
		}
		unsigned done = w->node;
		finish_node(t, done);
		g_array_set_size(path, path->len - 1);
		if (path->len) {
			unsigned above = g_array_index(path, walk, path->len - 1).node;
			t->low[above] = MIN(t->low[above], t->low[done]);
		}
	}
}

unsigned *graph_components(guint nodes, const GArray *edges)
{
	tarjan t = {.first = g_new0(unsigned, nodes + 2),
		.to = g_new(unsigned, edges->len + 1),
		.index = g_new0(unsigned, nodes + 1),
		.low = g_new0(unsigned, nodes + 1),
		.component = g_new0(unsigned, nodes + 1),
		.on_stack = g_new0(bool, nodes + 1),
		.stack = g_array_new(FALSE, FALSE, sizeof(unsigned))};
	sort_edges(&t, nodes, edges);
	for (unsigned i = 0; i < nodes; i++) {
		if (!t.index[i])
			visit(&t, i);
	}
	g_free(t.first);
	g_free(t.to);
	g_free(t.index);
	g_free(t.low);
	g_free(t.on_stack);
	g_array_unref(t.stack);
	return t.component;
}
