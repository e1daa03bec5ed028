/* Touches: what differs between the facts of base and tip.
 *
 * Files are compared one by one, copies with their origin. Entities pair by name and kind; pairs of
 * the same tokens are no touch, nor are the uses within them. Other uses are compared as multisets
 * within the entity that holds them, so that lines that only moved are no touch. What one file lost
 * and another gained is paired at the end: moved, or moved and changed. */
#include "facts/touches.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* One file on both sides. */
typedef struct file_pair {
	const fact_set *base, *tip; /* NULL: not there */
	const file_change *change;
	const char *origin; /* a copy: the base's path */
	bool function;	    /* a copy of one function: names of what holds a use differ */
	/* of a function's copy: its lines on both sides, and what names it there */
	line_range base_lines, tip_lines;
	const entity *base_head, *tip_head;
} file_pair;

/* A leftover that another file may account for. */
typedef struct loose {
	touch t;
	const entity *e; /* or NULL for a use */
	uint64_t key;	 /* uses */
	guint order;
	bool gone; /* accounted for */
} loose;

typedef struct finder {
	touch_set *out;
	GArray *lost, *gained; /* loose: of files that are no copies */
	const series_reading *reading;
} finder;

/* One side of a comparison: what is compared, in order of key. */
typedef struct item {
	uint64_t key, place;
	uint64_t body[2];
	guint index;
	bool touched; /* in a hunk */
	bool paired;
} item;

static place place_of(const fact_set *f, unsigned line, unsigned end_line)
{
	return (place){f->path, f->blob, line, end_line};
}

static uint64_t hash_text(const char *text, uint64_t seed)
{
	return text_hash(text, strlen(text) + 1, seed);
}

/* ---- where ---- */

static bool touches_new(const file_pair *p, unsigned first, unsigned last)
{
	return p->origin || !p->change || file_change_touches_new(p->change, first, last);
}

static bool touches_old(const file_pair *p, unsigned first, unsigned last)
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

/* ---- touches ---- */

static touch entity_touch(
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

static touch use_touch(const file_pair *p, touch_change change, const use *base, const use *tip)
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

static void keep(finder *f, const touch *t)
{
	g_array_append_val(f->out->touches, *t);
}

/* A touch of one side only: another file may account for it, unless this one is a copy. */
static void keep_loose(finder *f, const file_pair *p, touch t, const entity *e, uint64_t key)
{
	if (p->origin) {
		keep(f, &t);
		return;
	}
	GArray *list = t.change == TOUCH_REMOVED ? f->lost : f->gained;
	loose l = {t, e, key, list->len, false};
	g_array_append_val(list, l);
}

/* ---- entities ---- */

static uint64_t entity_key(const entity *e)
{
	uint64_t key = text_hash(&e->kind, sizeof(e->kind), 0);
	unsigned role = e->flags & (ENTITY_DEFINITION | ENTITY_UNDEF);
	key = text_hash(&role, sizeof(role), key);
	return hash_text(e->parent, hash_text(e->name, key));
}

static int compare_items(const void *va, const void *vb)
{
	const item *a = va, *b = vb;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->touched != b->touched)
		return a->touched ? 1 : -1;
	return a->index < b->index ? -1 : a->index > b->index;
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
		qsort(items->data, items->len, sizeof(item), compare_items);
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
	bool touched = touches_old(p, base->line, base->end_line) ||
		       touches_new(p, tip->line, tip->end_line);
	if (same) {
		line_range b = {base->line, base->end_line}, t = {tip->line, tip->end_line};
		g_array_append_val(quiet_base, b);
		g_array_append_val(quiet_tip, t);
	}
	if (same && strcmp(base->condition, tip->condition) && (touched || p->change) &&
		!declaration) {
		touch t = entity_touch(p, TOUCH_MOVED, base, tip);
		keep(f, &t);
	} else if (!same && touched) {
		touch t = entity_touch(p, TOUCH_CHANGED, base, tip);
		keep(f, &t);
	}
}

static const entity *entity_at(const fact_set *f, const item *it)
{
	return &g_array_index(f->entities, entity, it->index);
}

/* Pairs items of one key, base[0..n) with tip[0..m). Names defined more than this often in one file
 * (X-macros) are paired in order only. */
#define GROUP_LIMIT 64u

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

