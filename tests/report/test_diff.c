/* Hunks of a side at the places of a finding: what is chosen, shown, and left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "report/advice.h"
#include "report/diff.h"

enum { OLD = 1, NEW, BINARY };

/* Lines "old 1".."old 200" and "new 1".."new 200". */
static GBytes *read_lines(const oid *id, void *data)
{
	(void)data;
	if (id->bytes[0] == BINARY)
		return g_bytes_new_static("\0\1", 2);
	GString *text = g_string_new(NULL);
	for (unsigned i = 1; i <= 200; i++)
		g_string_append_printf(text, "%s %u%s\n", id->bytes[0] == OLD ? "old" : "new", i,
			i == 50 ? "\033[31m" : "");
	return g_string_free_to_bytes(text);
}

static const report_options with_code = {.read = read_lines};

static file_change *add_change(series *s, const char *path, change_status status)
{
	file_change *c = file_change_new(path);
	c->status = status;
	c->old_oid.bytes[0] = status == CHANGE_ADDED ? 0 : OLD;
	c->new_oid.bytes[0] = status == CHANGE_DELETED ? 0 : NEW;
	g_ptr_array_add(s->changes, c);
	return c;
}

static void add_hunk(file_change *c, unsigned old_start, unsigned old_count, unsigned new_start,
	unsigned new_count)
{
	change_hunk h = {old_start, old_count, new_start, new_count, g_new0(unsigned, old_count),
		g_new0(unsigned, new_count)};
	g_array_append_val(c->hunks, h);
}

static void place(finding *f, tree_at at, const char *path, unsigned line, unsigned end_line)
{
	location *l = location_new();
	l->series = 0;
	l->at = at;
	l->path = g_strdup(path);
	l->line = line;
	l->end_line = end_line;
	g_ptr_array_add(f->locations, l);
}

static mediation *one_series(void)
{
	mediation *m = mediation_new();
	series *s = series_new("one");
	s->changes = g_ptr_array_new_with_free_func((GDestroyNotify)file_change_free);
	g_ptr_array_add(m->series, s);
	return m;
}

static series *first(mediation *m)
{
	return g_ptr_array_index(m->series, 0);
}

static void expect(const mediation *m, const finding *f, const char *text)
{
	g_autoptr(GString) out = g_string_new(NULL);
	assert_int_equal(diff_of_side(out, m, f, 0, &with_code), *text != 0);
	assert_string_equal(out->str, text);
}

static void test_places(void **state)
{
	(void)state;
	g_autoptr(mediation) m = one_series();
	file_change *c = add_change(first(m), "a.c", CHANGE_MODIFIED);
	add_hunk(c, 10, 1, 10, 2);
	add_hunk(c, 12, 0, 14, 1);   /* two lines later */
	add_hunk(c, 100, 2, 102, 0); /* a pure deletion */
	g_autoptr(finding) f = finding_new("text.conflict");
	place(f, AT_TIP, "a.c", 14, 14);
	/* Context stops at the neighbour that is not shown. */
	expect(m, f,
		"--- a/a.c\n+++ b/a.c\n@@ -11,5 +12,6 @@\n new 12\n new 13\n+new 14\n new 15\n"
		" new 16\n new 17\n");
	/* Two neighbours: no line of context twice. */
	place(f, AT_TIP, "a.c", 10, 10);
	expect(m, f,
		"--- a/a.c\n+++ b/a.c\n@@ -7,6 +7,7 @@\n new 7\n new 8\n new 9\n-old 10\n+new 10\n"
		"+new 11\n new 12\n new 13\n@@ -13,3 +14,4 @@\n+new 14\n new 15\n new 16\n"
		" new 17\n");
	/* By lines of the base; the gap of the deletion counts in the tip. */
	for (int base = 0; base < 2; base++) {
		g_autoptr(finding) gone = finding_new("text.conflict");
		place(gone, base ? AT_BASE : AT_TIP, "a.c", base ? 101 : 102, 0);
		expect(m, gone,
			"--- a/a.c\n+++ b/a.c\n@@ -97,8 +100,6 @@\n new 100\n new 101\n new 102\n"
			"-old 100\n-old 101\n new 103\n new 104\n new 105\n");
	}
	/* Nothing of it, another path, no blobs. */
	g_autoptr(finding) none = finding_new("text.conflict");
	place(none, AT_TIP, "a.c", 40, 60);
	place(none, AT_TIP, "b.c", 14, 14);
	place(none, AT_MERGED, "a.c", 14, 14);
	expect(m, none, "");
	g_autoptr(GString) out = g_string_new(NULL);
	assert_false(diff_of_side(out, m, f, 0, NULL));
	assert_false(diff_of_side(out, m, f, 1, &with_code));
	assert_false(diff_of_side(out, m, f, -1, &with_code));
	c->new_oid.bytes[0] = BINARY;
	expect(m, f, "");
}

