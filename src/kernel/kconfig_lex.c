/* Lines of Kconfig files and the tokens in them. */
#include <string.h>

#include "kernel/kconfig_reader.h"

/* Words and operators of one line; the longest of 6.1 has about 120. */
#define LINE_TOKENS 4000u

bool kconfig_next_line(kconfig_lines *l, GString *out)
{
	g_string_truncate(out, 0);
	if (l->at >= l->end)
		return false;
	l->number++;
	l->joined = 0;
	for (;;) {
		const char *newline = memchr(l->at, '\n', (size_t)(l->end - l->at));
		const char *stop = newline ? newline : l->end;
		g_string_append_len(out, l->at, stop - l->at);
		l->at = newline ? newline + 1 : l->end;
		if (out->len && out->str[out->len - 1] == '\r')
			g_string_truncate(out, out->len - 1);
		if (!out->len || out->str[out->len - 1] != '\\' || l->at >= l->end)
			break;
		g_string_truncate(out, out->len - 1);
		l->number++;
		l->joined++;
	}
	return true;
}

static unsigned indentation(const char *p, const char *end, const char **text)
{
	unsigned column = 0;
	for (; p < end && (*p == ' ' || *p == '\t'); p++)
		column = *p == '\t' ? (column & ~7u) + 8 : column + 1;
	*text = p;
	return column;
}

/* A help text ends before the first line that is indented less than its first one. Returns its last
 * line that is not blank. */
unsigned kconfig_skip_help(kconfig_lines *l)
{
	unsigned first = 0, last = l->number;
	while (l->at < l->end) {
		const char *newline = memchr(l->at, '\n', (size_t)(l->end - l->at));
		const char *stop = newline ? newline : l->end;
		const char *text;
		unsigned column = indentation(l->at, stop, &text);
		bool blank = text == stop || *text == '\r';
		if (!blank) {
			if (column == 0 || column < first)
				break;
			if (!first)
				first = column;
			last = l->number + 1;
		}
		l->at = newline ? newline + 1 : l->end;
		l->number++;
	}
	return last;
}

static bool is_word(char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '-' || c == '.' || c == '/';
}

static void add_token(kconfig_reader *r, kconfig_token_kind kind, const char *text)
{
	kconfig_token t = {kind, text ? kconfig_keep(r->k, text) : NULL};
	g_array_append_val(r->tokens, t);
}

/* A quoted string from its quote on; returns what follows. Macros expand, backslash escapes. */
static const char *lex_string(kconfig_reader *r, const char *p)
{
	char quote = *p++;
	g_autoptr(GString) text = g_string_new(NULL);
	while (*p && *p != quote) {
		size_t len = p[0] == '$' && p[1] == '(' ? kconfig_macro_length(p) : 0;
		if (len) {
			g_autofree char *raw = g_strndup(p, len);
			g_autofree char *value = kconfig_macro_expand(r->macros, raw);
			g_string_append(text, value);
			p += len;
			continue;
		}
		if (*p == '\\' && p[1])
			p++;
		g_string_append_c(text, *p++);
	}
	add_token(r, TOKEN_STRING, text->str);
	return *p ? p + 1 : p;
}

/* A word, in which macros expand without being split. */
static const char *lex_word(kconfig_reader *r, const char *p)
{
	g_autoptr(GString) text = g_string_new(NULL);
	while (*p) {
		size_t len = p[0] == '$' && p[1] == '(' ? kconfig_macro_length(p) : 0;
		if (len) {
			g_autofree char *raw = g_strndup(p, len);
			g_autofree char *value = kconfig_macro_expand(r->macros, raw);
			g_string_append(text, value);
			p += len;
		} else if (is_word(*p)) {
			g_string_append_c(text, *p++);
		} else {
			break;
		}
	}
	add_token(r, TOKEN_WORD, text->str);
	return p;
}

static const struct {
	const char *text;
	kconfig_token_kind kind;
} operators[] = {
	{"&&", TOKEN_AND},
	{"||", TOKEN_OR},
	{"!=", TOKEN_UNEQUAL},
	{"<=", TOKEN_LESS_EQUAL},
	{">=", TOKEN_GREATER_EQUAL},
	{"(", TOKEN_OPEN},
	{")", TOKEN_CLOSE},
	{"!", TOKEN_NOT},
	{"=", TOKEN_EQUAL},
	{"<", TOKEN_LESS},
	{">", TOKEN_GREATER},
};

void kconfig_lex(kconfig_reader *r, const char *p)
{
	g_array_set_size(r->tokens, 0);
	r->at = 0;
	while (*p && r->tokens->len < LINE_TOKENS) {
		if (*p == ' ' || *p == '\t') {
			p++;
			continue;
		}
		if (*p == '#')
			break;
		if (*p == '"' || *p == '\'') {
			p = lex_string(r, p);
			continue;
		}
		if (is_word(*p) || (p[0] == '$' && p[1] == '(' && kconfig_macro_length(p))) {
			p = lex_word(r, p);
			continue;
		}
		bool found = false;
		for (size_t i = 0; i < G_N_ELEMENTS(operators) && !found; i++) {
			size_t len = strlen(operators[i].text);
			if (!strncmp(p, operators[i].text, len)) {
				add_token(r, operators[i].kind, NULL);
				p += len;
				found = true;
			}
		}
		if (!found)
			p++; /* as the kernel's lexer: an unknown character is dropped */
	}
}

const kconfig_token *kconfig_peek(kconfig_reader *r)
{
	static const kconfig_token end = {TOKEN_END, NULL};
	return r->at < r->tokens->len ? &g_array_index(r->tokens, kconfig_token, r->at) : &end;
}

const kconfig_token *kconfig_take(kconfig_reader *r)
{
	const kconfig_token *t = kconfig_peek(r);
	if (t->kind != TOKEN_END)
		r->at++;
	return t;
}

bool kconfig_take_kind(kconfig_reader *r, kconfig_token_kind kind)
{
	if (kconfig_peek(r)->kind != kind)
		return false;
	r->at++;
	return true;
}

bool kconfig_take_word(kconfig_reader *r, const char *word)
{
	const kconfig_token *t = kconfig_peek(r);
	if (t->kind != TOKEN_WORD || strcmp(t->text, word))
		return false;
	r->at++;
	return true;
}
