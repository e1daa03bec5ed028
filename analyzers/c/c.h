/* The compiler's reader of C: .c files as clang compiles them, in the unit's configuration, and the
 * wanted headers that they reach.
 *
 * It knows what text cannot: which lines are compiled, what a name means (a call of a function, the
 * field of which struct, a macro), and what macros make. What it says of a place wins over what the
 * text reader says there; instructions, macro bodies and digests stay the text reader's.
 *
 * .S files (linker scripts too) go through the preprocessor only: which of their lines, and of the
 * headers that they reach, are read. */
#pragma once

#include "model/unit.h"

extern const analyzer c_analyzer;
