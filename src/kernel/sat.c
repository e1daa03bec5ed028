/* The only user of ccadical.h. */
#include "kernel/sat.h"

#include <ccadical.h>
#include <stdlib.h>
#include <string.h>

/* Conflicts of one search; the hardest question to 6.1's Kconfig takes under 1,000. Bounds the time
 * that a hostile Kconfig can take. */
#define SAT_CONFLICTS 20000

/* Answers are kept, since files of one folder ask the same questions: at most so many bytes, which
 * a few thousand answers on the largest Kconfig take. */
#define SAT_KEPT_BYTES (64u << 20)

/* Gates gone through from one that is newer than a solution to what the solution knows: bounds the
 * stack, and the time for gates that share their parts. */
#define GATES_FOLLOWED 8u

typedef struct variable {
	int a, b;  /* of a gate: what it joins */
	char kind; /* '&' or '='; 0 for a variable of its own */
	bool usual;
	bool used;     /* in some clause: the solver knows it */
	bool solution; /* of the last SAT_FOUND */
} variable;

struct sat {
	CCaDiCaL *solver;
	GArray *waiting;   /* int: clauses, each ended by 0, until sat_rank; NULL: handed on */
	int ranked;	   /* variables up to this one were there then */
	GArray *variables; /* variable, by number; [0] unused */
	GHashTable *gates; /* gate -> literal */
	bool gave_up;
	guint facts;	    /* grows with every variable and clause that no gate made */
	guint clauses;	    /* ... with every such clause */
	GArray *held;	    /* int: what the solution at hand was asked for */
	guint held_clauses; /* clauses that it knows; G_MAXUINT: there is no solution yet */
	GHashTable *kept;   /* question * -> itself */
	GPtrArray *found;   /* question *, of `kept`: those with a solution, oldest first */
	size_t kept_bytes;
	const struct question *last; /* the last answer when it is one of `kept`, or NULL */
};

/* Literals that were asked for together, and the answer. "Impossible" holds for good, as clauses
 * are only added; a solution while no fact came that it does not know. */
typedef struct question {
	int *literals; /* n, as they were asked for */
	guint n;
	sat_answer answer;
	guint facts;	/* of SAT_FOUND: s->facts then */
	guint clauses;	/* ... and s->clauses */
	guint count;	/* variables then */
	guint8 *values; /* SAT_FOUND: a bit a variable; SAT_IMPOSSIBLE: a bit a literal, a reason */
} question;

static guint question_hash(gconstpointer p)
{
	const question *q = p;
	guint hash = 5381;
	for (guint i = 0; i < q->n; i++)
		hash = hash * 33 + (guint)q->literals[i];
	return hash;
}

static gboolean question_equal(gconstpointer pa, gconstpointer pb)
{
	const question *a = pa, *b = pb;
	return a->n == b->n && !memcmp(a->literals, b->literals, a->n * sizeof *a->literals);
}

static void question_free(gpointer data)
{
	question *q = data;
	g_free(q->literals);
	g_free(q->values);
	g_free(q);
}

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
	/* Decisions follow the usual value alone, in the order of the solver's numbers; whatever
	 * else would pick values or variables is off. What the search learns changes how it comes
	 * to a solution, not to which: to the one in which the first variable that is not as usual
	 * comes as late in that order as can be, then the next one. */
	static const struct {
		const char *name;
		int value;
	} options[] = {{"phase", 1}, {"forcephase", 1}, {"rephase", 0}, {"lucky", 0}, {"walk", 0},
		{"elim", 0}, {"block", 0}, {"cover", 0}, {"condition", 0}, {"bump", 0},
		{"stabilize", 0}, {"chrono", 0}, {"inprocessing", 0}, {"reverse", 1}, {"quiet", 1}};
	sat *s = g_new0(sat, 1);
	s->solver = ccadical_init();
	s->waiting = g_array_new(FALSE, FALSE, sizeof(int));
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		ccadical_set_option(s->solver, options[i].name, options[i].value);
	s->variables = g_array_new(FALSE, TRUE, sizeof(variable));
	g_array_set_size(s->variables, 1);
	s->gates = g_hash_table_new_full(gate_hash, gate_equal, g_free, NULL);
	s->kept = g_hash_table_new_full(question_hash, question_equal, question_free, NULL);
	s->found = g_ptr_array_new();
	s->held = g_array_new(FALSE, FALSE, sizeof(int));
	s->held_clauses = G_MAXUINT;
	int yes = sat_variable(s, true);
	sat_require(s, &yes, 1);
	return s;
}

