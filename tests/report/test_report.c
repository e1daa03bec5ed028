/* The reports of a mediation made by hand: expected bytes, widths, and what must never get out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "report/report.h"
#include "report/sheet.h"
#include "support/expect.h"
#include "support/sample.h"

static const report_options plain = {.width = 80, .unicode = true};

static void test_text(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	report_text(out, m, &plain);
	expect_file(out->str, "report/expected/text.txt");
}

static void test_text_colour_verbose(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	report_options o = {.width = 120, .unicode = false, .colour = true, .verbose = true};
	report_text(out, m, &o);
	expect_file(out->str, "report/expected/text-colour-verbose.txt");
}

static void test_one_series(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	for (guint i = 0; i < m->series->len; i++)
		report_text_one_series(out, m, g_ptr_array_index(m->series, i), &plain);
	expect_file(out->str, "report/expected/series.txt");
}

static void test_show(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	for (guint i = 0; i < m->findings->len; i++) {
		const finding *f = g_ptr_array_index(m->findings, i);
		if (strcmp(f->kind, "code.same-entity"))
			report_text_finding(out, m, f, sample_read, NULL, &plain);
	}
	expect_file(out->str, "report/expected/show-finding.txt");
	g_string_truncate(out, 0);
	report_options wide = {.width = 170, .unicode = true};
	report_text_point(out, m, mediation_point(m, "set_pte"), sample_read, NULL, &plain);
	report_text_point(out, m, mediation_point(m, "set_pte"), sample_read, NULL, &wide);
	expect_file(out->str, "report/expected/show-point.txt");
}

static void test_markdown(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	report_markdown(out, m, NULL);
	expect_file(out->str, "report/expected/report.md");
}

static void test_lines(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	report_findings_lines(out, m->findings);
	expect_file(out->str, "report/expected/findings.tsv");
}

/* What the schema says of `json`: validates with the program that everyone else would use. */
static bool valid(const char *json)
{
	static const char program[] = "import json, sys, jsonschema\n"
				      "schema = json.load(open(sys.argv[1]))\n"
				      "jsonschema.Draft202012Validator.check_schema(schema)\n"
				      "errors = list(jsonschema.Draft202012Validator(schema)"
				      ".iter_errors(json.load(open(sys.argv[2]))))\n"
				      "[print(e.json_path, e.message[:300]) for e in errors]\n"
				      "sys.exit(1 if errors else 0)\n";
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("truce-XXXXXX.json", &path, NULL);
	assert_true(fd >= 0);
	close(fd);
	assert_true(g_file_set_contents(path, json, -1, NULL));
	const char *argv[] = {"/usr/bin/python3", "-c", program,
		TRUCE_SOURCE_DIR "/docs/truce-report-1.schema.json", path, NULL};
	int status = -1;
	g_autoptr(GError) err = NULL;
	bool ran = g_spawn_sync(
		NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &err);
	unlink(path);
	assert_true(ran);
	return g_spawn_check_wait_status(status, NULL);
}

static void test_json(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	report_json(out, m, NULL);
	expect_file(out->str, "report/expected/report.json");
	assert_true(valid(out->str));

	g_autoptr(GString) bad = g_string_new(out->str);
	assert_int_equal(
		g_string_replace(bad, "\"verdict\": \"contested\"", "\"verdict\": \"maybe\"", 1),
		1);
	assert_false(valid(bad->str));
	g_string_assign(bad, out->str);
	assert_int_equal(g_string_replace(bad, "\"explanation\"", "\"explanatoin\"", 1), 1);
	assert_false(valid(bad->str));
}

static void test_json_empty(void **state)
{
	(void)state;
	g_autoptr(mediation) m = mediation_new();
	g_autoptr(GString) out = g_string_new(NULL);
	report_json(out, m, NULL);
	assert_true(valid(out->str));
	g_string_truncate(out, 0);
	report_text(out, m, NULL);
	report_markdown(out, m, NULL);
	assert_non_null(strstr(out->str, "no catalogue fits"));
}

