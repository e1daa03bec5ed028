/* The HTML report: one page that stands alone, without script, for a browser of any width. */
#include <string.h>

#include "base/text.h"
#include "report/advice.h"
#include "report/escape.h"
#include "report/kinds.h"
#include "report/report.h"
#include "report/tally.h"

/* Lines around a place, and lines of one place that are shown. */
#define CONTEXT 3u
#define MOST_LINES 40u
/* Places of one finding whose code is shown; the others are listed. */
#define MOST_PLACES 6u

static const char head[] =
	"<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'\">\n"
	"<style>\n"
	":root{color-scheme:light dark;--dim:#666;--line:#ccc;--code:#f4f4f2;--error:#b00020;"
	"--warning:#8a5a00;--note:#2a5db0;--good:#1b7a3d}\n"
	"@media(prefers-color-scheme:dark){:root{--dim:#aaa;--line:#444;--code:#1e1e1e;"
	"--error:#ff7a85;--warning:#e6b450;--note:#8ab4f8;--good:#7bd88f}}\n"
	"body{font:16px/1.45 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:0 1rem "
	"4rem}\n"
	"h1{font-size:1.4rem}h2{font-size:1.2rem;border-bottom:1px solid "
	"var(--line);margin-top:2.5rem}\n"
	"h3{font-size:1rem;margin:0}code,pre{font:13px/1.4 ui-monospace,monospace}\n"
	"pre{background:var(--code);overflow-x:auto;padding:.5rem;margin:.25rem 0;tab-size:8}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse}\n"
	"th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--line);"
	"vertical-align:top}td.n{text-align:right}\n"
	".sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,28rem),1fr));"
	"gap:.5rem 1rem}.sides>div{min-width:0}\n"
	"article{border:1px solid var(--line);border-radius:6px;padding:.7rem 1rem;margin:1rem 0}\n"
	".dim,.around{color:var(--dim)}.error{color:var(--error)}.warning{color:var(--warning)}"
	".note{color:var(--note)}.good{color:var(--good)}\n"
	"p{margin:.5rem 0}summary{cursor:pointer}.prose{white-space:pre-wrap}"
	"nav a{margin-right:1rem}\n"
	"</style>\n";

typedef struct page {
	GString *out;
	const mediation *m;
	const report_options *options;
} page;

static void raw(page *p, const char *text)
{
	g_string_append(p->out, text);
}

static void text(page *p, const char *value)
{
	escape_xml(p->out, value);
}

/* <tag class="class">text</tag> */
static void element(page *p, const char *tag, const char *class, const char *value)
{
	g_string_append_printf(p->out, class ? "<%s class=\"%s\">" : "<%s>", tag, class);
	text(p, value);
	g_string_append_printf(p->out, "</%s>", tag);
}

/* Text that writes names and commands between backticks; lines stay lines. */
static void prose(page *p, const char *value)
{
	if (!value || !*value)
		return;
	g_auto(GStrv) parts = g_strsplit(value, "`", -1);
	guint n = g_strv_length(parts);
	raw(p, "<p class=\"prose\">");
	for (guint i = 0; i < n; i++) {
		bool code = i % 2 && i + 1 < n;
		if (code)
			element(p, "code", NULL, parts[i]);
		else
			text(p, parts[i]);
	}
	raw(p, "</p>\n");
}

static void heading(page *p, const char *id, const char *title)
{
	g_string_append_printf(p->out, "<h2 id=\"%s\">", id);
	text(p, title);
	raw(p, "</h2>\n");
}

/* --- summary and series --- */

static void summary_row(page *p, const char *label, const char *value)
{
	raw(p, "<tr>");
	element(p, "th", NULL, label);
	element(p, "td", NULL, value);
	raw(p, "</tr>\n");
}

static void write_summary(page *p)
{
	const mediation *m = p->m;
	point_tally points = tally_points(m);
	finding_tally f = tally_findings(m->findings);
	g_autofree char *short_base = tally_short_oid(&m->base);
	g_autofree char *base =
		g_strdup_printf("%s (%s)", m->base_rev ? m->base_rev : "", short_base);
	g_autofree char *point_text =
		m->catalogue
			? g_strdup_printf("%u contested, %u single, %u untouched, of %u in %s %s",
				  points.contested, points.single, points.untouched, points.all,
				  m->catalogue->name, m->catalogue->version)
			: g_strdup("no catalogue fits this base");
	g_autofree char *finding_text = g_strdup_printf(
		"%u errors, %u warnings, %u notes; %u of %u open", f.by_severity[SEVERITY_ERROR],
		f.by_severity[SEVERITY_WARNING], f.by_severity[SEVERITY_NOTE], f.open, f.all);
	g_autofree char *plan_text = m->plan ? g_strdup_printf("%u steps, %u open decisions",
						       m->plan->steps->len, m->plan->undecided->len)
					     : g_strdup("not made yet");
	raw(p, "<div class=\"wide\"><table>\n");
	summary_row(p, "Base", base);
	summary_row(p, "Points", point_text);
	summary_row(p, "Findings", finding_text);
	summary_row(p, "Plan", plan_text);
	raw(p, "</table></div>\n");
}

