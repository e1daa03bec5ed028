/* The expressions of #if: numbers, macros, operators. */
#include "kernel/branch_priv.h"

#include <string.h>

/* Parentheses and operators gone into; 6.1's deepest has under 20. Bounds the stack. */
#define EXPRESSION_DEPTH 200u

/* What a part of an expression is. */
typedef enum value_kind { VALUE_NUMBER, VALUE_NAME, VALUE_BRANCH, VALUE_OPAQUE } value_kind;

typedef struct value {
	value_kind kind;
	gint64 number;
	const char *name;
	const branch *branch;	 /* 1 when it holds, else 0 */
	const char *start, *end; /* its text */
} value;

typedef struct parse {
	branch_file *f;
	GHashTable *macros;
	const char *at;
	unsigned depth;
	bool failed;
} parse;

static void skip_space(parse *p)
{
	while (g_ascii_isspace(*p->at))
		p->at++;
}

static const char *read_name(parse *p)
{
	const char *start = p->at;
	while (g_ascii_isalnum(*p->at) || *p->at == '_' || *p->at == '$')
		p->at++;
	return g_string_chunk_insert_len(p->f->strings, start, p->at - start);
}

static const branch *leaf(branch_file *f, branch_kind kind, const char *name)
{
	return branch_node(f, &(branch){.kind = kind, .name = name});
}

const branch *branch_defined(branch_file *f, GHashTable *macros, const char *name)
{
	const branch_macro *m = macros ? g_hash_table_lookup(macros, name) : NULL;
	return m ? m->defined : leaf(f, BRANCH_DEFINED, name);
}

static const branch *constant(branch_file *f, bool holds)
{
	return holds ? f->yes : f->no;
}

/* A value as a condition: not 0. */
static const branch *truth(parse *p, const value *v)
{
	const branch_macro *m;
	switch (v->kind) {
	case VALUE_NUMBER:
		return constant(p->f, v->number != 0);
	case VALUE_BRANCH:
		return v->branch;
	case VALUE_NAME:
		m = p->macros ? g_hash_table_lookup(p->macros, v->name) : NULL;
		return m ? m->truth : leaf(p->f, BRANCH_TRUE, v->name);
	default:
		return leaf(p->f, BRANCH_OPAQUE,
			g_string_chunk_insert_len(
				p->f->strings, v->start, MIN(v->end - v->start, 200)));
	}
}

static value number(gint64 n)
{
	return (value){.kind = VALUE_NUMBER, .number = n};
}

static value of_branch(const branch *b)
{
	return (value){.kind = VALUE_BRANCH, .branch = b};
}

static value expression(parse *p, unsigned level);

static value read_number(parse *p)
{
	char *end;
	guint64 n = g_ascii_strtoull(p->at, &end, 0);
	while (*end && strchr("uUlL", *end))
		end++;
	p->at = end;
	return number((gint64)n);
}

static value read_character(parse *p)
{
	unsigned char c = (unsigned char)p->at[1];
	const char *close = c ? strchr(p->at + 2, '\'') : NULL;
	p->failed |= !close;
	p->at = close ? close + 1 : p->at + strlen(p->at);
	return number(c);
}

static value read_defined(parse *p)
{
	skip_space(p);
	bool parenthesis = *p->at == '(';
	if (parenthesis) {
		p->at++;
		skip_space(p);
	}
	const char *name = read_name(p);
	skip_space(p);
	if (parenthesis && *p->at == ')')
		p->at++;
	else
		p->failed |= parenthesis;
	p->failed |= !*name;
	return of_branch(branch_defined(p->f, p->macros, name));
}

/* The end of the parentheses that start here; NULL when they do not end. */
static const char *matching(const char *open)
{
	unsigned depth = 0;
	for (const char *p = open; *p; p++) {
		depth += *p == '(';
		if (*p == ')' && !--depth)
			return p;
	}
	return NULL;
}

/* IS_ENABLED(X) and its like, KERNEL_VERSION(a,b,c); any other call is opaque. */
static value read_call(parse *p, const char *name)
{
	const char *open = p->at, *close = matching(open);
	if (!close) {
		p->failed = true;
		return number(0);
	}
	p->at = close + 1;
	g_autofree char *inner = g_strstrip(g_strndup(open + 1, (size_t)(close - open - 1)));
	bool config = g_str_has_prefix(inner, "CONFIG_");
	const char *own = g_string_chunk_insert_const(p->f->strings, inner);
	g_autofree char *as_module = g_strconcat(inner, "_MODULE", NULL);
	const branch *built_in = leaf(p->f, BRANCH_DEFINED, own);
	const branch *module =
		leaf(p->f, BRANCH_DEFINED, g_string_chunk_insert_const(p->f->strings, as_module));
	if (config && !strcmp(name, "IS_ENABLED"))
		return of_branch(leaf(p->f, BRANCH_ENABLED, own));
	if (config && !strcmp(name, "IS_BUILTIN"))
		return of_branch(built_in);
	if (config && !strcmp(name, "IS_MODULE"))
		return of_branch(module);
	if (config && !strcmp(name, "IS_REACHABLE"))
		return of_branch(branch_or(p->f, built_in,
			branch_and(p->f, module, leaf(p->f, BRANCH_DEFINED, "MODULE"))));
	g_auto(GStrv) parts = g_strsplit(inner, ",", 4);
	if (!strcmp(name, "KERNEL_VERSION") && g_strv_length(parts) == 3)
		return number((g_ascii_strtoll(g_strstrip(parts[0]), NULL, 0) << 16) +
			      (g_ascii_strtoll(g_strstrip(parts[1]), NULL, 0) << 8) +
			      g_ascii_strtoll(g_strstrip(parts[2]), NULL, 0));
	return (value){.kind = VALUE_OPAQUE};
}

