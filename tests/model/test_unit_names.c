/* Units that names speak of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "model/unit_names.h"

static void names_speak_of_units(void **state)
{
	(void)state;
	assert_int_equal(unit_of_name("vmi_get_sched_cycles"), UNIT_CYCLES);
	assert_int_equal(unit_of_name("VMI_CYCLES_AVAILABLE"), UNIT_CYCLES);
	assert_int_equal(unit_of_name("get_nsec_offset"), UNIT_NS);
	assert_int_equal(unit_of_name("getCyclesNow"), UNIT_CYCLES);
	assert_int_equal(unit_of_name("pfn"), UNIT_GUEST_FRAMES);
	assert_int_equal(unit_of_name("sched_clock"), UNITS);
	assert_int_equal(unit_of_name("bicycle"), UNITS);
	/* cycles a second are no cycles; what a frequency of a counter is in, nobody says */
	assert_int_equal(unit_of_name("vmi_get_cycle_frequency"), UNIT_HZ);
	assert_int_equal(unit_of_name("GetCycleFrequency"), UNIT_HZ);
	assert_int_equal(unit_of_name("tsc_freq"), UNITS);
	assert_int_equal(unit_of_name(""), UNITS);
}

static void a_conversion_is_about_what_comes_out(void **state)
{
	(void)state;
	assert_int_equal(unit_of_name("cycles_2_ns"), UNIT_NS);
	assert_int_equal(unit_of_name("ns_to_cycles"), UNIT_CYCLES);
	assert_int_equal(unit_of_name("pfn_to_mfn"), UNIT_MACHINE_FRAMES);
	assert_int_equal(unit_of_name("pfn_to_page"), UNITS);
	/* two units and no direction: nothing is claimed */
	assert_int_equal(unit_of_name("tsc_khz"), UNITS);
}

static void words_of_catalogues(void **state)
{
	(void)state;
	for (unit u = 0; u < UNITS; u++)
		assert_int_equal(unit_parse(unit_name(u)), u);
	assert_int_equal(unit_parse("furlongs"), UNITS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_speak_of_units),
		cmocka_unit_test(a_conversion_is_about_what_comes_out),
		cmocka_unit_test(words_of_catalogues),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
