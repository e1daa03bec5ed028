/* The HTML report: one page that stands alone, without script, for a browser of any width. */
#include <string.h>

#include "report/escape.h"
#include "report/html.h"
#include "report/tally.h"
#include "report/unread.h"

static const char head[] =
	"<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'\">\n"
	"<style>\n"
	":root{color-scheme:light dark;--page:#fff;--ink:#1a1a1a;--dim:#5c5c5c;--line:#d0d0d0;"
	"--code:#f5f5f3;--link:#1a56b0;--error:#b00020;--warning:#8a5a00;--note:#2a5db0;"
	"--good:#1b7a3d;--add:#e3f5e6;--del:#fbe6e6}\n"
	"@media(prefers-color-scheme:dark){:root{--page:#141414;--ink:#e4e4e4;--dim:#a8a8a8;"
	"--line:#3c3c3c;--code:#1e1e1e;--link:#8ab4f8;--error:#ff8a93;--warning:#e6b450;"
	"--note:#8ab4f8;--good:#7bd88f;--add:#14301b;--del:#3a1a1c}}\n"
	"body{font:16px/1.45 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:0 1rem "
	"4rem;"
	"background:var(--page);color:var(--ink)}a{color:var(--link)}\n"
	"h1{font-size:1.4rem;margin:1rem 0 .5rem}h2{font-size:1.2rem;border-bottom:1px solid "
	"var(--line);margin-top:2.5rem}h3{font-size:1rem;margin:0}h4{font-size:1rem;margin:.8rem 0 "
	"0}\n"
	"code,pre{font:13px/1.4 ui-monospace,monospace}code{overflow-wrap:anywhere}\n"
	"pre{background:var(--code);overflow-x:auto;padding:.5rem;margin:.25rem 0;tab-size:8}\n"
	".add,.del{display:inline-block;min-width:100%}.add{background:var(--add)}"
	".del{background:var(--del)}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;margin:.5rem 0}\n"
	"th,td{text-align:left;padding:.2rem 1rem .2rem 0;border-bottom:1px solid var(--line);"
	"vertical-align:top}.n{text-align:right;white-space:nowrap}\n"
	"td code{overflow-wrap:normal}.points .group th{padding-top:1.2rem}\n"
	".sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,28rem),1fr));"
	"gap:.5rem 1rem}.sides>div{min-width:0}\n"
	"article{border:1px solid var(--line);border-radius:6px;padding:.7rem 1rem;margin:1rem 0}\n"
	"article:target{border-color:var(--link)}\n"
	".dim,.around{color:var(--dim)}.error{color:var(--error)}.warning{color:var(--warning)}"
	".note{color:var(--note)}.good{color:var(--good)}.warning a{color:inherit}\n"
	"p{margin:.5rem 0}summary{cursor:pointer;padding:.15rem 0}.prose{white-space:pre-wrap;"
	"overflow-wrap:anywhere}nav{margin:.5rem 0 1rem}nav a{margin-right:1rem}"
	"li{margin:.3rem 0}\n"
	"@media(max-width:45rem){.points,.points tbody,.points tr,.points td{display:block}"
	".points .head,.points td:empty{display:none}.points tr{padding:.3rem 0;"
	"border-bottom:1px solid var(--line)}.points td,.points th{border:0;padding:0}"
	".points td:nth-child(2){float:right}.points td:first-child{float:left}"
	".points td[data-side],.points td[colspan]{clear:both}"
	".points td[data-side]::before{content:attr(data-side) \": \";font-weight:600}"
	".points tr::after{content:\"\";display:block;clear:both}"
	".points td code{overflow-wrap:anywhere}"
	"article{padding:.6rem .6rem}ol,ul{padding-left:1.4rem}}\n"
	"</style>\n";

/* --- summary and series --- */

static void summary_row(page *p, const char *label, const char *value)
{
	html_raw(p, "<tr>");
	html_element(p, "th", NULL, label);
	html_element(p, "td", NULL, value);
	html_raw(p, "</tr>\n");
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
	g_autofree char *errors = tally_count(f.by_severity[SEVERITY_ERROR], "error", "errors");
	g_autofree char *warnings =
		tally_count(f.by_severity[SEVERITY_WARNING], "warning", "warnings");
	g_autofree char *notes = tally_count(f.by_severity[SEVERITY_NOTE], "note", "notes");
	g_autofree char *finding_text = g_strdup_printf(
		"%s, %s, %s; %u of %u open", errors, warnings, notes, f.open, f.all);
	g_autofree char *steps = tally_count(m->plan ? m->plan->steps->len : 0, "step", "steps");
	g_autofree char *open = tally_count(
		m->plan ? m->plan->undecided->len : 0, "open decision", "open decisions");
	g_autofree char *plan_text =
		m->plan ? g_strdup_printf("%s, %s", steps, open) : g_strdup("not made yet");
	html_raw(p, "<div class=\"wide\"><table>\n");
	summary_row(p, "Base", base);
	summary_row(p, "Points", point_text);
	summary_row(p, "Findings", finding_text);
	summary_row(p, "Plan", plan_text);
	html_raw(p, "</table></div>\n");
}

