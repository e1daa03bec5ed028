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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_question_same_answer),
		cmocka_unit_test(test_gates_since_then),
		cmocka_unit_test(test_new_clauses),
		cmocka_unit_test(test_solution_stands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
