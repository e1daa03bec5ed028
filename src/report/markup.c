/* Markdown: text of others made safe inside of it. */
#include "report/markup.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "report/sheet.h"

/* Characters that would be markup anywhere in running text, and at its beginning only. */
#define MARKUP "\\`*{}[]<>|~&"
#define MARKUP_FIRST "-+#!("

/* True when the underscore at `p` could open or close an emphasis: one inside a word cannot, which
 * leaves most names of C readable in the source of a report. */
static bool emphasises(const char *text, const char *p)
{
	return p == text || !g_ascii_isalnum(p[-1]) || !g_ascii_isalnum(p[1]);
}

/* One line of running text, escaped. The caller's. */
char *markup_plain(const char *text)
{
	g_autofree char *line = sheet_line(text);
	GString *out = g_string_sized_new(strlen(line));
	for (const char *p = line; *p; p++) {
		if (strchr(MARKUP, *p) || (p == line && strchr(MARKUP_FIRST, *p)) ||
			(*p == '_' && emphasises(line, p)))
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
	return g_string_free(out, FALSE);
}

/* The longest run of backticks: a fence has to be longer. */
static unsigned longest_run(const char *text)
{
	unsigned longest = 0, run = 0;
	for (const char *p = text; *p; p++) {
		run = *p == '`' ? run + 1 : 0;
		longest = MAX(longest, run);
	}
	return longest;
}

/* One line as code. Inside a table a bar would end the cell, so it is escaped there as GitHub
 * wants it. The caller's. */
char *markup_code(const char *text)
{
	g_autofree char *line = sheet_line(text);
	if (!*line)
		return g_strdup("");
	unsigned longest = longest_run(line);
	g_autofree char *fence = g_strnfill(longest + 1, '`');
	const char *pad = longest ? " " : "";
	g_auto(GStrv) parts = g_strsplit(line, "|", -1);
	g_autofree char *barred = g_strjoinv("\\|", parts);
	return g_strconcat(fence, pad, barred, pad, fence, NULL);
}

/* One line of a text that writes `commands` and names between backticks, as findings do: those
 * become code, everything else is escaped. The caller's. */
static char *spans(const char *line)
{
	g_auto(GStrv) parts = g_strsplit(line, "`", -1);
	guint n = g_strv_length(parts);
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < n; i++) {
		bool is_code = i % 2 && i + 1 < n;
		g_autofree char *text = is_code ? markup_code(parts[i]) : markup_plain(parts[i]);
		/* A backtick without its pair stays one. */
		g_string_append_printf(out, "%s%s", i % 2 && !is_code ? "\\`" : "", text);
	}
	return g_string_free(out, FALSE);
}

/* A line of a list, or of running text. */
static void paragraph_line(GString *out, const char *line)
{
	size_t indent = strspn(line, " ");
	bool item = g_str_has_prefix(line + indent, "- ");
	const char *begin = line + indent + (item ? 2 : 0);
	g_autofree char *escaped = spans(begin);
	g_string_append_printf(
		out, "%.*s%s%s\n", (int)(item ? indent : 0), line, item ? "- " : "", escaped);
}

/* How many lines from here are a difference: + and - at their beginning, and not all of them could
 * be items of a list. */
static guint difference_lines(char *const *lines)
{
	guint n = 0;
	bool sure = false;
	for (; lines[n] && (*lines[n] == '+' || *lines[n] == '-'); n++)
		sure |= *lines[n] == '+' || lines[n][1] != ' ';
	return sure ? n : 0;
}

void markup_paragraphs(GString *out, const char *text)
{
	if (!text || !*text)
		return;
	g_autofree char *trimmed = g_strchomp(g_strdup(text));
	g_auto(GStrv) lines = g_strsplit(trimmed, "\n", -1);
	for (char **line = lines; *line;) {
		guint n = difference_lines(line);
		if (!n) {
			paragraph_line(out, *line++);
			continue;
		}
		g_autoptr(GString) block = g_string_new(NULL);
		for (; n; n--, line++) {
			g_autofree char *printable = text_printable(*line, strlen(*line));
			g_string_append_printf(block, "%s\n", printable);
		}
		g_string_append_c(out, '\n');
		markup_block(out, "diff", block->str);
	}
	if (!g_str_has_suffix(out->str, "\n\n"))
		g_string_append_c(out, '\n');
}

void markup_block(GString *out, const char *language, const char *lines)
{
	g_autofree char *fence = g_strnfill(MAX(longest_run(lines) + 1, 3), '`');
	g_string_append_printf(out, "%s%s\n%s%s\n\n", fence, language, lines, fence);
}

void markup_codes(GString *out, GPtrArray *list)
{
	for (guint i = 0; i < list->len; i++) {
		g_autofree char *one = markup_code(g_ptr_array_index(list, i));
		g_string_append_printf(out, "%s%s", i ? ", " : "", one);
	}
}
