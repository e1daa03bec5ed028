/* Units: whole patches where that can be, and of the rest what the links join. */
#include "plan/unit.h"

#include <string.h>

#include "base/limits.h"
#include "base/sort.h"
#include "plan/fate.h"
#include "plan/graph.h"
#include "plan/links.h"

/* An item is an atom (numbered as it is), or behind them a version of a strand. */
typedef struct item_edge {
	unsigned from, to;
	bool ahead; /* a patch is told to wait for a later one of its series */
} item_edge;

typedef struct weaver {
	const atom_list *l;
	const history *h;
	const links *k;
	unsigned *first_patch; /* a series: number of its first patch; one more at the end */
	bool *whole;	       /* a patch */
	bool *overlay;	       /* a patch: files laid over the tree, in no order of its author's */
	unsigned *first_item;  /* a strand: the item of its first version; G_MAXUINT: not apart */
	guint items;
	unsigned *parent; /* items that go together, as a forest */
	GArray *edges;	  /* item_edge */
	int *lost;	  /* an item: the ruling that left out lines that it needs; -1 */
	bool ordered;	  /* whole patches come in the order of their series */
	bool straight;	  /* no unit waits for a later whole patch of its series */
} weaver;

static const strand *strand_at(const weaver *w, unsigned i)
{
	return g_ptr_array_index(w->h->strands, i);
}

static unsigned patch_number(const weaver *w, unsigned series_index, unsigned n)
{
	return w->first_patch[series_index] + n - 1;
}

static const strand_version *version_at(const strand *s, guint i)
{
	return &g_array_index(s->versions, strand_version, i);
}

/* --- items --- */

static bool is_apart(const weaver *w, unsigned strand_index)
{
	return w->first_item[strand_index] != G_MAXUINT;
}

static unsigned last_item(const weaver *w, unsigned strand_index)
{
	return w->first_item[strand_index] + strand_at(w, strand_index)->versions->len - 1;
}

/* The item that holds the lines of patch `n` (0: not known) in an atom. */
static unsigned item_of(const weaver *w, unsigned atom_id, unsigned n)
{
	int at = w->h->strand_of[atom_id];
	if (at < 0 || !is_apart(w, (unsigned)at))
		return atom_id;
	int version = n ? strand_version_of(strand_at(w, (unsigned)at), n) : -1;
	return version < 0 ? last_item(w, (unsigned)at) : w->first_item[at] + (unsigned)version;
}

/* The number of the one patch that an item is of; G_MAXUINT: of several, or nobody knows. */
static void number_items(const weaver *w, unsigned *number)
{
	for (unsigned i = 0; i < w->l->all->len; i++) {
		const atom *a = atom_get(w->l, i);
		unsigned n = w->h->patch_of[i];
		int at = w->h->strand_of[i];
		if (at >= 0 && is_apart(w, (unsigned)at)) {
			const strand *s = strand_at(w, (unsigned)at);
			n = version_at(s, s->versions->len - 1)->patch;
		}
		number[i] = n ? patch_number(w, a->series, n) : G_MAXUINT;
	}
	for (unsigned i = 0; i < w->h->strands->len; i++) {
		const strand *s = strand_at(w, i);
		for (guint v = 0; is_apart(w, i) && v < s->versions->len; v++)
			number[w->first_item[i] + v] =
				patch_number(w, s->series, version_at(s, v)->patch);
	}
}

static bool has_whole_patch(const weaver *w, const strand *s, bool all)
{
	for (guint i = 0; i < s->versions->len; i++) {
		if (w->whole[patch_number(w, s->series, version_at(s, i)->patch)] != all)
			return !all;
	}
	return all;
}

/* Strands are taken version by version where a whole patch has one of them. */
static void set_strands_apart(weaver *w)
{
	w->items = w->l->all->len;
	for (unsigned i = 0; i < w->h->strands->len; i++) {
		const strand *s = strand_at(w, i);
		w->first_item[i] = G_MAXUINT;
		if (!s->separable || !has_whole_patch(w, s, false))
			continue;
		w->first_item[i] = w->items;
		w->items += s->versions->len;
	}
}

static unsigned root_of(weaver *w, unsigned item)
{
	while (w->parent[item] != item)
		item = w->parent[item] = w->parent[w->parent[item]];
	return item;
}

