/* Items that go together, and what each comes after. */
#include "plan/weave.h"

#include <string.h>

#include "plan/graph.h"

const strand *weaver_strand(const weaver *w, unsigned i)
{
	return g_ptr_array_index(w->h->strands, i);
}

unsigned weaver_patch(const weaver *w, unsigned series_index, unsigned n)
{
	return w->first_patch[series_index] + n - 1;
}

const strand_version *strand_version_at(const strand *s, guint i)
{
	return &g_array_index(s->versions, strand_version, i);
}

/* --- items --- */

bool weaver_is_apart(const weaver *w, unsigned strand_index)
{
	return w->first_item[strand_index] != G_MAXUINT;
}

static unsigned last_item(const weaver *w, unsigned strand_index)
{
	return w->first_item[strand_index] + weaver_strand(w, strand_index)->versions->len - 1;
}

/* The item that holds the lines of patch `n` (0: not known) in an atom. */
static unsigned item_of(const weaver *w, unsigned atom_id, unsigned n)
{
	int at = w->h->strand_of[atom_id];
	if (at < 0 || !weaver_is_apart(w, (unsigned)at))
		return atom_id;
	int version = n ? strand_version_of(weaver_strand(w, (unsigned)at), n) : -1;
	return version < 0 ? last_item(w, (unsigned)at) : w->first_item[at] + (unsigned)version;
}

/* The number of the one patch that an item is of; G_MAXUINT: of several, or nobody knows. */
static void number_items(const weaver *w, unsigned *number)
{
	for (unsigned i = 0; i < w->l->all->len; i++) {
		const atom *a = atom_get(w->l, i);
		unsigned n = w->h->patch_of[i];
		int at = w->h->strand_of[i];
		if (at >= 0 && weaver_is_apart(w, (unsigned)at)) {
			const strand *s = weaver_strand(w, (unsigned)at);
			n = strand_version_at(s, s->versions->len - 1)->patch;
		}
		number[i] = n ? weaver_patch(w, a->series, n) : G_MAXUINT;
	}
	for (unsigned i = 0; i < w->h->strands->len; i++) {
		const strand *s = weaver_strand(w, i);
		for (guint v = 0; weaver_is_apart(w, i) && v < s->versions->len; v++)
			number[w->first_item[i] + v] =
				weaver_patch(w, s->series, strand_version_at(s, v)->patch);
	}
}

bool weaver_has_whole(const weaver *w, const strand *s, bool all)
{
	for (guint i = 0; i < s->versions->len; i++) {
		if (w->whole[weaver_patch(w, s->series, strand_version_at(s, i)->patch)] != all)
			return !all;
	}
	return all;
}

/* Strands are taken version by version where a whole patch has one of them. */
static void set_strands_apart(weaver *w)
{
	w->items = w->l->all->len;
	for (unsigned i = 0; i < w->h->strands->len; i++) {
		const strand *s = weaver_strand(w, i);
		w->first_item[i] = G_MAXUINT;
		if (!s->separable || !weaver_has_whole(w, s, false))
			continue;
		w->first_item[i] = w->items;
		w->items += s->versions->len;
	}
}

unsigned weaver_root(weaver *w, unsigned item)
{
	while (w->parent[item] != item)
		item = w->parent[item] = w->parent[w->parent[item]];
	return item;
}

static void join(weaver *w, unsigned a, unsigned b)
{
	a = weaver_root(w, a);
	b = weaver_root(w, b);
	if (a != b)
		w->parent[MAX(a, b)] = MIN(a, b);
}

static void add_edge(weaver *w, unsigned from, unsigned to, bool ahead)
{
	item_edge e = {from, to, ahead};
	if (from != to)
		g_array_append_val(w->edges, e);
}

/* --- links between items --- */

/* The atom whose lines are taken for this one. */
static unsigned stand_in(const weaver *w, unsigned id)
{
	const atom *a = atom_get(w->l, id);
	return a->leader >= 0 ? (unsigned)a->leader : id;
}

static bool same_series(const weaver *w, unsigned a, unsigned b)
{
	return atom_get(w->l, a)->series == atom_get(w->l, b)->series;
}

/* Hunks that cannot be told apart go together. Where one of two patches goes whole, it comes before
 * or after the other, as in their series. */
static void use_joins(weaver *w, const unsigned *number)
{
	for (guint i = 0; i < w->k->joins->len; i++) {
		const link_join *j = &g_array_index(w->k->joins, link_join, i);
		unsigned a = stand_in(w, j->a), b = stand_in(w, j->b);
		if (atom_get(w->l, a)->set_aside || atom_get(w->l, b)->set_aside)
			continue;
		unsigned x = item_of(w, a, 0), y = item_of(w, b, 0);
		bool known = number[x] != G_MAXUINT && number[y] != G_MAXUINT &&
			     number[x] != number[y] && same_series(w, a, b);
		if (!known || (!w->whole[number[x]] && !w->whole[number[y]]))
			join(w, x, y);
		else if (number[x] < number[y])
			add_edge(w, y, x, false);
		else
			add_edge(w, x, y, false);
	}
}

/* Another place that gives what a set-aside one would have: the side that was chosen, say. */
static unsigned other_maker(const weaver *w, const link_edge *e, unsigned but)
{
	const GArray *makers = e->name ? g_hash_table_lookup(w->k->makers, e->name) : NULL;
	for (guint i = 0; makers && i < makers->len; i++) {
		unsigned id = stand_in(w, g_array_index(makers, unsigned, i));
		if (id != but && !atom_get(w->l, id)->superseded)
			return id;
	}
	return G_MAXUINT;
}

