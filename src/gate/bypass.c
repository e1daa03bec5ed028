/* point.bypass: privileged operations and vendors' calls outside the interface. What counts as one,
 * and where it belongs, the catalogue says, by rules of weight `bypass`. */
#include "gate/side.h"

#include <string.h>

/* A file that fills slots of the ops table stands behind the interface: there the operation is
 * what the interface leads to. */
static bool is_behind(const gate_side *g, const evidence *e)
{
	return g_hash_table_contains(g->backends, e->path);
}

/* What was told already, with the place that was told. */
typedef struct told {
	finding *finding;
	const evidence *evidence;
} told;

/* The finding that tells the very same place: one instruction may belong to several operations. */
static finding *told_before(const GArray *all, const evidence *e)
{
	for (guint i = 0; i < all->len; i++) {
		const told *t = &g_array_index(all, told, i);
		if (t->evidence->line == e->line && !strcmp(t->evidence->path, e->path) &&
			!strcmp(t->evidence->rule, e->rule) &&
			!g_strcmp0(t->evidence->note, e->note))
			return t->finding;
	}
	return NULL;
}

static finding *report(const gate_side *g, const point *p, const evidence *e)
{
	const char *symbol = e->symbol ? e->symbol : "";
	const char *keys[] = {p->id, e->path, symbol, NULL};
	finding *f = gate_add(g, "point.bypass", SEVERITY_WARNING, keys);
	g_ptr_array_add(f->points, g_strdup(p->id));
	f->confidence = e->confidence;
	finding_set_title(
		f, "%s: %s%sgoes around the interface", p->id, symbol, *symbol ? " " : "");
	gate_evidence_place(f, (int)g->index, e);
	f->explanation = g_strdup_printf(
		"A privileged operation that belongs to %s (%s) is used directly%s%s in %s, line "
		"%u%s%s. Under a backend of the interface it traps, or does nothing.",
		p->id, p->title ? p->title : "an operation of the interface",
		*symbol ? ", in " : "", symbol, e->path, e->line, e->note ? ": " : "",
		e->note ? e->note : "");
	f->suggestion = g_strdup_printf(
		"Use the operation of the interface, %s%s%s. Code that only ever runs on the bare "
		"machine, or behind the interface, is a case for the baseline, with that reason.",
		p->member, p->signature ? ": " : "", p->signature ? p->signature : "");
	return f;
}

void gate_find_bypass(const gate_side *g)
{
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(told));
	for (guint i = 0; i < g->m->points->len; i++) {
		const point_result *r = g_ptr_array_index(g->m->points, i);
		const point_side *side = gate_point(g, r);
		/* What is no operation of this tree's interface cannot go around it. */
		if (gate_tables_lack(g, r->point))
			continue;
		for (guint k = 0; k < side->evidence->len; k++) {
			const evidence *e = g_ptr_array_index(side->evidence, k);
			if (e->weight != EVIDENCE_BYPASS || e->at != AT_TIP || is_behind(g, e))
				continue;
			finding *f = told_before(all, e);
			if (!f) {
				told t = {report(g, r->point, e), e};
				g_array_append_val(all, t);
			} else if (!g_ptr_array_find_with_equal_func(
					   f->points, r->point->id, g_str_equal, NULL)) {
				g_ptr_array_add(f->points, g_strdup(r->point->id));
			}
		}
	}
}
