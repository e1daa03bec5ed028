/* The words of a mail: who wrote it, what the commit message is, where the patch begins. The rules
 * are those of git-mailinfo(1), so that a commit made from a mail equals git am's. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/text.h"
#include "model/patch.h"

/* What the first lines of a body say about the commit, in place of the mail's headers. */
typedef struct message_headers {
	char *from, *subject, *date; /* decoded; NULL when not there */
} message_headers;

void message_headers_clear(message_headers *h);

/* The offset at which the patch begins: the first line that starts "diff -", "Index: ",
 * "--- FILE", or is "---" alone. The length when there is none. */
gsize message_end(span body);

/* The commit message of `subject` and the body up to message_end, in UTF-8: in-body headers are
 * taken out into *h, blanks at line ends and empty lines at both ends cut. `charset` is the
 * part's, or NULL. The caller's. */
char *message_body(message_headers *h, span body, const char *charset);

/* "Name <mail>", "mail (Name)" or "mail" to a person, as git reads it. False when it names nobody.
 * Times stay. */
bool message_person(person *out, const char *from);

/* Makes every run of white space one blank, and cuts it off at the end. */
void message_join_spaces(char *s);

/* A Date: header to time and offset; false when it is none. */
bool message_date(person *out, const char *date);

/* Decodes RFC 2047 words and undoes folding. The caller's; NULL for NULL. */
char *message_header(const char *raw);

/* Text in `charset` (NULL: UTF-8, else Latin-1, as git guesses) as UTF-8 without NULs. The
 * caller's. */
char *message_utf8(const char *text, gsize len, const char *charset);

/* True when the text is in UTF-16 or the like: its letters are no single bytes, and no line of a
 * patch can be found in it. */
bool message_is_wide(const char *charset, const char *text, gsize len);

/* Reads the trailers base-commit:, change-id: and prerequisite-*: wherever they stand. */
void message_trailers(patch *p, span text);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(message_headers, message_headers_clear)
