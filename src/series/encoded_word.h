/* RFC 2047: "=?charset?Q?text?=" in headers. */
#pragma once

#include <glib.h>

/* `line` with its encoded words decoded, in UTF-8. Words that claim UTF-8 but are none are read as
 * Latin-1, as git guesses (GMime would put question marks). Bytes outside words likewise. The
 * caller's. */
char *encoded_words_decode(const char *line);
