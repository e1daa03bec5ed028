/* Kconfig as a SAT problem: which configurations have these values?
 *
 * Every bool and tristate symbol is two variables (at least m, and y); what defines its value in
 * scripts/kconfig (visibility, the user's answer, defaults, imply, select, choices, promotion of m
 * without modules) is a circuit of gates. Symbols with numbers and texts have the values that
 * their defaults, their present value, the ends of their ranges and the comparisons with them
 * name. Whether a value is in range is left to the
 * evaluator, which has the last word on every solution. */
#pragma once

#include "kernel/kconfig.h"
#include "kernel/sat.h"

typedef struct kconfig_solver kconfig_solver;

/* Solutions stay near `usual` (an architecture's default configuration). Needs it alive and
 * unchanged. */
kconfig_solver *kconfig_solver_new(kconfig_values *usual);
void kconfig_solver_free(kconfig_solver *s);
/* For gates over what the next two return. Borrowed. */
sat *kconfig_solver_sat(kconfig_solver *s);
/* The literal of "the symbol's value is at least m (or y)"; SAT_NO for what is no defined bool or
 * tristate. */
int kconfig_solver_literal(kconfig_solver *s, const char *name, tristate at_least);
/* The literal of "the symbol compares like this with the text" (a KEXPR_EQUAL and its like). */
int kconfig_solver_compare(
	kconfig_solver *s, const char *name, kexpr_kind comparison, const char *text);

/* Whether a configuration is what was wanted. */
typedef bool (*kconfig_check)(kconfig_values *v, void *data);
/* The configuration that the circuit's last solution stands for, when it passes `check`; outputs
 * as below. */
bool kconfig_solver_take(kconfig_solver *s, kconfig_values **out, GPtrArray **settings,
	kconfig_check check, void *data);
/* Finds a configuration in which all literals hold and that passes `check`. *out is the
 * caller's; *settings (char *, "X=y", sorted; the caller's) is what was answered otherwise than
 * in `usual`: as little as was found to be enough, the rest follows by Kconfig's defaults.
 * SAT_GAVE_UP also when no solution passes the check. Outputs are untouched but for SAT_FOUND. */
sat_answer kconfig_solver_find(kconfig_solver *s, kconfig_values **out, GPtrArray **settings,
	const int *literals, guint n, kconfig_check check, void *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(kconfig_solver, kconfig_solver_free)
