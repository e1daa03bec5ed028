/* Names read from text, and what belongs together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/names.h"

static const char source[] = "#include <linux/types.h>\n"		  /* 1 */
			     "#define LIMIT(a, b) \\\n"			  /* 2 */
			     "\t(helper(a) + (b))\n"			  /* 3 */
			     "struct gate {\n"				  /* 4 */
			     "\tunsigned long low, high;\n"		  /* 5 */
			     "\tvoid (*call)(int);\n"			  /* 6 */
			     "};\n"					  /* 7 */
			     "enum order { FIRST, SECOND = 4 };\n"	  /* 8 */
			     "typedef struct gate gate_t;\n"		  /* 9 */
			     "extern int counter;\n"			  /* 10 */
			     "int declared(int a);\n"			  /* 11 */
			     "static inline int twice(struct gate *g)\n"  /* 12 */
			     "{\n"					  /* 13 */
			     "#ifdef CONFIG_X\n"			  /* 14 */
			     "\tif (g->low) {\n"			  /* 15 */
			     "#else\n"					  /* 16 */
			     "\tif (g->high) {\n"			  /* 17 */
			     "#endif\n"					  /* 18 */
			     "\t\treturn counter * 2; /* not_a_name */\n" /* 19 */
			     "\t}\n"					  /* 20 */
			     "\treturn 0;\n"				  /* 21 */
			     "}\n"					  /* 22 */
			     "static int last = LIMIT(1, 2);\n";	  /* 23 */

static bool has(const source_names *s, name_kind kind, const char *text, unsigned line)
{
	for (guint i = 0; i < s->names->len; i++) {
		const source_name *n = &g_array_index(s->names, source_name, i);
		if (n->kind == kind && n->line == line && !strcmp(n->text, text))
			return true;
	}
	return false;
}

static bool has_any(const source_names *s, name_kind kind, const char *text)
{
	for (unsigned line = 1; line < 30; line++) {
		if (has(s, kind, text, line))
			return true;
	}
	return false;
}

static bool has_block(const source_names *s, unsigned first, unsigned last)
{
	for (guint i = 0; i < s->blocks->len; i++) {
		const line_block *b = &g_array_index(s->blocks, line_block, i);
		if (b->first == first && b->last == last)
			return true;
	}
	return false;
}

static void test_c(void **state)
{
	(void)state;
	g_autoptr(source_names) s = source_names_read(source, strlen(source), SOURCE_C);
	assert_true(has(s, NAME_INCLUDED, "linux/types.h", 1));
	assert_true(has(s, NAME_DEFINED, "LIMIT", 2));
	assert_true(has(s, NAME_USED, "helper", 3));
	assert_true(has(s, NAME_DEFINED, "gate", 4));
	assert_true(has(s, NAME_FIELD, "low", 5));
	assert_true(has(s, NAME_FIELD, "high", 5));
	assert_true(has(s, NAME_FIELD, "call", 6));
	assert_true(has(s, NAME_DEFINED, "FIRST", 8));
	assert_true(has(s, NAME_DEFINED, "SECOND", 8));
	assert_true(has(s, NAME_DEFINED, "gate_t", 9));
	assert_true(has(s, NAME_DEFINED, "counter", 10));
	assert_true(has(s, NAME_DEFINED, "declared", 11));
	assert_true(has(s, NAME_DEFINED, "twice", 12));
	assert_true(has(s, NAME_MEMBER, "low", 15));
	assert_true(has(s, NAME_MEMBER, "high", 17));
	assert_true(has(s, NAME_USED, "counter", 19));
	assert_true(has(s, NAME_DEFINED, "last", 23));
	assert_false(has_any(s, NAME_USED, "not_a_name"));
	assert_false(has_any(s, NAME_DEFINED, "helper"));
}

/* The braces of two branches count once: the function ends where it ends. */
static void test_blocks(void **state)
{
	(void)state;
	g_autoptr(source_names) s = source_names_read(source, strlen(source), SOURCE_C);
	assert_true(has_block(s, 2, 3));
	assert_true(has_block(s, 4, 7));
	assert_true(has_block(s, 12, 22));
	assert_false(has_block(s, 12, 23));
}

static guint shape_of(const char *text)
{
	g_autoptr(source_names) s = source_names_read(text, strlen(text), SOURCE_C);
	for (guint i = 0; i < s->names->len; i++) {
		const source_name *n = &g_array_index(s->names, source_name, i);
		if (n->kind == NAME_DEFINED)
			return n->shape;
	}
	fail_msg("nothing is defined in %s", text);
	return 0;
}

static void test_shapes(void **state)
{
	(void)state;
	assert_int_equal(shape_of("int f(int a) { return 1; }\n"),
		shape_of("int f(int a)\n{ return 2; }\n"));
	assert_int_not_equal(shape_of("int f(int a);\n"), shape_of("int f(int a, int b);\n"));
	assert_int_not_equal(shape_of("int f(int a);\n"), shape_of("long f(int a);\n"));
	assert_int_not_equal(shape_of("#define F(a) 1\n"), shape_of("#define F(a, b) 1\n"));
}

