/* The words of a mail: author, commit message, trailers. */
#include "series/message.h"

#include <gmime/gmime.h>
#include <string.h>

#include "series/encoded_word.h"

/* A longer name is taken for junk, as in git's mailinfo.c. */
#define MAX_NAME_BYTES 60

void message_headers_clear(message_headers *h)
{
	g_clear_pointer(&h->from, g_free);
	g_clear_pointer(&h->subject, g_free);
	g_clear_pointer(&h->date, g_free);
}

static span line_at(span text, gsize pos)
{
	const char *at = text.at + pos;
	const char *newline = memchr(at, '\n', text.len - pos);
	return (span){at, newline ? (size_t)(newline - at) + 1 : text.len - pos};
}

static bool starts(span line, const char *prefix)
{
	size_t n = strlen(prefix);
	return line.len >= n && !memcmp(line.at, prefix, n);
}

static bool begins_patch(span line)
{
	if (starts(line, "diff -") || starts(line, "Index: "))
		return true;
	if (line.len < 4 || !starts(line, "---"))
		return false;
	if (line.at[3] == ' ' && line.len > 4 && !g_ascii_isspace(line.at[4]))
		return true;
	for (size_t i = 3; i < line.len; i++)
		if (!g_ascii_isspace(line.at[i]))
			return false;
	return true;
}

gsize message_end(span body)
{
	for (gsize pos = 0; pos < body.len;) {
		span line = line_at(body, pos);
		bool context = starts(line, "*** ") && pos + line.len < body.len &&
			starts(line_at(body, pos + line.len), "--- ");
		if (context || begins_patch(line))
			return pos;
		pos += line.len;
	}
	return body.len;
}

