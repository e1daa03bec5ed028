/* The text reader of C: .c and .h files as they stand, every #if branch alike.
 *
 * It sees what no configuration compiles, and macro bodies, where much of a kernel's interface is
 * overridden. What it cannot know it says by convention:
 *  - name(...) is USE_CALL, whether a function or a macro;
 *  - a field of a variable whose type is not in sight is "variable.field", or ".field";
 *  - a name that is no local is USE_REFERENCE;
 *  - names pasted in a macro's body keep their '##': "native_##op". */
#pragma once

#include "model/unit.h"

extern const analyzer ctext_analyzer;

/* Reads the C text into `out`. Linear in len; never fails; len <= LIMIT_SOURCE_BYTES. */
void ctext_read(fact_set *out, const char *text, size_t len);
