/* Facts of Kconfig files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "analyzers/kconfig/kconfig.h"

static fact_set *read_facts(fact_sink *sink, const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	analysis_unit unit = {.path = "arch/i386/Kconfig", .text = bytes};
	fact_sink_init(sink);
	assert_true(analyzer_kconfig.run(&unit, sink, NULL));
	fact_set *set = fact_sink_file(sink, "arch/i386/Kconfig", NULL);
	fact_set_finish(set);
	return set;
}

static const char text[] = "source \"init/Kconfig\"\n"
			   "menu \"Machine\"\n"
			   "\tdepends on X86\n"
			   "config FAST_HZ\n"
			   "\tint \"hz\"\n"
			   "\trange 100 MAX_HZ\n"
			   "\tdefault 250 if DESKTOP\n"
			   "\tdefault 100\n"
			   "\tselect TIMER\n"
			   "\tdepends on !SLOW\n"
			   "\thelp\n"
			   "\t  Help with config NOT_ME in it.\n"
			   "\n"
			   "config TIMER\n"
			   "\tbool\n"
			   "endmenu\n";

static void test_entities(void **state)
{
	(void)state;
	g_auto(fact_sink) sink = {0};
	fact_set *set = read_facts(&sink, text);
	assert_int_equal(set->entities->len, 2);
	const entity *e = &g_array_index(set->entities, entity, 0);
	assert_int_equal(e->kind, ENTITY_CONFIG_SYMBOL);
	assert_string_equal(e->name, "FAST_HZ");
	assert_string_equal(e->signature, "int");
	assert_string_equal(e->value, "250 if DESKTOP, 100");
	assert_string_equal(e->condition, "X86 && !SLOW");
	assert_int_equal(e->line, 4);
	assert_int_equal(e->end_line, 12);
	assert_string_equal(g_array_index(set->entities, entity, 1).name, "TIMER");
}

static void test_uses(void **state)
{
	(void)state;
	g_auto(fact_sink) sink = {0};
	fact_set *set = read_facts(&sink, text);
	GString *uses = g_string_new(NULL);
	for (guint i = 0; i < set->uses->len; i++) {
		const use *u = &g_array_index(set->uses, use, i);
		assert_int_equal(u->kind, USE_CONFIG);
		g_string_append_printf(uses, "%u %s %s %s\n", u->line, u->name, u->detail, u->in);
	}
	assert_string_equal(uses->str, "2 X86 depends \n"
				       "4 SLOW depends FAST_HZ\n"
				       "6 MAX_HZ range FAST_HZ\n"
				       "7 DESKTOP if FAST_HZ\n"
				       "9 TIMER select FAST_HZ\n");
	g_string_free(uses, TRUE);
}

/* Another help text is the same symbol; another default is not. */
static void test_body(void **state)
{
	(void)state;
	const char *texts[] = {"config A\n\tbool\n\tdefault y\n\thelp\n\t  One.\n",
		"config A\n\tbool\n\tdefault y\n\thelp\n\t  Two.\n",
		"config A\n\tbool\n\tdefault n\n"};
	guint64 body[3];
	for (size_t i = 0; i < 3; i++) {
		g_auto(fact_sink) sink = {0};
		fact_set *set = read_facts(&sink, texts[i]);
		body[i] = g_array_index(set->entities, entity, 0).body[0];
	}
	assert_int_equal(body[0], body[1]);
	assert_int_not_equal(body[0], body[2]);
}

static void test_claims(void **state)
{
	(void)state;
	assert_true(analyzer_kconfig.claims("Kconfig"));
	assert_true(analyzer_kconfig.claims("arch/i386/Kconfig.debug"));
	assert_false(analyzer_kconfig.claims("scripts/kconfig/conf.c"));
	assert_false(analyzer_kconfig.claims("Makefile"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entities),
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_claims),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
