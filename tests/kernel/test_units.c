/* Configurations that reach wanted lines, in a small kernel-like tree. */
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
		"VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 16\ncore-y := kernel/ drivers/\n",
		"arch/i386/Makefile",
		"core-y += arch/i386/kernel/\nifdef CONFIG_SMP\n"
		"CPPFLAGS := -Iinclude/asm/mach-sub $(CPPFLAGS)\nendif\n",
		"arch/i386/Kconfig",
		"config X86\n\tdef_bool y\nconfig ALWAYS\n\tdef_bool y\nconfig SMP\n\tbool "
		"\"smp\"\nconfig PM\n\tbool \"pm\"\n"
		"\tdepends on !SMP\nconfig NR_CPUS\n\tint \"n\"\n\trange 2 512\n"
		"\tdefault 8\n\tdepends on SMP\nconfig HIGH\n\tbool \"high\"\nconfig "
		"DEV\n\ttristate \"dev\"\n"
		"config MODULES\n\tbool \"modules\"\nsource \"drivers/Kconfig\"\n",
		"arch/i386/defconfig", "CONFIG_HIGH=y\n", "arch/arm/Kconfig",
		"config ARM\n\tdef_bool y\nconfig ARCH_OMAP\n\tbool \"omap\"\n"
		"source \"drivers/Kconfig\"\n",
		"arch/arm/Makefile", "drivers-y += drivers/arm/\n", "drivers/arm/Makefile",
		"obj-y := own.o\n", "drivers/arm/own.c", "int own;\n", "arch/arm/defconfig", "",
		"drivers/Kconfig", "config OMAP_DEV\n\tbool \"o\"\n\tdepends on ARCH_OMAP\n",
		"drivers/Makefile",
		"obj-$(CONFIG_DEV) += dev.o\nobj-$(CONFIG_OMAP_DEV) += omap.o\nobj-y += all.o "
		"cpus.o\nEXTRA_CFLAGS += -DPROBED=1\n",
		"drivers/cpus.c",
		"#if NR_CPUS > 255\nint many;\n#endif\n#if NR_CPUS == 1\nint one;\n#endif\n"
		"#if NR_CPUS > 1000\nint more;\n#endif\n#ifndef PROBED\nint not;\n#endif\n",
		"drivers/all.c", "#ifdef CONFIG_ALWAYS\nint on;\n#else\nint off;\n#endif\n",
		"drivers/dev.c", "#ifdef MODULE\nint module;\n#else\nint built_in;\n#endif\n",
		"drivers/omap.c", "int omap;\n", "arch/i386/kernel/Makefile",
		"obj-y := a.o g.o\nobj-$(CONFIG_SMP) += smp.o\n"
		"ifdef CONFIG_SMP\nobj-$(CONFIG_HIGH) += only.o\nendif\n",
		"arch/i386/kernel/only.c",
		"#include <asm/sub.h>\n#ifndef CONFIG_SMP\nint up;\n#ifdef CONFIG_PM\nint pm;\n"
		"#endif\n#endif\n#ifndef CONFIG_HIGH\nint low;\n#endif\n#ifdef CONFIG_PM\n"
		"#ifdef CONFIG_SMP\nint both;\n#endif\n#endif\n#ifndef CONFIG_SMP\n#error "
		"no\n#endif\n",
		"arch/i386/kernel/g.c",
		"#include <asm/gpio.h>\n#include <asm/k.h>\n#include <asm/l.h>\n",
		"include/asm-i386/k.h", "#ifdef CONFIG_SMP\nint smp;\n#endif\n",
		"include/asm-i386/l.h",
		"#ifndef CONFIG_HIGH\nint low;\n#endif\n#ifdef CONFIG_PM\nint pm;\n#endif\n"
		"#ifdef UNKNOWN\nint u;\n#endif\n",
		"include/asm-i386/gpio.h", "#include <gpio.h>\n",
		"include/asm-i386/mach-sub/gpio.h", "int gpio;\n",
		"include/asm-i386/mach-sub/asm/sub.h", "#ifndef CONFIG_SMP\nint sub;\n#endif\n",
		"arch/i386/kernel/a.c",
		"#include <asm/h.h>\n#ifdef CONFIG_SMP\nint smp;\n#else\nint up;\n#endif\n"
		"#ifdef CONFIG_PM\nint pm;\n# ifdef CONFIG_SMP\nint both;\n# endif\n#endif\n"
		"#if 0\nint never;\n#endif\n#ifdef CONFIG_NOWHERE\nint nowhere;\n#endif\n"
		"#ifdef CONFIG_HIGH\nint high;\n#endif\n#ifdef DEBUG_A\nint debug;\n#endif\n"
		"#ifdef __arm__\nint arm;\n#endif\n"
		"#ifndef __KERNEL__\nint user;\n# ifdef X\nint x;\n# endif\n#endif\n"
		"#if !(defined(__KERNEL__) || defined(X))\nint u;\n#endif\n"
		"#if defined(__KERNEL__) || 0\nint k;\n#endif\n",
		"arch/i386/kernel/smp.c", "#ifndef CONFIG_SMP\n#error no\n#endif\nint x;\n",
		"include/asm-i386/h.h",
		"#ifndef H\n#define H\n#ifdef CONFIG_SMP\nint smp;\n#endif\n#ifdef __ASSEMBLY__\n"
		".x\n#endif\n#endif\n",
		"include/asm-i386/lonely.h", "int x;\n", "arch/i386/kernel/entry.S",
		"#include <asm/h.h>\n", "kernel/Makefile", "", "arch/ia64/kernel/x.c", "int x;\n",
		"include/asm-i386/inner.h", "#ifdef CONFIG_PM\nint pm;\n#endif\n",
		"include/asm-i386/outer.h", "#ifdef CONFIG_SMP\n#include <asm/inner.h>\n#endif\n",
		"arch/i386/kernel/user.c", "#include <asm/outer.h>\n", "include/asm-i386/big/h.h",
		"int big;\n", "arch/i386/kernel/z.c", "#include <asm/big/h.h>\n", NULL);
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

