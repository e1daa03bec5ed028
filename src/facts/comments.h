/* Comments of C and of assembly. Internal to src/facts. */
#pragma once

#include <stdbool.h>

/* Behind the comment that starts at p, or p when there is none. `comments`: characters that start
 * one in assembly besides C's (assembly_comment_characters); NULL when the text is C. `text` is
 * where the text begins, text <= p < end. */
const char *comment_skip(const char *p, const char *text, const char *end, const char *comments);

/* Does a line of the preprocessor (#if, #define) start at p? */
bool comment_is_directive(const char *p, const char *text, const char *end);
