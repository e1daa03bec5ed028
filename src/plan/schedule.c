/* The order of steps: a list schedule over the units, and what waits for a ruling. */
#include "plan/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "model/path.h"

static bool has_text(const GPtrArray *texts, const char *text)
{
	return g_ptr_array_find_with_equal_func((GPtrArray *)texts, text, g_str_equal, NULL);
}

GPtrArray *interface_groups(const mediation *m)
{
	GPtrArray *groups = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; m->catalogue && i < m->catalogue->groups->len; i++)
		g_ptr_array_add(groups, g_strdup(g_ptr_array_index(m->catalogue->groups, i)));
	for (guint i = 0; i < m->points->len; i++) {
		const point_result *p = g_ptr_array_index(m->points, i);
		if (!has_text(groups, p->point->group))
			g_ptr_array_add(groups, g_strdup(p->point->group));
	}
	return groups;
}

/* --- working state --- */

typedef struct planner {
	const atom_list *l;
	const unit_list *u;
	schedule *out;
	GPtrArray *groups;
	atom_fate *fate;	  /* a unit */
	unsigned *slot_of;	  /* a unit: index in out->slots */
	bool *done;		  /* a unit */
	GHashTable *free_patches; /* "series n": every hunk of it is free */
	GHashTable *slots;	  /* key -> index + 1 */
} planner;

static unit *unit_at(const planner *p, unsigned id)
{
	return g_ptr_array_index(p->u->all, id);
}

static atom *unit_atom(const planner *p, const unit *u, guint i)
{
	return atom_get(p->l, g_array_index(u->atoms, unsigned, i));
}

static void find_fates(planner *p)
{
	for (guint i = 0; i < p->u->all->len; i++) {
		const unit *u = unit_at(p, i);
		p->fate[i] = FATE_TAKE;
		for (guint k = 0; k < u->atoms->len; k++)
			p->fate[i] = MAX(p->fate[i], unit_atom(p, u, k)->fate);
	}
}

/* --- slots --- */

/* Calls `each` with every patch that made a line of the atom. */
static void each_patch(const atom *a, void (*each)(unsigned n, void *data), void *data)
{
	const change_hunk *h = a->lines;
	unsigned last = 0;
	for (unsigned i = 0; h && h->new_patch && i < h->new_count; i++) {
		if (h->new_patch[i] && h->new_patch[i] != last)
			each(last = h->new_patch[i], data);
	}
	for (unsigned i = 0; h && h->old_patch && i < h->old_count; i++) {
		if (h->old_patch[i] && h->old_patch[i] != last)
			each(last = h->old_patch[i], data);
	}
}

static void add_patch_number(unsigned n, void *data)
{
	GArray *numbers = data;
	for (guint i = 0; i < numbers->len; i++) {
		if (g_array_index(numbers, unsigned, i) == n)
			return;
	}
	g_array_append_val(numbers, n);
}

static char *patch_key(unsigned series_index, unsigned n)
{
	return g_strdup_printf("%u %u", series_index, n);
}

/* Patches whose every hunk is free and made by that patch alone. */
static void find_free_patches(planner *p)
{
	p->free_patches = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) bound = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < p->l->all->len; i++) {
		const atom *a = g_ptr_array_index(p->l->all, i);
		unsigned in = p->u->of_atom[i];
		g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
		each_patch(a, add_patch_number, numbers);
		bool is_free = in != G_MAXUINT && p->fate[in] == FATE_TAKE && numbers->len == 1;
		for (guint k = 0; k < numbers->len; k++)
			g_hash_table_add(is_free ? p->free_patches : bound,
				patch_key(a->series, g_array_index(numbers, unsigned, k)));
	}
	GHashTableIter it;
	gpointer key;
	g_hash_table_iter_init(&it, bound);
	while (g_hash_table_iter_next(&it, &key, NULL))
		g_hash_table_remove(p->free_patches, key);
}

static unsigned slot_index(planner *p, const slot *s, char *key)
{
	gpointer known = g_hash_table_lookup(p->slots, key);
	if (known) {
		g_free(key);
		return GPOINTER_TO_UINT(known) - 1;
	}
	slot *own = g_memdup2(s, sizeof *s);
	own->area = g_strdup(s->area);
	g_ptr_array_add(p->out->slots, own);
	g_hash_table_insert(p->slots, key, GUINT_TO_POINTER(p->out->slots->len));
	return p->out->slots->len - 1;
}