static void compare_entities(finder *f, const file_pair *p, GArray *quiet_base, GArray *quiet_tip)
{
	g_autoptr(GArray) base = entity_items(p, false);
	g_autoptr(GArray) tip = entity_items(p, true);
	guint i = 0, k = 0;
	while (i < base->len && k < tip->len) {
		item *b = &g_array_index(base, item, i), *t = &g_array_index(tip, item, k);
		if (b->key != t->key) {
			*(b->key < t->key ? &i : &k) += 1;
			continue;
		}
		guint n = 1, m = 1;
		while (i + n < base->len && b[n].key == b->key)
			n++;
		while (k + m < tip->len && t[m].key == t->key)
			m++;
		pair_group(f, p, b, n, t, m, quiet_base, quiet_tip);
		i += n;
		k += m;
	}
	for (i = 0; i < base->len; i++) {
		const item *it = &g_array_index(base, item, i);
		const entity *e = entity_at(p->base, it);
		if (!it->paired && touches_old(p, e->line, e->end_line))
			keep_loose(f, p, entity_touch(p, TOUCH_REMOVED, e, NULL), e, 0);
	}
	for (k = 0; k < tip->len; k++) {
		const item *it = &g_array_index(tip, item, k);
		const entity *e = entity_at(p->tip, it);
		if (!it->paired && touches_new(p, e->line, e->end_line))
			keep_loose(f, p, entity_touch(p, TOUCH_ADDED, NULL, e), e, 0);
	}
}

/* ---- uses ---- */

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
		it.touched =
			tip ? touches_new(p, u->line, u->line) : touches_old(p, u->line, u->line);
		g_array_append_val(items, it);
	}
	if (items->len)
		qsort(items->data, items->len, sizeof(item), compare_items);
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
	return compare_items(va, vb);
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
	qsort(base, n, sizeof(item), compare_items);
	qsort(tip, m, sizeof(item), compare_items);
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
					touch c = use_touch(p, TOUCH_CHANGED, b, t);
					keep(f, &c);
				}
			}
			i++;
			k++;
		}
	}
}

static void compare_uses(finder *f, const file_pair *p, GArray *quiet_base, GArray *quiet_tip)
{
	g_autoptr(GArray) base = use_items(p, p->base, quiet_base, false);
	g_autoptr(GArray) tip = use_items(p, p->tip, quiet_tip, true);
	guint i = 0, k = 0;
	while (i < base->len && k < tip->len) {
		item *b = &g_array_index(base, item, i), *t = &g_array_index(tip, item, k);
		if (b->key != t->key) {
			*(b->key < t->key ? &i : &k) += 1;
			continue;
		}
		guint n = 1, m = 1;
		while (i + n < base->len && b[n].key == b->key)
			n++;
		while (k + m < tip->len && t[m].key == t->key)
			m++;
		pair_uses(f, p, b, n, t, m);
		i += n;
		k += m;
	}
	for (i = 0; i < base->len; i++) {
		const item *it = &g_array_index(base, item, i);
		const use *u = use_at(p->base, it);
		if (!it->paired && is_real(u, it->touched))
			keep_loose(f, p, use_touch(p, TOUCH_REMOVED, u, NULL), NULL,
				it->key ^ it->place);
	}
	for (k = 0; k < tip->len; k++) {
		const item *it = &g_array_index(tip, item, k);
		const use *u = use_at(p->tip, it);
		if (!it->paired && is_real(u, it->touched))
			keep_loose(f, p, use_touch(p, TOUCH_ADDED, NULL, u), NULL,
				it->key ^ it->place);
	}
}

/* ---- from file to file ---- */

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
	keep(f, &t);
}

/* Entities that one file lost and another gained. A definition that moved with other tokens is only
 * taken for the same one where nothing else claims either. */
static void pair_entities(finder *f, bool exact)
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

static void cancel_uses(finder *f)
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

/* ---- copies of single functions ---- */

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
static void compare_copy(finder *f, const function_copy *c)
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
	touch t = entity_touch(&p, same ? TOUCH_MOVED : TOUCH_CHANGED, p.base_head, p.tip_head);
	keep(f, &t);
	if (same && p.tip_head->kind == ENTITY_FUNCTION)
		return;
	g_autoptr(GArray) quiet_base = all_but(&p.base_lines);
	g_autoptr(GArray) quiet_tip = all_but(&p.tip_lines);
	compare_entities(f, &p, quiet_base, quiet_tip);
	compare_uses(f, &p, quiet_base, quiet_tip);
}

static void keep_rest(finder *f, GArray *list)
{
	for (guint i = 0; i < list->len; i++) {
		const loose *l = &g_array_index(list, loose, i);
		if (!l->gone)
			keep(f, &l->t);
	}
}

/* ---- all ---- */

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
	compare_entities(f, p, quiet_base, quiet_tip);
	compare_uses(f, p, quiet_base, quiet_tip);
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
	pair_entities(&f, true);
	pair_entities(&f, false);
	for (guint i = 0; i < touches->functions->len; i++)
		compare_copy(&f, &g_array_index(touches->functions, function_copy, i));
	cancel_uses(&f);
	keep_rest(&f, f.lost);
	keep_rest(&f, f.gained);
	g_array_unref(f.lost);
	g_array_unref(f.gained);
	if (touches->touches->len)
		qsort(touches->touches->data, touches->touches->len, sizeof(touch),
			compare_touches);
}
