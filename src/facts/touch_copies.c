/* Copies of single functions. */
#include "facts/finder.h"

static bool is_function_kind(entity_kind kind)
{
	return kind == ENTITY_FUNCTION || kind == ENTITY_ASM_LABEL;
}

static const entity *function_at(const fact_set *f, const char *name, unsigned line, unsigned end)
{
	for (guint i = 0; f && i < f->entities->len; i++) {
		const entity *e = &g_array_index(f->entities, entity, i);
		if (is_function_kind(e->kind) && e->flags & ENTITY_DEFINITION && e->line <= end &&
			line <= e->end_line && !strcmp(e->name, name))
			return e;
	}
	return NULL;
}

/* Of C what the reader took for the function; of assembly the label reaches to the next one, the
 * function further. */
static line_range lines_of_function(const entity *e, unsigned line, unsigned end)
{
	if (e->kind == ENTITY_FUNCTION)
		return (line_range){e->line, e->end_line};
	return (line_range){MIN(e->line, line), MAX(e->end_line, end)};
}

/* Everything but some lines. */
static GArray *all_but(const line_range *lines)
{
	GArray *ranges = g_array_new(FALSE, FALSE, sizeof(line_range));
	line_range before = {0, lines->first - 1}, after = {lines->last + 1, G_MAXUINT};
	g_array_append_val(ranges, before);
	g_array_append_val(ranges, after);
	return ranges;
}

static bool is_within(const place *p, const char *path, const line_range *lines)
{
	return p->path && p->line >= lines->first && p->line <= lines->last &&
	       !strcmp(p->path, path);
}

/* Takes what stands in the tip's function out of what was gained: the origin accounts for it. False
 * when the function itself is no addition (any more). */
static bool take_gained(finder *f, const file_pair *p)
{
	bool found = false;
	for (guint i = 0; i < f->gained->len && !found; i++) {
		const loose *l = &g_array_index(f->gained, loose, i);
		found = !l->gone && l->e == p->tip_head;
	}
	for (guint i = 0; found && i < f->gained->len; i++) {
		loose *l = &g_array_index(f->gained, loose, i);
		l->gone |= is_within(&l->t.tip, p->tip->path, &p->tip_lines);
	}
	return found;
}

static bool is_addition_of(const touch *t, const file_pair *p)
{
	const entity *e = p->tip_head;
	return !t->is_use && t->change == TOUCH_ADDED && t->entity == e->kind &&
	       is_within(&t->tip, p->tip->path, &p->tip_lines) && !strcmp(t->name, e->name);
}

/* The same for a function of a file that is a copy: its touches were kept already, and what that
 * copy seems to lack when it has the function by another name. */
static bool take_kept(finder *f, const file_pair *p)
{
	GArray *touches = f->out->touches;
	bool found = false;
	for (guint i = 0; i < touches->len && !found; i++)
		found = is_addition_of(&g_array_index(touches, touch, i), p);
	guint kept = 0;
	for (guint i = 0; found && i < touches->len; i++) {
		touch t = g_array_index(touches, touch, i);
		bool lacked = t.change == TOUCH_REMOVED && !g_strcmp0(t.origin, p->origin) &&
			      is_within(&t.base, p->origin, &p->base_lines);
		if (!lacked && !is_within(&t.tip, p->tip->path, &p->tip_lines))
			g_array_index(touches, touch, kept++) = t;
	}
	if (found)
		g_array_set_size(touches, kept);
	return found;
}

/* Tells a new function against the one of the base that it is a copy of. */
void finder_function_copy(finder *f, const function_copy *c)
{
	file_pair p = {
		.base = g_hash_table_lookup(f->reading->base, c->origin),
		.tip = g_hash_table_lookup(f->reading->tip, c->path),
		.change = series_change(f->reading->series, c->path),
		.origin = c->origin,
		.function = true,
	};
	p.base_head = function_at(p.base, c->origin_name, c->origin_line, c->origin_end);
	p.tip_head = function_at(p.tip, c->name, c->line, c->end_line);
	if (!p.base_head || !p.tip_head)
		return;
	p.base_lines = lines_of_function(p.base_head, c->origin_line, c->origin_end);
	p.tip_lines = lines_of_function(p.tip_head, c->line, c->end_line);
	bool in_copy = touch_set_origin(f->out, c->path) != NULL;
	if (in_copy ? !take_kept(f, &p) : !take_gained(f, &p))
		return;
	bool same = p.base_head->body[0] == p.tip_head->body[0] &&
		    p.base_head->body[1] == p.tip_head->body[1];
	touch t =
		pair_entity_touch(&p, same ? TOUCH_MOVED : TOUCH_CHANGED, p.base_head, p.tip_head);
	finder_keep(f, &t);
	if (same && p.tip_head->kind == ENTITY_FUNCTION)
		return;
	g_autoptr(GArray) quiet_base = all_but(&p.base_lines);
	g_autoptr(GArray) quiet_tip = all_but(&p.tip_lines);
	finder_entities(f, &p, quiet_base, quiet_tip);
	finder_uses(f, &p, quiet_base, quiet_tip);
}
