/* Units of a small kernel-like tree in git: architectures, configurations, flags, layouts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>

#include "analyzers/c/c.h"
#include "kernel/tree.h"

typedef struct fixture {
	char *dir, *cache;
	repo *r;
	kernel_tree *base, *tip;
} fixture;

static void git(const char *dir, const char *line)
{
	g_autofree char *command = g_strdup_printf(
		"git -C %s -c user.name=t -c user.email=t@example.org %s", dir, line);
	int status = 1;
	assert_true(g_spawn_command_line_sync(command, NULL, NULL, &status, NULL));
	assert_int_equal(status, 0);
}

/* path, text, ...; a NULL text removes. */
static void commit(const char *dir, const char *const *files)
{
	for (; *files; files += 2) {
		g_autofree char *path = g_build_filename(dir, files[0], NULL);
		g_autofree char *folder = g_path_get_dirname(path);
		assert_int_equal(g_mkdir_with_parents(folder, 0777), 0);
		if (files[1])
			assert_true(g_file_set_contents(path, files[1], -1, NULL));
		else
			assert_int_equal(g_unlink(path), 0);
	}
	git(dir, "add -A");
	git(dir, "commit -qm x");
}

static const char *const base_files[] = {"Makefile",
	"VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 16\nEXTRAVERSION = -test\ncore-y := kernel/\n",
	"scripts/Makefile.lib", "x = -D\"KBUILD_BASENAME=KBUILD_STR(y)\"\n", "arch/i386/Makefile",
	"mflags-$(CONFIG_X86_VISION) := -Iinclude/asm-i386/mach-vision\n"
	"mcore-y := mach-default\nmcore-$(CONFIG_X86_VISION) := mach-vision\n"
	"mflags-y += -Iinclude/asm-i386/mach-default\n"
	"core-y += arch/i386/kernel/ arch/i386/$(mcore-y)/\nCFLAGS += $(mflags-y) -DFROM_ARCH=1\n",
	"arch/i386/Kconfig",
	"choice\n\tprompt \"Machine\"\n\tdefault X86_PC\nconfig X86_PC\n\tbool \"pc\"\n"
	"config X86_VISION\n\tbool \"vision\"\nendchoice\n"
	"config CLONE\n\tbool \"clone\"\nconfig HZ\n\tint\n\tdefault 250\nconfig EXTRA\n\tbool "
	"\"e\"\n",
	"arch/i386/defconfig", "CONFIG_EXTRA=y\n", "arch/i386/kernel/Makefile",
	"obj-y := traps.o\nEXTRA_CFLAGS += -Iarch/i386/kernel -DOWN\nCFLAGS_traps.o := -DTRAPS\n"
	"ifdef CONFIG_CLONE\nobj-y := $(call pick, $(obj-y))\nendif\n",
	"arch/i386/kernel/traps.c", "#include <asm/page.h>\n#include \"part.c\"\n",
	"arch/i386/kernel/part.c", "int part;\n", "arch/i386/kernel/traps-clone.c", "int clone;\n",
	"arch/i386/mach-vision/Makefile", "obj-y := setup.o\n", "arch/i386/mach-vision/setup.c",
	"#include \"deep.h\"\n", "arch/ia64/kernel/x.c", "int x;\n", "include/asm-i386/page.h",
	"#include <asm/old.h>\n", "include/asm-i386/old.h", "int old;\n",
	"include/asm-i386/mach-vision/deep.h", "int deep;\n", "include/linux/list.h",
	"struct list;\n", "kernel/Makefile", "obj-y := sched.o\n", "kernel/sched.c",
	"#include <asm/page.h>\n", "arch/i386/kernel/lent.c", "#include \"mach_lent.h\"\n",
	"arch/x86_64/Makefile",
	"core-y += arch/x86_64/kernel/\nCFLAGS += -Iinclude/asm-x86_64/mach-own\n",
	"arch/x86_64/Kconfig", "config TAKES\n\tbool \"t\"\n", "arch/x86_64/kernel/Makefile",
	"obj-$(CONFIG_TAKES) += lent.o\nlent-y := ../../i386/kernel/lent.o\n"
	"EXTRA_CFLAGS += -DTAKER\n",
	"include/asm-x86_64/mach-own/mach_lent.h", "int lent;\n", NULL};

