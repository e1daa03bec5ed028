/* Makes the plan: atoms, units, schedule, and a step with its tree for each batch. */
#include "plan/make.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "plan/lay.h"
#include "plan/owners.h"
#include "plan/schedule.h"
#include "plan/story.h"

typedef struct maker {
	mediation *m;
	repo *r;
	atom_list *l;
	unit_list *u;
	schedule *s;
	GPtrArray *groups;
	owners *owners;
	plan *plan;
	unsigned *step_of; /* an atom: its step; 0: none */
	GArray *group_of;  /* unsigned: a step: the group that it tells about; G_MAXUINT: none */
} maker;

static const char *series_name(const maker *k, unsigned i)
{
	return ((const series *)g_ptr_array_index(k->m->series, i))->name;
}

static bool has_text(GPtrArray *texts, const char *text)
{
	return g_ptr_array_find_with_equal_func(texts, text, g_str_equal, NULL);
}

static int compare_numbers(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
	return x < y ? -1 : x > y;
}

static void sort_numbers(GArray *numbers)
{
	if (numbers->len)
		qsort(numbers->data, numbers->len, sizeof(unsigned), compare_numbers);
}

static bool has_number(const GArray *numbers, unsigned n)
{
	for (guint i = 0; i < numbers->len; i++) {
		if (g_array_index(numbers, unsigned, i) == n)
			return true;
	}
	return false;
}

/* --- filling a step --- */

static void add_patch(step *s, unsigned series_index, unsigned n)
{
	for (guint i = 0; i < s->patches->len; i++) {
		const step_patch *p = &g_array_index(s->patches, step_patch, i);
		if (p->series == series_index && p->n == n)
			return;
	}
	step_patch p = {series_index, n};
	g_array_append_val(s->patches, p);
}

static void add_patches(step *s, const atom *a)
{
	const change_hunk *h = a->lines;
	unsigned last = 0;
	for (unsigned i = 0; h && h->new_patch && i < h->new_count; i++) {
		if (h->new_patch[i] && h->new_patch[i] != last)
			add_patch(s, a->series, last = h->new_patch[i]);
	}
	for (unsigned i = 0; h && h->old_patch && i < h->old_count; i++) {
		if (h->old_patch[i] && h->old_patch[i] != last)
			add_patch(s, a->series, last = h->old_patch[i]);
	}
}

static void add_hunk(GPtrArray *hunks, const atom *a)
{
	plan_hunk *h = plan_hunk_new(a->series, a->change->path, a->hunk);
	h->superseded = a->superseded;
	g_ptr_array_add(hunks, h);
}

/* The atom, and those that it stands for. */
static void take_atom(maker *k, step *s, unsigned id)
{
	add_hunk(s->hunks, atom_get(k->l, id));
	add_patches(s, atom_get(k->l, id));
	k->step_of[id] = s->n;
	for (guint i = id + 1; i < k->l->all->len && atom_get(k->l, id)->leads; i++) {
		const atom *follower = atom_get(k->l, i);
		if (follower->leader != (int)id)
			continue;
		add_hunk(s->hunks, follower);
		add_patches(s, follower);
		k->step_of[i] = s->n;
	}
}

static gint compare_hunks(gconstpointer va, gconstpointer vb)
{
	const plan_hunk *a = *(plan_hunk *const *)va, *b = *(plan_hunk *const *)vb;
	if (a->series != b->series)
		return a->series < b->series ? -1 : 1;
	int order = strcmp(a->path, b->path);
	if (order)
		return order;
	return a->hunk < b->hunk ? -1 : a->hunk > b->hunk;
}

static int compare_patches(const void *va, const void *vb)
{
	const step_patch *a = va, *b = vb;
	if (a->series != b->series)
		return a->series < b->series ? -1 : 1;
	return a->n < b->n ? -1 : a->n > b->n;
}

static void add_depends(maker *k, step *s, const batch *b)
{
	for (guint i = 0; i < b->units->len; i++) {
		const unit *u = g_ptr_array_index(k->u->all, g_array_index(b->units, unsigned, i));
		for (guint n = 0; n < u->needs->len; n++) {
			const unit *need =
				g_ptr_array_index(k->u->all, g_array_index(u->needs, unsigned, n));
			unsigned on = k->step_of[g_array_index(need->atoms, unsigned, 0)];
			if (on != s->n && !has_number(s->depends_on, on))
				g_array_append_val(s->depends_on, on);
		}
	}
	sort_numbers(s->depends_on);
}

static const atom *atom_of(const maker *k, const plan_hunk *h)
{
	const GArray *ids = atom_list_path(k->l, h->series, h->path);
	return atom_get(k->l, g_array_index(ids, unsigned, h->hunk ? h->hunk - 1 : 0));
}

