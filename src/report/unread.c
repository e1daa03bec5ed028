/* Changed lines that no compiler saw, as reports tell them. */
#include "report/unread.h"

#include <stdbool.h>
#include <string.h>

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

GArray *unread_by_reason(const coverage *c)
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

guint64 unread_lines(const GArray *reasons)
{
	guint64 lines = 0;
	for (guint i = 0; i < reasons->len; i++)
		lines += g_array_index(reasons, unread, i).lines;
	return lines;
}

static void free_file(gpointer data)
{
	g_free(((unread_file *)data)->lines);
	g_free(data);
}

GPtrArray *unread_files(const unread *one)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(free_file);
	g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < one->ranges->len; i++) {
		const unparsed_range *u = g_ptr_array_index(one->ranges, i);
		if (!g_hash_table_add(told, u->path))
			continue;
		g_autoptr(GString) lines = g_string_new(NULL);
		append_ranges(lines, "", one->ranges, u->path, AT_TIP);
		append_ranges(lines, lines->len ? "; in the base " : "in the base ", one->ranges,
			u->path, AT_BASE);
		unread_file *f = g_new0(unread_file, 1);
		f->path = u->path;
		f->lines = g_strdup(lines->str);
		g_ptr_array_add(files, f);
	}
	return files;
}
