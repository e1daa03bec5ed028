/* The language and its values, against what scripts/kconfig says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "kernel/kconfig.h"

/* Files of a tree: path, text, path, text, NULL. */
static GBytes *read_files(const char *path, void *data)
{
	for (const char *const *f = data; *f; f += 2)
		if (!strcmp(*f, path))
			return g_bytes_new_static(f[1], strlen(f[1]));
	return NULL;
}

static kconfig *read_with(const char *const *files, GHashTable *environment)
{
	kconfig_source source = {read_files, NULL, (void *)files};
	kconfig *k = NULL;
	assert_true(kconfig_read(&k, files[0], &source, environment, NULL));
	return k;
}

static kconfig *read_text(const char *text)
{
	const char *files[] = {"Kconfig", text, NULL};
	return read_with(files, NULL);
}

/* Checks one value of a language in a .config. */
static void check(const char *language, const char *config, const char *name, const char *value)
{
	g_autoptr(kconfig) k = read_text(language);
	g_autoptr(kconfig_values) v = kconfig_values_new(k);
	kconfig_values_load(v, config, strlen(config));
	assert_string_equal(kconfig_value(v, name), value);
}

static void test_defaults(void **state)
{
	(void)state;
	check("config A\n\tbool\n\tdefault y\n", "", "A", "y");
	check("config A\n\tbool \"a\"\n", "", "A", "n");
	check("config A\n\tdef_bool B\nconfig B\n\tbool \"b\"\n", "CONFIG_B=y\n", "A", "y");
	check("config N\n\tint \"n\"\n\tdefault 5 if X\n\tdefault 7\n", "", "N", "7");
	check("config H\n\thex\n\tdefault 0x10\n", "", "H", "0x10");
	/* A value set for a symbol without a prompt counts for nothing. */
	check("config A\n\tbool\n", "CONFIG_A=y\n", "A", "n");
	/* The first default whose condition holds wins. */
	check("config S\n\tstring\n\tdefault \"one\" if n\n\tdefault \"two\"\n\tdefault "
	      "\"three\"\n",
		"", "S", "two");
}

#define MODULES "config MODULES\n\tbool \"modules\"\n"

static void test_tristate(void **state)
{
	(void)state;
	const char *two = MODULES "config A\n\ttristate \"a\"\nconfig B\n\ttristate \"b\"\n"
				  "\tdepends on A\n";
	check(two, "CONFIG_MODULES=y\nCONFIG_A=m\nCONFIG_B=y\n", "B", "m");
	/* Without modules, m is y. */
	check(two, "CONFIG_A=m\nCONFIG_B=y\n", "B", "y");
	check(MODULES "config A\n\ttristate \"a\"\nconfig C\n\tbool \"c\"\n\tdepends on A\n",
		"CONFIG_MODULES=y\nCONFIG_A=m\nCONFIG_C=y\n", "C", "y");
	check(MODULES "config A\n\ttristate \"a\"\nconfig C\n\tbool \"c\"\n\tdepends on A=y\n",
		"CONFIG_MODULES=y\nCONFIG_A=m\nCONFIG_C=y\n", "C", "n");
	/* !m is m. */
	check(MODULES "config A\n\ttristate \"a\"\nconfig B\n\ttristate\n\tdefault !A\n",
		"CONFIG_MODULES=y\nCONFIG_A=m\n", "B", "m");
}

static void test_select_and_imply(void **state)
{
	(void)state;
	const char *select = "config A\n\tbool \"a\"\n\tselect B\nconfig B\n\tbool \"b\"\n"
			     "\tdepends on C\nconfig C\n\tbool \"c\"\n";
	/* A select ignores the dependencies of what it selects. */
	check(select, "CONFIG_A=y\n", "B", "y");
	check(select, "CONFIG_A=y\n# CONFIG_B is not set\n", "B", "y");
	const char *imply = "config A\n\tbool \"a\"\n\timply B\nconfig B\n\tbool \"b\"\n"
			    "\tdepends on C\nconfig C\n\tbool \"c\"\n";
	check(imply, "CONFIG_A=y\n", "B", "n");
	check(imply, "CONFIG_A=y\nCONFIG_C=y\n", "B", "y");
	check(imply, "CONFIG_A=y\nCONFIG_C=y\n# CONFIG_B is not set\n", "B", "n");
}

static const char machine[] = "config SMP\n\tbool \"smp\"\n"
			      "choice\n\tprompt \"Machine\"\n\tdefault PC\n"
			      "config PC\n\tbool \"pc\"\n"
			      "config VISION\n\tbool \"vision\"\n"
			      "config BIG\n\tbool \"big\"\n\tdepends on SMP\n"
			      "endchoice\n"
			      "config CLOCK\n\tbool\n\tdefault y\n\tdepends on BIG\n";