static void use_edge(weaver *w, const unsigned *number, const link_edge *e)
{
	unsigned from = stand_in(w, e->from), to = stand_in(w, e->to);
	if (atom_get(w->l, from)->superseded)
		return;
	unsigned x = item_of(w, from, from == e->from ? e->from_patch : 0);
	if (atom_get(w->l, to)->superseded) {
		unsigned other = other_maker(w, e, to);
		if (other == G_MAXUINT) {
			w->lost[x] = atom_get(w->l, to)->ruling;
			return;
		}
		to = other;
	}
	unsigned y = item_of(w, to, to == e->to ? e->to_patch : 0);
	bool known = number[x] != G_MAXUINT && number[y] != G_MAXUINT && same_series(w, from, to);
	bool ahead = known && number[x] < number[y] && !w->overlay[number[x]];
	/* its author had the earlier patch before the later one */
	if (ahead && (w->whole[number[x]] || (w->straight && w->whole[number[y]])))
		return;
	add_edge(w, x, y, ahead);
	/* the name may be among the lines that are left out of it */
	if (atom_get(w->l, to)->cuts->len && to == stand_in(w, e->to)) {
		unsigned other = other_maker(w, e, to);
		if (other != G_MAXUINT)
			add_edge(w, x, item_of(w, other, 0), false);
	}
}

static void join_whole_patches(weaver *w, const unsigned *number)
{
	g_autofree unsigned *first = g_new(unsigned, w->first_patch[w->l->m->series->len] + 1);
	memset(first, 0xff, (w->first_patch[w->l->m->series->len] + 1) * sizeof *first);
	for (unsigned i = 0; i < w->items; i++) {
		if (number[i] == G_MAXUINT || !w->whole[number[i]] ||
			(i < w->l->all->len && atom_get(w->l, i)->superseded))
			continue;
		if (first[number[i]] == G_MAXUINT)
			first[number[i]] = i;
		else
			join(w, first[number[i]], i);
	}
	for (unsigned s = 0; w->ordered && s < w->l->m->series->len; s++) {
		unsigned before = G_MAXUINT;
		for (unsigned n = w->first_patch[s]; n < w->first_patch[s + 1]; n++) {
			if (!w->whole[n] || w->overlay[n] || first[n] == G_MAXUINT)
				continue;
			if (before != G_MAXUINT)
				add_edge(w, first[n], before, false);
			before = first[n];
		}
	}
}

static void link_strands(weaver *w)
{
	for (unsigned i = 0; i < w->h->strands->len; i++) {
		const strand *s = weaver_strand(w, i);
		if (!weaver_is_apart(w, i))
			continue;
		for (guint v = 1; v < s->versions->len; v++)
			add_edge(w, w->first_item[i] + v, w->first_item[i] + v - 1, false);
		for (guint k = 0; k < s->atoms->len; k++)
			join(w, last_item(w, i), g_array_index(s->atoms, unsigned, k));
	}
}

/* What needs each other in a circle goes together. */
static void join_circles(weaver *w)
{
	g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(graph_edge));
	for (guint i = 0; i < w->edges->len; i++) {
		const item_edge *e = &g_array_index(w->edges, item_edge, i);
		graph_edge g = {weaver_root(w, e->from), weaver_root(w, e->to)};
		if (g.from != g.to)
			g_array_append_val(edges, g);
	}
	g_autofree unsigned *component = graph_components(w->items, edges);
	g_autofree unsigned *first = g_new(unsigned, w->items + 1);
	memset(first, 0xff, (w->items + 1) * sizeof *first);
	for (unsigned i = 0; i < w->items; i++) {
		unsigned *f = &first[component[i]];
		if (weaver_root(w, i) != i)
			continue;
		if (*f == G_MAXUINT)
			*f = i;
		else
			join(w, *f, i);
	}
}

void weave(weaver *w, unsigned **number)
{
	set_strands_apart(w);
	w->parent = g_renew(unsigned, w->parent, w->items + 1);
	w->lost = g_renew(int, w->lost, w->items + 1);
	for (unsigned i = 0; i < w->items; i++) {
		w->parent[i] = i;
		w->lost[i] = -1;
	}
	g_array_set_size(w->edges, 0);
	*number = g_renew(unsigned, *number, w->items + 1);
	number_items(w, *number);
	link_strands(w);
	join_whole_patches(w, *number);
	use_joins(w, *number);
	for (guint i = 0; i < w->k->edges->len; i++)
		use_edge(w, *number, &g_array_index(w->k->edges, link_edge, i));
	join_circles(w);
}

/* --- making --- */

void weaver_init(weaver *w, const atom_list *l, const history *h, const links *k)
{
	*w = (weaver){.l = l, .h = h, .k = k};
	guint n = l->m->series->len;
	w->first_patch = g_new0(unsigned, n + 1);
	for (guint i = 0; i < n; i++) {
		const series *s = g_ptr_array_index(w->l->m->series, i);
		w->first_patch[i + 1] = w->first_patch[i] + s->commits->len;
	}
	w->whole = g_new0(bool, w->first_patch[n] + 1);
	w->overlay = g_new0(bool, w->first_patch[n] + 1);
	w->first_item = g_new(unsigned, w->h->strands->len + 1);
	w->edges = g_array_new(FALSE, FALSE, sizeof(item_edge));
}

void weaver_clear(weaver *w)
{
	g_free(w->first_patch);
	g_free(w->whole);
	g_free(w->overlay);
	g_free(w->first_item);
	g_free(w->parent);
	g_free(w->lost);
	g_array_unref(w->edges);
}
