/* The names in a text: what it defines, uses and includes, by line, and which lines belong
 * together. A reader of text, not of C: it needs no configuration and sees all branches, which is
 * what telling the order of hunks needs. Private to src/plan. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum name_kind {
	NAME_DEFINED,  /* macro, function, type, variable, enumerator of file scope; a prototype too
			*/
	NAME_FIELD,    /* field of a struct or union */
	NAME_USED,     /* any other identifier */
	NAME_MEMBER,   /* after . or -> */
	NAME_INCLUDED, /* the path of an #include, as written */
	NAME_FILE,     /* Kbuild: x.o or x/; Kconfig: the path of a source line */
	NAME_SYMBOL,   /* Kconfig: the entry of a symbol, without CONFIG_ */
	NAME_NEEDED,   /* Kconfig: a symbol that another must have on; !X is none */
} name_kind;

typedef struct source_name {
	name_kind kind;
	unsigned line;
	const char *text;
	bool macro;  /* DEFINED by #define: once more is no error */
	guint shape; /* DEFINED and FIELD: hash of parameters and type; other shape, other callers
		      */
} source_name;

typedef struct line_block {
	unsigned first, last;
} line_block;

/* Lines that are read only where a configuration symbol is on: #ifdef CONFIG_X, the #else of
 * #ifndef CONFIG_X, #if defined(CONFIG_X) && ... What any of several symbols opens is not here. */
typedef struct line_condition {
	unsigned first, last;
	const char *symbol; /* without CONFIG_; X for X_MODULE too */
} line_condition;

/* What a line opens (positive) and closes (negative). */
typedef struct line_balance {
	int braces, parens, conditions;
} line_balance;

typedef struct source_names {
	GArray *names;	    /* source_name, by line */
	GArray *blocks;	    /* line_block: functions, types, macros; in order, not overlapping */
	GArray *balance;    /* line_balance, one a line */
	GArray *conditions; /* line_condition; nested ones overlap */
	GStringChunk *strings;
} source_names;

typedef enum source_language {
	SOURCE_C,
	SOURCE_ASM,
	SOURCE_KBUILD,
	SOURCE_KCONFIG,
	SOURCE_OTHER, /* no names */
} source_language;

source_language source_language_of(const char *path);
source_names *source_names_read(const char *text, size_t len, source_language language);
void source_names_free(source_names *s);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(source_names, source_names_free)
