/* Makefiles as data: evaluation, and which symbols build a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "kernel/kbuild.h"

static GBytes *read_files(const char *path, void *data)
{
	for (const char *const *f = data; f && *f; f += 2)
		if (!strcmp(*f, path))
			return g_bytes_new_static(f[1], strlen(f[1]));
	return NULL;
}

static bool file_exists(const char *path, void *data)
{
	g_autoptr(GBytes) bytes = read_files(path, data);
	return bytes != NULL;
}

static GPtrArray *list_makefiles(void *data)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	for (const char *const *f = data; *f; f += 2)
		g_ptr_array_add(out, g_strdup(*f));
	return out;
}

static const char *config(const char *name, void *data)
{
	(void)data;
	return !strcmp(name, "ON") ? "y" : !strcmp(name, "TEXT") ? "\"a b\"" : NULL;
}

static void check(const char *text, const char *name, const char *value)
{
	const char *files[] = {"inc.mk", "included := yes\n", NULL};
	make_source source = {config, read_files, file_exists, NULL, (void *)files};
	g_autoptr(make) m = make_new(&source);
	g_autoptr(GPtrArray) statements = make_read(text, strlen(text));
	make_run(m, statements);
	g_autofree char *got = make_get(m, name);
	assert_string_equal(got, value);
}

static void test_variables(void **state)
{
	(void)state;
	check("a = $(b)\nb := 1\n", "a", "1");
	check("b := 1\na := $(b)\nb := 2\n", "a", "1");
	check("a := 1\na += 2 \\\n   3\n", "a", "1 2 3");
	check("a ?= 1\na ?= 2\n", "a", "1");
	check("a := x # comment\n", "a", "x ");
	check("export a := 1\n", "a", "1");
	check("define a\nline\nendef\n", "a", "line");
	check("a-$(CONFIG_ON) := on\na-$(CONFIG_OFF) := off\n", "a-y", "on");
	check("rule: dep\n\ta := recipe\nb := 1\n", "a", "");
	check("include inc.mk\ninclude /etc/passwd\n", "included", "yes");
	check("src := a/b\ninclude ./$(src)/../../inc.mk\n", "included", "yes");
	check("include ../inc.mk /inc.mk\n", "included", "");
	check("a = $(a)\n", "a", ""); /* recursion ends */
}

static void test_conditionals(void **state)
{
	(void)state;
	check("ifdef CONFIG_ON\na := 1\nelse\na := 2\nendif\n", "a", "1");
	check("ifeq ($(CONFIG_OFF),y)\na := 1\nelse ifeq ($(CONFIG_ON),y)\na := 2\nelse\na := "
	      "3\nendif\n",
		"a", "2");
	check("ifneq \"$(CONFIG_ON)\" \"y\"\na := 1\nendif\n", "a", "");
	check("ifdef CONFIG_OFF\nifdef CONFIG_ON\na := 1\nendif\nelse\na := 2\nendif\n", "a", "2");
}

static void test_functions(void **state)
{
	(void)state;
	check("a := $(patsubst %.o,%.c,x.o y.h)\n", "a", "x.c y.h");
	check("a := $(subst m,y,$(CONFIG_ON)m)\n", "a", "yy");
	check("a := $(filter-out b,$(sort c b a))\n", "a", "a c");
	check("a := $(addprefix d/,x y)\n", "a", "d/x d/y");
	check("a := $(if $(CONFIG_ON),yes,no)\n", "a", "yes");
	check("a := $(foreach i,1 2,v$(i))\n", "a", "v1 v2");
	check("f = <$(1)$(2)>\na := $(call f,x,y)\n", "a", "<xy>");
	check("a := $(call cc-option,-fwrapv,-other)\n", "a", "-fwrapv");
	check("a := $(call cc-option,-mpreferred-stack-boundary=2)\n", "a", "");
	check("a := x$(shell touch /tmp/x)y\n", "a", "xy");
	check("a := $(shell uname -m)\n", "a", "x86_64");
	check("a := os-$(shell uname -s)\n", "a", "os-Linux");
	check("l := a.o b.o\na := $(l:.o=.c)\n", "a", "a.c b.c");
	check("a := $(wildcard inc.mk no.mk)\n", "a", "inc.mk");
}

/* Says ways as "A !B; C" and the module of the first. */
static char *ways_of(const char *const *files, const char *path, char **module)
{
	make_source source = {NULL, read_files, file_exists, list_makefiles, (void *)files};
	g_autoptr(kbuild) b = kbuild_new(&source, "i386", "i386", NULL);
	g_autoptr(GPtrArray) ways = kbuild_ways(b, path, NULL);
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < ways->len; i++) {
		const kbuild_way *way = g_ptr_array_index(ways, i);
		g_string_append(out, i ? "; " : "");
		for (guint n = 0; n < way->guards->len; n++) {
			const kbuild_guard *g = &g_array_index(way->guards, kbuild_guard, n);
			g_string_append_printf(
				out, "%s%s%s", n ? " " : "", g->on ? "" : "!", g->name);
		}
		if (!i && module)
			*module = g_strdup(way->module);
	}
	if (!ways->len)
		g_string_assign(out, "none");
	return g_string_free(out, FALSE);
}

