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

/* What happens to a member. */
typedef enum drift_kind { DRIFT_NONE, DRIFT_ADDED, DRIFT_DROPPED, DRIFT_RETYPED } drift_kind;

/* A member as one of the trees has it; under #if it may stand there more than once. */
typedef struct found_member {
	const fact_set *in; /* NULL: the tree has none */
	const entity *field;
} found_member;

/* The member in base or tip that can be of the type, else one of another type. */
static found_member find_member(
	GHashTable *tree, const char *tag, const char *name, const char *type)
{
	found_member other = {0};
	GHashTableIter it;
	gpointer value;
	g_hash_table_iter_init(&it, tree);
	while (g_hash_table_iter_next(&it, NULL, &value)) {
		const fact_set *f = value;
		for (guint i = 0; f && i < f->entities->len; i++) {
			const entity *e = &g_array_index(f->entities, entity, i);
			if (e->kind != ENTITY_FIELD || strcmp(e->name, name) ||
				strcmp(e->parent, tag))
				continue;
			found_member m = {f, e};
			if (gate_may_be_type(e->signature, type))
				return m;
			bool before = !other.in || strcmp(f->path, other.in->path) < 0;
			other = before ? m : other;
		}
	}
	return other;
}

static bool can_be(const found_member *m, const char *type)
{
	return m->in && gate_may_be_type(m->field->signature, type);
}

/* A touch tells of one place; the member may stand in another branch of an #if, or have moved from
 * one to the other, as it was. *now is the member as the tip has it, where the touch does not. */
static drift_kind drift_of(const gate_side *g, const touch *t, const point *p, found_member *now)
{
	*now = (found_member){0};
	if (t->is_use || t->entity != ENTITY_FIELD || !gate_is_struct(g, t->in))
		return DRIFT_NONE;
	GHashTable *base = g->reading->base, *tip = g->reading->tip;
	bool has_base = t->change != TOUCH_ADDED, has_tip = t->change != TOUCH_REMOVED;
	found_member before = has_tip ? find_member(base, t->in, t->name, t->signature_tip) : *now;
	found_member after = has_base ? find_member(tip, t->in, t->name, t->signature_base) : *now;
	bool known = has_tip && p && has_type(p, t->signature_tip);
	switch (t->change) {
	case TOUCH_ADDED:
		if (known || can_be(&before, t->signature_tip))
			return DRIFT_NONE;
		return before.in ? DRIFT_RETYPED : DRIFT_ADDED;
	case TOUCH_CHANGED: /* other words for the same type are none, nor a name for a number */
		if (known || gate_may_be_type(t->signature_base, t->signature_tip) ||
			(can_be(&before, t->signature_tip) && can_be(&after, t->signature_base)))
			return DRIFT_NONE;
		return DRIFT_RETYPED;
	case TOUCH_REMOVED:
		if (can_be(&after, t->signature_base))
			return DRIFT_NONE;
		*now = after;
		return after.in ? DRIFT_RETYPED : DRIFT_DROPPED;
	default:
		return DRIFT_NONE;
	}
}

static void place_drift(finding *f, const gate_side *g, const touch *t, const found_member *now)
{
	bool tip = t->tip.path && t->change != TOUCH_REMOVED;
	const place *at = tip ? &t->tip : &t->base;
	if (now->in)
		gate_place(f, (int)g->index, AT_TIP, &now->in->blob, now->in->path,
			now->field->line, now->field->end_line, t->name, t->patch);
	else
		gate_place(f, (int)g->index, tip ? AT_TIP : AT_BASE, &at->blob, at->path, at->line,
			at->end_line, t->name, t->patch);
}

/* The type that a retyped member had. */
static const char *old_type(const gate_side *g, const touch *t)
{
	if (t->change != TOUCH_ADDED)
		return t->signature_base;
	found_member m = find_member(g->reading->base, t->in, t->name, t->signature_tip);
	return m.in ? m.field->signature : "another type";
}

static void report(const gate_side *g, const touch *t, const point *p, drift_kind kind,
	const found_member *now)
{
	const char *keys[] = {t->in, t->name, NULL};
	finding *f = gate_add(g, "interface.drift", SEVERITY_WARNING, keys);
	if (p)
		g_ptr_array_add(f->points, g_strdup(p->id));
	place_drift(f, g, t, now);
	switch (kind) {
	case DRIFT_ADDED:
		finding_set_title(f, "%s.%s: added to the interface", t->in, t->name);
		f->explanation = g_strdup_printf("%s adds the member %s %s, which the catalogue "
						 "does not have%s: backends of others "
						 "leave it empty.",
			g->series->name, t->name, t->signature_tip, p ? " with this type" : "");
		break;
	case DRIFT_DROPPED:
		finding_set_title(f, "%s.%s: dropped from the interface", t->in, t->name);
		f->explanation = g_strdup_printf("%s drops the member %s: backends that fill it "
						 "do not compile any more, and what "
						 "they did there is lost.",
			g->series->name, t->name);
		break;
	default:
		finding_set_title(f, "%s.%s: has another type", t->in, t->name);
		f->explanation = g_strdup_printf("%s changes the member %s from %s to %s: backends "
						 "of others fill it with "
						 "functions of the old type.",
			g->series->name, t->name, old_type(g, t),
			now->in ? now->field->signature : t->signature_tip);
	}
	f->suggestion = g_strdup(
		"Bring a meant change of the interface in a patch of its own that fills or "
		"converts "
		"the slot for every backend, and change the catalogue with it. What one backend "
		"needs for itself belongs into that backend.");
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
	finding_set_title(
		f, "%s: %s fills a slot that the catalogue does not have", member, t->name);
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
		found_member now;
		drift_kind kind = drift_of(g, t, p, &now);
		if (kind != DRIFT_NONE && !is_whole(g, t->in))
			report(g, t, p, kind, &now);
	}
}
