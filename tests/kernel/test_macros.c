/* Macros that headers define under a configuration: solved for, in a small kernel-like tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "kernel/units.h"
#include "support/scratch_repo.h"

typedef struct fixture {
	scratch_repo *r;
	kernel_tree *tree;
} fixture;

static int setup(void **state)
{
	fixture *f = g_new0(fixture, 1);
	f->r = scratch_repo_new();
	oid tree = scratch_tree(f->r, NULL, "Makefile",
		"VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 16\ncore-y := drivers/\n",
		"arch/i386/Makefile", "core-y += arch/i386/kernel/\n", "arch/i386/Kconfig",
		"config X86\n\tdef_bool y\nconfig SMP\n\tbool \"smp\"\nconfig PM\n\tbool \"pm\"\n"
		"\tdepends on !SMP\n",
		"arch/i386/defconfig", "", "arch/i386/kernel/Makefile", "", "drivers/Makefile",
		"obj-y := dev.o one.o two.o many.o\nEXTRA_CFLAGS += -DGIVEN\n", "drivers/dev.h",
		"#ifndef DEV_H\n#define DEV_H\n#include <linux/feature.h>\n"
		"#ifdef FEATURE\n#define SECOND 1\n#endif\n"
		"#ifdef CONFIG_NOWHERE\n#define NOWHERE\n#endif\n#endif\n",
		"include/linux/feature.h",
		"#ifdef CONFIG_SMP\n#define FEATURE\n#endif\n"
		"#if defined(CONFIG_PM)\n# define BIG 1\n# define LEVEL 3\n"
		"#else\n# define BIG 0\n# define LEVEL 1\n#endif\n"
		"#ifndef LIMIT\n#define LIMIT 4\n#endif\n"
		"#define TAKEN\n#ifdef CONFIG_SMP\n#undef TAKEN\n#endif\n"
		"#ifdef CIRCLE_B\n#define CIRCLE_A\n#endif\n"
		"#ifdef CIRCLE_A\n#define CIRCLE_B\n#endif\n"
		"#define SPOKEN_OF /*\n#define COMMENTED 1\n*/\n",
		"drivers/dev.c",
		"#include \"dev.h\"\n"
		"#ifdef FEATURE\nint a;\n#endif\n"		  /* 3 */
		"#if SECOND\nint b;\n#endif\n"			  /* 6 */
		"#if BIG\nint c;\n#else\nint d;\n#endif\n"	  /* 9, 11 */
		"#if LEVEL >= 3\nint e;\n#elif LEVEL\nint f;\n"	  /* 14, 16 */
		"#else\nint g;\n#endif\n"			  /* 18 */
		"#ifndef LIMIT\nint h;\n#endif\n"		  /* 21 */
		"#if LIMIT == 4\nint i;\n#else\nint j;\n#endif\n" /* 24, 26 */
		"#ifdef NOWHERE\nint k;\n#endif\n"		  /* 29 */
		"#ifdef UNKNOWN\nint l;\n#endif\n"		  /* 32 */
		"#ifndef TAKEN\nint m;\n#endif\n"		  /* 35 */
		"#ifdef CIRCLE_A\nint n;\n#endif\n"		  /* 38 */
		"#if defined(FEATURE) && BIG\nint o;\n#endif\n"	  /* 41 */
		"#ifdef COMMENTED\nint p;\n#endif\n"		  /* 44 */
		"#ifdef GIVEN\nint q;\n#endif\n"		  /* 47 */
		"#ifdef CONFIG_OLD\nint r;\n#endif\n"		  /* 50 */
		"#ifdef __NEW_COMPILER__\nint s;\n#endif\n",	  /* 53 */
		"drivers/asked.h", "#ifdef MINE\nint mine;\n#endif\n", "drivers/one.c",
		"#include \"asked.h\"\n", "drivers/two.c",
		"#ifdef CONFIG_PM\n#define MINE\n#endif\n#include \"asked.h\"\n", "drivers/many.c",
		"#include <linux/feature.h>\n#ifdef FEATURE\n#include \"way.h\"\n#endif\n",
		"drivers/way.h", "int way;\n", NULL);
	g_autofree char *cache = g_build_filename(f->r->dir, "cache", NULL);
	assert_true(kernel_tree_open(&f->tree, f->r->repo, &tree, cache, NULL));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture *f = *state;
	kernel_tree_free(f->tree);
	scratch_repo_free(f->r);
	g_free(f);
	return 0;
}

