/* Names in C, and in what the preprocessor sees of assembly. */
#include "plan/names_scan.h"

#include <string.h>

/* --- statements of file scope --- */

static const token *token_at(const scanner *s, guint i)
{
	return i < s->statement->len ? &g_array_index(s->statement, token, i) : NULL;
}

static bool is_punct(const token *t, char c)
{
	return t && t->kind == TOKEN_PUNCT && t->punct == c;
}

static bool is_word(const token *t, const char *word)
{
	return t && t->kind == TOKEN_NAME && !strcmp(t->text, word);
}

static bool is_tag_word(const token *t)
{
	return is_word(t, "struct") || is_word(t, "union") || is_word(t, "enum");
}

static guint shape_of(const scanner *s, guint first, guint end)
{
	guint shape = 5381;
	for (guint i = first; i < end; i++) {
		const token *t = token_at(s, i);
		shape = shape * 33 +
			(t->kind == TOKEN_NAME ? g_str_hash(t->text) : (guint)t->punct);
	}
	return shape;
}

/* Index after the parenthesis that closes the one at `open`. */
static guint skip_parens(const scanner *s, guint open)
{
	int depth = 0;
	for (guint i = open; i < s->statement->len; i++) {
		const token *t = token_at(s, i);
		depth += is_punct(t, '(') ? 1 : is_punct(t, ')') ? -1 : 0;
		if (depth == 0)
			return i + 1;
	}
	return s->statement->len;
}

/* The function that the statement declares or defines: a name before a parenthesis with something
 * before it. Returns its index, or the length when there is none. */
static guint function_name(const scanner *s)
{
	for (guint i = 1; i + 1 < s->statement->len; i++) {
		const token *t = token_at(s, i);
		if (is_word(t, "__attribute__") || is_word(t, "asm") || is_word(t, "__asm__")) {
			i = skip_parens(s, i + 1) - 1;
			continue;
		}
		if (t->kind == TOKEN_NAME && is_punct(token_at(s, i + 1), '(') &&
			!scan_is_keyword(t->text))
			return i;
		if (is_punct(t, '='))
			break;
	}
	return s->statement->len;
}

/* Every declarator at parenthesis level 0: the last name before = ; , [ or : */
static void add_declarators(scanner *s, name_kind kind, guint first)
{
	guint name = G_MAXUINT;
	int depth = 0;
	guint end = s->statement->len;
	for (guint i = first; i <= end; i++) {
		const token *t = token_at(s, i);
		bool closes = !t || is_punct(t, '=') || is_punct(t, ',') || is_punct(t, '[') ||
			      is_punct(t, ':');
		if (depth == 0 && closes && name != G_MAXUINT && name > first) {
			const token *n = token_at(s, name);
			scan_add(s, kind, n->line, n->text, shape_of(s, first, name));
			name = G_MAXUINT;
		}
		if (!t || is_punct(t, '='))
			return;
		if (is_punct(t, '(')) { /* (*name)(...) */
			if (is_punct(token_at(s, i + 1), '*') && depth == 0 && token_at(s, i + 2) &&
				token_at(s, i + 2)->kind == TOKEN_NAME) {
				name = i + 2;
				const token *n = token_at(s, name);
				scan_add(s, kind, n->line, n->text, shape_of(s, first, end));
				return;
			}
			depth++;
		} else if (is_punct(t, ')')) {
			depth--;
		} else if (depth == 0 && t->kind == TOKEN_NAME && !scan_is_keyword(t->text)) {
			name = i;
		}
	}
}

/* struct NAME {, union NAME {, enum NAME { */
static void add_tag(scanner *s)
{
	for (guint i = 0; i + 1 < s->statement->len; i++) {
		const token *t = token_at(s, i + 1);
		if (is_tag_word(token_at(s, i)) && t->kind == TOKEN_NAME)
			scan_add(s, NAME_DEFINED, t->line, t->text, 0);
	}
}

