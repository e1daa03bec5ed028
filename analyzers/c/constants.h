/* Headers of numbers that a build has the compiler work out: sizes and offsets of structs, bounds.
 *
 * The C file asks in asm statements ("->NAME %0" with an operand) and a build reads NAME and the
 * number off the assembly. Here each such statement becomes an expression, and libclang is asked
 * for its value. Nothing is assembled. */
#pragma once

#include "analyzers/c/parse.h"

/* The unit's memory files with computed headers in place of their stand-ins: those that every unit
 * reads, and those already computed. What they depend on is noted in p->sink. (memory_file *; the
 * caller's, its elements with it.) */
GPtrArray *constants_memory(parse *p);
/* Computes the headers that the parsed unit turned out to read. True when there is one that is new:
 * then the unit has to be parsed again. */
bool constants_asked(parse *p);

/* The text with its asm statements of one "i" or "n" operand as declarations of what they ask:
 * const char *truce_text and long long truce_value; without operands, const char *truce_line. The
 * caller's. For tests. */
char *constants_rewrite(const char *text, size_t len);
