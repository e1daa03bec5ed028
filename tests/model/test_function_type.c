/* C function types as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>

#include "model/function_type.h"

static void assert_text(const char *from, const char *with_names, const char *without)
{
	g_autoptr(function_type) t = function_type_parse(from);
	assert_non_null(t);
	g_autofree char *named = function_type_text(t, true);
	g_autofree char *plain = function_type_text(t, false);
	assert_string_equal(named, with_names);
	assert_string_equal(plain, without);
}

static void takes_types_apart(void **state)
{
	(void)state;
	assert_text("void (void)", "void (void)", "void (void)");
	assert_text("u64 (unsigned int msr, int *err)", "u64 (unsigned int msr, int *err)",
		"u64 (unsigned int, int *)");
	assert_text("int(struct mm_struct * mm,\n\tconst struct cpumask*)",
		"int (struct mm_struct *mm, const struct cpumask *)",
		"int (struct mm_struct *, const struct cpumask *)");
	assert_text("void *(*)(struct page *page, enum km_type type)",
		"void *(struct page *page, enum km_type type)",
		"void *(struct page *, enum km_type)");
	assert_text("int (const char *fmt, ...)", "int (const char *fmt, ...)",
		"int (const char *, ...)");
	assert_text("void (void (*fn)(int), char name[16])",
		"void (void (*fn)(int), char name[16])", "void (void (*)(int), char[16])");
	assert_text("unsigned long int (long unsigned a, unsigned b /* x */)",
		"unsigned long (unsigned long a, unsigned int b)",
		"unsigned long (unsigned long, unsigned int)");
	assert_null(function_type_parse("unsigned long"));
	assert_null(function_type_parse(""));
	assert_null(function_type_parse("(("));
	assert_null(function_type_parse("f)("));
}

static void compares_types(void **state)
{
	(void)state;
	assert_true(function_type_same("void (unsigned reg)", "void (unsigned int)"));
	assert_true(function_type_same("asmlinkage void (int)", "void (int x)"));
	assert_true(function_type_same("void ()", "void (void)"));
	assert_true(function_type_same("unsigned", "unsigned  int"));
	assert_false(function_type_same("void (unsigned long)", "void (unsigned int)"));
	assert_false(function_type_same("u64 (void)", "unsigned long long (void)"));
	assert_false(function_type_same("void (char *)", "void (const char *)"));
	assert_false(function_type_same("void (int)", "void (int, int)"));
	assert_false(function_type_same("int (int)", "void (int)"));
	assert_false(function_type_same("int (int, ...)", "int (int)"));
}

/* A parameter's own qualifiers are no part of the type; those of what it points to are. */
static void own_qualifiers_do_not_count(void **state)
{
	(void)state;
	assert_true(function_type_same("int (const unsigned int flags)", "int (unsigned int)"));
	assert_true(function_type_same("int (unsigned const flags)", "int (unsigned int)"));
	assert_true(function_type_same("int (const struct path x)", "int (struct path)"));
	assert_true(function_type_same("int (char *const name)", "int (char *)"));
	assert_true(function_type_same("int (const char *const)", "int (const char *)"));
	assert_true(function_type_same("int (char *const *const p)", "int (char *const *)"));
	assert_true(function_type_same("void (void (*const fn)(int))", "void (void (*fn)(int))"));
	assert_true(function_type_same("int (const int a, volatile long b)", "int (int, long)"));
	assert_false(function_type_same("int (const char *const)", "int (char *)"));
	assert_false(function_type_same("int (char *const *)", "int (char **)"));
	assert_false(function_type_same("int (const char name[4])", "int (char name[4])"));
	assert_false(function_type_same("int (char *const list[])", "int (char *list[])"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_types_apart),
		cmocka_unit_test(compares_types),
		cmocka_unit_test(own_qualifiers_do_not_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
