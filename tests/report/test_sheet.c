/* What the text reports are laid out with: widths, cuts, breaks, tables, tallies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "report/sheet.h"
#include "report/table.h"
#include "report/tally.h"

static void test_columns(void **state)
{
	(void)state;
	assert_int_equal(sheet_columns("abc"), 3);
	assert_int_equal(sheet_columns("\xe4\xb8\xad\xe6\x96\x87"), 4); /* two wide characters */
	assert_int_equal(sheet_columns("e\xcc\x81"), 1);		/* a combining accent */
	g_autofree char *line = sheet_line("a\tb\nc\033[1m\x9b\xff");
	assert_string_equal(line, "a b c\xef\xbf\xbd[1m\xef\xbf\xbd\xef\xbf\xbd");
}

static void test_cut(void **state)
{
	(void)state;
	sheet ascii = {.width = 80}, unicode = {.width = 80, .unicode = true};
	static const struct {
		const char *text;
		unsigned columns;
		const char *ascii, *unicode, *left;
	} cases[] = {
		{"abcdefgh", 8, "abcdefgh", "abcdefgh", "abcdefgh"},
		{"abcdefgh", 6, "abc...", "abcde…", "…defgh"},
		{"abcdefgh", 2, "ab", "a…", "…h"},
		/* A wide character that would stick out goes whole. */
		{"\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad", 4, ".", "中…", "…中"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *a = sheet_cut(&ascii, cases[i].text, cases[i].columns);
		g_autofree char *u = sheet_cut(&unicode, cases[i].text, cases[i].columns);
		g_autofree char *l = sheet_cut_left(&unicode, cases[i].text, cases[i].columns);
		assert_true(sheet_columns(a) <= cases[i].columns);
		assert_string_equal(u, cases[i].unicode);
		assert_string_equal(l, cases[i].left);
		if (i < 3)
			assert_string_equal(a, cases[i].ascii);
	}
}

static void wraps(unsigned width, unsigned indent, const char *text, const char *want)
{
	g_autoptr(GString) out = g_string_new(NULL);
	sheet s = {.out = out, .width = width};
	sheet_wrap(&s, STYLE_PLAIN, 0, indent, text);
	assert_string_equal(out->str, want);
}

static void test_wrap(void **state)
{
	(void)state;
	wraps(20, 2, "one two three four five six", "one two three four\n  five six\n");
	wraps(20, 0, "one\n\ntwo\n", "one\n\ntwo\n");
	wraps(24, 0, "a:\n- one two three four five\n  - six\n",
		"a:\n- one two three four\n  five\n  - six\n");
	wraps(20, 0, "averylongwordthatcannotbebroken x", "averylongwordthatcannotbebroken\nx\n");
	wraps(20, 0, "", "\n");
	/* The blanks that an inner list begins with count once. */
	wraps(26, 4, "  - one two three four five", "  - one two three four\n        five\n");
	/* What stands before it on its line stays there. */
	g_autoptr(GString) out = g_string_new("[1] ");
	sheet s = {.out = out, .width = 20};
	sheet_wrap(&s, STYLE_PLAIN, 4, 2, "one two three fours");
	assert_string_equal(out->str, "[1] one two three\n  fours\n");
}

static void test_table(void **state)
{
	(void)state;
	g_autoptr(table) t = table_new();
	g_autoptr(GString) out = g_string_new(NULL);
	sheet s = {.out = out, .width = 30};
	table_column(t, "n", TABLE_RIGHT, false);
	table_column(t, "subject", TABLE_LEFT, true);
	table_column(t, "who", TABLE_LEFT, false);
	table_number(t, STYLE_PLAIN, 7);
	table_cell(t, STYLE_PLAIN, "a subject that is far too long");
	table_cell(t, STYLE_PLAIN, "me");
	table_number(t, STYLE_PLAIN, 12);
	table_cell(t, STYLE_PLAIN, NULL);
	table_cell(t, STYLE_PLAIN, "you");
	assert_int_equal(table_rows(t), 2);
	table_print(t, &s, 1);
	assert_string_equal(out->str, "  n  subject               who\n"
				      "  7  a subject that is...  me\n"
				      " 12                        you\n");
}

/* Where columns cannot be made narrow enough, a row is a short list. */
static void test_narrow_table(void **state)
{
	(void)state;
	g_autoptr(table) t = table_new();
	g_autoptr(GString) out = g_string_new(NULL);
	sheet s = {.out = out, .width = 40};
	static const char *const titles[] = {
		"series", "patches", "files", "added", "deleted", "read"};
	static const char *const cells[] = {"one", "6", "21", "263", "", "70.6 %"};
	for (size_t i = 0; i < G_N_ELEMENTS(titles); i++)
		table_column(t, titles[i], i ? TABLE_RIGHT : TABLE_LEFT, !i);
	for (size_t i = 0; i < G_N_ELEMENTS(cells); i++)
		table_cell(t, STYLE_PLAIN, cells[i]);
	table_print(t, &s, 2);
	assert_string_equal(out->str, "  one\n"
				      "    patches 6, files 21, added 263, read\n"
				      "    70.6 %\n");
}

static void add_evidence(point_side *side, evidence_weight weight, const char *kind)
{
	evidence *e = evidence_new();
	e->weight = weight;
	e->kind = g_strdup(kind);
	g_ptr_array_add(side->evidence, e);
}

static void how(const point_side *side, unsigned columns, const char *want)
{
	g_autofree char *got = tally_side_how(side, columns);
	assert_string_equal(got, want);
}

static void test_how(void **state)
{
	(void)state;
	g_autoptr(point_side) side = point_side_new();
	how(side, 0, "");
	side->state = POINT_HOOKED;
	how(side, 0, "hooked");
	add_evidence(side, EVIDENCE_OVERRIDE, "shadow-copy");
	add_evidence(side, EVIDENCE_THROUGH, "hypercall");
	add_evidence(side, EVIDENCE_OVERRIDE, "shadow-copy");
	add_evidence(side, EVIDENCE_MOVED, "moved");
	add_evidence(side, EVIDENCE_THROUGH, "ops-table");
	how(side, 0, "shadow copy, hypercall, ops table");
	how(side, 33, "shadow copy, hypercall, ops table");
	how(side, 32, "shadow copy, hypercall +1");
	how(side, 24, "shadow copy +2");
	how(side, 5, "shadow copy");
	side->state = POINT_TOUCHED;
	how(side, 0, "moved");
}

static void test_hunks(void **state)
{
	(void)state;
	g_autoptr(GPtrArray) hunks = g_ptr_array_new_with_free_func((GDestroyNotify)plan_hunk_free);
	static const unsigned numbers[] = {7, 1, 2, 3, 5};
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		g_ptr_array_add(hunks, plan_hunk_new(0, "b.c", numbers[i]));
	g_ptr_array_add(hunks, plan_hunk_new(0, "a.bin", 0));
	g_ptr_array_add(hunks, plan_hunk_new(1, "a.c", 1));
	((plan_hunk *)g_ptr_array_index(hunks, 3))->fate = HUNK_STOOD_FOR;
	g_autoptr(GPtrArray) paths = tally_hunks(hunks);
	static const char *const want[] = {
		"0 a.bin 1 all of it",
		"0 b.c 4 1-2, 5, 7",
		"0 b.c 1 3 (another one stands for it)",
		"1 a.c 1 1",
	};
	assert_int_equal(paths->len, G_N_ELEMENTS(want));
	for (guint i = 0; i < paths->len; i++) {
		const path_hunks *p = g_ptr_array_index(paths, i);
		g_autofree char *got =
			g_strdup_printf("%u %s %u %s", p->series, p->path, p->count, p->hunks);
		assert_string_equal(got, want[i]);
	}
}

static void test_numbers(void **state)
{
	(void)state;
	static const struct {
		guint64 part, whole;
		const char *want;
	} cases[] = {{0, 0, "100 %"}, {1, 3, "33.3 %"}, {9999, 10000, "99.9 %"}, {5, 5, "100 %"},
		{0, 7, "0.0 %"}};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = tally_percent(cases[i].part, cases[i].whole);
		assert_string_equal(got, cases[i].want);
	}
	g_autofree char *whole = tally_place("a.c", 0, 0);
	g_autofree char *one = tally_place("a.c", 3, 3);
	g_autofree char *more = tally_place("a.c", 3, 9);
	assert_string_equal(whole, "a.c");
	assert_string_equal(one, "a.c:3");
	assert_string_equal(more, "a.c:3-9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_narrow_table),
		cmocka_unit_test(test_how),
		cmocka_unit_test(test_hunks),
		cmocka_unit_test(test_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
