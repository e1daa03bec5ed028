/* Entities pair by name and kind; pairs of the same tokens are no touch. */
#include "facts/finder.h"

#include <stdlib.h>

static uint64_t entity_key(const entity *e)
{
	uint64_t key = text_hash(&e->kind, sizeof(e->kind), 0);
	unsigned role = e->flags & (ENTITY_DEFINITION | ENTITY_UNDEF);
	key = text_hash(&role, sizeof(role), key);
	return hash_text(e->parent, hash_text(e->name, key));
}

/* Of a file all entities, of a function those that stand in it. */
static bool is_compared(const file_pair *p, const entity *e, bool tip)
{
	const line_range *lines = tip ? &p->tip_lines : &p->base_lines;
	return !p->function || (e->line >= lines->first && e->line <= lines->last &&
				       e != (tip ? p->tip_head : p->base_head));
}

static GArray *entity_items(const file_pair *p, bool tip)
{
	const fact_set *f = tip ? p->tip : p->base;
	GArray *items = g_array_new(FALSE, FALSE, sizeof(item));
	for (guint i = 0; f && i < f->entities->len; i++) {
		const entity *e = &g_array_index(f->entities, entity, i);
		if (!is_compared(p, e, tip))
			continue;
		item it = {.key = entity_key(e), .place = hash_text(e->condition, 0), .index = i};
		it.body[0] = e->body[0];
		it.body[1] = e->body[1];
		g_array_append_val(items, it);
	}
	if (items->len)
		qsort(items->data, items->len, sizeof(item), item_compare);
	return items;
}

static bool same_body(const item *a, const item *b)
{
	return a->body[0] == b->body[0] && a->body[1] == b->body[1];
}

/* How close two entities of one name must be to pair, closest first. */
typedef enum closeness {
	SAME_PLACE, /* tokens and condition */
	SAME_TOKENS,
	SAME_CONDITION, /* changed tokens */
	SAME_NAME,
	CLOSENESSES
} closeness;

static bool is_close(const item *a, const item *b, closeness how)
{
	switch (how) {
	case SAME_PLACE:
		return same_body(a, b) && a->place == b->place;
	case SAME_TOKENS:
		return same_body(a, b);
	case SAME_CONDITION:
		return a->place == b->place;
	default:
		return true;
	}
}

/* A pair of entities: touched or not. `quiet` gets the line ranges of unchanged ones. */
static void judge_pair(finder *f, const file_pair *p, const entity *base, const entity *tip,
	closeness how, GArray *quiet_base, GArray *quiet_tip)
{
	/* a declaration has no tokens of its own; its type may still differ */
	bool declaration = !base->tokens && !tip->tokens;
	bool same = how <= SAME_TOKENS;
	if (declaration && base->reader == tip->reader)
		same &= !strcmp(base->signature, tip->signature);
	bool touched = pair_touches_old(p, base->line, base->end_line) ||
		       pair_touches_new(p, tip->line, tip->end_line);
	if (same) {
		line_range b = {base->line, base->end_line}, t = {tip->line, tip->end_line};
		g_array_append_val(quiet_base, b);
		g_array_append_val(quiet_tip, t);
	}
	if (same && strcmp(base->condition, tip->condition) && (touched || p->change) &&
		!declaration) {
		touch t = pair_entity_touch(p, TOUCH_MOVED, base, tip);
		finder_keep(f, &t);
	} else if (!same && touched) {
		touch t = pair_entity_touch(p, TOUCH_CHANGED, base, tip);
		finder_keep(f, &t);
	}
}

static const entity *entity_at(const fact_set *f, const item *it)
{
	return &g_array_index(f->entities, entity, it->index);
}

/* Pairs items of one key, base[0..n) with tip[0..m). */
static void pair_group(finder *f, const file_pair *p, item *base, guint n, item *tip, guint m,
	GArray *quiet_base, GArray *quiet_tip)
{
	bool many = n > GROUP_LIMIT || m > GROUP_LIMIT;
	for (closeness how = many ? SAME_NAME : SAME_PLACE; how < CLOSENESSES; how++) {
		guint next = 0;
		for (guint i = 0; i < n; i++) {
			if (base[i].paired)
				continue;
			guint k = many ? next : 0;
			while (k < m && (tip[k].paired || !is_close(&base[i], &tip[k], how)))
				k++;
			if (k == m)
				continue;
			next = k + 1;
			base[i].paired = tip[k].paired = true;
			closeness found = how == SAME_NAME && same_body(&base[i], &tip[k])
						  ? SAME_TOKENS
						  : how;
			judge_pair(f, p, entity_at(p->base, &base[i]), entity_at(p->tip, &tip[k]),
				found, quiet_base, quiet_tip);
		}
	}
}

void finder_entities(finder *f, const file_pair *p, GArray *quiet_base, GArray *quiet_tip)
{
	g_autoptr(GArray) base = entity_items(p, false);
	g_autoptr(GArray) tip = entity_items(p, true);
	for (item_group g = {0}; item_next_group(&g, base, tip);)
		pair_group(f, p, g.base, g.n, g.tip, g.m, quiet_base, quiet_tip);
	for (guint i = 0; i < base->len; i++) {
		const item *it = &g_array_index(base, item, i);
		const entity *e = entity_at(p->base, it);
		if (!it->paired && pair_touches_old(p, e->line, e->end_line))
			finder_keep_loose(f, p, pair_entity_touch(p, TOUCH_REMOVED, e, NULL), e, 0);
	}
	for (guint k = 0; k < tip->len; k++) {
		const item *it = &g_array_index(tip, item, k);
		const entity *e = entity_at(p->tip, it);
		if (!it->paired && pair_touches_new(p, e->line, e->end_line))
			finder_keep_loose(f, p, pair_entity_touch(p, TOUCH_ADDED, NULL, e), e, 0);
	}
}