static const char *const tip_files[] = {"arch/i386/Kconfig",
	"choice\n\tprompt \"Machine\"\n\tdefault X86_PC\nconfig X86_PC\n\tbool \"pc\"\n"
	"config X86_VISION\n\tbool \"vision\"\nendchoice\n"
	"config CLONE\n\tbool \"clone\"\nconfig HZ\n\tint\n\tdefault 250\n"
	"config EXTRA\n\tbool \"e\"\n"
	"config OURS\n\tbool \"ours\"\nconfig ALSO\n\tbool \"also\"\n\tdepends on OURS\n",
	"include/asm-i386/page.h", "#include <asm/new.h>\n", "include/asm-i386/old.h", NULL,
	"include/asm-i386/new.h", "int new;\n", "include/far/away/x.h", "int x;\n", NULL};

static int setup(void **state)
{
	fixture *f = g_new0(fixture, 1);
	f->dir = g_dir_make_tmp("truce-tree-XXXXXX", NULL);
	f->cache = g_build_filename(f->dir, "cache", NULL);
	g_autofree char *tree = g_build_filename(f->dir, "tree", NULL);
	g_mkdir(tree, 0777);
	git(tree, "init -q");
	commit(tree, base_files);
	commit(tree, tip_files);
	oid commits[2], trees[2];
	assert_true(repo_open(&f->r, tree, NULL));
	assert_true(repo_resolve(f->r, &commits[0], "HEAD~1", NULL));
	assert_true(repo_resolve(f->r, &commits[1], "HEAD", NULL));
	for (size_t i = 0; i < 2; i++)
		assert_true(repo_commit_tree(f->r, &trees[i], &commits[i], NULL));
	assert_true(kernel_tree_open(&f->base, f->r, &trees[0], f->cache, NULL));
	assert_true(kernel_tree_tip(&f->tip, f->base, &trees[1], NULL));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture *f = *state;
	kernel_tree_free(f->tip);
	kernel_tree_free(f->base);
	repo_free(f->r);
	g_autofree char *command = g_strconcat("rm -rf ", f->dir, NULL);
	g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL);
	g_free(f->dir);
	g_free(f->cache);
	g_free(f);
	return 0;
}

/* Position of an argument that ends so; -1: none. */
static int position(const analysis_unit *u, const char *end)
{
	for (guint i = 0; i < u->args->len; i++)
		if (g_str_has_suffix(g_ptr_array_index(u->args, i), end))
			return (int)i;
	return -1;
}

static char *autoconf(const analysis_unit *u)
{
	for (guint i = 0; i < u->memory->len; i++) {
		const memory_file *m = g_ptr_array_index(u->memory, i);
		if (g_str_has_suffix(m->path, "/include/linux/autoconf.h"))
			return g_strndup(
				g_bytes_get_data(m->data, NULL), g_bytes_get_size(m->data));
	}
	return NULL;
}

static bool laid_out(const analysis_unit *u, const char *path)
{
	g_autofree char *full = g_build_filename(u->root, path, NULL);
	return g_file_test(full, G_FILE_TEST_EXISTS);
}

static analysis_unit *unit(kernel_tree *t, const char *path)
{
	analysis_unit *u = NULL;
	assert_true(kernel_tree_unit(&u, t, path, "i386", NULL));
	return u;
}

static void test_archs(void **state)
{
	fixture *f = *state;
	const char *const prefer[] = {"i386", NULL};
	const struct {
		const char *path, *archs;
	} cases[] = {{"arch/i386/kernel/traps.c", "i386"}, {"include/asm-i386/page.h", "i386"},
		{"arch/ia64/kernel/x.c", ""}, {"kernel/sched.c", "i386"},
		{"arch/i386/kernel/lent.c", "i386 x86_64"}};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(GStrv) archs = kernel_tree_archs(f->base, cases[i].path, prefer);
		g_autofree char *joined = g_strjoinv(" ", archs);
		assert_string_equal(joined, cases[i].archs);
	}
}

