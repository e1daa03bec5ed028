/* A sheet: text laid out in columns of a terminal. */
#include "report/sheet.h"

#include <string.h>

#include "base/text.h"

#define DEFAULT_WIDTH 80u

/* SGR sequences; only the eight colours that every terminal has. */
static const char *const style_codes[STYLES] = {
	[STYLE_PLAIN] = "",
	[STYLE_HEAD] = "\033[1m",
	[STYLE_DIM] = "\033[2m",
	[STYLE_ID] = "\033[33m",
	[STYLE_NAME] = "\033[36m",
	[STYLE_GOOD] = "\033[32m",
	[STYLE_NOTE] = "\033[36m",
	[STYLE_WARNING] = "\033[1;33m",
	[STYLE_ERROR] = "\033[1;31m",
};
#define STYLE_RESET "\033[m"

sheet sheet_on(GString *out, const report_options *options)
{
	sheet s = {.out = out, .width = DEFAULT_WIDTH};
	if (options) {
		s.width = options->width ? MAX(options->width, SHEET_MIN_WIDTH) : DEFAULT_WIDTH;
		s.colour = options->colour;
		s.unicode = options->unicode;
		s.verbose = options->verbose;
	}
	return s;
}

char *sheet_line(const char *text)
{
	if (!text)
		return g_strdup("");
	char *line = text_printable(text, strlen(text));
	return g_strdelimit(line, "\t\n", ' ');
}

static unsigned char_columns(gunichar c)
{
	if (g_unichar_iszerowidth(c))
		return 0;
	return g_unichar_iswide(c) ? 2 : 1;
}

unsigned sheet_columns(const char *text)
{
	unsigned columns = 0;
	for (const char *p = text; *p; p = g_utf8_next_char(p))
		columns += char_columns(g_utf8_get_char(p));
	return columns;
}

static const char *ellipsis(const sheet *s)
{
	return s->unicode ? "…" : "...";
}

/* The longest head of `text` that takes at most `columns`. */
static const char *head_end(const char *text, unsigned columns)
{
	unsigned used = 0;
	const char *p = text;
	for (; *p; p = g_utf8_next_char(p)) {
		used += char_columns(g_utf8_get_char(p));
		if (used > columns)
			break;
	}
	return p;
}

char *sheet_cut(const sheet *s, const char *text, unsigned columns)
{
	if (sheet_columns(text) <= columns)
		return g_strdup(text);
	unsigned mark = sheet_columns(ellipsis(s));
	if (columns <= mark)
		return g_strndup(text, (gsize)(head_end(text, columns) - text));
	const char *end = head_end(text, columns - mark);
	return g_strdup_printf("%.*s%s", (int)(end - text), text, ellipsis(s));
}

char *sheet_cut_left(const sheet *s, const char *text, unsigned columns)
{
	unsigned all = sheet_columns(text);
	if (all <= columns)
		return g_strdup(text);
	unsigned mark = sheet_columns(ellipsis(s));
	unsigned keep = columns > mark ? columns - mark : 0;
	const char *p = text;
	while (*p && all > keep) {
		all -= char_columns(g_utf8_get_char(p));
		p = g_utf8_next_char(p);
	}
	return g_strconcat(ellipsis(s), p, NULL);
}

void sheet_put(sheet *s, style st, const char *text)
{
	bool styled = s->colour && *style_codes[st] && *text;
	if (styled)
		g_string_append(s->out, style_codes[st]);
	g_string_append(s->out, text);
	if (styled)
		g_string_append(s->out, STYLE_RESET);
}

void sheet_print(sheet *s, style st, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	g_autofree char *raw = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	g_autofree char *line = sheet_line(raw);
	sheet_put(s, st, line);
}

void sheet_blank(sheet *s, unsigned columns)
{
	for (unsigned i = 0; i < columns; i++)
		g_string_append_c(s->out, ' ');
}

/* Blanks at the end of a line are left out: they only make diffs and pastes worse. */
void sheet_newline(sheet *s)
{
	while (s->out->len && s->out->str[s->out->len - 1] == ' ')
		g_string_truncate(s->out, s->out->len - 1);
	g_string_append_c(s->out, '\n');
}

void sheet_cell(sheet *s, style st, const char *text, unsigned columns)
{
	g_autofree char *line = sheet_line(text);
	g_autofree char *cut = sheet_cut(s, line, columns);
	sheet_put(s, st, cut);
	sheet_blank(s, columns - MIN(columns, sheet_columns(cut)));
}

/* How far the lines after the first of a paragraph stand to the right of it: behind the bullet of a
 * list. */
static unsigned hanging(const char *paragraph)
{
	return g_str_has_prefix(paragraph, "- ") || g_str_has_prefix(paragraph, "* ") ? 2 : 0;
}

/* One paragraph, from `column` on. */
static void wrap_paragraph(
	sheet *s, style st, unsigned column, unsigned indent, unsigned limit, const char *paragraph)
{
	g_auto(GStrv) words = g_strsplit(paragraph, " ", -1);
	g_autoptr(GString) line = g_string_new(NULL);
	for (char **word = words; *word; word++) {
		if (!**word)
			continue;
		unsigned used = column + sheet_columns(line->str);
		if (line->len && used + 1 + sheet_columns(*word) > limit) {
			sheet_put(s, st, line->str);
			sheet_newline(s);
			sheet_blank(s, indent);
			column = indent;
			g_string_truncate(line, 0);
		}
		if (line->len)
			g_string_append_c(line, ' ');
		g_string_append(line, *word);
	}
	sheet_put(s, st, line->str);
	sheet_newline(s);
}

void sheet_wrap(sheet *s, style st, unsigned column, unsigned indent, const char *text)
{
	g_autofree char *printable = text_printable(text ? text : "", strlen(text ? text : ""));
	g_strdelimit(printable, "\t", ' ');
	g_auto(GStrv) paragraphs = g_strsplit(g_strchomp(printable), "\n", -1);
	unsigned limit = MAX(s->width, indent + SHEET_MIN_WIDTH / 2);
	for (char **paragraph = paragraphs; *paragraph; paragraph++) {
		/* A line that begins with blanks keeps them, as the item of an inner list does. */
		unsigned own = (unsigned)strspn(*paragraph, " "), inner = indent + own;
		bool first = paragraph == paragraphs;
		sheet_blank(s, !**paragraph ? 0 : first ? own : inner);
		column = first ? column + own : inner;
		const char *begin = *paragraph + (inner - indent);
		wrap_paragraph(s, st, column, inner + hanging(begin), limit, begin);
	}
	if (!*paragraphs)
		sheet_newline(s);
}

void sheet_section(sheet *s, const char *title, const char *note)
{
	sheet_put(s, STYLE_HEAD, title);
	if (note) {
		g_autofree char *line = sheet_line(note);
		unsigned column = sheet_columns(title) + 2;
		sheet_blank(s, 2);
		sheet_wrap(s, STYLE_PLAIN, column, column, line);
	} else {
		sheet_newline(s);
	}
}

style sheet_severity_style(severity v)
{
	switch (v) {
	case SEVERITY_NOTE:
		return STYLE_NOTE;
	case SEVERITY_WARNING:
		return STYLE_WARNING;
	case SEVERITY_ERROR:
		return STYLE_ERROR;
	}
	g_assert_not_reached();
}
