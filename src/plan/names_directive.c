/* Names in preprocessor directives, and the conditions that these open. */
#include "plan/names_scan.h"

#include <string.h>

#include "plan/condition.h"

/* Reads to the end of the directive, continuation lines included; names go to the list when
 * `names`. */
static void read_directive_rest(scanner *s, bool names)
{
	while (s->p < s->end) {
		char c = *s->p;
		if (c == '\n')
			return;
		if (c == '\\' && s->p + 1 < s->end && s->p[1] == '\n') {
			s->p += 2;
			s->line++;
		} else if (c == '/' && s->p + 1 < s->end && s->p[1] == '*') {
			s->p += 2;
			while (s->p + 1 < s->end && !(s->p[0] == '*' && s->p[1] == '/'))
				s->line += *s->p++ == '\n';
			s->p = MIN(s->p + 2, s->end);
		} else if (c == '"' || c == '\'') {
			const char *q = s->p + 1;
			while (q < s->end && *q != c && *q != '\n')
				q += *q == '\\' && q + 1 < s->end && q[1] != '\n' ? 2 : 1;
			s->p = q < s->end && *q == c ? q + 1 : q;
		} else if (scan_is_start(c)) {
			bool member = s->p[-1] == '.' || (s->p[-1] == '>' && s->p[-2] == '-');
			const char *name = scan_name(s);
			if (names && !scan_is_keyword(name))
				scan_add(s, member ? NAME_MEMBER : NAME_USED, s->line, name, 0);
		} else if (g_ascii_isdigit(c)) {
			while (s->p < s->end && scan_is_char(*s->p))
				s->p++;
		} else {
			s->p++;
		}
	}
}

static void read_define(scanner *s)
{
	if (s->p >= s->end || !scan_is_start(*s->p))
		return;
	unsigned line = s->line;
	const char *name = scan_name(s);
	guint shape = 0;
	if (s->p < s->end && *s->p == '(') {
		const char *close = memchr(s->p, ')', (size_t)(s->end - s->p));
		for (const char *q = s->p; close && q <= close; q++)
			shape += *q == ',' || *q == '(';
	}
	source_name n = {NAME_DEFINED, line, name, true, shape};
	g_array_append_val(s->out->names, n);
	read_directive_rest(s, true);
	scan_block(s, line, s->line);
}

static void read_include(scanner *s)
{
	char close = *s->p == '<' ? '>' : '"';
	if (*s->p != '<' && *s->p != '"')
		return;
	const char *from = ++s->p;
	while (s->p < s->end && *s->p != close && *s->p != '\n')
		s->p++;
	scan_add(s, NAME_INCLUDED, s->line, scan_keep(s, from, (size_t)(s->p - from)), 0);
}

/* --- conditions on configuration symbols --- */

/* The end of the directive's line, comments left out. */
static const char *condition_end(const scanner *s)
{
	const char *p = s->p;
	while (p < s->end && *p != '\n' && !(p[0] == '/' && p + 1 < s->end && p[1] == '*'))
		p += p[0] == '\\' && p + 1 < s->end ? 2 : 1;
	return MIN(p, s->end);
}

/* Begins the branch that the directive `word` opens, whose #if is the innermost one. */
static void begin_branch(scanner *s, const char *word)
{
	const char *end = condition_end(s), *off = NULL, *before = s->saved[s->conditions - 1].off;
	GPtrArray *on = NULL;
	if (!strcmp(word, "else")) {
		on = g_ptr_array_new();
		if (before)
			g_ptr_array_add(on, (gpointer)before);
	} else if (!strcmp(word, "ifndef")) {
		on = g_ptr_array_new();
		off = condition_symbol(s->p, end, s->out->strings);
	} else {
		on = condition_needs(s->p, end, s->out->strings, &off);
		if (!strcmp(word, "elif"))
			off = NULL;
	}
	s->saved[s->conditions - 1].first = s->line + 1;
	s->saved[s->conditions - 1].on = on;
	s->saved[s->conditions - 1].off = off;
}

/* Ends the innermost branch on the line before this one. */
void scan_end_branch(scanner *s)
{
	GPtrArray *on = g_steal_pointer(&s->saved[s->conditions - 1].on);
	for (guint i = 0; on && i < on->len; i++) {
		line_condition c = {
			s->saved[s->conditions - 1].first, s->line - 1, g_ptr_array_index(on, i)};
		if (c.first <= c.last)
			g_array_append_val(s->out->conditions, c);
	}
	g_clear_pointer(&on, g_ptr_array_unref);
}

static void enter_condition(scanner *s, const char *word)
{
	scan_balance(s, s->line)->conditions++;
	s->conditions++;
	if (s->conditions > CONDITION_DEPTH)
		return;
	s->saved[s->conditions - 1].braces = s->braces;
	s->saved[s->conditions - 1].parens = s->parens;
	s->saved[s->conditions - 1].in_type = s->in_type;
	s->saved[s->conditions - 1].in_enum = s->in_enum;
	begin_branch(s, word);
}

/* Another branch begins with the braces that the first one began with. */
static void switch_condition(scanner *s, const char *word)
{
	if (!s->conditions || s->conditions > CONDITION_DEPTH)
		return;
	s->braces = s->saved[s->conditions - 1].braces;
	s->parens = s->saved[s->conditions - 1].parens;
	s->in_type = s->saved[s->conditions - 1].in_type;
	s->in_enum = s->saved[s->conditions - 1].in_enum;
	scan_end_branch(s);
	begin_branch(s, word);
}

static void leave_condition(scanner *s)
{
	scan_balance(s, s->line)->conditions--;
	if (!s->conditions)
		return;
	if (s->conditions <= CONDITION_DEPTH)
		scan_end_branch(s);
	s->conditions--;
}

void scan_directive(scanner *s)
{
	s->p++; /* # */
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t'))
		s->p++;
	const char *word = s->p < s->end && scan_is_start(*s->p) ? scan_name(s) : "";
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t'))
		s->p++;
	if (!strcmp(word, "define")) {
		read_define(s);
	} else if (g_str_has_prefix(word, "include")) {
		if (s->p < s->end)
			read_include(s);
	} else if (!strcmp(word, "if") || !strcmp(word, "ifdef") || !strcmp(word, "ifndef")) {
		enter_condition(s, word);
	} else if (!strcmp(word, "else") || !strcmp(word, "elif")) {
		switch_condition(s, word);
	} else if (!strcmp(word, "endif")) {
		leave_condition(s);
	}
	read_directive_rest(s, false);
}
