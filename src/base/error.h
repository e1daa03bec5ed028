/* Errors of truce: one GError domain, with a hint that tells the user what to do next.
 *
 * A message says what is wrong and where ("series 'b': mails/07.eml:88: hunk header without
 * line counts"); a hint says what to do. Both travel in GError.message, the hint after the first
 * newline, so that errors pass through any GLib code unharmed. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define TRUCE_ERROR (truce_error_quark())
GQuark truce_error_quark(void);

typedef enum truce_error {
	TRUCE_ERROR_USAGE,     /* wrong options or arguments */
	TRUCE_ERROR_INPUT,     /* a patch, mail, series file or YAML that cannot be read */
	TRUCE_ERROR_NOT_FOUND, /* a revision, path, series, finding or point that does not exist */
	TRUCE_ERROR_IO,        /* the file system said no */
	TRUCE_ERROR_GIT,       /* the repository said no */
	TRUCE_ERROR_DB,        /* the database said no */
	TRUCE_ERROR_LIMIT,     /* an input is larger than a named limit */
	TRUCE_ERROR_CANCELLED, /* Ctrl-C */
	TRUCE_ERROR_INTERNAL,  /* a broken promise inside truce */
} truce_error;

/* Sets *err (when err is not NULL) to a printf-like message. `hint` may be NULL.
 * Always returns false, so that callers can `return error_set(...)`. */
bool error_set(GError **err, truce_error code, const char *hint, const char *fmt, ...)
	G_GNUC_PRINTF(4, 5);

/* Puts a printf-like context and ": " in front of the message of *err; a hint stays. */
void error_prefix(GError **err, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* The message without its hint (the caller's, g_free), and the hint (borrowed, NULL if none). */
char *error_text(const GError *err);
const char *error_hint(const GError *err);
