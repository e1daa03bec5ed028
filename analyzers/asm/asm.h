/* The text reader of assembly: .S files and linker scripts as they stand, every #if branch alike.
 */
#pragma once

#include "model/unit.h"

extern const analyzer asm_analyzer;

/* Reads the assembly text into `out`. Linear in len; never fails; len <= LIMIT_SOURCE_BYTES.
 * `script`: it is a linker script. */
void asm_read(fact_set *out, const char *text, size_t len, bool script);
