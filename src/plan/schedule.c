/* The order of steps: a list schedule over the units. */
#include "plan/schedule.h"

#include <string.h>

#include "base/sort.h"
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
	const fates *f;
	schedule *out;
	GPtrArray *groups;
	unsigned *slot_of;   /* a unit: index in out->slots; G_MAXUINT: in none */
	GPtrArray *units_of; /* a slot: GArray of unsigned, its units, ascending */
	bool *done;	     /* a unit */
	bool *also;	     /* a unit: scratch for the step that is looked at */
	GHashTable *slots;   /* key -> index + 1 */
} planner;

static unit *unit_at(const planner *p, unsigned id)
{
	return g_ptr_array_index(p->u->all, id);
}

static atom *unit_atom(const planner *p, const unit *u, guint i)
{
	return atom_get(p->l, g_array_index(u->atoms, unsigned, i));
}

/* --- slots --- */

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
	g_ptr_array_add(p->units_of, g_array_new(FALSE, FALSE, sizeof(unsigned)));
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
	if (!u->atoms->len)
		return false;
	for (guint i = 0; i < u->atoms->len; i++) {
		if (!unit_atom(p, u, i)->leads)
			return false;
	}
	return true;
}

static const char *unit_path(const planner *p, const unit *u)
{
	if (u->atoms->len)
		return unit_atom(p, u, 0)->change->path;
	const piece *first = &g_array_index(u->pieces, piece, 0);
	return ((const strand *)g_ptr_array_index(p->u->history->strands, first->strand))->path;
}

