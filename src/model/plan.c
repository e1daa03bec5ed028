/* The plan: ordered steps, and what is still undecided. */
#include "model/plan.h"

plan *plan_new(void)
{
	plan *p = g_new0(plan, 1);
	p->steps = g_ptr_array_new_with_free_func((GDestroyNotify)step_free);
	p->undecided = g_ptr_array_new_with_free_func((GDestroyNotify)undecided_free);
	return p;
}

void plan_free(plan *p)
{
	if (!p)
		return;
	g_ptr_array_unref(p->steps);
	g_ptr_array_unref(p->undecided);
	g_free(p);
}

step *step_new(step_action action)
{
	step *s = g_new0(step, 1);
	s->action = action;
	s->series = g_ptr_array_new_with_free_func(g_free);
	s->patches = g_array_new(FALSE, FALSE, sizeof(step_patch));
	s->hunks = g_ptr_array_new_with_free_func((GDestroyNotify)plan_hunk_free);
	s->parts = g_ptr_array_new_with_free_func((GDestroyNotify)plan_hunk_free);
	s->points = g_ptr_array_new_with_free_func(g_free);
	s->findings = g_ptr_array_new_with_free_func(g_free);
	s->depends_on = g_array_new(FALSE, FALSE, sizeof(unsigned));
	s->owners = g_ptr_array_new_with_free_func(g_free);
	return s;
}

void step_free(step *s)
{
	if (!s)
		return;
	g_free(s->title);
	g_ptr_array_unref(s->series);
	g_array_unref(s->patches);
	g_ptr_array_unref(s->hunks);
	g_ptr_array_unref(s->parts);
	g_ptr_array_unref(s->points);
	g_ptr_array_unref(s->findings);
	g_array_unref(s->depends_on);
	g_free(s->detail);
	g_ptr_array_unref(s->owners);
	g_free(s);
}

undecided *undecided_new(const char *title)
{
	undecided *u = g_new0(undecided, 1);
	u->title = g_strdup(title);
	u->findings = g_ptr_array_new_with_free_func(g_free);
	u->hunks = g_ptr_array_new_with_free_func((GDestroyNotify)plan_hunk_free);
	return u;
}

void undecided_free(undecided *u)
{
	if (!u)
		return;
	g_free(u->title);
	g_ptr_array_unref(u->findings);
	g_ptr_array_unref(u->hunks);
	g_free(u);
}

plan_hunk *plan_hunk_new(unsigned series, const char *path, unsigned hunk)
{
	plan_hunk *h = g_new0(plan_hunk, 1);
	h->series = series;
	h->path = g_strdup(path);
	h->hunk = hunk;
	return h;
}

void plan_hunk_free(plan_hunk *h)
{
	if (!h)
		return;
	g_free(h->path);
	g_free(h);
}

const char *step_action_name(step_action action)
{
	switch (action) {
	case STEP_TAKE:
		return "take";
	case STEP_INTERFACE:
		return "interface";
	case STEP_DECIDED:
		return "decided";
	}
	g_assert_not_reached();
}

const char *step_verified_name(step_verified verified)
{
	switch (verified) {
	case VERIFIED_NO:
		return "no";
	case VERIFIED_OK:
		return "ok";
	case VERIFIED_WORSE:
		return "worse";
	}
	g_assert_not_reached();
}

const char *hunk_fate_name(hunk_fate fate)
{
	switch (fate) {
	case HUNK_TAKEN:
		return "taken";
	case HUNK_TRIMMED:
		return "trimmed";
	case HUNK_STOOD_FOR:
		return "stood-for";
	case HUNK_ANEW:
		return "anew";
	case HUNK_FALLS:
		return "falls";
	case HUNK_WAITS:
		return "waits";
	}
	g_assert_not_reached();
}

bool hunk_is_superseded(const plan_hunk *h)
{
	return h->fate == HUNK_STOOD_FOR || h->fate == HUNK_ANEW || h->fate == HUNK_FALLS;
}
