/* What reading declarations shares: places in the code, types as text, entities. Internal to
 * analyzers/ctext. */
#pragma once

#include "analyzers/ctext/reader.h"

static inline const code_token *code_of(const reader *r)
{
	return (const code_token *)(void *)r->code->data;
}

static inline const token *at(const reader *r, size_t k)
{
	return k < r->code->len ? code_at(r, &code_of(r)[k]) : NULL;
}

static inline bool mark_at(const reader *r, size_t k, unsigned code)
{
	const token *t = at(r, k);
	return t && is_punctuation(t, code);
}

static inline bool keyword_at(const reader *r, size_t k, keyword code)
{
	const token *t = at(r, k);
	return t && t->kind == TOKEN_NAME && t->code == code;
}

/* The bracket that matches the one at k, when it lies behind it; NO_INDEX otherwise. */
static inline size_t match_of(const reader *r, size_t k)
{
	uint32_t match = code_of(r)[k].match;
	return match != NO_INDEX && match > k ? match : NO_INDEX;
}

static inline const char *condition_at(const reader *r, size_t k)
{
	return g_ptr_array_index(r->conditions, code_of(r)[k].condition);
}

static inline token_digest digest_of(const reader *r, size_t first, size_t last, uint64_t name)
{
	token_digest d = TOKEN_DIGEST_INIT;
	token_digest_range(&d, (const token *)(void *)r->s.tokens->data, code_of(r)[first].token,
		code_of(r)[last].token, name);
	return d;
}

/* All capitals: a macro by convention. */
bool declared_is_upper(const reader *r, const token *t);
/* Macros that stand among the specifiers without being the type: __init, asmlinkage, fastcall. */
bool declared_is_decoration(const reader *r, const token *t);
/* Macros that take parentheses and say something about the declaration they follow. */
bool declared_is_attribute(const reader *r, const token *t);

/* The type of code[first..last), without storage and decoration, as clang spells types. */
void declared_append_type(reader *r, GString *out, size_t first, size_t last);
/* The parameters between two parentheses without their names: "(pte_t *, pte_t)". */
void declared_append_parameters(reader *r, GString *out, size_t open, size_t close);
/* The declaration as it is written, code[first..last]: with storage, attributes and names. */
const char *declared_text(reader *r, size_t first, size_t last);

/* To the token after the ';' or ',' that ends an initializer begun at k; nested brackets are
 * passed over. Stops at a '}' that is not its own. */
size_t declared_skip_value(const reader *r, size_t k, size_t end);
/* Behind the attributes that begin at k. */
size_t declared_skip_attributes(const reader *r, size_t k, size_t end);

/* Emits the entity named by the token at `name`, with lines from there to that of `end_token`.
 * `digest` may be NULL. */
void declared_add(reader *r, entity_kind kind, unsigned flags, size_t name, size_t end_token,
	const char *parent, const char *signature, const char *value, const token_digest *digest);

/* When a record with a body begins at k: its braces and tag (NO_INDEX: none). */
bool record_find(const reader *r, size_t k, size_t end, size_t *tag, size_t *open, size_t *close);
/* Emits the record whose keyword is at `k` and whose braces are open..close, and what is in it.
 * `depth`: how many records it stands in. */
void record_add(reader *r, size_t k, size_t name, size_t open, size_t close, const char *parent,
	unsigned depth);
