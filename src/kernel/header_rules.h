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
} header_rule;

/* All rules (header_rule *), in their order. Never fails: the text is the program's own, and a test
 * reads it. The caller's. */
GPtrArray *header_rules_read(const char *text);
/* What the rule makes of this tree; NULL when it is not made here. The caller's. */
char *header_rule_make(const header_rule *rule, const tree_arch *a);
