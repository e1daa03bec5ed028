/* Assembly lines: labels, macros, instructions and what they name. */
#include "analyzers/text/assembly.h"

#include <string.h>

#include "analyzers/text/statement.h"
#include "model/assembly_habits.h"

/* Bytes of the operands of one instruction. */
#define OPERANDS_BYTES 200u
#define NAME_BYTES 255u

/* A label or macro whose end is not reached yet. */
typedef struct open_entity {
	bool open;
	entity_kind kind;
	unsigned line, last_line;
	char *name, *parameters;
	uint64_t name_hash;
	const char *condition; /* of the fact set */
	token_digest digest;
} open_entity;

struct assembly {
	source *s;
	open_entity label, macro;
	GString *line;	      /* the statement text at hand, comments blanked */
	size_t line_at;	      /* its first byte in s->text */
	const char *in;	      /* of the fact set */
	const char *comments; /* characters that start one on this architecture */
};

assembly *assembly_new(source *s)
{
	assembly *a = g_new0(assembly, 1);
	a->s = s;
	a->line = g_string_new(NULL);
	a->in = fact_set_string(s->out, "");
	a->comments = assembly_comment_characters(s->out->path);
	return a;
}

static void close_entity(assembly *a, open_entity *e)
{
	if (!e->open)
		return;
	fact_set_add_entity(a->s->out, &(entity){
					       .kind = e->kind,
					       .reader = READER_TEXT,
					       .flags = ENTITY_DEFINITION,
					       .line = e->line,
					       .end_line = e->last_line,
					       .name = e->name,
					       .signature = e->parameters,
					       .condition = e->condition,
					       .body = {e->digest.sum[0], e->digest.sum[1]},
					       .tokens = e->digest.count,
				       });
	g_clear_pointer(&e->name, g_free);
	g_clear_pointer(&e->parameters, g_free);
	e->open = false;
}

static void open_new(
	assembly *a, open_entity *e, entity_kind kind, span name, span parameters, unsigned line)
{
	close_entity(a, e);
	*e = (open_entity){
		.open = true,
		.kind = kind,
		.line = line,
		.last_line = line,
		.name = g_strndup(name.at, MIN(name.len, NAME_BYTES)),
		.parameters = g_strndup(parameters.at, MIN(parameters.len, OPERANDS_BYTES)),
		.name_hash = token_hash(name.at, name.len),
		.condition = fact_set_string(a->s->out, condition_text(a->s->conditions)),
		.digest = TOKEN_DIGEST_INIT,
	};
	a->in = fact_set_string(a->s->out, e->name);
}

static void close_label(assembly *a)
{
	close_entity(a, &a->label);
	a->in = fact_set_string(a->s->out, a->macro.open ? a->macro.name : "");
}

void assembly_free(assembly *a)
{
	if (!a)
		return;
	close_entity(a, &a->macro);
	close_entity(a, &a->label);
	g_string_free(a->line, TRUE);
	g_free(a);
}

/* Where a piece of a->line stands in the file. */
static void locate(const assembly *a, const char *at, unsigned *line, unsigned *column)
{
	size_t offset = a->line_at + (size_t)(at - a->line->str);
	size_t n = line_index_find(&a->s->lines, offset);
	*line = (unsigned)n;
	*column = (unsigned)(offset - a->s->lines.start[n - 1]) + 1;
}

static void emit(assembly *a, use_kind kind, span name, const char *at, span detail, bool lower)
{
	unsigned line, column;
	locate(a, at, &line, &column);
	g_autofree char *text = g_strndup(name.at, MIN(name.len, NAME_BYTES));
	if (lower)
		for (char *c = text; *c; c++)
			*c = g_ascii_tolower(*c);
	g_autofree char *operands = g_strndup(detail.at, MIN(detail.len, OPERANDS_BYTES));
	fact_set_add_use(a->s->out, &(use){
					    .kind = kind,
					    .reader = READER_TEXT,
					    .line = line,
					    .column = column,
					    .name = text,
					    .detail = operands,
					    .in = a->in,
					    .condition = condition_text(a->s->conditions),
				    });
}

static bool is_name_start(char c)
{
	return g_ascii_isalpha(c) || c == '_';
}

static bool is_name(char c)
{
	return g_ascii_isalnum(c) || c == '_' || c == '.' || c == '$';
}

/* The symbols in operands, registers and numbers left out. The first is `first` if given. */
static void emit_references(assembly *a, span operands, use_kind first)
{
	use_kind kind = first;
	const char *p = operands.at, *end = p + operands.len;
	while (p < end) {
		if (*p == '"') {
			for (p++; p < end && *p != '"'; p++)
				;
			p = p < end ? p + 1 : p;
		} else if (*p == '%' || *p == '\\' || g_ascii_isdigit(*p)) {
			for (p++; p < end && (is_name(*p) || *p == '%'); p++)
				;
		} else if (is_name_start(*p)) {
			const char *start = p;
			while (p < end && is_name(*p))
				p++;
			emit(a, kind, (span){start, (size_t)(p - start)}, start, (span){p, 0},
				false);
			kind = USE_REFERENCE;
		} else {
			p++;
		}
	}
}

