/* Kconfig's meaning as gates: kconfig_eval.c told once more, for all configurations at once. */
#include "kernel/kconfig_encode.h"

#include <string.h>

/* Values that one number or text may have; 6.1's NR_CPUS has about 20. Bounds comparisons of two
 * symbols. */
#define DOMAIN_VALUES 64u

static tri tri_and(sat *s, tri a, tri b)
{
	return (tri){sat_and(s, a.m, b.m), sat_and(s, a.y, b.y)};
}

static tri tri_or(sat *s, tri a, tri b)
{
	return (tri){sat_or(s, a.m, b.m), sat_or(s, a.y, b.y)};
}

static const tri tri_yes = {SAT_YES, SAT_YES}, tri_no = {SAT_NO, SAT_NO};

static tri tri_constant(const kconfig_solver *s, const kconfig_symbol *symbol)
{
	return symbol == s->k->yes   ? tri_yes
	       : symbol == s->k->mod ? (tri){SAT_YES, SAT_NO}
				     : tri_no;
}

static bool is_logical(const kconfig_symbol *s)
{
	return s->type == KCONFIG_BOOL || s->type == KCONFIG_TRISTATE;
}

static tri symbol_tri(const kconfig_solver *s, const kconfig_symbol *symbol)
{
	if (symbol->constant)
		return tri_constant(s, symbol);
	return is_logical(symbol) ? s->values[symbol->id] : tri_no;
}

static tri encode_expr(kconfig_solver *s, const kexpr *e);

static tri encode_kind(kconfig_solver *s, const kexpr *e)
{
	tri sum, left;
	switch (e->kind) {
	case KEXPR_SYMBOL:
		return symbol_tri(s, e->a);
	case KEXPR_NOT:
		left = encode_expr(s, e->left);
		return (tri){-left.y, -left.m};
	/* Chains lean to the left and may be long. */
	case KEXPR_AND:
		for (sum = tri_yes; e && e->kind == KEXPR_AND; e = e->left)
			sum = tri_and(s->sat, sum, encode_expr(s, e->right));
		return tri_and(s->sat, sum, encode_expr(s, e));
	case KEXPR_OR:
		for (sum = tri_no; e && e->kind == KEXPR_OR; e = e->left)
			sum = tri_or(s->sat, sum, encode_expr(s, e->right));
		return tri_or(s->sat, sum, encode_expr(s, e));
	default:
		left.m = kconfig_encode_compare(s, e->a, e->kind, e->b, NULL);
		return (tri){left.m, left.m};
	}
}

static tri encode_expr(kconfig_solver *s, const kexpr *e)
{
	if (!e)
		return tri_yes;
	const tri *known = g_hash_table_lookup(s->exprs, e);
	if (known)
		return *known;
	tri made = encode_kind(s, e);
	g_hash_table_insert(s->exprs, (gpointer)e, g_memdup2(&made, sizeof made));
	return made;
}

/* ---- numbers and texts ---- */

static void add_choice(GPtrArray *domain, const char *text, int when, int answered)
{
	if (when == SAT_NO || domain->len >= DOMAIN_VALUES)
		return;
	text_choice *c = g_new0(text_choice, 1);
	*c = (text_choice){text, when, answered};
	g_ptr_array_add(domain, c);
}

static const GPtrArray *domain_of(kconfig_solver *s, const kconfig_symbol *symbol);

/* The answers that a user may give, when the prompt shows: the present one unless another of those
 * that something compares with. */
static int add_answers(kconfig_solver *s, GPtrArray *domain, const kconfig_symbol *symbol)
{
	int shown = s->visible[symbol->id].m;
	const GPtrArray *compared = g_hash_table_lookup(s->compared, symbol);
	const char *present = kconfig_value(s->usual, symbol->name);
	int none = shown;
	for (guint i = 0; compared && i < compared->len && i < DOMAIN_VALUES / 2; i++) {
		const char *text = g_ptr_array_index(compared, i);
		if (present && !strcmp(text, present))
			continue;
		int answered = sat_variable(s->sat, false);
		add_choice(domain, text, sat_and(s->sat, none, answered), answered);
		none = sat_and(s->sat, none, -answered);
	}
	if (s->usual->user[symbol->id].set && present) {
		add_choice(domain, present, none, 0);
		return shown; /* an answer hides the defaults while the prompt shows */
	}
	return sat_and(s->sat, shown, -none);
}

