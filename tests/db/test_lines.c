/* Runs of lines: what goes in comes out, and damaged bytes are refused. */
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "db/lines.h"

static void test_round_trip(void **state)
{
	(void)state;
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	for (guint round = 0; round < 2000; round++) {
		unsigned count = (unsigned)g_rand_int_range(rand, 0, 300);
		g_autofree unsigned *by = g_new(unsigned, count + 1);
		unsigned now = 0;
		for (unsigned i = 0; i < count; i++) {
			if (!g_rand_int_range(rand, 0, 9))
				now = g_rand_int(rand) >> g_rand_int_range(rand, 0, 32);
			by[i] = now;
		}
		g_autoptr(GByteArray) bytes = lines_encode(by, count);
		g_autofree unsigned *back = lines_decode(bytes->data, bytes->len, count);
		assert_non_null(back);
		assert_memory_equal(by, back, count * sizeof *by);
		assert_null(lines_decode(bytes->data, bytes->len, count + 1));
		if (count)
			assert_null(lines_decode(bytes->data, bytes->len - 1, count));
	}
}

static void test_compact(void **state)
{
	(void)state;
	g_autofree unsigned *by = g_new0(unsigned, 40000);
	for (unsigned i = 0; i < 40000; i++)
		by[i] = i < 30000 ? 1 : 24;
	g_autoptr(GByteArray) bytes = lines_encode(by, 40000);
	assert_int_equal(bytes->len, 7);
}

static void assert_refused(const void *bytes, size_t len, unsigned count)
{
	assert_null(lines_decode(bytes, len, count));
}

static void test_damage(void **state)
{
	(void)state;
	assert_refused("", 0, 1);
	assert_refused("\x01", 1, 1);
	assert_refused("\x01\x00", 2, 0);
	assert_refused("\x01\x02", 2, 1);
	assert_refused("\x01\xff\xff\xff\xff\xff\x7f", 7, 1);
	assert_refused("\x01\xff\xff\xff\xff\x7f", 6, 0xffffffff);
	assert_refused("\x01\xff\xff\xff\xff\x0f", 6, 0xffffffff); /* more lines than a file has */
	g_autoptr(GRand) rand = g_rand_new_with_seed(2);
	for (guint round = 0; round < 20000; round++) {
		guint8 bytes[12];
		size_t len = (size_t)g_rand_int_range(rand, 0, sizeof bytes);
		for (size_t i = 0; i < len; i++)
			bytes[i] = (guint8)g_rand_int_range(rand, 0, round % 2 ? 256 : 4);
		unsigned count = (unsigned)g_rand_int_range(rand, 0, 12);
		g_autofree unsigned *by = lines_decode(bytes, len, count);
		if (!by)
			continue;
		/* What was accepted means the same when it is written anew. */
		g_autoptr(GByteArray) again = lines_encode(by, count);
		g_autofree unsigned *same = lines_decode(again->data, again->len, count);
		assert_memory_equal(by, same, count * sizeof *by);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_compact),
		cmocka_unit_test(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