void sat_free(sat *s)
{
	if (!s)
		return;
	ccadical_release(s->solver);
	g_clear_pointer(&s->waiting, g_array_unref);
	g_array_unref(s->variables);
	g_hash_table_unref(s->gates);
	g_ptr_array_unref(s->found);
	g_hash_table_unref(s->kept);
	g_array_unref(s->held);
	g_free(s);
}

int sat_variable(sat *s, bool usual)
{
	variable v = {.usual = usual, .solution = usual};
	g_array_append_val(s->variables, v);
	s->facts++;
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

/* The solver's number of a variable: it decides in their order. */
static int number_of(const sat *s, int at)
{
	return at <= s->ranked ? s->ranked + 1 - at : at;
}

/* The solver's own literal: positive means the usual value. */
static int inner(const sat *s, int literal)
{
	variable *v = variable_of(s, literal);
	int number = number_of(s, abs(literal));
	v->used = true;
	return v->usual == (literal > 0) ? number : -number;
}

/* Hands on what waited. */
static void hand_on(sat *s)
{
	for (guint i = 0; s->waiting && i < s->waiting->len; i++) {
		int literal = g_array_index(s->waiting, int, i);
		ccadical_add(s->solver, literal ? inner(s, literal) : 0);
	}
	g_clear_pointer(&s->waiting, g_array_unref);
}

void sat_rank(sat *s)
{
	g_assert(s->waiting);
	s->ranked = (int)s->variables->len - 1;
	hand_on(s);
}

void sat_require(sat *s, const int *literals, guint n)
{
	const int end = 0;
	if (s->waiting) {
		g_array_append_vals(s->waiting, literals, n);
		g_array_append_val(s->waiting, end);
	} else {
		for (guint i = 0; i < n; i++)
			ccadical_add(s->solver, inner(s, literals[i]));
		ccadical_add(s->solver, end);
	}
	s->facts++;
	s->clauses++;
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
	variable *v = variable_of(s, made->out);
	v->solution = gate_value(kind, sat_value(s, a), sat_value(s, b));
	v->a = wanted.a;
	v->b = wanted.b;
	v->kind = kind;
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
	guint facts = s->facts, clauses = s->clauses;
	int out = add_gate(s, a, b, '&');
	if (out > 0)
		return out;
	out = -out;
	int clause[] = {out, -a, -b};
	sat_require_either(s, -out, a);
	sat_require_either(s, -out, b);
	sat_require(s, clause, 3);
	s->facts = facts; /* a gate tells nothing new */
	s->clauses = clauses;
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
	guint facts = s->facts, clauses = s->clauses;
	int out = add_gate(s, a, b, '=');
	if (out > 0)
		return out;
	out = -out;
	int triples[][3] = {{-out, a, -b}, {-out, -a, b}, {out, a, b}, {out, -a, -b}};
	for (size_t i = 0; i < G_N_ELEMENTS(triples); i++)
		sat_require(s, triples[i], 3);
	s->facts = facts;
	s->clauses = clauses;
	return out;
}

int sat_choice(sat *s, int if_, int then, int else_)
{
	if (then == else_)
		return then;
	return sat_or(s, sat_and(s, if_, then), sat_and(s, -if_, else_));
}

/* ---- answers that are kept ---- */

static bool bit_of(const guint8 *bits, guint i)
{
	return bits[i / 8] >> i % 8 & 1;
}

static void set_bit(guint8 *bits, guint i, bool value)
{
	bits[i / 8] = (guint8)(bits[i / 8] | (guint)value << i % 8);
}

/* Gates made since then follow from what they join, which is older than they are. */
static void take_values(sat *s, const question *q)
{
	for (guint i = 1; i < s->variables->len; i++) {
		variable *v = &g_array_index(s->variables, variable, i);
		if (i < q->count)
			v->solution = bit_of(q->values, i);
		else
			v->solution = gate_value(v->kind, sat_value(s, v->a), sat_value(s, v->b));
	}
}

static const question *known_answer(sat *s, const int *literals, guint n)
{
	const question asked = {.literals = (int *)(void *)literals, .n = n};
	const question *q = g_hash_table_lookup(s->kept, &asked);
	return q && (q->answer == SAT_IMPOSSIBLE || q->facts == s->facts) ? q : NULL;
}

static const question *keep_answer(sat *s, const int *literals, guint n, sat_answer answer)
{
	guint bits = answer == SAT_FOUND ? s->variables->len : n;
	size_t bytes = sizeof(question) + n * sizeof *literals + bits / 8 + 1;
	if (s->kept_bytes + bytes > SAT_KEPT_BYTES)
		return NULL;
	s->kept_bytes += bytes;
	question *q = g_new0(question, 1);
	*q = (question){.literals = g_memdup2(literals, n * sizeof *literals),
		.n = n,
		.answer = answer,
		.facts = s->facts,
		.clauses = s->clauses,
		.count = s->variables->len,
		.values = g_malloc0(bits / 8 + 1)};
	for (guint i = answer == SAT_FOUND ? 1 : 0; i < bits; i++)
		set_bit(q->values, i,
			answer == SAT_FOUND ? g_array_index(s->variables, variable, i).solution
					    : ccadical_failed(s->solver, inner(s, literals[i])));
	/* One that holds no more is replaced. */
	g_ptr_array_remove(s->found, g_hash_table_lookup(s->kept, q));
	g_hash_table_add(s->kept, q);
	if (answer == SAT_FOUND)
		g_ptr_array_add(s->found, q);
	return q;
}

/* The value that a literal has in a solution that was found earlier, told from the gates made since
 * then; false when that leads too far, or to a variable that is no gate. */
static bool value_then(const sat *s, const question *q, int literal, guint depth, bool *value)
{
	const variable *v = variable_of(s, literal);
	guint at = (guint)abs(literal);
	bool a, b;
	if (at < q->count) {
		*value = bit_of(q->values, at) == (literal > 0);
		return true;
	}
	if (!v->kind || !depth || !value_then(s, q, v->a, depth - 1, &a) ||
		!value_then(s, q, v->b, depth - 1, &b))
		return false;
	*value = gate_value(v->kind, a, b) == (literal > 0);
	return true;
}

static bool held_then(const sat *s, const question *q, const int *literals, guint n)
{
	bool value;
	for (guint i = 0; i < n; i++)
		if (!value_then(s, q, literals[i], GATES_FOLLOWED, &value) || !value)
			return false;
	return true;
}

static sat_answer solve(sat *s, const int *literals, guint n)
{
	hand_on(s);
	for (guint i = 0; i < n; i++)
		ccadical_assume(s->solver, inner(s, literals[i]));
	ccadical_limit(s->solver, "conflicts", SAT_CONFLICTS);
	int answer = ccadical_solve(s->solver);
	s->gave_up |= answer != 10 && answer != 20;
	if (answer != 10)
		return answer == 20 ? SAT_IMPOSSIBLE : SAT_GAVE_UP;
	for (guint i = 1; i < s->variables->len; i++) {
		variable *v = &g_array_index(s->variables, variable, i);
		bool as_usual = !v->used || ccadical_val(s->solver, number_of(s, (int)i)) > 0;
		v->solution = as_usual == v->usual;
	}
	return SAT_FOUND;
}

/* Whether the solution at hand answers the question too: it was asked for the first of these
 * literals, and has the others by itself. As near to the usual values as another would be. */
static bool holds_already(const sat *s, const int *literals, guint n)
{
	guint held = s->held->len;
	if (s->held_clauses != s->clauses || n < held ||
		(held && memcmp(s->held->data, literals, held * sizeof *literals) != 0))
		return false;
	for (guint i = held; i < n; i++)
		if (!sat_value(s, literals[i]))
			return false;
	return true;
}

static void hold(sat *s, const int *literals, guint n)
{
	g_array_set_size(s->held, 0);
	g_array_append_vals(s->held, literals, n);
	s->held_clauses = s->clauses;
}

sat_answer sat_solve(sat *s, const int *literals, guint n)
{
	if (holds_already(s, literals, n))
		return SAT_FOUND;
	s->last = known_answer(s, literals, n);
	sat_answer answer = s->last ? s->last->answer : solve(s, literals, n);
	if (!s->last && answer != SAT_GAVE_UP)
		s->last = keep_answer(s, literals, n, answer);
	else if (answer == SAT_FOUND && s->last)
		take_values(s, s->last);
	if (answer == SAT_FOUND)
		hold(s, literals, n);
	return answer;
}

bool sat_is_possible(sat *s, const int *literals, guint n)
{
	/* Only clauses take a solution away. */
	for (guint i = s->found->len; i-- > 0;) {
		const question *q = g_ptr_array_index(s->found, i);
		if (q->clauses != s->clauses)
			break;
		if (held_then(s, q, literals, n))
			return true;
	}
	return sat_solve(s, literals, n) != SAT_IMPOSSIBLE;
}

bool sat_value(const sat *s, int literal)
{
	bool value = variable_of(s, literal)->solution;
	return literal > 0 ? value : !value;
}

bool sat_is_reason(const sat *s, int literal)
{
	if (!s->last)
		return ccadical_failed(s->solver, inner(s, literal)) != 0;
	for (guint i = 0; i < s->last->n; i++)
		if (s->last->literals[i] == literal)
			return bit_of(s->last->values, i);
	return false;
}

bool sat_gave_up(const sat *s)
{
	return s->gave_up;
}

const char *sat_library(void)
{
	return ccadical_signature();
}
