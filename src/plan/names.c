/* Reads names from C, assembly, Kbuild and Kconfig as text. */
#include "plan/names.h"

#include <string.h>

#include "base/text.h"
#include "plan/condition.h"

/* Strings of one source file; one page a chunk keeps small files small. */
#define NAMES_CHUNK 4096
/* Nested #if whose braces are remembered; deeper ones are read as straight text. */
#define CONDITION_DEPTH 32u

typedef enum token_kind {
	TOKEN_NAME,
	TOKEN_PUNCT,
	TOKEN_OTHER, /* number, string, character */
} token_kind;

typedef struct token {
	token_kind kind;
	char punct; /* PUNCT; '>' for -> */
	unsigned line;
	const char *text; /* NAME */
} token;

typedef struct scanner {
	source_names *out;
	const char *p, *end;
	unsigned line;
	bool line_start;   /* only blanks so far on this line */
	GArray *statement; /* token: of file scope since the last ; or block */
	int braces, parens;
	bool in_type; /* the block that is open is a struct, union or enum */
	bool in_enum;
	bool in_value;	     /* after = at file scope */
	unsigned block_line; /* first line of the statement */
	struct {
		int braces, parens;
		bool in_type, in_enum;
		unsigned first;	  /* first line of the branch */
		GPtrArray *on;	  /* char *: symbols that the branch needs; NULL for none */
		const char *off;  /* the symbol that an #else needs; NULL for none */
	} saved[CONDITION_DEPTH]; /* as they stood at the #if */
	unsigned conditions;
} scanner;

static const char *keep(scanner *s, const char *from, size_t len)
{
	char buffer[256];
	if (len >= sizeof buffer)
		len = sizeof buffer - 1;
	memcpy(buffer, from, len);
	buffer[len] = '\0';
	return g_string_chunk_insert_const(s->out->strings, buffer);
}

static void add_name(scanner *s, name_kind kind, unsigned line, const char *text, guint shape)
{
	source_name n = {.kind = kind, .line = line, .text = text, .shape = shape};
	g_array_append_val(s->out->names, n);
}

static line_balance *balance_of(scanner *s, unsigned line)
{
	if (line > s->out->balance->len)
		g_array_set_size(s->out->balance, line);
	return &g_array_index(s->out->balance, line_balance, line - 1);
}

static void add_block(scanner *s, unsigned first, unsigned last)
{
	line_block b = {first, last};
	if (first < last)
		g_array_append_val(s->out->blocks, b);
}

static bool is_name_start(char c)
{
	return g_ascii_isalpha(c) || c == '_';
}

static bool is_name_char(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

static const char *read_name(scanner *s)
{
	const char *from = s->p;
	while (s->p < s->end && is_name_char(*s->p))
		s->p++;
	return keep(s, from, (size_t)(s->p - from));
}

static bool is_keyword(const char *name)
{
	static const char *const words[] = {"if", "else", "for", "while", "do", "switch", "case",
		"default", "return", "goto", "break", "continue", "sizeof", "void", "int", "char",
		"short", "long", "unsigned", "signed", "const", "volatile", "static", "extern",
		"inline", "struct", "union", "enum", "typedef", "register", "float", "double",
		"asm", "__asm__", "__volatile__", "__inline__", "__attribute__", "typeof", NULL};
	return g_strv_contains(words, name);
}

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
			!is_keyword(t->text))
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
			add_name(s, kind, n->line, n->text, shape_of(s, first, name));
			name = G_MAXUINT;
		}
		if (!t || is_punct(t, '='))
			return;
		if (is_punct(t, '(')) { /* (*name)(...) */
			if (is_punct(token_at(s, i + 1), '*') && depth == 0 && token_at(s, i + 2) &&
				token_at(s, i + 2)->kind == TOKEN_NAME) {
				name = i + 2;
				const token *n = token_at(s, name);
				add_name(s, kind, n->line, n->text, shape_of(s, first, end));
				return;
			}
			depth++;
		} else if (is_punct(t, ')')) {
			depth--;
		} else if (depth == 0 && t->kind == TOKEN_NAME && !is_keyword(t->text)) {
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
			add_name(s, NAME_DEFINED, t->line, t->text, 0);
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
	add_name(s, NAME_DEFINED, t->line, t->text, shape_of(s, 0, skip_parens(s, name + 1)));
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
	add_block(s, s->block_line, s->line);
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
	add_block(s, s->block_line, s->line);
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
			add_name(s, NAME_DEFINED, t->line, t->text, 0);
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

/* --- preprocessor --- */

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
		} else if (is_name_start(c)) {
			bool member = s->p[-1] == '.' || (s->p[-1] == '>' && s->p[-2] == '-');
			const char *name = read_name(s);
			if (names && !is_keyword(name))
				add_name(s, member ? NAME_MEMBER : NAME_USED, s->line, name, 0);
		} else if (g_ascii_isdigit(c)) {
			while (s->p < s->end && is_name_char(*s->p))
				s->p++;
		} else {
			s->p++;
		}
	}
}