/* What a call with `macros` says of a line: the unit that shows it, or why none does. */
static char *tell(fixture *f, const char *path, unsigned line)
{
	static const char *const prefer[] = {"i386", NULL};
	g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(line_range));
	line_range range = {line, line};
	g_array_append_val(ranges, range);
	kernel_wish wish = {.path = path, .prefer = prefer, .ranges = ranges, .macros = true};
	g_autoptr(kernel_units) all = NULL;
	assert_true(kernel_units_for(&all, f->tree, &wish, NULL));
	if (!all->units->len && !all->unreached->len)
		return g_strdup("not asked");
	assert_int_equal(all->units->len + all->unreached->len, 1);
	if (all->unreached->len)
		return g_strdup(((kernel_unreached *)g_ptr_array_index(all->unreached, 0))->reason);
	const kernel_unit *u = g_ptr_array_index(all->units, 0);
	assert_false(u->certain);
	assert_null(u->assumed[0]);
	return g_strdup_printf("%s (%s)", u->unit->path, u->configuration);
}

static void check(void **state, const char *path, unsigned line, const char *told)
{
	g_autofree char *got = tell(*state, path, line);
	assert_string_equal(got, told);
}

static void check_dev(void **state, unsigned line, const char *told)
{
	check(state, "drivers/dev.c", line, told);
}

#define SMP "drivers/dev.c (i386: defconfig and SMP=y)"
#define PM "drivers/dev.c (i386: defconfig and PM=y)"
#define PLAIN "drivers/dev.c (i386: defconfig)"

static void test_defined(void **state)
{
	check_dev(state, 3, SMP);
	/* By another such macro, in another header. */
	check_dev(state, 6, SMP);
	check_dev(state, 35, SMP);
}

static void test_numbers(void **state)
{
	check_dev(state, 9, PM);
	check_dev(state, 11, PLAIN);
	check_dev(state, 14, PM);
	check_dev(state, 16, PLAIN);
	check_dev(state, 24, PLAIN);
}

static void test_never(void **state)
{
	check_dev(state, 18,
		"!(LEVEL >= 3) && !LEVEL never holds: LEVEL of "
		"include/linux/feature.h");
	check_dev(state, 21, "!defined(LIMIT) never holds: LIMIT of include/linux/feature.h");
	check_dev(state, 26, "!(LIMIT == 4) never holds: LIMIT of include/linux/feature.h");
	check_dev(state, 29,
		"NOWHERE of drivers/dev.h: needs CONFIG_NOWHERE, which this tree does "
		"not define for i386");
	check_dev(state, 41,
		"FEATURE of include/linux/feature.h: CONFIG_SMP and CONFIG_PM exclude "
		"each other");
}

/* A definition in a comment is none. */
static void test_undefined(void **state)
{
	check_dev(state, 32, "UNKNOWN is defined by no file that drivers/dev.c includes");
	check_dev(state, 44, "COMMENTED is defined by no file that drivers/dev.c includes");
}

/* What others than headers decide, or nobody knows. */
static void test_not_asked(void **state)
{
	check_dev(state, 1, "not asked");
	check_dev(state, 47, "not asked");
	check_dev(state, 50, "not asked");
	check_dev(state, 53, "not asked");
}

/* Two macros that ask for each other: free, as before. */
static void test_circle(void **state)
{
	check_dev(state, 38, PLAIN);
}

/* The file that includes a header may define what the header asks for; the first does not. */
static void test_header(void **state)
{
	check(state, "drivers/asked.h", 2, "drivers/two.c (i386: defconfig and PM=y)");
	check(state, "drivers/way.h", 1, "drivers/many.c (i386: defconfig and SMP=y)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_defined, setup, teardown),
		cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_never, setup, teardown),
		cmocka_unit_test_setup_teardown(test_undefined, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_circle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_header, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