static void test_first_configuration(void **state)
{
	fixture *f = *state;
	g_autoptr(analysis_unit) u = unit(f->base, "arch/i386/kernel/traps.c");
	g_autofree char *config = autoconf(u);
	assert_non_null(strstr(config, "#define CONFIG_EXTRA 1\n"));
	assert_non_null(strstr(config, "#define CONFIG_HZ 250\n"));
	assert_non_null(strstr(config, "#define CONFIG_X86_PC 1\n"));
	assert_true(position(u, "i386-linux-gnu") >= 0);
	assert_true(position(u, "-DTRAPS") >= 0);
	assert_true(position(u, "-DOWN") >= 0);
	assert_true(position(u, "-DFROM_ARCH=1") >= 0);
	assert_true(position(u, "-DKBUILD_MODNAME=KBUILD_STR(traps)") >= 0);
	assert_true(position(u, "/include") < position(u, "/mach-default"));
	assert_int_equal(position(u, "/mach-vision"), -1);
	/* An included .c file lies there too, others do not. */
	assert_true(laid_out(u, "arch/i386/kernel/part.c"));
	assert_false(laid_out(u, "arch/i386/kernel/traps-clone.c"));
	assert_true(laid_out(u, ".link/i386/asm/page.h"));
}

static void test_file_turns_its_symbols_on(void **state)
{
	fixture *f = *state;
	g_autoptr(analysis_unit) u = unit(f->base, "arch/i386/mach-vision/setup.c");
	g_autofree char *config = autoconf(u);
	assert_non_null(strstr(config, "#define CONFIG_X86_VISION 1\n"));
	assert_null(strstr(config, "CONFIG_X86_PC"));
	assert_true(position(u, "/mach-vision") >= 0);
	assert_true(position(u, "/mach-vision") < position(u, "/mach-default"));
}

/* A copy that the build picks under a symbol of its name. */
static void test_copy(void **state)
{
	fixture *f = *state;
	g_autoptr(analysis_unit) u = unit(f->base, "arch/i386/kernel/traps-clone.c");
	g_autofree char *config = autoconf(u);
	assert_non_null(strstr(config, "#define CONFIG_CLONE 1\n"));
}

/* True when clang reads a file with this include without complaint. */
static bool finds(analysis_unit *u, const char *include)
{
	char *text = g_strdup_printf("#include %s\n", include);
	g_bytes_unref(u->text);
	u->text = g_bytes_new_take(text, strlen(text));
	g_auto(fact_sink) sink = {0};
	fact_sink_init(&sink);
	assert_true(c_analyzer.run(u, &sink, NULL));
	const fact_set *set = g_hash_table_lookup(sink.index, u->path);
	assert_non_null(set);
	return !set->diagnostics->len;
}

static void test_tip_layout(void **state)
{
	fixture *f = *state;
	g_autoptr(analysis_unit) old = unit(f->base, "kernel/sched.c");
	g_autoptr(analysis_unit) new = unit(f->tip, "kernel/sched.c");
	/* One directory, seen in two ways. */
	assert_string_equal(old->root, new->root);
	assert_null(old->map);
	assert_non_null(new->map);
	static const char *const includes[] = {"<asm/old.h>", "<asm/new.h>", "<far/away/x.h>",
		"\"../include/far/nowhere/../away/x.h\"", "<linux/list.h>"};
	static const bool there[][G_N_ELEMENTS(includes)] = {
		{true, false, false, false, true},
		{false, true, true, true, true}, /* what a tip removes is not found */
	};
	for (size_t i = 0; i < G_N_ELEMENTS(includes); i++) {
		assert_int_equal(finds(old, includes[i]), there[0][i]);
		assert_int_equal(finds(new, includes[i]), there[1][i]);
	}
	/* What both have is each one's own. */
	assert_false(finds(old, "<asm/page.h>\nint *place = &new;"));
	assert_true(finds(new, "<asm/page.h>\nint *place = &new;"));
}

