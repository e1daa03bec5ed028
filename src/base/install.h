/* Where the program's data (rules, schema, page templates) and helpers were installed. */
#pragma once

/* share/truce beside the bin/ that the running program stands in, so that a package unpacked
 * anywhere works; else the directory of the build's prefix. The caller's, g_free. Reads
 * /proc/self/exe. */
char *install_data_dir(void);

/* The folder of programs that truce starts itself: libexec/truce beside that bin/; reference/
 * beside a program in its build tree; else that of the build's prefix. The caller's, g_free. */
char *install_program_dir(void);

/* The path of a module that truce loads itself: in libexec/truce beside that bin/; beside a program
 * in its build tree; else below the build's prefix, there or not. The caller's, g_free. */
char *install_module(const char *name);
