/* The branches of a C or assembly file: which lines lie under which preprocessor conditions.
 *
 * Read from the text alone: #if nests, with the macros that the file itself defines put in for
 * their names. Macros that come from elsewhere stay names. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernel/kconfig.h"

typedef enum branch_kind {
	BRANCH_YES,	/* always */
	BRANCH_DEFINED, /* a macro is defined */
	BRANCH_TRUE,	/* a macro's value is not 0 */
	BRANCH_COMPARE, /* a macro's value compares like this with a number */
	BRANCH_ENABLED, /* IS_ENABLED(name) */
	BRANCH_OPAQUE,	/* something else that is not 0; name is its text */
	BRANCH_NOT,
	BRANCH_AND,
	BRANCH_OR,
} branch_kind;

/* A condition. Shared and never changed; owned by the branch_file. */
typedef struct branch {
	branch_kind kind;
	kexpr_kind comparison; /* of COMPARE */
	gint64 number;
	guint parts;	  /* leaves, those of shared parts counted each time */
	const char *name; /* "CONFIG_SMP", "DEBUG" */
	const struct branch *left, *right;
} branch;

/* Parts of one condition; what has more is OPAQUE. Bounds the time and the stack of whoever goes
 * through one: shared parts double easily ("#if A && B || A && C, #define D", and so on). The
 * largest of 6.1's x86 have some hundred. */
#define BRANCH_PARTS 10000u

/* Consecutive lines with one condition. A directive's line belongs to what is around it. */
typedef struct branch_lines {
	unsigned first, last;
	const branch *condition;
	bool error;	  /* an #error stands here */
	const char *text; /* of the innermost #if around it, as written ("#if 0"); NULL: none */
} branch_lines;

/* An #include. */
typedef struct branch_include {
	unsigned line;
	const char *name; /* as written; NULL when it is a macro */
	bool system;	  /* <name> */
	const branch *condition;
} branch_include;

/* A number that a macro has under a condition. */
typedef struct branch_number {
	const branch *condition;
	gint64 number;
} branch_number;

/* What a file says of a macro. What it was before the file is a leaf of its name. */
typedef struct branch_macro {
	const branch *defined, *truth;
	bool number_known; /* one number whatever the configuration */
	gint64 number;
	GArray *numbers;     /* branch_number, no two hold together; NULL: none */
	const branch *other; /* something else, by a definition of the file */
	const branch *kept;  /* as it was before the file */
} branch_macro;

typedef struct branch_file {
	GArray *lines;	    /* branch_lines, from line 1 to the last */
	GArray *includes;   /* branch_include */
	GHashTable *macros; /* name -> branch_macro: what the file leaves of each that it defines or
			     * takes back */
	GStringChunk *strings;
	GPtrArray *nodes;
	GHashTable *unique; /* node -> node, for equal ones to be one */
	const branch *yes, *no;
} branch_file;

branch_file *branch_read(const char *text, size_t len);
void branch_file_free(branch_file *f);
/* The branch of a line; NULL past the end. */
const branch_lines *branch_at(const branch_file *f, unsigned line);
/* Gates, simplified. */
const branch *branch_not(branch_file *f, const branch *a);
const branch *branch_and(branch_file *f, const branch *a, const branch *b);
const branch *branch_or(branch_file *f, const branch *a, const branch *b);
/* The condition that a macro's value compares so with a number; `like` is a COMPARE. */
const branch *branch_compare(branch_file *f, const branch_macro *m, const branch *like);
/* Whether two numbers compare so. */
bool branch_compares(kexpr_kind comparison, gint64 a, gint64 b);
/* As C would spell it. The caller's. */
char *branch_text(const branch *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(branch_file, branch_file_free)
