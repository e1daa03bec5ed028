/* Headers that a build makes line by line of other files, by rules that are data:
 * rules/headers.ini. */
#pragma once

#include "kernel/generated.h"

/* The rules, as the program has them inside. */
extern const char *const header_rules_text;

typedef struct header_rule {
	char *path;	  /* of the header, in the tree */
	GPtrArray *parts; /* of header_rules.c */
	char **named_in;  /* NULL: not asked */
	char **archs;	  /* NULL: all */
	char *has;	  /* a file that the tree must have; NULL: not asked */
	/* The header is a link to the first of these that the tree has, else to the last; a folder
	 * when it ends with a slash. NULL: is none. */
	char **link;
	char *each; /* the links' paths, instead of `path`; NULL: one */
	/* The header is worked out by the compiler from the first of these C files that the tree
	 * has. NULL: is not. */
	char **compute;
	char *flags; /* the makefile's variable that they are compiled with */
} header_rule;

/* All rules (header_rule *), in their order. Never fails: the text is the program's own, and a test
 * reads it. The caller's. */
GPtrArray *header_rules_read(const char *text);
/* The rules that the tree goes by: the program's. Borrowed. */
const GPtrArray *header_rules_of(kernel_tree *t);
/* Whether the rule is for this architecture and tree. */
bool header_rule_holds(const header_rule *rule, const tree_arch *a);
/* What the rule makes of this tree in this configuration, with the headers that are made already;
 * NULL when it is not made here, or is a link or computed. The caller's. */
char *header_rule_make(const header_rule *rule, const tree_arch *a, const tree_config *c);
