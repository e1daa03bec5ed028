/* A text while its names are read: the scanner that the readers of names.h share. Private to the
 * files names*.c. */
#pragma once

#include "plan/names.h"

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

/* A name, kept with the text's other strings. */
const char *scan_keep(scanner *s, const char *from, size_t len);
void scan_add(scanner *s, name_kind kind, unsigned line, const char *text, guint shape);
line_balance *scan_balance(scanner *s, unsigned line);
/* Lines that belong together; nothing for one line. */
void scan_block(scanner *s, unsigned first, unsigned last);
/* Reads the name that stands here. */
const char *scan_name(scanner *s);
bool scan_is_start(char c);
bool scan_is_char(char c);
bool scan_is_keyword(const char *name);
/* At a slash and a star: goes behind the comment. */
void scan_skip_comment(scanner *s);

/* After a # at the start of a line (names_directive.c). */
void scan_directive(scanner *s);
/* The branch of an #if that is open ends before this line. */
void scan_end_branch(scanner *s);

/* The languages (names_c.c, names_build.c). */
void scan_c(scanner *s);
void scan_asm(scanner *s);
void scan_kbuild(scanner *s);
void scan_kconfig(scanner *s);
