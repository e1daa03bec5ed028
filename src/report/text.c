/* The text report: for a person at a terminal. Its sections are in text_*.c. */
#include "report/report.h"
#include "report/sheet.h"
#include "report/tally.h"

#include <string.h>

#include "base/text.h"

/* Labels of the summary take this much, the longest being "Findings". */
#define LABEL 10u
/* Below this, lists stand at the left. */
#define NARROW 60u
/* "12345  warning  " */
#define COUNT 5u
#define LEVEL 9u
/* Findings named as what to rule first: the first screen is for more than them. */
#define BLOCKERS_TOLD 5u

static void summary_points(sheet *s, const mediation *m)
{
	sheet_cell(s, STYLE_HEAD, "Points", LABEL);
	if (!m->catalogue) {
		sheet_wrap(s, STYLE_PLAIN, LABEL, LABEL,
			"no catalogue fits this base; name one with --rules");
		return;
	}
	point_tally t = tally_points(m);
	g_autofree char *text = g_strdup_printf(
		"%u contested, %u single, %u untouched, of %u in %s %s", t.contested, t.single,
		t.untouched, t.all, m->catalogue->name, m->catalogue->version);
	sheet_wrap(s, t.contested ? STYLE_WARNING : STYLE_PLAIN, LABEL, LABEL, text);
}

static void summary_findings(sheet *s, const mediation *m)
{
	finding_tally t = tally_findings(m->findings);
	sheet_cell(s, STYLE_HEAD, "Findings", LABEL);
	if (!t.all) {
		sheet_print(s, STYLE_GOOD, "none");
		sheet_newline(s);
		return;
	}
	g_autofree char *errors = tally_count(t.by_severity[SEVERITY_ERROR], "error", "errors");
	g_autofree char *warnings =
		tally_count(t.by_severity[SEVERITY_WARNING], "warning", "warnings");
	g_autofree char *notes = tally_count(t.by_severity[SEVERITY_NOTE], "note", "notes");
	sheet_print(s, t.by_severity[SEVERITY_ERROR] ? STYLE_ERROR : STYLE_PLAIN, "%s", errors);
	g_autofree char *rest =
		g_strdup_printf(", %s, %s; %u of %u open", warnings, notes, t.open, t.all);
	sheet_wrap(s, STYLE_PLAIN, LABEL + sheet_columns(errors), LABEL, rest);
	for (guint first = 0, last = 0; tally_next_kind(m->findings, &first, &last);) {
		const finding *f = g_ptr_array_index(m->findings, first);
		g_autofree char *count = g_strdup_printf("%*u  ", (int)COUNT, last - first);
		sheet_blank(s, s->width < NARROW ? 0 : LABEL);
		sheet_put(s, STYLE_PLAIN, count);
		sheet_cell(s, sheet_severity_style(f->severity), severity_name(f->severity), LEVEL);
		sheet_print(s, STYLE_PLAIN, "%s", f->kind);
		sheet_newline(s);
	}
}

/* What to rule first. */
static void summary_blockers(sheet *s, const mediation *m)
{
	g_autoptr(GArray) waiting = tally_waiting(m);
	for (guint i = 0; i < waiting->len && i < BLOCKERS_TOLD; i++) {
		const waiting_finding *b = &g_array_index(waiting, waiting_finding, i);
		g_autofree char *hunks = tally_count(b->hunks, "hunk waits", "hunks wait");
		g_autofree char *lead = g_strdup_printf("%s for ", hunks);
		unsigned used = LABEL + sheet_columns(lead) + sheet_columns(b->f->id) + 2;
		g_autofree char *title = sheet_line(b->f->title);
		g_autofree char *cut =
			sheet_cut(s, title, s->width > used ? s->width - used : SHEET_MIN_WIDTH);
		sheet_blank(s, LABEL);
		sheet_put(s, STYLE_PLAIN, lead);
		sheet_put(s, STYLE_ID, b->f->id);
		sheet_blank(s, 2);
		sheet_put(s, STYLE_PLAIN, cut);
		sheet_newline(s);
	}
}

static void summary_plan(sheet *s, const mediation *m)
{
	sheet_cell(s, STYLE_HEAD, "Plan", LABEL);
	if (!m->plan) {
		sheet_print(s, STYLE_PLAIN, "not made yet");
	} else {
		g_autofree char *steps = tally_count(m->plan->steps->len, "step", "steps");
		g_autofree char *open =
			tally_count(m->plan->undecided->len, "open decision", "open decisions");
		sheet_print(s, STYLE_PLAIN, "%s, %s", steps, open);
	}
	sheet_newline(s);
	if (m->plan)
		summary_blockers(s, m);
}

static void title(sheet *s, const mediation *m)
{
	g_autofree char *count = tally_count(m->series->len, "series", "series");
	g_autofree char *base = tally_short_oid(&m->base);
	g_autofree char *text = g_strdup_printf(
		"truce: %s on %s (%s)", count, m->base_rev ? m->base_rev : "the base", base);
	g_autofree char *line = sheet_line(text);
	sheet_wrap(s, STYLE_HEAD, 0, 2, line);
	sheet_newline(s);
}

void report_text_summary(GString *out, const mediation *m, const report_options *options)
{
	sheet s = sheet_on(out, options);
	title(&s, m);
	report_text_series(out, m, options);
	sheet_newline(&s);
	summary_points(&s, m);
	summary_findings(&s, m);
	summary_plan(&s, m);
}

void report_text(GString *out, const mediation *m, const report_options *options)
{
	sheet s = sheet_on(out, options);
	report_text_summary(out, m, options);
	sheet_newline(&s);
	if (m->points->len) {
		report_text_points(out, m, options);
		sheet_newline(&s);
	}
	report_text_findings(out, m, m->findings, options);
	sheet_newline(&s);
	report_text_plan(out, m, options);
}