static void write_commits(page *p, const series *s)
{
	html_raw(p, "<details><summary>");
	html_text(p, s->name);
	g_string_append_printf(p->out, ": %u %s</summary>\n<ol>\n", s->commits->len,
		s->commits->len == 1 ? "patch" : "patches");
	for (guint i = 0; i < s->commits->len; i++) {
		const series_commit *c = g_ptr_array_index(s->commits, i);
		g_string_append_printf(p->out, "<li value=\"%u\">", c->n);
		html_text(p, c->subject);
		if (c->author.name) {
			html_raw(p, " <span class=\"dim\">");
			html_text(p, c->author.name);
			html_raw(p, "</span>");
		}
		if (!c->applied)
			html_raw(p,
				" <strong class=\"error\">not all of it found its place</strong>");
		html_raw(p, "</li>\n");
	}
	html_raw(p, "</ol></details>\n");
}

/* What its reader noticed: letters left out, numbers missing. */
static void write_notes(page *p, const series *s)
{
	for (guint i = 0; i < s->notes->len; i++) {
		html_raw(p, "<p class=\"dim\">");
		html_text(p, s->name);
		html_raw(p, ": ");
		html_text(p, g_ptr_array_index(s->notes, i));
		html_raw(p, "</p>\n");
	}
}

/* What costs the .c files that do not parse. */
static void write_causes(page *p, guint index)
{
	const coverage *c = g_ptr_array_index(p->m->coverage, index);
	for (guint i = 0; i < c->causes->len; i++) {
		g_autofree char *told = tally_cause(p->m, index, g_ptr_array_index(c->causes, i));
		html_raw(p, "<p>");
		html_text(p, tally_series_name(p->m, (int)index));
		escape_xml_printf(p->out, ": %s", told);
		html_raw(p, "</p>\n");
	}
}

/* Changed lines that no compiler saw, by reason. */
static void write_unread(page *p, guint index)
{
	const coverage *c = g_ptr_array_index(p->m->coverage, index);
	g_autoptr(GArray) reasons = unread_by_reason(c);
	if (!reasons->len)
		return;
	g_autofree char *count =
		tally_count(unread_lines(reasons), "changed line", "changed lines");
	html_raw(p, "<details><summary>");
	html_text(p, tally_series_name(p->m, (int)index));
	escape_xml_printf(p->out, ": %s that no compiler saw", count);
	html_raw(p, "</summary>\n<ul>\n");
	for (guint i = 0; i < reasons->len; i++) {
		const unread *one = &g_array_index(reasons, unread, i);
		g_autoptr(GPtrArray) files = unread_files(one);
		g_autofree char *lines = tally_count(one->lines, "line", "lines");
		html_raw(p, "<li>");
		escape_xml_printf(p->out, "%s (%s)", one->reason, lines);
		html_raw(p, "\n<ul>\n");
		for (guint k = 0; k < files->len; k++) {
			const unread_file *f = g_ptr_array_index(files, k);
			html_raw(p, "<li>");
			html_element(p, "code", NULL, f->path);
			escape_xml_printf(p->out, ": %s", f->lines);
			html_raw(p, "</li>\n");
		}
		html_raw(p, "</ul></li>\n");
	}
	html_raw(p, "</ul></details>\n");
}

static void write_series(page *p)
{
	html_heading(p, "series", "Series");
	html_raw(p,
		"<div class=\"wide\"><table>\n<tr><th>series</th><th class=\"n\">patches</th>"
		"<th class=\"n\">files</th><th class=\"n\">added</th><th class=\"n\">deleted</th>"
		"<th class=\"n\">unplaced</th><th class=\"n\">.c files clean</th>"
		"<th class=\"n\">C lines read</th></tr>\n");
	for (guint i = 0; i < p->m->series->len; i++) {
		const series *s = g_ptr_array_index(p->m->series, i);
		html_raw(p, "<tr>");
		html_element(p, "td", NULL, s->name);
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
		html_raw(p, "</tr>\n");
	}
	html_raw(p, "</table></div>\n");
	for (guint i = 0; i < p->m->series->len; i++) {
		write_notes(p, g_ptr_array_index(p->m->series, i));
		write_commits(p, g_ptr_array_index(p->m->series, i));
		if (i < p->m->coverage->len) {
			write_causes(p, i);
			write_unread(p, i);
		}
	}
}

/* --- plan --- */

