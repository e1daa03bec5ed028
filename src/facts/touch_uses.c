/* Uses are compared as multisets within the entity that holds them, so that lines that only moved
 * are no touch. */
#include "facts/finder.h"

#include <stdlib.h>

/* Is the text the name of the copied function itself, bare or in parentheses: ENTRY(x)? */
static bool is_own_name(const entity *head, const char *text)
{
	size_t len = head ? strlen(head->name) : 0;
	bool inner = *text == '(';
	return len && !strncmp(text + inner, head->name, len) &&
	       !strcmp(text + inner + len, inner ? ")" : "");
}

/* Uses that mean the same whoever read them: kinds that readers take for one another count as one,
 * and of a field only its own name, as a text reader may not know the record. `head` is the
 * function that is compared, or NULL. */
static uint64_t use_key(const use *u, bool function, const entity *head)
{
	unsigned kind = u->kind;
	const char *name = is_own_name(head, u->name) ? "" : u->name;
	if (kind == USE_MACRO || kind == USE_REFERENCE)
		kind = USE_CALL;
	if (kind == USE_FIELD || kind == USE_SLOT) {
		const char *dot = strrchr(name, '.');
		name = dot ? dot + 1 : name;
	}
	uint64_t key = text_hash(&kind, sizeof(kind), 0);
	return hash_text(function ? "" : u->in, hash_text(name, key));
}

static bool has_meaning(const use *u)
{
	return u->kind == USE_INSTRUCTION || u->kind == USE_SLOT || u->kind == USE_CALL ||
	       u->kind == USE_MACRO || (u->kind == USE_FIELD && *u->detail);
}

/* What stands between the name and its end, white space left out: layouts differ. */
static uint64_t detail_hash(const use *u, const entity *head)
{
	uint64_t hash = 0xcbf29ce484222325u;
	bool told = has_meaning(u) && !is_own_name(head, u->detail);
	for (const char *p = told ? u->detail : ""; *p; p++)
		if (*p > ' ' || *p < 0)
			hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
	return hash;
}

static int compare_ranges(const void *va, const void *vb)
{
	const line_range *a = va, *b = vb;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->last < b->last ? -1 : a->last > b->last;
}

/* Uses outside the unchanged entities. */
static GArray *use_items(const file_pair *p, const fact_set *set, GArray *quiet, bool tip)
{
	GArray *items = g_array_new(FALSE, FALSE, sizeof(item));
	if (quiet->len)
		qsort(quiet->data, quiet->len, sizeof(line_range), compare_ranges);
	guint next = 0;
	unsigned quiet_to = 0;
	for (guint i = 0; set && i < set->uses->len; i++) {
		const use *u = &g_array_index(set->uses, use, i);
		while (next < quiet->len &&
			g_array_index(quiet, line_range, next).first <= u->line) {
			quiet_to = MAX(quiet_to, g_array_index(quiet, line_range, next).last);
			next++;
		}
		if (u->line <= quiet_to)
			continue;
		const entity *head = tip ? p->tip_head : p->base_head;
		item it = {.key = use_key(u, p->function, head),
			.place = detail_hash(u, head),
			.index = i};
		it.touched = tip ? pair_touches_new(p, u->line, u->line)
				 : pair_touches_old(p, u->line, u->line);
		g_array_append_val(items, it);
	}
	if (items->len)
		qsort(items->data, items->len, sizeof(item), item_compare);
	return items;
}

static const use *use_at(const fact_set *f, const item *it)
{
	return &g_array_index(f->uses, use, it->index);
}

/* Sorts so that equal details meet, untouched lines first. */
static int compare_details(const void *va, const void *vb)
{
	const item *a = va, *b = vb;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return item_compare(va, vb);
}

/* Cancels equal uses of one key. Both sides come sorted by detail. */
static void cancel_equal(item *base, guint n, item *tip, guint m)
{
	qsort(base, n, sizeof(item), compare_details);
	qsort(tip, m, sizeof(item), compare_details);
	for (guint i = 0, k = 0; i < n && k < m;) {
		if (base[i].place == tip[k].place) {
			base[i++].paired = true;
			tip[k++].paired = true;
		} else if (base[i].place < tip[k].place) {
			i++;
		} else {
			k++;
		}
	}
}

/* Lines of an instruction or slot may change without its first line: a text reader sees the same
 * use in the same text, so what differs is real. A compiler's view also depends on other files. */
static bool is_real(const use *u, bool touched)
{
	return touched ||
	       (u->reader == READER_TEXT && (u->kind == USE_INSTRUCTION || u->kind == USE_SLOT));
}

/* What is left of one key: the same name with other details is changed, in order. */
static void pair_uses(finder *f, const file_pair *p, item *base, guint n, item *tip, guint m)
{
	cancel_equal(base, n, tip, m);
	qsort(base, n, sizeof(item), item_compare);
	qsort(tip, m, sizeof(item), item_compare);
	for (guint i = 0, k = 0; i < n && k < m;) {
		if (base[i].paired) {
			i++;
		} else if (tip[k].paired) {
			k++;
		} else {
			const use *b = use_at(p->base, &base[i]), *t = use_at(p->tip, &tip[k]);
			bool real = is_real(b, base[i].touched) && is_real(t, tip[k].touched);
			bool other = t->kind == USE_INSTRUCTION; /* other operands: another one */
			if (!other) {
				base[i].paired = tip[k].paired = true;
				if (real && has_meaning(t)) {
					touch c = pair_use_touch(p, TOUCH_CHANGED, b, t);
					finder_keep(f, &c);
				}
			}
			i++;
			k++;
		}
	}
}

void finder_uses(finder *f, const file_pair *p, GArray *quiet_base, GArray *quiet_tip)
{
	g_autoptr(GArray) base = use_items(p, p->base, quiet_base, false);
	g_autoptr(GArray) tip = use_items(p, p->tip, quiet_tip, true);
	for (item_group g = {0}; item_next_group(&g, base, tip);)
		pair_uses(f, p, g.base, g.n, g.tip, g.m);
	for (guint i = 0; i < base->len; i++) {
		const item *it = &g_array_index(base, item, i);
		const use *u = use_at(p->base, it);
		if (!it->paired && is_real(u, it->touched))
			finder_keep_loose(f, p, pair_use_touch(p, TOUCH_REMOVED, u, NULL), NULL,
				it->key ^ it->place);
	}
	for (guint k = 0; k < tip->len; k++) {
		const item *it = &g_array_index(tip, item, k);
		const use *u = use_at(p->tip, it);
		if (!it->paired && is_real(u, it->touched))
			finder_keep_loose(f, p, pair_use_touch(p, TOUCH_ADDED, NULL, u), NULL,
				it->key ^ it->place);
	}
}
