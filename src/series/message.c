/* The words of a mail: author, commit message, trailers. */
#include "series/message.h"

#include <gmime/gmime.h>
#include <string.h>

#include "series/encoded_word.h"
#include "series/lines.h"

/* A longer name is taken for junk, as in git's mailinfo.c. */
#define MAX_NAME_BYTES 60
/* A message id has up to 250 bytes. */
#define MAX_TRAILER_BYTES 300
/* git format-patch --base lists the patches between two commits: no more than a series has. */
#define MAX_PREREQUISITES 10000u

void message_headers_clear(message_headers *h)
{
	g_clear_pointer(&h->from, g_free);
	g_clear_pointer(&h->subject, g_free);
	g_clear_pointer(&h->date, g_free);
}

static bool begins_patch(span line)
{
	if (line_starts(line, "diff -") || line_starts(line, "Index: "))
		return true;
	if (line.len < 4 || !line_starts(line, "---"))
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
		bool context = line_starts(line, "*** ") && pos + line.len < body.len &&
			       line_starts(line_at(body, pos + line.len), "--- ");
		if (context || begins_patch(line))
			return pos;
		pos += line.len;
	}
	return body.len;
}

static bool is_wide_name(const char *charset)
{
	static const char *const wide[] = {
		"utf-16", "utf16", "utf-32", "utf32", "ucs", "iso-10646-ucs"};
	for (size_t i = 0; charset && i < G_N_ELEMENTS(wide); i++)
		if (!g_ascii_strncasecmp(charset, wide[i], strlen(wide[i])))
			return true;
	return false;
}

bool message_is_wide(const char *charset, const char *text, gsize len)
{
	/* Latin letters have a NUL each there; a text without one does not mean what it says. */
	return is_wide_name(charset) && len && memchr(text, 0, len);
}

/* True for a charset that is neither UTF-8 nor a part of it. */
static bool is_foreign(const char *charset, const char *text, gsize len)
{
	static const char *const unicode[] = {"utf-8", "utf8", "us-ascii"};
	for (size_t i = 0; charset && i < G_N_ELEMENTS(unicode); i++)
		if (!g_ascii_strcasecmp(charset, unicode[i]))
			return false;
	return charset && (!is_wide_name(charset) || message_is_wide(charset, text, len));
}

/* Takes out NULs: everything behind one would be lost. */
static char *without_nul(const char *text, gsize len, gsize *left)
{
	char *clean = g_malloc(len + 1);
	gsize n = 0;
	for (gsize i = 0; i < len; i++)
		if (text[i])
			clean[n++] = text[i];
	clean[n] = '\0';
	*left = n;
	return clean;
}

