/* Units: what the links join, and whole cycles of "comes after". */
#include "plan/unit.h"

#include <stdlib.h>

#include "plan/links.h"

/* --- cycles: Tarjan's strongly connected components, with a stack of its own --- */

typedef struct walk {
	unsigned node;
	guint next; /* the next edge to look at */
} walk;

typedef struct tarjan {
	GPtrArray *out; /* node -> GArray of unsigned, or NULL */
	unsigned *index, *low, *component;
	bool *on_stack;
	GArray *stack; /* unsigned */
	unsigned counter, components;
} tarjan;

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
	walk w = {node, 0};
	g_array_append_val(path, w);
}

static void visit(tarjan *t, unsigned start)
{
	g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(walk));
	enter_node(t, path, start);
	while (path->len) {
		walk *w = &g_array_index(path, walk, path->len - 1);
		const GArray *out = g_ptr_array_index(t->out, w->node);
		if (out && w->next < out->len) {
			unsigned to = g_array_index(out, unsigned, w->next++);
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

static void array_unref(gpointer data)
{
	if (data)
		g_array_unref(data);
}

/* Joins all atoms of a cycle. */
static void join_cycles(links *k)
{
	guint n = k->l->all->len;
	tarjan t = {.index = g_new0(unsigned, n + 1),
		.low = g_new0(unsigned, n + 1),
		.component = g_new0(unsigned, n + 1),
		.on_stack = g_new0(bool, n + 1)};
	t.stack = g_array_new(FALSE, FALSE, sizeof(unsigned));
	t.out = g_ptr_array_new_with_free_func(array_unref);
	g_ptr_array_set_size(t.out, (gint)n);
	for (guint i = 0; i < k->edges->len; i++) {
		const link_edge *e = &g_array_index(k->edges, link_edge, i);
		unsigned from = links_root(k, e->from), to = links_root(k, e->to);
		if (from == to || atom_get(k->l, from)->set_aside)
			continue;
		if (!g_ptr_array_index(t.out, from))
			g_ptr_array_index(t.out, from) =
				g_array_new(FALSE, FALSE, sizeof(unsigned));
		GArray *out = g_ptr_array_index(t.out, from);
		g_array_append_val(out, to);
	}
	for (unsigned i = 0; i < n; i++) {
		if (links_root(k, i) == i && !t.index[i])
			visit(&t, i);
	}
	g_autofree unsigned *first = g_new(unsigned, t.components + 1);
	for (unsigned i = 0; i < t.components; i++)
		first[i] = G_MAXUINT;
	for (unsigned i = 0; i < n; i++) {
		if (!t.index[i])
			continue;
		unsigned *f = &first[t.component[i]];
		if (*f == G_MAXUINT)
			*f = i;
		links_join(k, *f, i);
	}
	g_free(t.index);
	g_free(t.low);
	g_free(t.component);
	g_free(t.on_stack);
	g_array_unref(t.stack);
	g_ptr_array_unref(t.out);
}

/* --- the list --- */

static void unit_free(gpointer data)
{
	unit *u = data;
	g_array_unref(u->atoms);
	g_array_unref(u->needs);
	g_free(u);
}

static unit *add_unit(unit_list *list)
{
	unit *u = g_new0(unit, 1);
	u->id = list->all->len;
	u->atoms = g_array_new(FALSE, FALSE, sizeof(unsigned));
	u->needs = g_array_new(FALSE, FALSE, sizeof(unsigned));
	g_ptr_array_add(list->all, u);
	return u;
}

static void make_units(unit_list *list, links *k)
{
	guint n = k->l->all->len;
	for (unsigned i = 0; i < n; i++) {
		list->of_atom[i] = list->missing[i] = G_MAXUINT;
		if (atom_get(k->l, i)->superseded)
			continue;
		unsigned root = links_root(k, i); /* the least atom of its unit */
		unit *u = root == i ? add_unit(list)
				    : g_ptr_array_index(list->all, list->of_atom[root]);
		list->of_atom[i] = u->id;
		g_array_append_val(u->atoms, i);
	}
}

static int compare_numbers(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	return x < y ? -1 : x > y;
}

static void sort_unique(GArray *numbers)
{
	if (!numbers->len)
		return;
	qsort(numbers->data, numbers->len, sizeof(unsigned), compare_numbers);
	guint kept = 1;
	for (guint i = 1; i < numbers->len; i++) {
		unsigned n = g_array_index(numbers, unsigned, i);
		if (n != g_array_index(numbers, unsigned, kept - 1))
			g_array_index(numbers, unsigned, kept++) = n;
	}
	g_array_set_size(numbers, kept);
}

static void make_needs(unit_list *list, const links *k)
{
	for (guint i = 0; i < k->edges->len; i++) {
		const link_edge *e = &g_array_index(k->edges, link_edge, i);
		unsigned from = list->of_atom[e->from], to = list->of_atom[e->to];
		if (from == G_MAXUINT || from == to)
			continue;
		if (to == G_MAXUINT) {
			list->missing[e->from] = e->to;
			continue;
		}
		unit *u = g_ptr_array_index(list->all, from);
		g_array_append_val(u->needs, to);
	}
	for (guint i = 0; i < list->all->len; i++)
		sort_unique(((unit *)g_ptr_array_index(list->all, i))->needs);
}

bool unit_list_new(unit_list **out, const atom_list *l, repo *r, GError **err)
{
	links k;
	links_init(&k, l);
	if (!links_read(&k, r, err)) {
		links_clear(&k);
		return false;
	}
	join_cycles(&k);
	unit_list *list = g_new0(unit_list, 1);
	list->all = g_ptr_array_new_with_free_func(unit_free);
	list->of_atom = g_new(unsigned, l->all->len + 1);
	list->missing = g_new(unsigned, l->all->len + 1);
	make_units(list, &k);
	make_needs(list, &k);
	links_clear(&k);
	*out = list;
	return true;
}

void unit_list_free(unit_list *u)
{
	if (!u)
		return;
	g_ptr_array_unref(u->all);
	g_free(u->of_atom);
	g_free(u->missing);
	g_free(u);
}
