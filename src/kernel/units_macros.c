/* Units in which macros of headers are solved for, instead of being free: the conditions of the
 * goals are other ones while a scene is asked. */
#include "kernel/units_priv.h"

#include "kernel/macros.h"

struct units_put_in {
	request *r;
	macros *macros;
	GPtrArray *all;	       /* of the request, as it was */
	GPtrArray *asked;      /* goal *: those that a header's macro is about */
	GPtrArray *conditions; /* const branch *: theirs, as they were */
	GPtrArray *around;     /* const branch *: what leads to the file, with macros put in */
};

static const branch_file *read_branches(const char *path, void *data)
{
	return units_branches(data, path);
}

static void ask(units_put_in *p, goal *g, const branch *condition)
{
	g_ptr_array_add(p->asked, g);
	g_ptr_array_add(p->conditions, (gpointer)g->condition);
	g->condition = condition;
}

/* The macro of a condition that the compiled file leaves undefined. */
static const char *absent_in(const scene *s, const branch *b)
{
	if (b->kind == BRANCH_NOT)
		return absent_in(s, b->left);
	if (b->kind == BRANCH_AND || b->kind == BRANCH_OR) {
		const char *left = absent_in(s, b->left);
		return left ? left : absent_in(s, b->right);
	}
	return b->name && s->absent && g_hash_table_contains(s->absent, b->name) ? b->name : NULL;
}

units_put_in *units_put_in_new(request *r, scene *s, const GPtrArray *around)
{
	units_put_in *p = g_new0(units_put_in, 1);
	const char *name, *where;
	bool on_the_way = false;
	*p = (units_put_in){.r = r, .all = r->goals};
	p->macros = macros_new(s, r->wish->path, r->file, read_branches, r);
	p->asked = g_ptr_array_new();
	p->conditions = g_ptr_array_new();
	p->around = g_ptr_array_new();
	for (guint i = 0; i < around->len; i++) {
		const branch *b = g_ptr_array_index(around, i);
		g_ptr_array_add(p->around, (gpointer)macros_expand(p->macros, b));
		on_the_way |= macros_first(p->macros, b, &name, &where);
	}
	for (guint i = 0; i < r->goals->len; i++) {
		goal *g = g_ptr_array_index(r->goals, i);
		if (g->done)
			continue;
		const branch *condition = macros_expand(p->macros, g->condition);
		if (on_the_way || macros_first(p->macros, g->condition, &name, &where)) {
			ask(p, g, condition);
			continue;
		}
		const char *absent = g->reason ? NULL : absent_in(s, g->condition);
		if (absent)
			g->reason = g_strdup_printf(
				"%s is defined by no file that %s includes", absent, s->path);
	}
	r->goals = p->asked;
	return p;
}

const GPtrArray *units_put_in_around(const units_put_in *p)
{
	return p->around;
}

/* Says which macro of which file it was, where there is no configuration for it. */
static void complete_reason(const units_put_in *p, goal *g, const branch *put_in)
{
	const char *name, *where;
	if (!macros_first(p->macros, g->condition, &name, &where))
		return;
	bool never = put_in == p->r->file->no;
	g_autofree char *condition = never ? branch_text(g->condition) : NULL;
	char *reason = never ? g_strdup_printf("%s never holds: %s of %s", condition, name, where)
			     : g_strdup_printf("%s of %s: %s", name, where, g->reason);
	g_free(g->reason);
	g->reason = reason;
}

void units_put_in_free(units_put_in *p)
{
	for (guint i = 0; i < p->asked->len; i++) {
		goal *g = g_ptr_array_index(p->asked, i);
		const branch *put_in = g->condition;
		g->condition = g_ptr_array_index(p->conditions, i);
		/* A reason that was there is of another scene, and complete. */
		if (!g->done && g->reason && !g->explained)
			complete_reason(p, g, put_in);
		g->explained |= g->reason != NULL;
	}
	p->r->goals = p->all;
	macros_free(p->macros);
	g_ptr_array_unref(p->asked);
	g_ptr_array_unref(p->conditions);
	g_ptr_array_unref(p->around);
	g_free(p);
}
