/* Ctrl-C: a flag that long loops ask for. Set by the signal handler, never cleared. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Catches SIGINT and SIGTERM from now on; a second SIGINT ends the process at once. */
void cancel_install(void);

/* True once a signal came. Async-signal-safe, thread-safe. */
bool cancelled(void);

/* Returns true while the job may go on; otherwise sets TRUCE_ERROR_CANCELLED. */
bool cancel_check(GError **err);
