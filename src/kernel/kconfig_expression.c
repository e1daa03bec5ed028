/* Expressions of Kconfig: made, read from tokens, and as text. */
#include <string.h>

#include "kernel/kconfig_reader.h"

/* Nested parentheses and operators of one expression. */
#define EXPRESSION_DEPTH 200u

const kexpr *kexpr_symbol(kconfig *k, const kconfig_symbol *s)
{
	kexpr *e = kconfig_node(k, sizeof(*e));
	e->kind = KEXPR_SYMBOL;
	e->a = s;
	return e;
}

const kexpr *kexpr_join(kconfig *k, kexpr_kind kind, const kexpr *l, const kexpr *r)
{
	kexpr *e = kconfig_node(k, sizeof(*e));
	e->kind = kind;
	e->left = l;
	e->right = r;
	return e;
}

/* NULL is yes. */
const kexpr *kexpr_and(kconfig *k, const kexpr *l, const kexpr *r)
{
	if (!l || l == r)
		return r;
	return r ? kexpr_join(k, KEXPR_AND, l, r) : l;
}

/* Here NULL is "nothing yet". */
const kexpr *kexpr_or(kconfig *k, const kexpr *l, const kexpr *r)
{
	if (!l)
		return r;
	return r ? kexpr_join(k, KEXPR_OR, l, r) : l;
}

/* An unquoted word: y, m and n are constants, all else is a symbol (17 too: an undefined symbol,
 * whose value is its name). */
const kconfig_symbol *kconfig_symbol_of(kconfig *k, const kconfig_token *t)
{
	if (t->kind == TOKEN_STRING)
		return kconfig_symbol_constant(k, t->text);
	if (!strcmp(t->text, "y"))
		return k->yes;
	if (!strcmp(t->text, "m"))
		return k->mod;
	if (!strcmp(t->text, "n"))
		return k->no;
	return kconfig_symbol_named(k, t->text);
}

static const kexpr *parse_or(kconfig_reader *r, unsigned depth);

static kexpr_kind comparison(kconfig_token_kind kind)
{
	switch (kind) {
	case TOKEN_EQUAL:
		return KEXPR_EQUAL;
	case TOKEN_UNEQUAL:
		return KEXPR_UNEQUAL;
	case TOKEN_LESS:
		return KEXPR_LESS;
	case TOKEN_LESS_EQUAL:
		return KEXPR_LESS_EQUAL;
	case TOKEN_GREATER:
		return KEXPR_GREATER;
	case TOKEN_GREATER_EQUAL:
		return KEXPR_GREATER_EQUAL;
	default:
		return KEXPR_SYMBOL;
	}
}

static const kexpr *parse_primary(kconfig_reader *r, unsigned depth)
{
	if (depth > EXPRESSION_DEPTH) {
		kconfig_reader_problem(r, "expression nested too deep");
		return NULL;
	}
	if (kconfig_take_kind(r, TOKEN_NOT)) {
		const kexpr *inner = parse_primary(r, depth + 1);
		return inner ? kexpr_join(r->k, KEXPR_NOT, inner, NULL)
			     : kexpr_symbol(r->k, r->k->no);
	}
	if (kconfig_take_kind(r, TOKEN_OPEN)) {
		const kexpr *inner = parse_or(r, depth + 1);
		if (!kconfig_take_kind(r, TOKEN_CLOSE))
			kconfig_reader_problem(r, "missing )");
		return inner;
	}
	const kconfig_token *t = kconfig_peek(r);
	if (t->kind != TOKEN_WORD && t->kind != TOKEN_STRING) {
		kconfig_reader_problem(r, "expression expected");
		return NULL;
	}
	const kconfig_symbol *a = kconfig_symbol_of(r->k, kconfig_take(r));
	kexpr_kind kind = comparison(kconfig_peek(r)->kind);
	if (kind == KEXPR_SYMBOL)
		return kexpr_symbol(r->k, a);
	kconfig_take(r);
	t = kconfig_peek(r);
	if (t->kind != TOKEN_WORD && t->kind != TOKEN_STRING) {
		kconfig_reader_problem(r, "operand expected");
		return kexpr_symbol(r->k, a);
	}
	kexpr *e = kconfig_node(r->k, sizeof(*e));
	e->kind = kind;
	e->a = a;
	e->b = kconfig_symbol_of(r->k, kconfig_take(r));
	return e;
}

