/* The Markdown report: complete, for reviewers. */
#include <string.h>

#include "base/text.h"
#include "report/markdown.h"
#include "report/markup.h"
#include "report/tally.h"

/* Markdown of the plan's own making, escaped there: made printable, its headings put below the
 * step's. */
static void step_detail(GString *out, const char *detail)
{
	g_autofree char *printable = text_printable(detail, strlen(detail));
	g_auto(GStrv) lines = g_strsplit(g_strchomp(printable), "\n", -1);
	for (char **line = lines; *line; line++)
		g_string_append_printf(out, "%s%s\n", **line == '#' ? "#" : "", *line);
	g_string_append_c(out, '\n');
}

static void series_table(GString *out, const mediation *m)
{
	g_string_append(out, "| series | patches | files | added | deleted | unplaced |\n"
			     "| --- | ---: | ---: | ---: | ---: | ---: |\n");
	for (guint i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		g_autofree char *name = markup_plain(s->name);
		g_string_append_printf(out, "| %s | %u | %u | %u | %u | %u |\n", name,
			s->commits->len, s->files, s->insertions, s->deletions, s->rejects->len);
	}
	g_string_append_c(out, '\n');
}

static void summary(GString *out, const mediation *m)
{
	point_tally p = tally_points(m);
	finding_tally f = tally_findings(m->findings);
	g_autofree char *rev = markup_code(m->base_rev);
	g_autofree char *base = tally_short_oid(&m->base);
	g_string_append(out, "## Summary\n\n");
	g_string_append_printf(out, "- Base: %s (`%s`)\n", rev, base);
	if (m->catalogue) {
		g_autofree char *name = markup_code(m->catalogue->name);
		g_autofree char *version = markup_plain(m->catalogue->version);
		g_string_append_printf(out,
			"- Points: **%u contested**, %u single, %u untouched, of %u in %s %s\n",
			p.contested, p.single, p.untouched, p.all, name, version);
	} else {
		g_string_append(out, "- Points: no catalogue fits this base\n");
	}
	g_autofree char *errors = tally_count(f.by_severity[SEVERITY_ERROR], "error", "errors");
	g_autofree char *warnings =
		tally_count(f.by_severity[SEVERITY_WARNING], "warning", "warnings");
	g_autofree char *notes = tally_count(f.by_severity[SEVERITY_NOTE], "note", "notes");
	g_string_append_printf(out, "- Findings: **%s**, %s, %s; %u of %u open\n", errors, warnings,
		notes, f.open, f.all);
	if (m->plan) {
		g_autofree char *steps = tally_count(m->plan->steps->len, "step", "steps");
		g_autofree char *open =
			tally_count(m->plan->undecided->len, "open decision", "open decisions");
		g_string_append_printf(out, "- Plan: %s, %s\n", steps, open);
	}
	g_string_append_c(out, '\n');
	if (m->series->len)
		series_table(out, m);
}

static void one_series(GString *out, const series *s)
{
	g_autofree char *name = markup_plain(s->name);
	g_autofree char *tree = tally_short_oid(&s->tip_tree);
	g_string_append_printf(out, "### %s\n\nSources: ", name);
	markup_codes(out, s->specs);
	g_string_append_printf(out, ". Tree of the tip: `%s`.\n\n", tree);
	for (guint i = 0; i < s->notes->len; i++) {
		g_autofree char *note = markup_plain(g_ptr_array_index(s->notes, i));
		g_string_append_printf(out, "- %s\n", note);
	}
	if (s->notes->len)
		g_string_append_c(out, '\n');
	g_string_append(out, "| n | commit | subject | author | placed |\n"
			     "| ---: | --- | --- | --- | --- |\n");
	for (guint i = 0; i < s->commits->len; i++) {
		const series_commit *c = g_ptr_array_index(s->commits, i);
		g_autofree char *id = tally_short_oid(&c->commit);
		g_autofree char *subject = markup_plain(c->subject);
		g_autofree char *author = markup_plain(c->author.name);
		g_autofree char *placed =
			!c->applied ? g_strdup("**not all of it**")
			: c->fuzzy  ? tally_count(c->fuzzy, "hunk moved", "hunks moved")
				    : g_strdup("exact");
		g_string_append_printf(
			out, "| %u | `%s` | %s | %s | %s |\n", c->n, id, subject, author, placed);
	}
	g_string_append_c(out, '\n');
}

