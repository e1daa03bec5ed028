/* The functions of a C text, by its layout; and the runs of tokens of any. */
#include "facts/functions.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "facts/assembly_functions.h"
#include "facts/comments.h"
#include "facts/lines.h"
#include "model/assembly_habits.h"

static bool is_word(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

/* Behind the string or character that starts at p. */
static const char *skip_quoted(const char *p, const char *end)
{
	char quote = *p++;
	while (p < end && *p != quote && *p != '\n')
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	return p < end ? p + 1 : end;
}

/* What the head of a definition names: the first word before a '(' outside of all parentheses that
 * is no attribute. False for what is no function: data, types, lists. */
static bool read_head(function_text *f, const char *p, const char *end)
{
	const char *word = NULL;
	size_t word_len = 0;
	unsigned depth = 0, words = 0;
	f->name = NULL;
	while (p < end) {
		const char *start = p, *behind = comment_skip(p, p, end, NULL);
		if (behind > p) {
			p = behind;
			continue;
		}
		while (p < end && is_word(*p))
			p++;
		if (p > start) {
			word = start;
			word_len = (size_t)(p - start);
			words += !depth && !f->name;
			continue;
		}
		if ((*p == '=' || *p == ';') && !depth)
			return false;
		static const char attribute[] = "__attribute__";
		if (*p == '(' && !depth && word && !f->name &&
			(word_len != sizeof(attribute) - 1 ||
				strncmp(word, attribute, word_len) != 0)) {
			f->name = word;
			f->name_len = word_len;
		}
		depth += *p == '(';
		depth -= *p == ')' && depth;
		p++;
	}
	/* without a type before the name it is a macro's list: MACHINE_START(x) { ... } */
	return f->name && words > 1 && !g_ascii_isdigit(*f->name);
}

/* The last character of a line that is no white space; a blank for an empty line. */
static char last_character(const char *line, const char *end)
{
	while (end > line && (unsigned char)end[-1] <= ' ')
		end--;
	return end > line ? end[-1] : ' ';
}

static bool is_blank(const char *line, const char *end)
{
	while (line < end && (unsigned char)*line <= ' ')
		line++;
	return line == end;
}

/* Where a body opens: a brace in the first column, or at the end of a head's last line. */
static bool opens_body(const char *line, const char *end, const char *head)
{
	if (*line == '{')
		return true;
	bool heads = is_word(*line) || (head < line && g_ascii_isspace(*line));
	return heads && last_character(line, end) == '{';
}

/* A body on one line is too short to be told. */
static bool closed_here(const char *line, const char *end)
{
	return *line == '{' && last_character(line, end) == '}';
}

/* Of a line that opens_body: the brace. */
static const char *last_brace(const char *line, const char *end)
{
	if (*line == '{')
		return line;
	while (end[-1] != '{')
		end--;
	return end - 1;
}

static void scan_c(GArray *out, const char *text, size_t len)
{
	const char *end = text + len, *head = text;
	unsigned line = 1, head_line = 1;
	function_text open = {0};
	for (const char *p = text, *next; p < end; p = next, line++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline : end;
		next = newline ? newline + 1 : end;
		if (open.at) {
			if (*p != '}')
				continue;
			open.len = (size_t)(stop - open.at);
			open.end_line = line;
			if (open.name)
				g_array_append_val(out, open);
			open.at = NULL;
			head = next;
			head_line = line + 1;
			continue;
		}
		if (!closed_here(p, stop) && opens_body(p, stop, head)) {
			open = (function_text){.at = head, .line = head_line};
			if (!read_head(&open, head, last_brace(p, stop)))
				open.name = NULL;
		} else if (is_blank(p, stop) || *p == '#' || *p == '}' ||
			   strchr(";\\/}", last_character(p, stop))) {
			head = next;
			head_line = line + 1;
		}
	}
}

function_language functions_language(const char *path)
{
	if (g_str_has_suffix(path, ".c") || g_str_has_suffix(path, ".h"))
		return FUNCTIONS_C;
	return assembly_is_code(path) ? FUNCTIONS_ASSEMBLY : FUNCTIONS_NONE;
}

void functions_scan(GArray *out, const char *path, const char *text, size_t len)
{
	switch (functions_language(path)) {
	case FUNCTIONS_C:
		scan_c(out, text, len);
		break;
	case FUNCTIONS_ASSEMBLY:
		assembly_functions_scan(out, text, len, assembly_comment_characters(path));
		break;
	case FUNCTIONS_NONE:
		break;
	}
}

/* Behind the token that starts at p. */
static const char *skip_token(const char *p, const char *end)
{
	if (*p == '"' || *p == '\'')
		return skip_quoted(p, end);
	if (!is_word(*p))
		return p + 1;
	while (p < end && is_word(*p))
		p++;
	return p;
}

unsigned functions_runs(GArray *out, const char *path, const function_text *f)
{
	bool assembly = functions_language(path) == FUNCTIONS_ASSEMBLY;
	const char *comments = assembly ? assembly_comment_characters(path) : NULL;
	const char *end = f->at + f->len;
	uint64_t last[TOKEN_RUN] = {0};
	unsigned count = 0;
	for (const char *p = f->at; p < end;) {
		const char *start = p;
		const char *behind = comment_skip(p, f->at, end, comments);
		if (behind > p || (unsigned char)*p <= ' ') {
			p = behind > p ? behind : p + 1;
			continue;
		}
		p = skip_token(p, end);
		size_t size = (size_t)(p - start);
		bool own = size == f->name_len && !memcmp(start, f->name, size);
		last[count++ % TOKEN_RUN] = own ? 1 : text_hash(start, size, 0);
		if (count < TOKEN_RUN)
			continue;
		uint64_t run = 0;
		for (unsigned i = 0; i < TOKEN_RUN; i++)
			run = (run ^ last[(count + i) % TOKEN_RUN]) * 0x9e3779b97f4a7c15u;
		g_array_append_val(out, run);
	}
	lines_sort(out);
	return count;
}
