/* The functions of assembly, statement by statement. */
#include "facts/assembly_functions.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "facts/comments.h"
#include "facts/functions.h"
#include "model/assembly_habits.h"

typedef struct statement {
	span text; /* trimmed */
	unsigned line, end_line;
	bool directive; /* of the preprocessor */
} statement;

typedef struct reader {
	const char *text, *at, *end;
	const char *comments;
	const char *counted; /* lines are counted up to here */
	unsigned line;
} reader;

typedef struct scan {
	GArray *out;
	GHashTable *globals, *symbols; /* names: said to be global; begun so far */
	function_text open;	       /* open.at is NULL outside of any */
	const char *limit;	       /* of the text */
	bool filled;		       /* the open one has a statement */
	bool in_macro;		       /* between .macro and .endm */
} scan;

static bool is_name(char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '.' || c == '$';
}

static bool span_is(span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.at, text, s.len);
}

static const char *line_end(const char *p, const char *end)
{
	const char *newline = memchr(p, '\n', (size_t)(end - p));
	return newline ? newline : end;
}

/* ---- statements ---- */

static unsigned line_of(reader *r, const char *at)
{
	for (; r->counted < at; r->counted++)
		r->line += *r->counted == '\n';
	return r->line;
}

static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"' && *p != '\n'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p < end && *p == '"' ? p + 1 : p;
}

/* Behind a preprocessor line and those that it goes on in. */
static const char *skip_directive(const char *p, const char *end)
{
	for (;;) {
		p = line_end(p, end);
		if (p == end || p[-1] != '\\')
			return p;
		p++;
	}
}

static bool next_statement(reader *r, statement *out)
{
	while (r->at < r->end) {
		if ((unsigned char)*r->at <= ' ' || *r->at == ';') {
			r->at++;
			continue;
		}
		const char *behind = comment_skip(r->at, r->text, r->end, r->comments);
		if (behind == r->at)
			break;
		r->at = behind;
	}
	if (r->at == r->end)
		return false;
	const char *p = r->at;
	out->directive = comment_is_directive(p, r->text, r->end);
	if (out->directive) {
		p = skip_directive(p, r->end);
	} else {
		while (p < r->end && *p != '\n' && *p != ';' &&
			comment_skip(p, r->text, r->end, r->comments) == p)
			p = *p == '"' ? skip_string(p, r->end) : p + 1;
	}
	const char *stop = p;
	while (stop > r->at && (unsigned char)stop[-1] <= ' ')
		stop--;
	out->text = (span){r->at, (size_t)(stop - r->at)};
	out->line = line_of(r, r->at);
	out->end_line = line_of(r, stop);
	/* a ';' or '"' that nothing goes on from must not hold us */
	r->at = p > r->at ? p : p + 1;
	return true;
}

static span name_at(const char *p, const char *end)
{
	span name = {p, 0};
	while (p + name.len < end && is_name(p[name.len]))
		name.len++;
	return name;
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (unsigned char)*p <= ' ')
		p++;
	return p;
}

/* The names behind a directive: ".globl a, b" */
static void add_names(GHashTable *names, span text)
{
	const char *p = text.at + name_at(text.at, text.at + text.len).len;
	const char *end = text.at + text.len;
	while ((p = skip_blanks(p, end)) < end) {
		span name = name_at(p, end);
		if (name.len)
			g_hash_table_add(names, g_strndup(name.at, name.len));
		p += MAX(name.len, 1u);
	}
}

static bool has_name(GHashTable *names, span name)
{
	g_autofree char *text = g_strndup(name.at, name.len);
	return g_hash_table_contains(names, text);
}

/* ---- symbols ---- */

static void close_symbol(scan *s)
{
	if (s->open.at && s->filled)
		g_array_append_val(s->out, s->open);
	s->open.at = NULL;
}

static void reach(scan *s, const statement *st)
{
	const char *stop = line_end(st->text.at + st->text.len, s->limit);
	s->open.len = (size_t)(stop - s->open.at);
	s->open.end_line = st->end_line;
}

