/* Makes the plan: atoms, units, schedule, and a step with its tree for each batch. */
#include "plan/make.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/sort.h"
#include "plan/lay.h"
#include "plan/open.h"
#include "plan/owners.h"
#include "plan/schedule.h"
#include "plan/story.h"

typedef struct maker {
	mediation *m;
	repo *r;
	atom_list *l;
	unit_list *u;
	fates f;
	schedule *s;
	GPtrArray *open; /* waiting * */
	GPtrArray *groups;
	owners *owners;
	plan *plan;
	unsigned *step_of;	/* an atom: its step; 0: none */
	unsigned *step_of_unit; /* a unit: the same */
	GPtrArray *batches;	/* const batch *: a step's; NULL: it has none */
	GArray *group_of;  /* unsigned: a step: the group that it tells about; G_MAXUINT: none */
	GArray *ruling_of; /* unsigned: a step: the finding whose ruling it carries out; the same */
} maker;

static const char *series_name(const maker *k, unsigned i)
{
	return ((const series *)g_ptr_array_index(k->m->series, i))->name;
}

static bool has_text(GPtrArray *texts, const char *text)
{
	return g_ptr_array_find_with_equal_func(texts, text, g_str_equal, NULL);
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

static void add_hunk(GPtrArray *hunks, const atom *a, hunk_fate fate)
{
	plan_hunk *h = plan_hunk_new(a->series, a->change->path, a->hunk);
	h->fate = fate;
	g_ptr_array_add(hunks, h);
}

typedef void (*atom_fn)(maker *k, const atom *a, void *data);

/* Calls `each` for the equal atoms that an atom stands for; those that a ruling left out are in the
 * ruling's step. */
static void each_follower(maker *k, const atom *a, atom_fn each, void *data)
{
	for (guint i = a->id + 1; i < k->l->all->len && a->leads; i++) {
		const atom *follower = atom_get(k->l, i);
		if (follower->leader == (int)a->id && !follower->set_aside)
			each(k, follower, data);
	}
}

static void take_follower(maker *k, const atom *a, void *data)
{
	step *s = data;
	add_hunk(s->hunks, a, HUNK_STOOD_FOR);
	add_patches(s, a);
	k->step_of[a->id] = s->n;
}

/* The atom, and those that it stands for. The patches of a whole one are known. */
static void take_atom(maker *k, step *s, unsigned id, bool whole)
{
	const atom *a = atom_get(k->l, id);
	add_hunk(s->hunks, a, a->cuts->len ? HUNK_TRIMMED : HUNK_TAKEN);
	if (!whole)
		add_patches(s, a);
	k->step_of[id] = s->n;
	each_follower(k, a, take_follower, s);
}

/* What a version of a strand brings that is not its last. */
static void take_piece(maker *k, step *s, const piece *p)
{
	const strand *at = g_ptr_array_index(k->u->history->strands, p->strand);
	if (p->version + 1 == at->versions->len)
		return;
	add_patch(s, at->series, g_array_index(at->versions, strand_version, p->version).patch);
	for (guint i = 0; i < at->atoms->len; i++)
		add_hunk(s->parts, atom_get(k->l, g_array_index(at->atoms, unsigned, i)),
			HUNK_TAKEN);
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
			unsigned on = k->step_of_unit[need->id];
			if (on && on != s->n && !has_number(s->depends_on, on))
				g_array_append_val(s->depends_on, on);
		}
	}
	g_array_sort(s->depends_on, sort_by_unsigned);
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
	g_ptr_array_sort(s->parts, compare_hunks);
	if (s->patches->len)
		qsort(s->patches->data, s->patches->len, sizeof(step_patch), compare_patches);
	for (guint i = 0; i < s->patches->len; i++) {
		unsigned from = g_array_index(s->patches, step_patch, i).series;
		if (!has_text(s->series, series_name(k, from)))
			g_ptr_array_add(s->series, g_strdup(series_name(k, from)));
	}
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
	g_array_sort(findings, sort_by_unsigned);
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
	g_array_append_val(k->ruling_of, none);
	g_ptr_array_add(k->batches, NULL);
	s->n = k->plan->steps->len;
	return s;
}

static void add_batch_units(maker *k, step *s, const batch *b)
{
	if (b->units->len)
		g_ptr_array_index(k->batches, s->n - 1) = (gpointer)b;
	if (b->slot->patch)
		add_patch(s, b->slot->series, b->slot->patch);
	for (guint i = 0; i < b->units->len; i++) {
		const unit *u = g_ptr_array_index(k->u->all, g_array_index(b->units, unsigned, i));
		k->step_of_unit[u->id] = s->n;
		for (guint n = 0; n < u->atoms->len; n++)
			take_atom(k, s, g_array_index(u->atoms, unsigned, n), u->patch != 0);
		for (guint n = 0; n < u->pieces->len; n++)
			take_piece(k, s, &g_array_index(u->pieces, piece, n));
	}
}

