/* Text inside XML and HTML. */
#pragma once

#include <glib.h>

/* Appends `raw` (NULL counts as "") made printable and escaped, good inside elements and quoted
 * attributes; what no XML 1.0 document may hold becomes U+FFFD. */
void escape_xml(GString *out, const char *raw);
/* The same of a printf-like text. */
void escape_xml_printf(GString *out, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
