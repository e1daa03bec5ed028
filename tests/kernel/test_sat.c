/* Answers of the solver, asked once and again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/sat.h"

static void test_same_question_same_answer(void **state)
{
	(void)state;
	g_autoptr(sat) s = sat_new();
	int a = sat_variable(s, false), b = sat_variable(s, true), c = sat_variable(s, false);
	sat_require_either(s, -a, -b); /* a excludes b */
	sat_require_either(s, -a, c);  /* a needs c */
	for (int round = 0; round < 2; round++) {
		assert_int_equal(sat_solve(s, &a, 1), SAT_FOUND);
		assert_true(sat_value(s, a) && !sat_value(s, b) && sat_value(s, c));
		assert_int_equal(sat_solve(s, &b, 1), SAT_FOUND);
		assert_true(!sat_value(s, a) && sat_value(s, b) && !sat_value(s, c));
	}
}

/* A gate made after an answer was kept has the value that follows from it. */
static void test_gates_since_then(void **state)
{
	(void)state;
	g_autoptr(sat) s = sat_new();
	int a = sat_variable(s, false), b = sat_variable(s, false), opposite = -a;
	int both[] = {a, b};
	assert_int_equal(sat_solve(s, both, 2), SAT_FOUND);
	assert_int_equal(sat_solve(s, &opposite, 1), SAT_FOUND);
	int gate = sat_and(s, a, b), same = sat_same(s, gate, b), either = sat_or(s, gate, -same);
	assert_false(sat_value(s, gate));
	assert_int_equal(sat_solve(s, both, 2), SAT_FOUND);
	assert_true(sat_value(s, gate) && sat_value(s, same) && sat_value(s, either));
}

/* What was possible may be so no more; what was impossible stays so, for the same reasons. */
static void test_new_clauses(void **state)
{
	(void)state;
	g_autoptr(sat) s = sat_new();
	int a = sat_variable(s, true), b = sat_variable(s, true), c = sat_variable(s, true);
	int all[] = {a, b, c};
	assert_int_equal(sat_solve(s, all, 3), SAT_FOUND);
	sat_require_either(s, -a, -c);
	for (int round = 0; round < 3; round++) {
		assert_int_equal(sat_solve(s, all, 3), SAT_IMPOSSIBLE);
		assert_true(sat_is_reason(s, a) || sat_is_reason(s, c));
		assert_false(sat_is_reason(s, b));
		if (round == 1)
			sat_require_either(s, b, sat_variable(s, false));
	}
	int two[] = {a, b};
	assert_int_equal(sat_solve(s, two, 2), SAT_FOUND);
	assert_true(sat_value(s, a) && !sat_value(s, c));
}

/* A solution that has more of what is asked for stands, until a clause comes. */
static void test_solution_stands(void **state)
{
	(void)state;
	g_autoptr(sat) s = sat_new();
	int a = sat_variable(s, true), b = sat_variable(s, false), c = sat_variable(s, false);
	sat_require_either(s, -b, c);
	int asked[] = {a, b, c};
	assert_int_equal(sat_solve(s, asked, 2), SAT_FOUND);
	assert_int_equal(sat_solve(s, asked, 3), SAT_FOUND);
	assert_true(sat_value(s, a) && sat_value(s, b) && sat_value(s, c));
	/* Fewer literals: near the usual values again. */
	assert_int_equal(sat_solve(s, asked, 1), SAT_FOUND);
	assert_true(sat_value(s, a) && !sat_value(s, b) && !sat_value(s, c));
	int other[] = {b, a};
	assert_int_equal(sat_solve(s, other, 2), SAT_FOUND);
	assert_true(sat_value(s, b) && sat_value(s, c));
	/* What excludes it is not overlooked, nor is what excludes one part of it. */
	int against[] = {b, -c};
	assert_int_equal(sat_solve(s, against, 2), SAT_IMPOSSIBLE);
	sat_require_either(s, -a, -b);
	assert_int_equal(sat_solve(s, other, 2), SAT_IMPOSSIBLE);
	assert_true(sat_is_reason(s, a) || sat_is_reason(s, b));
}

#define MANY 60

/* A circuit that takes some search: clauses of three, by a fixed rule. */
static sat *tangled(void)
{
	sat *s = sat_new();
	guint32 next = 7;
	for (int i = 0; i < MANY; i++)
		sat_variable(s, i % 3 != 0);
	for (int i = 0; i < 4 * MANY; i++) {
		int clause[3];
		for (int k = 0; k < 3; k++) {
			next = next * 1664525u + 1013904223u;
			clause[k] = (int)(next >> 8) % MANY + 2; /* 1 is SAT_YES */
			clause[k] = next >> 31 ? clause[k] : -clause[k];
		}
		sat_require(s, clause, 3);
	}
	return s;
}

