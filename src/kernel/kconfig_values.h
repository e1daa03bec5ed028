/* One configuration, as the evaluator and the search for a wanted value share it. */
#pragma once

#include "kernel/kconfig_priv.h"

/* What the user (a defconfig, a caller) set. */
typedef struct user_value {
	bool set;
	bool forced; /* of a choice: set by a caller, not answered by a file */
	tristate tri;
	const char *text;
	const kconfig_symbol *chosen; /* of a choice */
} user_value;

/* What follows from it. */
typedef struct symbol_value {
	bool valid, visibility_known, written;
	tristate tri, visible, depends, selected, implied;
	const char *text;
	const kconfig_symbol *chosen;
} symbol_value;

struct kconfig_values {
	const kconfig *k;
	guint count;
	user_value *user;    /* by symbol id */
	symbol_value *value; /* by symbol id */
	GStringChunk *strings;
	unsigned depth;
	bool in_modules;
};

/* Forgets what was calculated. */
void kconfig_values_invalidate(kconfig_values *v);
/* How two values compare, as conf does it: as numbers where both are, else as texts. */
bool kconfig_compare(
	kexpr_kind kind, kconfig_type a_type, const char *a, kconfig_type b_type, const char *b);
