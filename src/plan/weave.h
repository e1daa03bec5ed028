/* Items and the edges between them: what the links mean once it is said which patches go whole.
 * Private to src/plan. */
#pragma once

#include "plan/links.h"
#include "plan/unit.h"

/* An item is an atom (numbered as it is), or behind them a version of a strand. */
typedef struct item_edge {
	unsigned from, to;
	bool ahead; /* a patch is told to wait for a later one of its series */
} item_edge;

typedef struct weaver {
	const atom_list *l;
	const history *h;
	const links *k;
	unsigned *first_patch; /* a series: number of its first patch; one more at the end */
	bool *whole;	       /* a patch */
	bool *overlay;	       /* a patch: files laid over the tree, in no order of its author's */
	unsigned *first_item;  /* a strand: the item of its first version; G_MAXUINT: not apart */
	guint items;
	unsigned *parent; /* items that go together, as a forest */
	GArray *edges;	  /* item_edge */
	int *lost;	  /* an item: the ruling that left out lines that it needs; -1 */
	bool ordered;	  /* whole patches come in the order of their series */
	bool straight;	  /* no unit waits for a later whole patch of its series */
} weaver;

/* The three are borrowed. No patch is whole at first. */
void weaver_init(weaver *w, const atom_list *l, const history *h, const links *k);
void weaver_clear(weaver *w);

const strand *weaver_strand(const weaver *w, unsigned i);
const strand_version *strand_version_at(const strand *s, guint i);
/* The number of patch n of a series: an index of w->whole. */
unsigned weaver_patch(const weaver *w, unsigned series_index, unsigned n);
/* True when all (or, not `all`, any) of the strand's patches go whole. */
bool weaver_has_whole(const weaver *w, const strand *s, bool all);
/* True when a strand is taken version by version. */
bool weaver_is_apart(const weaver *w, unsigned strand_index);
/* The item that stands for all that go together with this one. */
unsigned weaver_root(weaver *w, unsigned item);

/* Makes items, joins and edges anew, from w->whole, w->ordered and w->straight. *number: for each
 * item the number of the one patch that it is of, G_MAXUINT when it is of several or nobody knows;
 * the caller's, grown as needed. */
void weave(weaver *w, unsigned **number);
