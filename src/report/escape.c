/* Text inside XML and HTML. */
#include "report/escape.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

static void append_character(GString *out, gunichar c)
{
	switch (c) {
	case '&':
		g_string_append(out, "&amp;");
		break;
	case '<':
		g_string_append(out, "&lt;");
		break;
	case '>':
		g_string_append(out, "&gt;");
		break;
	case '"':
		g_string_append(out, "&quot;");
		break;
	case '\'':
		g_string_append(out, "&#39;");
		break;
	default: /* U+FFFE and U+FFFF are no characters of XML */
		g_string_append_unichar(out, c == 0xfffe || c == 0xffff ? 0xfffd : c);
	}
}

void escape_xml(GString *out, const char *raw)
{
	g_autofree char *printable = text_printable(raw ? raw : "", raw ? strlen(raw) : 0);
	for (const char *p = printable; *p; p = g_utf8_next_char(p))
		append_character(out, g_utf8_get_char(p));
}

void escape_xml_printf(GString *out, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	g_autofree char *text = g_strdup_vprintf(fmt, args);
	va_end(args);
	escape_xml(out, text);
}
