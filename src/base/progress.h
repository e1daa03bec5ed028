/* Progress on stderr for jobs over a second, as git shows it. Silent unless stderr is a terminal
 * or the user asked for it. Used by engine and cli only: library code never logs. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct progress progress;

/* `title` is copied ("Parsing"). total 0: unknown. `show` false makes every call a no-op. */
progress *progress_new(const char *title, guint64 total, bool show);
void progress_update(progress *p, guint64 done);
/* Ends the line if one was shown. NULL is fine. */
void progress_free(progress *p);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(progress, progress_free)