static void join(weaver *w, unsigned a, unsigned b)
{
	a = root_of(w, a);
	b = root_of(w, b);
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
		const strand *s = strand_at(w, i);
		if (!is_apart(w, i))
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
		graph_edge g = {root_of(w, e->from), root_of(w, e->to)};
		if (g.from != g.to)
			g_array_append_val(edges, g);
	}
	g_autofree unsigned *component = graph_components(w->items, edges);
	g_autofree unsigned *first = g_new(unsigned, w->items + 1);
	memset(first, 0xff, (w->items + 1) * sizeof *first);
	for (unsigned i = 0; i < w->items; i++) {
		unsigned *f = &first[component[i]];
		if (root_of(w, i) != i)
			continue;
		if (*f == G_MAXUINT)
			*f = i;
		else
			join(w, *f, i);
	}
}

static void weave(weaver *w, unsigned **number)
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

/* --- the list --- */

static void unit_free(gpointer data)
{
	unit *u = data;
	g_array_unref(u->atoms);
	g_array_unref(u->pieces);
	g_array_unref(u->needs);
	g_free(u);
}

static unit *add_unit(GPtrArray *units, unsigned series_index)
{
	unit *u = g_new0(unit, 1);
	u->id = units->len;
	u->series = series_index;
	u->lost = -1;
	u->atoms = g_array_new(FALSE, FALSE, sizeof(unsigned));
	u->pieces = g_array_new(FALSE, FALSE, sizeof(piece));
	u->needs = g_array_new(FALSE, FALSE, sizeof(unsigned));
	g_ptr_array_add(units, u);
	return u;
}

static unit *unit_of_item(
	weaver *w, GPtrArray *units, unsigned *of_root, unsigned item, unsigned series_index)
{
	unsigned root = root_of(w, item);
	if (of_root[root] == G_MAXUINT)
		of_root[root] = add_unit(units, series_index)->id;
	unit *u = g_ptr_array_index(units, of_root[root]);
	if (w->lost[item] >= 0)
		u->lost = w->lost[item];
	return u;
}

static void sort_unique(GArray *numbers)
{
	g_array_sort(numbers, sort_by_unsigned);
	guint kept = 0;
	for (guint i = 0; i < numbers->len; i++) {
		unsigned n = g_array_index(numbers, unsigned, i);
		if (!kept || n != g_array_index(numbers, unsigned, kept - 1))
			g_array_index(numbers, unsigned, kept++) = n;
	}
	g_array_set_size(numbers, kept);
}

static GPtrArray *make_units(weaver *w, unsigned *of_atom)
{
	GPtrArray *units = g_ptr_array_new_with_free_func(unit_free);
	g_autofree unsigned *of_root = g_new(unsigned, w->items + 1);
	memset(of_root, 0xff, (w->items + 1) * sizeof *of_root);
	for (unsigned i = 0; i < w->l->all->len; i++) {
		const atom *a = atom_get(w->l, i);
		of_atom[i] = G_MAXUINT;
		if (a->superseded)
			continue;
		unit *u = unit_of_item(w, units, of_root, i, a->series);
		of_atom[i] = u->id;
		g_array_append_val(u->atoms, i);
	}
	for (unsigned i = 0; i < w->h->strands->len; i++) {
		const strand *s = strand_at(w, i);
		for (unsigned v = 0; is_apart(w, i) && v < s->versions->len; v++) {
			piece p = {i, v};
			unit *u = unit_of_item(w, units, of_root, w->first_item[i] + v, s->series);
			g_array_append_val(u->pieces, p);
		}
	}
	for (guint i = 0; i < w->edges->len; i++) {
		const item_edge *e = &g_array_index(w->edges, item_edge, i);
		unsigned from = of_root[root_of(w, e->from)], to = of_root[root_of(w, e->to)];
		if (from != to)
			g_array_append_val(((unit *)g_ptr_array_index(units, from))->needs, to);
	}
	for (guint i = 0; i < units->len; i++)
		sort_unique(((unit *)g_ptr_array_index(units, i))->needs);
	return units;
}

/* --- which patches go whole --- */