/* --- what rulings leave out --- */

/* The ruling that leaves an atom out; G_MAXUINT: none does. */
static unsigned left_out_by(const maker *k, const atom *a, hunk_fate *fate)
{
	if (a->falls) {
		*fate = HUNK_FALLS;
		return (unsigned)k->f.falls[k->u->of_atom[a->id]];
	}
	if (!a->set_aside || a->ruling < 0)
		return G_MAXUINT;
	const finding *f = g_ptr_array_index(k->m->findings, (guint)a->ruling);
	bool anew = f->decision && f->decision->take == DECISION_INTERFACE;
	*fate = anew ? HUNK_ANEW : HUNK_STOOD_FOR;
	return (unsigned)a->ruling;
}

static void leave_follower(maker *k, const atom *a, void *data)
{
	step *s = data;
	add_hunk(s->hunks, a, HUNK_FALLS);
	k->step_of[a->id] = s->n;
}

/* What a ruling leaves out stands in the ruling's step. */
static void add_left_out(maker *k, step *s, unsigned ruling)
{
	for (guint i = 0; i < k->l->all->len; i++) {
		const atom *a = atom_get(k->l, i);
		hunk_fate fate;
		if (k->step_of[i] || left_out_by(k, a, &fate) != ruling)
			continue;
		add_hunk(s->hunks, a, fate);
		k->step_of[i] = s->n;
		if (a->falls)
			each_follower(k, a, leave_follower, s);
	}
	g_array_index(k->ruling_of, unsigned, s->n - 1) = ruling;
}

/* True when a patch has a part in an atom of its series. */
static bool brings(const history *h, unsigned id, unsigned n)
{
	if (h->strand_of[id] < 0)
		return h->patch_of[id] == n;
	const strand *s = g_ptr_array_index(h->strands, (guint)h->strand_of[id]);
	int at = strand_version_of(s, n);
	return at >= 0 && g_array_index(s->versions, strand_version, at).patch == n;
}

/* The patch as it was read: every hunk of it found a place, and an equal hunk of another series
 * stands for none. */
static bool is_untouched(const maker *k, const batch *b)
{
	const series *s = g_ptr_array_index(k->m->series, b->slot->series);
	for (guint i = 0; i < s->commits->len; i++) {
		const series_commit *c = g_ptr_array_index(s->commits, i);
		if (c->n == b->slot->patch && !c->applied)
			return false;
	}
	for (guint i = 0; i < k->l->all->len; i++) {
		const atom *a = atom_get(k->l, i);
		if (a->series == b->slot->series && a->leader >= 0 &&
			brings(k->u->history, i, b->slot->patch))
			return false;
	}
	return true;
}

static void make_batch_step(maker *k, const batch *b)
{
	step *s = new_step(k, action_of(b->slot->rank));
	s->whole = b->slot->rank == RANK_TAKE && b->slot->patch && is_untouched(k, b);
	s->title = batch_title(k->l, k->u, b, k->groups, s->whole);
	add_batch_units(k, s, b);
	add_depends(k, s, b);
	if (b->slot->rank == RANK_DECIDED && b->last)
		add_left_out(k, s, b->slot->ruling);
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

/* Rulings of which nothing is taken: what they leave out still has its place. */
static void make_bare_ruling_steps(maker *k)
{
	for (guint i = 0; i < k->l->all->len; i++) {
		hunk_fate fate;
		unsigned ruling =
			k->step_of[i] ? G_MAXUINT : left_out_by(k, atom_get(k->l, i), &fate);
		if (ruling == G_MAXUINT)
			continue;
		slot s = {.rank = RANK_DECIDED, .ruling = ruling};
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
		unsigned ruling = g_array_index(k->ruling_of, unsigned, i);
		if (group < k->groups->len)
			s->detail = interface_detail(
				k->l, g_ptr_array_index(k->groups, group), k->step_of, s->n);
		else if (group != G_MAXUINT)
			s->detail = copies_detail(k->l, k->step_of, s->n);
		else if (ruling != G_MAXUINT)
			s->detail = ruling_detail(k->l, ruling, s);
	}
}

static void open_follower(maker *k, const atom *a, void *data)
{
	(void)k;
	add_hunk(data, a, HUNK_STOOD_FOR);
}

static void add_open(maker *k, GPtrArray *hunks, const GArray *units, hunk_fate fate)
{
	for (guint i = 0; i < units->len; i++) {
		const unit *u = g_ptr_array_index(k->u->all, g_array_index(units, unsigned, i));
		for (guint n = 0; n < u->atoms->len; n++) {
			const atom *a = atom_get(k->l, g_array_index(u->atoms, unsigned, n));
			add_hunk(hunks, a, fate);
			each_follower(k, a, open_follower, hunks);
		}
	}
}

static void make_undecided(maker *k, const waiting *w)
{
	g_autofree char *title = waiting_title(k->l, w->findings);
	undecided *u = undecided_new(title);
	g_ptr_array_add(k->plan->undecided, u);
	for (guint i = 0; i < w->findings->len; i++) {
		const finding *f =
			g_ptr_array_index(k->m->findings, g_array_index(w->findings, unsigned, i));
		g_ptr_array_add(u->findings, g_strdup(f->id));
	}
	add_open(k, u->hunks, w->units, HUNK_TAKEN);
	add_open(k, u->hunks, w->blocked, HUNK_WAITS);
	g_ptr_array_sort(u->hunks, compare_hunks);
}

/* --- trees --- */

static int compare_pieces(const void *va, const void *vb)
{
	const piece *a = va, *b = vb;
	if (a->strand != b->strand)
		return a->strand < b->strand ? -1 : 1;
	return a->version < b->version ? -1 : a->version > b->version;
}

/* Versions of a strand in their order, several of which may come with one step. */
static void lay_pieces(maker *k, layer *tree, const batch *b)
{
	g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(piece));
	for (guint i = 0; i < b->units->len; i++) {
		const unit *u = g_ptr_array_index(k->u->all, g_array_index(b->units, unsigned, i));
		g_array_append_vals(pieces, u->pieces->data, u->pieces->len);
	}
	if (pieces->len)
		qsort(pieces->data, pieces->len, sizeof(piece), compare_pieces);
	for (guint i = 0; i < pieces->len; i++) {
		const piece *p = &g_array_index(pieces, piece, i);
		layer_set_version(
			tree, g_ptr_array_index(k->u->history->strands, p->strand), p->version);
	}
}

