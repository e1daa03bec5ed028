/* Lines and the conditions around them, from a text alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "kernel/branch.h"

/* The condition of a line, as C would spell it. */
static void check(const char *text, unsigned line, const char *condition)
{
	g_autoptr(branch_file) f = branch_read(text, strlen(text));
	const branch_lines *l = branch_at(f, line);
	assert_non_null(l);
	g_autofree char *got = branch_text(l->condition);
	assert_string_equal(got, condition);
}

static void test_nests(void **state)
{
	(void)state;
	const char *text = "a\n#ifdef A\nb\n# if B > 2 && !C\nc\n#elif defined D\nd\n#else\ne\n"
			   "#endif\nf\n#endif\ng\n";
	check(text, 1, "1");
	check(text, 2, "1");
	check(text, 3, "defined(A)");
	check(text, 5, "defined(A) && B > 2 && !C");
	check(text, 7, "defined(A) && !(B > 2 && !C) && defined(D)");
	check(text, 9, "defined(A) && !(B > 2 && !C) && !defined(D)");
	check(text, 10, "defined(A)");
	check(text, 13, "1");
}

static void test_what_a_directive_is(void **state)
{
	(void)state;
	check("/*\n#if A\n*/\nx\n", 4, "1");
	check("char *s = \"/*\";\n#if A\nx\n#endif\n", 3, "A");
	check("#if A /* one\ntwo */ && B\nx\n#endif\n", 3, "A && B");
	check("#if A && \\\n B\nx\n#endif\n", 3, "A && B");
	check("// #if A\nx\n", 2, "1");
	check("#if A // B\nx\n#endif\n", 2, "A");
	/* What does not end, and what has no beginning. */
	check("#if A\nx", 2, "A");
	check("#endif\n#else\nx\n", 3, "1");
	check("#if (A\nx\n#endif\n", 2, "(A");
}

static void test_expressions(void **state)
{
	(void)state;
	check("#if 0\nx\n#endif\n", 2, "0");
	check("#if 1 + 1 == 2\nx\n#endif\n", 2, "1");
	check("#if KERNEL_VERSION(2,6,9) > 0x20605\nx\n#endif\n", 2, "1");
	check("#if IS_ENABLED(CONFIG_A) && !IS_BUILTIN(CONFIG_A)\nx\n#endif\n", 2,
		"IS_ENABLED(CONFIG_A) && !defined(CONFIG_A)");
	check("#if 4 <= A\nx\n#endif\n", 2, "A >= 4");
	check("#if defined(A) == 0\nx\n#endif\n", 2, "!defined(A)");
	check("#if A ? 1 : B\nx\n#endif\n", 2, "A || (!A && B)");
	check("#if f(1, 2) + 3\nx\n#endif\n", 2, "f(1, 2) + 3");
}

static void test_own_macros(void **state)
{
	(void)state;
	check("#define A 0\n#if A\nx\n#endif\n", 3, "0");
	check("#define A\n#ifdef A\nx\n#endif\n", 3, "1");
	check("#ifdef X\n#define A 1\n#endif\n#ifdef A\nx\n#endif\n", 5,
		"defined(X) || defined(A)");
	check("#ifdef X\n#undef A\n#endif\n#ifdef A\nx\n#endif\n", 5, "!defined(X) && defined(A)");
	check("#define A 3\n#if A == 3\nx\n#endif\n", 3, "1");
	check("#define A B\n#if A\nx\n#endif\n", 3, "B");
}

/* Numbers that a macro has by what is configured. */
static void test_own_numbers(void **state)
{
	(void)state;
	const char *text = "#ifdef X\n#define A 2\n#else\n#define A 1\n#endif\n#if A > 1\nx\n"
			   "#endif\n#if A == 1\ny\n#endif\n#if A == 3\nz\n#endif\n";
	check(text, 7, "defined(X)");
	check(text, 10, "!defined(X)");
	check(text, 13, "0");
	check("#ifdef X\n#define A 2\n#endif\n#if A == 2\nx\n#endif\n", 5,
		"(!defined(X) && A == 2) || defined(X)");
	check("#define A 2\n#ifdef X\n#undef A\n#endif\n#if A < 1\nx\n#endif\n", 6, "defined(X)");
	check("#ifdef X\n#define A f(1)\n#else\n#define A 2\n#endif\n#if A > 1\nx\n#endif\n", 7,
		"(defined(X) && A > 1) || !defined(X)");
}