static void test_aliases(void **state)
{
	fixture *f = *state;
	g_autoptr(analysis_unit) u = unit(f->base, "kernel/sched.c");
	g_autofree char *prefix = g_strconcat(u->root, "/.link/i386/asm/", NULL);
	assert_string_equal(g_hash_table_lookup(u->aliases, prefix), "include/asm-i386/");
}

static void test_includer(void **state)
{
	fixture *f = *state;
	g_autofree char *user = NULL;
	assert_true(kernel_tree_includer(&user, f->base, "include/asm-i386/old.h", "i386", NULL));
	assert_string_equal(user, "arch/i386/kernel/traps.c");
	g_clear_pointer(&user, g_free);
	assert_false(kernel_tree_includer(&user, f->tip, "include/far/away/x.h", "i386", NULL));
	assert_null(user);
}

/* A header of a sub-architecture is reached with that one chosen. */
static void test_header_unit(void **state)
{
	fixture *f = *state;
	analysis_unit *u = NULL;
	assert_true(kernel_tree_header_unit(
		&u, f->base, "include/asm-i386/mach-vision/deep.h", "i386", NULL));
	assert_string_equal(u->path, "arch/i386/mach-vision/setup.c");
	g_autofree char *config = autoconf(u);
	assert_non_null(strstr(config, "#define CONFIG_X86_VISION 1\n"));
	analysis_unit_free(u);
}

static void test_symbols_of_a_series(void **state)
{
	fixture *f = *state;
	g_auto(GStrv) new = kernel_tree_new_symbols(f->tip, "i386");
	g_autofree char *joined = g_strjoinv(" ", new);
	assert_string_equal(joined, "ALSO OURS");
	const char *const symbols[] = {"ALSO", "!EXTRA", NULL};
	analysis_unit *u = NULL;
	bool held = false;
	assert_true(kernel_tree_unit_with(
		&u, f->tip, "arch/i386/kernel/traps.c", "i386", symbols, &held, NULL));
	assert_true(held);
	g_autofree char *config = autoconf(u);
	assert_non_null(strstr(config, "#define CONFIG_OURS 1\n"));
	assert_null(strstr(config, "CONFIG_EXTRA"));
	analysis_unit_free(u);
	const char *const nowhere[] = {"NOWHERE", NULL};
	assert_true(kernel_tree_unit_with(
		&u, f->tip, "arch/i386/kernel/traps.c", "i386", nowhere, &held, NULL));
	assert_false(held);
	analysis_unit_free(u);
}

/* A .config of the user's takes the defconfig's place, for tips too. */
static void test_given_config(void **state)
{
	fixture *f = *state;
	static const char text[] = "CONFIG_HZ=100\n# CONFIG_EXTRA is not set\nCONFIG_CLONE=y\n";
	oid trees[2];
	for (size_t i = 0; i < 2; i++) {
		oid commit;
		assert_true(repo_resolve(f->r, &commit, i ? "HEAD" : "HEAD~1", NULL));
		assert_true(repo_commit_tree(f->r, &trees[i], &commit, NULL));
	}
	g_autoptr(kernel_tree) base = NULL;
	assert_true(kernel_tree_open(&base, f->r, &trees[0], f->cache, NULL));
	kernel_tree_give_config(base, "i386", text, strlen(text));
	g_autoptr(kernel_tree) tip = NULL;
	assert_true(kernel_tree_tip(&tip, base, &trees[1], NULL));
	kernel_tree *both[] = {base, tip};
	for (size_t i = 0; i < 2; i++) {
		g_autoptr(analysis_unit) u = unit(both[i], "kernel/sched.c");
		g_autofree char *config = autoconf(u);
		assert_non_null(strstr(config, "#define CONFIG_CLONE 1\n"));
		assert_null(strstr(config, "CONFIG_EXTRA"));
	}
}