static bool make_trees(maker *k, GError **err)
{
	g_autoptr(layer) tree = NULL;
	if (!layer_new(&tree, k->r, &k->m->base_tree, err))
		return false;
	for (guint i = 0; i < k->plan->steps->len; i++) {
		step *s = g_ptr_array_index(k->plan->steps, i);
		for (guint h = 0; h < s->hunks->len; h++) {
			const plan_hunk *at = g_ptr_array_index(s->hunks, h);
			if (!hunk_is_superseded(at))
				layer_add(tree, atom_of(k, at));
		}
		if (g_ptr_array_index(k->batches, i))
			lay_pieces(k, tree, g_ptr_array_index(k->batches, i));
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

static void mark_fallen(maker *k)
{
	for (guint i = 0; i < k->l->all->len; i++) {
		unsigned u = k->u->of_atom[i];
		atom_get(k->l, i)->falls = u != G_MAXUINT && k->f.falls[u] >= 0;
	}
}

static bool make_all(maker *k, GError **err)
{
	k->l = atom_list_new(k->m);
	if (!atoms_find_equal(k->l, k->r, err))
		return false;
	atoms_classify(k->l);
	if (!unit_list_new(&k->u, k->l, k->r, err))
		return false;
	fates_init(&k->f, k->l, k->u->all);
	mark_fallen(k);
	k->s = schedule_new(k->l, k->u, &k->f);
	k->open = open_decisions(k->l, k->u, &k->f);
	k->groups = interface_groups(k->m);
	k->owners = read_owners(k);
	k->step_of = g_new0(unsigned, k->l->all->len + 1);
	k->step_of_unit = g_new0(unsigned, k->u->all->len + 1);
	k->batches = g_ptr_array_new();
	k->ruling_of = g_array_new(FALSE, FALSE, sizeof(unsigned));
	k->group_of = g_array_new(FALSE, FALSE, sizeof(unsigned));
	for (guint i = 0; i < k->s->batches->len; i++)
		make_batch_step(k, g_ptr_array_index(k->s->batches, i));
	make_bare_interface_steps(k);
	make_bare_ruling_steps(k);
	for (guint i = 0; i < k->plan->steps->len; i++)
		finish_step(k, g_ptr_array_index(k->plan->steps, i));
	make_details(k);
	for (guint i = 0; i < k->open->len; i++)
		make_undecided(k, g_ptr_array_index(k->open, i));
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
	fates_clear(&k.f);
	schedule_free(k.s);
	g_clear_pointer(&k.open, g_ptr_array_unref);
	g_clear_pointer(&k.groups, g_ptr_array_unref);
	owners_free(k.owners);
	g_free(k.step_of);
	g_free(k.step_of_unit);
	g_clear_pointer(&k.batches, g_ptr_array_unref);
	g_clear_pointer(&k.ruling_of, g_array_unref);
	g_clear_pointer(&k.group_of, g_array_unref);
	return ok;
}
