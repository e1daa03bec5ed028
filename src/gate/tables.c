/* The ops tables as the tree itself has them, in files that were read: they count before the
 * catalogue, which may tell of another version. */
#include <string.h>

#include "gate/side.h"
#include "model/function_type.h"

bool gate_leaves_interface(const gate_side *g, const point *p)
{
	const GArray *touches = g->reading->touches->touches;
	for (guint i = 0; i < touches->len; i++) {
		const touch *t = &g_array_index(touches, touch, i);
		if (!t->is_use && t->entity == ENTITY_FIELD && t->change == TOUCH_REMOVED &&
			gate_is_struct(g, t->in) && gate_is_member(p, t->name))
			return true;
	}
	return false;
}

/* Has a file a slot for the operation? *tables: it has slots. */
static bool has_slot(const gate_side *g, const fact_set *f, const point *p, bool *tables)
{
	for (guint i = 0; i < f->entities->len; i++) {
		const entity *e = &g_array_index(f->entities, entity, i);
		if (e->kind != ENTITY_FIELD || !gate_is_struct(g, e->parent))
			continue;
		*tables = true;
		if (gate_is_member(p, e->name))
			return true;
	}
	return false;
}

bool gate_tables_lack(const gate_side *g, const point *p)
{
	GHashTable *const trees[] = {g->reading->tip, g->reading->base};
	bool tables = false;
	for (size_t i = 0; i < G_N_ELEMENTS(trees); i++) {
		GHashTableIter it;
		gpointer path, facts;
		g_hash_table_iter_init(&it, trees[i]);
		while (g_hash_table_iter_next(&it, &path, &facts)) {
			bool old = i == 1 && series_change(g->series, path);
			if (facts && !old && has_slot(g, facts, p, &tables))
				return false;
		}
	}
	return tables;
}

/* A member may hold its function in a struct of its own, with another convention of calls: that
 * says nothing of the function's type. */
static bool is_function_type(const char *type)
{
	g_autoptr(function_type) t = function_type_parse(type);
	return t != NULL;
}

/* The member as the tree has it counts before the catalogue, which may tell another version: where
 * the two differ the interface drifts, and no backend is to blame. In *known: the tree has it. */
static bool fits_tree(const gate_side *g, const char *member, const char *type, bool *known)
{
	GHashTable *const trees[] = {g->reading->tip, g->reading->base};
	*known = false;
	for (size_t i = 0; i < G_N_ELEMENTS(trees) && !*known; i++) {
		GHashTableIter it;
		gpointer value;
		g_hash_table_iter_init(&it, trees[i]);
		while (g_hash_table_iter_next(&it, NULL, &value)) {
			const fact_set *f = value;
			for (guint k = 0; k < f->entities->len; k++) {
				const entity *e = &g_array_index(f->entities, entity, k);
				if (e->kind != ENTITY_FIELD || strcmp(e->name, member) ||
					!gate_is_struct(g, e->parent) ||
					!is_function_type(e->signature))
					continue;
				*known = true;
				if (gate_may_be_type(e->signature, type))
					return true;
			}
		}
	}
	return false;
}

bool gate_fits(const gate_side *g, const point *p, const char *member, const char *type)
{
	bool known;
	if (fits_tree(g, member, type, &known))
		return true;
	if (known)
		return false;
	if (gate_may_be_type(p->signature, type))
		return true;
	for (guint i = 0; i < p->variants->len; i++)
		if (gate_may_be_type(g_ptr_array_index(p->variants, i), type))
			return true;
	return false;
}