char *message_utf8(const char *text, gsize len, const char *charset)
{
	gsize n;
	if (is_foreign(charset, text, len)) {
		gsize made_len;
		g_autofree char *made =
			g_convert(text, (gssize)len, "UTF-8", charset, NULL, &made_len, NULL);
		if (made)
			return without_nul(made, made_len, &n);
	}
	g_autofree char *clean = without_nul(text, len, &n);
	if (g_utf8_validate(clean, (gssize)n, NULL))
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

void message_join_spaces(char *s)
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
	message_join_spaces(s);
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

/* What stands behind "NAME:", in any case, without white space around it; false when the line says
 * something else. */
static bool header_value(span line, const char *name, span *value)
{
	size_t n = strlen(name);
	if (line.len <= n || g_ascii_strncasecmp(line.at, name, n) || line.at[n] != ':')
		return false;
	*value = (span){line.at + n + 1, line.len - n - 1};
	while (value->len && g_ascii_isspace(value->at[0]))
		*value = (span){value->at + 1, value->len - 1};
	while (value->len && g_ascii_isspace(value->at[value->len - 1]))
		value->len--;
	return true;
}

/* ">From ID Mon Sep 17 00:00:00 2001": git format-patch's first line, quoted on its way. */
static bool is_separator(span line)
{
	static const char begin[] = ">From ", end[] = " Mon Sep 17 00:00:00 2001";
	size_t at = strlen(begin), hex = 0;
	line = line_bare(line);
	if (!line_starts(line, begin))
		return false;
	while (at + hex < line.len && g_ascii_isxdigit(line.at[at + hex]))
		hex++;
	span rest = {line.at + at + hex, line.len - at - hex};
	return (hex == 40 || hex == 64) && rest.len == strlen(end) && line_starts(rest, end);
}

/* Takes the headers at the start of a body; returns where they end. As git's check_inbody_header.
 */
static gsize take_headers(message_headers *h, span body)
{
	bool ended = false, header = false; /* the line before was one */
	gsize pos = 0;
	while (pos < body.len && !ended) {
		span line = line_at(body, pos), value = {0};
		g_autofree char *copy = NULL;
		char **slot = NULL;
		if (!line_bare(line).len) {
			pos += line.len;
			ended = header;
			continue;
		}
		if (!h->from && header_value(line, "From", &value))
			slot = &h->from;
		else if (!h->subject && header_value(line, "Subject", &value))
			slot = &h->subject;
		else if (!h->date && header_value(line, "Date", &value))
			slot = &h->date;
		else if (!h->subject && line_starts(line, "[PATCH]") && line.len > 7 &&
			 g_ascii_isspace(line.at[7]))
			h->subject = message_header(copy = g_strndup(line.at, line.len));
		else if (!is_separator(line))
			break;
		header = slot != NULL;
		pos += line.len;
		if (!slot)
			continue;
		g_autoptr(GString) folded = g_string_new_len(value.at, (gssize)value.len);
		for (span next = line_at(body, pos);
			next.len && (next.at[0] == ' ' || next.at[0] == '\t');
			next = line_at(body, pos)) {
			g_string_append_c(folded, '\n');
			g_string_append_len(folded, next.at, (gssize)line_bare(next).len);
			pos += next.len;
		}
		*slot = message_header(folded->str);
	}
	return pos;
}

char *message_body(message_headers *h, span body, const char *charset)
{
	g_autofree char *text = message_utf8(body.at, message_end(body), charset);
	const span all = {text, strlen(text)};
	GString *out = g_string_sized_new(all.len + 1);
	bool gap = false;
	for (gsize pos = take_headers(h, all); pos < all.len;) {
		span line = line_at(all, pos);
		pos += line.len;
		while (line.len && g_ascii_isspace(line.at[line.len - 1]))
			line.len--;
		/* As git stripspace: a run of empty lines is one. */
		if (line.len && gap && out->len)
			g_string_append_c(out, '\n');
		gap = !line.len;
		if (line.len) {
			g_string_append_len(out, line.at, (gssize)line.len);
			g_string_append_c(out, '\n');
		}
	}
	return g_string_free(out, FALSE);
}

static bool is_commit_id(const char *s)
{
	size_t n = strspn(s, "0123456789abcdefABCDEF");
	return n >= 7 && n <= 64 && !s[n];
}

static void take_trailer(patch *p, const char *name, span value)
{
	static const char prerequisite[] = "prerequisite-";
	g_autofree char *word = g_strndup(value.at, value.len);
	if (!strcmp(name, "base-commit")) {
		if (!p->base_commit && is_commit_id(word))
			p->base_commit = g_ascii_strdown(word, -1);
	} else if (!strcmp(name, "change-id")) {
		if (!p->change_id && *word)
			p->change_id = g_steal_pointer(&word);
	} else if (*word && p->prerequisites->len < MAX_PREREQUISITES) {
		size_t n = value.len;
		bool bracketed = n > 2 && word[0] == '<' && word[n - 1] == '>';
		g_ptr_array_add(
			p->prerequisites, g_strdup_printf("%s %.*s", name + strlen(prerequisite),
						  (int)(bracketed ? n - 2 : n), word + bracketed));
	}
}

void message_trailers(patch *p, span text)
{
	static const char *const names[] = {"base-commit", "change-id", "prerequisite-patch-id",
		"prerequisite-message-id", "prerequisite-change-id"};
	for (gsize pos = 0; pos < text.len;) {
		span line = line_at(text, pos), value;
		pos += line.len;
		/* The diff's own lines start otherwise; this look keeps the scan cheap. */
		if (!line.len || !strchr("bBcCpP", line.at[0]) || line.len > MAX_TRAILER_BYTES)
			continue;
		for (size_t k = 0; k < G_N_ELEMENTS(names); k++)
			if (header_value(line, names[k], &value))
				take_trailer(p, names[k], value);
	}
}
