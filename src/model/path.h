/* What a path says about its place in a kernel tree. */
#pragma once

#include <stdbool.h>

bool path_is_header(const char *path);
/* The architecture that a path belongs to: arch/X/..., include/asm-X/...; NULL: all of them, as
 * include/asm-generic. The caller's. */
char *path_arch(const char *path);
/* True when both belong to an architecture, and not to the same. */
bool paths_are_of_other_archs(const char *a, const char *b);
/* True when two files are never part of one kernel: of different architectures, or alternatives
 * that the include path chooses between (mach-a/x.h and mach-b/x.h, or headers of one name). */
bool paths_are_alternatives(const char *a, const char *b);
/* The part of the kernel to group changes by: "arch/i386" (its include directory too),
 * "drivers/net", "include/linux", "mm"; "top" for files of the root. The caller's. */
char *path_area(const char *path);
