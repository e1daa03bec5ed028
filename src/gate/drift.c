/* interface.drift: members of an ops table that a series adds, drops or retypes. */
#include "gate/side.h"

#include <string.h>

static bool has_type(const point *p, const char *type)
{
	if (!p->signature || gate_same_type(p->signature, type))
		return true;
	for (guint i = 0; i < p->variants->len; i++)
		if (gate_same_type(g_ptr_array_index(p->variants, i), type))
			return true;
	return false;
}

/* The series brings the table itself, or takes it away as a whole: that is no drift. */
static bool is_whole(const gate_side *g, const char *tag)
{
	const GArray *touches = g->reading->touches->touches;
	for (guint i = 0; i < touches->len; i++) {
		const touch *t = &g_array_index(touches, touch, i);
		if (!t->is_use && t->entity == ENTITY_STRUCT && !strcmp(t->name, tag) &&
			t->flags & ENTITY_DEFINITION &&
			(t->change == TOUCH_ADDED || t->change == TOUCH_REMOVED))
			return true;
	}
	return false;
}

static void report(const gate_side *g, const touch *t, const point *p)
{
	const char *keys[] = {t->in, t->name, NULL};
	finding *f = gate_add(g, "interface.drift", SEVERITY_WARNING, keys);
	bool tip = t->tip.path && t->change != TOUCH_REMOVED;
	const place *at = tip ? &t->tip : &t->base;
	if (p)
		g_ptr_array_add(f->points, g_strdup(p->id));
	gate_place(f, (int)g->index, tip ? AT_TIP : AT_BASE, &at->blob, at->path, at->line,
		at->end_line, t->name, t->patch);
	switch (t->change) {
	case TOUCH_ADDED:
		gate_title(f, "%s.%s: added to the interface", t->in, t->name);
		f->explanation = g_strdup_printf("%s adds the member %s %s, which the catalogue "
						 "does not have%s: backends of others "
						 "leave it empty.",
			g->series->name, t->name, t->signature_tip, p ? " with this type" : "");
		break;
	case TOUCH_REMOVED:
		gate_title(f, "%s.%s: dropped from the interface", t->in, t->name);
		f->explanation = g_strdup_printf("%s drops the member %s: backends that fill it "
						 "do not compile any more, and what "
						 "they did there is lost.",
			g->series->name, t->name);
		break;
	default:
		gate_title(f, "%s.%s: has another type", t->in, t->name);
		f->explanation = g_strdup_printf("%s changes the member %s from %s to %s: backends "
						 "of others fill it with "
						 "functions of the old type.",
			g->series->name, t->name, t->signature_base, t->signature_tip);
	}
	f->suggestion = g_strdup(
		"Bring a meant change of the interface in a patch of its own that fills or "
		"converts "
		"the slot for every backend, and change the catalogue with it. What one backend "
		"needs for itself belongs into that backend.");
}

static bool drifts(const gate_side *g, const touch *t, const point *p)
{
	if (t->is_use || t->entity != ENTITY_FIELD || !gate_is_struct(g, t->in))
		return false;
	switch (t->change) {
	case TOUCH_ADDED:
		return !p || !has_type(p, t->signature_tip);
	case TOUCH_CHANGED: /* other words for the same type are none */
		return !gate_same_type(t->signature_base, t->signature_tip) &&
		       (!p || !has_type(p, t->signature_tip));
	case TOUCH_REMOVED:
		return true;
	default:
		return false;
	}
}

void gate_find_drift(const gate_side *g)
{
	const GArray *touches = g->reading->touches->touches;
	for (guint i = 0; i < touches->len; i++) {
		const touch *t = &g_array_index(touches, touch, i);
		const point *p = t->is_use ? NULL : gate_member(g, t->name);
		if (drifts(g, t, p) && !is_whole(g, t->in))
			report(g, t, p);
	}
}
