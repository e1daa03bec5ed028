/* What finding touches shares: a file on both sides, what is compared, what was found. Internal to
 * src/facts. */
#pragma once

#include <string.h>

#include "base/text.h"
#include "facts/touches.h"

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

/* Items of one key beyond this (X-macros) are paired in order only; a move is looked for among as
 * many of one name. */
#define GROUP_LIMIT 64u

static inline uint64_t hash_text(const char *text, uint64_t seed)
{
	return text_hash(text, strlen(text) + 1, seed);
}

/* Did the series change one of these lines of the tip, of the base? All of a copy count. */
bool pair_touches_new(const file_pair *p, unsigned first, unsigned last);
bool pair_touches_old(const file_pair *p, unsigned first, unsigned last);
/* The touch of an entity or a use; NULL: not on that side. */
touch pair_entity_touch(
	const file_pair *p, touch_change change, const entity *base, const entity *tip);
touch pair_use_touch(const file_pair *p, touch_change change, const use *base, const use *tip);

/* In order of key, untouched lines first; for qsort. */
int item_compare(const void *va, const void *vb);

/* Items of one key that both sides have: base[0..n) and tip[0..m). Begins as zeros. */
typedef struct item_group {
	item *base, *tip;
	guint n, m;
	guint next_base, next_tip; /* where to go on */
} item_group;

/* Goes to the next group of two lists in order of key, borrowed; false at the end. */
bool item_next_group(item_group *g, GArray *base, GArray *tip);

void finder_keep(finder *f, const touch *t);
/* A touch of one side only: another file may account for it, unless this one is a copy. */
void finder_keep_loose(finder *f, const file_pair *p, touch t, const entity *e, uint64_t key);

/* The entities of a file, and then its uses outside of the unchanged ones, whose lines the first
 * adds to quiet_base and quiet_tip (line_range). */
void finder_entities(finder *f, const file_pair *p, GArray *quiet_base, GArray *quiet_tip);
void finder_uses(finder *f, const file_pair *p, GArray *quiet_base, GArray *quiet_tip);

/* Pairs entities that one file lost and another gained; `exact`: with the same tokens, which is to
 * be asked for first. */
void finder_moves(finder *f, bool exact);
/* Uses that one file lost and another gained are no touches. */
void finder_cancel_uses(finder *f);
/* Keeps what nothing accounts for. */
void finder_keep_rest(finder *f, GArray *list);

/* Tells a new function against the one of the base that it is a copy of. */
void finder_function_copy(finder *f, const function_copy *c);