/* Everything that kernel_units_for says, one line a unit and an unreached range. */
static char *tell_of(fixture *f, const char *path, unsigned first, unsigned last, kernel_wish wish)
{
	static const char *const prefer[] = {"i386", NULL};
	g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(line_range));
	line_range range = {first, last};
	if (first)
		g_array_append_val(ranges, range);
	wish.path = path;
	wish.prefer = prefer;
	wish.ranges = ranges;
	g_autoptr(kernel_units) all = NULL;
	assert_true(kernel_units_for(&all, f->tree, &wish, NULL));
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < all->units->len; i++) {
		const kernel_unit *u = g_ptr_array_index(all->units, i);
		g_string_append_printf(
			out, "%s (%s)%s", u->unit->path, u->configuration, u->certain ? "" : "?");
		if (u->alone)
			g_string_append(out, " alone");
		for (char **a = u->assumed; *a; a++)
			g_string_append_printf(out, " -D%s", *a);
		for (guint k = 0; k < u->ranges->len; k++) {
			const line_range *r = &g_array_index(u->ranges, line_range, k);
			g_string_append_printf(out, " %u-%u", r->first, r->last);
		}
		g_string_append_c(out, '\n');
	}
	for (guint i = 0; i < all->unreached->len; i++) {
		const kernel_unreached *u = g_ptr_array_index(all->unreached, i);
		g_string_append_printf(
			out, "%u-%u: %s\n", u->lines.first, u->lines.last, u->reason);
	}
	return g_string_free(out, FALSE);
}

static char *tell(fixture *f, const char *path, unsigned first, unsigned last, bool assume)
{
	return tell_of(f, path, first, last, (kernel_wish){.assume = assume});
}

