/* interface.drift: members of an ops table that a series adds, drops or retypes; macros that fill a
 * slot which the catalogue does not have. */
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
	case TOUCH_CHANGED: /* other words for the same type are none, nor a name for a number */
		return !gate_may_be_type(t->signature_base, t->signature_tip) &&
		       (!p || !has_type(p, t->signature_tip));
	case TOUCH_REMOVED:
		return true;
	default:
		return false;
	}
}

/* ---- macros that fill slots ---- */

static bool is_macro(use_kind kind)
{
	return kind == USE_MACRO || kind == USE_CALL;
}

/* Is the macro what is put into a slot on that line, ".open = WRAP(open)"? */
static bool is_value(const fact_set *f, const use *macro)
{
	for (guint i = 0; i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		if (u->kind == USE_SLOT && u->line == macro->line && strstr(u->detail, macro->name))
			return true;
	}
	return false;
}

static void add_filler(GHashTable *out, const gate_side *g, const evidence *e)
{
	const fact_set *f = gate_tip(g, e->path);
	for (guint i = 0; f && i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		if (u->line != e->line || !is_macro(u->kind))
			continue;
		g_autofree char *member = gate_first_word(u->detail);
		if (gate_member(g, member) && !is_value(f, u))
			g_hash_table_add(out, (gpointer)u->name);
	}
}

/* The macros by which this series fills slots: the member is their first argument. */
static GHashTable *fillers(const gate_side *g)
{
	GHashTable *out = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < g->m->points->len; i++) {
		const point_side *side = gate_point(g, g_ptr_array_index(g->m->points, i));
		for (guint k = 0; k < side->evidence->len; k++) {
			const evidence *e = g_ptr_array_index(side->evidence, k);
			if (gate_fills(e))
				add_filler(out, g, e);
		}
	}
	return out;
}

static void report_unknown(const gate_side *g, const touch *t, const char *member)
{
	const char *keys[] = {t->name, member, NULL};
	if (gate_known(g, "interface.drift", keys))
		return;
	finding *f = gate_add(g, "interface.drift", SEVERITY_WARNING, keys);
	gate_place(f, (int)g->index, AT_TIP, &t->tip.blob, t->tip.path, t->tip.line,
		t->tip.end_line, t->in, t->patch);
	gate_title(f, "%s: %s fills a slot that the catalogue does not have", member, t->name);
	f->explanation =
		g_strdup_printf("%s fills the slots of the interface by %s; it names %s "
				"in %s, line %u, which no point of the catalogue is called.",
			g->series->name, t->name, member, t->tip.path, t->tip.line);
	f->suggestion = g_strdup("Correct the name; or, when the tree's interface has the "
				 "operation, add it to the catalogue (`truce interface check` "
				 "shows what else is missing).");
}

static void find_unknown(const gate_side *g)
{
	g_autoptr(GHashTable) known = fillers(g);
	const GArray *touches = g->reading->touches->touches;
	for (guint i = 0; g_hash_table_size(known) && i < touches->len; i++) {
		const touch *t = &g_array_index(touches, touch, i);
		bool filler = t->is_use && is_macro(t->use) && t->tip.path &&
			      (t->change == TOUCH_ADDED || t->change == TOUCH_CHANGED) &&
			      g_hash_table_contains(known, t->name);
		g_autofree char *member = filler ? gate_first_word(t->detail) : NULL;
		if (member && *member && !gate_member(g, member))
			report_unknown(g, t, member);
	}
}

void gate_find_drift(const gate_side *g)
{
	find_unknown(g);
	const GArray *touches = g->reading->touches->touches;
	for (guint i = 0; i < touches->len; i++) {
		const touch *t = &g_array_index(touches, touch, i);
		const point *p = t->is_use ? NULL : gate_member(g, t->name);
		if (drifts(g, t, p) && !is_whole(g, t->in))
			report(g, t, p);
	}
}