static bool opens_type(const scanner *s)
{
	bool tag = false;
	for (guint i = 0; i < s->statement->len; i++) {
		const token *t = token_at(s, i);
		if (is_punct(t, '(') && !is_word(i ? token_at(s, i - 1) : NULL, "__attribute__"))
			return false;
		tag |= is_tag_word(t);
	}
	return tag;
}

static bool statement_has(const scanner *s, const char *word)
{
	for (guint i = 0; i < s->statement->len; i++) {
		if (is_word(token_at(s, i), word))
			return true;
	}
	return false;
}

static void end_statement(scanner *s)
{
	g_array_set_size(s->statement, 0);
	s->in_value = false;
}

static void add_function(scanner *s, guint name)
{
	const token *t = token_at(s, name);
	scan_add(s, NAME_DEFINED, t->line, t->text, shape_of(s, 0, skip_parens(s, name + 1)));
}

/* A ; at file scope. */
static void end_declaration(scanner *s)
{
	guint name = function_name(s);
	if (statement_has(s, "typedef"))
		add_declarators(s, NAME_DEFINED, 1);
	else if (name < s->statement->len && !s->in_value)
		add_function(s, name);
	else
		add_declarators(s, NAME_DEFINED, 0);
	scan_block(s, s->block_line, s->line);
	end_statement(s);
}

static void open_block(scanner *s)
{
	guint name = function_name(s);
	s->in_type = opens_type(s) && !s->in_value;
	s->in_enum = s->in_type && statement_has(s, "enum");
	if (s->in_type)
		add_tag(s);
	else if (name < s->statement->len && !s->in_value)
		add_function(s, name);
}

static void close_block(scanner *s)
{
	if (s->in_type || s->in_value) {
		/* names of a typedef or variables may follow: go on with the statement */
		if (s->in_type && !statement_has(s, "typedef")) {
			g_array_set_size(s->statement, 0);
			token placeholder = {TOKEN_NAME, 0, s->line, "struct"};
			g_array_append_val(s->statement, placeholder);
		}
		s->in_type = s->in_enum = false;
		return;
	}
	scan_block(s, s->block_line, s->line);
	end_statement(s);
}

/* --- inside types: fields and enumerators --- */

static void end_field(scanner *s, GArray *tokens)
{
	GArray *outer = s->statement;
	s->statement = tokens;
	add_declarators(s, NAME_FIELD, 0);
	s->statement = outer;
	g_array_set_size(tokens, 0);
}

static void add_enumerator(scanner *s, GArray *tokens)
{
	if (tokens->len) {
		const token *t = &g_array_index(tokens, token, 0);
		if (t->kind == TOKEN_NAME)
			scan_add(s, NAME_DEFINED, t->line, t->text, 0);
	}
	g_array_set_size(tokens, 0);
}

static void take_member_token(scanner *s, GArray *tokens, const token *t)
{
	if (s->in_enum) {
		if (is_punct(t, ',') || is_punct(t, '}'))
			add_enumerator(s, tokens);
		else if (!is_punct(t, '{'))
			g_array_append_val(tokens, *t);
		return;
	}
	if (is_punct(t, ';'))
		end_field(s, tokens);
	else if (is_punct(t, '{'))
		g_array_set_size(tokens, 0);
	else if (!is_punct(t, '}'))
		g_array_append_val(tokens, *t);
}

/* --- C --- */

void scan_skip_comment(scanner *s)
{
	s->p += 2;
	while (s->p + 1 < s->end && !(s->p[0] == '*' && s->p[1] == '/'))
		s->line += *s->p++ == '\n';
	s->p = s->p + 1 < s->end ? s->p + 2 : s->end;
}

static void skip_literal(scanner *s)
{
	char quote = *s->p++;
	while (s->p < s->end && *s->p != quote) {
		if (*s->p == '\\' && s->p + 1 < s->end)
			s->p++;
		else if (*s->p == '\n' && quote == '\'')
			return; /* an apostrophe in text that is not C */
		s->line += *s->p == '\n';
		s->p++;
	}
	s->p = MIN(s->p + 1, s->end);
}

