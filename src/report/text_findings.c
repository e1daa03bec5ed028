/* The text report: the list of findings. */
#include "report/report.h"
#include "report/sheet.h"
#include "report/tally.h"

#include <string.h>

#define INDENT 2u
/* So many of a kind stand in a report that is not verbose; the list of all is a command away. */
#define FEW 8u

static void print_finding(sheet *s, const finding *f)
{
	unsigned column = INDENT + (unsigned)strlen(f->id) + 2;
	sheet_blank(s, INDENT);
	sheet_print(s, STYLE_ID, "%s", f->id);
	sheet_blank(s, 2);
	if (f->decision) {
		g_autofree char *ruling = tally_decision(f->decision);
		g_autofree char *mark = g_strdup_printf("[%s] ", ruling);
		g_autofree char *line = sheet_line(mark);
		sheet_put(s, STYLE_GOOD, line);
		sheet_wrap(s, STYLE_DIM, column + sheet_columns(line), column, f->title);
		return;
	}
	sheet_wrap(s, STYLE_PLAIN, column, column, f->title);
}

static void print_kind(sheet *s, GPtrArray *findings, guint first, guint last)
{
	const finding *head = g_ptr_array_index(findings, first);
	guint shown = s->verbose || last - first <= FEW + 1 ? last - first : FEW;
	sheet_print(s, sheet_severity_style(head->severity), "%s", severity_name(head->severity));
	sheet_print(s, STYLE_HEAD, " %s", head->kind);
	sheet_print(s, STYLE_PLAIN, "  %u", last - first);
	sheet_newline(s);
	for (guint i = first; i < first + shown; i++)
		print_finding(s, g_ptr_array_index(findings, i));
	if (first + shown == last)
		return;
	sheet_blank(s, INDENT);
	g_autofree char *more = g_strdup_printf(
		"and %u more: truce findings --kind %s", last - first - shown, head->kind);
	sheet_wrap(s, STYLE_DIM, INDENT, 2 * INDENT, more);
}

void report_text_findings(
	GString *out, const mediation *m, GPtrArray *findings, const report_options *options)
{
	sheet s = sheet_on(out, options);
	finding_tally t = tally_findings(findings);
	g_autofree char *note =
		t.all == m->findings->len
			? g_strdup_printf("%u, %u open", t.all, t.open)
			: g_strdup_printf("%u of %u, %u open", t.all, m->findings->len, t.open);
	sheet_section(&s, "FINDINGS", t.all || m->findings->len ? note : "none");
	for (guint first = 0, last = 0; tally_next_kind(findings, &first, &last);) {
		sheet_newline(&s);
		print_kind(&s, findings, first, last);
	}
}

void report_findings_lines(GString *out, GPtrArray *findings)
{
	for (guint i = 0; i < findings->len; i++) {
		const finding *f = g_ptr_array_index(findings, i);
		g_autofree char *ruling = tally_decision(f->decision);
		g_autofree char *ruling_line = sheet_line(ruling);
		g_autofree char *title = sheet_line(f->title);
		g_string_append_printf(out, "%s\t%s\t%s\t%s\t%s\n", f->id,
			severity_name(f->severity), f->kind, ruling_line, title);
	}
}