static void test_guards(void **state)
{
	(void)state;
	check("/* x */\n#ifndef X_H\n#define X_H\nx\n#ifdef X_H\ny\n#endif\n#endif\n", 4, "1");
	check("#ifndef X_H\n#define X_H\nx\n#ifdef X_H\ny\n#endif\n#endif\n", 5, "1");
	check("#if !defined(X_H)\n#define X_H\nx\n#endif\n", 3, "1");
	check("#ifndef X\n#define Y\nx\n#endif\n", 3, "!defined(X)");
}

static void test_includes(void **state)
{
	(void)state;
	const char *text = "#include <a.h>\n#ifdef A\n#include \"b.h\"\n#include C\n#endif\n";
	g_autoptr(branch_file) f = branch_read(text, strlen(text));
	assert_int_equal(f->includes->len, 3);
	const branch_include *second = &g_array_index(f->includes, branch_include, 1);
	assert_string_equal(second->name, "b.h");
	assert_false(second->system);
	g_autofree char *condition = branch_text(second->condition);
	assert_string_equal(condition, "defined(A)");
	assert_null(g_array_index(f->includes, branch_include, 2).name);
}

static guint leaves(const branch *b)
{
	return (b->left ? leaves(b->left) : 0) + (b->right ? leaves(b->right) : 0) + !b->left;
}

/* A condition that doubles with each macro: nobody who goes through it may take for ever. */
static void test_doubling(void **state)
{
	(void)state;
	g_autoptr(GString) text = g_string_new(NULL);
	for (unsigned i = 0; i < 64; i++)
		g_string_append_printf(text,
			"#if defined(M%u) && A || B && defined(M%u)\n#define M%u\n#endif\n", i, i,
			i + 1);
	g_string_append(text, "#ifdef M64\nx\n#endif\n");
	g_autoptr(branch_file) f = branch_read(text->str, text->len);
	const branch *b = branch_at(f, 64 * 3 + 2)->condition;
	assert_true(leaves(b) <= BRANCH_PARTS);
	const branch *fourth = branch_at(f, 4 * 3 + 2)->condition;
	guint defined = 1; /* of M0; then the condition around the #define, or as it was before */
	for (unsigned i = 0; i < 4; i++)
		defined = 2 * defined + 3;
	assert_int_equal(leaves(fourth), 2 * defined + 2);
	assert_int_equal(fourth->parts, leaves(fourth));
}

/* Depth and length of what a hostile text nests are bounded. */
static void test_hostile(void **state)
{
	(void)state;
	g_autoptr(GString) deep = g_string_new("#if ");
	for (unsigned i = 0; i < 100000; i++)
		g_string_append_c(deep, '(');
	g_string_append(deep, "\nx\n");
	for (unsigned i = 0; i < 100000; i++)
		g_string_append_printf(deep, "#if A%u\n", i);
	for (unsigned i = 0; i < 100000; i++)
		g_string_append(deep, "#endif\n");
	g_autoptr(branch_file) f = branch_read(deep->str, deep->len);
	assert_non_null(branch_at(f, 200000));
	assert_null(branch_at(f, 300000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nests),
		cmocka_unit_test(test_what_a_directive_is),
		cmocka_unit_test(test_expressions),
		cmocka_unit_test(test_own_macros),
		cmocka_unit_test(test_own_numbers),
		cmocka_unit_test(test_guards),
		cmocka_unit_test(test_includes),
		cmocka_unit_test(test_doubling),
		cmocka_unit_test(test_hostile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
