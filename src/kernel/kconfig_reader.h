/* What the parts of the Kconfig reader share: lines and tokens (kconfig_lex.c), expressions
 * (kconfig_expression.c), statements (kconfig_read.c), links (kconfig_link.c), and the language
 * that they fill (kconfig.c). */
#pragma once

#include "kernel/kconfig_priv.h"

typedef enum kconfig_token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_EQUAL,
	TOKEN_UNEQUAL,
	TOKEN_LESS,
	TOKEN_LESS_EQUAL,
	TOKEN_GREATER,
	TOKEN_GREATER_EQUAL,
} kconfig_token_kind;

typedef struct kconfig_token {
	kconfig_token_kind kind;
	char *text; /* words and strings; in the string chunk */
} kconfig_token;

typedef struct kconfig_reader {
	kconfig *k;
	const kconfig_source *source;
	kconfig_macros *macros;
	kconfig_entry *parent;	/* the block that is open */
	kconfig_entry *current; /* the entry that options belong to */
	GHashTable *last_child; /* entry -> its last child */
	guint entries;
	unsigned depth; /* of source */
	unsigned blocks;
	const char *path;
	unsigned line;
	GArray *tokens;
	guint at;
} kconfig_reader;

/* A file while its lines are taken. */
typedef struct kconfig_lines {
	const char *at, *end;
	unsigned number; /* of the line taken last */
	unsigned joined; /* how many lines the last one joined */
} kconfig_lines;

/* ---- the language ---- */

/* `environment` is borrowed while reading. */
kconfig *kconfig_new(GHashTable *environment);
/* Zeroed, freed with the language. */
void *kconfig_node(kconfig *k, size_t size);
/* A copy that lasts as long as the language. */
char *kconfig_keep(kconfig *k, const char *text);
/* NULL: a symbol without a name, a choice's. */
kconfig_symbol *kconfig_symbol_new(kconfig *k, const char *name);
/* Made on first use. */
kconfig_symbol *kconfig_symbol_named(kconfig *k, const char *name);
kconfig_symbol *kconfig_symbol_constant(kconfig *k, const char *text);
/* After all statements: dependencies, selectors and choices. */
void kconfig_link(kconfig *k);

/* ---- lines and tokens ---- */

/* The next line with those that a backslash joins to it; false at the end. */
bool kconfig_next_line(kconfig_lines *l, GString *out);
/* Passes over a help text; returns its last line that is not blank. */
unsigned kconfig_skip_help(kconfig_lines *l);
/* Fills the reader's tokens. */
void kconfig_lex(kconfig_reader *r, const char *p);
/* The next token, TOKEN_END at the end; `take` goes on. Borrowed. */
const kconfig_token *kconfig_peek(kconfig_reader *r);
const kconfig_token *kconfig_take(kconfig_reader *r);
/* Goes on only when the next token is this. */
bool kconfig_take_kind(kconfig_reader *r, kconfig_token_kind kind);
bool kconfig_take_word(kconfig_reader *r, const char *word);
/* Notes what is wrong in the line at hand. */
void kconfig_reader_problem(kconfig_reader *r, const char *text);

/* ---- expressions: NULL is yes, for kexpr_or "nothing yet" ---- */

const kexpr *kexpr_symbol(kconfig *k, const kconfig_symbol *s);
const kexpr *kexpr_join(kconfig *k, kexpr_kind kind, const kexpr *l, const kexpr *r);
const kexpr *kexpr_and(kconfig *k, const kexpr *l, const kexpr *r);
const kexpr *kexpr_or(kconfig *k, const kexpr *l, const kexpr *r);
/* In a dependency, m means "m and modules are possible". */
const kexpr *kexpr_with_modules(kconfig *k, const kexpr *e);
/* What a word or string stands for. */
const kconfig_symbol *kconfig_symbol_of(kconfig *k, const kconfig_token *t);
const kexpr *kconfig_parse_expression(kconfig_reader *r);
/* "if EXPRESSION", when it is there. */
const kexpr *kconfig_parse_if(kconfig_reader *r);