static void test_choice(void **state)
{
	(void)state;
	check(machine, "", "PC", "y");
	check(machine, "CONFIG_VISION=y\n", "VISION", "y");
	check(machine, "CONFIG_VISION=y\n", "PC", "n");
	/* A value that does not show is not taken. */
	check(machine, "CONFIG_BIG=y\n", "PC", "y");
	check(machine, "CONFIG_SMP=y\nCONFIG_BIG=y\n", "BIG", "y");
	/* A value under another value is no value of the choice. */
	check("choice\n\tprompt \"c\"\nconfig A\n\tbool \"a\"\nconfig A_MORE\n\tbool \"more\"\n"
	      "\tdepends on A\nconfig B\n\tbool \"b\"\nendchoice\n",
		"CONFIG_A_MORE=y\n", "A_MORE", "y");
	/* An optional choice is off until it is made. */
	check("choice\n\tprompt \"c\"\n\toptional\nconfig A\n\tbool \"a\"\nendchoice\n", "", "A",
		"n");
}

static void test_range(void **state)
{
	(void)state;
	const char *cpus =
		"config CPUS\n\tint \"cpus\"\n\trange 2 64 if BIG\n\trange 2 8\n\tdefault 32\n"
		"config BIG\n\tbool \"big\"\n";
	check(cpus, "CONFIG_BIG=y\n", "CPUS", "32");
	check(cpus, "", "CPUS", "8");
	check(cpus, "CONFIG_CPUS=1\n", "CPUS", "2");
}

static void test_visible_if(void **state)
{
	(void)state;
	const char *menu =
		"menu \"m\"\n\tvisible if HARD\nconfig A\n\tbool \"a\"\n\tdefault y\nendmenu\n"
		"config HARD\n\tbool \"hard\"\n";
	check(menu, "# CONFIG_A is not set\n", "A", "y"); /* no prompt shows: the default holds */
	check(menu, "CONFIG_HARD=y\n# CONFIG_A is not set\n", "A", "n");
}

static void test_help_ends_by_indentation(void **state)
{
	(void)state;
	check("config A\n\tbool\n\thelp\n\t  Text.\n\n\t  config B is not meant here\n\tdefault "
	      "y\n",
		"", "A", "y");
	check("config A\n\tbool\n\t---help---\n\t  default n\n  default y\n", "", "A", "y");
	check("config A\n\tbool\n\t--- help ---\n\tdefault n\n  default y\n", "", "A", "y");
	g_autoptr(kconfig) k = read_text("config A\n\tbool\n\thelp\n\t  config B\n\t  bool\n");
	assert_null(kconfig_find(k, "B"));
}

static void test_source(void **state)
{
	(void)state;
	const char *files[] = {"Kconfig",
		"source \"arch/$ARCH/Kconfig\"\nsource \"arch/$(ARCH)/More\"\n", "arch/x/Kconfig",
		"config A\n\tdef_bool y\n", "arch/x/More",
		"config B\n\tdef_bool y\nsource \"nowhere\"\n", NULL};
	g_autoptr(GHashTable) environment = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(environment, "ARCH", "x");
	g_autoptr(kconfig) k = read_with(files, environment);
	g_autoptr(kconfig_values) v = kconfig_values_new(k);
	assert_string_equal(kconfig_value(v, "A"), "y");
	assert_string_equal(kconfig_value(v, "B"), "y");
	assert_int_equal(kconfig_problems(k)->len, 1);
	assert_string_equal(
		g_ptr_array_index(kconfig_problems(k), 0), "arch/x/More:3: no file 'nowhere'");
}

static void test_source_loop_ends(void **state)
{
	(void)state;
	const char *files[] = {"Kconfig", "source \"Kconfig\"\nsource \"Kconfig\"\n", NULL};
	g_autoptr(kconfig) k = read_with(files, NULL);
	assert_true(kconfig_problems(k)->len > 0);
}

static void test_macros(void **state)
{
	(void)state;
	check("twice = $(1)$(1)\nname := $(twice,ab)\nconfig S\n\tstring\n\tdefault \"$(name)\"\n",
		"", "S", "abab");
	check("config A\n\tdef_bool $(cc-option,-fno-strict-aliasing)\n", "", "A", "y");
	check("config A\n\tdef_bool $(cc-option,-fconserve-stack)\n", "", "A", "n");
	/* What would run a command yields nothing; nothing is run. */
	check("config A\n\tstring\n\tdefault \"$(shell,touch /tmp/x; echo pwned)\"\n", "", "A", "");
	check("config A\n\tdef_bool $(success,test 14 -ge 11)\n", "", "A", "y");
	/* A macro that names itself ends. */
	check("a = $(a)$(a)\nconfig S\n\tstring\n\tdefault \"x$(a)\"\n", "", "S", "x");
}

static void test_comparisons(void **state)
{
	(void)state;
	check("config N\n\tint\n\tdefault 140006\nconfig A\n\tdef_bool N >= 9000\n", "", "A", "y");
	check("config S\n\tstring\n\tdefault \"x\"\nconfig A\n\tdef_bool S = \"x\"\n", "", "A",
		"y");
	check("config A\n\tdef_bool UNKNOWN = \"\"\n", "", "A", "n"); /* its value is its name */
}

