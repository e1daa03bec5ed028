/* Inline assembly: the template's strings put together and split into instructions. */
#include "analyzers/ctext/reader.h"

#include <string.h>

#include "analyzers/text/statement.h"

/* Bytes of one template; the longest of 2.6.16 (checksum and RAID loops) have 6,000. */
#define TEMPLATE_BYTES 65536u

/* A template's text, and where each byte of it stands in the file. */
typedef struct template_text {
	GString *text;
	GArray *at; /* uint32_t */
} template_text;

static void put(template_text *t, char c, uint32_t at)
{
	if (t->text->len >= TEMPLATE_BYTES)
		return;
	g_string_append_c(t->text, c);
	g_array_append_val(t->at, at);
}

static void put_string(template_text *t, const reader *r, const token *string)
{
	const char *text = r->s.text;
	uint32_t end = string->at + string->len;
	if (string->len >= 2 && text[end - 1] == '"')
		end--;
	for (uint32_t i = string->at + 1; i < end; i++) {
		char c = text[i];
		uint32_t at = i;
		if (c == '\\' && i + 1 < end) {
			c = text[++i];
			if (c == '\r' && i + 1 < end && text[i + 1] == '\n')
				c = text[++i];
			if (c == '\n')
				continue; /* the string goes on in the next line */
			if (c == 'n')
				c = '\n';
			else if (c == 't' || c == 'r')
				c = ' ';
		}
		put(t, c, at);
	}
}

static bool at_statement_start(const template_text *t)
{
	for (size_t i = t->text->len; i > 0; i--) {
		char c = t->text->str[i - 1];
		if (c == '\n' || c == ';' || c == ':')
			return true;
		if (c != ' ' && c != '\t')
			return false;
	}
	return true;
}

/* A macro between the strings: a prefix or instruction of its own at the start of a statement
 * (LOCK_PREFIX "incl %0"), otherwise part of the operands. */
static void put_macro(template_text *t, const reader *r, const token *name, const token *last)
{
	if (at_statement_start(t)) {
		put(t, '\n', name->at);
		return;
	}
	for (uint32_t i = name->at; i < last->at + last->len; i++)
		put(t, r->s.text[i] == '\n' || r->s.text[i] == ';' ? ' ' : r->s.text[i], i);
}

static void emit_instructions(
	reader *r, const template_text *t, const code_token *at, const char *in)
{
	statement_reader statements;
	statement s;
	const char *text = t->text->str;
	statement_reader_init(&statements, text, t->text->len);
	const char *searched = text;
	while (statement_next(&statements, &s)) {
		if (s.kind != STATEMENT_INSTRUCTION)
			continue;
		/* "rep; nop" comes back as "pause", which is no part of the text. */
		bool inside = s.name.at >= text && s.name.at < text + t->text->len;
		const char *start = inside ? s.name.at : searched;
		uint32_t offset = g_array_index(t->at, uint32_t, start - text);
		searched = MIN(statements.at, text + t->text->len - 1);
		size_t line = line_index_find(&r->s.lines, offset);
		g_autofree char *name =
			g_ascii_strdown(s.name.at, (gssize)MIN(s.name.len, NAME_BYTES));
		g_autofree char *operands =
			g_strndup(s.operands.at, MIN(s.operands.len, DETAIL_BYTES));
		fact_set_add_use(r->s.out,
			&(use){
				.kind = USE_INSTRUCTION,
				.reader = READER_TEXT,
				.line = (unsigned)line,
				.column = (unsigned)(offset - r->s.lines.start[line - 1]) + 1,
				.name = name,
				.detail = operands,
				.in = in,
				.condition = g_ptr_array_index(r->conditions, at->condition),
			});
	}
}

/* "register long sp asm("esp")" names a register, "int f(void) asm("g")" a symbol. */
static bool is_symbol_name(const reader *r, const code_token *code, size_t k)
{
	return k > 0 && is_plain_name(code_at(r, &code[k - 1]));
}

void read_inline_assembly(reader *r, const code_token *code, size_t k, size_t to, const char *in)
{
	size_t i = k + 1;
	while (i < to && code_at(r, &code[i])->kind == TOKEN_NAME && i < k + 4) /* volatile goto */
		i++;
	if (i >= to || !is_punctuation(code_at(r, &code[i]), '(') || is_symbol_name(r, code, k))
		return;
	template_text t = {g_string_new(NULL), g_array_new(FALSE, FALSE, sizeof(uint32_t))};
	for (i++; i < to; i++) {
		const token *piece = code_at(r, &code[i]), *last = piece;
		if (piece->kind == TOKEN_STRING) {
			put_string(&t, r, piece);
			continue;
		}
		if (!is_plain_name(piece))
			break;
		if (i + 1 < to && is_punctuation(code_at(r, &code[i + 1]), '(') &&
			code[i + 1].match != NO_INDEX && code[i + 1].match < to &&
			code[i + 1].match > i) {
			i = code[i + 1].match;
			last = code_at(r, &code[i]);
			if (last->at - piece->at > DETAIL_BYTES)
				last = piece;
		}
		put_macro(&t, r, piece, last);
	}
	if (t.text->len)
		emit_instructions(r, &t, &code[k], in);
	g_array_unref(t.at);
	g_string_free(t.text, TRUE);
}
