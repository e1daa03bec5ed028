/* The Markdown report: how much of each series was read, and what was not, by its reason. */
#include "report/markdown.h"
#include "report/markup.h"
#include "report/tally.h"
#include "report/unread.h"

static void append_reason(GString *out, const unread *one)
{
	g_autofree char *reason = markup_plain(one->reason);
	g_autofree char *lines = tally_count(one->lines, "line", "lines");
	g_autoptr(GPtrArray) files = unread_files(one);
	g_string_append_printf(out, "- %s (%s)\n", reason, lines);
	for (guint i = 0; i < files->len; i++) {
		const unread_file *f = g_ptr_array_index(files, i);
		g_autofree char *path = markup_code(f->path);
		g_string_append_printf(out, "  - %s: %s\n", path, f->lines);
	}
}

/* What costs the .c files that do not parse. */
static bool append_causes(GString *out, const mediation *m, guint index)
{
	const coverage *c = g_ptr_array_index(m->coverage, index);
	for (guint i = 0; i < c->causes->len; i++) {
		g_autofree char *told = tally_cause(m, index, g_ptr_array_index(c->causes, i));
		g_autofree char *name = markup_plain(tally_series_name(m, (int)index));
		g_autofree char *text = markup_plain(told);
		g_string_append_printf(out, "- %s: %s\n", name, text);
	}
	return c->causes->len > 0;
}

static void append_unread(GString *out, const char *name, const coverage *c)
{
	g_autoptr(GArray) reasons = unread_by_reason(c);
	g_autofree char *escaped = markup_plain(name);
	g_autofree char *count =
		tally_count(unread_lines(reasons), "changed line", "changed lines");
	g_string_append_printf(
		out, "<details><summary>%s: %s that no compiler saw</summary>\n\n", escaped, count);
	for (guint i = 0; i < reasons->len; i++)
		append_reason(out, &g_array_index(reasons, unread, i));
	g_string_append(out, "\n</details>\n\n");
}

void markdown_coverage(GString *out, const mediation *m)
{
	guint n = MIN(m->coverage->len, m->series->len);
	if (!n)
		return;
	g_string_append(out,
		"## Coverage\n\n"
		"| series | .c files | parsed clean | C lines changed | read by the compiler "
		"| other files | lines |\n"
		"| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
	for (guint i = 0; i < n; i++) {
		const coverage *c = g_ptr_array_index(m->coverage, i);
		g_autofree char *name = markup_plain(tally_series_name(m, (int)i));
		g_autofree char *share = tally_percent(c->c_lines_parsed, c->c_lines_changed);
		g_string_append_printf(out, "| %s | %u | %u | %u | %u (%s) | %u | %u |\n", name,
			c->c_files, c->c_files_clean, c->c_lines_changed, c->c_lines_parsed, share,
			c->other_files, c->other_lines_changed);
	}
	g_string_append_c(out, '\n');
	bool any = false;
	for (guint i = 0; i < n; i++)
		any |= append_causes(out, m, i);
	if (any)
		g_string_append_c(out, '\n');
	for (guint i = 0; i < n; i++) {
		const coverage *c = g_ptr_array_index(m->coverage, i);
		if (c->unparsed->len)
			append_unread(out, tally_series_name(m, (int)i), c);
	}
}
