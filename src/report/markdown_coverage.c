/* The Markdown report: how much of each series was read, and what was not, by its reason. */
#include <string.h>

#include "report/markdown.h"
#include "report/markup.h"
#include "report/tally.h"

/* What was not read for one reason, in one series. */
typedef struct unread {
	const char *reason;
	GPtrArray *ranges; /* unparsed_range *, borrowed, by path and line */
	guint64 lines;
} unread;

static void clear_unread(gpointer data)
{
	g_ptr_array_unref(((unread *)data)->ranges);
}

static gint compare_unread(gconstpointer va, gconstpointer vb)
{
	const unread *a = va, *b = vb;
	if (a->lines != b->lines)
		return a->lines > b->lines ? -1 : 1;
	return strcmp(a->reason, b->reason);
}

/* The most lines first. The caller's. */
static GArray *by_reason(const coverage *c)
{
	GArray *list = g_array_new(FALSE, TRUE, sizeof(unread));
	g_array_set_clear_func(list, clear_unread);
	for (guint i = 0; i < c->unparsed->len; i++) {
		unparsed_range *u = g_ptr_array_index(c->unparsed, i);
		unread *one = NULL;
		for (guint k = 0; k < list->len && !one; k++) {
			unread *known = &g_array_index(list, unread, k);
			one = strcmp(known->reason, u->reason) ? NULL : known;
		}
		if (!one) {
			unread fresh = {u->reason, g_ptr_array_new(), 0};
			g_array_append_val(list, fresh);
			one = &g_array_index(list, unread, list->len - 1);
		}
		g_ptr_array_add(one->ranges, u);
		one->lines += u->end_line - u->line + 1;
	}
	g_array_sort(list, compare_unread);
	return list;
}

/* "41-46, 82" of the ranges of a path in one tree. Appends nothing when there are none. */
static void append_ranges(
	GString *out, const char *before, GPtrArray *ranges, const char *path, tree_at at)
{
	bool any = false;
	for (guint i = 0; i < ranges->len; i++) {
		const unparsed_range *u = g_ptr_array_index(ranges, i);
		if (u->at != at || strcmp(u->path, path))
			continue;
		g_string_append_printf(out, "%s%u", any ? ", " : before, u->line);
		if (u->end_line > u->line)
			g_string_append_printf(out, "-%u", u->end_line);
		any = true;
	}
}

static void append_reason(GString *out, const unread *one)
{
	g_autofree char *reason = markup_plain(one->reason);
	g_autofree char *lines = tally_count(one->lines, "line", "lines");
	g_string_append_printf(out, "- %s (%s)\n", reason, lines);
	g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < one->ranges->len; i++) {
		const unparsed_range *u = g_ptr_array_index(one->ranges, i);
		if (!g_hash_table_add(told, u->path))
			continue;
		g_autofree char *path = markup_code(u->path);
		g_string_append_printf(out, "  - %s:", path);
		append_ranges(out, " ", one->ranges, u->path, AT_TIP);
		append_ranges(out, "; in the base ", one->ranges, u->path, AT_BASE);
		g_string_append_c(out, '\n');
	}
}

static void append_unread(GString *out, const char *name, const coverage *c)
{
	g_autoptr(GArray) reasons = by_reason(c);
	guint64 lines = 0;
	for (guint i = 0; i < reasons->len; i++)
		lines += g_array_index(reasons, unread, i).lines;
	g_autofree char *escaped = markup_plain(name);
	g_autofree char *count = tally_count(lines, "changed line", "changed lines");
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
	for (guint i = 0; i < n; i++) {
		const coverage *c = g_ptr_array_index(m->coverage, i);
		if (c->unparsed->len)
			append_unread(out, tally_series_name(m, (int)i), c);
	}
}
