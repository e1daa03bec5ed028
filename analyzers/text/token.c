/* Tokens of C as text. */
#include "analyzers/text/token.h"

#include <string.h>

#include "base/limits.h"

typedef struct keyword_name {
	const char *name;
	keyword code;
} keyword_name;

/* Sorted by name (bytes) for bsearch; C, GNU C, and what every kernel header takes for granted. */
static const keyword_name keywords[] = {
	{"_Alignas", KEYWORD_ATTRIBUTE},
	{"_Bool", KEYWORD_TYPE},
	{"_Noreturn", KEYWORD_QUALIFIER},
	{"_Static_assert", KEYWORD_ATTRIBUTE},
	{"_Thread_local", KEYWORD_QUALIFIER},
	{"__alignof", KEYWORD_STATEMENT},
	{"__alignof__", KEYWORD_STATEMENT},
	{"__always_inline", KEYWORD_INLINE},
	{"__asm", KEYWORD_ASM},
	{"__asm__", KEYWORD_ASM},
	{"__attribute", KEYWORD_ATTRIBUTE},
	{"__attribute__", KEYWORD_ATTRIBUTE},
	{"__const", KEYWORD_QUALIFIER},
	{"__const__", KEYWORD_QUALIFIER},
	{"__extension__", KEYWORD_QUALIFIER},
	{"__inline", KEYWORD_INLINE},
	{"__inline__", KEYWORD_INLINE},
	{"__label__", KEYWORD_STATEMENT},
	{"__restrict", KEYWORD_QUALIFIER},
	{"__restrict__", KEYWORD_QUALIFIER},
	{"__signed", KEYWORD_TYPE},
	{"__signed__", KEYWORD_TYPE},
	{"__thread", KEYWORD_QUALIFIER},
	{"__typeof", KEYWORD_TYPEOF},
	{"__typeof__", KEYWORD_TYPEOF},
	{"__volatile", KEYWORD_QUALIFIER},
	{"__volatile__", KEYWORD_QUALIFIER},
	{"asm", KEYWORD_ASM},
	{"auto", KEYWORD_QUALIFIER},
	{"break", KEYWORD_STATEMENT},
	{"case", KEYWORD_STATEMENT},
	{"char", KEYWORD_TYPE},
	{"const", KEYWORD_QUALIFIER},
	{"continue", KEYWORD_STATEMENT},
	{"default", KEYWORD_STATEMENT},
	{"defined", KEYWORD_STATEMENT},
	{"do", KEYWORD_ELSE},
	{"double", KEYWORD_TYPE},
	{"else", KEYWORD_ELSE},
	{"enum", KEYWORD_ENUM},
	{"extern", KEYWORD_EXTERN},
	{"float", KEYWORD_TYPE},
	{"for", KEYWORD_STATEMENT},
	{"goto", KEYWORD_GOTO},
	{"if", KEYWORD_STATEMENT},
	{"inline", KEYWORD_INLINE},
	{"int", KEYWORD_TYPE},
	{"long", KEYWORD_TYPE},
	{"register", KEYWORD_QUALIFIER},
	{"restrict", KEYWORD_QUALIFIER},
	{"return", KEYWORD_STATEMENT},
	{"short", KEYWORD_TYPE},
	{"signed", KEYWORD_TYPE},
	{"sizeof", KEYWORD_STATEMENT},
	{"static", KEYWORD_STATIC},
	{"struct", KEYWORD_STRUCT},
	{"switch", KEYWORD_STATEMENT},
	{"typedef", KEYWORD_TYPEDEF},
	{"typeof", KEYWORD_TYPEOF},
	{"union", KEYWORD_UNION},
	{"unsigned", KEYWORD_TYPE},
	{"void", KEYWORD_TYPE},
	{"volatile", KEYWORD_QUALIFIER},
	{"while", KEYWORD_STATEMENT},
};

static keyword find_keyword(const char *at, size_t len)
{
	if (len < 2 || len > 15 || (*at != '_' && (*at < 'a' || *at > 'w')))
		return KEYWORD_NONE;
	size_t low = 0, high = G_N_ELEMENTS(keywords);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *name = keywords[middle].name;
		int order = strncmp(at, name, len);
		if (!order && !name[len])
			return keywords[middle].code;
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return KEYWORD_NONE;
}

static bool is_name_start(unsigned char c)
{
	return g_ascii_isalpha(c) || c == '_' || c == '$' || c >= 0x80;
}

static bool is_name(unsigned char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '$' || c >= 0x80;
}

typedef struct lexer {
	const char *text, *end;
	uint32_t line;
	bool space;	 /* white space since the last token */
	bool line_start; /* no token since the last line end */
	bool directive;
	GArray *out;
} lexer;

uint64_t token_hash(const char *text, size_t len)
{
	return text_hash(text, len, 0);
}

static void add(lexer *x, const char *at, const char *end, token_kind kind, unsigned code)
{
	token t = {
		.hash = token_hash(at, (size_t)(end - at)),
		.at = (uint32_t)(at - x->text),
		.len = (uint32_t)(end - at),
		.line = x->line,
		.code = (uint16_t)code,
		.kind = (uint8_t)kind,
		.flags = (uint8_t)((x->space ? TOKEN_SPACE : 0)),
	};
	if (x->line_start && kind == TOKEN_PUNCTUATION && code == '#' && !x->directive) {
		x->directive = true;
		t.flags |= TOKEN_HASH;
	}
	if (x->directive)
		t.flags |= TOKEN_DIRECTIVE;
	g_array_append_val(x->out, t);
	x->space = false;
	x->line_start = false;
}

static void end_line(lexer *x)
{
	x->line++;
	x->space = true;
	x->line_start = true;
	x->directive = false;
}