/* The group whose points the unit carries most; of equal ones the catalogue's first; the one behind
 * all for units of copies that carry none. */
static unsigned main_group(const planner *p, const unit *u)
{
	g_autofree unsigned *count = g_new0(unsigned, p->groups->len + 1);
	unsigned best = 0;
	bool copies = true;
	for (guint i = 0; i < u->atoms->len; i++) {
		const atom *a = unit_atom(p, u, i);
		for (guint k = 0; k < a->points->len; k++) {
			const point_result *at = g_ptr_array_index(
				p->l->m->points, g_array_index(a->points, unsigned, k));
			guint group = 0;
			g_ptr_array_find_with_equal_func(
				p->groups, at->point->group, g_str_equal, &group);
			count[group]++;
		}
		copies &= !a->points->len;
	}
	if (copies)
		return p->groups->len;
	for (unsigned i = 1; i < p->groups->len; i++) {
		if (count[i] > count[best])
			best = i;
	}
	return best;
}

static unsigned unit_ruling(const planner *p, const unit *u)
{
	unsigned ruling = G_MAXUINT;
	for (guint i = 0; i < u->atoms->len; i++) {
		const atom *a = unit_atom(p, u, i);
		if (a->fate == FATE_DECIDED && a->ruling >= 0)
			ruling = MIN(ruling, (unsigned)a->ruling);
	}
	return ruling;
}

static bool is_equal_unit(const planner *p, const unit *u)
{
	for (guint i = 0; i < u->atoms->len; i++) {
		if (!unit_atom(p, u, i)->leads)
			return false;
	}
	return true;
}

/* The patch that the whole unit belongs to, when that patch goes as a whole; else 0. */
static unsigned unit_patch(const planner *p, const unit *u)
{
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
	unsigned series_index = unit_atom(p, u, 0)->series;
	for (guint i = 0; i < u->atoms->len; i++)
		each_patch(unit_atom(p, u, i), add_patch_number, numbers);
	if (numbers->len != 1)
		return 0;
	unsigned n = g_array_index(numbers, unsigned, 0);
	g_autofree char *key = patch_key(series_index, n);
	return g_hash_table_contains(p->free_patches, key) ? n : 0;
}

static unsigned find_slot(planner *p, const unit *u)
{
	const atom *first = unit_atom(p, u, 0);
	slot s = {.rank = RANK_TAKE, .series = first->series};
	switch (p->fate[u->id]) {
	case FATE_INTERFACE:
		s.rank = RANK_INTERFACE;
		s.group = main_group(p, u);
		return slot_index(p, &s, g_strdup_printf("interface %u", s.group));
	case FATE_DECIDED:
		s.rank = RANK_DECIDED;
		s.ruling = unit_ruling(p, u);
		return slot_index(p, &s, g_strdup_printf("decided %u", s.ruling));
	default:
		break;
	}
	if (is_equal_unit(p, u)) {
		s.rank = RANK_EQUAL;
		return slot_index(p, &s, g_strdup("equal"));
	}
	s.patch = unit_patch(p, u);
	if (s.patch)
		return slot_index(p, &s, g_strdup_printf("patch %u %u", s.series, s.patch));
	g_autofree char *area = path_area(first->change->path);
	s.area = area;
	return slot_index(p, &s, g_strdup_printf("area %u %s", s.series, area));
}

/* --- what waits --- */

/* A set of findings that one item of the open list is about, as a sorted key. */
static char *findings_key(const GArray *findings, bool blocked)
{
	GString *key = g_string_new(blocked ? "w" : "o");
	for (guint i = 0; i < findings->len; i++)
		g_string_append_printf(key, " %u", g_array_index(findings, unsigned, i));
	return g_string_free(key, FALSE);
}

static int compare_numbers(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	return x < y ? -1 : x > y;
}

static void add_sorted(GArray *numbers, unsigned n)
{
	for (guint i = 0; i < numbers->len; i++) {
		if (g_array_index(numbers, unsigned, i) == n)
			return;
	}
	g_array_append_val(numbers, n);
	qsort(numbers->data, numbers->len, sizeof(unsigned), compare_numbers);
}

