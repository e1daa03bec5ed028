/* What answers stand on: which changes of a tree show in the digests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "kernel/ground.h"
#include "kernel/index.h"
#include "support/scratch_repo.h"

typedef struct fixture {
	scratch_repo *r;
	oid base_tree;
	kernel_tree *base;
} fixture;

#define H_TEXT "/* h */\n#ifdef CONFIG_X\n#include <linux/x.h>\n#endif\n#define N 1\n"

static int setup(void **state)
{
	fixture *f = g_new0(fixture, 1);
	f->r = scratch_repo_new();
	f->base_tree = scratch_tree(f->r, NULL, "Makefile", "core-y := kernel/\n",
		"kernel/Makefile", "obj-y := a.o\n", "kernel/a.c", "int a;\n", "include/h.h",
		H_TEXT, "arch/i386/Kconfig", "config X\n\tbool \"x\"\n", "arch/i386/defconfig", "",
		"arch/i386/kernel/asm-offsets.c", "int o;\n", NULL);
	g_autofree char *cache = g_build_filename(f->r->dir, "cache", NULL);
	assert_true(kernel_tree_open(&f->base, f->r->repo, &f->base_tree, cache, NULL));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture *f = *state;
	kernel_tree_free(f->base);
	scratch_repo_free(f->r);
	g_free(f);
	return 0;
}

static kernel_tree *tip_of(fixture *f, const char *path, const char *text)
{
	kernel_tree *tip;
	oid tree = scratch_tree(f->r, &f->base_tree, path, text, NULL);
	assert_true(kernel_tree_tip(&tip, f->base, &tree, NULL));
	return tip;
}

/* Whether two tips, each with one change, stand on the same. */
static void check(fixture *f, const char *path, const char *one, const char *other, bool ground,
	bool includes)
{
	g_autoptr(kernel_tree) a = tip_of(f, path, one);
	g_autoptr(kernel_tree) b = tip_of(f, path, other);
	assert_int_equal(!strcmp(kernel_ground(a), kernel_ground(b)), ground);
	assert_int_equal(!strcmp(kernel_ground_includes(a), kernel_ground_includes(b)), includes);
	assert_ptr_equal(kernel_ground(a), kernel_ground(a));
	assert_string_not_equal(kernel_ground(a), kernel_ground_includes(a));
}

static void test_trees(void **state)
{
	fixture *f = *state;
	/* Sources count by what they include alone, added ones too. */
	check(f, "kernel/a.c", "int b;\n", "int c;\n", true, true);
	check(f, "kernel/a.c", "int b;\n", "#include <h.h>\n", true, false);
	check(f, "kernel/b.c", "int b;\n", "int c;\n", true, true);
	check(f, "kernel/b.c", "int b;\n", "#include \"h.h\"\n", true, false);
	check(f, "include/h.h", H_TEXT "int h;\n", H_TEXT "int g;\n", true, true);
	/* ... with the conditions around it, ... */
	check(f, "include/h.h", H_TEXT, "#ifdef CONFIG_Y\n#include <linux/x.h>\n#endif\n", true,
		false);
	/* ... and whatever else may say that. */
	check(f, "include/h.h", H_TEXT, H_TEXT "/* #include <y.h> */\n", true, false);
	/* Everything else by all that it holds. */
	check(f, "kernel/Makefile", "obj-y := a.o\n", "obj-y := b.o\n", false, false);
	check(f, "arch/i386/Kconfig", "config X\n\tbool\n", "config Y\n\tbool\n", false, false);
	check(f, "some/table", "1\n", "2\n", false, false);
	check(f, "kernel/b.c", "int b;\n", "", true, true);
}

/* What is there, and what is not. */
static void test_paths(void **state)
{
	fixture *f = *state;
	g_autoptr(kernel_tree) changed = tip_of(f, "kernel/a.c", "int b;\n");
	g_autoptr(kernel_tree) added = tip_of(f, "kernel/b.c", "int b;\n");
	g_autoptr(kernel_tree) other = tip_of(f, "kernel/c.c", "int b;\n");
	g_autoptr(kernel_tree) less = tip_of(f, "-kernel/a.c", "");
	g_autoptr(kernel_tree) same = tip_of(f, "kernel/a.c", "int a;\n");
	const char *const all[] = {kernel_ground(same), kernel_ground(added), kernel_ground(other),
		kernel_ground(less)};
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(all[i], all[k]);
	assert_string_equal(kernel_ground(same), kernel_ground(changed));
}

