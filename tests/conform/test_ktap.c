/* The suite's KTAP as data: what is taken, counted, and refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "conform/conform.h"
#include "conform/ktap.h"

#define GOOD \
	"# backend: acme, which fills 2 of 4 operations\n" \
	"KTAP version 1\n" \
	"1..4\n" \
	"# call sites: 1 made direct, 2 replaced by code\n" \
	"    KTAP version 1\n" \
	"    # Subtest: irq.save_fl\n" \
	"    1..1\n" \
	"    ok 1 shows the flag\n" \
	"ok 1 irq.save_fl\n" \
	"    1..2\n" \
	"    ok 1 never runs backwards\n" \
	"    # test_time.c:44: not (a < b)\n" \
	"    not ok 2 counts nanoseconds\n" \
	"not ok 2 time.sched_clock\n" \
	"    1..1\n" \
	"    ok 1 is the stack # SKIP a hypervisor keeps it\n" \
	"ok 3 cpu.load_sp0 # SKIP not to be seen here\n" \
	"    1..1\n" \
	"    ok 1 waits # SKIP not reached\n" \
	"ok 4 lock.wait # SKIP not to be seen here\n" \
	"# verdict: fail\n"

static conform_result *read_good(const char *text)
{
	conform_result *r = NULL;
	g_autoptr(GError) err = NULL;
	assert_true(conform_ktap_read(&r, text, strlen(text), &err));
	return r;
}

static void refuse(const char *text)
{
	conform_result *r = NULL;
	g_autoptr(GError) err = NULL;
	assert_false(conform_ktap_read(&r, text, strlen(text), &err));
	assert_null(r);
	assert_int_equal(err->code, TRUCE_ERROR_INTERNAL);
}

static void test_counts(void **state)
{
	(void)state;
	g_autoptr(conform_result) r = read_good(GOOD);
	assert_string_equal(r->backend, "acme, which fills 2 of 4 operations");
	assert_int_equal(r->operations->len, 4);
	assert_int_equal(r->ok, 1);
	assert_int_equal(r->failed, 1);
	assert_int_equal(r->skipped, 1);
	assert_int_equal(r->unreached, 1);
	assert_null(r->bail_out);
	const conform_operation *o = g_ptr_array_index(r->operations, 1);
	assert_string_equal(o->id, "time.sched_clock");
	assert_int_equal(o->failures->len, 1);
	const conform_failure *f = g_ptr_array_index(o->failures, 0);
	assert_string_equal(f->says, "counts nanoseconds");
	assert_string_equal(f->reason, "test_time.c:44: not (a < b)");
}

/* What contradicts itself or ends early is no report. */
static void test_refusals(void **state)
{
	(void)state;
	static const char *const cuts[] = {"ok 4 lock.wait", "KTAP version 1\n1..4", "1..4",
		"    not ok 2 counts", "not ok 2 time", "ok 1 irq.save_fl\n"};
	refuse("");
	refuse("ok 1 irq.save_fl\n");
	refuse("KTAP version 1\n1..1\nok 1 irq.save_fl\nok 2 irq.restore_fl\n");
	refuse("KTAP version 1\n1..1\nok one irq.save_fl\n");
	refuse("KTAP version 1\n1..1\n    gibberish\nok 1 irq.save_fl\n");
	for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
		g_autoptr(GString) text = g_string_new(GOOD);
		const char *at = strstr(text->str, cuts[i]);
		assert_non_null(at);
		g_string_erase(text, at - text->str, (gssize)strlen(cuts[i]));
		refuse(text->str);
	}
}

static void test_findings(void **state)
{
	(void)state;
	g_autoptr(conform_result) r = read_good(GOOD);
	g_autoptr(mediation) m = mediation_new();
	g_autoptr(GPtrArray) points = g_ptr_array_new();
	conform_find(m, r, "/somewhere/else/acme.o", points);
	assert_int_equal(m->series->len, 1);
	assert_int_equal(m->findings->len, 1);
	const finding *f = g_ptr_array_index(m->findings, 0);
	assert_string_equal(f->kind, "point.contract");
	assert_int_equal(f->severity, SEVERITY_ERROR);
	assert_string_equal(g_ptr_array_index(f->points, 0), "time.sched_clock");
	const location *l = g_ptr_array_index(f->locations, 0);
	assert_string_equal(l->path, "acme.o");
	assert_non_null(strstr(f->title, "counts nanoseconds"));
}

/* A run that ends outside of any test has a finding, too: nobody takes silence for success. */
static void test_bail_out(void **state)
{
	(void)state;
	static const char text[] = "KTAP version 1\n1..1\n    ok 1 waits # SKIP not reached\n"
				   "ok 1 lock.wait # SKIP not to be seen here\n"
				   "Bail out! the machine was switched off\n# verdict: fail\n";
	g_autoptr(conform_result) r = read_good(text);
	g_autoptr(mediation) m = mediation_new();
	g_autoptr(GPtrArray) points = g_ptr_array_new();
	conform_find(m, r, "acme.o", points);
	assert_int_equal(m->findings->len, 1);
	const finding *f = g_ptr_array_index(m->findings, 0);
	assert_non_null(strstr(f->title, "switched off"));
	assert_int_equal(f->points->len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_bail_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
