/* Facts of makefiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "analyzers/kbuild/kbuild.h"

static char *objects(const char *path, const char *text)
{
	g_auto(fact_sink) sink = {0};
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	analysis_unit unit = {.path = (char *)path, .text = bytes};
	fact_sink_init(&sink);
	assert_true(analyzer_kbuild.run(&unit, &sink, NULL));
	fact_set *set = fact_sink_file(&sink, path, NULL);
	fact_set_finish(set);
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < set->entities->len; i++) {
		const entity *e = &g_array_index(set->entities, entity, i);
		assert_int_equal(e->kind, ENTITY_BUILD_OBJECT);
		g_string_append_printf(
			out, "%u %s %s [%s]\n", e->line, e->name, e->value, e->condition);
	}
	for (guint i = 0; i < set->uses->len; i++) {
		const use *u = &g_array_index(set->uses, use, i);
		g_string_append_printf(out, "%u uses %s\n", u->line, u->name);
	}
	return g_string_free(out, FALSE);
}

static void test_objects(void **state)
{
	(void)state;
	g_autofree char *got = objects("arch/i386/kernel/Makefile",
		"obj-y := traps.o \\\n\tirq.o\n"
		"obj-$(CONFIG_TIMERS) += timers/\n"
		"ifdef CONFIG_SMP\nobj-y += smp.o ../lib/locks.o\nendif\n");
	assert_string_equal(got, "1 arch/i386/kernel/irq.o obj-y []\n"
				 "1 arch/i386/kernel/traps.o obj-y []\n"
				 "3 arch/i386/kernel/timers/ obj-$(CONFIG_TIMERS) [CONFIG_TIMERS]\n"
				 "5 arch/i386/kernel/smp.o obj-y [CONFIG_SMP]\n"
				 "5 arch/i386/lib/locks.o obj-y [CONFIG_SMP]\n"
				 "3 uses TIMERS\n4 uses SMP\n");
}

static void test_architecture_names_from_the_root(void **state)
{
	(void)state;
	g_autofree char *got = objects("arch/i386/Makefile",
		"mcore-y := mach-default\nmcore-$(CONFIG_VISION) := mach-vision\n"
		"core-y += arch/i386/$(mcore-y)/\n");
	assert_string_equal(got, "3 arch/i386/mach-default/ core-y [!CONFIG_VISION]\n"
				 "3 arch/i386/mach-vision/ core-y [CONFIG_VISION]\n"
				 "2 uses VISION\n");
}

static void test_claims(void **state)
{
	(void)state;
	assert_true(analyzer_kbuild.claims("drivers/net/Makefile"));
	assert_true(analyzer_kbuild.claims("Kbuild"));
	assert_true(analyzer_kbuild.claims("arch/i386/Makefile.cpu"));
	assert_false(analyzer_kbuild.claims("Makefile.c/x.c"));
	assert_false(analyzer_kbuild.claims("Kconfig"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_architecture_names_from_the_root),
		cmocka_unit_test(test_claims),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
