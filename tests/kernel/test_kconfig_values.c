/* Configurations at rest: the same answers as before, and as those of one that never rested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "kernel/kconfig.h"

static const char language[] = "config MODULES\n\tbool \"modules\"\n"
			       "config NET\n\ttristate \"net\"\n"
			       "config WIFI\n\ttristate \"wifi\"\n\tdepends on NET\n\tselect CRC\n"
			       "config CRC\n\ttristate\n"
			       "config NAME\n\tstring \"name\"\n\tdefault \"none\"\n"
			       "config CPUS\n\tint \"cpus\"\n\trange 1 64\n\tdefault 8\n"
			       "choice\n\tprompt \"memory\"\n"
			       "config FLAT\n\tbool \"flat\"\n"
			       "config SPARSE\n\tbool \"sparse\"\n"
			       "endchoice\n";

static GBytes *read_language(const char *path, void *data)
{
	(void)data;
	return strcmp(path, "Kconfig") ? NULL : g_bytes_new_static(language, strlen(language));
}

static kconfig *read_it(void)
{
	kconfig_source source = {read_language, NULL, NULL};
	kconfig *k = NULL;
	assert_true(kconfig_read(&k, "Kconfig", &source, NULL, NULL));
	return k;
}

static void load(kconfig_values *v, const char *text)
{
	kconfig_values_load(v, text, strlen(text));
}

static void same(kconfig_values *a, kconfig_values *b)
{
	g_autofree char *left = kconfig_dotconfig(a), *right = kconfig_dotconfig(b);
	assert_string_equal(left, right);
}

/* Texts and a choice differ from the defaults; NAME is the defaults' own. */
static const char defaults[] = "CONFIG_MODULES=y\nCONFIG_NET=m\nCONFIG_NAME=\"first\"\n";
static const char other[] = "CONFIG_NET=y\nCONFIG_WIFI=m\nCONFIG_CPUS=3\nCONFIG_SPARSE=y\n";

static void test_wakes(void **state)
{
	(void)state;
	g_autoptr(kconfig) k = read_it();
	g_autoptr(kconfig_values) usual = kconfig_values_new(k);
	load(usual, defaults);
	g_autoptr(kconfig_values) v = kconfig_values_copy(usual);
	load(v, other);
	g_autoptr(kconfig_values) never = kconfig_values_copy(v);
	const char *name = kconfig_value(v, "NAME");
	kconfig_values_rest(v, usual);
	assert_string_equal(name, "first"); /* what was told holds on */
	assert_string_equal(kconfig_value(v, "CPUS"), "3");
	assert_int_equal(kconfig_tristate(v, "CRC"), TRI_M);
	same(v, never);
	kconfig_values_rest(v, usual);
	kconfig_values_rest(v, usual); /* sleeps already */
	same(v, never);
}

static void test_copy_of_one_at_rest(void **state)
{
	(void)state;
	g_autoptr(kconfig) k = read_it();
	g_autoptr(kconfig_values) usual = kconfig_values_new(k);
	load(usual, defaults);
	g_autoptr(kconfig_values) v = kconfig_values_copy(usual);
	load(v, other);
	g_autoptr(kconfig_values) never = kconfig_values_copy(v);
	kconfig_values_rest(v, usual);
	g_autoptr(kconfig_values) copy = kconfig_values_copy(v);
	same(copy, never);
	same(v, never);
}

/* Setting and requiring start from what was set before. */
static void test_set_at_rest(void **state)
{
	(void)state;
	g_autoptr(kconfig) k = read_it();
	g_autoptr(kconfig_values) usual = kconfig_values_new(k);
	load(usual, defaults);
	g_autoptr(kconfig_values) v = kconfig_values_copy(usual);
	load(v, other);
	kconfig_values_rest(v, usual);
	assert_true(kconfig_values_set(v, "NAME", "second"));
	assert_string_equal(kconfig_value(v, "NAME"), "second");
	assert_string_equal(kconfig_value(v, "CPUS"), "3");
	kconfig_values_rest(v, usual);
	assert_true(kconfig_require(v, "FLAT", TRI_Y));
	assert_int_equal(kconfig_tristate(v, "SPARSE"), TRI_N);
	assert_int_equal(kconfig_tristate(v, "WIFI"), TRI_M);
	kconfig_values_rest(usual, usual); /* nothing to be like: stays awake */
	assert_int_equal(kconfig_tristate(usual, "NET"), TRI_M);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wakes),
		cmocka_unit_test(test_copy_of_one_at_rest),
		cmocka_unit_test(test_set_at_rest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
