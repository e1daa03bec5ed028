/* The HTML report: text, code and differences in markup. */
#include <string.h>

#include "report/escape.h"
#include "report/html.h"

void html_raw(page *p, const char *markup)
{
	g_string_append(p->out, markup);
}

void html_text(page *p, const char *value)
{
	escape_xml(p->out, value);
}

void html_element(page *p, const char *tag, const char *class, const char *value)
{
	g_string_append_printf(p->out, class ? "<%s class=\"%s\">" : "<%s>", tag, class);
	html_text(p, value);
	g_string_append_printf(p->out, "</%s>", tag);
}

void html_heading(page *p, const char *id, const char *title)
{
	g_string_append_printf(p->out, "<h2 id=\"%s\">", id);
	html_text(p, title);
	html_raw(p, "</h2>\n");
}

/* A line with names and commands between backticks. */
static void put_spans(page *p, const char *line)
{
	g_auto(GStrv) parts = g_strsplit(line, "`", -1);
	guint n = g_strv_length(parts);
	for (guint i = 0; i < n; i++) {
		if (i % 2 && i + 1 < n) {
			html_element(p, "code", NULL, parts[i]);
			continue;
		}
		/* A backtick without its pair stays one. */
		html_raw(p, i % 2 ? "`" : "");
		html_text(p, parts[i]);
	}
}

/* How many lines from here are a difference: not all of them could be items of a list. */
static guint difference_lines(char *const *lines)
{
	guint n = 0;
	bool sure = false;
	for (; lines[n] && (*lines[n] == '+' || *lines[n] == '-'); n++)
		sure |= *lines[n] == '+' || lines[n][1] != ' ';
	return sure ? n : 0;
}

/* The lines of one paragraph, from *line to an empty line, a title or a difference. */
static void put_paragraph(page *p, char ***line)
{
	html_raw(p, "<p class=\"prose\">");
	for (bool first = true; **line && ***line && ***line != '#'; ++*line, first = false) {
		if (difference_lines(*line))
			break;
		html_raw(p, first ? "" : "\n");
		put_spans(p, **line);
	}
	html_raw(p, "</p>\n");
}

void html_prose(page *p, const char *value)
{
	if (!value || !*value)
		return;
	g_auto(GStrv) lines = g_strsplit(value, "\n", -1);
	for (char **line = lines; *line;) {
		guint n = difference_lines(line);
		if (!**line) {
			line++;
		} else if (n) {
			char *after = line[n];
			line[n] = NULL;
			g_autofree char *block = g_strjoinv("\n", line);
			line[n] = after;
			html_diff(p, block);
			line += n;
		} else if (**line == '#') {
			html_element(p, "h4", NULL, *line + strspn(*line, "# "));
			html_raw(p, "\n");
			line++;
		} else {
			put_paragraph(p, &line);
		}
	}
}

void html_diff(page *p, const char *lines)
{
	g_autofree char *trimmed = g_strchomp(g_strdup(lines));
	g_auto(GStrv) list = g_strsplit(trimmed, "\n", -1);
	html_raw(p, "<pre>");
	for (char **line = list; *line; line++) {
		bool name = g_str_has_prefix(*line, "--- ") || g_str_has_prefix(*line, "+++ ");
		const char *class = name || **line == '@' || **line == '#' ? "around"
				    : **line == '+'			   ? "add"
				    : **line == '-'			   ? "del"
									   : NULL;
		if (class)
			html_element(p, "span", class, *line);
		else
			html_text(p, *line);
		html_raw(p, "\n");
	}
	html_raw(p, "</pre>\n");
}
