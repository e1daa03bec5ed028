/* What the reader of branches and that of their expressions share. */
#pragma once

#include "kernel/branch.h"

/* A node, one for all that are equal. */
const branch *branch_node(branch_file *f, const branch *like);
/* The condition that an #if's text says. `macros`: name -> branch_macro. */
const branch *branch_expression(branch_file *f, GHashTable *macros, const char *text);
/* The same for a macro's body; *number as above. NULL when it is no expression. */
const branch *branch_body(
	branch_file *f, GHashTable *macros, const char *text, bool *known, gint64 *number);
const branch *branch_defined(branch_file *f, GHashTable *macros, const char *name);
