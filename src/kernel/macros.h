/* Macros that headers define under a configuration, put in for their names.
 *
 * "#ifdef CONFIG_FCOE, #define IXGBE_FCOE" in a header makes "#ifdef IXGBE_FCOE" of the file that
 * includes it a question to Kconfig. Told from the texts: of every file that the compiled one
 * includes, directly or through others, all branches alike, in about the order in which a compiler
 * reads them; each #define and #undef counts with the conditions around it, and macros in those are
 * put in as well. A macro that none of these files defines is not defined (scene.absent), unless
 * its name is one of the compiler's ("__X") or a makefile gives it.
 *
 * An answer stands on the text of all those files, and on which files the tree has at the places
 * where an include is looked for. */
#pragma once

#include "kernel/scene.h"

typedef struct macros macros;
/* The branches of a file of the tree. Borrowed. */
typedef const branch_file *(*macros_read)(const char *path, void *data);

/* For the file that `s` compiles. What `without` says itself does not count: that is put in where
 * its branches are read. Conditions are made in `f`, which must live as long as they. */
macros *macros_new(scene *s, const char *without, branch_file *f, macros_read read, void *data);
void macros_free(macros *m);
/* The condition with every macro put in that headers define; itself when there is none. */
const branch *macros_expand(macros *m, const branch *b);
/* The first macro of an unexpanded condition that a header defines, and the last file that does.
 * False: none. Borrowed. */
bool macros_first(macros *m, const branch *b, const char **name, const char **where);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(macros, macros_free)