/* Findings that share a unit are one question: the least of them names it. */
static unsigned *group_findings(const planner *p)
{
	guint n = p->l->m->findings->len;
	unsigned *parent = g_new(unsigned, n + 1);
	for (unsigned i = 0; i < n; i++)
		parent[i] = i;
	for (guint i = 0; i < p->u->all->len; i++) {
		const unit *u = unit_at(p, i);
		unsigned first = G_MAXUINT;
		for (guint k = 0; k < u->atoms->len; k++) {
			const atom *a = unit_atom(p, u, k);
			for (guint f = 0; f < a->open->len; f++) {
				unsigned root = g_array_index(a->open, unsigned, f);
				while (parent[root] != root)
					root = parent[root];
				if (first == G_MAXUINT)
					first = root;
				while (parent[first] != first)
					first = parent[first];
				parent[MAX(first, root)] = MIN(first, root);
				first = MIN(first, root);
			}
		}
	}
	for (unsigned i = 0; i < n; i++) {
		while (parent[i] != parent[parent[i]])
			parent[i] = parent[parent[i]];
	}
	return parent;
}

static waiting *waiting_for(planner *p, GHashTable *known, const GArray *findings, bool blocked)
{
	char *key = findings_key(findings, blocked);
	waiting *w = g_hash_table_lookup(known, key);
	if (w) {
		g_free(key);
		return w;
	}
	w = g_new0(waiting, 1);
	w->units = g_array_new(FALSE, FALSE, sizeof(unsigned));
	w->findings = g_array_copy((GArray *)findings);
	w->blocked = blocked;
	g_hash_table_insert(known, key, w);
	g_ptr_array_add(p->out->waits, w);
	return w;
}

/* The questions that a unit is part of: the roots of its open findings. */
static GArray *unit_questions(const planner *p, const unit *u, const unsigned *roots)
{
	GArray *questions = g_array_new(FALSE, FALSE, sizeof(unsigned));
	for (guint i = 0; i < u->atoms->len; i++) {
		const atom *a = unit_atom(p, u, i);
		for (guint k = 0; k < a->open->len; k++)
			add_sorted(questions, roots[g_array_index(a->open, unsigned, k)]);
	}
	return questions;
}

/* The ruling that set lines aside that the unit needs, or G_MAXUINT. */
static unsigned unit_missing(const planner *p, const unit *u)
{
	for (guint i = 0; i < u->atoms->len; i++) {
		unsigned lost = p->u->missing[g_array_index(u->atoms, unsigned, i)];
		if (lost != G_MAXUINT && atom_get(p->l, lost)->ruling >= 0)
			return (unsigned)atom_get(p->l, lost)->ruling;
	}
	return G_MAXUINT;
}

/* Marks units that wait: open ones, those that need lines that were set aside, and all that come
 * after them. Each waiting unit gets the questions that it waits for. */
static void find_waiting(planner *p)
{
	guint n = p->u->all->len;
	g_autofree unsigned *roots = group_findings(p);
	g_autoptr(GPtrArray) questions =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
	g_autofree bool *blocked = g_new0(bool, n + 1);
	for (guint i = 0; i < n; i++) {
		const unit *u = unit_at(p, i);
		GArray *own = unit_questions(p, u, roots);
		unsigned lost = unit_missing(p, u);
		blocked[i] = p->fate[i] != FATE_UNDECIDED;
		if (lost != G_MAXUINT && !own->len) {
			add_sorted(own, lost);
			p->fate[i] = FATE_UNDECIDED;
		}
		g_ptr_array_add(questions, own);
	}
	for (bool grown = true; grown;) {
		grown = false;
		for (guint i = 0; i < n; i++) {
			const unit *u = unit_at(p, i);
			GArray *own = g_ptr_array_index(questions, i);
			for (guint k = 0; k < u->needs->len; k++) {
				unsigned need = g_array_index(u->needs, unsigned, k);
				const GArray *theirs = g_ptr_array_index(questions, need);
				if (p->fate[need] != FATE_UNDECIDED || !blocked[i])
					continue;
				guint before = own->len;
				for (guint f = 0; f < theirs->len; f++)
					add_sorted(own, g_array_index(theirs, unsigned, f));
				grown |= own->len > before || p->fate[i] != FATE_UNDECIDED;
				p->fate[i] = FATE_UNDECIDED;
			}
		}
	}
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (unsigned i = 0; i < n; i++) {
		if (p->fate[i] != FATE_UNDECIDED)
			continue;
		waiting *w = waiting_for(p, known, g_ptr_array_index(questions, i), blocked[i]);
		g_array_append_val(w->units, i);
	}
	/* questions stand for all findings joined to them */
	for (guint i = 0; i < p->out->waits->len; i++) {
		waiting *w = g_ptr_array_index(p->out->waits, i);
		for (unsigned f = 0; f < p->l->m->findings->len; f++) {
			for (guint k = 0; k < w->findings->len; k++) {
				if (roots[f] == g_array_index(w->findings, unsigned, k) &&
					roots[f] != f) {
					add_sorted(w->findings, f);
					break;
				}
			}
		}
	}
}