static void open_symbol(scan *s, const statement *st, span name)
{
	close_symbol(s);
	s->open = (function_text){
		.at = st->text.at, .name = name.at, .name_len = name.len, .line = st->line};
	s->filled = false;
	g_hash_table_add(s->symbols, g_strndup(name.at, name.len));
	reach(s, st);
}

/* Directives that lay out what follows: they belong to nobody. */
static bool is_layout(span name)
{
	static const char *const words[] = {".align", ".balign", ".p2align", ".globl", ".global",
		".weak", ".hidden", ".type", ".size", ".section", ".pushsection", ".popsection",
		".previous", ".text", ".data", ".bss", ".ent", ".end", ".frame", ".proc"};
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (span_is(name, words[i]))
			return true;
	return false;
}

/* Takes "name:" off the front; false when there is none. */
static bool take_label(span *text, span *name)
{
	const char *end = text->at + text->len;
	*name = name_at(text->at, end);
	const char *behind = name->at + name->len;
	if (!name->len || behind == end || *behind != ':' ||
		(behind + 1 < end && (behind[1] == ':' || behind[1] == '=')))
		return false;
	text->at = skip_blanks(behind + 1, end);
	text->len = (size_t)(end - text->at);
	return true;
}

/* The symbol of MACRO(symbol, ...): empty for anything else. */
static span argument_of(span text, span macro)
{
	const char *end = text.at + text.len;
	const char *p = skip_blanks(macro.at + macro.len, end);
	return p < end && *p == '(' ? name_at(skip_blanks(p + 1, end), end) : (span){end, 0};
}

static void read_label(scan *s, const statement *st, span name)
{
	bool plain = g_ascii_isalpha(*name.at) || *name.at == '_';
	if (plain && (!s->open.at || has_name(s->globals, name)))
		open_symbol(s, st, name);
}

static void read_word(scan *s, const statement *st, span text)
{
	span word = name_at(text.at, text.at + text.len);
	span symbol = argument_of(text, word);
	if (symbol.len && assembly_begins_symbol(word.at, word.len)) {
		open_symbol(s, st, symbol);
		return;
	}
	if (span_is(word, ".size") || span_is(word, ".end"))
		symbol = name_at(
			skip_blanks(word.at + word.len, text.at + text.len), text.at + text.len);
	else if (!symbol.len || !assembly_ends_symbol(word.at, word.len))
		symbol.len = 0;
	if (symbol.len && has_name(s->symbols, symbol)) {
		if (s->open.at)
			reach(s, st);
		close_symbol(s);
		return;
	}
	s->in_macro = span_is(word, ".macro");
	if (s->in_macro) {
		close_symbol(s);
	} else if (s->open.at && !is_layout(word)) {
		s->filled = true;
		reach(s, st);
	}
}

static void read_statement(scan *s, const statement *st)
{
	if (st->directive)
		return;
	span text = st->text, label;
	if (s->in_macro) {
		span word = name_at(text.at, text.at + text.len);
		s->in_macro = !span_is(word, ".endm") && !span_is(word, ".endmacro");
		return;
	}
	while (take_label(&text, &label))
		read_label(s, st, label);
	if (text.len)
		read_word(s, st, text);
}

static void read_globals(GHashTable *globals, reader r)
{
	statement st;
	while (next_statement(&r, &st)) {
		span word = name_at(st.text.at, st.text.at + st.text.len);
		if (span_is(word, ".globl") || span_is(word, ".global") || span_is(word, ".weak"))
			add_names(globals, st.text);
	}
}

void assembly_functions_scan(GArray *out, const char *text, size_t len, const char *comments)
{
	g_autoptr(GHashTable) globals =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) symbols =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	reader r = {text, text, text + len, comments, text, 1};
	scan s = {.out = out, .globals = globals, .symbols = symbols, .limit = text + len};
	statement st;
	read_globals(globals, r);
	while (next_statement(&r, &st))
		read_statement(&s, &st);
	close_symbol(&s);
}
