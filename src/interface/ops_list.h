/* Members that a record has by a list of macros in a file that it includes:
 *
 *	union security_list_options {
 *		#define LSM_HOOK(RET, DEFAULT, NAME, ...) RET (*NAME)(__VA_ARGS__);
 *		#include "lsm_hook_defs.h"
 *		#undef LSM_HOOK
 *	};
 *
 * Internal to src/interface. */
#pragma once

#include <glib.h>

#include "model/fact.h"

/* One member so made. */
typedef void (*ops_list_fn)(
	const char *name, char *signature, const char *condition, unsigned line, void *data);

/* Calls `each` for what the macro makes of its uses at file scope of `facts`, in order; `signature`
 * becomes the callee's. What is no pointer to a function is passed over. */
void ops_list_expand(
	const entity *macro, const fact_set *facts, GBytes *text, ops_list_fn each, void *data);