/* Each patch of each series. */
static void all_series(GString *out, const mediation *m)
{
	if (m->series->len)
		g_string_append(out, "## Series\n\n");
	for (guint i = 0; i < m->series->len; i++)
		one_series(out, g_ptr_array_index(m->series, i));
}

static void matrix_cell(GString *out, const point_side *side)
{
	if (side->state == POINT_UNTOUCHED) {
		g_string_append(out, " · |");
		return;
	}
	const evidence *e = tally_side_evidence(side);
	const char *name = point_state_name(side->state);
	g_autofree char *how = tally_side_how(side, 0);
	g_autofree char *escaped = markup_plain(how);
	g_string_append_printf(out, " %s", name);
	if (*escaped && strcmp(how, name))
		g_string_append_printf(out, ", %s", escaped);
	if (e) {
		g_autofree char *text = tally_place(e->path, e->line, 0);
		g_autofree char *place = markup_code(text);
		g_string_append_printf(out, " %s", place);
	}
	g_string_append(out, " |");
}

static void matrix_group(GString *out, const mediation *m, guint first, guint last)
{
	const point_result *head = g_ptr_array_index(m->points, first);
	g_autofree char *group = markup_plain(head->point->group);
	g_string_append_printf(out, "### %s\n\n| point | verdict |", group);
	for (guint i = 0; i < m->series->len; i++) {
		g_autofree char *name = markup_plain(tally_series_name(m, (int)i));
		g_string_append_printf(out, " %s |", name);
	}
	g_string_append(out, "\n| --- | --- |");
	for (guint i = 0; i < m->series->len; i++)
		g_string_append(out, " --- |");
	g_string_append_c(out, '\n');
	for (guint i = first; i < last; i++) {
		const point_result *p = g_ptr_array_index(m->points, i);
		bool contested = p->verdict == VERDICT_CONTESTED;
		g_autofree char *id = markup_code(p->point->id);
		g_string_append_printf(out, "| %s | %s%s%s |", id, contested ? "**" : "",
			point_verdict_name(p->verdict), contested ? "**" : "");
		for (guint k = 0; k < p->sides->len; k++)
			matrix_cell(out, g_ptr_array_index(p->sides, k));
		g_string_append_c(out, '\n');
	}
	g_string_append_c(out, '\n');
}

static void all_points(GString *out, const mediation *m)
{
	if (!m->points->len)
		return;
	g_string_append(out,
		"## Points of the interface\n\n"
		"Each cell says what a series does, how, and where first. *hooked*: an "
		"implementation of its own, or call sites routed through its hook. "
		"*touched*: moved, copied or taken away without one. "
		"*bypassed*: a privileged operation outside the interface. "
		"*contested*: hooked by two or more. How: *in place*, where the base has it; "
		"*shadow copy*, in a changed copy of a file or function of the base; *override*, "
		"by a definition that stands for native's; *ops table*, in a slot; by *hypercall*, "
		"*assembly*, *macro* or *call*.\n\n");
	for (guint first = 0, last = 0; tally_next_group(m, &first, &last);)
		matrix_group(out, m, first, last);
}

static void all_resolutions(GString *out, const mediation *m)
{
	if (!m->resolutions->len)
		return;
	g_string_append(out, "## Resolved automatically\n\n"
			     "| place in the merged tree | method | confidence | verified |\n"
			     "| --- | --- | ---: | --- |\n");
	for (guint i = 0; i < m->resolutions->len; i++) {
		const resolution *r = g_ptr_array_index(m->resolutions, i);
		g_autofree char *text = tally_place(r->path, r->line, r->end_line);
		g_autofree char *place = markup_code(text);
		g_autofree char *method = markup_plain(r->method);
		g_string_append_printf(out, "| %s | %s | %.0f %% | %s |\n", place, method,
			r->confidence * 100, r->verified ? "yes" : "no");
	}
	g_string_append_c(out, '\n');
}

static void hunk_list(GString *out, const mediation *m, GPtrArray *hunks)
{
	if (!hunks->len)
		return;
	g_autoptr(GPtrArray) paths = tally_hunks(hunks);
	g_autofree char *count = tally_count_hunks(hunks);
	g_string_append_printf(out, "<details><summary>%s</summary>\n\n", count);
	for (guint i = 0; i < paths->len; i++) {
		const path_hunks *one = g_ptr_array_index(paths, i);
		g_autofree char *name = markup_plain(tally_series_name(m, (int)one->series));
		g_autofree char *path = markup_code(one->path);
		g_string_append_printf(out, "- %s %s: %s\n", name, path, one->hunks);
	}
	g_string_append(out, "\n</details>\n\n");
}

