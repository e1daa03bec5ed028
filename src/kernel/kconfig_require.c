/* Looking for settings that bring a symbol to a wanted value: what must be on for a file to be
 * built. A bounded depth-first search that undoes what did not help; it prefers what holds
 * already, then prompts, then defaults, then selectors. */
#include "kernel/kconfig_values.h"

#include <string.h>

/* Symbols that need each other; mainline's real chains stay under 15. */
#define REQUIRE_DEPTH 40u
/* Symbols tried in one search. Of all symbols of 2.6.36's x86_64 the slowest search, found or not,
 * takes 51 ms at this bound (-O2). */
#define REQUIRE_TRIES 3000u

/* Operators gone into at once; a symbol that 1,000 others select has a chain as long. Bounds the
 * stack. */
#define EXPRESSION_NESTING 3000u

typedef struct change {
	guint id;
	user_value old;
} change;

typedef struct search {
	kconfig_values *v;
	GArray *undo;	  /* change */
	GHashTable *busy; /* symbols on the way */
	unsigned depth, tries, nesting;
} search;

static bool require_symbol(search *s, const kconfig_symbol *symbol, tristate want);
static bool require_expr(search *s, const kexpr *e, tristate want);

static bool reached(tristate value, tristate want)
{
	return want == TRI_N ? value == TRI_N : value >= want;
}

static void put(search *s, const kconfig_symbol *symbol, user_value value)
{
	change c = {symbol->id, s->v->user[symbol->id]};
	g_array_append_val(s->undo, c);
	s->v->user[symbol->id] = value;
	kconfig_values_invalidate(s->v);
}

static void rewind_to(search *s, guint mark)
{
	while (s->undo->len > mark) {
		change *c = &g_array_index(s->undo, change, s->undo->len - 1);
		s->v->user[c->id] = c->old;
		g_array_set_size(s->undo, s->undo->len - 1);
	}
	kconfig_values_invalidate(s->v);
}

static tristate value_of(search *s, const kconfig_symbol *symbol)
{
	const kexpr e = {.kind = KEXPR_SYMBOL, .a = symbol};
	return kexpr_value(s->v, &e);
}

/* What the condition of a symbol must reach for the symbol to reach `want`. */
static tristate enough(const kconfig_symbol *symbol, tristate want)
{
	return symbol->type == KCONFIG_BOOL ? TRI_M : want;
}

static void put_tristate(search *s, const kconfig_symbol *symbol, tristate want)
{
	if (symbol->chooser && want != TRI_N) {
		user_value choice = {.set = true, .forced = true, .tri = want, .chosen = symbol};
		if (want == TRI_M)
			choice.chosen = NULL;
		put(s, symbol->chooser, choice);
	}
	put(s, symbol, (user_value){.set = true, .tri = want});
}

static bool by_prompt(
	search *s, const kconfig_symbol *symbol, const kconfig_property *p, tristate want)
{
	if (!require_expr(s, p->visible, enough(symbol, want)))
		return false;
	if (symbol->chooser && !require_symbol(s, symbol->chooser, enough(symbol, want)))
		return false;
	put_tristate(s, symbol, want);
	return reached(value_of(s, symbol), want);
}

static bool by_default(
	search *s, const kconfig_symbol *symbol, const kconfig_property *p, tristate want)
{
	return require_expr(s, p->visible, enough(symbol, want)) &&
	       require_expr(s, p->value, enough(symbol, want)) &&
	       reached(value_of(s, symbol), want);
}

static bool turn_on(search *s, const kconfig_symbol *symbol, tristate want)
{
	guint mark = s->undo->len;
	guint n = symbol->properties ? symbol->properties->len : 0;
	for (guint i = 0; i < n; i++) {
		const kconfig_property *p = g_ptr_array_index(symbol->properties, i);
		if (p->kind == KCONFIG_PROMPT && by_prompt(s, symbol, p, want))
			return true;
		rewind_to(s, mark);
	}
	for (guint i = 0; i < n && !symbol->choice; i++) {
		const kconfig_property *p = g_ptr_array_index(symbol->properties, i);
		if (p->kind == KCONFIG_DEFAULT && by_default(s, symbol, p, want))
			return true;
		rewind_to(s, mark);
	}
	if (symbol->selected && require_expr(s, symbol->selected, enough(symbol, want)) &&
		reached(value_of(s, symbol), want))
		return true;
	rewind_to(s, mark);
	return false;
}

/* Chooses another value, so that this one is off. */
static bool choose_other(search *s, const kconfig_symbol *symbol)
{
	guint mark = s->undo->len;
	const GPtrArray *members = symbol->chooser->members;
	for (guint i = 0; i < members->len; i++) {
		const kconfig_symbol *other = g_ptr_array_index(members, i);
		if (other == symbol)
			continue;
		put_tristate(s, other, TRI_Y);
		if (value_of(s, symbol) == TRI_N)
			return true;
		rewind_to(s, mark);
	}
	return false;
}