/* Series, findings and owners of the hunks that a step has. */
static void finish_step(maker *k, step *s)
{
	g_autoptr(GArray) findings = g_array_new(FALSE, FALSE, sizeof(unsigned));
	g_ptr_array_sort(s->hunks, compare_hunks);
	if (s->patches->len)
		qsort(s->patches->data, s->patches->len, sizeof(step_patch), compare_patches);
	for (guint i = 0; i < s->hunks->len; i++) {
		const plan_hunk *h = g_ptr_array_index(s->hunks, i);
		const atom *a = atom_of(k, h);
		if (!has_text(s->series, series_name(k, h->series)))
			g_ptr_array_add(s->series, g_strdup(series_name(k, h->series)));
		for (guint f = 0; f < a->findings->len; f++) {
			unsigned index = g_array_index(a->findings, unsigned, f);
			if (!has_number(findings, index))
				g_array_append_val(findings, index);
		}
		if (k->owners)
			owners_of(k->owners, h->path, s->owners);
	}
	sort_numbers(findings);
	for (guint i = 0; i < findings->len; i++) {
		const finding *f =
			g_ptr_array_index(k->m->findings, g_array_index(findings, unsigned, i));
		g_ptr_array_add(s->findings, g_strdup(f->id));
	}
}

static step_action action_of(slot_rank rank)
{
	switch (rank) {
	case RANK_INTERFACE:
		return STEP_INTERFACE;
	case RANK_DECIDED:
		return STEP_DECIDED;
	default:
		return STEP_TAKE;
	}
}

static step *new_step(maker *k, step_action action)
{
	step *s = step_new(action);
	g_ptr_array_add(k->plan->steps, s);
	unsigned none = G_MAXUINT;
	g_array_append_val(k->group_of, none);
	s->n = k->plan->steps->len;
	return s;
}

static void add_batch_atoms(maker *k, step *s, const batch *b)
{
	for (guint i = 0; i < b->units->len; i++) {
		const unit *u = g_ptr_array_index(k->u->all, g_array_index(b->units, unsigned, i));
		for (guint n = 0; n < u->atoms->len; n++)
			take_atom(k, s, g_array_index(u->atoms, unsigned, n));
	}
}

/* What a ruling set aside stands in the ruling's step. */
static void add_set_aside(maker *k, step *s, unsigned ruling)
{
	for (guint i = 0; i < k->l->all->len; i++) {
		const atom *a = atom_get(k->l, i);
		if (!a->set_aside || k->step_of[i] || a->ruling != (int)ruling)
			continue;
		add_hunk(s->hunks, a);
		k->step_of[i] = s->n;
	}
}

static void make_batch_step(maker *k, const batch *b)
{
	step *s = new_step(k, action_of(b->slot->rank));
	s->title = batch_title(k->l, k->u, b, k->groups);
	add_batch_atoms(k, s, b);
	add_depends(k, s, b);
	if (b->slot->rank == RANK_DECIDED)
		add_set_aside(k, s, b->slot->ruling);
	if (b->slot->rank != RANK_INTERFACE || !b->last)
		return;
	g_array_index(k->group_of, unsigned, s->n - 1) = b->slot->group;
	if (b->slot->group < k->groups->len)
		group_points(k->m, g_ptr_array_index(k->groups, b->slot->group), s->points);
}

static bool has_interface_step(const maker *k, unsigned group)
{
	for (guint i = 0; i < k->s->batches->len; i++) {
		const batch *b = g_ptr_array_index(k->s->batches, i);
		if (b->slot->rank == RANK_INTERFACE && b->slot->group == group)
			return true;
	}
	return false;
}

/* A group whose code came with other steps, or waits, still has its operations to name. */
static void make_bare_interface_step(maker *k, unsigned group)
{
	slot s = {.rank = RANK_INTERFACE, .group = group};
	g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(unsigned));
	batch b = {.slot = &s, .units = none, .part = 1, .last = true};
	make_batch_step(k, &b);
}

static void make_bare_interface_steps(maker *k)
{
	for (unsigned g = 0; g < k->groups->len; g++) {
		g_autoptr(GPtrArray) points = g_ptr_array_new_with_free_func(g_free);
		group_points(k->m, g_ptr_array_index(k->groups, g), points);
		if (points->len && !has_interface_step(k, g))
			make_bare_interface_step(k, g);
	}
	g_autofree char *copies = copies_detail(k->l, k->step_of, 0);
	if (copies && !has_interface_step(k, k->groups->len))
		make_bare_interface_step(k, k->groups->len);
}

/* Rulings of which nothing is taken: what they set aside still has its place. */
static void make_bare_ruling_steps(maker *k)
{
	for (guint i = 0; i < k->l->all->len; i++) {
		const atom *a = atom_get(k->l, i);
		if (!a->set_aside || k->step_of[i])
			continue;
		slot s = {.rank = RANK_DECIDED, .ruling = (unsigned)a->ruling};
		g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(unsigned));
		batch b = {.slot = &s, .units = none, .part = 1, .last = true};
		make_batch_step(k, &b);
	}
}

