/* A kernel tree, told without building it: architectures, configurations, translation units.
 *
 * A kernel_tree stands for one tree in git (base or a tip). The base's header files are laid out
 * once under the cache directory, keyed by tree id; a tip is seen through a map of what differs.
 * Headers that a build would make are memory_files of the unit. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "kernel/cache.h"
#include "kernel/commands.h"
#include "model/unit.h"

typedef struct kernel_tree kernel_tree;

/* Opens the base. `cache_dir` is made when missing. Lays nothing out yet. Works, with fewer
 * answers, on a tree that is no Linux (no Kconfig, no arch/): then there is one architecture "". */
bool kernel_tree_open(
	kernel_tree **out, repo *r, const oid *base_tree, const char *cache_dir, GError **err);
/* A tip on the same base: only what differs is read. Needs `base` alive. */
bool kernel_tree_tip(kernel_tree **out, kernel_tree *base, const oid *tip_tree, GError **err);
void kernel_tree_free(kernel_tree *t);

/* The blob of a file of the tree; false when there is no such file. */
bool kernel_tree_blob(const kernel_tree *t, const char *path, oid *out);

/* Where the headers lie for a compiler: the base's layout, for tips too. Absolute. Borrowed. */
const char *kernel_tree_root(const kernel_tree *t);
/* Keeps them there for as long as it lives, which may be longer than the tree. The caller's. */
cache_hold *kernel_tree_hold(const kernel_tree *t);
/* The folder of the compiler's own headers; NULL when there is none. The caller's. */
char *kernel_compiler_headers(void);

/* The architectures that `path` belongs to and clang can target: its own for arch/X and
 * include/asm-X, then those whose makefiles build the file too (x86_64 many of i386); for generic
 * code those that a .config was given for, then the ones in `prefer` (char *, NULL-terminated).
 * Names are the kernel's of that era ("i386", "x86_64", "x86"). NULL-terminated, the caller's
 * (g_strfreev); empty when clang targets none of them (ia64). */
char **kernel_tree_archs(kernel_tree *t, const char *path, const char *const *prefer);

/* The text of a .config to start from for `arch` instead of its defconfig: everything else stays
 * near it. For the base, before anything is asked of that architecture; tips follow. `arch` may be
 * a name that shares its folder (x86_64 for x86). */
void kernel_tree_give_config(kernel_tree *t, const char *arch, const char *text, size_t len);
/* How a build that the user made compiled files: their flags are taken from there instead of from
 * makefiles, on the architecture that the build was for. Takes `c`. For the base, before anything
 * is asked; tips follow. */
void kernel_tree_give_commands(kernel_tree *t, kernel_commands *c);

/* The unit that compiles `path` (a .c file, or .S by preprocessing) of this tree for `arch` in its
 * first configuration: the architecture's defconfig and Kconfig defaults, with the symbols that
 * Kbuild asks for to build this file switched on where Kconfig allows. Lays out what it needs.
 * unit->wanted is left NULL for the caller. NOT_FOUND when the tree has no such file. */
bool kernel_tree_unit(
	analysis_unit **out, kernel_tree *t, const char *path, const char *arch, GError **err);

/* A .c file of this tree that is built for `arch` and includes `header` (a tree path), directly or
 * through others: the first by path, nearest first. *c_path is the caller's. NOT_FOUND when none
 * does. */
bool kernel_tree_includer(
	char **c_path, kernel_tree *t, const char *header, const char *arch, GError **err);

/* A unit that reaches `header`: kernel_tree_includer's file, in a configuration that also has the
 * symbols on under which the header's folder is in the include path (a sub-architecture's mach-X).
 * unit->path is the .c file. NOT_FOUND when no built file includes it. */
bool kernel_tree_header_unit(
	analysis_unit **out, kernel_tree *t, const char *header, const char *arch, GError **err);

/* The symbols that this tree's Kconfig defines for `arch` and the base's does not, sorted: a
 * series' own switches. NULL-terminated, the caller's (g_strfreev). */
char **kernel_tree_new_symbols(kernel_tree *t, const char *arch);

/* As kernel_tree_unit, in a configuration that settles more symbols: "X" on, "!X" off, as far as
 * Kconfig allows; *held (may be NULL) says whether all could be. For branches that the first
 * configuration skips, and for code that compiles only under a series' own symbols. */
bool kernel_tree_unit_with(analysis_unit **out, kernel_tree *t, const char *path, const char *arch,
	const char *const *symbols, bool *held, GError **err);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(kernel_tree, kernel_tree_free)