static bool span_is(span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.at, text, s.len);
}

static bool is_upper(span s)
{
	bool letter = false;
	for (size_t i = 0; i < s.len; i++) {
		if (g_ascii_isupper(s.at[i]))
			letter = true;
		else if (!g_ascii_isdigit(s.at[i]) && s.at[i] != '_')
			return false;
	}
	return letter && s.len > 1;
}

static span first_name(span s)
{
	const char *p = s.at, *end = p + s.len;
	while (p < end && !is_name_start(*p))
		p++;
	const char *start = p;
	while (p < end && is_name(*p))
		p++;
	return (span){start, (size_t)(p - start)};
}

static bool is_public_label(span name)
{
	return name.len && is_name_start(*name.at) && !memchr(name.at, '\\', name.len) &&
	       !memchr(name.at, '#', name.len);
}

static void begin_label(assembly *a, span name)
{
	unsigned line, column;
	locate(a, name.at, &line, &column);
	open_new(a, &a->label, ENTITY_ASM_LABEL, name, (span){name.at, 0}, line);
}

/* SAVE_ALL, ENTRY(name), GET_THREAD_INFO(%ebp): macros in capitals. Some begin a symbol, some end
 * one. */
static void read_macro_use(assembly *a, const statement *s)
{
	span inner = first_name(s->operands);
	bool begins = assembly_begins_symbol(s->name.at, s->name.len);
	bool parameters = s->operands.len && *s->operands.at == '(';
	emit(a, USE_MACRO, s->name, s->name.at, s->operands, false);
	if (parameters && begins && inner.len) {
		begin_label(a, inner);
	} else {
		emit_references(a, s->operands, USE_REFERENCE);
		if (parameters && assembly_ends_symbol(s->name.at, s->name.len))
			close_label(a);
	}
}

/* Directives; true when it was one that is no plain instruction to readers. */
static bool read_directive(assembly *a, const statement *s)
{
	unsigned line, column;
	locate(a, s->name.at, &line, &column);
	if (span_is(s->name, ".macro")) {
		span name = first_name(s->operands);
		const char *after = name.at + name.len, *end = s->operands.at + s->operands.len;
		if (name.len)
			open_new(a, &a->macro, ENTITY_ASM_MACRO, name,
				(span){after, (size_t)(end - after)}, line);
		return true;
	}
	if (span_is(s->name, ".endm") || span_is(s->name, ".endmacro")) {
		a->macro.last_line = line;
		close_entity(a, &a->macro);
		a->in = fact_set_string(a->s->out, a->label.open ? a->label.name : "");
		return true;
	}
	if (span_is(s->name, ".set") || span_is(s->name, ".equ")) {
		span name = first_name(s->operands);
		if (!name.len)
			return true;
		g_autofree char *text = g_strndup(name.at, MIN(name.len, NAME_BYTES));
		g_autofree char *value =
			g_strndup(s->operands.at, MIN(s->operands.len, OPERANDS_BYTES));
		const char *comma = strchr(value, ',');
		fact_set_add_entity(a->s->out,
			&(entity){
				.kind = ENTITY_ASM_LABEL,
				.reader = READER_TEXT,
				.flags = ENTITY_DEFINITION,
				.line = line,
				.end_line = line,
				.name = text,
				.value = comma ? comma + 1 + strspn(comma + 1, " \t") : "",
				.condition = condition_text(a->s->conditions),
			});
		return true;
	}
	return false;
}

static void read_assignment(assembly *a, const statement *s)
{
	unsigned line, column;
	locate(a, s->name.at, &line, &column);
	if (!is_public_label(s->name))
		return;
	g_autofree char *name = g_strndup(s->name.at, MIN(s->name.len, NAME_BYTES));
	g_autofree char *value = g_strndup(s->operands.at, MIN(s->operands.len, OPERANDS_BYTES));
	token_digest digest = TOKEN_DIGEST_INIT;
	token_digest_add(&digest, token_hash(s->operands.at, s->operands.len));
	fact_set_add_entity(a->s->out, &(entity){
					       .kind = ENTITY_ASM_LABEL,
					       .reader = READER_TEXT,
					       .flags = ENTITY_DEFINITION,
					       .line = line,
					       .end_line = line,
					       .name = name,
					       .value = value,
					       .condition = condition_text(a->s->conditions),
					       .body = {digest.sum[0], digest.sum[1]},
					       .tokens = digest.count,
				       });
	emit_references(a, s->operands, USE_REFERENCE);
}

static void read_instruction(assembly *a, const statement *s)
{
	static const char *const plain[] = {".section", ".align", ".balign", ".p2align", ".type",
		".size", ".text", ".data", ".bss", ".previous", ".globl", ".global", ".ascii",
		".asciz", ".string", ".code16", ".code32", ".code64", ".org", ".fill", ".skip",
		".if", ".else", ".endif", ".file", ".ident", ".rept", ".endr", ".irp", ".weak",
		".hidden"};
	if (*s->name.at == '.' && read_directive(a, s))
		return;
	emit(a, USE_INSTRUCTION, s->name, s->name.at, s->operands, true);
	for (size_t i = 0; i < G_N_ELEMENTS(plain); i++)
		if (span_is(s->name, plain[i]))
			return;
	bool call = s->name.len >= 4 && !g_ascii_strncasecmp(s->name.at, "call", 4) &&
		    s->operands.len && is_name_start(*s->operands.at);
	emit_references(a, s->operands, call ? USE_CALL : USE_REFERENCE);
}