static void read_define(scanner *s)
{
	if (s->p >= s->end || !is_name_start(*s->p))
		return;
	unsigned line = s->line;
	const char *name = read_name(s);
	guint shape = 0;
	if (s->p < s->end && *s->p == '(') {
		const char *close = memchr(s->p, ')', (size_t)(s->end - s->p));
		for (const char *q = s->p; close && q <= close; q++)
			shape += *q == ',' || *q == '(';
	}
	source_name n = {NAME_DEFINED, line, name, true, shape};
	g_array_append_val(s->out->names, n);
	read_directive_rest(s, true);
	add_block(s, line, s->line);
}

static void read_include(scanner *s)
{
	char close = *s->p == '<' ? '>' : '"';
	if (*s->p != '<' && *s->p != '"')
		return;
	const char *from = ++s->p;
	while (s->p < s->end && *s->p != close && *s->p != '\n')
		s->p++;
	add_name(s, NAME_INCLUDED, s->line, keep(s, from, (size_t)(s->p - from)), 0);
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
static void end_branch(scanner *s)
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
	balance_of(s, s->line)->conditions++;
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
	end_branch(s);
	begin_branch(s, word);
}

static void leave_condition(scanner *s)
{
	balance_of(s, s->line)->conditions--;
	if (!s->conditions)
		return;
	if (s->conditions <= CONDITION_DEPTH)
		end_branch(s);
	s->conditions--;
}

