/* RFC 2047: "=?charset?Q?text?=" in headers. */
#include "series/encoded_word.h"

#include <string.h>

#include "series/message.h"

/* RFC 2047 allows 75 characters; longer ones are seen. Bounds the search for the end. */
#define MAX_WORD 512

typedef struct word {
	char *charset;
	GByteArray *bytes;
	const char *end; /* behind "?=" */
} word;

static void word_clear(word *w)
{
	g_clear_pointer(&w->charset, g_free);
	g_clear_pointer(&w->bytes, g_byte_array_unref);
}

static void decode_q(GByteArray *out, const char *at, const char *end)
{
	for (; at < end; at++) {
		guint8 c = (guint8)*at;
		if (c == '_') {
			c = ' ';
		} else if (c == '=' && end - at > 2 && g_ascii_isxdigit(at[1]) &&
			   g_ascii_isxdigit(at[2])) {
			c = (guint8)(g_ascii_xdigit_value(at[1]) * 16 +
				     g_ascii_xdigit_value(at[2]));
			at += 2;
		}
		g_byte_array_append(out, &c, 1);
	}
}

static void decode_b(GByteArray *out, const char *at, const char *end)
{
	g_autofree char *text = g_strndup(at, (gsize)(end - at));
	gsize len = 0;
	g_autofree guchar *made = *text ? g_base64_decode(text, &len) : NULL;
	if (made)
		g_byte_array_append(out, made, (guint)len);
}

/* Reads the encoded word at `at`; false when there is none. */
static bool read_word(word *w, const char *at)
{
	if (at[0] != '=' || at[1] != '?')
		return false;
	const char *charset = at + 2;
	size_t n = strcspn(charset, "?* \t\n=");
	const char *mark = charset + n;
	if (!n || !*mark || *mark == ' ' || *mark == '\t')
		return false;
	mark = strchr(mark, '?');
	if (!mark || !mark[1] || mark[2] != '?')
		return false;
	char kind = g_ascii_toupper(mark[1]);
	const char *text = mark + 3,
		   *end = g_strstr_len(text, (gssize)strnlen(text, MAX_WORD), "?=");
	if (!end || (kind != 'Q' && kind != 'B'))
		return false;
	w->charset = g_strndup(charset, n);
	w->bytes = g_byte_array_new();
	w->end = end + 2;
	if (kind == 'Q')
		decode_q(w->bytes, text, end);
	else
		decode_b(w->bytes, text, end);
	return true;
}

static void append_utf8(GString *out, const char *text, gsize len, const char *charset)
{
	g_autofree char *made = message_utf8(text, len, charset);
	g_string_append(out, made);
}

/* Joins a run of words: blanks between them do not count, and a character may be split over two. */
static const char *append_words(GString *out, word *first)
{
	const char *end = first->end;
	for (;;) {
		const char *next = end + strspn(end, " \t");
		word w = {0};
		if (!read_word(&w, next))
			break;
		end = w.end;
		if (!g_ascii_strcasecmp(w.charset, first->charset)) {
			g_byte_array_append(first->bytes, w.bytes->data, w.bytes->len);
			word_clear(&w);
			continue;
		}
		append_utf8(
			out, (const char *)first->bytes->data, first->bytes->len, first->charset);
		word_clear(first);
		*first = w;
	}
	append_utf8(out, (const char *)first->bytes->data, first->bytes->len, first->charset);
	return end;
}

char *encoded_words_decode(const char *line)
{
	GString *out = g_string_new(NULL);
	while (*line) {
		word w = {0};
		if (read_word(&w, line)) {
			line = append_words(out, &w);
			word_clear(&w);
			continue;
		}
		/* Everything up to the next word at once, so that its charset is guessed as one. */
		const char *next = strstr(line + 1, "=?");
		gsize n = next ? (gsize)(next - line) : strlen(line);
		append_utf8(out, line, n, NULL);
		line += n;
	}
	return g_string_free(out, FALSE);
}
