/* How the kernel writes assembly: the macros that begin and end a symbol, and what starts a comment
 * on which architecture. Data alone: assembly_habits.c is the place for another habit. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Does NAME(symbol) begin a symbol (ENTRY, SYM_FUNC_START), or end the one it names (END,
 * SYM_FUNC_END)? `name` need not be NUL-terminated. */
bool assembly_begins_symbol(const char *name, size_t len);
bool assembly_ends_symbol(const char *name, size_t len);

/* Characters that start a comment to the line's end in assembly at `path`, besides those that all
 * have: C's comments, and `#` that stands apart. "" for none; static. */
const char *assembly_comment_characters(const char *path);

/* Is it assembly that defines functions: .S and .s, no linker script? */
bool assembly_is_code(const char *path);
