/* The encoding of a "GIT binary patch": base85 lines of deflated data. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Appends the bytes of one line (without newline): a length letter, then groups of five
 * characters. False when the line is not well-formed. */
bool diff_binary_line(GByteArray *out, span line);

/* Inflates `packed` to exactly `size` bytes. TRUCE_ERROR_LIMIT when the claim is beyond
 * LIMIT_FILE_BYTES (asked before any memory is), INPUT when the data is broken or its size is
 * another. */
bool diff_binary_inflate(GBytes **out, const GByteArray *packed, guint64 size, GError **err);
