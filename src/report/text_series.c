/* The text report: the series, how much of them was read, one series in full. */
#include "report/report.h"
#include "report/sheet.h"
#include "report/table.h"
#include "report/tally.h"

#include <string.h>

#include "base/text.h"

#define INDENT 2u
/* Notes of one series in a report that is not verbose. */
#define FEW_NOTES 4u
/* Common causes of errors, of one series in such a report. */
#define FEW_CAUSES 3u

static const coverage *coverage_of(const mediation *m, guint i)
{
	return i < m->coverage->len ? g_ptr_array_index(m->coverage, i) : NULL;
}

static void coverage_cells(table *t, const coverage *c)
{
	if (!c) {
		table_cell(t, STYLE_DIM, "-");
		table_cell(t, STYLE_DIM, "-");
		return;
	}
	g_autofree char *clean = g_strdup_printf("%u of %u", c->c_files_clean, c->c_files);
	g_autofree char *read = tally_percent(c->c_lines_parsed, c->c_lines_changed);
	table_cell(t, c->c_files_clean < c->c_files ? STYLE_WARNING : STYLE_PLAIN, clean);
	table_cell(t, c->c_lines_parsed < c->c_lines_changed ? STYLE_WARNING : STYLE_PLAIN, read);
}

/* What its reader noticed: letters left out, numbers missing. */
static void print_notes(sheet *s, const series *one)
{
	guint n = one->notes->len;
	guint shown = s->verbose || n <= FEW_NOTES + 1 ? n : FEW_NOTES;
	for (guint i = 0; i < shown; i++) {
		g_autofree char *text = g_strdup_printf(
			"%s: %s", one->name, (const char *)g_ptr_array_index(one->notes, i));
		sheet_blank(s, INDENT);
		sheet_wrap(s, STYLE_DIM, INDENT, 2 * INDENT, text);
	}
	if (shown == n)
		return;
	g_autofree char *more = g_strdup_printf(
		"%s: and %u notes more: truce series show %s", one->name, n - shown, one->name);
	sheet_blank(s, INDENT);
	sheet_wrap(s, STYLE_DIM, INDENT, 2 * INDENT, more);
}

/* Errors that cost more than one file. */
static void print_causes(sheet *s, const mediation *m, guint index)
{
	const coverage *c = coverage_of(m, index);
	guint shown = 0;
	for (guint i = 0; c && i < c->causes->len; i++) {
		const coverage_cause *cause = g_ptr_array_index(c->causes, i);
		if (!s->verbose && (cause->files < 2 || shown == FEW_CAUSES))
			return;
		g_autofree char *told = tally_cause(m, index, cause);
		g_autofree char *text =
			g_strdup_printf("%s: %s", tally_series_name(m, (int)index), told);
		sheet_blank(s, INDENT);
		sheet_wrap(s, STYLE_WARNING, INDENT, 2 * INDENT, text);
		shown++;
	}
}

void report_text_series(GString *out, const mediation *m, const report_options *options)
{
	sheet s = sheet_on(out, options);
	if (!m->series->len) {
		sheet_blank(&s, INDENT);
		sheet_print(&s, STYLE_DIM, "no series yet");
		sheet_newline(&s);
		return;
	}
	g_autoptr(table) t = table_new();
	table_column(t, "series", TABLE_LEFT, true);
	table_column(t, "patches", TABLE_RIGHT, false);
	table_column(t, "files", TABLE_RIGHT, false);
	table_column(t, "added", TABLE_RIGHT, false);
	table_column(t, "deleted", TABLE_RIGHT, false);
	table_column(t, "unplaced", TABLE_RIGHT, false);
	bool analysed = m->coverage->len;
	if (analysed) {
		table_column(t, ".c clean", TABLE_RIGHT, false);
		table_column(t, "C read", TABLE_RIGHT, false);
	}
	for (guint i = 0; i < m->series->len; i++) {
		const series *one = g_ptr_array_index(m->series, i);
		table_cell(t, STYLE_NAME, one->name);
		table_number(t, STYLE_PLAIN, one->commits->len);
		table_number(t, STYLE_PLAIN, one->files);
		table_number(t, STYLE_GOOD, one->insertions);
		table_number(t, STYLE_ERROR, one->deletions);
		table_number(t, one->rejects->len ? STYLE_ERROR : STYLE_PLAIN, one->rejects->len);
		if (analysed)
			coverage_cells(t, coverage_of(m, i));
	}
	table_print(t, &s, INDENT);
	for (guint i = 0; i < m->series->len; i++)
		print_causes(&s, m, i);
	for (guint i = 0; i < m->series->len; i++)
		print_notes(&s, g_ptr_array_index(m->series, i));
}