static bool is_overlay(const series *s, const series_commit *c)
{
	const char *spec = c->source < s->specs->len ? g_ptr_array_index(s->specs, c->source) : "";
	return g_str_has_prefix(spec, "overlay:") ||
	       (!c->patch_id && g_str_has_prefix(c->subject, "overlay "));
}

static bool count_path(const char *path, const tree_entry *before, const tree_entry *after,
	void *data, GError **err)
{
	(void)path;
	(void)before;
	(void)after;
	(void)err;
	++*(unsigned *)data;
	return true;
}

static bool find_candidates(weaver *w, repo *r, GError **err)
{
	for (unsigned i = 0; i < w->l->m->series->len; i++) {
		const series *s = g_ptr_array_index(w->l->m->series, i);
		const oid *before = &s->base_tree;
		for (guint k = 0; k < s->commits->len; k++) {
			const series_commit *c = g_ptr_array_index(s->commits, k);
			unsigned paths = 0, number = patch_number(w, i, c->n);
			w->overlay[number] = is_overlay(s, c);
			if (w->overlay[number] &&
				!repo_compare(r, before, &c->tree, count_path, &paths, err))
				return false;
			w->whole[number] =
				paths <= LIMIT_WHOLE_OVERLAY && !oid_equal(before, &c->tree);
			before = &c->tree;
		}
	}
	return true;
}

static bool strike(weaver *w, unsigned series_index, unsigned n)
{
	unsigned number = patch_number(w, series_index, n);
	bool was = w->whole[number];
	w->whole[number] = false;
	return was;
}

static bool strike_strand(weaver *w, const strand *s)
{
	bool any = false;
	for (guint i = 0; i < s->versions->len; i++)
		any |= strike(w, s->series, version_at(s, i)->patch);
	return any;
}

static bool is_plain(const atom *a)
{
	return a->fate == FATE_TAKE && !a->set_aside;
}

/* Equal hunks of an earlier series stand for all that is left of the strand. */
static bool is_stood_for(const weaver *w, const strand *s)
{
	for (guint i = 0; i < s->atoms->len; i++) {
		const atom *a = atom_get(w->l, g_array_index(s->atoms, unsigned, i));
		if (a->leader < 0 || a->set_aside)
			return false;
	}
	return s->atoms->len > 0;
}

/* Patches with a hunk that is contested, waits or was passed over, whatever the others do. */
static void strike_contested(weaver *w)
{
	for (unsigned i = 0; i < w->l->all->len; i++) {
		const atom *a = atom_get(w->l, i);
		if (w->h->patch_of[i] && !is_plain(a))
			strike(w, a->series, w->h->patch_of[i]);
	}
	for (guint i = 0; i < w->h->strands->len; i++) {
		const strand *s = strand_at(w, i);
		if (!s->separable && !is_stood_for(w, s))
			strike_strand(w, s);
	}
}

/* A strand that leaves nothing in the tip goes with whole patches, or not at all. */
static void strike_vanished(weaver *w)
{
	for (bool changed = true; changed;) {
		changed = false;
		for (guint i = 0; i < w->h->strands->len; i++) {
			const strand *s = strand_at(w, i);
			if (!s->atoms->len && !has_whole_patch(w, s, true))
				changed |= strike_strand(w, s);
		}
	}
}

/* What a unit holds of whole patches. */
typedef struct content {
	unsigned last;	  /* number of the last of them; G_MAXUINT: none */
	unsigned overlay; /* of the last that is an overlay; G_MAXUINT: none */
	bool mixed;	  /* more than one, or other hunks too */
} content;

static unsigned later(unsigned a, unsigned b)
{
	return a == G_MAXUINT ? b : MAX(a, b);
}

static void add_content(const weaver *w, content *c, unsigned number, bool *other)
{
	if (number == G_MAXUINT || !w->whole[number]) {
		*other = true;
		return;
	}
	*other |= c->last != G_MAXUINT && c->last != number;
	c->last = later(c->last, number);
	if (w->overlay[number])
		c->overlay = later(c->overlay, number);
}

