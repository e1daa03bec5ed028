/* Units: whole patches where that can be, and of the rest what the links join. */
#include "plan/unit.h"

#include <string.h>

#include "base/sort.h"
#include "plan/whole.h"

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
	unsigned root = weaver_root(w, item);
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
		const strand *s = weaver_strand(w, i);
		for (unsigned v = 0; weaver_is_apart(w, i) && v < s->versions->len; v++) {
			piece p = {i, v};
			unit *u = unit_of_item(w, units, of_root, w->first_item[i] + v, s->series);
			g_array_append_val(u->pieces, p);
		}
	}
	for (guint i = 0; i < w->edges->len; i++) {
		const item_edge *e = &g_array_index(w->edges, item_edge, i);
		unsigned from = of_root[weaver_root(w, e->from)],
			 to = of_root[weaver_root(w, e->to)];
		if (from != to)
			g_array_append_val(((unit *)g_ptr_array_index(units, from))->needs, to);
	}
	for (guint i = 0; i < units->len; i++)
		sort_unique(((unit *)g_ptr_array_index(units, i))->needs);
	return units;
}

static bool weave_all(weaver *w, unit_list *list, repo *r, GError **err)
{
	g_autofree unsigned *number = NULL;
	if (!whole_find(w, r, err))
		return false;
	do {
		g_clear_pointer(&list->all, g_ptr_array_unref);
		weave(w, &number);
		list->all = make_units(w, list->of_atom);
	} while (whole_strike(w, list->all, number));
	whole_name(w, list->all, number);
	return true;
}

bool unit_list_new(unit_list **out, const atom_list *l, repo *r, GError **err)
{
	g_autoptr(unit_list) list = g_new0(unit_list, 1);
	list->of_atom = g_new(unsigned, l->all->len + 1);
	links k = {0};
	bool ok = history_new(&list->history, l, r, err) && links_read(&k, l, r, err);
	if (ok) {
		weaver w;
		weaver_init(&w, l, list->history, &k);
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