/* --- the order --- */

static int compare_slots(const planner *p, unsigned a, unsigned b)
{
	const slot *x = g_ptr_array_index(p->out->slots, a),
		   *y = g_ptr_array_index(p->out->slots, b);
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->series != y->series && x->rank == RANK_TAKE)
		return x->series < y->series ? -1 : 1;
	if (!x->patch != !y->patch) /* whole patches first */
		return x->patch ? -1 : 1;
	if (x->patch != y->patch)
		return x->patch < y->patch ? -1 : 1;
	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->ruling != y->ruling)
		return x->ruling < y->ruling ? -1 : 1;
	return g_strcmp0(x->area, y->area);
}

static bool is_ready(const planner *p, const unit *u, const bool *also)
{
	for (guint i = 0; i < u->needs->len; i++) {
		unsigned need = g_array_index(u->needs, unsigned, i);
		if (!p->done[need] && !also[need])
			return false;
	}
	return true;
}

/* Units of a slot that can be done now, one after the other. *left: how many cannot. */
static GArray *ready_units(const planner *p, unsigned slot_number, bool *also, guint *left)
{
	guint n = p->u->all->len;
	memset(also, 0, n * sizeof *also);
	GArray *units = g_array_new(FALSE, FALSE, sizeof(unsigned));
	for (bool grown = true; grown;) {
		grown = false;
		*left = 0;
		for (unsigned i = 0; i < n; i++) {
			if (p->done[i] || also[i] || p->slot_of[i] != slot_number)
				continue;
			if (is_ready(p, unit_at(p, i), also)) {
				also[i] = true;
				g_array_append_val(units, i);
				grown = true;
			} else {
				++*left;
			}
		}
	}
	if (units->len)
		qsort(units->data, units->len, sizeof(unsigned), compare_numbers);
	return units;
}

/* A slot that could come next. */
typedef struct offer {
	unsigned slot;
	GArray *units; /* unsigned: of the slot, and of others that they need */
	guint left;    /* units of the slot that would still wait */
	guint pulled;  /* units of other slots */
} offer;

static void offer_clear(offer *o)
{
	g_clear_pointer(&o->units, g_array_unref);
}

static void offer_take(offer *best, offer *o)
{
	offer_clear(best);
	*best = *o;
	o->units = NULL;
}

/* Everything of the slot that is left, with what it needs. */
static offer pull_all(const planner *p, unsigned slot_number, bool *also)
{
	guint n = p->u->all->len;
	memset(also, 0, n * sizeof *also);
	offer o = {.slot = slot_number, .units = g_array_new(FALSE, FALSE, sizeof(unsigned))};
	for (unsigned i = 0; i < n; i++) {
		if (!p->done[i] && p->slot_of[i] == slot_number) {
			also[i] = true;
			g_array_append_val(o.units, i);
		}
	}
	for (guint i = 0; i < o.units->len; i++) {
		const unit *u = unit_at(p, g_array_index(o.units, unsigned, i));
		for (guint k = 0; k < u->needs->len; k++) {
			unsigned need = g_array_index(u->needs, unsigned, k);
			if (p->done[need] || also[need])
				continue;
			also[need] = true;
			o.pulled++;
			g_array_append_val(o.units, need);
		}
	}
	if (o.units->len)
		qsort(o.units->data, o.units->len, sizeof(unsigned), compare_numbers);
	return o;
}

static const slot *slot_at(const planner *p, unsigned i)
{
	return g_ptr_array_index(p->out->slots, i);
}

/* Free slots whose rest can be taken now, in order; else, before anything contested came, the part
 * of a slot that lets most others follow. */
