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
	user_value *user;    /* by symbol id; NULL at rest */
	symbol_value *value; /* by symbol id; NULL at rest */
	GStringChunk *strings;
	const kconfig_values *like; /* at rest: `user` is this one's but for what ... */
	GArray *kept;		    /* ... stands here (kept_value) */
	unsigned depth;
	bool in_modules;
};

/* Has a configuration at rest all it needs to be calculated with again; first of all that reads or
 * writes `user` or `value`. */
void kconfig_values_unpack(kconfig_values *v);
static inline void kconfig_values_wake(kconfig_values *v)
{
	if (G_UNLIKELY(!v->user))
		kconfig_values_unpack(v);
}
/* Forgets what was calculated. */
void kconfig_values_invalidate(kconfig_values *v);
/* How two values compare, as conf does it: as numbers where both are, else as texts. */
bool kconfig_compare(
	kexpr_kind kind, kconfig_type a_type, const char *a, kconfig_type b_type, const char *b);