static void make_details(maker *k)
{
	for (guint i = 0; i < k->plan->steps->len; i++) {
		step *s = g_ptr_array_index(k->plan->steps, i);
		unsigned group = g_array_index(k->group_of, unsigned, i);
		if (group < k->groups->len)
			s->detail = interface_detail(
				k->l, g_ptr_array_index(k->groups, group), k->step_of, s->n);
		else if (group != G_MAXUINT)
			s->detail = copies_detail(k->l, k->step_of, s->n);
	}
}

static void make_undecided(maker *k, const waiting *w)
{
	g_autofree char *title = waiting_title(k->l, w);
	undecided *u = undecided_new(title);
	g_ptr_array_add(k->plan->undecided, u);
	for (guint i = 0; i < w->findings->len; i++) {
		const finding *f =
			g_ptr_array_index(k->m->findings, g_array_index(w->findings, unsigned, i));
		g_ptr_array_add(u->findings, g_strdup(f->id));
	}
	for (guint i = 0; i < w->units->len; i++) {
		const unit *at = g_ptr_array_index(k->u->all, g_array_index(w->units, unsigned, i));
		for (guint n = 0; n < at->atoms->len; n++) {
			unsigned id = g_array_index(at->atoms, unsigned, n);
			add_hunk(u->hunks, atom_get(k->l, id));
			for (guint f = id + 1; f < k->l->all->len && atom_get(k->l, id)->leads;
				f++) {
				if (atom_get(k->l, f)->leader == (int)id)
					add_hunk(u->hunks, atom_get(k->l, f));
			}
		}
	}
	g_ptr_array_sort(u->hunks, compare_hunks);
}

/* --- trees --- */

static bool make_trees(maker *k, GError **err)
{
	g_autoptr(layer) tree = NULL;
	if (!layer_new(&tree, k->r, &k->m->base_tree, err))
		return false;
	for (guint i = 0; i < k->plan->steps->len; i++) {
		step *s = g_ptr_array_index(k->plan->steps, i);
		for (guint h = 0; h < s->hunks->len; h++) {
			const plan_hunk *at = g_ptr_array_index(s->hunks, h);
			if (!at->superseded)
				layer_add(tree, atom_of(k, at));
		}
		if (!layer_write(tree, &s->tree, err)) {
			error_prefix(err, "step %u", s->n);
			return false;
		}
	}
	return true;
}

static owners *read_owners(maker *k)
{
	g_autoptr(GBytes) bytes = NULL;
	if (!repo_read_path(k->r, &bytes, &k->m->base_tree, "MAINTAINERS", NULL))
		return NULL; /* the tree has none */
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	return owners_read(text ? text : "", len);
}

static bool make_all(maker *k, GError **err)
{
	k->l = atom_list_new(k->m);
	if (!atoms_find_equal(k->l, k->r, err))
		return false;
	atoms_classify(k->l);
	if (!unit_list_new(&k->u, k->l, k->r, err))
		return false;
	k->s = schedule_new(k->l, k->u);
	k->groups = interface_groups(k->m);
	k->owners = read_owners(k);
	k->step_of = g_new0(unsigned, k->l->all->len + 1);
	k->group_of = g_array_new(FALSE, FALSE, sizeof(unsigned));
	for (guint i = 0; i < k->s->batches->len; i++)
		make_batch_step(k, g_ptr_array_index(k->s->batches, i));
	make_bare_interface_steps(k);
	make_bare_ruling_steps(k);
	make_details(k);
	for (guint i = 0; i < k->plan->steps->len; i++)
		finish_step(k, g_ptr_array_index(k->plan->steps, i));
	for (guint i = 0; i < k->s->waits->len; i++)
		make_undecided(k, g_ptr_array_index(k->s->waits, i));
	return make_trees(k, err);
}

bool plan_make(mediation *m, repo *r, GError **err)
{
	maker k = {.m = m, .r = r, .plan = plan_new()};
	bool ok = make_all(&k, err);
	if (ok) {
		plan_free(m->plan);
		m->plan = g_steal_pointer(&k.plan);
	}
	plan_free(k.plan);
	atom_list_free(k.l);
	unit_list_free(k.u);
	schedule_free(k.s);
	g_clear_pointer(&k.groups, g_ptr_array_unref);
	owners_free(k.owners);
	g_free(k.step_of);
	g_clear_pointer(&k.group_of, g_array_unref);
	return ok;
}

void plan_step_changed_paths(const step *s, GPtrArray *paths)
{
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < s->hunks->len; i++) {
		const plan_hunk *h = g_ptr_array_index(s->hunks, i);
		if (!h->superseded && g_hash_table_add(known, h->path))
			g_ptr_array_add(paths, g_strdup(h->path));
	}
}
