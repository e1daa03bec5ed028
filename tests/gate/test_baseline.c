/* Baselines: what is read, what is refused with its line, what is ruled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "gate/baseline.h"

static finding *known_finding(const char *kind, const char *key)
{
	const char *keys[] = {key, NULL};
	finding *f = finding_new(kind);
	g_ptr_array_add(f->parties, g_strdup("incoming"));
	f->fingerprint = finding_fingerprint(kind, f->parties, keys);
	f->title = g_strdup(key);
	return f;
}

static void refuses(const char *text, const char *message)
{
	GPtrArray *entries = NULL;
	g_autoptr(GError) error = NULL;
	assert_false(baseline_parse(&entries, "debts", text, strlen(text), &error));
	assert_null(entries);
	assert_int_equal(error->code, TRUCE_ERROR_INPUT);
	if (!strstr(error->message, message))
		fail_msg("'%s' does not say '%s'", error->message, message);
}

static void mistakes_are_told_by_line(void **state)
{
	(void)state;
	refuses("# x\n0123456789ab point.bypass\n",
		"debts:2: 0123456789ab point.bypass has no reason");
	refuses("0123456789a point.bypass why\n", "debts:1: '0123456789a' is no fingerprint");
	refuses("0123456789AB point.bypass why\n", "is no fingerprint");
	refuses("\n\n0123456789ab point.bypas why\n",
		"debts:3: there is no kind of finding 'point.bypas'");
	refuses("0123456789ab point.bypass a\n0123456789abcd point.bypass b\n",
		"debts:2: 0123456789abcd stands in line 1 already");
	refuses("0123456789ab point.bypass \xff\n", "not a text");
}

static void known_findings_are_dismissed(void **state)
{
	(void)state;
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	g_ptr_array_add(findings, known_finding("point.bypass", "one"));
	g_ptr_array_add(findings, known_finding("point.bypass", "two"));
	g_ptr_array_add(findings, known_finding("interface.drift", "three"));
	const finding *one = g_ptr_array_index(findings, 0), *two = g_ptr_array_index(findings, 1),
		      *three = g_ptr_array_index(findings, 2);
	/* the third names a finding of another kind: it rules nothing */
	g_autofree char *text = g_strdup_printf("# debts\n%.12s point.bypass  runs first  \n"
						"%.20s point.bypass other\nfedcba987654 "
						"point.contract gone",
		one->fingerprint, three->fingerprint);
	g_autoptr(GPtrArray) entries = NULL;
	assert_true(baseline_parse(&entries, "debts", text, strlen(text), NULL));
	assert_int_equal(entries->len, 3);
	assert_int_equal(baseline_apply(entries, findings, "debts"), 1);
	assert_int_equal(one->decision->take, DECISION_DISMISS);
	assert_string_equal(one->decision->note, "runs first");
	assert_string_equal(one->decision->by, "debts:2");
	assert_null(two->decision);
	assert_null(three->decision);
	assert_true(((baseline_entry *)g_ptr_array_index(entries, 0))->used);
	assert_false(((baseline_entry *)g_ptr_array_index(entries, 1))->used);
	assert_false(((baseline_entry *)g_ptr_array_index(entries, 2))->used);

	/* what is left, as lines that a person has to finish */
	g_autoptr(GString) lines = g_string_new(NULL);
	baseline_write(lines, findings);
	assert_null(strstr(lines->str, "# one"));
	assert_non_null(strstr(lines->str, "# two\n"));
	assert_false(baseline_parse(&entries, "debts", lines->str, lines->len, NULL));
}

/* A path of the tree is no line of the baseline. */
static void names_stay_on_their_line(void **state)
{
	(void)state;
	g_autoptr(GPtrArray) findings =
		g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);
	g_autoptr(GPtrArray) entries = NULL;
	g_autoptr(GString) lines = g_string_new(NULL);
	finding *f = known_finding("point.bypass", "x\n0123456789ab point.bypass by title");
	location *l = location_new();
	l->path = g_strdup("a\n0123456789ac point.bypass by path\r\n");
	g_ptr_array_add(f->locations, l);
	g_ptr_array_add(findings, f);
	baseline_write(lines, findings);
	g_string_truncate(lines, lines->len - 1);
	g_string_append(lines, "a reason\n");
	assert_true(baseline_parse(&entries, "debts", lines->str, lines->len, NULL));
	assert_int_equal(entries->len, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_told_by_line),
		cmocka_unit_test(known_findings_are_dismissed),
		cmocka_unit_test(names_stay_on_their_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
