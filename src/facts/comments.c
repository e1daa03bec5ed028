/* Comments of C and of assembly. */
#include "facts/comments.h"

#include <glib.h>
#include <string.h>

static bool is_blank(char c)
{
	return c != '\n' && (unsigned char)c <= ' ';
}

static bool starts_line(const char *p, const char *text)
{
	while (p > text && is_blank(p[-1]))
		p--;
	return p == text || p[-1] == '\n';
}

bool comment_is_directive(const char *p, const char *text, const char *end)
{
	static const char *const words[] = {"define", "undef", "include", "if", "ifdef", "ifndef",
		"elif", "else", "endif", "error", "warning", "pragma", "line"};
	if (*p != '#' || !starts_line(p, text))
		return false;
	for (p++; p < end && is_blank(*p); p++)
		;
	size_t len = 0;
	while (p + len < end && g_ascii_isalpha(p[len]))
		len++;
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (len == strlen(words[i]) && !memcmp(p, words[i], len))
			return true;
	return false;
}

/* A '#' that stands apart: ARM writes its immediates "#1". */
static bool is_lone_hash(const char *p, const char *text, const char *end)
{
	if (*p != '#' || (p > text && (unsigned char)p[-1] > ' '))
		return false;
	if (starts_line(p, text))
		return !comment_is_directive(p, text, end);
	return end - p < 2 || p[1] == '#' || (unsigned char)p[1] <= ' ';
}

const char *comment_skip(const char *p, const char *text, const char *end, const char *comments)
{
	if (*p == '/' && end - p >= 2 && p[1] == '*') {
		const char *stop = g_strstr_len(p + 2, end - p - 2, "*/");
		return stop ? stop + 2 : end;
	}
	bool comment = *p == '/' && end - p >= 2 && p[1] == '/';
	if (comments && !comment)
		comment = (*p && strchr(comments, *p)) || is_lone_hash(p, text, end);
	if (!comment)
		return p;
	const char *newline = memchr(p, '\n', (size_t)(end - p));
	return newline ? newline : end;
}