/* A tip is known by its base and its difference: another base is another ground. */
static void test_base(void **state)
{
	fixture *f = *state;
	kernel_tree *next;
	oid tree = scratch_tree(f->r, &f->base_tree, "kernel/a.c", "int b;\n", NULL);
	g_autofree char *cache = g_build_filename(f->r->dir, "cache", NULL);
	assert_true(kernel_tree_open(&next, f->r->repo, &tree, cache, NULL));
	assert_string_not_equal(kernel_ground(f->base), kernel_ground(next));
	kernel_tree_free(next);
}

static void test_lines(void **state)
{
	fixture *f = *state;
	const char *before = kernel_lines_shape(f->base, "include/h.h");
	g_autoptr(kernel_tree) word = tip_of(f, "include/h.h",
		"/* g */\n#ifdef CONFIG_X\n#include <linux/x.h>\n#endif\n#define N 1\n");
	g_autoptr(kernel_tree) moved = tip_of(f, "include/h.h", "\n" H_TEXT);
	g_autoptr(kernel_tree) other = tip_of(f, "include/h.h",
		"/* h */\n#ifdef CONFIG_Y\n#include <linux/x.h>\n#endif\n#define N 1\n");
	assert_string_equal(before, kernel_lines_shape(word, "include/h.h"));
	assert_string_not_equal(before, kernel_lines_shape(moved, "include/h.h"));
	assert_string_not_equal(before, kernel_lines_shape(other, "include/h.h"));
	assert_null(kernel_lines_shape(f->base, "include/none.h"));
}

/* What headers are generated from is read; the file asked for, and who includes it, is not. */
static void test_reads(void **state)
{
	fixture *f = *state;
	g_autoptr(kernel_tree) tip = tip_of(f, "kernel/b.c", "#include <h.h>\n");
	g_autoptr(GPtrArray) before = kernel_tree_reads(tip);
	g_autoptr(analysis_unit) unit = NULL;
	assert_int_equal(before->len, 0);
	assert_true(kernel_tree_unit(&unit, tip, "kernel/a.c", "i386", NULL));
	g_autofree char *includer = NULL;
	(void)kernel_tree_includer(&includer, tip, "include/h.h", "i386", NULL);
	g_autoptr(GPtrArray) after = kernel_tree_reads(tip);
	assert_true(after->len > 0);
	assert_true(g_ptr_array_find_with_equal_func(
		after, "arch/i386/kernel/asm-offsets.c", g_str_equal, NULL));
	for (guint i = 0; i < after->len; i++)
		assert_false(g_str_has_prefix(g_ptr_array_index(after, i), "kernel/"));
}

/* A tip's index has what the tree has, whatever it shares with its base's. */
static void test_index_of_tips(void **state)
{
	fixture *f = *state;
	oid tree = scratch_tree(f->r, &f->base_tree, "-kernel/a.c", "", "kernel/Makefile", "\n",
		"kernel.c", "", "kernel/a/b.c", "", "a", "", "z", "", "-arch/i386/defconfig", "",
		NULL);
	g_autoptr(tree_index) base = NULL;
	g_autoptr(tree_index) whole = NULL;
	g_autoptr(tree_index) shared = NULL;
	assert_true(tree_index_new(&base, f->r->repo, &f->base_tree, NULL));
	assert_true(tree_index_new(&whole, f->r->repo, &tree, NULL));
	assert_true(tree_index_tip(&shared, f->r->repo, base, &f->base_tree, &tree, NULL));
	assert_int_equal(whole->files->len, shared->files->len);
	for (guint i = 0; i < whole->files->len; i++) {
		const tree_file *a = &g_array_index(whole->files, tree_file, i);
		const tree_file *b = &g_array_index(shared->files, tree_file, i);
		assert_string_equal(a->path, b->path);
		assert_true(oid_equal(&a->id, &b->id) && a->mode == b->mode);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_trees, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_base, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_index_of_tips, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
