/* A patch goes whole where nothing stands against it. */
#include "plan/whole.h"

#include <string.h>

#include "base/limits.h"
#include "plan/fate.h"

static bool is_overlay(const series *s, const series_commit *c)
{
	const char *spec = c->source < s->specs->len ? g_ptr_array_index(s->specs, c->source) : "";
	return g_str_has_prefix(spec, "overlay:") ||
	       (!c->patch_id && g_str_has_prefix(c->subject, "overlay "));
}

static bool count_path(const char *path, const tree_entry *before, const tree_entry *after,
	void *data, GError **err)
{
	(void)path;
	(void)before;
	(void)after;
	(void)err;
	++*(unsigned *)data;
	return true;
}

static bool find_candidates(weaver *w, repo *r, GError **err)
{
	for (unsigned i = 0; i < w->l->m->series->len; i++) {
		const series *s = g_ptr_array_index(w->l->m->series, i);
		const oid *before = &s->base_tree;
		for (guint k = 0; k < s->commits->len; k++) {
			const series_commit *c = g_ptr_array_index(s->commits, k);
			unsigned paths = 0, number = weaver_patch(w, i, c->n);
			w->overlay[number] = is_overlay(s, c);
			if (w->overlay[number] &&
				!repo_compare(r, before, &c->tree, count_path, &paths, err))
				return false;
			w->whole[number] =
				paths <= LIMIT_WHOLE_OVERLAY && !oid_equal(before, &c->tree);
			before = &c->tree;
		}
	}
	return true;
}

static bool strike(weaver *w, unsigned series_index, unsigned n)
{
	unsigned number = weaver_patch(w, series_index, n);
	bool was = w->whole[number];
	w->whole[number] = false;
	return was;
}

static bool strike_strand(weaver *w, const strand *s)
{
	bool any = false;
	for (guint i = 0; i < s->versions->len; i++)
		any |= strike(w, s->series, strand_version_at(s, i)->patch);
	return any;
}

static bool is_plain(const atom *a)
{
	return a->fate == FATE_TAKE && !a->set_aside;
}

/* Equal hunks of an earlier series stand for all that is left of the strand. */
static bool is_stood_for(const weaver *w, const strand *s)
{
	for (guint i = 0; i < s->atoms->len; i++) {
		const atom *a = atom_get(w->l, g_array_index(s->atoms, unsigned, i));
		if (a->leader < 0 || a->set_aside)
			return false;
	}
	return s->atoms->len > 0;
}

/* Patches with a hunk that is contested, waits or was passed over, whatever the others do. */
static void strike_contested(weaver *w)
{
	for (unsigned i = 0; i < w->l->all->len; i++) {
		const atom *a = atom_get(w->l, i);
		if (w->h->patch_of[i] && !is_plain(a))
			strike(w, a->series, w->h->patch_of[i]);
	}
	for (guint i = 0; i < w->h->strands->len; i++) {
		const strand *s = weaver_strand(w, i);
		if (!s->separable && !is_stood_for(w, s))
			strike_strand(w, s);
	}
}

/* A strand that leaves nothing in the tip goes with whole patches, or not at all. */
static void strike_vanished(weaver *w)
{
	for (bool changed = true; changed;) {
		changed = false;
		for (guint i = 0; i < w->h->strands->len; i++) {
			const strand *s = weaver_strand(w, i);
			if (!s->atoms->len && !weaver_has_whole(w, s, true))
				changed |= strike_strand(w, s);
		}
	}
}

bool whole_find(weaver *w, repo *r, GError **err)
{
	if (!find_candidates(w, r, err))
		return false;
	strike_contested(w);
	strike_vanished(w);
	return true;
}

/* What a unit holds of whole patches. */
typedef struct content {
	unsigned last;	  /* number of the last of them; G_MAXUINT: none */
	unsigned overlay; /* of the last that is an overlay; G_MAXUINT: none */
	bool mixed;	  /* more than one, or other hunks too */
} content;

static unsigned later(unsigned a, unsigned b)
{
	return a == G_MAXUINT ? b : MAX(a, b);
}

static void add_content(const weaver *w, content *c, unsigned number, bool *other)
{
	if (number == G_MAXUINT || !w->whole[number]) {
		*other = true;
		return;
	}
	*other |= c->last != G_MAXUINT && c->last != number;
	c->last = later(c->last, number);
	if (w->overlay[number])
		c->overlay = later(c->overlay, number);
}

static content content_of(const weaver *w, const unit *u, const unsigned *number)
{
	content c = {G_MAXUINT, G_MAXUINT, false};
	bool other = false;
	for (guint i = 0; i < u->atoms->len; i++)
		add_content(w, &c, number[g_array_index(u->atoms, unsigned, i)], &other);
	for (guint i = 0; i < u->pieces->len; i++) {
		const piece *p = &g_array_index(u->pieces, piece, i);
		add_content(w, &c, number[w->first_item[p->strand] + p->version], &other);
	}
	c.mixed = c.last != G_MAXUINT && other;
	return c;
}

/* Strikes whole patches that wait or fall; false when none does. */
static bool strike_waiting(weaver *w, GPtrArray *units, const unsigned *number)
{
	fates f;
	bool struck = false;
	fates_init(&f, w->l, units);
	for (guint i = 0; i < units->len; i++) {
		content c = content_of(w, g_ptr_array_index(units, i), number);
		if (c.last == G_MAXUINT || c.mixed || (f.fate[i] == FATE_TAKE && f.falls[i] < 0))
			continue;
		w->whole[c.last] = false;
		struck = true;
	}
	fates_clear(&f);
	return struck;
}

/* Loosens the circles that tie whole patches to other hunks; false when there is none. An overlay
 * in one is cut. Else no unit waits any more for a whole patch that its author put later; where
 * that is not enough, the last patch of the circle is cut. */
static bool loosen_circles(weaver *w, GPtrArray *units, const unsigned *number)
{
	bool circle = false, struck = false;
	for (guint i = 0; i < units->len; i++) {
		content c = content_of(w, g_ptr_array_index(units, i), number);
		if (!c.mixed)
			continue;
		circle = true;
		unsigned cut = c.overlay != G_MAXUINT ? c.overlay
			       : w->straight	      ? c.last
						      : G_MAXUINT;
		if (cut == G_MAXUINT)
			continue;
		w->whole[cut] = false;
		struck = true;
	}
	if (circle && !struck)
		w->straight = true;
	return circle;
}

bool whole_strike(weaver *w, GPtrArray *units, const unsigned *number)
{
	if (strike_waiting(w, units, number) || loosen_circles(w, units, number)) {
		strike_vanished(w);
		return true;
	}
	if (w->ordered)
		return false;
	w->ordered = true;
	return true;
}

void whole_name(const weaver *w, GPtrArray *units, const unsigned *number)
{
	for (guint i = 0; i < units->len; i++) {
		unit *u = g_ptr_array_index(units, i);
		content c = content_of(w, u, number);
		if (c.last != G_MAXUINT)
			u->patch = c.last - w->first_patch[u->series] + 1;
	}
}
