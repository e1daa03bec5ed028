/* Statements of assembly text, in AT&T syntax as gas reads it after the preprocessor: labels,
 * instructions, directives, assignments; separated by newlines and semicolons. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

typedef enum statement_kind {
	STATEMENT_LABEL,       /* name ':' */
	STATEMENT_INSTRUCTION, /* also directives (.long) and macros (SAVE_ALL, ENTRY) */
	STATEMENT_ASSIGN,      /* name = operands */
} statement_kind;

typedef struct statement {
	statement_kind kind;
	span name;     /* mnemonic as written; prefixes (lock, rep, segments) left out */
	span operands; /* trimmed; may be empty */
} statement;

typedef struct statement_reader {
	const char *at, *end;
	bool repeat; /* a rep prefix stands before the next instruction */
} statement_reader;

void statement_reader_init(statement_reader *r, const char *text, size_t len);
/* The next statement; false at the end. Linear in all. "rep; nop" is given as "pause", which is
 * what the bytes mean. */
bool statement_next(statement_reader *r, statement *out);