/* A file of i386 that x86_64 builds: its flags, its symbols; and through it headers of x86_64. */
static void test_lent_file(void **state)
{
	fixture *f = *state;
	g_autoptr(analysis_unit) u = NULL;
	g_autofree char *user = NULL;
	assert_true(kernel_tree_unit(&u, f->base, "arch/i386/kernel/lent.c", "x86_64", NULL));
	g_autofree char *config = autoconf(u);
	assert_non_null(strstr(config, "#define CONFIG_TAKES 1\n"));
	assert_true(position(u, "-DTAKER") >= 0);
	assert_int_equal(position(u, "-DOWN"), -1);
	assert_true(finds(u, "\"mach_lent.h\""));
	assert_true(kernel_tree_includer(
		&user, f->base, "include/asm-x86_64/mach-own/mach_lent.h", "x86_64", NULL));
	assert_string_equal(user, "arch/i386/kernel/lent.c");
}

/* A tree that differs from its base in nothing is read without a map: "../" from a folder that has
 * no header must lead somewhere. */
static void test_tip_like_base(void **state)
{
	fixture *f = *state;
	g_autoptr(kernel_tree) base = NULL;
	g_autoptr(kernel_tree) same = NULL;
	g_autofree char *cache = g_build_filename(f->dir, "other-cache", NULL);
	oid commit, tree;
	assert_true(repo_resolve(f->r, &commit, "HEAD~1", NULL));
	assert_true(repo_commit_tree(f->r, &tree, &commit, NULL));
	assert_true(kernel_tree_open(&base, f->r, &tree, cache, NULL));
	assert_true(kernel_tree_tip(&same, base, &tree, NULL));
	g_autoptr(analysis_unit) u = unit(same, "arch/i386/mach-vision/setup.c");
	assert_null(u->map);
	assert_true(laid_out(u, "arch/i386/mach-vision"));
}

/* The tree with `path` replaced by what stands at `like` in it. */
static oid with_file(const fixture *f, const oid *tree, const char *path, const char *like)
{
	g_autoptr(tree_edit) edit = NULL;
	tree_entry entry;
	oid out;
	assert_true(repo_lookup(f->r, tree, like, &entry, NULL));
	assert_true(tree_edit_new(&edit, f->r, tree, NULL));
	assert_true(tree_edit_set(edit, path, &entry.id, 0100644, NULL));
	assert_true(tree_edit_write(edit, &out, NULL));
	return out;
}

static char *autoconf_of_tip(const fixture *f, const oid *tree)
{
	g_autoptr(kernel_tree) tip = NULL;
	assert_true(kernel_tree_tip(&tip, f->base, tree, NULL));
	g_autoptr(analysis_unit) u = unit(tip, "arch/i386/kernel/traps.c");
	return autoconf(u);
}

/* Tips that change Kconfig alike share what was read of it, whichever is closed first; a tip with
 * another defconfig does not. */
static void test_tips_alike(void **state)
{
	fixture *f = *state;
	oid commit, tree;
	assert_true(repo_resolve(f->r, &commit, "HEAD", NULL));
	assert_true(repo_commit_tree(f->r, &tree, &commit, NULL));
	oid other = with_file(f, &tree, "include/asm-i386/page.h", "include/asm-i386/new.h");
	oid configured = with_file(f, &other, "arch/i386/defconfig", "include/asm-i386/new.h");
	g_autofree char *first = autoconf_of_tip(f, &tree);
	g_autofree char *second = autoconf_of_tip(f, &other);
	g_autofree char *third = autoconf_of_tip(f, &configured);
	assert_string_equal(first, second);
	assert_string_not_equal(first, third);
	g_autofree char *again = autoconf_of_tip(f, &other);
	assert_string_equal(first, again);
}

static void test_missing_file(void **state)
{
	fixture *f = *state;
	analysis_unit *u = NULL;
	g_autoptr(GError) err = NULL;
	assert_false(kernel_tree_unit(&u, f->base, "kernel/none.c", "i386", &err));
	assert_non_null(err);
	assert_null(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_archs),
		cmocka_unit_test(test_first_configuration),
		cmocka_unit_test(test_file_turns_its_symbols_on),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_tip_layout),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_includer),
		cmocka_unit_test(test_header_unit),
		cmocka_unit_test(test_symbols_of_a_series),
		cmocka_unit_test(test_given_config),
		cmocka_unit_test(test_lent_file),
		cmocka_unit_test(test_tip_like_base),
		cmocka_unit_test(test_tips_alike),
		cmocka_unit_test(test_missing_file),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
