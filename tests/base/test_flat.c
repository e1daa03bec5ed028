/* Flat records: what is put comes back, and damage is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/flat.h"

static GByteArray *sample(void)
{
	GByteArray *to = g_byte_array_new();
	flat_put_number(to, G_MAXUINT64);
	flat_put_text(to, "eleven byte");
	flat_put_text(to, NULL);
	flat_put_text(to, "");
	flat_put_bytes(to, "a\0b", 3);
	flat_put_bytes(to, NULL, 0);
	return to;
}

static void test_round_trip(void **state)
{
	(void)state;
	g_autoptr(GByteArray) record = sample();
	flat_reader r;
	gsize len;
	flat_reader_init(&r, record->data, record->len);
	assert_true(flat_number(&r) == G_MAXUINT64);
	assert_string_equal(flat_text(&r), "eleven byte");
	assert_null(flat_text(&r));
	assert_string_equal(flat_text(&r), "");
	assert_false(flat_is_read(&r));
	const char *bytes = flat_bytes(&r, &len);
	assert_int_equal(len, 3);
	assert_memory_equal(bytes, "a\0b", 3);
	assert_int_equal((guintptr)(bytes - (const char *)record->data) % 8, 0);
	assert_null(flat_bytes(&r, &len));
	assert_int_equal(len, 0);
	assert_true(flat_is_read(&r));
}

/* Reads all of it as it was put; the answer is whether nothing was bad. */
static bool reads(const void *data, gsize len)
{
	flat_reader r;
	gsize bytes;
	flat_reader_init(&r, data, len);
	(void)flat_number(&r);
	for (int i = 0; i < 3; i++)
		(void)flat_text(&r);
	for (int i = 0; i < 2; i++)
		(void)flat_bytes(&r, &bytes);
	return flat_is_read(&r);
}

static void test_cut_anywhere(void **state)
{
	(void)state;
	g_autoptr(GByteArray) record = sample();
	assert_true(reads(record->data, record->len));
	for (guint len = 0; len < record->len; len++) {
		/* a copy of its own, so that a sanitizer sees a step too far */
		g_autofree guint8 *part = g_memdup2(record->data, len);
		assert_false(reads(part, len));
	}
}

static void test_lengths_that_are_not_there(void **state)
{
	(void)state;
	static const guint64 lengths[] = {1, 9, G_MAXINT64, G_MAXUINT64 - 1, G_MAXUINT64 - 7};
	for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
		g_autoptr(GByteArray) record = g_byte_array_new();
		flat_put_number(record, lengths[i]);
		flat_reader r;
		gsize len;
		flat_reader_init(&r, record->data, record->len);
		assert_null(flat_text(&r));
		assert_true(r.bad);
		flat_reader_init(&r, record->data, record->len);
		assert_null(flat_bytes(&r, &len));
		assert_int_equal(len, 0);
		assert_true(r.bad);
		/* bad stays bad */
		assert_true(flat_number(&r) == 0);
		assert_false(flat_is_read(&r));
	}
}

/* A text has one NUL, and that at its end. */
static void test_texts(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		gsize len;
	} wrong[] = {{"", 0}, {"abc", 3}, {"a\0b", 4}};
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GByteArray) record = g_byte_array_new();
		flat_put_bytes(record, wrong[i].bytes, wrong[i].len);
		flat_reader r;
		flat_reader_init(&r, record->data, record->len);
		assert_null(flat_text(&r));
		assert_true(r.bad);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_lengths_that_are_not_there),
		cmocka_unit_test(test_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