char *message_utf8(const char *text, gsize len, const char *charset)
{
	g_autofree char *clean = g_malloc(len + 1);
	gsize n = 0;
	for (gsize i = 0; i < len; i++)
		if (text[i])
			clean[n++] = text[i];
	clean[n] = '\0';
	bool unicode = g_utf8_validate(clean, (gssize)n, NULL);
	if (charset && g_ascii_strcasecmp(charset, "utf-8") &&
		g_ascii_strcasecmp(charset, "utf8") && g_ascii_strcasecmp(charset, "us-ascii")) {
		char *made = g_convert(clean, (gssize)n, "UTF-8", charset, NULL, NULL, NULL);
		if (made)
			return made;
	}
	if (unicode)
		return g_steal_pointer(&clean);
	char *made = g_convert(clean, (gssize)n, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
	return made ? made : g_utf8_make_valid(clean, (gssize)n);
}

char *message_header(const char *raw)
{
	if (!raw)
		return NULL;
	g_autoptr(GString) line = g_string_new(NULL);
	for (const char *p = raw; *p; p++) {
		if (*p == '\r' && p[1] == '\n')
			continue;
		if (*p != '\n') {
			g_string_append_c(line, *p);
			continue;
		}
		/* A fold: the line break and the one white space behind it are one blank. */
		while (line->len && g_ascii_isspace(line->str[line->len - 1]))
			g_string_truncate(line, line->len - 1);
		if (p[1] == ' ' || p[1] == '\t') {
			g_string_append_c(line, ' ');
			p++;
		}
	}
	char *decoded = encoded_words_decode(g_strstrip(line->str));
	/* What decoding brings in must not end the line. */
	for (char *p = decoded; *p; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	return g_strstrip(decoded);
}

/* Takes quotes out of an address line, and backslashes inside quotes and comments; comments keep
 * their brackets. */
static char *unquote_line(const char *s)
{
	GString *out = g_string_new(NULL);
	bool quoted = false;
	int comments = 0;
	for (; *s; s++) {
		if (*s == '\\' && s[1] && (quoted || comments)) {
			g_string_append_c(out, *++s);
		} else if (*s == '"' && !comments) {
			quoted = !quoted;
		} else {
			if (!quoted && *s == '(')
				comments++;
			else if (comments && *s == ')')
				comments--;
			g_string_append_c(out, *s);
		}
	}
	return g_string_free(out, FALSE);
}

static void join_spaces(char *s)
{
	char *to = s;
	for (const char *from = s; *from; from++) {
		if (g_ascii_isspace(*from)) {
			if (to > s && to[-1] != ' ')
				*to++ = ' ';
		} else {
			*to++ = *from;
		}
	}
	while (to > s && to[-1] == ' ')
		to--;
	*to = '\0';
}

bool message_person(person *out, const char *from)
{
	if (!from)
		return false;
	g_autofree char *s = unquote_line(from);
	g_autofree char *email = NULL;
	char *at = strchr(s, '@');
	if (at) {
		char *start = at;
		while (start > s && start[-1] != '<' && !g_ascii_isspace(start[-1]))
			start--;
		char *end = at + strcspn(at, " \n\t\r\v\f>");
		email = g_strndup(start, (gsize)(end - start));
		if (start > s && start[-1] == '<')
			start--;
		if (*end)
			end++;
		memmove(start, end, strlen(end) + 1);
	} else {
		char *open = strchr(s, '<'), *close = open ? strchr(open, '>') : NULL;
		if (!close)
			return false;
		email = g_strndup(open + 1, (gsize)(close - open - 1));
		*open = '\0';
	}
	join_spaces(s);
	size_t n = strlen(s);
	const char *name = s;
	if (n > 1 && s[0] == '(' && s[n - 1] == ')') {
		s[n - 1] = '\0';
		name = s + 1;
	}
	if (!*name || strlen(name) > MAX_NAME_BYTES || strpbrk(name, "@<>"))
		name = email;
	if (!*name)
		return false;
	person_clear(out);
	out->name = g_strdup(name);
	out->email = g_steal_pointer(&email);
	return true;
}

bool message_date(person *out, const char *date)
{
	g_autoptr(GDateTime) when = date ? g_mime_utils_header_decode_date(date) : NULL;
	if (!when)
		return false;
	out->time = g_date_time_to_unix(when);
	out->offset = (int)(g_date_time_get_utc_offset(when) / G_TIME_SPAN_MINUTE);
	return true;
}

/* The header's value when the line is "Name: value", else NULL. */
static const char *header_value(const char *line, const char *name)
{
	size_t n = strlen(name);
	if (g_ascii_strncasecmp(line, name, n) || line[n] != ':' || !g_ascii_isspace(line[n + 1]))
		return NULL;
	return line + n + 2;
}

/* Takes the headers at the start of a body; returns the index of the first line behind them. */
static guint take_headers(message_headers *h, char **lines)
{
	guint i = 0;
	bool any = false;
	for (; lines[i]; i++) {
		const char *line = lines[i];
		if (!line[strspn(line, " \t\r")]) {
			if (any)
				return i + 1;
			continue;
		}
		if (g_str_has_prefix(line, ">From ") || g_str_has_prefix(line, ">From\t"))
			continue;
		if (g_str_has_prefix(line, "[PATCH] ") && !h->subject) {
			h->subject = message_header(line);
			any = true;
			continue;
		}
		char **slot = NULL;
		const char *value = NULL;
		if (!h->from && (value = header_value(line, "From")))
			slot = &h->from;
		else if (!h->subject && (value = header_value(line, "Subject")))
			slot = &h->subject;
		else if (!h->date && (value = header_value(line, "Date")))
			slot = &h->date;
		if (!slot)
			return i;
		g_autoptr(GString) folded = g_string_new(value);
		while (lines[i + 1] && (lines[i + 1][0] == ' ' || lines[i + 1][0] == '\t') &&
			lines[i + 1][strspn(lines[i + 1], " \t\r")])
			g_string_append_printf(folded, "\n%s", lines[++i]);
		*slot = message_header(folded->str);
		any = true;
	}
	return i;
}

char *message_body(message_headers *h, span body, const char *charset)
{
	gsize end = message_end(body);
	g_autofree char *text = message_utf8(body.at, end, charset);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *out = g_string_sized_new(end);
	guint pending = 0;
	for (guint i = take_headers(h, lines); lines[i]; i++) {
		g_strchomp(lines[i]);
		if (!*lines[i]) {
			pending++;
			continue;
		}
		/* As git stripspace: a run of empty lines is one. */
		if (out->len && pending)
			g_string_append_c(out, '\n');
		pending = 0;
		g_string_append(out, lines[i]);
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

static bool is_commit_id(const char *s)
{
	size_t n = strspn(s, "0123456789abcdefABCDEF");
	return n >= 7 && n <= 64 && !s[n];
}

void message_trailers(patch *p, span text)
{
	for (gsize pos = 0; pos < text.len;) {
		span line = line_at(text, pos);
		pos += line.len;
		/* The diff's own lines start otherwise; this look keeps the scan cheap. */
		if (!line.len || !strchr("bBcCpP", line.at[0]) || line.len > 300)
			continue;
		g_autofree char *copy = g_strndup(line.at, line.len);
		const char *value;
		g_autofree char *word = NULL;
		if ((value = header_value(copy, "base-commit"))) {
			word = g_strstrip(g_strdup(value));
			if (!p->base_commit && is_commit_id(word))
				p->base_commit = g_ascii_strdown(word, -1);
		} else if ((value = header_value(copy, "change-id"))) {
			word = g_strstrip(g_strdup(value));
			if (!p->change_id && *word)
				p->change_id = g_steal_pointer(&word);
		} else {
			static const char *const kinds[] = {"patch-id", "message-id", "change-id"};
			for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
				g_autofree char *key = g_strdup_printf("prerequisite-%s", kinds[k]);
				if (!(value = header_value(copy, key)))
					continue;
				g_clear_pointer(&word, g_free);
				word = g_strstrip(g_strdup(value));
				size_t n = strlen(word);
				bool bracketed = n > 2 && word[0] == '<' && word[n - 1] == '>';
				if (n)
					g_ptr_array_add(p->prerequisites,
						g_strdup_printf("%s %.*s", kinds[k],
							(int)(bracketed ? n - 2 : n),
							word + bracketed));
			}
		}
	}
}
