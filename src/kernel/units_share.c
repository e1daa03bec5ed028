/* What a unit shows of other headers on the way: asked for together, many headers are one parse. */
#include "kernel/units_priv.h"

#include <string.h>

/* Questions to the solver for one unit that were in vain; each costs some ms. */
#define IN_VAIN 24u

/* Another header of which lines are wanted. */
typedef struct other {
	const kernel_lines *lines;
	GPtrArray *goals; /* goal *; NULL until a compiled file reaches it */
} other;

static void other_free(gpointer data)
{
	other *o = data;
	g_clear_pointer(&o->goals, g_ptr_array_unref);
	g_free(o);
}

static GPtrArray *others_of(request *r)
{
	const GPtrArray *wished = r->wish->others;
	if (r->others)
		return r->others;
	r->others = g_ptr_array_new_with_free_func(other_free);
	for (guint i = 0; wished && i < wished->len; i++) {
		other *o = g_new0(other, 1);
		o->lines = g_ptr_array_index(wished, i);
		g_ptr_array_add(r->others, o);
	}
	return r->others;
}

static void take_along(making *m, const other *o, goal *g)
{
	taken_along *t = g_new0(taken_along, 1);
	*t = (taken_along){o->lines->path, g};
	g_ptr_array_add(m->shared, t);
}

/* What headers define besides decides nothing here: that would be a guess too many. */
static void share_goals(making *m, const other *o, guint *in_vain)
{
	for (guint i = 0; i < o->goals->len; i++) {
		goal *g = g_ptr_array_index(o->goals, i);
		if (g->done || g->error)
			continue;
		int literal = scene_literal(m->s, g->condition);
		if (!scene_is_decided(m->s, g->condition))
			continue;
		if (!sat_value(scene_sat(m->s), literal) && *in_vain >= IN_VAIN)
			continue;
		if (units_solve_with(m, literal))
			take_along(m, o, g);
		else
			++*in_vain;
	}
}

void units_share(making *m)
{
	const kernel_wish *w = m->r->wish;
	GPtrArray *others = others_of(m->r);
	guint in_vain = 0;
	m->own = m->literals->len;
	for (guint i = 0; i < others->len; i++) {
		other *o = g_ptr_array_index(others, i);
		if (!w->reaches(m->s->path, o->lines->path, w->data))
			continue;
		if (!o->goals)
			o->goals = units_goals(m->r, o->lines);
		share_goals(m, o, &in_vain);
	}
}

static void free_lines(gpointer lines)
{
	kernel_lines_free(lines);
}

static kernel_lines *lines_of(kernel_unit *u, const char *path)
{
	if (!u->shared)
		u->shared = g_ptr_array_new_with_free_func(free_lines);
	for (guint i = 0; i < u->shared->len; i++) {
		kernel_lines *l = g_ptr_array_index(u->shared, i);
		if (!strcmp(l->path, path))
			return l;
	}
	kernel_lines *l = g_new0(kernel_lines, 1);
	l->path = g_strdup(path);
	l->ranges = g_array_new(FALSE, FALSE, sizeof(line_range));
	g_ptr_array_add(u->shared, l);
	return l;
}

void units_promise(making *m, kernel_unit *u, kconfig_values *v, const kbuild_way *way)
{
	for (guint i = 0; i < m->shared->len; i++) {
		const taken_along *t = g_ptr_array_index(m->shared, i);
		if (scene_value(m->s, t->goal->condition, v, way, false) != SCENE_YES)
			continue;
		kernel_lines *l = lines_of(u, t->path);
		g_array_append_vals(l->ranges, t->goal->ranges->data, t->goal->ranges->len);
		t->goal->done = true;
	}
}