/* A symbol that depends on itself through others ends, and is n. */
static void test_loops_end(void **state)
{
	(void)state;
	check("config A\n\tbool\n\tdefault B\nconfig B\n\tbool\n\tdefault A\n", "", "A", "n");
	check("config A\n\tbool \"a\"\n\tdepends on B\nconfig B\n\tbool \"b\"\n\tdepends on A\n",
		"CONFIG_A=y\nCONFIG_B=y\n", "A", "n");
}

static void test_require(void **state)
{
	(void)state;
	g_autoptr(kconfig) k = read_text(machine);
	g_autoptr(kconfig_values) v = kconfig_values_new(k);
	/* CLOCK has no prompt; it takes BIG, which takes the choice and SMP. */
	assert_true(kconfig_require(v, "CLOCK", TRI_Y));
	assert_string_equal(kconfig_value(v, "BIG"), "y");
	assert_string_equal(kconfig_value(v, "SMP"), "y");
	assert_string_equal(kconfig_value(v, "PC"), "n");
	assert_true(kconfig_require(v, "CLOCK", TRI_N));
	assert_string_equal(kconfig_value(v, "CLOCK"), "n");
}

static void test_require_undoes(void **state)
{
	(void)state;
	g_autoptr(kconfig) k = read_text("config A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\n"
					 "\tdepends on A && NOWHERE\n");
	g_autoptr(kconfig_values) v = kconfig_values_new(k);
	assert_false(kconfig_require(v, "B", TRI_Y));
	assert_string_equal(kconfig_value(v, "A"), "n");
	assert_false(kconfig_require(v, "NOWHERE", TRI_Y));
}

/* What is made to harm ends, in time and without exhausting the stack. */
static void test_hostile_text(void **state)
{
	(void)state;
	GString *text = g_string_new("config A\n\tbool\n\tdefault ");
	for (int i = 0; i < 20000; i++)
		g_string_append(text, "!(A&&");
	g_string_append(text, "\nconfig B\n\tbool\n\tdefault A");
	for (int i = 0; i < 20000; i++)
		g_string_append(text, "||A");
	g_string_append_c(text, '\n');
	for (int i = 0; i < 4000; i++)
		g_string_append(text, "menu \"m\"\nif A\n");
	for (int i = 0; i < 500; i++)
		g_string_append_printf(text, "config S%d\n\tbool \"s\"\n\tselect T\n", i);
	g_string_append(text, "config T\n\tbool\n\tdefault \"");
	for (int i = 0; i < 4000; i++)
		g_string_append(text, "$(");
	g_string_append(text, "\n");
	g_autoptr(kconfig) k = read_text(text->str);
	g_autoptr(kconfig_values) v = kconfig_values_new(k);
	kconfig_require(v, "T", TRI_Y);
	g_autofree char *header = kconfig_autoconf(v);
	assert_non_null(header);
	assert_true(kconfig_problems(k)->len > 0);
	g_string_free(text, TRUE);
}

static void test_autoconf(void **state)
{
	(void)state;
	g_autoptr(kconfig) k =
		read_text(MODULES "config A\n\ttristate \"a\"\nconfig B\n\tbool \"b\"\n"
				  "config S\n\tstring \"s\"\nconfig H\n\thex \"h\"\n");
	g_autoptr(kconfig_values) v = kconfig_values_new(k);
	const char *config = "CONFIG_MODULES=y\nCONFIG_A=m\n# CONFIG_B is not set\n"
			     "CONFIG_S=\"a \\\"b\\\"\"\nCONFIG_H=ff\n";
	kconfig_values_load(v, config, strlen(config));
	g_autofree char *header = kconfig_autoconf(v);
	assert_string_equal(header, "#define AUTOCONF_INCLUDED\n"
				    "#define CONFIG_A_MODULE 1\n"
				    "#define CONFIG_H 0xff\n"
				    "#define CONFIG_MODULES 1\n"
				    "#define CONFIG_S \"a \\\"b\\\"\"\n");
}

static void test_allyes_and_allno(void **state)
{
	(void)state;
	const char *text =
		MODULES "config A\n\ttristate \"a\"\nconfig B\n\tbool \"b\"\n\tdepends on !A\n"
			"config C\n\tbool \"c\"\n\tdefault y\n";
	g_autoptr(kconfig) k = read_text(text);
	g_autoptr(kconfig_values) yes = kconfig_values_new(k);
	kconfig_values_fill(yes, KCONFIG_FILL_YES);
	assert_string_equal(kconfig_value(yes, "A"), "y");
	assert_string_equal(kconfig_value(yes, "B"), "n");
	g_autoptr(kconfig_values) no = kconfig_values_new(k);
	kconfig_values_fill(no, KCONFIG_FILL_NO);
	assert_string_equal(kconfig_value(no, "C"), "n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_tristate),
		cmocka_unit_test(test_select_and_imply),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_range),
		cmocka_unit_test(test_visible_if),
		cmocka_unit_test(test_help_ends_by_indentation),
		cmocka_unit_test(test_source),
		cmocka_unit_test(test_source_loop_ends),
		cmocka_unit_test(test_macros),
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_loops_end),
		cmocka_unit_test(test_require),
		cmocka_unit_test(test_require_undoes),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_autoconf),
		cmocka_unit_test(test_allyes_and_allno),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
