/* C function types as text, "int (struct mm_struct *mm, unsigned long va)": taken apart and
 * compared. Also reads a pointer to a function, "int (*)(int)". */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct type_parameter {
	char *type; /* normalised: "struct mm_struct *", "unsigned int" */
	char *name; /* "" when it has none */
} type_parameter;

typedef struct function_type {
	char *returns;	       /* normalised */
	GPtrArray *parameters; /* type_parameter *; empty for (void) and () */
	bool variadic;
} function_type;

/* NULL when the text is no function type. The caller's. Reads at most FUNCTION_TYPE_LIMIT_BYTES. */
function_type *function_type_parse(const char *text);
void function_type_free(function_type *s);
/* "int (struct mm_struct *mm, unsigned long va)"; without names "int (struct mm_struct *, unsigned
 * long)". The caller's. */
char *function_type_text(const function_type *s, bool names);
/* The same type, whatever the parameters are called and however it is spelled ("unsigned" is
 * "unsigned int"); a parameter's own qualifiers ("const int", "char *const") do not count. Texts that are no function types are compared blanks aside. */
bool function_type_same(const char *a, const char *b);

/* The longest prototype of Linux 6.1 has 1,400 bytes. */
#define FUNCTION_TYPE_LIMIT_BYTES 16384u

G_DEFINE_AUTOPTR_CLEANUP_FUNC(function_type, function_type_free)
