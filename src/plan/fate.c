/* The fates of units: the strongest of their atoms', then what they need of others. */
#include "plan/fate.h"

#include "base/sort.h"

typedef struct judge {
	fates *f;
	const atom_list *l;
	const GPtrArray *units;
} judge;

static const unit *unit_at(const judge *j, unsigned id)
{
	return g_ptr_array_index(j->units, id);
}

static const atom *unit_atom(const judge *j, const unit *u, guint i)
{
	return atom_get(j->l, g_array_index(u->atoms, unsigned, i));
}

static void add_sorted(GArray *numbers, unsigned n)
{
	for (guint i = 0; i < numbers->len; i++) {
		if (g_array_index(numbers, unsigned, i) == n)
			return;
	}
	g_array_append_val(numbers, n);
	g_array_sort(numbers, sort_by_unsigned);
}

static unsigned question_root(const fates *f, unsigned n)
{
	while (f->question[n] != n)
		n = f->question[n];
	return n;
}

/* Findings that share a unit are one question: the least of them names it. */
static void join_questions(judge *j)
{
	guint n = j->l->m->findings->len;
	for (unsigned i = 0; i < n; i++)
		j->f->question[i] = i;
	for (guint i = 0; i < j->units->len; i++) {
		const unit *u = unit_at(j, i);
		unsigned first = G_MAXUINT;
		for (guint k = 0; k < u->atoms->len; k++) {
			const atom *a = unit_atom(j, u, k);
			for (guint f = 0; f < a->open->len; f++) {
				unsigned root =
					question_root(j->f, g_array_index(a->open, unsigned, f));
				if (first == G_MAXUINT)
					first = root;
				j->f->question[MAX(first, root)] = MIN(first, root);
				first = MIN(first, root);
			}
		}
	}
	for (unsigned i = 0; i < n; i++)
		j->f->question[i] = question_root(j->f, i);
}

static GArray *own_questions(const judge *j, const unit *u)
{
	GArray *questions = g_array_new(FALSE, FALSE, sizeof(unsigned));
	for (guint i = 0; i < u->atoms->len; i++) {
		const atom *a = unit_atom(j, u, i);
		for (guint k = 0; k < a->open->len; k++)
			add_sorted(questions, j->f->question[g_array_index(a->open, unsigned, k)]);
	}
	return questions;
}

/* Nobody ruled on it: it may fall. What a ruling chose is taken whatever it needs. */
static bool may_fall(const fates *f, unsigned id)
{
	return f->fate[id] <= FATE_INTERFACE && f->falls[id] < 0;
}

/* What needs lines that a ruling left out falls with them, and what needs that, and so on. */
static void find_fallen(judge *j)
{
	fates *f = j->f;
	for (guint i = 0; i < j->units->len; i++) {
		if (may_fall(f, i))
			f->falls[i] = unit_at(j, i)->lost;
	}
	for (bool grown = true; grown;) {
		grown = false;
		for (guint i = 0; i < j->units->len; i++) {
			const GArray *needs = unit_at(j, i)->needs;
			for (guint k = 0; k < needs->len && may_fall(f, i); k++) {
				f->falls[i] = f->falls[g_array_index(needs, unsigned, k)];
				grown |= f->falls[i] >= 0;
			}
		}
	}
}

/* Units that need those that wait, wait too, for the same questions. */
static void find_waiting(judge *j)
{
	fates *f = j->f;
	for (bool grown = true; grown;) {
		grown = false;
		for (guint i = 0; i < j->units->len; i++) {
			const unit *u = unit_at(j, i);
			GArray *own = g_ptr_array_index(f->questions, i);
			for (guint k = 0; k < u->needs->len; k++) {
				unsigned need = g_array_index(u->needs, unsigned, k);
				const GArray *theirs = g_ptr_array_index(f->questions, need);
				if (f->fate[need] != FATE_UNDECIDED || !f->blocked[i] ||
					f->falls[i] >= 0)
					continue;
				guint before = own->len;
				for (guint q = 0; q < theirs->len; q++)
					add_sorted(own, g_array_index(theirs, unsigned, q));
				grown |= own->len > before || f->fate[i] != FATE_UNDECIDED;
				f->fate[i] = FATE_UNDECIDED;
			}
		}
	}
}

void fates_init(fates *f, const atom_list *l, const GPtrArray *units)
{
	guint n = units->len;
	*f = (fates){.fate = g_new0(atom_fate, n + 1),
		.falls = g_new(int, n + 1),
		.blocked = g_new0(bool, n + 1),
		.question = g_new0(unsigned, l->m->findings->len + 1)};
	f->questions = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
	judge j = {f, l, units};
	join_questions(&j);
	for (guint i = 0; i < n; i++) {
		const unit *u = unit_at(&j, i);
		f->fate[i] = FATE_TAKE;
		f->falls[i] = -1;
		for (guint k = 0; k < u->atoms->len; k++)
			f->fate[i] = MAX(f->fate[i], unit_atom(&j, u, k)->fate);
		f->blocked[i] = f->fate[i] != FATE_UNDECIDED;
		g_ptr_array_add(f->questions, own_questions(&j, u));
	}
	find_fallen(&j);
	find_waiting(&j);
}

void fates_clear(fates *f)
{
	g_clear_pointer(&f->fate, g_free);
	g_clear_pointer(&f->falls, g_free);
	g_clear_pointer(&f->blocked, g_free);
	g_clear_pointer(&f->question, g_free);
	g_clear_pointer(&f->questions, g_ptr_array_unref);
}