static void find_free(const planner *p, offer *best, const unsigned *parts, bool partly, bool *also)
{
	for (unsigned i = 0; i < p->out->slots->len; i++) {
		if (slot_at(p, i)->rank > RANK_TAKE)
			continue;
		offer o = {.slot = i};
		o.units = ready_units(p, i, also, &o.left);
		bool fits =
			o.units->len && (!o.left || (partly && !parts[i] && !slot_at(p, i)->patch));
		bool better =
			!best->units || (!o.left && best->left) ||
			(!o.left == !best->left && o.left && o.units->len > best->units->len) ||
			(!o.left && !best->left && compare_slots(p, i, best->slot) < 0);
		if (fits && better)
			offer_take(best, &o);
		offer_clear(&o);
	}
}

/* By how many units of others come along for each of the slot's own. */
static int compare_pulls(const offer *a, const offer *b)
{
	guint64 x = (guint64)a->pulled * (b->units->len - b->pulled);
	guint64 y = (guint64)b->pulled * (a->units->len - a->pulled);
	return x < y ? -1 : x > y;
}

/* What comes next when nothing is free: contested groups first, those that pull least along. */
static void find_next(const planner *p, offer *best, bool *also)
{
	for (unsigned i = 0; i < p->out->slots->len; i++) {
		offer o = pull_all(p, i, also);
		const slot *x = slot_at(p, i), *y = best->units ? slot_at(p, best->slot) : NULL;
		bool better = !y;
		if (y && (x->rank > RANK_TAKE) != (y->rank > RANK_TAKE))
			better = x->rank > RANK_TAKE;
		else if (y && x->rank != y->rank)
			better = x->rank < y->rank;
		else if (y)
			better = compare_pulls(&o, best) ? compare_pulls(&o, best) < 0
							 : compare_slots(p, i, best->slot) < 0;
		if (o.units->len && better)
			offer_take(best, &o);
		offer_clear(&o);
	}
}

static void emit_batch(planner *p, offer *o, unsigned *parts)
{
	batch *b = g_new0(batch, 1);
	b->slot = slot_at(p, o->slot);
	b->units = g_steal_pointer(&o->units);
	b->part = ++parts[o->slot];
	b->last = o->left == 0;
	for (guint i = 0; i < b->units->len; i++)
		p->done[g_array_index(b->units, unsigned, i)] = true;
	g_ptr_array_add(p->out->batches, b);
}

static void order_batches(planner *p)
{
	g_autofree bool *also = g_new0(bool, p->u->all->len + 1);
	g_autofree unsigned *parts = g_new0(unsigned, p->out->slots->len + 1);
	for (bool contested = false;;) {
		offer best = {0};
		find_free(p, &best, parts, !contested, also);
		if (!best.units) {
			contested = true;
			find_next(p, &best, also);
		}
		if (!best.units)
			return;
		emit_batch(p, &best, parts);
	}
}

/* --- making --- */

static void slot_free(gpointer data)
{
	slot *s = data;
	g_free(s->area);
	g_free(s);
}

static void batch_free(gpointer data)
{
	batch *b = data;
	g_array_unref(b->units);
	g_free(b);
}

static void waiting_free(gpointer data)
{
	waiting *w = data;
	g_array_unref(w->units);
	g_array_unref(w->findings);
	g_free(w);
}

schedule *schedule_new(const atom_list *l, const unit_list *u)
{
	schedule *s = g_new0(schedule, 1);
	s->slots = g_ptr_array_new_with_free_func(slot_free);
	s->batches = g_ptr_array_new_with_free_func(batch_free);
	s->waits = g_ptr_array_new_with_free_func(waiting_free);
	guint n = u->all->len;
	planner p = {.l = l, .u = u, .out = s, .groups = interface_groups(l->m)};
	p.fate = g_new0(atom_fate, n + 1);
	p.slot_of = g_new(unsigned, n + 1);
	p.done = g_new0(bool, n + 1);
	p.slots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	find_fates(&p);
	find_waiting(&p);
	find_free_patches(&p);
	for (guint i = 0; i < n; i++)
		p.slot_of[i] =
			p.fate[i] == FATE_UNDECIDED ? G_MAXUINT : find_slot(&p, unit_at(&p, i));
	order_batches(&p);
	g_ptr_array_unref(p.groups);
	g_free(p.fate);
	g_free(p.slot_of);
	g_free(p.done);
	g_hash_table_unref(p.free_patches);
	g_hash_table_unref(p.slots);
	return s;
}

void schedule_free(schedule *s)
{
	if (!s)
		return;
	g_ptr_array_unref(s->slots);
	g_ptr_array_unref(s->batches);
	g_ptr_array_unref(s->waits);
	g_free(s);
}
