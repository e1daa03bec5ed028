/* Touches: what differs between the facts of base and tip.
 *
 * Files are compared one by one, copies with their origin. Entities pair by name and kind; pairs of
 * the same tokens are no touch, nor are the uses within them. Other uses are compared as multisets
 * within the entity that holds them, so that lines that only moved are no touch. What one file lost
 * and another gained is paired at the end: moved, or moved and changed. */
#include "facts/touches.h"

#include <stdlib.h>

#include "facts/finder.h"

static int compare_places(const place *a, const place *b)
{
	int order = g_strcmp0(a->path, b->path);
	if (order)
		return order;
	return a->line < b->line ? -1 : a->line > b->line;
}

static const place *shown_place(const touch *t)
{
	return t->tip.path ? &t->tip : &t->base;
}

static int compare_touches(const void *va, const void *vb)
{
	const touch *a = va, *b = vb;
	int order = compare_places(shown_place(a), shown_place(b));
	if (order)
		return order;
	int kind_a = a->is_use ? ENTITY_KINDS + (int)a->use : (int)a->entity;
	int kind_b = b->is_use ? ENTITY_KINDS + (int)b->use : (int)b->entity;
	if (kind_a != kind_b)
		return kind_a < kind_b ? -1 : 1;
	order = strcmp(a->name, b->name);
	if (!order)
		order = (int)a->change - (int)b->change;
	if (!order)
		order = strcmp(a->in, b->in);
	if (!order)
		order = strcmp(a->detail, b->detail);
	if (!order)
		order = compare_places(&a->base, &b->base);
	if (!order)
		order = g_strcmp0(a->origin, b->origin);
	return order ? order : strcmp(a->condition, b->condition);
}

static void compare_files(finder *f, const file_pair *p)
{
	g_autoptr(GArray) quiet_base = g_array_new(FALSE, FALSE, sizeof(line_range));
	g_autoptr(GArray) quiet_tip = g_array_new(FALSE, FALSE, sizeof(line_range));
	finder_entities(f, p, quiet_base, quiet_tip);
	finder_uses(f, p, quiet_base, quiet_tip);
}

void facts_find_touches(touch_set *touches, const series_reading *reading)
{
	finder f = {touches, g_array_new(FALSE, FALSE, sizeof(loose)),
		g_array_new(FALSE, FALSE, sizeof(loose)), reading};
	g_autoptr(GHashTable) origins = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < touches->shadows->len; i++) {
		const shadow_copy *c = &g_array_index(touches->shadows, shadow_copy, i);
		g_hash_table_insert(origins, (gpointer)c->path, (gpointer)c->origin);
	}
	for (guint i = 0; i < reading->series->changes->len; i++) {
		const file_change *change = g_ptr_array_index(reading->series->changes, i);
		file_pair p = {.change = change};
		if (change->status == CHANGE_ADDED)
			p.origin = g_hash_table_lookup(origins, change->path);
		if (p.origin)
			p.base = g_hash_table_lookup(reading->base, p.origin);
		else if (change->status != CHANGE_ADDED)
			p.base = g_hash_table_lookup(reading->base, change->path);
		if (change->status != CHANGE_DELETED)
			p.tip = g_hash_table_lookup(reading->tip, change->path);
		if (p.origin && !p.base)
			p.origin = NULL;
		if (p.base || p.tip)
			compare_files(&f, &p);
	}
	finder_moves(&f, true);
	finder_moves(&f, false);
	for (guint i = 0; i < touches->functions->len; i++)
		finder_function_copy(&f, &g_array_index(touches->functions, function_copy, i));
	finder_cancel_uses(&f);
	finder_keep_rest(&f, f.lost);
	finder_keep_rest(&f, f.gained);
	g_array_unref(f.lost);
	g_array_unref(f.gained);
	if (touches->touches->len)
		qsort(touches->touches->data, touches->touches->len, sizeof(touch),
			compare_touches);
}