static void test_other_languages(void **state)
{
	(void)state;
	const char kbuild[] = "# none.o\nobj-$(CONFIG_X) += a.o sub/ \\\n\tb.o\n";
	g_autoptr(source_names) k = source_names_read(kbuild, strlen(kbuild), SOURCE_KBUILD);
	assert_true(has(k, NAME_FILE, "a.o", 2));
	assert_true(has(k, NAME_FILE, "sub/", 2));
	assert_true(has(k, NAME_FILE, "b.o", 3));
	assert_false(has_any(k, NAME_FILE, "none.o"));
	const char kconfig[] = "menu \"x\"\nsource \"drivers/gate/Kconfig\"\n";
	g_autoptr(source_names) c = source_names_read(kconfig, strlen(kconfig), SOURCE_KCONFIG);
	assert_true(has(c, NAME_FILE, "drivers/gate/Kconfig", 2));
	const char entry[] = "config A\n\tbool \"if B\"\n\tdepends on C && !D && E != n\n"
			     "\tdefault y if F || G\n\thelp\n\t  A.\n";
	g_autoptr(source_names) e = source_names_read(entry, strlen(entry), SOURCE_KCONFIG);
	assert_true(has(e, NAME_SYMBOL, "A", 1));
	assert_true(has(e, NAME_NEEDED, "C", 3));
	assert_true(has(e, NAME_NEEDED, "E", 3));
	assert_true(has(e, NAME_NEEDED, "F", 4));
	assert_true(has(e, NAME_NEEDED, "G", 4));
	assert_false(has_any(e, NAME_NEEDED, "B"));
	assert_false(has_any(e, NAME_NEEDED, "D"));
	assert_false(has_any(e, NAME_NEEDED, "n"));
}

/* "symbol first-last" of each condition, in the order in which they end. */
static void check_conditions(const char *text, const char *want)
{
	g_autoptr(source_names) s = source_names_read(text, strlen(text), SOURCE_C);
	g_autoptr(GString) got = g_string_new(NULL);
	for (guint i = 0; i < s->conditions->len; i++) {
		const line_condition *c = &g_array_index(s->conditions, line_condition, i);
		g_string_append_printf(
			got, "%s%s %u-%u", got->len ? ", " : "", c->symbol, c->first, c->last);
	}
	assert_string_equal(got->str, want);
}

static void test_conditions(void **state)
{
	(void)state;
	check_conditions("#ifdef CONFIG_A\nint a;\n#else\nint b;\n#endif\n", "A 2-2");
	check_conditions("#ifndef CONFIG_A\nint a;\n#else\nint b;\n#endif\n", "A 4-4");
	check_conditions("#if !defined(CONFIG_A)\nint a;\n#else\nint b;\n#endif\n", "A 4-4");
	check_conditions("#if defined(CONFIG_A) && defined CONFIG_B && !defined(CONFIG_C)\nx\n"
			 "#else\ny\n#endif\n",
		"A 2-2, B 2-2");
	check_conditions("#if defined(CONFIG_A) || defined(CONFIG_A_MODULE)\nx\n#endif\n", "A 2-2");
	check_conditions("#if defined(CONFIG_A) || defined(CONFIG_B)\nx\n#endif\n", "");
	check_conditions("#if (defined(CONFIG_A) || X) && defined(CONFIG_B)\nx\n#endif\n", "");
	check_conditions("#if !(defined(CONFIG_A))\nx\n#endif\n", "");
	check_conditions("#if IS_ENABLED(CONFIG_A)\nx\n#elif CONFIG_B > 2\ny\n#else\nz\n#endif\n",
		"A 2-2, B 4-4");
	check_conditions("#ifdef CONFIG_A /* CONFIG_B */\n#ifdef CONFIG_C\nx\n#endif\n#endif\n",
		"C 3-3, A 2-4");
	check_conditions("#ifdef CONFIG_A\nint a;\nint b;", "A 2-3");
	check_conditions("#ifdef SOME\nint a;\n#endif\n#if 0\nint b;\n#endif\n", "");
}

/* Text that is no C at all must end, whatever is left open. */
static void test_hostile_text(void **state)
{
	(void)state;
	static const char *const texts[] = {"/*", "\"", "'", "#", "#define", "#include <", "{{{{",
		"}}}}", "((((", "))))", "enum {", "struct x { int a",
		"#if\n#if\n#endif\n#endif\n#endif\n", "\\", "typedef", "= { , }", "a->",
		"#define X \\\n\\\n", "#if", "#if !", "#if (||", "#ifdef CONFIG_", "#else\n#elif\n",
		"#if CONFIG_A ||", "#ifdef CONFIG_A /*", "#if CONFIG_A \\"};
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(source_names) s = source_names_read(texts[i], strlen(texts[i]), SOURCE_C);
		assert_non_null(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_c),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_other_languages),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_hostile_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