static content content_of(const weaver *w, const unit *u, const unsigned *number)
{
	content c = {G_MAXUINT, G_MAXUINT, false};
	bool other = false;
	for (guint i = 0; i < u->atoms->len; i++)
		add_content(w, &c, number[g_array_index(u->atoms, unsigned, i)], &other);
	for (guint i = 0; i < u->pieces->len; i++) {
		const piece *p = &g_array_index(u->pieces, piece, i);
		add_content(w, &c, number[w->first_item[p->strand] + p->version], &other);
	}
	c.mixed = c.last != G_MAXUINT && other;
	return c;
}

/* Strikes whole patches that wait or fall; false when none does. */
static bool strike_waiting(weaver *w, GPtrArray *units, const unsigned *number)
{
	fates f;
	bool struck = false;
	fates_init(&f, w->l, units);
	for (guint i = 0; i < units->len; i++) {
		content c = content_of(w, g_ptr_array_index(units, i), number);
		if (c.last == G_MAXUINT || c.mixed || (f.fate[i] == FATE_TAKE && f.falls[i] < 0))
			continue;
		w->whole[c.last] = false;
		struck = true;
	}
	fates_clear(&f);
	return struck;
}

/* Loosens the circles that tie whole patches to other hunks; false when there is none. An overlay
 * in one is cut. Else no unit waits any more for a whole patch that its author put later; where
 * that is not enough, the last patch of the circle is cut. */
static bool loosen_circles(weaver *w, GPtrArray *units, const unsigned *number)
{
	bool circle = false, struck = false;
	for (guint i = 0; i < units->len; i++) {
		content c = content_of(w, g_ptr_array_index(units, i), number);
		if (!c.mixed)
			continue;
		circle = true;
		unsigned cut = c.overlay != G_MAXUINT ? c.overlay
			       : w->straight	      ? c.last
						      : G_MAXUINT;
		if (cut == G_MAXUINT)
			continue;
		w->whole[cut] = false;
		struck = true;
	}
	if (circle && !struck)
		w->straight = true;
	return circle;
}

/* Patches that cannot go whole after all are struck, until the rest can. */
static bool strike_bound(weaver *w, GPtrArray *units, const unsigned *number)
{
	if (strike_waiting(w, units, number) || loosen_circles(w, units, number))
		return true;
	if (w->ordered)
		return false;
	w->ordered = true;
	return true;
}

static void name_whole_units(const weaver *w, GPtrArray *units, const unsigned *number)
{
	for (guint i = 0; i < units->len; i++) {
		unit *u = g_ptr_array_index(units, i);
		content c = content_of(w, u, number);
		if (c.last != G_MAXUINT)
			u->patch = c.last - w->first_patch[u->series] + 1;
	}
}

static void count_patches(weaver *w)
{
	guint n = w->l->m->series->len;
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

static void weaver_clear(weaver *w)
{
	g_free(w->first_patch);
	g_free(w->whole);
	g_free(w->overlay);
	g_free(w->first_item);
	g_free(w->parent);
	g_free(w->lost);
	g_array_unref(w->edges);
}

static bool weave_all(weaver *w, unit_list *list, repo *r, GError **err)
{
	g_autofree unsigned *number = NULL;
	if (!find_candidates(w, r, err))
		return false;
	strike_contested(w);
	do {
		g_clear_pointer(&list->all, g_ptr_array_unref);
		strike_vanished(w);
		weave(w, &number);
		list->all = make_units(w, list->of_atom);
	} while (strike_bound(w, list->all, number));
	name_whole_units(w, list->all, number);
	return true;
}

bool unit_list_new(unit_list **out, const atom_list *l, repo *r, GError **err)
{
	g_autoptr(unit_list) list = g_new0(unit_list, 1);
	list->of_atom = g_new(unsigned, l->all->len + 1);
	links k = {0};
	bool ok = history_new(&list->history, l, r, err) && links_read(&k, l, r, err);
	if (ok) {
		weaver w = {.l = l, .h = list->history, .k = &k};
		count_patches(&w);
		ok = weave_all(&w, list, r, err);
		weaver_clear(&w);
	}
	links_clear(&k);
	if (ok)
		*out = g_steal_pointer(&list);
	return ok;
}

void unit_list_free(unit_list *u)
{
	if (!u)
		return;
	history_free(u->history);
	g_clear_pointer(&u->all, g_ptr_array_unref);
	g_free(u->of_atom);
	g_free(u);
}
