/* The reports of a mediation made by hand: expected bytes, widths, and what must never get out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "report/kinds.h"
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

/* What most hunks wait for is named first; what is ruled is not. */
static void test_blockers(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	g_ptr_array_set_size(m->plan->undecided, 0);
	const finding *few = g_ptr_array_index(m->findings, 1);
	const finding *many = g_ptr_array_index(m->findings, 0);
	for (unsigned i = 0; i < 2; i++) {
		undecided *u = undecided_new("a question");
		g_ptr_array_add(u->findings, g_strdup(many->id));
		if (i)
			g_ptr_array_add(u->findings, g_strdup(few->id));
		g_ptr_array_add(u->hunks, plan_hunk_new(0, "a.c", i + 1));
		g_ptr_array_add(m->plan->undecided, u);
	}
	g_autoptr(GString) out = g_string_new(NULL);
	report_text_summary(out, m, &plain);
	g_autofree char *first = g_strdup_printf("2 hunks wait for %s", many->id);
	g_autofree char *second = g_strdup_printf("1 hunk waits for %s", few->id);
	const char *at = strstr(out->str, first);
	assert_non_null(at);
	assert_non_null(strstr(at, second));
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
	report_options o = {.read = sample_read};
	report_markdown(out, m, &o);
	expect_file(out->str, "report/expected/report.md");
	/* Reviewers begin with the findings; what was read comes last. */
	static const char *const order[] = {"\n## Summary\n", "\n## Findings\n", "\n## Points ",
		"\n## Plan\n", "\n## Series\n", "\n## Coverage\n"};
	const char *at = out->str;
	for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
		at = strstr(at, order[i]);
		if (!at)
			fail_msg("%s is not where it belongs", order[i]);
	}
	assert_null(strstr(at + 1, "\n## "));
	/* Without the repository's blobs it goes without code. */
	g_string_truncate(out, 0);
	report_markdown(out, m, NULL);
	assert_null(strstr(out->str, "```diff"));
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

/* What a program of Python's standard library and jsonschema says of a report in a file. */
static void check_by(const char *program, const char *text, bool good)
{
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("truce-XXXXXX", &path, NULL);
	assert_true(fd >= 0);
	close(fd);
	assert_true(g_file_set_contents(path, text, -1, NULL));
	const char *argv[] = {"/usr/bin/python3", "-c", program, path, NULL};
	int status = -1;
	bool ran = g_spawn_sync(
		NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, NULL);
	unlink(path);
	assert_true(ran);
	assert_int_equal(g_spawn_check_wait_status(status, NULL), good);
}

/* SARIF 2.1.0: the properties that its schema requires, their types, and that what points points to
 * something. */
static void test_sarif(void **state)
{
	(void)state;
	static const char program[] =
		"import json, sys, re\n"
		"log = json.load(open(sys.argv[1]))\n"
		"assert log['version'] == '2.1.0' and len(log['runs']) == 1\n"
		"run = log['runs'][0]\n"
		"driver = run['tool']['driver']\n"
		"assert driver['name'] == 'truce' and driver['version']\n"
		"rules = [r['id'] for r in driver['rules']]\n"
		"assert len(set(rules)) == len(rules)\n"
		"def place(l):\n"
		"    physical = l['physicalLocation']\n"
		"    uri = physical['artifactLocation']['uri']\n"
		"    assert re.fullmatch(r'[A-Za-z0-9._~%/-]+', uri) and not uri.startswith('/')\n"
		"    assert physical['artifactLocation']['uriBaseId'] in "
		"run['originalUriBaseIds']\n"
		"    region = physical.get('region')\n"
		"    assert not region or 1 <= region['startLine'] <= region['endLine']\n"
		"    assert l['message']['text']\n"
		"for r in run['results']:\n"
		"    assert rules[r['ruleIndex']] == r['ruleId']\n"
		"    assert r['level'] in ('none', 'note', 'warning', 'error')\n"
		"    assert r['message']['text']\n"
		"    assert len(r['partialFingerprints']['truceFinding/v1']) == 64\n"
		"    for l in r['locations'] + r.get('relatedLocations', []): place(l)\n"
		"    ids = [l['id'] for l in r.get('relatedLocations', [])]\n"
		"    assert len(set(ids)) == len(ids)\n"
		"    for s in r.get('suppressions', []):\n"
		"        assert s['kind'] in ('inSource', 'external') and s['justification']\n"
		"assert sum('suppressions' in r for r in run['results']) >= 1\n";
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	report_sarif(out, m, &plain);
	expect_file(out->str, "report/expected/report.sarif");
	check_by(program, out->str, true);
	assert_true(g_string_replace(out, "\"startLine\": ", "\"startLine\": 9", 1) == 1);
	check_by(program, out->str, false);
}