static const char *const tree[] = {"Makefile", "core-y := kernel/ fs/\ndrivers-y := drivers/\n",
	"fs/Makefile",
	"mmu-y := nommu.o\nmmu-$(CONFIG_MMU) := mmu.o\nobj-y := ramfs.o\n"
	"ramfs-objs := inode.o $(mmu-y)\nobj-y += sig_$(BITS).o\n",
	"arch/i386/Makefile",
	"mcore-y := mach-default\nmcore-$(CONFIG_VISION) := mach-vision\n"
	"head-y := arch/i386/kernel/head.o\n"
	"core-y += arch/i386/kernel/ arch/i386/$(mcore-y)/\n",
	"arch/i386/kernel/Makefile",
	"obj-y := traps.o\nobj-$(CONFIG_APIC) += apic.o\n"
	"ifdef CONFIG_SMP\nobj-y += smp.o\nelse\nobj-y += up.o\nendif\n"
	"obj-y += lent.o\nlent-$(CONFIG_LEND) += ../../other/kernel/clock.o\n"
	"obj-$(CONFIG_BOX) += ../../other/box/\n",
	"arch/other/kernel/Makefile", "obj-$(CONFIG_THEIRS) += clock.o own.o\n",
	"arch/other/box/Makefile", "obj-$(CONFIG_LID) += lid.o\n", "arch/i386/mach-vision/Makefile",
	"obj-y := setup.o\n", "arch/i386/mach-default/Makefile", "obj-y := setup.o\n",
	"kernel/Makefile", "obj-y = sched.o\nobj-$(CONFIG_TIME) += time/\n", "kernel/time/Kbuild",
	"obj-y += tick.o\n", "lib/Makefile",
	"obj-$(CONFIG_BOUNCE) += bounce.o\n"
	"bounce-$(CONFIG_VISION) := ../arch/i386/kernel/far.o\n",
	"drivers/Makefile", "obj-$(CONFIG_NET) += net/\n", "drivers/net/Makefile",
	"obj-$(CONFIG_CARD) += card.o\ncard-objs := card-main.o $(card-y)\n"
	"card-$(CONFIG_CARD_DEBUG) += debug.o\n",
	NULL};

static void check_ways(const char *path, const char *expected)
{
	g_autofree char *got = ways_of(tree, path, NULL);
	assert_string_equal(got, expected);
}

static void test_ways(void **state)
{
	(void)state;
	check_ways("arch/i386/kernel/traps.c", "");
	check_ways("arch/i386/kernel/apic.c", "APIC");
	check_ways("arch/i386/kernel/smp.c", "SMP");
	check_ways("arch/i386/kernel/up.c", "!SMP");
	check_ways("arch/i386/kernel/head.S", "");
	check_ways("arch/i386/mach-vision/setup.c", "VISION");
	check_ways("arch/i386/mach-default/setup.c", "!VISION");
	check_ways("kernel/time/tick.c", "TIME");
	check_ways("drivers/net/nobody.c", "none");
	/* A list that is called as one of its objects is no composite. */
	check_ways("fs/nommu.c", "!MMU");
	check_ways("fs/mmu.c", "MMU");
	check_ways("fs/sig_64.c", "64BIT");
	check_ways("fs/sig_32.c", "!64BIT");
	check_ways("arch/i386/kernel/far.c", "VISION BOUNCE"); /* only lib/ names it */
}

/* What this architecture takes from another's folder is built as its own makefiles say. */
static void test_lent(void **state)
{
	(void)state;
	check_ways("arch/other/kernel/clock.c", "LEND");
	check_ways("arch/other/kernel/own.c", "THEIRS");
	check_ways("arch/other/box/lid.c", "LID BOX");
	make_source source = {NULL, read_files, file_exists, list_makefiles, (void *)tree};
	g_autoptr(kbuild) b = kbuild_new(&source, "i386", "i386", NULL);
	g_autoptr(GPtrArray) ways = kbuild_ways(b, "arch/other/kernel/clock.c", NULL);
	assert_int_equal(ways->len, 1);
	assert_string_equal(((kbuild_way *)ways->pdata[0])->folder, "arch/i386/kernel");
	assert_true(((kbuild_way *)ways->pdata[0])->reached);
}

static void test_composites(void **state)
{
	(void)state;
	g_autofree char *module = NULL;
	g_autofree char *main_ways = ways_of(tree, "drivers/net/card-main.c", &module);
	assert_string_equal(main_ways, "CARD NET");
	assert_string_equal(module, "card");
	check_ways("drivers/net/debug.c", "CARD_DEBUG CARD NET");
}

/* Lists and composites that name each other, references without an end. */
static void test_hostile_text(void **state)
{
	(void)state;
	GString *text = g_string_new("obj-y += a0.o\n");
	for (int i = 0; i < 2000; i++)
		g_string_append_printf(text, "l-y += $(l-y) x%d.o $(l-y)\n", i);
	for (int i = 0; i < 200; i++)
		g_string_append_printf(text, "a%d-objs := a%d.o a%d.o a%d.o\n", i, (i * 7) % 200,
			(i * 11) % 200, (i + 1) % 200);
	for (int i = 0; i < 5000; i++)
		g_string_append(text, "$(");
	const char *files[] = {"Makefile", text->str, NULL};
	g_autofree char *ways = ways_of(files, "a150.c", NULL);
	assert_non_null(ways);
	g_string_free(text, TRUE);
	check("a0 = x\na1 = $(a0)$(a0)\na2 = $(a1)$(a1)\na3 = $(a2)$(a2)\na4 = $(a3)$(a3)\n", "a4",
		"xxxxxxxxxxxxxxxx");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_variables),
		cmocka_unit_test(test_conditionals),
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_lent),
		cmocka_unit_test(test_composites),
		cmocka_unit_test(test_hostile_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
