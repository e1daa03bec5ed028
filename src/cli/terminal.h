/* Standard output: is it a terminal, how wide, with which colours, and its pager. */
#pragma once

#include <glib.h>
#include <stdbool.h>

bool terminal_is(int fd);
unsigned terminal_width(void); /* COLUMNS, what the terminal says, or 80 */
bool terminal_unicode(void);   /* the locale's characters are UTF-8 */

bool terminal_dumb(void); /* one that cannot move its cursor, by TERM */

/* Is colour wanted? `when` ("always", "never", "auto", or NULL) is the option; `setting` the value
 * of color.truce or NULL. NO_COLOR and TERM=dumb say no to auto. */
bool terminal_colour(const char *when, const char *setting);

/* Writes to standard output. A reader that went away counts as success. */
bool terminal_write(const char *text, size_t len, GError **err);
/* Writes through `pager`, a command line for the shell; falls back to terminal_write when it cannot
 * be started. */
bool terminal_page(const char *pager, const char *text, size_t len, GError **err);