static void test_junit(void **state)
{
	(void)state;
	static const char program[] =
		"import sys, xml.etree.ElementTree as x\n"
		"root = x.parse(sys.argv[1]).getroot()\n"
		"assert root.tag == 'testsuites'\n"
		"n = {'tests': 0, 'failures': 0, 'skipped': 0}\n"
		"for suite in root:\n"
		"    cases = suite.findall('testcase')\n"
		"    assert suite.get('name') and len(cases) == int(suite.get('tests'))\n"
		"    assert len(suite.findall('testcase/failure')) == int(suite.get('failures'))\n"
		"    assert len(suite.findall('testcase/skipped')) == int(suite.get('skipped'))\n"
		"    assert all(c.get('name') and c.get('classname') for c in cases)\n"
		"    for k in n: n[k] += int(suite.get(k))\n"
		"assert all(n[k] == int(root.get(k)) for k in n) and n['tests'] > 2\n";
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	report_junit(out, m, &plain);
	expect_file(out->str, "report/expected/report.xml");
	check_by(program, out->str, true);
	assert_true(g_string_replace(out, "</testcase>", "", 1) == 1);
	check_by(program, out->str, false);
}

static void test_ktap(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	report_ktap(out, m, &plain);
	expect_file(out->str, "report/expected/report.ktap");
	g_auto(GStrv) lines = g_strsplit(g_strchomp(out->str), "\n", -1);
	g_autofree char *count = g_strdup_printf("1..%u", m->findings->len);
	assert_string_equal(lines[0], "KTAP version 1");
	assert_string_equal(lines[1], count);
	guint n = 0;
	for (char **line = lines + 2; *line; line++) {
		g_autofree char *ok = g_strdup_printf("ok %u ", n + 1);
		g_autofree char *not_ok = g_strdup_printf("not ok %u ", n + 1);
		if (g_str_has_prefix(*line, ok) || g_str_has_prefix(*line, not_ok))
			n++;
		else
			assert_true(g_str_has_prefix(*line, "# "));
	}
	assert_int_equal(n, m->findings->len);
}

static void test_github(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	report_github(out, m, &plain);
	expect_file(out->str, "report/expected/report.github");
}

/* Lines of at most 72 columns where words allow, a head that a mail reader takes. */
static void test_mail(void **state)
{
	(void)state;
	static const char program[] =
		"import sys, email, email.policy\n"
		"m = email.message_from_binary_file(open(sys.argv[1], 'rb'), "
		"policy=email.policy.default)\n"
		"assert not m.defects and '[truce]' in m['Subject'], m.defects\n"
		"assert all(a.domain for a in m['To'].addresses) and m['To'].addresses\n"
		"body = m.get_content()\n"
		"assert 'What collides' in body\n"
		"assert not any('localhost' in str(a) for a in m['To'].addresses), m['To']\n"
		"assert 'truce show' not in body and 'truce decide' not in body\n"
		"assert '\\n@@ ' in body\n"
		"text = [l for l in body.splitlines() if l[:1] not in ('-', '+') and l[:2] != ' "
		"\\t']\n"
		"assert all(len(l) <= 72 or ' ' not in l.strip() for l in text)\n";
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	/* What truce made itself, of what is no mail, has nobody to write to. */
	series_commit *own = series_commit_new();
	own->n = 4;
	own->subject = g_strdup("one more overlay");
	own->author.name = g_strdup("truce");
	own->author.email = g_strdup("truce@localhost");
	g_ptr_array_add(((series *)g_ptr_array_index(m->series, 0))->commits, own);
	/* An open error whose code can be read. */
	finding *f = g_ptr_array_index(m->findings, 2);
	assert_string_equal(f->kind, "text.conflict");
	g_clear_pointer(&f->decision, decision_free);
	location *l = g_ptr_array_index(f->locations, 0);
	g_free(l->path);
	l->path = g_strdup("include/asm-i386/pgtable-2level.h");
	l->line = l->end_line = 7;
	report_options o = {.read = sample_read};
	report_mail(out, m, &o);
	expect_file(out->str, "report/expected/report.eml");
	check_by(program, out->str, true);
}

/* Every element that opens is closed, in order; nothing is loaded from elsewhere and nothing runs.
 */