/* A solution is the same whatever was asked before. */
static void test_history_does_not_matter(void **state)
{
	(void)state;
	g_autoptr(sat) asked = tangled();
	int found = 0;
	for (int i = 2; i < MANY; i++) {
		int both[] = {-i, i + 1};
		sat_solve(asked, both, 2);
	}
	for (int i = 2; i < MANY + 2; i++) {
		g_autoptr(sat) fresh = tangled();
		sat_answer answer = sat_solve(fresh, &i, 1);
		found += answer == SAT_FOUND;
		assert_int_equal(sat_solve(asked, &i, 1), answer);
		for (int k = 2; answer == SAT_FOUND && k < MANY + 2; k++)
			assert_int_equal(sat_value(fresh, k), sat_value(asked, k));
	}
	assert_true(found > MANY / 4);
}

/* Of two ways out the older variable gives way, of those that come later the younger. */
static void test_order(void **state)
{
	(void)state;
	for (int ranked = 0; ranked < 2; ranked++) {
		g_autoptr(sat) s = sat_new();
		int a = sat_variable(s, false), b = sat_variable(s, false);
		if (ranked)
			sat_rank(s);
		int c = sat_variable(s, false), d = sat_variable(s, false);
		int either[] = {sat_or(s, a, b), sat_or(s, c, d)}, mixed = sat_or(s, b, c);
		assert_int_equal(sat_solve(s, either, 2), SAT_FOUND);
		assert_int_equal(sat_value(s, a), ranked);
		assert_int_equal(sat_value(s, b), !ranked);
		assert_true(!sat_value(s, c) && sat_value(s, d));
		assert_int_equal(sat_solve(s, &mixed, 1), SAT_FOUND);
		assert_true(!sat_value(s, b) && sat_value(s, c));
	}
}

/* Nor does it matter which gates others made, over which variables of their own. */
static void test_gates_of_others_do_not_matter(void **state)
{
	(void)state;
	g_autoptr(sat) asked = tangled();
	int found = 0;
	sat_rank(asked);
	for (int i = 2; i < MANY; i++) {
		int own = sat_variable(asked, i % 2);
		int gates[] = {sat_or(asked, sat_and(asked, i, -(i + 1)), own),
			sat_same(asked, i + 1, -i)};
		sat_solve(asked, gates, 2);
		sat_solve(asked, gates + 1, 1);
	}
	for (int i = 2; i < MANY; i++) {
		g_autoptr(sat) fresh = tangled();
		sat_rank(fresh);
		int in_fresh = sat_or(fresh, i, -(i + 1)), in_asked = sat_or(asked, i, -(i + 1));
		sat_answer answer = sat_solve(fresh, &in_fresh, 1);
		found += answer == SAT_FOUND;
		assert_int_equal(sat_solve(asked, &in_asked, 1), answer);
		for (int k = 2; answer == SAT_FOUND && k < MANY + 2; k++)
			assert_int_equal(sat_value(fresh, k), sat_value(asked, k));
	}
	assert_true(found > MANY / 4);
}

/* Possible: told from earlier solutions, with the gates that came after them, and by looking. */
static void test_possible(void **state)
{
	(void)state;
	g_autoptr(sat) s = sat_new();
	int a = sat_variable(s, false), b = sat_variable(s, false);
	assert_int_equal(sat_solve(s, &a, 1), SAT_FOUND); /* a, not b */
	int only_a = sat_and(s, a, -b), both = sat_and(s, a, b);
	assert_true(sat_is_possible(s, &only_a, 1));
	assert_true(sat_is_possible(s, &both, 1));
	int neither[] = {only_a, both};
	assert_false(sat_is_possible(s, neither, 2));
	/* Asked again when there is more to it: the old solution is gone. */
	sat_variable(s, true);
	assert_int_equal(sat_solve(s, &a, 1), SAT_FOUND);
	assert_true(sat_is_possible(s, &only_a, 1));
	/* A clause takes the solution away. */
	sat_require_either(s, -a, b);
	assert_false(sat_is_possible(s, &only_a, 1));
	assert_true(sat_is_possible(s, &both, 1));
	int none[] = {-a, -b};
	assert_true(sat_is_possible(s, none, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_question_same_answer),
		cmocka_unit_test(test_gates_since_then),
		cmocka_unit_test(test_new_clauses),
		cmocka_unit_test(test_solution_stands),
		cmocka_unit_test(test_history_does_not_matter),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_gates_of_others_do_not_matter),
		cmocka_unit_test(test_possible),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