static value read_word(parse *p)
{
	const char *name = read_name(p);
	if (!strcmp(name, "defined"))
		return read_defined(p);
	skip_space(p);
	if (*p->at == '(')
		return read_call(p, name);
	const branch_macro *m = p->macros ? g_hash_table_lookup(p->macros, name) : NULL;
	if (m && m->number_known)
		return number(m->number);
	return (value){.kind = VALUE_NAME, .name = name};
}

static value unary(parse *p)
{
	skip_space(p);
	value v = number(0);
	char c = *p->at;
	if (++p->depth > EXPRESSION_DEPTH) {
		p->failed = true;
	} else if (c == '!') {
		p->at++;
		v = unary(p);
		v = v.kind == VALUE_NUMBER ? number(!v.number)
					   : of_branch(branch_not(p->f, truth(p, &v)));
	} else if (c == '-' || c == '~' || c == '+') {
		p->at++;
		v = unary(p);
		if (v.kind == VALUE_NUMBER)
			v = number(c == '-'   ? (gint64)(0 - (guint64)v.number)
				   : c == '~' ? ~v.number
					      : v.number);
		else
			v.kind = VALUE_OPAQUE;
	} else if (c == '(') {
		p->at++;
		v = expression(p, 0);
		skip_space(p);
		p->failed |= *p->at != ')';
		p->at += *p->at == ')';
	} else if (g_ascii_isdigit(c)) {
		v = read_number(p);
	} else if (c == '\'') {
		v = read_character(p);
	} else if (g_ascii_isalpha(c) || c == '_') {
		v = read_word(p);
	} else {
		p->failed = true;
	}
	p->depth--;
	return v;
}

/* Binary operators, loosest first. */
static const struct {
	const char *text;
	unsigned level;
} operators[] = {{"||", 1}, {"&&", 2}, {"==", 6}, {"!=", 6}, {"<<", 8}, {">>", 8}, {"<=", 7},
	{">=", 7}, {"|", 3}, {"^", 4}, {"&", 5}, {"<", 7}, {">", 7}, {"+", 9}, {"-", 9}, {"*", 10},
	{"/", 10}, {"%", 10}};

static const char *next_operator(parse *p, unsigned *level)
{
	skip_space(p);
	for (size_t i = 0; i < G_N_ELEMENTS(operators); i++)
		if (g_str_has_prefix(p->at, operators[i].text)) {
			*level = operators[i].level;
			return operators[i].text;
		}
	return NULL;
}

static gint64 compute(const char *op, gint64 a, gint64 b)
{
	guint64 x = (guint64)a, y = (guint64)b;
	switch (op[0]) {
	case '|':
		return op[1] ? a || b : a | b;
	case '&':
		return op[1] ? a && b : a & b;
	case '^':
		return a ^ b;
	case '=':
		return a == b;
	case '!':
		return a != b;
	case '<':
		return op[1] == '<' ? (y < 64 ? (gint64)(x << y) : 0) : op[1] ? a <= b : a < b;
	case '>':
		return op[1] == '>' ? (y < 64 ? a >> y : 0) : op[1] ? a >= b : a > b;
	case '+':
		return (gint64)(x + y);
	case '-':
		return (gint64)(x - y);
	case '*':
		return (gint64)(x * y);
	case '/':
		return b && !(b == -1 && a == G_MININT64) ? a / b : 0;
	default:
		return b && b != -1 ? a % b : 0;
	}
}

static bool comparison_of(const char *op, kexpr_kind *out)
{
	static const struct {
		const char *text;
		kexpr_kind kind;
	} known[] = {{"==", KEXPR_EQUAL}, {"!=", KEXPR_UNEQUAL}, {"<=", KEXPR_LESS_EQUAL},
		{">=", KEXPR_GREATER_EQUAL}, {"<", KEXPR_LESS}, {">", KEXPR_GREATER}};
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (!strcmp(op, known[i].text)) {
			*out = known[i].kind;
			return true;
		}
	return false;
}

