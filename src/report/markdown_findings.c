/* The Markdown report: findings, with the hunks of both sides. */
#include <string.h>

#include "report/advice.h"
#include "report/diff.h"
#include "report/kinds.h"
#include "report/markdown.h"
#include "report/markup.h"
#include "report/tally.h"

static void one_location(GString *out, const mediation *m, const location *l)
{
	g_autofree char *tree = tally_tree_name(m, l);
	g_autofree char *name = markup_plain(tree);
	g_autofree char *text = tally_place(l->path, l->line, l->end_line);
	g_autofree char *place = markup_code(text);
	g_string_append_printf(out, "- %s: %s", name, place);
	if (l->symbol && *l->symbol) {
		g_autofree char *symbol = markup_code(l->symbol);
		g_string_append_printf(out, ", %s", symbol);
	}
	if (l->patch) {
		g_autofree char *subject = markup_plain(tally_subject(m, l->series, l->patch));
		g_string_append_printf(
			out, ", patch %u%s%s", l->patch, *subject ? ": " : "", subject);
	}
	g_string_append_c(out, '\n');
}

/* What each side does at the finding's first places. */
static void differences(
	GString *out, const mediation *m, const finding *f, const report_options *options)
{
	for (int i = 0; i < (int)m->series->len; i++) {
		g_autoptr(GString) hunks = g_string_new(NULL);
		if (!diff_of_side(hunks, m, f, i, options))
			continue;
		g_autofree char *name = markup_plain(tally_series_name(m, i));
		g_string_append_printf(out, "What %s does:\n\n", name);
		markup_block(out, "diff", hunks->str);
	}
}

static void one_finding(
	GString *out, const mediation *m, const finding *f, const report_options *options)
{
	g_autofree char *title = markup_plain(f->title);
	g_autofree char *parties = tally_join_names(f->parties);
	g_autofree char *names = markup_plain(parties);
	g_string_append_printf(out, "#### `%s` %s\n\n%s, confidence %.0f %%", f->id, title, names,
		f->confidence * 100);
	if (f->points->len) {
		g_string_append(out, "; points ");
		markup_codes(out, f->points);
	}
	if (f->decision) {
		g_autofree char *ruling = tally_decision(f->decision);
		g_autofree char *escaped = markup_plain(ruling);
		g_autofree char *by = markup_plain(f->decision->by);
		g_string_append_printf(out, ". **Decided: %s** by %s", escaped, by);
		if (f->decision->note) {
			g_autofree char *note = markup_plain(f->decision->note);
			g_string_append_printf(out, ": %s", note);
		}
	}
	g_string_append(out, ".\n\n");
	markup_paragraphs(out, f->explanation);
	g_autofree char *advice = advice_commands(f);
	if (*advice) {
		g_string_append(out, "What to do: ");
		markup_paragraphs(out, advice);
	}
	if (f->severity == SEVERITY_ERROR)
		differences(out, m, f, options);
	if (f->locations->len)
		g_string_append(out, "Places:\n\n");
	for (guint i = 0; i < f->locations->len; i++)
		one_location(out, m, g_ptr_array_index(f->locations, i));
	if (f->locations->len)
		g_string_append_c(out, '\n');
}

void markdown_findings(GString *out, const mediation *m, const report_options *options)
{
	g_string_append(out, "## Findings\n\n");
	if (!m->findings->len)
		g_string_append(out, "None.\n\n");
	for (guint first = 0, last = 0; tally_next_kind(m->findings, &first, &last);) {
		const finding *head = g_ptr_array_index(m->findings, first);
		g_string_append_printf(out, "### %s: %s (%u)\n\n", severity_name(head->severity),
			head->kind, last - first);
		g_autofree char *what = markup_plain(kind_summary(head->kind));
		if (*what)
			g_string_append_printf(out, "%c%s.\n\n", g_ascii_toupper(*what), what + 1);
		for (guint i = first; i < last; i++)
			one_finding(out, m, g_ptr_array_index(m->findings, i), options);
	}
}
