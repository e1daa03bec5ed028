/* Makefiles read as data: statements, and an evaluator of variables, conditionals and functions.
 * Rules and recipes are skipped, $(shell) yields nothing, and the cc-option family is answered for
 * the compiler that reads the tree (clang). Nothing is run. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum make_kind {
	MAKE_ASSIGN,
	MAKE_IFEQ,
	MAKE_IFNEQ,
	MAKE_IFDEF,
	MAKE_IFNDEF,
	MAKE_ELSE,
	MAKE_ENDIF,
	MAKE_INCLUDE,
	MAKE_RULE,
} make_kind;

typedef struct make_statement {
	make_kind kind;
	bool chained; /* an IF* that follows `else` on its line */
	char op;      /* of ASSIGN: '=' recursive, ':' simple, '+', '?', '!' (shell) */
	unsigned line, end_line;
	char *name;  /* of ASSIGN, unexpanded; left side of IFEQ; what IFDEF asks; RULE's targets */
	char *value; /* of ASSIGN, unexpanded; right side of IFEQ; paths of INCLUDE */
} make_statement;

/* Reads a makefile. The array (make_statement *) is the caller's. */
GPtrArray *make_read(const char *text, size_t len);

/* Where an evaluator asks about what it does not hold. */
typedef struct make_source {
	/* The value of CONFIG_X as auto.conf has it ("y", "m", "\"text\"", "17"), NULL when unset;
	 * name is without CONFIG_. Borrowed until the next call. */
	const char *(*config)(const char *name, void *data);
	/* A file of the tree; NULL: none. The caller's. */
	GBytes *(*read)(const char *path, void *data);
	/* Whether a path is a file of the tree. */
	bool (*exists)(const char *path, void *data);
	/* Paths of all Makefiles and Kbuild files (char *); may be NULL. The caller's. */
	GPtrArray *(*makefiles)(void *data);
	void *data;
} make_source;

typedef struct make make;

/* `folder` is the tree path that relative wildcards start from ("" for the root). */
make *make_new(const make_source *source);
void make_free(make *m);
void make_set(make *m, const char *name, const char *value);
/* Runs statements: assignments take effect, includes inside the tree are followed. */
void make_run(make *m, const GPtrArray *statements);
/* The expanded value of a variable ("" when unset). The caller's. */
char *make_get(make *m, const char *name);
char *make_expand(make *m, const char *text);

/* Splits at white space outside $(...). The caller's, g_strfreev. */
char **make_words(const char *text);
/* The length of the $(...) or ${...} that starts at `text`, or of $X; 0 when it is none. */
size_t make_reference_length(const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(make, make_free)
