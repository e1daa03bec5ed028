/* Who looks after a path: the MAINTAINERS file of the base. Private to src/plan. */
#pragma once

#include <glib.h>

typedef struct owners owners;

/* Reads a MAINTAINERS text. Trees before v2.6.30 name no files (F: lines): then nobody owns any. */
owners *owners_read(const char *text, size_t len);
void owners_free(owners *o);
/* Appends "Name <mail> (SECTION)" for each owner of `path` that `out` (char *) lacks. The section
 * that holds everything (THE REST) owns nothing here. */
void owners_of(const owners *o, const char *path, GPtrArray *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(owners, owners_free)