static void read_statements(assembly *a, bool in_macro)
{
	statement_reader r;
	statement s;
	statement_reader_init(&r, a->line->str, a->line->len);
	while (statement_next(&r, &s)) {
		if (s.kind == STATEMENT_LABEL) {
			if (is_public_label(s.name) && !in_macro && !a->macro.open)
				begin_label(a, s.name);
		} else if (s.kind == STATEMENT_ASSIGN) {
			read_assignment(a, &s);
		} else if (g_ascii_isdigit(*s.name.at)) {
			continue; /* the value of a constant */
		} else if (is_upper(s.name)) {
			read_macro_use(a, &s);
		} else {
			read_instruction(a, &s);
		}
	}
}

/* Does the assembler take what begins with this token for a comment? A `#` that stands apart is one
 * everywhere; ARM writes its immediates "#1". */
static bool is_comment(const assembly *a, const token *t, bool first)
{
	char at = a->s->text[t->at];
	char next = t->at + 1 < a->s->len ? a->s->text[t->at + 1] : '\n';
	if (at && strchr(a->comments, at))
		return true;
	return at == '#' && (t->flags & TOKEN_SPACE) &&
	       (g_ascii_isspace(next) || next == '#' || first);
}

/* The tokens' bytes as they stand, everything between them blank; with `cut` up to a comment of the
 * assembler's. Returns the token where that begins, or `end`. */
static size_t take_text(assembly *a, size_t first, size_t end, bool cut)
{
	const token *t = source_token(a->s, first), *last = source_token(a->s, end - 1);
	a->line_at = t->at;
	g_string_set_size(a->line, last->at + last->len - t->at);
	memset(a->line->str, ' ', a->line->len);
	for (size_t i = first; i < end; i++) {
		t = source_token(a->s, i);
		if (cut && is_comment(a, t, i == first)) {
			g_string_truncate(a->line, t->at - a->line_at);
			return i;
		}
		memcpy(a->line->str + (t->at - a->line_at), a->s->text + t->at, t->len);
		const token *following = i + 1 < end ? source_token(a->s, i + 1) : NULL;
		/* The lines of a macro's body are statements of their own. */
		if (following && following->line != t->line)
			a->line->str[t->at + t->len - a->line_at] = '\n';
	}
	return end;
}

static bool is_semicolon(const token *t)
{
	return t->kind == TOKEN_PUNCTUATION && t->code == ';';
}

/* A line of a linker script: symbols set, and names used. Section names are left out. */
static void read_script(assembly *a, size_t first, size_t end)
{
	take_text(a, first, end, false);
	for (size_t i = first; i < end; i++) {
		const token *t = source_token(a->s, i);
		const token *next = i + 1 < end ? source_token(a->s, i + 1) : NULL;
		const token *before = i > first ? source_token(a->s, i - 1) : NULL;
		if (t->kind != TOKEN_NAME || (before && before->code == '.'))
			continue;
		const char *at = a->line->str + (t->at - a->line_at);
		span name = {at, t->len};
		if (!next || next->kind != TOKEN_PUNCTUATION || next->code != '=') {
			emit(a, USE_REFERENCE, name, at, (span){at, 0}, false);
			continue;
		}
		const char *value = a->line->str + (next->at + 1 - a->line_at);
		const char *semicolon = strchr(value, ';');
		size_t len = semicolon ? (size_t)(semicolon - value) : strlen(value);
		while (len && g_ascii_isspace(*value)) {
			value++;
			len--;
		}
		read_assignment(a, &(statement){STATEMENT_ASSIGN, name, {value, len}});
		while (i + 1 < end && !is_semicolon(source_token(a->s, i)))
			i++;
	}
}

static void digest_line(assembly *a, open_entity *e, size_t first, size_t end)
{
	if (!e->open || first == end)
		return;
	token_digest_range(&e->digest, (const token *)(void *)a->s->tokens->data, first, end - 1,
		e->name_hash);
	e->last_line = source_token(a->s, end - 1)->line;
}

void assembly_line(assembly *a, size_t first, size_t end, bool script)
{
	if (first >= end)
		return;
	if (script) {
		read_script(a, first, end);
		return;
	}
	end = take_text(a, first, end, true);
	bool macro = a->macro.open;
	read_statements(a, false);
	if (macro)
		digest_line(a, &a->macro, first, end);
	else if (a->label.open)
		digest_line(a, &a->label, first, end);
}

void assembly_macro(assembly *a, const char *name, size_t first, size_t end)
{
	if (first >= end)
		return;
	const char *in = a->in;
	a->in = fact_set_string(a->s->out, name);
	take_text(a, first, end, false);
	read_statements(a, true);
	a->in = in;
}
