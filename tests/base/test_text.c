/* Text: what is shown, ordered and matched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void check_printable(const char *raw, const char *want)
{
	g_autofree char *got = text_printable(raw, strlen(raw));
	assert_string_equal(got, want);
}

static void test_printable(void **state)
{
	(void)state;
	check_printable("plain\ttext\n", "plain\ttext\n");
	check_printable("\x1b[31mred\r\x7f", "\xef\xbf\xbd[31mred\xef\xbf\xbd\xef\xbf\xbd");
	check_printable("\xc2\x9b"
			"2J",
		"\xef\xbf\xbd"
		"2J"); /* CSI as one character */
	check_printable("J\xfcrgen", "J\xef\xbf\xbdrgen");
	check_printable("J\xc3\xbcrgen \xe4\xb8\xad", "J\xc3\xbcrgen \xe4\xb8\xad");
}

/* Code that reads other than it runs: /\* RLI } PDI if (admin) LRI begin *\/ */
static void test_printable_directions(void **state)
{
	(void)state;
	check_printable("a\xe2\x80\xae"
			"b",
		"a<U+202E>b");
	check_printable("\xe2\x81\xa6x\xe2\x81\xa9", "<U+2066>x<U+2069>");
	check_printable("\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", "<U+061C><U+200E><U+200F>");
	check_printable("one\xe2\x80\xa8two", "one<U+2028>two");
}

static void test_natural(void **state)
{
	(void)state;
	assert_true(text_natural_compare("2.patch", "10.patch") < 0);
	assert_true(text_natural_compare("a", "b") < 0);
	assert_true(text_natural_compare("01", "1") != 0);
	assert_int_equal(text_natural_compare("x1", "x1"), 0);
}

static void test_lines(void **state)
{
	(void)state;
	line_index ix;
	line_index_init(&ix, "one\ntwo", 7);
	assert_int_equal(ix.count, 2);
	assert_int_equal(line_index_get(&ix, 1).len, 4);
	assert_int_equal(line_index_get(&ix, 2).len, 3);
	assert_int_equal(line_index_get(&ix, 3).len, 0);
	assert_int_equal(line_index_find(&ix, 4), 2);
	line_index_clear(&ix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_printable),
		cmocka_unit_test(test_printable_directions),
		cmocka_unit_test(test_natural),
		cmocka_unit_test(test_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