static void check(void **state, const char *path, unsigned first, unsigned last, const char *told)
{
	g_autofree char *got = tell(*state, path, first, last, false);
	assert_string_equal(got, told);
}

#define A "arch/i386/kernel/a.c"

static void test_default_is_enough(void **state)
{
	check(state, A, 5, 5, A " (i386: defconfig) 5-5\n");
	check(state, A, 20, 20, A " (i386: defconfig) 20-20\n");
}

static void test_both_branches(void **state)
{
	check(state, A, 2, 6,
		A " (i386: defconfig) 2-2 4-4 6-6 5-5\n" A " (i386: defconfig and SMP=y) 3-3\n");
}

/* What goes together is one unit: PM is asked for in the one without SMP. */
static void test_few_units(void **state)
{
	check(state, A, 3, 8,
		A " (i386: defconfig and PM=y) 4-4 6-7 5-5 8-8\n" A
		  " (i386: defconfig and SMP=y) 3-3\n");
}

static void test_reasons_in_words(void **state)
{
	fixture *f = *state;
	const struct {
		unsigned line;
		const char *reason;
	} cases[] = {{10, "10-10: CONFIG_PM and CONFIG_SMP exclude each other\n"},
		{14, "14-14: #if 0\n"},
		{17, "17-17: needs CONFIG_NOWHERE, which this tree does not define for i386\n"},
		{26, "26-26: defined(__arm__) never holds for i386\n"},
		{29, "29-29: only for user space: __KERNEL__ is always defined here\n"},
		{31, "31-31: only for user space: __KERNEL__ is always defined here\n"},
		{35, "35-35: only for user space: __KERNEL__ is always defined here\n"},
		{38, A " (i386: defconfig) 38-38\n"}};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = tell(f, A, cases[i].line, cases[i].line, false);
		assert_non_null(strstr(got, cases[i].reason));
	}
}

/* A macro that no file is known to define: tried as it comes, assumed when asked to. */
static void test_debugging_code(void **state)
{
	fixture *f = *state;
	check(state, A, 23, 23, A " (i386: defconfig)? 23-23\n");
	g_autofree char *got = tell(f, A, 23, 23, true);
	assert_string_equal(got, A " (i386: defconfig)? -DDEBUG_A 23-23\n");
}

static void test_file_needs_its_symbol(void **state)
{
	check(state, "arch/i386/kernel/smp.c", 4, 4,
		"arch/i386/kernel/smp.c (i386: defconfig and SMP=y) 4-4\n");
}

static void test_module(void **state)
{
	fixture *f = *state;
	g_autofree char *got = tell(f, "drivers/dev.c", 2, 4, false);
	assert_string_equal(got, "drivers/dev.c (i386: defconfig and DEV=y) 3-3 4-4\n"
				 "drivers/dev.c (i386: defconfig and DEV=m MODULES=y) 2-2\n");
	g_autoptr(kernel_units) all = NULL;
	kernel_wish wish = {.path = "drivers/dev.c"};
	assert_true(kernel_units_for(&all, f->tree, &wish, NULL));
	const kernel_unit *u = g_ptr_array_index(all->units, 1);
	assert_true(g_ptr_array_find_with_equal_func(u->unit->args, "-DMODULE", g_str_equal, NULL));
}

/* A driver of another architecture is looked at there. */
static void test_other_architecture(void **state)
{
	check(state, "drivers/omap.c", 1, 1,
		"drivers/omap.c (arm: defconfig and ARCH_OMAP=y OMAP_DEV=y) 1-1\n");
	check(state, "drivers/arm/own.c", 1, 1, "drivers/arm/own.c (arm: defconfig) 1-1\n");
	/* What cannot be off on i386, arm does not have. */
	check(state, "drivers/all.c", 2, 4,
		"drivers/all.c (i386: defconfig) 2-2 3-3\ndrivers/all.c (arm: defconfig) 4-4\n");
}