static void add_defaults(
	kconfig_solver *s, GPtrArray *domain, const kconfig_symbol *symbol, int hidden)
{
	guint n = symbol->properties ? symbol->properties->len : 0;
	int left = -hidden;
	for (guint i = 0; i < n; i++) {
		const kconfig_property *p = g_ptr_array_index(symbol->properties, i);
		if (p->kind != KCONFIG_DEFAULT || !p->value || p->value->kind != KEXPR_SYMBOL)
			continue;
		tri shown = encode_expr(s, p->visible);
		int here = sat_and(s->sat, left, shown.m);
		const kconfig_symbol *value = p->value->a;
		if (value->constant) {
			add_choice(domain, value->name, here, 0);
		} else {
			const GPtrArray *other = domain_of(s, value);
			for (guint k = 0; k < other->len; k++) {
				const text_choice *c = g_ptr_array_index(other, k);
				add_choice(domain, c->text, sat_and(s->sat, here, c->when), 0);
			}
		}
		left = sat_and(s->sat, left, -shown.m);
	}
	add_choice(domain, "", left, 0);
}

static const GPtrArray *domain_of(kconfig_solver *s, const kconfig_symbol *symbol)
{
	GPtrArray *domain = s->domains[symbol->id];
	if (domain)
		return domain;
	domain = g_ptr_array_new_with_free_func(g_free);
	if (symbol->constant || symbol->type == KCONFIG_UNKNOWN) {
		add_choice(domain, symbol->name ? symbol->name : "", SAT_YES, 0);
	} else if (!g_hash_table_add(s->busy, (gpointer)symbol)) {
		/* Defaults that name each other: what the evaluator makes of it. */
		add_choice(domain, kconfig_value(s->usual, symbol->name), SAT_YES, 0);
	} else if (symbol->env) {
		add_choice(domain, kconfig_value(s->usual, symbol->name), SAT_YES, 0);
	} else {
		int hidden = add_answers(s, domain, symbol);
		add_defaults(s, domain, symbol, hidden);
	}
	g_hash_table_remove(s->busy, symbol);
	if (s->domains[symbol->id]) {
		g_ptr_array_unref(domain); /* made meanwhile, on the way around a circle */
		return s->domains[symbol->id];
	}
	s->domains[symbol->id] = domain;
	return domain;
}

/* A tristate against y, m, n or another tristate. */
static int compare_tri(kconfig_solver *s, tri a, tri b, kexpr_kind comparison)
{
	int same = sat_and(s->sat, sat_same(s->sat, a.m, b.m), sat_same(s->sat, a.y, b.y));
	int less = sat_or(s->sat, sat_and(s->sat, -a.m, b.m), sat_and(s->sat, -a.y, b.y));
	switch (comparison) {
	case KEXPR_EQUAL:
		return same;
	case KEXPR_UNEQUAL:
		return -same;
	case KEXPR_LESS:
		return less;
	case KEXPR_LESS_EQUAL:
		return sat_or(s->sat, less, same);
	case KEXPR_GREATER:
		return -sat_or(s->sat, less, same);
	default:
		return -less;
	}
}

static bool is_tri(const kconfig_solver *s, const kconfig_symbol *symbol)
{
	return symbol == s->k->yes || symbol == s->k->mod || symbol == s->k->no ||
	       (!symbol->constant && is_logical(symbol));
}

int kconfig_encode_compare(kconfig_solver *s, const kconfig_symbol *a, kexpr_kind comparison,
	const kconfig_symbol *b, const char *b_text)
{
	if (b && is_tri(s, a) && is_tri(s, b))
		return compare_tri(s, symbol_tri(s, a), symbol_tri(s, b), comparison);
	if (is_logical(a) || (b && is_logical(b)))
		return comparison == KEXPR_UNEQUAL ? SAT_YES : SAT_NO;
	const GPtrArray *left = domain_of(s, a), *right = b ? domain_of(s, b) : NULL;
	int any = SAT_NO;
	for (guint i = 0; i < left->len; i++) {
		const text_choice *x = g_ptr_array_index(left, i);
		for (guint j = 0; j < (right ? right->len : 1); j++) {
			const text_choice *y = right ? g_ptr_array_index(right, j) : NULL;
			const char *text = y ? y->text : b_text;
			if (!kconfig_compare(comparison, a->type, x->text,
				    b ? b->type : KCONFIG_UNKNOWN, text))
				continue;
			any = sat_or(s->sat, any, sat_and(s->sat, x->when, y ? y->when : SAT_YES));
		}
	}
	return any;
}

/* A word that stands for itself: "text", 17. */
static bool is_plain(const kconfig_symbol *symbol)
{
	return symbol->constant || symbol->type == KCONFIG_UNKNOWN;
}