/* Lines of `text` that begin so. */
static unsigned count(const char *text, const char *begin)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	unsigned n = 0;
	for (char **line = lines; *line; line++)
		n += g_str_has_prefix(*line, begin);
	return n;
}

static void test_bounds(void **state)
{
	(void)state;
	g_autoptr(mediation) m = one_series();
	file_change *added = add_change(first(m), "added.c", CHANGE_ADDED);
	add_hunk(added, 0, 0, 1, 200);
	file_change *gone = add_change(first(m), "gone.c", CHANGE_DELETED);
	add_hunk(gone, 1, 200, 0, 0);
	file_change *many = add_change(first(m), "many.c", CHANGE_MODIFIED);
	for (unsigned i = 0; i < 9; i++)
		add_hunk(many, 20 * i + 1, 1, 20 * i + 1, 1);
	g_autoptr(GString) out = g_string_new(NULL);

	/* Of a long hunk, the lines that the finding names. */
	g_autoptr(finding) f = finding_new("code.signature");
	place(f, AT_TIP, "added.c", 50, 52);
	assert_true(diff_of_side(out, m, f, 0, &with_code));
	assert_non_null(
		strstr(out->str, "--- /dev/null\n+++ b/added.c\n@@ -0,0 +47,9 @@\n+new 47\n"));
	assert_non_null(strstr(out->str, "+new 55\n# 191 more lines of this hunk\n"));
	assert_null(strchr(out->str, '\033'));

	/* Of a long place no more than the limit. */
	g_autoptr(finding) whole = finding_new("code.signature");
	place(whole, AT_TIP, "added.c", 0, 0);
	g_string_truncate(out, 0);
	assert_true(diff_of_side(out, m, whole, 0, &with_code));
	assert_int_equal(count(out->str, "+new "), DIFF_MOST_LINES);
	g_autoptr(finding) last = finding_new("code.signature");
	place(last, AT_TIP, "added.c", 199, 200);
	g_string_truncate(out, 0);
	assert_true(diff_of_side(out, m, last, 0, &with_code));
	assert_non_null(strstr(out->str, "+new 200\n"));
	g_autoptr(finding) removed = finding_new("code.removed-in-use");
	place(removed, AT_BASE, "gone.c", 0, 0);
	g_string_truncate(out, 0);
	assert_true(diff_of_side(out, m, removed, 0, &with_code));
	assert_non_null(strstr(out->str, "--- a/gone.c\n+++ /dev/null\n"));
	assert_int_equal(count(out->str, "-old "), DIFF_MOST_LINES);

	/* Of many hunks the first. */
	g_autoptr(finding) all = finding_new("text.conflict");
	place(all, AT_TIP, "many.c", 0, 0);
	g_string_truncate(out, 0);
	assert_true(diff_of_side(out, m, all, 0, &with_code));
	assert_int_equal(count(out->str, "@@ "), DIFF_MOST_HUNKS);
	assert_non_null(strstr(out->str, "# 6 more hunks\n"));
}

static void test_advice(void **state)
{
	(void)state;
	static const struct {
		const char *stored, *commands, *words;
	} cases[] = {
		{NULL, "", ""},
		{"Read both.", "Read both.", "Read both."},
		{"Both only add here (`truce show ID`). If both belong there: `truce decide ID "
		 "--both`. If not: --take acme or --take b.2.",
			"Both only add here (`truce show 0123abcd`). If both belong there: `truce "
			"decide 0123abcd --both`. If not: --take acme or --take b.2.",
			"Both only add here. If both belong there: \"both\". If not: \"take acme\" "
			"or \"take b.2\"."},
		{"Make it fit, and run `truce series update`; until then: `truce decide ID --take "
		 "NAME`.",
			"Make it fit, and run `truce series update`; until then: `truce decide "
			"0123abcd --take NAME`.",
			"Make it fit; until then: \"take NAME\"."},
		{"Behind the interface (--interface), or `truce decide ID --dismiss`",
			"Behind the interface (--interface), or `truce decide 0123abcd --dismiss`",
			"Behind the interface (\"interface\"), or \"dismiss\""},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(finding) f = finding_new("text.conflict");
		f->id = g_strdup("0123abcd");
		f->suggestion = g_strdup(cases[i].stored);
		g_autofree char *commands = advice_commands(f);
		g_autofree char *words = advice_words(f);
		assert_string_equal(commands, cases[i].commands);
		assert_string_equal(words, cases[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_advice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
