/* What an answer of this module stands on beside what was asked for, as digests: who keeps an
 * answer by them may give it again when they are the same, for any tree and in any later run.
 *
 * A tree differs from its base in few files. All that is built, configured or generated from is
 * told by the base, by the paths that a tip adds and removes, and by the content of what it
 * changes, but for C and assembly sources: hundreds of those differ, and choosing reads few. Which
 * they were is told by kernel_tree_reads once the answer is there; their conditions and what they
 * include, by the other two. */
#pragma once

#include "kernel/tree.h"

/* This module's own code and data, the compiler's headers, and the tree without the content of
 * sources. 64 hex digits. Borrowed. */
const char *kernel_ground(kernel_tree *t);
/* The same, with what every source includes and under which conditions: for what is asked about a
 * file that others include. Borrowed. */
const char *kernel_ground_includes(kernel_tree *t);
/* The same with all that the sources hold: for what is asked of the macros of headers
 * (kernel_wish.macros). Borrowed. */
const char *kernel_ground_sources(kernel_tree *t);
/* The lines of a source and their conditions: all that choosing reads of a header that is asked
 * about. NULL when there is no such file. Borrowed. */
const char *kernel_lines_shape(kernel_tree *t, const char *path);
/* The sources whose content was read of the tree so far for anything but the above and what was
 * asked for itself (const char *, sorted; borrowed strings). The caller's. NULL: not everything
 * could be read, or a search for a configuration gave up, and no answer should be kept. */
GPtrArray *kernel_tree_reads(const kernel_tree *t);
