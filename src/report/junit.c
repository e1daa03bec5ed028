/* JUnit, as CI servers read it: a suite for each kind of finding, a case for each finding. Open
 * errors and warnings fail; what is ruled is skipped with the ruling; notes pass and say their
 * text. */
#include "report/advice.h"
#include "report/escape.h"
#include "report/kinds.h"
#include "report/report.h"
#include "report/tally.h"

typedef struct case_tally {
	guint tests, failures, skipped;
} case_tally;

static bool is_failure(const finding *f)
{
	return !f->decision && f->severity > SEVERITY_NOTE;
}

static void count_case(case_tally *t, const finding *f)
{
	t->tests++;
	t->failures += is_failure(f);
	t->skipped += f->decision != NULL;
}

static void append_counts(GString *out, const case_tally *t)
{
	g_string_append_printf(out, " tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\"",
		t->tests, t->failures, t->skipped);
}

static void append_story(GString *out, const mediation *m, const finding *f)
{
	escape_xml(out, f->explanation);
	g_string_append_c(out, '\n');
	for (guint i = 0; i < f->locations->len; i++) {
		const location *l = g_ptr_array_index(f->locations, i);
		g_autofree char *tree = tally_tree_name(m, l);
		g_autofree char *place = tally_place(l->path, l->line, l->end_line);
		escape_xml_printf(out, "%s: %s\n", tree, place);
	}
	g_autofree char *advice = advice_commands(f);
	if (*advice)
		escape_xml_printf(out, "What to do: %s\n", advice);
	escape_xml_printf(out, "truce show %s\n", f->id);
}

static void append_case(GString *out, const mediation *m, const finding *f)
{
	g_string_append(out, "    <testcase classname=\"");
	escape_xml(out, f->kind);
	g_string_append(out, "\" name=\"");
	escape_xml_printf(out, "%s [%s]", f->title, f->id);
	g_string_append(out, "\"");
	if (f->locations->len && ((location *)g_ptr_array_index(f->locations, 0))->path) {
		g_string_append(out, " file=\"");
		escape_xml(out, ((location *)g_ptr_array_index(f->locations, 0))->path);
		g_string_append(out, "\"");
	}
	g_string_append(out, ">\n");
	if (f->decision) {
		g_autofree char *ruling = tally_decision(f->decision);
		g_string_append(out, "      <skipped message=\"");
		escape_xml_printf(out, "ruled: %s", ruling);
		g_string_append(out, "\"/>\n");
	} else {
		const char *element = is_failure(f) ? "failure" : "system-out";
		g_string_append_printf(out, "      <%s", element);
		if (is_failure(f)) {
			g_string_append_printf(
				out, " type=\"%s\" message=\"", severity_name(f->severity));
			escape_xml(out, f->title);
			g_string_append_c(out, '"');
		}
		g_string_append_c(out, '>');
		append_story(out, m, f);
		g_string_append_printf(out, "</%s>\n", element);
	}
	g_string_append(out, "    </testcase>\n");
}

void report_junit(GString *out, const mediation *m, const report_options *options)
{
	(void)options;
	case_tally all = {0};
	for (guint i = 0; i < m->findings->len; i++)
		count_case(&all, g_ptr_array_index(m->findings, i));
	g_string_append(
		out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"truce\"");
	append_counts(out, &all);
	g_string_append(out, ">\n");
	for (guint first = 0, last = 0; tally_next_kind(m->findings, &first, &last);) {
		case_tally suite = {0};
		for (guint i = first; i < last; i++)
			count_case(&suite, g_ptr_array_index(m->findings, i));
		const finding *f = g_ptr_array_index(m->findings, first);
		g_string_append(out, "  <testsuite name=\"");
		escape_xml_printf(out, "%s (%s)", f->kind, severity_name(f->severity));
		g_string_append_c(out, '"');
		append_counts(out, &suite);
		g_string_append(out, ">\n");
		for (guint i = first; i < last; i++)
			append_case(out, m, g_ptr_array_index(m->findings, i));
		g_string_append(out, "  </testsuite>\n");
	}
	g_string_append(out, "</testsuites>\n");
}
