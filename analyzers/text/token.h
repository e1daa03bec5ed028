/* Tokens of C as text: no preprocessing, nothing expanded, any bytes accepted.
 *
 * Comments and white space leave no token. A backslash before a newline counts as white space.
 * Strings end at the newline at the latest, so that a stray quote costs one line. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

typedef enum token_kind {
	TOKEN_NAME,
	TOKEN_NUMBER,
	TOKEN_STRING,
	TOKEN_CHARACTER,
	TOKEN_PUNCTUATION,
} token_kind;

typedef enum token_flag {
	TOKEN_SPACE = 1 << 0,	  /* white space, a comment or a line end stands before it */
	TOKEN_DIRECTIVE = 1 << 1, /* part of a preprocessor directive */
	TOKEN_HASH = 1 << 2,	  /* the '#' that begins one */
} token_flag;

/* Keywords by what they do for a reader of declarations. */
typedef enum keyword {
	KEYWORD_NONE,
	KEYWORD_TYPE,	   /* int, unsigned, void, ... */
	KEYWORD_QUALIFIER, /* const, volatile, register, __extension__, ... */
	KEYWORD_STATIC,
	KEYWORD_EXTERN,
	KEYWORD_INLINE,
	KEYWORD_TYPEDEF,
	KEYWORD_STRUCT,
	KEYWORD_UNION,
	KEYWORD_ENUM,
	KEYWORD_ATTRIBUTE, /* __attribute__ and relatives that take parentheses */
	KEYWORD_ASM,
	KEYWORD_TYPEOF,
	KEYWORD_GOTO,
	KEYWORD_ELSE, /* else, do: a statement follows */
	KEYWORD_STATEMENT,
} keyword;

typedef struct token {
	uint64_t hash; /* of the token's bytes */
	uint32_t at, len;
	uint32_t line; /* from 1 */
	uint16_t code; /* names: keyword; punctuation: first byte | second byte << 8 */
	uint8_t kind;  /* token_kind */
	uint8_t flags; /* token_flag */
} token;

/* Codes of the punctuation of two bytes that readers ask for. */
#define PUNCTUATION(a, b) ((uint16_t)((unsigned)(a) | (unsigned)(b) << 8))
#define PUNCTUATION_ARROW PUNCTUATION('-', '>')
#define PUNCTUATION_PASTE PUNCTUATION('#', '#')
#define PUNCTUATION_DOTS PUNCTUATION('.', '.')

/* Appends the tokens (token) of the text. Linear in len; len <= LIMIT_SOURCE_BYTES. */
void tokens_read(GArray *out, const char *text, size_t len);

/* The tokens first..last (both inclusive, indices into `tokens`) as text in one line: one space
 * where white space stood. At most `limit` bytes, cut with "..." beyond. Appends to `out`. */
void tokens_join(GString *out, const char *text, const token *tokens, size_t first, size_t last,
	size_t limit);

/* A digest of tokens that does not see how they are laid out, nor the entity's own name. */
typedef struct token_digest {
	uint64_t sum[2];
	unsigned count;
} token_digest;

#define TOKEN_DIGEST_INIT                                                                          \
	{                                                                                          \
		{0xcbf29ce484222325u, 0x9e3779b97f4a7c15u}, 0                                      \
	}
void token_digest_add(token_digest *d, uint64_t hash);
/* Adds tokens first..last; those whose hash is `own_name` count as a placeholder. */
void token_digest_range(
	token_digest *d, const token *tokens, size_t first, size_t last, uint64_t own_name);

/* The hash that tokens_read gives to a token of these bytes. */
uint64_t token_hash(const char *text, size_t len);
