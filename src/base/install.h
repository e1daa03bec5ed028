/* Where the program's data (rules, schema, page templates) were installed. */
#pragma once

/* share/truce beside the bin/ that the running program stands in, so that a package unpacked anywhere
 * works; else the directory of the build's prefix. The caller's, g_free. Reads /proc/self/exe. */
char *install_data_dir(void);
