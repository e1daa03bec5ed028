/* Units that wait, by the question that they wait for. */
#include "plan/open.h"

static void waiting_free(gpointer data)
{
	waiting *w = data;
	g_array_unref(w->findings);
	g_array_unref(w->units);
	g_array_unref(w->blocked);
	g_free(w);
}

static waiting *waiting_new(const atom_list *l, const fates *f, unsigned question)
{
	waiting *w = g_new0(waiting, 1);
	w->findings = g_array_new(FALSE, FALSE, sizeof(unsigned));
	w->units = g_array_new(FALSE, FALSE, sizeof(unsigned));
	w->blocked = g_array_new(FALSE, FALSE, sizeof(unsigned));
	for (unsigned i = 0; i < l->m->findings->len; i++) {
		if (f->question[i] == question)
			g_array_append_val(w->findings, i);
	}
	return w;
}

GPtrArray *open_decisions(const atom_list *l, const unit_list *u, const fates *f)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(waiting_free);
	/* by question; a unit that waits for several is named with the first */
	g_autofree waiting **of = g_new0(waiting *, l->m->findings->len + 1);
	for (unsigned i = 0; i < u->all->len; i++) {
		const GArray *questions = g_ptr_array_index(f->questions, i);
		if (f->fate[i] != FATE_UNDECIDED || !questions->len)
			continue;
		unsigned question = g_array_index(questions, unsigned, 0);
		if (!of[question])
			of[question] = waiting_new(l, f, question);
		GArray *list = f->blocked[i] ? of[question]->blocked : of[question]->units;
		g_array_append_val(list, i);
	}
	for (guint i = 0; i < l->m->findings->len; i++) {
		if (of[i])
			g_ptr_array_add(out, of[i]);
	}
	return out;
}