static void write_commits(page *p, const series *s)
{
	raw(p, "<details><summary>");
	text(p, s->name);
	g_string_append_printf(p->out, ": %u patches</summary>\n<ol>\n", s->commits->len);
	for (guint i = 0; i < s->commits->len; i++) {
		const series_commit *c = g_ptr_array_index(s->commits, i);
		g_string_append_printf(p->out, "<li value=\"%u\">", c->n);
		text(p, c->subject);
		if (c->author.name) {
			raw(p, " <span class=\"dim\">");
			text(p, c->author.name);
			raw(p, "</span>");
		}
		if (!c->applied)
			raw(p, " <strong class=\"error\">not all of it found its place</strong>");
		raw(p, "</li>\n");
	}
	raw(p, "</ol></details>\n");
}

static void write_series(page *p)
{
	heading(p, "series", "Series");
	raw(p, "<div class=\"wide\"><table>\n<tr><th>series</th><th>patches</th><th>files</th>"
	       "<th>added</th><th>deleted</th><th>unplaced</th><th>.c files clean</th>"
	       "<th>C lines read</th></tr>\n");
	for (guint i = 0; i < p->m->series->len; i++) {
		const series *s = g_ptr_array_index(p->m->series, i);
		raw(p, "<tr>");
		element(p, "td", NULL, s->name);
		g_string_append_printf(p->out,
			"<td class=\"n\">%u</td><td class=\"n\">%u</td><td class=\"n\">%u</td>"
			"<td class=\"n\">%u</td><td class=\"n\">%u</td>",
			s->commits->len, s->files, s->insertions, s->deletions, s->rejects->len);
		if (i < p->m->coverage->len) {
			const coverage *c = g_ptr_array_index(p->m->coverage, i);
			g_autofree char *lines =
				tally_percent(c->c_lines_parsed, c->c_lines_changed);
			g_string_append_printf(p->out,
				"<td class=\"n\">%u of %u</td><td class=\"n\">%s</td>",
				c->c_files_clean, c->c_files, lines);
		}
		raw(p, "</tr>\n");
	}
	raw(p, "</table></div>\n");
	for (guint i = 0; i < p->m->series->len; i++)
		write_commits(p, g_ptr_array_index(p->m->series, i));
}

/* --- points --- */

static const char *state_name(point_state state)
{
	switch (state) {
	case POINT_HOOKED:
		return "hooked";
	case POINT_TOUCHED:
		return "touched";
	case POINT_BYPASSED:
		return "bypassed";
	case POINT_UNTOUCHED:
		return "";
	}
	g_assert_not_reached();
}

static void write_side(page *p, const point_side *side)
{
	raw(p, "<td>");
	text(p, state_name(side->state));
	g_autofree char *how = tally_side_how(side, 0);
	if (*how && strcmp(how, point_state_name(side->state))) {
		raw(p, ", ");
		text(p, how);
	}
	const evidence *e = tally_side_evidence(side);
	if (e && e->path) {
		g_autofree char *place = tally_place(e->path, e->line, 0);
		raw(p, "<br>");
		element(p, "code", "dim", place);
	}
	raw(p, "</td>");
}

static void write_group(page *p, guint first, guint last)
{
	guint touched = 0;
	for (guint i = first; i < last; i++) {
		const point_result *r = g_ptr_array_index(p->m->points, i);
		for (guint k = 0; k < r->sides->len; k++) {
			const point_side *side = g_ptr_array_index(r->sides, k);
			touched += side->state != POINT_UNTOUCHED;
		}
	}
	if (!touched)
		return;
	raw(p, "<div class=\"wide\"><table>\n<tr><th>point</th><th>verdict</th>");
	for (guint i = 0; i < p->m->series->len; i++)
		element(p, "th", NULL, tally_series_name(p->m, (int)i));
	raw(p, "</tr>\n");
	for (guint i = first; i < last; i++) {
		const point_result *r = g_ptr_array_index(p->m->points, i);
		static const char *const names[] = {"untouched", "single", "contested"};
		bool any = false;
		for (guint k = 0; k < r->sides->len; k++)
			any |= ((point_side *)g_ptr_array_index(r->sides, k))->state !=
			       POINT_UNTOUCHED;
		if (!any)
			continue;
		raw(p, "<tr><td><code>");
		text(p, r->point->id);
		raw(p, "</code></td>");
		element(p, "td", r->verdict == VERDICT_CONTESTED ? "warning" : "dim",
			names[r->verdict]);
		for (guint k = 0; k < r->sides->len; k++)
			write_side(p, g_ptr_array_index(r->sides, k));
		raw(p, "</tr>\n");
	}
	raw(p, "</table></div>\n");
}