static void write_ids(page *p, const char *label, const GPtrArray *ids)
{
	if (!ids->len)
		return;
	html_text(p, label);
	for (guint i = 0; i < ids->len; i++) {
		const char *id = g_ptr_array_index(ids, i);
		g_string_append_printf(
			p->out, "%s<a href=\"#f-%s\"><code>%s</code></a>", i ? ", " : " ", id, id);
	}
	html_raw(p, "<br>\n");
}

static void write_hunks(page *p, GPtrArray *hunks)
{
	if (!hunks->len)
		return;
	g_autoptr(GPtrArray) paths = tally_hunks(hunks);
	g_autofree char *count = tally_count_hunks(hunks);
	g_string_append_printf(p->out, "<details><summary>%s</summary>\n<ul>\n", count);
	for (guint i = 0; i < paths->len; i++) {
		const path_hunks *h = g_ptr_array_index(paths, i);
		html_raw(p, "<li>");
		html_text(p, tally_series_name(p->m, (int)h->series));
		html_raw(p, " ");
		html_element(p, "code", NULL, h->path);
		escape_xml_printf(p->out, ": %s", h->hunks);
		html_raw(p, "</li>\n");
	}
	html_raw(p, "</ul></details>\n");
}

static void write_step(page *p, const step *s)
{
	static const char *const verified[] = {
		"not checked", "its files parse no worse than before", "its files parse worse"};
	static const char *const classes[] = {"dim", "good", "error"};
	g_string_append_printf(p->out, "<li value=\"%u\"><strong>", s->n);
	escape_xml_printf(p->out, "%s: %s", step_action_name(s->action), s->title);
	html_raw(p, "</strong><br>\n");
	if (!oid_is_zero(&s->tree)) {
		g_autofree char *tree = tally_short_oid(&s->tree);
		html_raw(p, "tree ");
		html_element(p, "code", NULL, tree);
		html_raw(p, ", ");
		html_element(p, "span", classes[s->verified], verified[s->verified]);
		html_raw(p, "<br>\n");
	}
	if (s->depends_on->len) {
		g_autofree char *after = tally_numbers(s->depends_on);
		escape_xml_printf(p->out, "after %s", after);
		html_raw(p, "<br>\n");
	}
	write_ids(p, "findings", s->findings);
	if (s->detail) {
		html_raw(p, "<details><summary>what is left to do by hand</summary>");
		html_prose(p, s->detail);
		html_raw(p, "</details>\n");
	}
	write_hunks(p, s->hunks);
	html_raw(p, "</li>\n");
}

static void write_plan(page *p)
{
	const plan *of = p->m->plan;
	if (!of)
		return;
	html_heading(p, "plan", "Plan");
	if (of->undecided->len) {
		html_raw(p,
			"<p>These wait for a ruling (<code>truce decide ID</code>):</p>\n<ul>\n");
		for (guint i = 0; i < of->undecided->len; i++) {
			const undecided *u = g_ptr_array_index(of->undecided, i);
			html_raw(p, "<li>");
			html_text(p, u->title);
			html_raw(p, "<br>\n");
			write_ids(p, "rule", u->findings);
			write_hunks(p, u->hunks);
			html_raw(p, "</li>\n");
		}
		html_raw(p, "</ul>\n");
	}
	html_raw(p, "<ol>\n");
	for (guint i = 0; i < of->steps->len; i++)
		write_step(p, g_ptr_array_index(of->steps, i));
	html_raw(p, "</ol>\n");
	g_autoptr(GPtrArray) unplaced = tally_left_out(p->m);
	if (!unplaced->len)
		return;
	html_raw(p, "<p>Left out: no place was found.</p>\n<ul>\n");
	for (guint i = 0; i < unplaced->len; i++) {
		const finding *f = g_ptr_array_index(unplaced, i);
		html_raw(p, "<li>");
		html_element(p, "code", NULL, f->id);
		escape_xml_printf(p->out, " %s", f->title);
		html_raw(p, "</li>\n");
	}
	html_raw(p, "</ul>\n");
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
	html_raw(&p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n");
	html_raw(&p, head);
	html_element(&p, "title", NULL, title);
	html_raw(&p, "\n</head>\n<body>\n");
	html_element(&p, "h1", NULL, title);
	html_raw(&p, "\n<nav><a href=\"#findings\">findings</a> ");
	if (m->points->len)
		html_raw(&p, "<a href=\"#points\">points</a> ");
	if (m->plan)
		html_raw(&p, "<a href=\"#plan\">plan</a> ");
	html_raw(&p, "<a href=\"#series\">series</a></nav>\n");
	write_summary(&p);
	html_findings(&p);
	html_points(&p);
	write_plan(&p);
	write_series(&p);
	html_raw(&p, "</body>\n</html>\n");
}