/* <gpio.h> is not the file beside the one that says it. */
static void test_header_of_the_same_name(void **state)
{
	check(state, "include/asm-i386/mach-sub/gpio.h", 1, 1,
		"arch/i386/kernel/g.c (i386: defconfig and SMP=y) 1-1\n");
}

static void test_headers(void **state)
{
	check(state, "include/asm-i386/h.h", 4, 4, A " (i386: defconfig and SMP=y) 4-4\n");
	check(state, "include/asm-i386/h.h", 7, 7,
		"arch/i386/kernel/entry.S (i386: defconfig) 7-7\n");
	check(state, "include/asm-i386/lonely.h", 1, 1, "1-1: never included by a file of i386\n");
	/* <asm/h.h> is not <asm/big/h.h>. */
	check(state, "include/asm-i386/big/h.h", 1, 1,
		"arch/i386/kernel/z.c (i386: defconfig) 1-1\n");
	/* The include itself has a condition. */
	check(state, "include/asm-i386/inner.h", 1, 1,
		"arch/i386/kernel/user.c (i386: defconfig and SMP=y) 1-1\n");
	check(state, "include/asm-i386/inner.h", 2, 2,
		"2-2: CONFIG_PM and CONFIG_SMP exclude each other\n");
}

/* NR_CPUS is CONFIG_NR_CPUS, and 1 without it. */
static void test_number_of_a_symbol(void **state)
{
	check(state, "drivers/cpus.c", 5, 5, "drivers/cpus.c (i386: defconfig) 5-5\n");
	check(state, "drivers/cpus.c", 2, 2,
		"drivers/cpus.c (i386: defconfig and NR_CPUS=512 SMP=y) 2-2\n");
	check(state, "drivers/cpus.c", 8, 8, "8-8: NR_CPUS > 1000 never holds for i386\n");
}

/* What a makefile defines is taken back, should nothing else help. */
static void test_makefile_defines(void **state)
{
	fixture *f = *state;
	check(state, "drivers/cpus.c", 11, 11, "drivers/cpus.c (i386: defconfig)? 11-11\n");
	g_autofree char *got = tell(f, "drivers/cpus.c", 11, 11, true);
	assert_string_equal(got, "drivers/cpus.c (i386: defconfig)? -D!PROBED 11-11\n");
	g_autofree char *others = tell(f, A, 23, 23, true);
	assert_null(strstr(others, "!"));
}

static void free_lines(gpointer lines)
{
	kernel_lines_free(lines);
}

static bool reaches(const char *file, const char *header, void *data)
{
	return *(bool *)data && !strcmp(file, "arch/i386/kernel/g.c") &&
	       !strcmp(header, "include/asm-i386/l.h");
}

/* A unit for one header takes along what goes with it of another: not what excludes it, nor what
 * only headers know. */
static void test_shared(void **state)
{
	fixture *f = *state;
	g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func(free_lines);
	kernel_lines *l = g_new0(kernel_lines, 1);
	l->path = g_strdup("include/asm-i386/l.h");
	l->ranges = g_array_new(FALSE, FALSE, sizeof(line_range));
	line_range own = {2, 2}, wanted[] = {{2, 2}, {5, 5}, {8, 8}};
	g_array_append_vals(l->ranges, wanted, 3);
	g_ptr_array_add(others, l);
	g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(line_range));
	g_array_append_val(ranges, own);
	bool reached = true;
	kernel_wish wish = {.path = "include/asm-i386/k.h",
		.ranges = ranges,
		.others = others,
		.reaches = reaches,
		.data = &reached};
	g_autoptr(kernel_units) all = NULL;
	assert_true(kernel_units_for(&all, f->tree, &wish, NULL));
	assert_int_equal(all->units->len, 1);
	const kernel_unit *u = g_ptr_array_index(all->units, 0);
	assert_string_equal(u->configuration, "i386: defconfig and HIGH=n SMP=y");
	assert_int_equal(u->shared->len, 1);
	const kernel_lines *shared = g_ptr_array_index(u->shared, 0);
	assert_string_equal(shared->path, "include/asm-i386/l.h");
	assert_int_equal(shared->ranges->len, 1);
	assert_int_equal(g_array_index(shared->ranges, line_range, 0).first, 2);

	reached = false;
	g_autoptr(kernel_units) lone = NULL;
	assert_true(kernel_units_for(&lone, f->tree, &wish, NULL));
	u = g_ptr_array_index(lone->units, 0);
	assert_null(u->shared);
	assert_string_equal(u->configuration, "i386: defconfig and SMP=y");
}