static void write_points(page *p)
{
	if (!p->m->points->len)
		return;
	heading(p, "points", "Points of the interface");
	raw(p, "<p class=\"dim\">Points that a series touches. hooked: an implementation of its "
	       "own, or call "
	       "sites routed through its hook; touched: moved, copied or taken away without one; "
	       "bypassed: a privileged operation outside the interface; contested: hooked by two "
	       "or "
	       "more.</p>\n");
	for (guint first = 0, last = 0; tally_next_group(p->m, &first, &last);)
		write_group(p, first, last);
}

/* --- code --- */

/* One line of source, numbered; those around the place are dimmed. */
static void write_code_line(page *p, span line, unsigned n, bool inside)
{
	size_t len = line.len;
	while (len && (line.at[len - 1] == '\n' || line.at[len - 1] == '\r'))
		len--;
	g_autofree char *own = g_strndup(line.at, len);
	if (!inside)
		raw(p, "<span class=\"around\">");
	g_string_append_printf(p->out, "%5u  ", n);
	text(p, own);
	raw(p, inside ? "\n" : "</span>\n");
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
	raw(p, "<pre>");
	for (unsigned n = from; n <= to; n++)
		write_code_line(p, line_index_get(&ix, n), n, n >= l->line && n <= last);
	if (shown < last)
		g_string_append_printf(p->out, "and %u more lines\n", last - shown);
	raw(p, "</pre>");
	line_index_clear(&ix);
}

static void write_place(page *p, const location *l, bool code)
{
	g_autofree char *tree = tally_tree_name(p->m, l);
	g_autofree char *place = tally_place(l->path, l->line, l->end_line);
	const char *subject = tally_subject(p->m, l->series, l->patch);
	raw(p, "<div><strong>");
	text(p, tree);
	raw(p, "</strong> ");
	element(p, "code", NULL, place);
	if (subject) {
		raw(p, "<br><span class=\"dim\">");
		escape_xml_printf(p->out, "patch %u: %s", l->patch, subject);
		raw(p, "</span>");
	}
	if (code)
		write_code(p, l);
	raw(p, "</div>\n");
}

/* --- findings --- */

static void write_finding(page *p, const finding *f)
{
	g_autofree char *parties = tally_join_names(f->parties);
	g_autofree char *ruling = tally_decision(f->decision);
	g_string_append_printf(p->out, "<article id=\"f-%s\">\n<h3>", f->id);
	text(p, f->title);
	g_string_append_printf(p->out, "</h3>\n<p class=\"dim\"><span class=\"%s\">%s</span> ",
		severity_name(f->severity), severity_name(f->severity));
	element(p, "code", NULL, f->kind);
	raw(p, " ");
	element(p, "code", NULL, f->id);
	escape_xml_printf(p->out, ", %s, confidence %.0f %%, ", parties, f->confidence * 100);
	element(p, "span", f->decision ? "good" : "warning", ruling);
	if (f->decision && f->decision->note)
		escape_xml_printf(p->out, " (%s)", f->decision->note);
	raw(p, "</p>\n");
	prose(p, f->explanation);
	raw(p, "<div class=\"sides\">\n");
	for (guint i = 0; i < f->locations->len; i++)
		write_place(p, g_ptr_array_index(f->locations, i), i < MOST_PLACES);
	raw(p, "</div>\n");
	g_autofree char *advice = advice_commands(f);
	if (*advice) {
		g_autofree char *whole = g_strdup_printf("What to do: %s", advice);
		prose(p, whole);
	}
	raw(p, "</article>\n");
}

static void write_findings(page *p)
{
	heading(p, "findings", "Findings");
	if (!p->m->findings->len)
		raw(p, "<p class=\"good\">None.</p>\n");
	for (guint first = 0, last = 0; tally_next_kind(p->m->findings, &first, &last);) {
		const finding *f = g_ptr_array_index(p->m->findings, first);
		g_string_append_printf(p->out, "<details%s><summary><span class=\"%s\">%s</span> ",
			f->severity == SEVERITY_ERROR ? " open" : "", severity_name(f->severity),
			severity_name(f->severity));
		element(p, "code", NULL, f->kind);
		g_string_append_printf(p->out, " (%u): ", last - first);
		text(p, kind_summary(f->kind));
		raw(p, "</summary>\n");
		for (guint i = first; i < last; i++)
			write_finding(p, g_ptr_array_index(p->m->findings, i));
		raw(p, "</details>\n");
	}
}

