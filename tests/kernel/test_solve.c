/* Kconfig solved: what can be had, and that the evaluator agrees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "kernel/kconfig_solve.h"

static GBytes *read_text(const char *path, void *data)
{
	return strcmp(path, "Kconfig") ? NULL : g_bytes_new_static(data, strlen(data));
}

typedef struct asked {
	const char *name;
	tristate at_least;
	bool opposite;
} asked;

static bool holds(kconfig_values *v, void *data)
{
	for (const asked *a = data; a->name; a++)
		if ((kconfig_tristate(v, a->name) >= a->at_least) == a->opposite)
			return false;
	return true;
}

/* The settings that a solver finds for these wishes, joined; "impossible" when there are none. */
static void check(const char *language, const char *config, const asked *wishes, const char *answer)
{
	kconfig_source source = {read_text, NULL, (void *)language};
	g_autoptr(kconfig) k = NULL;
	assert_true(kconfig_read(&k, "Kconfig", &source, NULL, NULL));
	g_autoptr(kconfig_values) usual = kconfig_values_new(k);
	kconfig_values_load(usual, config, strlen(config));
	g_autoptr(kconfig_solver) s = kconfig_solver_new(usual);
	g_autoptr(GArray) literals = g_array_new(FALSE, FALSE, sizeof(int));
	for (const asked *a = wishes; a->name; a++) {
		int l = kconfig_solver_literal(s, a->name, a->at_least);
		l = a->opposite ? -l : l;
		g_array_append_val(literals, l);
	}
	g_autoptr(kconfig_values) v = NULL;
	g_autoptr(GPtrArray) settings = NULL;
	sat_answer found = kconfig_solver_find(s, &v, &settings,
		(const int *)(void *)literals->data, literals->len, holds, (void *)wishes);
	if (found != SAT_FOUND) {
		assert_int_equal(found, SAT_IMPOSSIBLE);
		assert_string_equal(answer, "impossible");
		return;
	}
	assert_true(holds(v, (void *)wishes));
	g_ptr_array_add(settings, NULL);
	g_autofree char *got = g_strjoinv(" ", (char **)settings->pdata);
	assert_string_equal(got, answer);
}

#define WISH(...) ((const asked[]){__VA_ARGS__, {NULL, TRI_N, false}})
#define ON(name)                                                                                   \
	{                                                                                          \
		name, TRI_M, false                                                                 \
	}
#define OFF(name)                                                                                  \
	{                                                                                          \
		name, TRI_M, true                                                                  \
	}
#define MODULES "config MODULES\n\tbool \"modules\"\n"

static void test_depends(void **state)
{
	(void)state;
	const char *text = "config A\n\tbool \"a\"\n\tdepends on B && !C\n"
			   "config B\n\tbool\n\tdefault y if D\n"
			   "config C\n\tbool \"c\"\n\tdefault y\nconfig D\n\tbool \"d\"\n";
	check(text, "", WISH(ON("A")), "A=y C=n D=y");
	check(text, "", WISH(ON("A"), ON("C")), "impossible");
	check(text, "", WISH(ON("C")), "");
	check(text, "", WISH(ON("B"), OFF("D")), "impossible");
}

static void test_select(void **state)
{
	(void)state;
	const char *text =
		"config A\n\tbool\nconfig B\n\tbool \"b\"\n\tselect A\n"
		"config C\n\tbool \"c\"\n\tdepends on A\n"
		"config D\n\tbool \"d\"\n\tdefault y\n\timply E\nconfig E\n\tbool \"e\"\n";
	check(text, "", WISH(ON("C")), "B=y C=y");
	check(text, "", WISH(ON("C"), OFF("B")), "impossible");
	check(text, "CONFIG_B=y\n", WISH(OFF("A")), "B=n");
	check(text, "", WISH(ON("D"), OFF("E")), "E=n");
}

static void test_choice(void **state)
{
	(void)state;
	const char *text =
		"choice\n\tprompt \"c\"\n\tdefault A\nconfig A\n\tbool \"a\"\n"
		"config B\n\tbool \"b\"\nconfig C\n\tbool \"c\"\n\tdepends on D\n"
		"endchoice\nconfig D\n\tbool \"d\"\nconfig E\n\tbool \"e\"\n\tdepends on !A\n";
	check(text, "", WISH(ON("A")), "");
	check(text, "", WISH(ON("C")), "C=y D=y");
	check(text, "", WISH(ON("E")), "B=y E=y");
	check(text, "", WISH(ON("A"), ON("B")), "impossible");
	check(text, "", WISH(OFF("A"), OFF("B"), OFF("D")), "impossible");
}

/* A choice that a wish brings into view takes its own default. */
static void test_new_choice_has_its_default(void **state)
{
	(void)state;
	const char *text = "config V\n\tbool \"v\"\nif V\nchoice\n\tprompt \"c\"\n\tdefault B\n"
			   "config A\n\tbool \"a\"\nconfig B\n\tbool \"b\"\nendchoice\nendif\n";
	check(text, "", WISH(ON("V")), "V=y");
	check(text, "", WISH(ON("V"), ON("B")), "V=y");
}

static void test_tristate(void **state)
{
	(void)state;
	const char *text = MODULES "config T\n\ttristate \"t\"\n"
				   "config U\n\ttristate \"u\"\n\tdepends on T\n";
	const asked module[] = {{"T", TRI_M, false}, {"T", TRI_Y, true}, {NULL, TRI_N, false}};
	const asked built_in[] = {{"U", TRI_Y, false}, {"T", TRI_Y, true}, {NULL, TRI_N, false}};
	check(text, "", module, "MODULES=y T=m");
	check(text, "", built_in, "impossible");
	check("config T\n\ttristate \"t\"\n", "", module, "impossible");
}

static void test_numbers(void **state)
{
	(void)state;
	const char *text = "config W\n\tbool \"w\"\nconfig LEVELS\n\tint\n\tdefault 4 if W\n"
			   "\tdefault 2\nconfig N\n\tint \"n\"\n\tdefault 8\n"
			   "config A\n\tdef_bool LEVELS > 3\nconfig B\n\tdef_bool N = 1\n";
	check(text, "", WISH(ON("A")), "W=y");
	check(text, "CONFIG_W=y\n", WISH(OFF("A")), "W=n");
	check(text, "", WISH(ON("B")), "N=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_depends),
		cmocka_unit_test(test_select),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_new_choice_has_its_default),
		cmocka_unit_test(test_tristate),
		cmocka_unit_test(test_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