static bool has_argument(const analysis_unit *u, const char *end)
{
	for (guint i = 0; i < u->args->len; i++)
		if (g_str_has_suffix(g_ptr_array_index(u->args, i), end))
			return true;
	return false;
}

#define ONLY "arch/i386/kernel/only.c"

/* A file that is built only with SMP, read without: in one unit, and with what else its makefile
 * asks for as far as that goes. */
static void test_read_alone(void **state)
{
	fixture *f = *state;
	check(state, ONLY, 3, 3,
		"3-3: !CONFIG_SMP and CONFIG_SMP of its makefile exclude each other\n");
	g_autofree char *up = tell_of(f, ONLY, 3, 5, (kernel_wish){.alone = true});
	assert_string_equal(up, ONLY " (i386: defconfig and PM=y) alone 3-4 5-5\n");
	/* What is off in the defconfig stays on when nothing speaks against it. */
	g_autofree char *low = tell_of(f, ONLY, 9, 9, (kernel_wish){.alone = true});
	assert_string_equal(low, ONLY " (i386: defconfig and HIGH=n SMP=y) alone 9-9\n");
	/* Kconfig holds all the same. */
	g_autofree char *both = tell_of(f, ONLY, 13, 13, (kernel_wish){.alone = true});
	assert_string_equal(both, "");
}

/* A header whose folder is in the include path only with SMP. */
static void test_header_alone(void **state)
{
	fixture *f = *state;
	const char *header = "include/asm-i386/mach-sub/asm/sub.h";
	g_autofree char *told = tell_of(f, header, 2, 2, (kernel_wish){.alone = true});
	assert_string_equal(told, ONLY " (i386: defconfig) alone 2-2\n");
	g_autoptr(kernel_units) all = NULL;
	g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(line_range));
	line_range range = {2, 2};
	g_array_append_val(ranges, range);
	kernel_wish wish = {.path = header, .ranges = ranges, .alone = true};
	assert_true(kernel_units_for(&all, f->tree, &wish, NULL));
	kernel_unit *u = g_ptr_array_index(all->units, 0);
	assert_true(has_argument(u->unit, "/include/asm-i386/mach-sub"));
}

/* The line of an #error is never compiled: no unit is made for it. */
static void test_error_line(void **state)
{
	check(state, ONLY, 17, 17, "17-17: an #error\n");
}

static void test_no_target(void **state)
{
	check(state, "arch/ia64/kernel/x.c", 1, 1,
		"1-1: clang has no target for its architecture\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_is_enough),
		cmocka_unit_test(test_both_branches),
		cmocka_unit_test(test_few_units),
		cmocka_unit_test(test_reasons_in_words),
		cmocka_unit_test(test_debugging_code),
		cmocka_unit_test(test_file_needs_its_symbol),
		cmocka_unit_test(test_module),
		cmocka_unit_test(test_other_architecture),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_header_of_the_same_name),
		cmocka_unit_test(test_number_of_a_symbol),
		cmocka_unit_test(test_makefile_defines),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_read_alone),
		cmocka_unit_test(test_header_alone),
		cmocka_unit_test(test_error_line),
		cmocka_unit_test(test_no_target),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