/* A value that the symbol may be given besides its defaults. */
static void note_value(kconfig_solver *s, const kconfig_symbol *symbol, const char *value)
{
	GPtrArray *list = g_hash_table_lookup(s->compared, symbol);
	if (!list) {
		list = g_ptr_array_new();
		g_hash_table_insert(s->compared, (gpointer)symbol, list);
	}
	if (!g_ptr_array_find(list, value, NULL))
		g_ptr_array_add(list, (gpointer)value);
}

/* The ends of a number's ranges: what code compares with otherwise lies between them. */
static void note_ranges(kconfig_solver *s, const kconfig_symbol *symbol)
{
	guint n = symbol->properties ? symbol->properties->len : 0;
	for (guint i = 0; i < n; i++) {
		const kconfig_property *p = g_ptr_array_index(symbol->properties, i);
		if (p->kind != KCONFIG_RANGE || !p->low || !p->high)
			continue;
		if (is_plain(p->low))
			note_value(s, symbol, p->low->name);
		if (is_plain(p->high))
			note_value(s, symbol, p->high->name);
	}
}

/* Notes the constants that numbers and texts are compared with. */
static void note_compared(kconfig_solver *s, const kexpr *e, GHashTable *done)
{
	for (; e && g_hash_table_add(done, (gpointer)e); e = e->left) {
		if (e->kind == KEXPR_AND || e->kind == KEXPR_OR) {
			note_compared(s, e->right, done);
			continue;
		}
		if (e->kind == KEXPR_NOT)
			continue;
		const kconfig_symbol *symbol = e->b && is_plain(e->a) ? e->b : e->a;
		const kconfig_symbol *constant = symbol == e->a ? e->b : e->a;
		if (!constant || !is_plain(constant) || is_plain(symbol) || is_logical(symbol))
			return;
		note_value(s, symbol, constant->name);
		return;
	}
}

/* ---- symbols ---- */

/* m is y for a bool, and for a tristate without modules. */
static tri promoted(kconfig_solver *s, const kconfig_symbol *symbol, tri value)
{
	int whole = symbol->type == KCONFIG_TRISTATE ? -s->modules : SAT_YES;
	value.y = sat_or(s->sat, value.y, sat_and(s->sat, value.m, whole));
	return value;
}

static tri encode_visible(kconfig_solver *s, const kconfig_symbol *symbol)
{
	tri sum = tri_no;
	guint n = symbol->properties ? symbol->properties->len : 0;
	for (guint i = 0; i < n; i++) {
		const kconfig_property *p = g_ptr_array_index(symbol->properties, i);
		if (p->kind != KCONFIG_PROMPT)
			continue;
		tri one = encode_expr(s, p->visible);
		if (symbol->chooser && symbol->type == KCONFIG_TRISTATE)
			one.m = sat_and(s->sat, one.m,
				sat_or(s->sat, one.y, -s->values[symbol->chooser->id].y));
		sum = tri_or(s->sat, sum, one);
	}
	return promoted(s, symbol, sum);
}

/* The first default whose condition holds, no higher than the condition. */
static tri encode_default(kconfig_solver *s, const kconfig_symbol *symbol)
{
	tri sum = tri_no;
	int left = SAT_YES;
	guint n = symbol->properties && !symbol->choice ? symbol->properties->len : 0;
	for (guint i = 0; i < n; i++) {
		const kconfig_property *p = g_ptr_array_index(symbol->properties, i);
		if (p->kind != KCONFIG_DEFAULT)
			continue;
		tri shown = encode_expr(s, p->visible);
		tri value = tri_and(s->sat, encode_expr(s, p->value), shown);
		value = tri_and(s->sat, value, (tri){left, left});
		sum = tri_or(s->sat, sum, value);
		left = sat_and(s->sat, left, -shown.m);
	}
	return sum;
}

static void encode_symbol(kconfig_solver *s, const kconfig_symbol *symbol)
{
	sat *g = s->sat;
	tri value = s->values[symbol->id], shown = s->visible[symbol->id];
	tri rest = encode_default(s, symbol), selected = tri_no;
	if (!symbol->chooser) {
		selected = symbol->selected ? promoted(s, symbol, encode_expr(s, symbol->selected))
					    : tri_no;
		if (symbol->implied && !symbol->choice) {
			tri implied = promoted(s, symbol, encode_expr(s, symbol->implied));
			tri depends = promoted(s, symbol, encode_expr(s, symbol->depends));
			tri with = tri_and(g, tri_or(g, rest, implied), depends);
			rest.m = sat_choice(g, implied.m, with.m, rest.m);
			rest.y = sat_choice(g, implied.m, with.y, rest.y);
		}
	}
	tri result = rest;
	if (shown.m != SAT_NO) {
		/* Any answer up to what shows. */
		tri answer = {sat_variable(g, sat_usual(g, value.m)), 0};
		answer.y = symbol->type == KCONFIG_TRISTATE ? sat_variable(g, sat_usual(g, value.y))
							    : answer.m;
		sat_require_either(g, -answer.y, answer.m);
		answer = tri_and(g, answer, shown);
		result.m = sat_choice(g, shown.m, answer.m, rest.m);
		result.y = sat_choice(g, shown.m, answer.y, rest.y);
	}
	result = promoted(s, symbol, tri_or(g, result, selected));
	if (symbol->chooser) {
		/* Of a choice that is y, a value is picked by encode_choice. */
		sat_require(g, (int[]){shown.y, -value.m, result.m}, 3);
		sat_require(g, (int[]){shown.y, value.m, -result.m}, 3);
		sat_require(g, (int[]){shown.y, -value.y, result.y}, 3);
		sat_require(g, (int[]){shown.y, value.y, -result.y}, 3);
		sat_require(g, (int[]){-shown.y, -value.m, value.y}, 3);
		return;
	}
	sat_require_same(g, value.m, result.m);
	sat_require_same(g, value.y, result.y);
}

