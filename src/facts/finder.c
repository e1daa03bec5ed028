/* Touches as they are made and kept. */
#include "facts/finder.h"

static place place_of(const fact_set *f, unsigned line, unsigned end_line)
{
	return (place){f->path, f->blob, line, end_line};
}

bool pair_touches_new(const file_pair *p, unsigned first, unsigned last)
{
	return p->origin || !p->change || file_change_touches_new(p->change, first, last);
}

bool pair_touches_old(const file_pair *p, unsigned first, unsigned last)
{
	return p->origin || !p->change || file_change_touches_old(p->change, first, last);
}

/* The patch of the first line of the range that one touched. */
static unsigned patch_of_new(const file_pair *p, unsigned first, unsigned last)
{
	for (unsigned line = first; p->change && line <= last; line++) {
		unsigned by = file_change_patch_of_new(p->change, line);
		if (by)
			return by;
	}
	return 0;
}

static unsigned patch_of_old(const file_pair *p, unsigned first, unsigned last)
{
	for (unsigned line = first; p->change && !p->origin && line <= last; line++) {
		unsigned by = file_change_patch_of_old(p->change, line);
		if (by)
			return by;
	}
	return 0;
}

/* What a copy lacks, the patch that made the copy left out. */
static unsigned patch_of_copy(const file_pair *p)
{
	return p->origin ? patch_of_new(p, 1, 1) : 0;
}

touch pair_entity_touch(
	const file_pair *p, touch_change change, const entity *base, const entity *tip)
{
	const entity *shown = tip ? tip : base;
	touch t = {
		.change = change,
		.entity = shown->kind,
		.reader = shown->reader,
		.name = shown->name,
		.detail = shown->value,
		.in = shown->parent,
		.condition = shown->condition,
		.signature_base = base ? base->signature : "",
		.signature_tip = tip ? tip->signature : "",
		.flags = shown->flags,
		.origin = p->origin,
	};
	if (tip) {
		t.tip = place_of(p->tip, tip->line, tip->end_line);
		t.patch = patch_of_new(p, tip->line, tip->end_line);
	}
	if (base)
		t.base = place_of(p->base, base->line, base->end_line);
	if (base && !t.patch)
		t.patch = patch_of_old(p, base->line, base->end_line);
	if (!t.patch)
		t.patch = patch_of_copy(p);
	return t;
}

touch pair_use_touch(const file_pair *p, touch_change change, const use *base, const use *tip)
{
	const use *shown = tip ? tip : base;
	touch t = {
		.change = change,
		.is_use = true,
		.use = shown->kind,
		.reader = shown->reader,
		.name = shown->name,
		.detail = shown->detail,
		.in = shown->in,
		.condition = shown->condition,
		.signature_base = "",
		.signature_tip = "",
		.origin = p->origin,
	};
	if (tip) {
		t.tip = place_of(p->tip, tip->line, tip->line);
		t.patch = patch_of_new(p, tip->line, tip->line);
	}
	if (base)
		t.base = place_of(p->base, base->line, base->line);
	if (base && !t.patch)
		t.patch = patch_of_old(p, base->line, base->line);
	if (!t.patch)
		t.patch = patch_of_copy(p);
	return t;
}

void finder_keep(finder *f, const touch *t)
{
	g_array_append_val(f->out->touches, *t);
}

/* A touch of one side only: another file may account for it, unless this one is a copy. */
void finder_keep_loose(finder *f, const file_pair *p, touch t, const entity *e, uint64_t key)
{
	if (p->origin) {
		finder_keep(f, &t);
		return;
	}
	GArray *list = t.change == TOUCH_REMOVED ? f->lost : f->gained;
	loose l = {t, e, key, list->len, false};
	g_array_append_val(list, l);
}

int item_compare(const void *va, const void *vb)
{
	const item *a = va, *b = vb;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->touched != b->touched)
		return a->touched ? 1 : -1;
	return a->index < b->index ? -1 : a->index > b->index;
}

bool item_next_group(item_group *g, GArray *base, GArray *tip)
{
	while (g->next_base < base->len && g->next_tip < tip->len) {
		g->base = &g_array_index(base, item, g->next_base);
		g->tip = &g_array_index(tip, item, g->next_tip);
		uint64_t key = g->base->key;
		if (key != g->tip->key) {
			*(key < g->tip->key ? &g->next_base : &g->next_tip) += 1;
			continue;
		}
		for (g->n = 1; g->next_base + g->n < base->len && g->base[g->n].key == key;)
			g->n++;
		for (g->m = 1; g->next_tip + g->m < tip->len && g->tip[g->m].key == key;)
			g->m++;
		g->next_base += g->n;
		g->next_tip += g->m;
		return true;
	}
	return false;
}