static void test_html(void **state)
{
	(void)state;
	static const char program[] =
		"import sys, html.parser\n"
		"text = open(sys.argv[1], encoding='utf-8').read()\n"
		"class P(html.parser.HTMLParser):\n"
		"    def __init__(self):\n"
		"        super().__init__(); self.stack = []; self.ids = set(); self.links = []\n"
		"    def handle_starttag(self, tag, attrs):\n"
		"        a = dict(attrs)\n"
		"        assert tag not in ('script', 'img', 'link', 'iframe', 'object'), tag\n"
		"        assert not any(k.startswith('on') or k == 'src' for k in a), a\n"
		"        if 'id' in a: assert a['id'] not in self.ids, a; self.ids.add(a['id'])\n"
		"        if 'href' in a: self.links.append(a['href'])\n"
		"        if tag not in ('meta', 'br'): self.stack.append(tag)\n"
		"    def handle_endtag(self, tag):\n"
		"        assert self.stack.pop() == tag, tag\n"
		"p = P(); p.feed(text); p.close()\n"
		"assert not p.stack, p.stack\n"
		"assert all(l[0] == '#' and l[1:] in p.ids for l in p.links), p.links\n";
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	report_options o = {.read = sample_read};
	report_html(out, m, &o);
	expect_file(out->str, "report/expected/report.html");
	check_by(program, out->str, true);
	assert_true(g_string_replace(out, "</article>", "", 1) == 1);
	check_by(program, out->str, false);

	/* A conflict whose code can be read shows what each side does. */
	finding *f = g_ptr_array_index(m->findings, 2);
	assert_string_equal(f->kind, "text.conflict");
	location *l = g_ptr_array_index(f->locations, 0);
	g_free(l->path);
	l->path = g_strdup("include/asm-i386/pgtable-2level.h");
	l->line = l->end_line = 7;
	g_string_truncate(out, 0);
	report_html(out, m, &o);
	check_by(program, out->str, true);
	assert_non_null(strstr(out->str, "<span class=\"del\">-#define set_pte("));
	assert_non_null(strstr(out->str, "<span class=\"add\">+#ifdef CONFIG_XEN</span>"));
	/* What was not read stands there too, by its reason. */
	assert_non_null(strstr(out->str, "no configuration sets CONFIG_X86_VISWS_APIC (1 line)"));
	assert_non_null(strstr(out->str, "vmi: patch 2/3 is missing"));
	/* Findings come first. */
	assert_true(strstr(out->str, "id=\"findings\"") < strstr(out->str, "id=\"points\""));
	assert_true(strstr(out->str, "id=\"plan\"") < strstr(out->str, "id=\"series\""));
}

/* Every kind has its line for formats that list rules. */
static void test_kinds(void **state)
{
	(void)state;
	for (const char *const *kind = finding_kinds; *kind; kind++) {
		if (!*kind_summary(*kind))
			fail_msg("%s has no summary", *kind);
	}
	assert_string_equal(kind_summary("no.such"), "");
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
	static const unsigned widths[] = {40, 60, 72, 80, 100, 132, 200};
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
				const char *text = g_strchug(*line);
				text += strspn(text, "-? ");
				if (sheet_columns(*line) > widths[w] && strchr(text, ' '))
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

/* The legend has a mark for everything and none twice, in ASCII too. */
static void test_legend(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	for (int unicode = 0; unicode < 2; unicode++) {
		report_options o = {.width = 40, .unicode = unicode};
		g_autoptr(GString) out = g_string_new(NULL);
		report_text_points(out, m, &o);
		static const char *const names[] = {
			" hooked", " touched only", " bypassed", " untouched", " contested"};
		g_autoptr(GHashTable) marks =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		const char *legend = strchr(out->str, '\n');
		for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
			const char *at = strstr(legend, names[i]);
			assert_non_null(at);
			const char *mark = g_utf8_prev_char(at);
			assert_true(g_hash_table_add(marks, g_strndup(mark, (gsize)(at - mark))));
		}
	}
}

/* What a reader noticed stands below the series, in every report for people. */
static void test_notes(void **state)
{
	(void)state;
	g_autoptr(mediation) m = sample_mediation();
	g_autoptr(GString) out = g_string_new(NULL);
	report_text(out, m, &plain);
	assert_non_null(strstr(out->str, "vmi: patch 2/3 is missing"));
	series *s = g_ptr_array_index(m->series, 0);
	for (unsigned i = 0; i < 9; i++)
		g_ptr_array_add(s->notes, g_strdup_printf("note %u", i));
	g_string_truncate(out, 0);
	report_text_series(out, m, &plain);
	assert_null(strstr(out->str, "note 4"));
	assert_non_null(strstr(out->str, "xen: and 6 notes more: truce series show xen"));
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
		cmocka_unit_test(test_blockers),
		cmocka_unit_test(test_text_colour_verbose),
		cmocka_unit_test(test_one_series),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_empty),
		cmocka_unit_test(test_sarif),
		cmocka_unit_test(test_junit),
		cmocka_unit_test(test_ktap),
		cmocka_unit_test(test_github),
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_json_part),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_no_escapes),
		cmocka_unit_test(test_many_series),
		cmocka_unit_test(test_legend),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_formats),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