static kexpr_kind mirrored(kexpr_kind k)
{
	return k == KEXPR_LESS		  ? KEXPR_GREATER
	       : k == KEXPR_GREATER	  ? KEXPR_LESS
	       : k == KEXPR_LESS_EQUAL	  ? KEXPR_GREATER_EQUAL
	       : k == KEXPR_GREATER_EQUAL ? KEXPR_LESS_EQUAL
					  : k;
}

/* A 0-or-1 condition compared with a number: it, its opposite, or always the same. */
static const branch *compare_branch(parse *p, const branch *b, const char *op, gint64 n)
{
	bool when_on = compute(op, 1, n) != 0, when_off = compute(op, 0, n) != 0;
	return when_on == when_off ? constant(p->f, when_on) : when_on ? b : branch_not(p->f, b);
}

static value combine(parse *p, const char *op, value a, value b)
{
	kexpr_kind comparison;
	value out = {.kind = VALUE_OPAQUE};
	if (a.kind == VALUE_NUMBER && b.kind == VALUE_NUMBER)
		return number(compute(op, a.number, b.number));
	if (!strcmp(op, "||"))
		return of_branch(branch_or(p->f, truth(p, &a), truth(p, &b)));
	if (!strcmp(op, "&&"))
		return of_branch(branch_and(p->f, truth(p, &a), truth(p, &b)));
	/* What is added or masked may still be two conditions. */
	if ((!strcmp(op, "|") || !strcmp(op, "+")) && a.kind == VALUE_BRANCH &&
		b.kind == VALUE_BRANCH)
		return of_branch(branch_or(p->f, a.branch, b.branch));
	if (!comparison_of(op, &comparison))
		return out;
	bool swap = a.kind == VALUE_NUMBER;
	const value *left = swap ? &b : &a, *right = swap ? &a : &b;
	if (right->kind != VALUE_NUMBER)
		return out;
	if (left->kind == VALUE_NAME) {
		branch like = {.kind = BRANCH_COMPARE,
			.name = left->name,
			.number = right->number,
			.comparison = swap ? mirrored(comparison) : comparison};
		const branch_macro *m =
			p->macros ? g_hash_table_lookup(p->macros, left->name) : NULL;
		if (m && m->numbers)
			return of_branch(branch_compare(p->f, m, &like));
		/* X == 0 with an X that is not there holds as well: kept as "not true". */
		const branch *zero = NULL;
		if (right->number == 0 && comparison == KEXPR_EQUAL)
			zero = branch_not(p->f, truth(p, left));
		else if (right->number == 0 && comparison == KEXPR_UNEQUAL)
			zero = truth(p, left);
		return of_branch(zero ? zero : branch_node(p->f, &like));
	}
	if (left->kind == VALUE_BRANCH && !swap)
		return of_branch(compare_branch(p, left->branch, op, right->number));
	return out;
}

static value ternary(parse *p, value v)
{
	const char *start = v.start;
	p->at++;
	value then = expression(p, 0);
	skip_space(p);
	if (*p->at != ':') {
		p->failed = true;
		return v;
	}
	p->at++;
	value other = expression(p, 0);
	const branch *if_ = truth(p, &v);
	v = of_branch(branch_or(p->f, branch_and(p->f, if_, truth(p, &then)),
		branch_and(p->f, branch_not(p->f, if_), truth(p, &other))));
	v.start = start;
	v.end = p->at;
	return v;
}

static value expression(parse *p, unsigned level)
{
	skip_space(p);
	const char *start = p->at, *op;
	unsigned own;
	if (++p->depth > EXPRESSION_DEPTH) {
		p->failed = true;
		p->depth--;
		return number(0);
	}
	value left = unary(p);
	left.start = start;
	left.end = p->at;
	while (!p->failed && (op = next_operator(p, &own)) && own > level) {
		p->at += strlen(op);
		value right = expression(p, own);
		left = combine(p, op, left, right);
		left.start = start;
		left.end = p->at;
	}
	skip_space(p);
	if (!p->failed && level == 0 && *p->at == '?')
		left = ternary(p, left);
	p->depth--;
	return left;
}

const branch *branch_expression(branch_file *f, GHashTable *macros, const char *text)
{
	parse p = {.f = f, .macros = macros, .at = text};
	value v = expression(&p, 0);
	skip_space(&p);
	if (p.failed || *p.at)
		return leaf(f, BRANCH_OPAQUE,
			g_string_chunk_insert_len(
				f->strings, text, (gssize)MIN(strlen(text), 200)));
	return truth(&p, &v);
}

const branch *branch_body(
	branch_file *f, GHashTable *macros, const char *text, bool *known, gint64 *n)
{
	parse p = {.f = f, .macros = macros, .at = text};
	*known = false;
	skip_space(&p);
	if (!*p.at)
		return f->no;
	value v = expression(&p, 0);
	skip_space(&p);
	if (p.failed || *p.at || v.kind == VALUE_OPAQUE)
		return NULL;
	*known = v.kind == VALUE_NUMBER;
	*n = v.number;
	return truth(&p, &v);
}
