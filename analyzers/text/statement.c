/* Statements of assembly text. */
#include "analyzers/text/statement.h"

#include <string.h>

void statement_reader_init(statement_reader *r, const char *text, size_t len)
{
	*r = (statement_reader){text, text + len, false};
}

static bool is_separator(char c)
{
	return c == '\n' || c == ';' || !c;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Backslash: arguments of .macro bodies. '#': pasted names in the bodies of C macros. */
static bool is_word(char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '.' || c == '$' || c == '\\' || c == '#' ||
	       (unsigned char)c >= 0x80;
}

static span read_word(const char **p, const char *end)
{
	const char *start = *p;
	while (*p < end && is_word(**p))
		(*p)++;
	return (span){start, (size_t)(*p - start)};
}

static bool span_is(span s, const char *word)
{
	return strlen(word) == s.len && !g_ascii_strncasecmp(s.at, word, s.len);
}

typedef enum prefix {
	PREFIX_NONE,
	PREFIX_REPEAT,
	PREFIX_OTHER,
} prefix;

static prefix classify(span name)
{
	static const char *const repeats[] = {"rep", "repe", "repz", "repne", "repnz"};
	static const char *const others[] = {
		"lock", "cs", "ds", "es", "fs", "gs", "ss", "data16", "addr32"};
	for (size_t i = 0; i < G_N_ELEMENTS(repeats); i++)
		if (span_is(name, repeats[i]))
			return PREFIX_REPEAT;
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (span_is(name, others[i]))
			return PREFIX_OTHER;
	return PREFIX_NONE;
}

/* To the end of the statement, over quoted text. */
static const char *find_end(const char *p, const char *end)
{
	while (p < end && !is_separator(*p)) {
		if (*p == '"') {
			for (p++; p < end && *p != '"' && *p != '\n'; p++)
				if (*p == '\\' && p + 1 < end && p[1] != '\n')
					p++;
			if (p < end && *p == '"')
				p++;
		} else {
			p++;
		}
	}
	return p;
}

static span trimmed(const char *start, const char *end)
{
	while (start < end && is_blank(*start))
		start++;
	while (start < end && is_blank(end[-1]))
		end--;
	return (span){start, (size_t)(end - start)};
}

bool statement_next(statement_reader *r, statement *out)
{
	const char *p = r->at;
	for (;;) {
		while (p < r->end && (is_separator(*p) || is_blank(*p)))
			p++;
		if (p >= r->end) {
			r->at = p;
			return false;
		}
		span name = read_word(&p, r->end);
		const char *after = p;
		while (after < r->end && is_blank(*after))
			after++;
		if (name.len && after < r->end && *after == ':') {
			r->at = after + 1;
			*out = (statement){STATEMENT_LABEL, name, {after, 0}};
			return true;
		}
		if (!name.len) { /* no statement: skip it */
			p = find_end(p + 1, r->end);
			continue;
		}
		prefix what = classify(name);
		if (what != PREFIX_NONE) {
			r->repeat = what == PREFIX_REPEAT;
			continue;
		}
		const char *end = find_end(p, r->end);
		statement s = {STATEMENT_INSTRUCTION, name, trimmed(p, end)};
		if (s.operands.len && *s.operands.at == '=') {
			s.kind = STATEMENT_ASSIGN;
			s.operands = trimmed(s.operands.at + 1, end);
		}
		if (r->repeat && span_is(name, "nop"))
			s.name = (span){"pause", strlen("pause")};
		r->repeat = false;
		r->at = end;
		*out = s;
		return true;
	}
}