static const char *reject_text(reject_reason reason)
{
	switch (reason) {
	case REJECT_HUNK:
		return "its old lines are nowhere in the file";
	case REJECT_MISSING:
		return "the file is not in the tree";
	case REJECT_EXISTS:
		return "the file is already there, with other content";
	case REJECT_BINARY:
		return "the binary content does not fit";
	case REJECT_COMMIT:
		return "the commit conflicts on the base";
	}
	g_assert_not_reached();
}

static void one_reject(sheet *s, const reject *r)
{
	g_autofree char *place = tally_place(r->path, 0, 0);
	g_autofree char *number = r->hunk ? g_strdup_printf(" hunk %u", r->hunk) : g_strdup("");
	sheet_blank(s, INDENT);
	g_autofree char *text = g_strdup_printf("%s%s (%s:%u): %s%s", place, number,
		r->origin ? r->origin : "?", r->source_line, reject_text(r->reason),
		r->near_line ? "; nearest at line " : "");
	g_autofree char *whole =
		r->near_line ? g_strdup_printf("%s%u", text, r->near_line) : g_strdup(text);
	sheet_wrap(s, STYLE_ERROR, INDENT, 2 * INDENT, whole);
	if (!r->difference)
		return;
	g_autofree char *printable = text_printable(r->difference, strlen(r->difference));
	g_auto(GStrv) lines = g_strsplit(g_strchomp(printable), "\n", -1);
	for (char **line = lines; *line; line++) {
		style st = **line == '+' ? STYLE_GOOD : **line == '-' ? STYLE_ERROR : STYLE_DIM;
		sheet_blank(s, 3 * INDENT);
		sheet_cell(s, st, *line, s->width - 3 * INDENT);
		sheet_newline(s);
	}
}

static void label(sheet *s, const char *name, const char *text)
{
	sheet_blank(s, INDENT);
	sheet_cell(s, STYLE_DIM, name, 10);
	sheet_wrap(s, STYLE_PLAIN, INDENT + 10, INDENT + 10, text);
}

void report_text_one_series(
	GString *out, const mediation *m, const series *one, const report_options *options)
{
	sheet s = sheet_on(out, options);
	g_autofree char *size =
		g_strdup_printf("%u files, +%u -%u", one->files, one->insertions, one->deletions);
	g_autofree char *tip = tally_short_oid(&one->tip);
	g_autofree char *tip_tree = tally_short_oid(&one->tip_tree);
	g_autofree char *base = tally_short_oid(&one->base);
	g_autofree char *base_text =
		m->base_rev ? g_strdup_printf("%s (%s)", m->base_rev, base) : g_strdup(base);
	g_autofree char *tip_text = g_strdup_printf("%s, tree %s", tip, tip_tree);
	sheet_print(&s, STYLE_PLAIN, "series ");
	sheet_print(&s, STYLE_NAME, "%s", one->name);
	sheet_newline(&s);
	label(&s, "base", base_text);
	label(&s, "tip", tip_text);
	label(&s, "changes", size);
	for (guint i = 0; i < one->specs->len; i++)
		label(&s, i ? "" : "sources", g_ptr_array_index(one->specs, i));
	for (guint i = 0; i < one->notes->len; i++)
		label(&s, i ? "" : "notes", g_ptr_array_index(one->notes, i));
	sheet_newline(&s);

	g_autoptr(table) t = table_new();
	table_column(t, "n", TABLE_RIGHT, false);
	table_column(t, "commit", TABLE_LEFT, false);
	table_column(t, "placed", TABLE_LEFT, false);
	table_column(t, "author", TABLE_LEFT, true);
	table_column(t, "subject", TABLE_LEFT, true);
	for (guint i = 0; i < one->commits->len; i++) {
		const series_commit *c = g_ptr_array_index(one->commits, i);
		g_autofree char *id = tally_short_oid(&c->commit);
		g_autofree char *placed = !c->applied ? g_strdup("not all")
					  : c->fuzzy  ? g_strdup_printf("%u moved", c->fuzzy)
						      : g_strdup("exact");
		table_number(t, STYLE_PLAIN, c->n);
		table_cell(t, STYLE_ID, id);
		table_cell(t, !c->applied ? STYLE_ERROR : STYLE_PLAIN, placed);
		table_cell(t, STYLE_PLAIN, c->author.name);
		table_cell(t, STYLE_PLAIN, c->subject);
	}
	table_print(t, &s, INDENT);
	if (!one->rejects->len)
		return;
	sheet_newline(&s);
	g_autofree char *count = g_strdup_printf("%u", one->rejects->len);
	sheet_section(&s, "FOUND NO PLACE", count);
	for (guint i = 0; i < one->rejects->len; i++)
		one_reject(&s, g_ptr_array_index(one->rejects, i));
}
