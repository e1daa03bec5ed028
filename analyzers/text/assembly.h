/* Assembly lines: labels, macros, instructions and what they name. For .S files, and for the parts
 * of headers under __ASSEMBLY__. */
#pragma once

#include "analyzers/text/directive.h"

typedef struct assembly assembly;

/* Emits into s->out, with the conditions of s. Needs `s` alive. */
assembly *assembly_new(source *s);
/* Ends the last label, and frees. */
void assembly_free(assembly *a);
/* The tokens [first, end) of one line (no directive). `script`: a linker script, of which only
 * assignments and names are read. */
void assembly_line(assembly *a, size_t first, size_t end, bool script);
/* A macro's body [first, end) as statements. */
void assembly_macro(assembly *a, const char *name, size_t first, size_t end);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(assembly, assembly_free)
