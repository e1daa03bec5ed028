/* Findings by place: as compilers tell them, and as GitHub's workflow commands. Values of those are
 * escaped as the runner reads them: '%' and line ends everywhere, ':' and ',' in properties too, so
 * that nothing of a patch can end a command or begin another. */
#include "report/advice.h"
#include "report/report.h"

#include <string.h>

#include "base/text.h"
#include "report/sheet.h"

static void put_escaped(GString *out, const char *text, bool property)
{
	g_autofree char *safe = text_printable(text ? text : "", text ? strlen(text) : 0);
	for (const char *p = safe; *p; p++) {
		bool escape = *p == '%' || *p == '\r' || *p == '\n' ||
			      (property && (*p == ':' || *p == ','));
		if (escape)
			g_string_append_printf(out, "%%%02X", (unsigned)*p);
		else
			g_string_append_c(out, *p == '\t' ? ' ' : *p);
	}
}

/* The first place of a finding that stands in a series' tree: lines of the base are not in the
 * change that GitHub shows. NULL when there is none. */
static const location *shown_place(const finding *f)
{
	for (guint i = 0; i < f->locations->len; i++) {
		const location *l = g_ptr_array_index(f->locations, i);
		if (l->at == AT_TIP)
			return l;
	}
	return NULL;
}

static const char *command_of(severity s)
{
	switch (s) {
	case SEVERITY_ERROR:
		return "error";
	case SEVERITY_WARNING:
		return "warning";
	default:
		return "notice";
	}
}

static void put_finding(GString *out, const finding *f)
{
	const location *l = shown_place(f);
	g_string_append_printf(out, "::%s ", command_of(f->severity));
	if (l) {
		g_string_append(out, "file=");
		put_escaped(out, l->path, true);
		if (l->line)
			g_string_append_printf(
				out, ",line=%u,endLine=%u", l->line, MAX(l->line, l->end_line));
		g_string_append_c(out, ',');
	}
	g_string_append_printf(out, "title=%s", f->kind);
	g_string_append(out, "::");
	put_escaped(out, f->title, false);
	g_string_append(out, "%0A");
	put_escaped(out, f->explanation, false);
	g_autofree char *advice = advice_words(f);
	if (*advice) {
		g_string_append(out, "%0A");
		put_escaped(out, advice, false);
	}
	g_string_append_printf(out, "%%0A%.12s\n", f->fingerprint);
}

void report_annotations(GString *out, GPtrArray *findings)
{
	for (guint i = 0; i < findings->len; i++)
		put_finding(out, g_ptr_array_index(findings, i));
}

#define INDENT 4u

static void put_lines(sheet *s, const finding *f)
{
	const location *l = shown_place(f);
	if (!l && f->locations->len)
		l = g_ptr_array_index(f->locations, 0);
	if (l && l->line)
		sheet_print(s, STYLE_NAME, "%s:%u: ", l->path, l->line);
	else if (l)
		sheet_print(s, STYLE_NAME, "%s: ", l->path);
	sheet_print(s, sheet_severity_style(f->severity), "%s: ", severity_name(f->severity));
	sheet_print(s, STYLE_PLAIN, "%s ", f->title);
	sheet_print(s, STYLE_DIM, "[%s %.12s]", f->kind, f->fingerprint);
	sheet_newline(s);
	sheet_blank(s, INDENT);
	sheet_wrap(s, STYLE_PLAIN, INDENT, INDENT, f->explanation ? f->explanation : "");
	g_autofree char *advice = advice_words(f);
	if (!*advice)
		return;
	sheet_blank(s, INDENT);
	sheet_wrap(s, STYLE_DIM, INDENT, INDENT, advice);
}

void report_lines(GString *out, GPtrArray *findings, const report_options *options)
{
	sheet s = sheet_on(out, options);
	for (guint i = 0; i < findings->len; i++)
		put_lines(&s, g_ptr_array_index(findings, i));
}