static void one_step(GString *out, const mediation *m, const step *s)
{
	g_autofree char *title = markup_plain(s->title);
	g_autofree char *patches = tally_patches(m, s->patches);
	g_autofree char *names = markup_plain(patches);
	g_string_append_printf(out, "### %u. %s: %s\n\n", s->n, step_action_name(s->action), title);
	if (*names)
		g_string_append_printf(
			out, "- patches: %s%s\n", names, s->whole ? ", as a whole" : "");
	if (s->depends_on->len) {
		g_autofree char *after = tally_numbers(s->depends_on);
		g_string_append_printf(out, "- after: %s\n", after);
	}
	if (s->points->len) {
		g_string_append(out, "- points: ");
		markup_codes(out, s->points);
		g_string_append_c(out, '\n');
	}
	if (s->findings->len) {
		g_string_append(out, "- findings: ");
		markup_codes(out, s->findings);
		g_string_append_c(out, '\n');
	}
	if (!oid_is_zero(&s->tree)) {
		g_autofree char *tree = tally_short_oid(&s->tree);
		g_string_append_printf(out, "- tree: `%s`%s\n", tree,
			s->verified == VERIFIED_OK	? ", its files parse no worse than before"
			: s->verified == VERIFIED_WORSE ? ", **its files parse worse than before**"
							: ", not verified");
	}
	if (s->owners->len) {
		g_autofree char *owners = tally_join_names(s->owners);
		g_autofree char *escaped = markup_plain(owners);
		g_string_append_printf(out, "- for: %s\n", escaped);
	}
	g_string_append_c(out, '\n');
	if (s->detail)
		step_detail(out, s->detail);
	hunk_list(out, m, s->hunks);
}

static void left_out(GString *out, const mediation *m)
{
	g_autoptr(GPtrArray) unplaced = tally_left_out(m);
	if (!unplaced->len)
		return;
	g_string_append(out, "### Left out: no place was found\n\n");
	for (guint i = 0; i < unplaced->len; i++) {
		const finding *f = g_ptr_array_index(unplaced, i);
		g_autofree char *title = markup_plain(f->title);
		g_string_append_printf(out, "- `%s` %s\n", f->id, title);
	}
	g_string_append_c(out, '\n');
}

static void all_plan(GString *out, const mediation *m)
{
	if (!m->plan)
		return;
	g_string_append(out, "## Plan\n\n");
	for (guint i = 0; i < m->plan->steps->len; i++)
		one_step(out, m, g_ptr_array_index(m->plan->steps, i));
	if (m->plan->undecided->len)
		g_string_append(out, "### Open decisions\n\n");
	for (guint i = 0; i < m->plan->undecided->len; i++) {
		const undecided *u = g_ptr_array_index(m->plan->undecided, i);
		g_autofree char *title = markup_plain(u->title);
		g_string_append_printf(out, "#### %s\n\n", title);
		if (u->findings->len) {
			g_string_append(out, "Rules on: ");
			markup_codes(out, u->findings);
			g_string_append(out, "\n\n");
		}
		hunk_list(out, m, u->hunks);
	}
	left_out(out, m);
}

/* For reviewers, who begin at the top: what collides, where, what to do about it; then what it was
 * found in. The same for every terminal. */
void report_markdown(GString *out, const mediation *m, const report_options *options)
{
	g_autofree char *rev = markup_plain(m->base_rev);
	g_string_append(out, "# Mediation of ");
	for (guint i = 0; i < m->series->len; i++) {
		g_autofree char *name = markup_plain(tally_series_name(m, (int)i));
		g_string_append_printf(out, "%s%s",
			!i			  ? ""
			: i + 1 == m->series->len ? " and "
						  : ", ",
			name);
	}
	g_string_append_printf(out, " on %s\n\n", *rev ? rev : "the base");
	summary(out, m);
	markdown_findings(out, m, options);
	all_points(out, m);
	all_plan(out, m);
	all_resolutions(out, m);
	all_series(out, m);
	markdown_coverage(out, m);
	while (g_str_has_suffix(out->str, "\n\n"))
		g_string_truncate(out, out->len - 1);
}
