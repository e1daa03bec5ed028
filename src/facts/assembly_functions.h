/* The functions of assembly: regions from a symbol to its end. Internal to src/facts. */
#pragma once

#include <glib.h>
#include <stddef.h>

/* Appends a function_text for each, in order: from what begins a symbol (a global label, ENTRY(x),
 * a plain label where no symbol is open) to what ends it (END(x), .size x, the next symbol,
 * .macro), trailing comments, conditions and directives of layout left out. `comments` are the
 * characters of assembly_comment_characters. Any bytes are accepted; linear. */
void assembly_functions_scan(GArray *out, const char *text, size_t len, const char *comments);