/* The next token; false at the end. Directives are handled on the way. */
static bool next_token(scanner *s, token *t)
{
	while (s->p < s->end) {
		char c = *s->p;
		if (c == '\n') {
			s->line++;
			s->line_start = true;
			s->p++;
		} else if (g_ascii_isspace(c)) {
			s->p++;
		} else if (c == '#' && s->line_start) {
			scan_directive(s);
		} else if (c == '/' && s->p + 1 < s->end && s->p[1] == '*') {
			scan_skip_comment(s);
		} else if (c == '/' && s->p + 1 < s->end && s->p[1] == '/') {
			while (s->p < s->end && *s->p != '\n')
				s->p++;
		} else {
			break;
		}
	}
	if (s->p >= s->end)
		return false;
	s->line_start = false;
	*t = (token){.line = s->line};
	char c = *s->p;
	if (scan_is_start(c)) {
		t->kind = TOKEN_NAME;
		t->text = scan_name(s);
	} else if (c == '"' || c == '\'') {
		t->kind = TOKEN_OTHER;
		skip_literal(s);
	} else if (g_ascii_isdigit(c)) {
		t->kind = TOKEN_OTHER;
		while (s->p < s->end && scan_is_char(*s->p))
			s->p++;
	} else {
		t->kind = TOKEN_PUNCT;
		t->punct = c;
		s->p++;
		if (c == '-' && s->p < s->end && *s->p == '>') {
			t->punct = '>';
			s->p++;
		}
	}
	return true;
}

static void count_balance(scanner *s, const token *t)
{
	line_balance *b = scan_balance(s, t->line);
	switch (t->punct) {
	case '{':
		b->braces++;
		break;
	case '}':
		b->braces--;
		break;
	case '(':
		b->parens++;
		s->parens++;
		break;
	case ')':
		b->parens--;
		s->parens--;
		break;
	default:
		break;
	}
}

static void take_punct(scanner *s, const token *t, GArray *members)
{
	count_balance(s, t);
	if (t->punct == '{') {
		if (s->braces++ == 0)
			open_block(s);
		else if (s->in_type)
			take_member_token(s, members, t);
		return;
	}
	if (t->punct == '}') {
		if (s->in_type)
			take_member_token(s, members, t);
		if (s->braces > 0 && --s->braces == 0)
			close_block(s);
		return;
	}
	if (s->braces > 0) {
		if (s->in_type)
			take_member_token(s, members, t);
		return;
	}
	if (t->punct == ';') {
		end_declaration(s);
		return;
	}
	if (t->punct == '=')
		s->in_value = true;
	g_array_append_val(s->statement, *t);
}

void scan_c(scanner *s)
{
	g_autoptr(GArray) members = g_array_new(FALSE, TRUE, sizeof(token));
	token t, before = {.kind = TOKEN_OTHER};
	while (next_token(s, &t)) {
		if (s->braces == 0 && !s->statement->len)
			s->block_line = t.line;
		if (t.kind == TOKEN_NAME && !scan_is_keyword(t.text)) {
			bool member = is_punct(&before, '.') || is_punct(&before, '>');
			scan_add(s, member ? NAME_MEMBER : NAME_USED, t.line, t.text, 0);
		}
		if (t.kind == TOKEN_PUNCT)
			take_punct(s, &t, members);
		else if (s->braces == 0)
			g_array_append_val(s->statement, t);
		else if (s->in_type)
			take_member_token(s, members, &t);
		before = t;
	}
}

/* --- assembly --- */

/* What the preprocessor sees of assembly; names in the code itself are the assembler's. */
void scan_asm(scanner *s)
{
	token t;
	while (next_token(s, &t)) {
		if (t.kind == TOKEN_NAME)
			scan_add(s, NAME_USED, t.line, t.text, 0);
	}
}