/* Behind the comment at p, which starts with slash and star. Lines in it are counted. A directive
 * goes on behind it. */
static const char *skip_comment(lexer *x, const char *p)
{
	p += 2;
	while (p < x->end && !(*p == '*' && p + 1 < x->end && p[1] == '/')) {
		if (*p == '\n')
			x->line++;
		p++;
	}
	x->space = true;
	return p < x->end ? p + 2 : x->end;
}

static const char *skip_line_comment(lexer *x, const char *p)
{
	while (p < x->end && *p != '\n') {
		if (*p == '\\' && p + 1 < x->end && p[1] == '\n') {
			x->line++;
			p++;
		}
		p++;
	}
	x->space = true;
	return p;
}

/* Behind the string or character at p. A backslash before a line end carries it on. */
static const char *read_quoted(lexer *x, const char *p)
{
	const char *start = p, quote = *p++;
	uint32_t lines = 0;
	while (p < x->end && *p != quote && *p != '\n') {
		if (*p == '\\' && p + 1 < x->end) {
			p++;
			if (*p == '\r' && p + 1 < x->end && p[1] == '\n')
				p++;
			if (*p == '\n')
				lines++;
		}
		p++;
	}
	if (p < x->end && *p == quote)
		p++;
	add(x, start, p, quote == '"' ? TOKEN_STRING : TOKEN_CHARACTER, 0);
	x->line += lines;
	return p;
}

static const char *read_number(lexer *x, const char *p)
{
	const char *start = p++;
	while (p < x->end && (is_name((unsigned char)*p) || *p == '.' ||
				     ((*p == '+' || *p == '-') && (p[-1] == 'e' || p[-1] == 'E') &&
					     start[0] != '0')))
		p++;
	add(x, start, p, TOKEN_NUMBER, 0);
	return p;
}

static const char *read_punctuation(lexer *x, const char *p)
{
	static const char pairs[][3] = {"->", "##", "==", "!=", "<=", ">=", "&&", "||", "<<", ">>",
		"+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "++", "--", ".."};
	const char *next = p + 1;
	unsigned code = (unsigned char)*p;
	for (size_t i = 0; next < x->end && i < G_N_ELEMENTS(pairs); i++) {
		if (*p != pairs[i][0] || *next != pairs[i][1])
			continue;
		code = PUNCTUATION(*p, *next);
		next++;
		bool third = (code == PUNCTUATION_DOTS && next < x->end && *next == '.') ||
			     ((code == PUNCTUATION('<', '<') || code == PUNCTUATION('>', '>')) &&
				     next < x->end && *next == '=');
		if (third)
			next++;
		break;
	}
	add(x, p, next, TOKEN_PUNCTUATION, code);
	return next;
}

static const char *read_token(lexer *x, const char *p)
{
	unsigned char c = (unsigned char)*p;
	if (is_name_start(c)) {
		const char *start = p++;
		while (p < x->end && is_name((unsigned char)*p))
			p++;
		bool wide =
			p == start + 1 && *start == 'L' && p < x->end && (*p == '"' || *p == '\'');
		if (wide)
			return read_quoted(x, p);
		add(x, start, p, TOKEN_NAME, find_keyword(start, (size_t)(p - start)));
		return p;
	}
	if (g_ascii_isdigit(c) || (c == '.' && p + 1 < x->end && g_ascii_isdigit(p[1])))
		return read_number(x, p);
	if (c == '"' || c == '\'')
		return read_quoted(x, p);
	return read_punctuation(x, p);
}

void tokens_read(GArray *out, const char *text, size_t len)
{
	g_assert(len <= LIMIT_SOURCE_BYTES);
	lexer x = {.text = text, .end = text + len, .line = 1, .line_start = true, .out = out};
	for (const char *p = text; p < x.end;) {
		char next = p + 1 < x.end ? p[1] : '\0';
		if (*p == '\n') {
			end_line(&x);
			p++;
		} else if (*p == '\\' && next == '\n') {
			x.line++;
			x.space = true;
			p += 2;
		} else if (*p == '\\' && next == '\r' && p + 2 < x.end && p[2] == '\n') {
			x.line++;
			x.space = true;
			p += 3;
		} else if (g_ascii_isspace(*p) || !*p || *p == '\v') {
			x.space = true;
			p++;
		} else if (*p == '/' && next == '*') {
			p = skip_comment(&x, p);
		} else if (*p == '/' && next == '/') {
			p = skip_line_comment(&x, p);
		} else {
			p = read_token(&x, p);
		}
	}
}

void tokens_join(GString *out, const char *text, const token *tokens, size_t first, size_t last,
	size_t limit)
{
	size_t start = out->len;
	for (size_t i = first; i <= last; i++) {
		const token *t = &tokens[i];
		if (out->len - start + t->len + 1 > limit) {
			g_string_append(out, "...");
			return;
		}
		if (i > first && (t->flags & TOKEN_SPACE))
			g_string_append_c(out, ' ');
		g_string_append_len(out, text + t->at, t->len);
	}
}

void token_digest_add(token_digest *d, uint64_t hash)
{
	d->sum[0] = (d->sum[0] ^ hash) * 0x100000001b3u;
	d->sum[0] ^= d->sum[0] >> 29;
	d->sum[1] = (d->sum[1] + hash) * 0xff51afd7ed558ccdu;
	d->sum[1] ^= d->sum[1] >> 32;
	d->count++;
}

void token_digest_range(
	token_digest *d, const token *tokens, size_t first, size_t last, uint64_t own_name)
{
	for (size_t i = first; i <= last; i++)
		token_digest_add(d, tokens[i].hash == own_name ? 1 : tokens[i].hash);
}