static void read_directive(scanner *s)
{
	s->p++; /* # */
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t'))
		s->p++;
	const char *word = s->p < s->end && is_name_start(*s->p) ? read_name(s) : "";
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

/* --- C --- */

static void skip_comment(scanner *s)
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
			read_directive(s);
		} else if (c == '/' && s->p + 1 < s->end && s->p[1] == '*') {
			skip_comment(s);
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
	if (is_name_start(c)) {
		t->kind = TOKEN_NAME;
		t->text = read_name(s);
	} else if (c == '"' || c == '\'') {
		t->kind = TOKEN_OTHER;
		skip_literal(s);
	} else if (g_ascii_isdigit(c)) {
		t->kind = TOKEN_OTHER;
		while (s->p < s->end && is_name_char(*s->p))
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
	line_balance *b = balance_of(s, t->line);
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

static void read_c(scanner *s)
{
	g_autoptr(GArray) members = g_array_new(FALSE, TRUE, sizeof(token));
	token t, before = {.kind = TOKEN_OTHER};
	while (next_token(s, &t)) {
		if (s->braces == 0 && !s->statement->len)
			s->block_line = t.line;
		if (t.kind == TOKEN_NAME && !is_keyword(t.text)) {
			bool member = is_punct(&before, '.') || is_punct(&before, '>');
			add_name(s, member ? NAME_MEMBER : NAME_USED, t.line, t.text, 0);
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

/* --- assembly, Kbuild, Kconfig --- */

/* What the preprocessor sees of assembly; names in the code itself are the assembler's. */
static void read_asm(scanner *s)
{
	token t;
	while (next_token(s, &t)) {
		if (t.kind == TOKEN_NAME)
			add_name(s, NAME_USED, t.line, t.text, 0);
	}
}

static void read_kbuild(scanner *s)
{
	while (s->p < s->end) {
		if (*s->p == '\n') {
			s->line++;
			s->p++;
			continue;
		}
		if (g_ascii_isspace(*s->p)) {
			s->p++;
			continue;
		}
		if (*s->p == '#') {
			while (s->p < s->end && *s->p != '\n')
				s->p++;
			continue;
		}
		const char *from = s->p;
		while (s->p < s->end && !g_ascii_isspace(*s->p))
			s->p++;
		size_t len = (size_t)(s->p - from);
		if ((len > 2 && !memcmp(s->p - 2, ".o", 2)) || (len > 1 && s->p[-1] == '/'))
			add_name(s, NAME_FILE, s->line, keep(s, from, len), 0);
	}
}

/* A line's first word, when it is `word`; what follows it, blanks skipped. NULL otherwise. */
static const char *after_word(const char *line, const char *word)
{
	size_t len = strlen(word);
	if (strncmp(line, word, len) || is_name_char(line[len]))
		return NULL;
	line += len;
	while (*line == ' ' || *line == '\t')
		line++;
	return line;
}

static void add_needed(scanner *s, unsigned line, const char *expr)
{
	g_autoptr(GPtrArray) names = condition_kconfig(expr, s->out->strings);
	for (guint i = 0; i < names->len; i++)
		add_name(s, NAME_NEEDED, line, g_ptr_array_index(names, i), 0);
}

/* Says what an entry is, or what it needs: "depends on A && B", "default y if A". */
static void read_kconfig_line(scanner *s, unsigned n, const char *line)
{
	static const char *const entries[] = {"config", "menuconfig"};
	static const char *const conditions[] = {"depends on", "depends", "requires", "if"};
	for (size_t i = 0; i < G_N_ELEMENTS(entries); i++) {
		const char *name = after_word(line, entries[i]);
		size_t len = 0;
		while (name && is_name_char(name[len]))
			len++;
		if (len)
			add_name(s, NAME_SYMBOL, n, keep(s, name, len), 0);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++) {
		const char *expr = after_word(line, conditions[i]);
		if (expr) {
			add_needed(s, n, expr);
			return;
		}
	}
	const char *when = after_word(line, "default") ? strstr(line, " if ") : NULL;
	if (when)
		add_needed(s, n, when + strlen(" if "));
}

static void read_kconfig(scanner *s)
{
	line_index ix;
	line_index_init(&ix, s->p, (size_t)(s->end - s->p));
	for (size_t n = 1; n <= ix.count; n++) {
		span l = line_index_get(&ix, n);
		g_autofree char *line = g_strstrip(g_strndup(l.at, l.len));
		const char *path = after_word(line, "source");
		if (!path) {
			read_kconfig_line(s, (unsigned)n, line);
			continue;
		}
		g_autofree char *file = g_strdup(path);
		g_strdelimit(file, "\"", ' ');
		g_strstrip(file);
		add_name(s, NAME_FILE, (unsigned)n, keep(s, file, strlen(file)), 0);
	}
	line_index_clear(&ix);
}

source_language source_language_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	if (g_str_has_suffix(name, ".c") || g_str_has_suffix(name, ".h"))
		return SOURCE_C;
	if (g_str_has_suffix(name, ".S"))
		return SOURCE_ASM;
	if (g_str_has_prefix(name, "Makefile") || g_str_has_prefix(name, "Kbuild"))
		return SOURCE_KBUILD;
	if (g_str_has_prefix(name, "Kconfig"))
		return SOURCE_KCONFIG;
	return SOURCE_OTHER;
}

source_names *source_names_read(const char *text, size_t len, source_language language)
{
	source_names *out = g_new0(source_names, 1);
	out->names = g_array_new(FALSE, TRUE, sizeof(source_name));
	out->blocks = g_array_new(FALSE, TRUE, sizeof(line_block));
	out->balance = g_array_new(FALSE, TRUE, sizeof(line_balance));
	out->conditions = g_array_new(FALSE, TRUE, sizeof(line_condition));
	out->strings = g_string_chunk_new(NAMES_CHUNK);
	scanner s = {.out = out, .p = text, .end = text + len, .line = 1, .line_start = true};
	s.statement = g_array_new(FALSE, TRUE, sizeof(token));
	switch (language) {
	case SOURCE_C:
		read_c(&s);
		break;
	case SOURCE_ASM:
		read_asm(&s);
		break;
	case SOURCE_KBUILD:
		read_kbuild(&s);
		break;
	case SOURCE_KCONFIG:
		read_kconfig(&s);
		break;
	case SOURCE_OTHER:
		break;
	}
	for (s.line++; s.conditions; s.conditions--) { /* an #if that nothing ends */
		if (s.conditions <= CONDITION_DEPTH)
			end_branch(&s);
	}
	g_array_unref(s.statement);
	return out;
}

void source_names_free(source_names *s)
{
	if (!s)
		return;
	g_array_unref(s->names);
	g_array_unref(s->blocks);
	g_array_unref(s->balance);
	g_array_unref(s->conditions);
	g_string_chunk_free(s->strings);
	g_free(s);
}
