/* The HTML report: the matrix of points by series. */
#include <string.h>

#include "report/escape.h"
#include "report/html.h"
#include "report/tally.h"

/* On narrow screens a row becomes a block, and each cell says whose it is. */
static void write_side(page *p, guint index, const point_side *side)
{
	if (side->state == POINT_UNTOUCHED) {
		html_raw(p, "<td></td>");
		return;
	}
	const char *state = point_state_name(side->state);
	g_autofree char *how = tally_side_how(side, 0);
	html_raw(p, "<td data-side=\"");
	html_text(p, tally_series_name(p->m, (int)index));
	g_string_append_printf(p->out, "\"><span class=\"%s\">%s</span>",
		side->state == POINT_BYPASSED ? "error" : "state", state);
	if (*how && strcmp(how, state)) {
		html_raw(p, ", ");
		html_text(p, how);
	}
	const evidence *e = tally_side_evidence(side);
	if (e && e->path) {
		g_autofree char *place = tally_place(e->path, e->line, 0);
		html_raw(p, "<br>");
		html_element(p, "code", "dim", place);
	}
	html_raw(p, "</td>");
}

static bool is_touched(const point_result *r)
{
	for (guint i = 0; i < r->sides->len; i++) {
		const point_side *side = g_ptr_array_index(r->sides, i);
		if (side->state != POINT_UNTOUCHED)
			return true;
	}
	return false;
}

/* The finding that the series compete there; NULL when they do not. */
static const finding *contest_at(const mediation *m, const point *at)
{
	for (guint i = 0; i < m->findings->len; i++) {
		const finding *f = g_ptr_array_index(m->findings, i);
		if (!strcmp(f->kind, "point.contested") &&
			g_ptr_array_find_with_equal_func(f->points, at->id, g_str_equal, NULL))
			return f;
	}
	return NULL;
}

static void write_point(page *p, const point_result *r)
{
	bool contested = r->verdict == VERDICT_CONTESTED;
	const finding *f = contested ? contest_at(p->m, r->point) : NULL;
	html_raw(p, "<tr><td><code>");
	html_text(p, r->point->id);
	html_raw(p, "</code></td>");
	html_raw(p, contested ? "<td class=\"warning\">" : "<td class=\"dim\">");
	if (f)
		g_string_append_printf(
			p->out, "<a href=\"#f-%s\">%s</a>", f->id, point_verdict_name(r->verdict));
	else
		html_text(p, point_verdict_name(r->verdict));
	html_raw(p, "</td>");
	for (guint i = 0; i < r->sides->len; i++)
		write_side(p, i, g_ptr_array_index(r->sides, i));
	html_raw(p, "</tr>\n");
}

static void write_group(page *p, guint first, guint last)
{
	const point_result *head = g_ptr_array_index(p->m->points, first);
	g_autoptr(GString) rest = g_string_new(NULL);
	guint columns = p->m->series->len + 2;
	g_string_append_printf(p->out, "<tr class=\"group\"><th colspan=\"%u\">", columns);
	html_text(p, head->point->group);
	html_raw(p, "</th></tr>\n");
	for (guint i = first; i < last; i++) {
		const point_result *r = g_ptr_array_index(p->m->points, i);
		if (is_touched(r))
			write_point(p, r);
		else
			g_string_append_printf(
				rest, "%s%s", rest->len ? ", " : "", r->point->member);
	}
	if (!rest->len)
		return;
	g_string_append_printf(p->out, "<tr><td class=\"dim\" colspan=\"%u\">untouched: ", columns);
	html_text(p, rest->str);
	html_raw(p, "</td></tr>\n");
}

void html_points(page *p)
{
	if (!p->m->points->len)
		return;
	html_heading(p, "points", "Points of the interface");
	html_raw(p,
		"<p class=\"dim\">hooked: an implementation of its own, or call sites routed "
		"through its hook; touched: moved, copied or taken away without one; bypassed: a "
		"privileged operation outside the interface; contested: hooked by two or "
		"more. Beside it how, and where first.</p>\n");
	html_raw(p, "<div class=\"wide\"><table class=\"points\">\n"
		    "<tr class=\"head\"><th>point</th><th>verdict</th>");
	for (guint i = 0; i < p->m->series->len; i++)
		html_element(p, "th", NULL, tally_series_name(p->m, (int)i));
	html_raw(p, "</tr>\n");
	for (guint first = 0, last = 0; tally_next_group(p->m, &first, &last);)
		write_group(p, first, last);
	html_raw(p, "</table></div>\n");
}