static const kexpr *parse_and(kconfig_reader *r, unsigned depth)
{
	const kexpr *left = parse_primary(r, depth);
	while (kconfig_take_kind(r, TOKEN_AND))
		left = kexpr_and(r->k, left, parse_primary(r, depth));
	return left;
}

static const kexpr *parse_or(kconfig_reader *r, unsigned depth)
{
	const kexpr *left = parse_and(r, depth);
	while (kconfig_take_kind(r, TOKEN_OR)) {
		const kexpr *right = parse_and(r, depth);
		left = left && right ? kexpr_join(r->k, KEXPR_OR, left, right) : NULL;
	}
	return left;
}

/* In a dependency, m means "m and modules are possible". */
const kexpr *kexpr_with_modules(kconfig *k, const kexpr *e)
{
	if (!e)
		return NULL;
	switch (e->kind) {
	case KEXPR_SYMBOL:
		return e->a == k->mod ? kexpr_and(k, e, kexpr_symbol(k, k->modules)) : e;
	case KEXPR_NOT:
	case KEXPR_AND:
	case KEXPR_OR: {
		const kexpr *l = kexpr_with_modules(k, e->left),
			    *r = kexpr_with_modules(k, e->right);
		return l == e->left && r == e->right ? e : kexpr_join(k, e->kind, l, r);
	}
	default:
		return e;
	}
}

const kexpr *kconfig_parse_if(kconfig_reader *r)
{
	return kconfig_take_word(r, "if") ? kexpr_with_modules(r->k, parse_or(r, 0)) : NULL;
}

const kexpr *kconfig_parse_expression(kconfig_reader *r)
{
	return parse_or(r, 0);
}

static void symbol_text(GString *out, const kconfig_symbol *s)
{
	bool letter = s->constant &&
		      (!strcmp(s->name, "y") || !strcmp(s->name, "m") || !strcmp(s->name, "n"));
	if (!s->name)
		g_string_append(out, "<choice>");
	else if (s->constant && !letter)
		g_string_append_printf(out, "\"%s\"", s->name);
	else
		g_string_append(out, s->name);
}

static void expr_text(GString *out, const kexpr *e, kexpr_kind around)
{
	static const char *const signs[] = {
		[KEXPR_EQUAL] = "=",
		[KEXPR_UNEQUAL] = "!=",
		[KEXPR_LESS] = "<",
		[KEXPR_LESS_EQUAL] = "<=",
		[KEXPR_GREATER] = ">",
		[KEXPR_GREATER_EQUAL] = ">=",
	};
	bool brackets;
	switch (e->kind) {
	case KEXPR_SYMBOL:
		symbol_text(out, e->a);
		return;
	case KEXPR_NOT:
		g_string_append_c(out, '!');
		expr_text(out, e->left, KEXPR_NOT);
		return;
	case KEXPR_AND:
	case KEXPR_OR:
		brackets = around == KEXPR_NOT || (e->kind == KEXPR_OR && around == KEXPR_AND);
		g_string_append(out, brackets ? "(" : "");
		expr_text(out, e->left, e->kind);
		g_string_append(out, e->kind == KEXPR_AND ? " && " : " || ");
		expr_text(out, e->right, e->kind);
		g_string_append(out, brackets ? ")" : "");
		return;
	default:
		brackets = around == KEXPR_NOT;
		g_string_append(out, brackets ? "(" : "");
		symbol_text(out, e->a);
		g_string_append(out, signs[e->kind]);
		symbol_text(out, e->b);
		g_string_append(out, brackets ? ")" : "");
	}
}

char *kexpr_text(const kexpr *e)
{
	GString *out = g_string_new(NULL);
	if (e)
		expr_text(out, e, KEXPR_SYMBOL);
	return g_string_free(out, FALSE);
}
