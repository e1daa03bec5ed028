/* Headers that a build makes by running something, made here by reading what it would read. */
#pragma once

#include "kernel/tree_priv.h"

/* Adds a header to the configuration's memory files unless the tree brings it. Takes `text`; NULL
 * adds nothing. */
void generated_put(tree_arch *a, tree_config *c, const char *path, char *text);
/* arch/X/include/generated/asm/y.h for generic-y and mandatory-y of Kbuild files. */
void generated_wrappers(tree_arch *a, tree_config *c);
/* System call tables, hypercalls, arm64's registers, arm's machines, offsets into a vdso. */
void generated_tables(tree_arch *a, tree_config *c);
/* Conversions between ticks and times for this HZ; NULL when there is none. The caller's. */
char *generated_timeconst(unsigned hz);
/* X.asn1.h for grammars X.asn1, X.h for X.h_shipped. */
void generated_sources(tree_arch *a, tree_config *c);
/* bounds.h and asm-offsets.h: what stands in for them, and what they are computed from. */
bool generated_constants(tree_arch *a, tree_config *c, GError **err);