/* --- plan --- */

static void write_ids(page *p, const char *label, const GPtrArray *ids)
{
	if (!ids->len)
		return;
	text(p, label);
	for (guint i = 0; i < ids->len; i++) {
		const char *id = g_ptr_array_index(ids, i);
		g_string_append_printf(
			p->out, "%s<a href=\"#f-%s\"><code>%s</code></a>", i ? ", " : " ", id, id);
	}
	raw(p, "<br>\n");
}

static void write_hunks(page *p, GPtrArray *hunks)
{
	if (!hunks->len)
		return;
	g_autoptr(GPtrArray) paths = tally_hunks(hunks);
	g_string_append_printf(p->out, "<details><summary>%u hunks in %u paths</summary>\n<ul>\n",
		hunks->len, paths->len);
	for (guint i = 0; i < paths->len; i++) {
		const path_hunks *h = g_ptr_array_index(paths, i);
		raw(p, "<li>");
		text(p, tally_series_name(p->m, (int)h->series));
		raw(p, " ");
		element(p, "code", NULL, h->path);
		escape_xml_printf(p->out, ": %s%s", h->hunks, h->superseded ? ", not taken" : "");
		raw(p, "</li>\n");
	}
	raw(p, "</ul></details>\n");
}

static void write_step(page *p, const step *s)
{
	static const char *const verified[] = {
		"not checked", "its files parse no worse than before", "its files parse worse"};
	static const char *const classes[] = {"dim", "good", "error"};
	g_string_append_printf(p->out, "<li value=\"%u\"><strong>", s->n);
	escape_xml_printf(p->out, "%s: %s", step_action_name(s->action), s->title);
	raw(p, "</strong><br>\n");
	if (!oid_is_zero(&s->tree)) {
		g_autofree char *tree = tally_short_oid(&s->tree);
		raw(p, "tree ");
		element(p, "code", NULL, tree);
		raw(p, ", ");
		element(p, "span", classes[s->verified], verified[s->verified]);
		raw(p, "<br>\n");
	}
	if (s->depends_on->len) {
		g_autofree char *after = tally_numbers(s->depends_on);
		escape_xml_printf(p->out, "after %s", after);
		raw(p, "<br>\n");
	}
	write_ids(p, "findings", s->findings);
	if (s->detail) {
		raw(p, "<details><summary>what is left to do by hand</summary>");
		prose(p, s->detail);
		raw(p, "</details>\n");
	}
	write_hunks(p, s->hunks);
	raw(p, "</li>\n");
}

static void write_plan(page *p)
{
	const plan *of = p->m->plan;
	if (!of)
		return;
	heading(p, "plan", "Plan");
	if (of->undecided->len) {
		raw(p, "<p>These wait for a ruling (<code>truce decide ID</code>):</p>\n<ul>\n");
		for (guint i = 0; i < of->undecided->len; i++) {
			const undecided *u = g_ptr_array_index(of->undecided, i);
			raw(p, "<li>");
			text(p, u->title);
			raw(p, "<br>\n");
			write_ids(p, "rule", u->findings);
			write_hunks(p, u->hunks);
			raw(p, "</li>\n");
		}
		raw(p, "</ul>\n");
	}
	raw(p, "<ol>\n");
	for (guint i = 0; i < of->steps->len; i++)
		write_step(p, g_ptr_array_index(of->steps, i));
	raw(p, "</ol>\n");
}

static char *page_title(const mediation *m)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < m->series->len; i++)
		g_ptr_array_add(names, ((series *)g_ptr_array_index(m->series, i))->name);
	g_autofree char *joined = tally_join_names(names);
	return g_strdup_printf(
		"Mediation of %s on %s", joined, m->base_rev ? m->base_rev : "the base");
}

void report_html(GString *out, const mediation *m, const report_options *options)
{
	page p = {out, m, options};
	g_autofree char *title = page_title(m);
	raw(&p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
	raw(&p, head);
	element(&p, "title", NULL, title);
	raw(&p, "\n</head>\n<body>\n");
	element(&p, "h1", NULL, title);
	raw(&p, "\n<nav><a href=\"#series\">series</a> <a href=\"#points\">points</a> "
		"<a href=\"#findings\">findings</a> <a href=\"#plan\">plan</a></nav>\n");
	write_summary(&p);
	write_series(&p);
	write_points(&p);
	write_findings(&p);
	write_plan(&p);
	raw(&p, "</body>\n</html>\n");
}
