/* What one file lost and another gained. */
#include "facts/finder.h"

#include <stdlib.h>

static int compare_loose(const void *va, const void *vb)
{
	const loose *a = *(const loose *const *)va, *b = *(const loose *const *)vb;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static GPtrArray *sorted_loose(GArray *list, bool uses)
{
	GPtrArray *out = g_ptr_array_new();
	for (guint i = 0; i < list->len; i++) {
		loose *l = &g_array_index(list, loose, i);
		if (l->t.is_use != uses || l->gone)
			continue;
		if (!uses)
			l->key = hash_text(
				l->t.name, text_hash(&l->t.entity, sizeof(l->t.entity), 0));
		g_ptr_array_add(out, l);
	}
	if (out->len)
		qsort(out->pdata, out->len, sizeof(gpointer), compare_loose);
	return out;
}

/* Is this what became of it? `exact`: with the same tokens. */
static bool is_successor(const loose *lost, const loose *gained, bool exact)
{
	const unsigned role = ENTITY_DEFINITION | ENTITY_UNDEF;
	const entity *a = lost->e, *b = gained->e;
	if (gained->gone || (a->flags & role) != (b->flags & role) || strcmp(a->parent, b->parent))
		return false;
	if (exact)
		return a->body[0] == b->body[0] && a->body[1] == b->body[1] &&
		       a->tokens == b->tokens;
	/* the names of static functions are their file's own affair */
	bool local = (a->flags & ENTITY_STATIC) && !(a->flags & ENTITY_INLINE);
	return !local && (a->flags & ENTITY_DEFINITION);
}

static void pair_moved(finder *f, loose *lost, loose *gained, bool exact)
{
	lost->gone = gained->gone = true;
	touch t = gained->t;
	t.change = exact ? TOUCH_MOVED : TOUCH_CHANGED;
	t.base = lost->t.base;
	t.signature_base = lost->t.signature_base;
	finder_keep(f, &t);
}

/* Entities that one file lost and another gained. A definition that moved with other tokens is only
 * taken for the same one where nothing else claims either. */
void finder_moves(finder *f, bool exact)
{
	g_autoptr(GPtrArray) lost = sorted_loose(f->lost, false);
	g_autoptr(GPtrArray) gained = sorted_loose(f->gained, false);
	guint k = 0;
	for (guint i = 0; i < lost->len; i++) {
		loose *l = g_ptr_array_index(lost, i);
		while (k < gained->len && ((loose *)g_ptr_array_index(gained, k))->key < l->key)
			k++;
		for (guint n = k; n < gained->len && n < k + GROUP_LIMIT; n++) {
			loose *g = g_ptr_array_index(gained, n);
			if (g->key != l->key)
				break;
			/* within a file a new name is a new entity, whatever its tokens */
			if (!strcmp(l->t.base.path, g->t.tip.path) || !is_successor(l, g, exact))
				continue;
			pair_moved(f, l, g, exact);
			break;
		}
	}
}

void finder_cancel_uses(finder *f)
{
	g_autoptr(GPtrArray) lost = sorted_loose(f->lost, true);
	g_autoptr(GPtrArray) gained = sorted_loose(f->gained, true);
	for (guint i = 0, k = 0; i < lost->len && k < gained->len;) {
		loose *l = g_ptr_array_index(lost, i), *g = g_ptr_array_index(gained, k);
		if (l->key != g->key) {
			*(l->key < g->key ? &i : &k) += 1;
			continue;
		}
		if (*l->t.in && strcmp(l->t.base.path, g->t.tip.path))
			l->gone = g->gone = true;
		i++;
		k++;
	}
}

void finder_keep_rest(finder *f, GArray *list)
{
	for (guint i = 0; i < list->len; i++) {
		const loose *l = &g_array_index(list, loose, i);
		if (!l->gone)
			finder_keep(f, &l->t);
	}
}