static unsigned find_slot(planner *p, const unit *u)
{
	slot s = {.rank = RANK_TAKE, .series = u->series, .patch = u->patch};
	switch (p->f->fate[u->id]) {
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
	if (s.patch)
		return slot_index(p, &s, g_strdup_printf("patch %u %u", s.series, s.patch));
	if (is_equal_unit(p, u)) {
		s.rank = RANK_EQUAL;
		return slot_index(p, &s, g_strdup("equal"));
	}
	g_autofree char *area = path_area(unit_path(p, u));
	s.area = area;
	return slot_index(p, &s, g_strdup_printf("area %u %s", s.series, area));
}

static void find_slots(planner *p)
{
	for (unsigned i = 0; i < p->u->all->len; i++) {
		p->slot_of[i] = G_MAXUINT;
		if (p->f->fate[i] == FATE_UNDECIDED || p->f->falls[i] >= 0)
			continue;
		p->slot_of[i] = find_slot(p, unit_at(p, i));
		g_array_append_val((GArray *)g_ptr_array_index(p->units_of, p->slot_of[i]), i);
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

static bool is_ready(const planner *p, const unit *u)
{
	for (guint i = 0; i < u->needs->len; i++) {
		unsigned need = g_array_index(u->needs, unsigned, i);
		if (!p->done[need] && !p->also[need])
			return false;
	}
	return true;
}

static void forget_also(const planner *p, const GArray *units)
{
	for (guint i = 0; i < units->len; i++)
		p->also[g_array_index(units, unsigned, i)] = false;
}

/* Units of a slot that can be done now, one after the other. *left: how many cannot. */
static GArray *ready_units(const planner *p, unsigned slot_number, guint *left)
{
	const GArray *own = g_ptr_array_index(p->units_of, slot_number);
	GArray *units = g_array_new(FALSE, FALSE, sizeof(unsigned));
	for (bool grown = true; grown;) {
		grown = false;
		*left = 0;
		for (guint i = 0; i < own->len; i++) {
			unsigned id = g_array_index(own, unsigned, i);
			if (p->done[id] || p->also[id])
				continue;
			if (is_ready(p, unit_at(p, id))) {
				p->also[id] = true;
				g_array_append_val(units, id);
				grown = true;
			} else {
				++*left;
			}
		}
	}
	forget_also(p, units);
	g_array_sort(units, sort_by_unsigned);
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

/* Adds to `units` what they need and is not done yet; how many these are. */
static guint pull_needs(const planner *p, GArray *units)
{
	guint own = units->len;
	for (guint i = 0; i < own; i++)
		p->also[g_array_index(units, unsigned, i)] = true;
	for (guint i = 0; i < units->len; i++) {
		const unit *u = unit_at(p, g_array_index(units, unsigned, i));
		for (guint k = 0; k < u->needs->len; k++) {
			unsigned need = g_array_index(u->needs, unsigned, k);
			if (p->done[need] || p->also[need])
				continue;
			p->also[need] = true;
			g_array_append_val(units, need);
		}
	}
	forget_also(p, units);
	g_array_sort(units, sort_by_unsigned);
	return units->len - own;
}

/* Everything of the slot that is left, with what it needs. */
static offer pull_all(const planner *p, unsigned slot_number)
{
	const GArray *own = g_ptr_array_index(p->units_of, slot_number);
	offer o = {.slot = slot_number, .units = g_array_new(FALSE, FALSE, sizeof(unsigned))};
	for (guint i = 0; i < own->len; i++) {
		unsigned id = g_array_index(own, unsigned, i);
		if (!p->done[id])
			g_array_append_val(o.units, id);
	}
	o.pulled = pull_needs(p, o.units);
	return o;
}

static const slot *slot_at(const planner *p, unsigned i)
{
	return g_ptr_array_index(p->out->slots, i);
}

/* Free slots whose rest can be taken now, in order; else, before anything contested came, the part
 * of a slot that lets most others follow. */
static void find_free(const planner *p, offer *best, const unsigned *parts, bool partly)
{
	for (unsigned i = 0; i < p->out->slots->len; i++) {
		if (slot_at(p, i)->rank > RANK_TAKE)
			continue;
		offer o = {.slot = i};
		o.units = ready_units(p, i, &o.left);
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
static void find_next(const planner *p, offer *best)
{
	for (unsigned i = 0; i < p->out->slots->len; i++) {
		offer o = pull_all(p, i);
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

/* Of units that are to come, what the first whole patch among them needs: it is no part of
 * another's step. NULL when there is no such patch. */
static GArray *before_whole(const planner *p, const offer *o)
{
	GArray *found = NULL;
	for (guint i = 0; i < o->units->len; i++) {
		unsigned id = g_array_index(o->units, unsigned, i);
		if (!unit_at(p, id)->patch)
			continue;
		GArray *needs = g_array_new(FALSE, FALSE, sizeof(unsigned));
		g_array_append_val(needs, id);
		pull_needs(p, needs);
		if (found && found->len <= needs->len) {
			g_array_unref(needs);
			continue;
		}
		g_clear_pointer(&found, g_array_unref);
		found = needs;
	}
	/* the one with the fewest needs has no other whole patch among them */
	for (guint i = 0; found && i < found->len;) {
		if (unit_at(p, g_array_index(found, unsigned, i))->patch)
			g_array_remove_index(found, i);
		else
			i++;
	}
	return found;
}

/* The slot that most of the units are of; of equal ones the first. */
static unsigned main_slot(const planner *p, const GArray *units)
{
	g_autofree guint *count = g_new0(guint, p->out->slots->len + 1);
	unsigned best = G_MAXUINT;
	for (guint i = 0; i < units->len; i++)
		count[p->slot_of[g_array_index(units, unsigned, i)]]++;
	for (unsigned i = 0; i < p->out->slots->len; i++) {
		if (count[i] && (best == G_MAXUINT || count[i] > count[best]))
			best = i;
	}
	return best;
}

static guint units_left(const planner *p, const offer *o)
{
	const GArray *own = g_ptr_array_index(p->units_of, o->slot);
	guint left = 0;
	for (guint i = 0; i < own->len; i++)
		left += !p->done[g_array_index(own, unsigned, i)];
	return left;
}

static void emit_batch(planner *p, offer *o, unsigned *parts)
{
	batch *b = g_new0(batch, 1);
	b->slot = slot_at(p, o->slot);
	b->units = g_steal_pointer(&o->units);
	for (guint i = 0; i < b->units->len; i++)
		p->done[g_array_index(b->units, unsigned, i)] = true;
	b->part = ++parts[o->slot];
	b->last = units_left(p, o) == 0;
	g_ptr_array_add(p->out->batches, b);
}

static void order_batches(planner *p)
{
	g_autofree unsigned *parts = g_new0(unsigned, p->out->slots->len + 1);
	for (bool contested = false;;) {
		offer best = {0};
		find_free(p, &best, parts, !contested);
		if (!best.units) {
			contested = true;
			find_next(p, &best);
		}
		if (!best.units)
			return;
		GArray *before = slot_at(p, best.slot)->patch && best.units->len == 1
					 ? NULL
					 : before_whole(p, &best);
		if (before && before->len) {
			offer_clear(&best);
			best.units = before;
			best.slot = main_slot(p, before);
			before = NULL;
		}
		g_clear_pointer(&before, g_array_unref);
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

schedule *schedule_new(const atom_list *l, const unit_list *u, const fates *f)
{
	schedule *s = g_new0(schedule, 1);
	s->slots = g_ptr_array_new_with_free_func(slot_free);
	s->batches = g_ptr_array_new_with_free_func(batch_free);
	guint n = u->all->len;
	planner p = {.l = l, .u = u, .f = f, .out = s, .groups = interface_groups(l->m)};
	p.slot_of = g_new(unsigned, n + 1);
	p.units_of = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
	p.done = g_new0(bool, n + 1);
	p.also = g_new0(bool, n + 1);
	p.slots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	find_slots(&p);
	order_batches(&p);
	g_ptr_array_unref(p.groups);
	g_ptr_array_unref(p.units_of);
	g_free(p.slot_of);
	g_free(p.done);
	g_free(p.also);
	g_hash_table_unref(p.slots);
	return s;
}

void schedule_free(schedule *s)
{
	if (!s)
		return;
	g_ptr_array_unref(s->slots);
	g_ptr_array_unref(s->batches);
	g_free(s);
}