/* A part is the same text as in the whole, indented less. */
static void test_json_part(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) part = g_string_new(NULL);
	g_autoptr(GString) again = g_string_new(NULL);
	report_json_part(part, m, "findings");
	report_json_findings(again, m, m->findings);
	assert_string_equal(part->str, again->str);
	assert_true(g_str_has_prefix(part->str, "[\n"));
	g_string_truncate(part, 0);
	plan_free(g_steal_pointer(&m->plan));
	report_json_part(part, m, "plan");
	assert_string_equal(part->str, "null\n");
}

/* Every line fits the terminal, whatever its width. */
static void test_widths(void **state)
{
	(void)state;
	static const unsigned widths[] = {72, 80, 100, 132, 200};
	g_autoptr(mediation) m = sample_mediation();
	for (size_t w = 0; w < G_N_ELEMENTS(widths); w++) {
		for (int unicode = 0; unicode < 2; unicode++) {
			report_options o = {
				.width = widths[w], .unicode = unicode, .verbose = unicode};
			g_autoptr(GString) out = g_string_new(NULL);
			report_text(out, m, &o);
			for (guint i = 0; i < m->findings->len; i++)
				report_text_finding(out, m, g_ptr_array_index(m->findings, i),
					sample_read, NULL, &o);
			for (guint i = 0; i < m->points->len; i++)
				report_text_point(out, m, g_ptr_array_index(m->points, i),
					sample_read, NULL, &o);
			g_auto(GStrv) lines = g_strsplit(out->str, "\n", -1);
			for (char **line = lines; *line; line++) {
				/* A word longer than the line cannot be broken. */
				if (sheet_columns(*line) > widths[w] &&
					strchr(g_strchug(*line), ' '))
					fail_msg("%u columns: %s", widths[w], *line);
			}
		}
	}
}

/* Nothing that a patch brought can steer a terminal, and everything is UTF-8. */
static void test_no_escapes(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	for (const report_format *f = report_formats; f->name; f++) {
		g_autoptr(GString) out = g_string_new(NULL);
		f->write(out, m, &plain);
		for (guint i = 0; i < m->findings->len; i++)
			report_text_finding(out, m, g_ptr_array_index(m->findings, i), sample_read,
				NULL, &plain);
		assert_true(g_utf8_validate(out->str, (gssize)out->len, NULL));
		for (const char *p = out->str; *p; p = g_utf8_next_char(p)) {
			gunichar c = g_utf8_get_char(p);
			if ((c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0))
				fail_msg("%s: control character %#x", f->name, c);
		}
	}
}

/* With more series than fit, the matrix shows marks alone. */
static void test_many_series(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	for (unsigned i = 0; i < 6; i++) {
		g_autofree char *name = g_strdup_printf("vendor-number-%u", i);
		g_ptr_array_add(m->series, series_new(name));
		for (guint k = 0; k < m->points->len; k++) {
			point_result *p = g_ptr_array_index(m->points, k);
			point_side *side = point_side_new();
			side->state = (point_state)((i + k) % 4);
			g_ptr_array_add(p->sides, side);
		}
	}
	g_autoptr(GString) out = g_string_new(NULL);
	report_text_points(out, m, &plain);
	expect_file(out->str, "report/expected/points-many.txt");
}

static void test_formats(void **state)
{
	(void)state;
	assert_ptr_equal(report_format_find("json")->write, report_json);
	assert_null(report_format_find("docx"));
	assert_string_equal(report_format_of_file("out/report.md")->name, "markdown");
	assert_null(report_format_of_file("report.docx"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_colour_verbose),
		cmocka_unit_test(test_one_series),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_empty),
		cmocka_unit_test(test_json_part),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_no_escapes),
		cmocka_unit_test(test_many_series),
		cmocka_unit_test(test_formats),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