static bool turn_off(search *s, const kconfig_symbol *symbol)
{
	guint mark = s->undo->len;
	put_tristate(s, symbol, TRI_N);
	if (value_of(s, symbol) == TRI_N)
		return true;
	if (symbol->chooser && choose_other(s, symbol))
		return true;
	if (symbol->selected && require_expr(s, symbol->selected, TRI_N) &&
		value_of(s, symbol) == TRI_N)
		return true;
	rewind_to(s, mark);
	guint n = symbol->properties ? symbol->properties->len : 0;
	for (guint i = 0; i < n; i++) {
		const kconfig_property *p = g_ptr_array_index(symbol->properties, i);
		if (p->kind != KCONFIG_DEFAULT || kexpr_value(s->v, p->visible) == TRI_N)
			continue;
		if ((require_expr(s, p->value, TRI_N) || require_expr(s, p->visible, TRI_N)) &&
			value_of(s, symbol) == TRI_N)
			return true;
		rewind_to(s, mark);
	}
	return false;
}

static bool require_symbol(search *s, const kconfig_symbol *symbol, tristate want)
{
	if (reached(value_of(s, symbol), want))
		return true;
	bool logical = symbol->type == KCONFIG_BOOL || symbol->type == KCONFIG_TRISTATE;
	if (symbol->constant || !logical || s->depth >= REQUIRE_DEPTH ||
		s->tries >= REQUIRE_TRIES || g_hash_table_contains(s->busy, symbol))
		return false;
	if (want == TRI_M && symbol->type == KCONFIG_BOOL)
		want = TRI_Y;
	s->tries++;
	s->depth++;
	g_hash_table_add(s->busy, (gpointer)symbol);
	bool done = want == TRI_N ? turn_off(s, symbol) : turn_on(s, symbol, want);
	g_hash_table_remove(s->busy, symbol);
	s->depth--;
	return done;
}

/* Both, and the first must still hold when the second does. */
static bool require_both(search *s, const kexpr *e, tristate want)
{
	guint mark = s->undo->len;
	if (require_expr(s, e->right, want) && require_expr(s, e->left, want) &&
		reached(kexpr_value(s->v, e), want))
		return true;
	rewind_to(s, mark);
	return false;
}

static bool require_either(search *s, const kexpr *e, tristate want)
{
	guint mark = s->undo->len;
	if (require_expr(s, e->left, want) && reached(kexpr_value(s->v, e), want))
		return true;
	rewind_to(s, mark);
	if (require_expr(s, e->right, want) && reached(kexpr_value(s->v, e), want))
		return true;
	rewind_to(s, mark);
	return false;
}

/* A = B where one side is a constant. */
static bool require_equal(search *s, const kexpr *e, bool equal)
{
	const kconfig_symbol *symbol = e->a->constant ? e->b : e->a;
	const kconfig_symbol *constant = e->a->constant ? e->a : e->b;
	const kconfig *k = s->v->k;
	guint mark = s->undo->len;
	if (constant == k->yes || constant == k->mod || constant == k->no) {
		tristate want = constant == k->yes ? TRI_Y : constant == k->mod ? TRI_M : TRI_N;
		if (!equal)
			want = want == TRI_N ? TRI_M : TRI_N;
		if (equal && want == TRI_M)
			put_tristate(s, symbol, TRI_M);
		else if (!require_symbol(s, symbol, want))
			return false;
	} else if (equal && !symbol->constant && symbol->entries) {
		put(s, symbol, (user_value){.set = true, .text = constant->name});
	}
	if (kexpr_value(s->v, e) == TRI_Y)
		return true;
	rewind_to(s, mark);
	return false;
}

static bool require_kind(search *s, const kexpr *e, tristate want)
{
	switch (e->kind) {
	case KEXPR_SYMBOL:
		return require_symbol(s, e->a, want);
	case KEXPR_NOT:
		return require_expr(s, e->left, want == TRI_N ? TRI_Y : TRI_N);
	case KEXPR_AND:
		return want == TRI_N ? require_either(s, e, want) : require_both(s, e, want);
	case KEXPR_OR:
		return want == TRI_N ? require_both(s, e, want) : require_either(s, e, want);
	case KEXPR_EQUAL:
		return want == TRI_N ? false : require_equal(s, e, true);
	case KEXPR_UNEQUAL:
		return want == TRI_N ? false : require_equal(s, e, false);
	default:
		return false;
	}
}

static bool require_expr(search *s, const kexpr *e, tristate want)
{
	if (reached(kexpr_value(s->v, e), want))
		return true;
	if (!e || s->nesting >= EXPRESSION_NESTING)
		return false;
	s->nesting++;
	bool done = require_kind(s, e, want);
	s->nesting--;
	return done;
}

bool kconfig_require_expr(kconfig_values *v, const kexpr *e, tristate want)
{
	search s = {.v = v};
	kconfig_values_wake(v);
	s.undo = g_array_new(FALSE, FALSE, sizeof(change));
	s.busy = g_hash_table_new(NULL, NULL);
	bool done = require_expr(&s, e, want);
	if (!done)
		rewind_to(&s, 0);
	g_array_unref(s.undo);
	g_hash_table_unref(s.busy);
	return done;
}

bool kconfig_require(kconfig_values *v, const char *name, tristate want)
{
	const kconfig_symbol *symbol = kconfig_find(v->k, name);
	if (!symbol || !symbol->entries)
		return want == TRI_N;
	const kexpr e = {.kind = KEXPR_SYMBOL, .a = symbol};
	return kconfig_require_expr(v, &e, want);
}
