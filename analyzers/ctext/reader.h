/* Inside of the text reader of C: what its files share. */
#pragma once

#include "analyzers/ctext/names.h"
#include "analyzers/text/directive.h"

#define NO_INDEX UINT32_MAX

/* Bytes of a use's detail (arguments, operands, slot value): long enough for every hypercall and
 * instruction, short enough that nested calls cost no more than linear. */
#define DETAIL_BYTES 200u
/* Bytes of a type or parameter list as text. The longest prototype of 2.6.16 has 700. */
#define SIGNATURE_BYTES 1000u
/* Bytes of a name; C compilers need tell apart 63, the longest of 6.1 has 96. */
#define NAME_BYTES 255u

/* One token of the code proper (directives left out), or of a macro's body. */
typedef struct code_token {
	uint32_t token;	    /* index into source.tokens */
	uint32_t match;	    /* brackets: the other one's code index; NO_INDEX when none */
	uint32_t sibling;   /* '{' whose #if branch ends inside its block: code index where the next
			     * branch begins; else NO_INDEX */
	uint32_t condition; /* index into reader.conditions */
} code_token;

/* A bracket open at a point of a scan (uses.c). */
typedef struct level {
	char bracket;
	bool values;	   /* braces around values, not statements */
	const char *owner; /* values: whose fields they are; of the fact set, or NULL */
} level;

typedef struct reader {
	source s;
	GArray *code;	       /* code_token, without directives */
	GPtrArray *conditions; /* const char *, owned by the fact set */
	name_set locals;       /* of the function or macro at hand; value: tag's token + 1, or 0 */
	name_set globals;      /* variables of the file whose type is a record; value as above */
	GArray *levels;	       /* level */
	GString *scratch;
	bool no_column_brace; /* no '}' in column 1 is left */
} reader;

static inline const token *code_at(const reader *r, const code_token *c)
{
	return source_token(&r->s, c->token);
}

static inline bool is_punctuation(const token *t, unsigned code)
{
	return t->kind == TOKEN_PUNCTUATION && t->code == code;
}

/* A name that is no keyword. */
static inline bool is_plain_name(const token *t)
{
	return t->kind == TOKEN_NAME && t->code == KEYWORD_NONE;
}

/* The bytes of a token, cut to NAME_BYTES, in the fact set's memory. */
const char *reader_name(reader *r, const token *t);
/* Tokens first..last by raw index as text, in the fact set's memory. */
const char *reader_text(reader *r, size_t first, size_t last, size_t limit);
bool token_equals(const reader *r, const token *t, const char *name);
bool token_starts(const reader *r, const token *t, const char *prefix);

/* Finds the matching brackets of the code tokens of a macro's body. */
void match_brackets(reader *r, code_token *code, size_t n);

/* Reads directives, makes reader.code and matches its brackets; emits macros, includes, and the
 * assembly under __ASSEMBLY__. */
void read_directives(reader *r);

/* Emits the entities at file scope, and has their uses read. */
void read_declarations(reader *r);

/* Emits the uses in code[from..to). `in`: the enclosing entity. `owner`: when this is the value of
 * a variable, its tag or name; otherwise NULL. */
void read_uses(reader *r, const code_token *code, size_t from, size_t to, const char *in,
	const char *owner);
/* Emits the types named in code[from..to) of a declaration. */
void read_types(reader *r, const code_token *code, size_t from, size_t to, const char *in);
/* Declares the parameters in code[from..to) as locals and emits their types. */
void read_parameters(reader *r, const code_token *code, size_t from, size_t to, const char *in);
void add_use(reader *r, use_kind kind, const code_token *at, const char *name, const char *detail,
	const char *in);
/* The instructions of the asm statement whose keyword is code[k]. */
void read_inline_assembly(reader *r, const code_token *code, size_t k, size_t to, const char *in);
