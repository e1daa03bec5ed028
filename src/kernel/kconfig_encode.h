/* What the circuit of Kconfig and the reading of its solutions share. */
#pragma once

#include "kernel/kconfig_solve.h"
#include "kernel/kconfig_values.h"

/* Literals of a tristate: at least m, and y. */
typedef struct tri {
	int m, y;
} tri;

/* A value that a number or text may have, and when. */
typedef struct text_choice {
	const char *text;
	int when;
	int answered; /* the variable of "the user answered this"; 0: follows from a default */
} text_choice;

struct kconfig_solver {
	kconfig_values *usual;
	const kconfig *k;
	sat *sat;
	tri *values;	      /* by symbol id: its value */
	tri *visible;	      /* by symbol id: whether its prompt shows */
	GPtrArray **domains;  /* by symbol id: text_choice *; NULL: not asked for yet */
	GHashTable *exprs;    /* const kexpr * -> tri * */
	GHashTable *compared; /* const kconfig_symbol * -> GPtrArray of text */
	GHashTable *busy;     /* symbols whose domain is being made */
	int modules;
};

void kconfig_encode(kconfig_solver *s);
int kconfig_encode_compare(kconfig_solver *s, const kconfig_symbol *a, kexpr_kind comparison,
	const kconfig_symbol *b, const char *b_text);
