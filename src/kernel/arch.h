/* The kernel's architectures, as trees of any year name them, and what clang calls them. */
#pragma once

#include <stdbool.h>

#include "kernel/kconfig.h"

/* The folder below arch/ that ARCH=`name` uses in a tree that has (or lacks) arch/x86 and its
 * like: "i386" -> "x86" in new trees. `has_folder` says whether arch/NAME exists. Borrowed. */
const char *arch_folder(
	const char *name, bool (*has_folder)(const char *name, void *data), void *data);
/* What ARCH is for an architecture of this name. ARCH=um is two: a program of an i386 ("um") or of
 * an x86_64 ("um-x86_64"), where SUBARCH tells them apart; others are called as they are. */
const char *arch_make_name(const char *name);
/* SUBARCH for an architecture of this name; NULL when it is not um. `one_x86`: the tree knows x86
 * alone, whose width Kconfig asks for. Borrowed. */
const char *arch_subarch(const char *name, bool one_x86);
/* The architecture of a path: arch/X/, include/asm-X/, arch/X/um/ (which is um's). NULL for generic
 * code. The caller's. */
char *arch_of_path(const char *path);
/* Names of um that a path of um's is read for: those of the machine that it names, else all. For
 * trees with two. NULL-terminated; borrowed. */
const char *const *arch_um_names(const char *path);
/* The clang target for this folder in this configuration (v may be NULL: its usual form); NULL
 * when clang 14 has none. A folder that is no known architecture is taken for x86_64. */
const char *arch_target(const char *folder, kconfig_values *v);
/* Symbols to settle for the form that clang can target (s390's 64-bit one); NULL-terminated pairs
 * of name and value, or NULL. */
const char *const *arch_settings(const char *folder);
/* Macros that gcc sets for the target and clang does not. NULL-terminated, or NULL. */
const char *const *arch_macros(const char *folder);
/* The two targets that a folder's configurations may have: *wide (NULL: none) with the symbol
 * *symbol on. *narrow NULL: clang has none. Borrowed. */
void arch_forms(const char *folder, const char **narrow, const char **wide, const char **symbol);
