/* The only user of ccadical.h. */
#include "kernel/sat.h"

#include <ccadical.h>
#include <stdlib.h>

/* Conflicts of one search; the hardest question to 6.1's Kconfig takes under 1,000. Bounds the time
 * that a hostile Kconfig can take. */
#define SAT_CONFLICTS 20000

typedef struct variable {
	bool usual;
	bool used;     /* in some clause: the solver knows it */
	bool solution; /* of the last SAT_FOUND */
} variable;

struct sat {
	CCaDiCaL *solver;
	GArray *variables; /* variable, by number; [0] unused */
	GHashTable *gates; /* gate -> literal */
};

typedef struct gate {
	int a, b;
	char kind; /* '&' or '=' */
	int out;
} gate;

static guint gate_hash(gconstpointer p)
{
	const gate *g = p;
	return (guint)g->a * 2654435761u ^ (guint)g->b * 40503u ^ (guint)g->kind;
}

static gboolean gate_equal(gconstpointer pa, gconstpointer pb)
{
	const gate *a = pa, *b = pb;
	return a->a == b->a && a->b == b->b && a->kind == b->kind;
}

sat *sat_new(void)
{
	/* Decisions follow the usual value alone; whatever else would pick values is off. */
	static const struct {
		const char *name;
		int value;
	} options[] = {{"phase", 1}, {"forcephase", 1}, {"rephase", 0}, {"lucky", 0}, {"walk", 0},
		{"elim", 0}, {"block", 0}, {"cover", 0}, {"condition", 0}, {"quiet", 1}};
	sat *s = g_new0(sat, 1);
	s->solver = ccadical_init();
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		ccadical_set_option(s->solver, options[i].name, options[i].value);
	s->variables = g_array_new(FALSE, TRUE, sizeof(variable));
	g_array_set_size(s->variables, 1);
	s->gates = g_hash_table_new_full(gate_hash, gate_equal, g_free, NULL);
	int yes = sat_variable(s, true);
	sat_require(s, &yes, 1);
	return s;
}

void sat_free(sat *s)
{
	if (!s)
		return;
	ccadical_release(s->solver);
	g_array_unref(s->variables);
	g_hash_table_unref(s->gates);
	g_free(s);
}

int sat_variable(sat *s, bool usual)
{
	variable v = {.usual = usual, .solution = usual};
	g_array_append_val(s->variables, v);
	return (int)s->variables->len - 1;
}

static variable *variable_of(const sat *s, int literal)
{
	return &g_array_index(s->variables, variable, abs(literal));
}

bool sat_usual(const sat *s, int literal)
{
	bool value = variable_of(s, literal)->usual;
	return literal > 0 ? value : !value;
}

/* The solver's own literal: positive means the usual value. */
static int inner(const sat *s, int literal)
{
	variable *v = variable_of(s, literal);
	v->used = true;
	return v->usual ? literal : -literal;
}

void sat_require(sat *s, const int *literals, guint n)
{
	for (guint i = 0; i < n; i++)
		ccadical_add(s->solver, inner(s, literals[i]));
	ccadical_add(s->solver, 0);
}

void sat_require_either(sat *s, int a, int b)
{
	int clause[] = {a, b};
	if (a == SAT_YES || b == SAT_YES || a == -b)
		return;
	sat_require(s, clause, 2);
}

void sat_require_same(sat *s, int a, int b)
{
	sat_require_either(s, a, -b);
	sat_require_either(s, -a, b);
}

static bool gate_value(char kind, bool a, bool b)
{
	return kind == '&' ? a && b : a == b;
}

static int add_gate(sat *s, int a, int b, char kind)
{
	gate wanted = {MIN(a, b), MAX(a, b), kind, 0};
	gate *known;
	if (g_hash_table_lookup_extended(s->gates, &wanted, (gpointer *)&known, NULL))
		return known->out;
	gate *made = g_new(gate, 1);
	*made = wanted;
	made->out = sat_variable(s, gate_value(kind, sat_usual(s, a), sat_usual(s, b)));
	/* A gate made after a solution belongs to it. */
	variable_of(s, made->out)->solution = gate_value(kind, sat_value(s, a), sat_value(s, b));
	g_hash_table_add(s->gates, made);
	return -made->out; /* negative: the caller has to define it */
}

int sat_and(sat *s, int a, int b)
{
	if (a == SAT_NO || b == SAT_NO || a == -b)
		return SAT_NO;
	if (a == SAT_YES || a == b)
		return b;
	if (b == SAT_YES)
		return a;
	int out = add_gate(s, a, b, '&');
	if (out > 0)
		return out;
	out = -out;
	int clause[] = {out, -a, -b};
	sat_require_either(s, -out, a);
	sat_require_either(s, -out, b);
	sat_require(s, clause, 3);
	return out;
}

int sat_or(sat *s, int a, int b)
{
	return -sat_and(s, -a, -b);
}

int sat_same(sat *s, int a, int b)
{
	if (a == b)
		return SAT_YES;
	if (a == -b)
		return SAT_NO;
	if (abs(a) == SAT_YES)
		return a == SAT_YES ? b : -b;
	if (abs(b) == SAT_YES)
		return b == SAT_YES ? a : -a;
	int out = add_gate(s, a, b, '=');
	if (out > 0)
		return out;
	out = -out;
	int clauses[][3] = {{-out, a, -b}, {-out, -a, b}, {out, a, b}, {out, -a, -b}};
	for (size_t i = 0; i < G_N_ELEMENTS(clauses); i++)
		sat_require(s, clauses[i], 3);
	return out;
}

int sat_choice(sat *s, int if_, int then, int else_)
{
	if (then == else_)
		return then;
	return sat_or(s, sat_and(s, if_, then), sat_and(s, -if_, else_));
}

sat_answer sat_solve(sat *s, const int *literals, guint n)
{
	for (guint i = 0; i < n; i++)
		ccadical_assume(s->solver, inner(s, literals[i]));
	ccadical_limit(s->solver, "conflicts", SAT_CONFLICTS);
	int answer = ccadical_solve(s->solver);
	if (answer != 10)
		return answer == 20 ? SAT_IMPOSSIBLE : SAT_GAVE_UP;
	for (guint i = 1; i < s->variables->len; i++) {
		variable *v = &g_array_index(s->variables, variable, i);
		bool as_usual = !v->used || ccadical_val(s->solver, (int)i) > 0;
		v->solution = as_usual == v->usual;
	}
	return SAT_FOUND;
}

bool sat_value(const sat *s, int literal)
{
	bool value = variable_of(s, literal)->solution;
	return literal > 0 ? value : !value;
}

bool sat_is_reason(const sat *s, int literal)
{
	return ccadical_failed(s->solver, inner(s, literal)) != 0;
}