/* A choice that is y has exactly one value, when one of them shows. */
static void encode_choice(kconfig_solver *s, const kconfig_symbol *choice)
{
	sat *g = s->sat;
	g_autoptr(GArray) clause = g_array_new(FALSE, FALSE, sizeof(int));
	int on = s->values[choice->id].y, off = -on;
	g_autoptr(GArray) picked = g_array_new(FALSE, FALSE, sizeof(int));
	for (guint i = 0; choice->members && i < choice->members->len; i++) {
		const kconfig_symbol *member = g_ptr_array_index(choice->members, i);
		int shown = s->visible[member->id].y;
		int here = sat_and(g, shown, s->values[member->id].y);
		/* Not on unless the choice is. */
		sat_require_either(g, -here, on);
		g_array_append_val(picked, here);
	}
	for (guint i = 0; i < picked->len; i++)
		for (guint j = i + 1; j < picked->len; j++)
			sat_require_either(
				g, -g_array_index(picked, int, i), -g_array_index(picked, int, j));
	/* A shown value means that one is picked. */
	g_array_append_val(clause, off);
	g_array_append_vals(clause, picked->data, picked->len);
	for (guint i = 0; i < picked->len; i++) {
		const kconfig_symbol *member = g_ptr_array_index(choice->members, i);
		int hidden = -s->visible[member->id].y;
		g_array_append_val(clause, hidden);
		sat_require(g, (const int *)(void *)clause->data, clause->len);
		g_array_set_size(clause, clause->len - 1);
	}
}

void kconfig_encode(kconfig_solver *s)
{
	const kconfig *k = s->k;
	g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
	for (guint i = 0; i < k->symbols->len; i++) {
		const kconfig_symbol *symbol = g_ptr_array_index(k->symbols, i);
		if (symbol->constant || !is_logical(symbol))
			continue;
		const kexpr e = {.kind = KEXPR_SYMBOL, .a = symbol};
		tristate usual = kexpr_value(s->usual, &e);
		tri *value = &s->values[i];
		value->m = sat_variable(s->sat, usual != TRI_N);
		value->y = symbol->type == KCONFIG_TRISTATE ? sat_variable(s->sat, usual == TRI_Y)
							    : value->m;
		sat_require_either(s->sat, -value->y, value->m);
	}
	for (guint i = 0; i < k->properties->len; i++) {
		const kconfig_property *p = g_ptr_array_index(k->properties, i);
		note_compared(s, p->visible, done);
		note_compared(s, p->value, done);
	}
	for (guint i = 0; i < k->symbols->len; i++)
		note_ranges(s, g_ptr_array_index(k->symbols, i));
	s->modules = k->modules ? symbol_tri(s, k->modules).m : SAT_NO;
	for (guint i = 0; i < k->symbols->len; i++)
		s->visible[i] = (tri){SAT_NO, SAT_NO};
	/* Comparisons ask whether numbers show, so that comes before all else. Comparisons within
	 * the visibility of numbers see those that come later as hidden; none is known. */
	for (guint pass = 0; pass < 2; pass++)
		for (guint i = 0; i < k->symbols->len; i++) {
			const kconfig_symbol *symbol = g_ptr_array_index(k->symbols, i);
			if (!symbol->constant && is_logical(symbol) == (pass == 1))
				s->visible[i] = encode_visible(s, symbol);
		}
	for (guint i = 0; i < k->symbols->len; i++) {
		const kconfig_symbol *symbol = g_ptr_array_index(k->symbols, i);
		if (symbol->constant || !is_logical(symbol))
			continue;
		encode_symbol(s, symbol);
		if (symbol->choice)
			encode_choice(s, symbol);
	}
}
