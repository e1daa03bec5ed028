/* The HTML report: findings, with the code of every side. */
#include <string.h>

#include "report/advice.h"
#include "report/diff.h"
#include "report/escape.h"
#include "report/html.h"
#include "report/kinds.h"
#include "report/tally.h"

/* Lines around a place, and lines of one place that are shown. */
#define CONTEXT 3u
#define MOST_LINES 40u
/* Places of one finding whose code is shown; the others are listed. */
#define MOST_PLACES 6u

/* One line of source, numbered; those around the place are dimmed. */
static void write_code_line(page *p, span line, unsigned n, bool inside)
{
	size_t len = line.len;
	while (len && (line.at[len - 1] == '\n' || line.at[len - 1] == '\r'))
		len--;
	g_autofree char *own = g_strndup(line.at, len);
	if (!inside)
		html_raw(p, "<span class=\"around\">");
	g_string_append_printf(p->out, "%5u  ", n);
	html_text(p, own);
	html_raw(p, inside ? "\n" : "</span>\n");
}

static void write_code(page *p, const location *l)
{
	const report_options *o = p->options;
	g_autoptr(GBytes) bytes = o && o->read && l->line && !oid_is_zero(&l->blob)
					  ? o->read(&l->blob, o->read_data)
					  : NULL;
	gsize len;
	const char *code = bytes ? g_bytes_get_data(bytes, &len) : NULL;
	if (!code || text_is_binary(code, len))
		return;
	line_index ix;
	line_index_init(&ix, code, len);
	unsigned last = (unsigned)MIN((size_t)MAX(l->line, l->end_line), ix.count);
	unsigned shown = MIN(last, l->line + MOST_LINES - 1);
	unsigned from = l->line > CONTEXT ? l->line - CONTEXT : 1;
	unsigned to = shown < last ? shown : (unsigned)MIN((size_t)last + CONTEXT, ix.count);
	html_raw(p, "<pre>");
	for (unsigned n = from; n <= to; n++)
		write_code_line(p, line_index_get(&ix, n), n, n >= l->line && n <= last);
	if (shown < last)
		g_string_append_printf(p->out, "and %u more lines\n", last - shown);
	html_raw(p, "</pre>");
	line_index_clear(&ix);
}

static void write_place(page *p, const location *l, bool code)
{
	g_autofree char *tree = tally_tree_name(p->m, l);
	g_autofree char *place = tally_place(l->path, l->line, l->end_line);
	const char *subject = tally_subject(p->m, l->series, l->patch);
	html_raw(p, "<div><strong>");
	html_text(p, tree);
	html_raw(p, "</strong> ");
	html_element(p, "code", NULL, place);
	if (subject) {
		html_raw(p, "<br><span class=\"dim\">");
		escape_xml_printf(p->out, "patch %u: %s", l->patch, subject);
		html_raw(p, "</span>");
	}
	if (code)
		write_code(p, l);
	html_raw(p, "</div>\n");
}

/* What each side does there, side by side. Of points the whole code says more. */
static bool write_hunks_of(page *p, const finding *f)
{
	if (g_str_has_prefix(f->kind, "point."))
		return false;
	bool any = false;
	for (int i = 0; i < (int)p->m->series->len; i++) {
		g_autoptr(GString) hunks = g_string_new(NULL);
		if (!diff_of_side(hunks, p->m, f, i, p->options))
			continue;
		html_raw(p, any ? "" : "<div class=\"sides\">\n");
		any = true;
		html_raw(p, "<div>");
		html_element(p, "strong", NULL, tally_series_name(p->m, i));
		html_diff(p, hunks->str);
		html_raw(p, "</div>\n");
	}
	html_raw(p, any ? "</div>\n" : "");
	return any;
}

static void write_finding(page *p, const finding *f)
{
	g_autofree char *parties = tally_join_names(f->parties);
	g_autofree char *ruling = tally_decision(f->decision);
	g_string_append_printf(p->out, "<article id=\"f-%s\">\n<h3>", f->id);
	html_text(p, f->title);
	g_string_append_printf(p->out, "</h3>\n<p class=\"dim\"><span class=\"%s\">%s</span> ",
		severity_name(f->severity), severity_name(f->severity));
	html_element(p, "code", NULL, f->kind);
	html_raw(p, " ");
	html_element(p, "code", NULL, f->id);
	escape_xml_printf(p->out, ", %s, confidence %.0f %%, ", parties, f->confidence * 100);
	html_element(p, "span", f->decision ? "good" : "warning", ruling);
	if (f->decision && f->decision->note)
		escape_xml_printf(p->out, " (%s)", f->decision->note);
	html_raw(p, "</p>\n");
	html_prose(p, f->explanation);
	g_autofree char *advice = advice_commands(f);
	if (*advice) {
		g_autofree char *whole = g_strdup_printf("What to do: %s", advice);
		html_prose(p, whole);
	}
	bool hunks = write_hunks_of(p, f);
	html_raw(p, "<div class=\"sides\">\n");
	for (guint i = 0; i < f->locations->len; i++)
		write_place(p, g_ptr_array_index(f->locations, i), !hunks && i < MOST_PLACES);
	html_raw(p, "</div>\n");
	html_raw(p, "</article>\n");
}

void html_findings(page *p)
{
	html_heading(p, "findings", "Findings");
	if (!p->m->findings->len)
		html_raw(p, "<p class=\"good\">None.</p>\n");
	for (guint first = 0, last = 0; tally_next_kind(p->m->findings, &first, &last);) {
		const finding *f = g_ptr_array_index(p->m->findings, first);
		g_string_append_printf(p->out, "<details%s><summary><span class=\"%s\">%s</span> ",
			f->severity == SEVERITY_ERROR ? " open" : "", severity_name(f->severity),
			severity_name(f->severity));
		html_element(p, "code", NULL, f->kind);
		g_string_append_printf(p->out, " (%u): ", last - first);
		html_text(p, kind_summary(f->kind));
		html_raw(p, "</summary>\n");
		for (guint i = first; i < last; i++)
			write_finding(p, g_ptr_array_index(p->m->findings, i));
		html_raw(p, "</details>\n");
	}
}
