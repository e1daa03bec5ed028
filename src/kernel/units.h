/* Which translation units, in which configurations, show the wanted lines of a file to a compiler.
 *
 * How the engine is meant to use it, for each touched file of a tree:
 *   1. ask with the changed lines of this tree's side (no ranges: the whole file);
 *   2. parse units in order, skipping one whose `ranges` were all seen meanwhile;
 *   3. union what was seen and the facts; lines still unseen after that have the reason in
 *      `unreached` when it lists them. What a parse skipped although its unit was to reach it lies
 *      behind something that only headers know: a second call with `assume` tries harder.
 * To compare base and tip fairly, ask both sides for what either side changed (the configurations
 * come out the same where the conditions are).
 *
 * A condition is all that is around a line: #if nests of the file, the Kbuild rules that build it,
 * and for a header the includes that lead to it. CONFIG_ symbols, IS_ENABLED and its like,
 * defined(), the architecture's own macros, __ASSEMBLY__ and MODULE are solved together with the
 * whole of Kconfig (kconfig_solve.h); each answer is checked by the evaluator. Macros of headers
 * count as free, until a call with `macros` asks what the headers say. */
#pragma once

#include "kernel/tree.h"
#include "model/fact.h"

/* Lines of a file. */
typedef struct kernel_lines {
	char *path;
	GArray *ranges; /* line_range */
} kernel_lines;

typedef struct kernel_unit {
	analysis_unit *unit; /* `wanted` is NULL: the caller's to set. unit->path is the .c or .S
			      * file; it differs from the file asked for when that is a header */
	GArray *ranges;	     /* line_range: wanted lines of the file asked for that this unit is
			      * made to show and no earlier unit of the list is */
	char *configuration; /* for a person: "i386: defconfig and HIGHMEM=y NUMA=n" */
	char **assumed;	     /* macros that this unit is given by -D though no makefile gives them
			      * ("DEBUG_SPIN"): code that its author switches on by hand; with
			      * "!" those that makefiles give and -U takes back. Empty for most
			      * units. NULL-terminated */
	GPtrArray *shared;   /* kernel_lines *: of others that were wished for beside it, which this
			      * unit should show too. NULL: none */
	bool alone;   /* no makefile builds the file in this configuration, or lets it see the
		       * header; see kernel_wish.alone */
	bool certain; /* nothing but Kconfig, Kbuild and the compiler decides: the parse
		       * must show `ranges` */
} kernel_unit;

typedef struct kernel_unreached {
	line_range lines;
	char *reason; /* "#if 0", "needs CONFIG_X, which this tree does not define", ... */
} kernel_unreached;

typedef struct kernel_units {
	GPtrArray *units;     /* kernel_unit *, the most default one first */
	GPtrArray *unreached; /* kernel_unreached *, by line */
	bool by_includes;     /* asked which files include which (kernel/ground.h) */
} kernel_units;

typedef struct kernel_wish {
	const char *path;	   /* .c, .S or a header of the tree */
	const char *const *prefer; /* architectures, as for kernel_tree_archs; NULL: the usual */
	const GArray *ranges;	   /* line_range, any order; NULL or empty: the whole file */
	/* Files (tree paths; may be NULL) that are parsed anyway: taken as includers of a header
	 * before others. NULL-terminated. */
	const char *const *parsed;
	/* Only lines under macros that headers define, with what the headers' own conditions make
	 * of them: a configuration that defines IXGBE_FCOE. For a second call with the ranges that
	 * the first call's units left unseen; gives up, with reasons, only lines that such macros
	 * leave out everywhere. Told from the text (macros.h): what is not seen after all is for
	 * `assume`. */
	bool macros;
	/* Also assume macros that only a header could define (kernel_unit.assumed). For a second
	 * call with the ranges that the first call's units left unseen. */
	bool assume;
	/* A last resort: configurations in which no makefile builds the file. Kconfig and the
	 * conditions around a line must still hold together; what makefiles ask for holds as far as
	 * that allows ("#ifndef CONFIG_X" in a file that is built only with X). For a call with the
	 * ranges that others gave as unreached; gives units with `alone`, and no reasons. */
	bool alone;
	/* Other headers (kernel_lines *; NULL: none) of which lines are wanted: a unit takes along
	 * what goes with its own (kernel_unit.shared), where `reaches` says that the compiled file
	 * includes that header. */
	const GPtrArray *others;
	bool (*reaches)(const char *file, const char *header, void *data);
	void *data;
} kernel_wish;

/* The smallest list found (greedy, not proven minimal). At most KERNEL_UNITS_MAX units a file and
 * architecture. A .c or .S file that no configuration builds has one unit for its facts, as if it
 * were built, without ranges; all its lines are unreached. *out is the caller's
 * (kernel_units_free). NOT_FOUND when the tree has no such file. The units borrow from `t`.
 * Deterministic. Not thread-safe on one base and its tips, which share what they can. */
#define KERNEL_UNITS_MAX 16u
bool kernel_units_for(kernel_units **out, kernel_tree *t, const kernel_wish *w, GError **err);
/* Whether some configuration of `arch` builds `path` (.c, .S): makefiles lead from the root to a
 * rule for its object, and Kconfig can meet what they ask for. */
bool kernel_tree_is_built(kernel_tree *t, const char *path, const char *arch);
/* Empty ones, for who keeps answers and gives them again. The caller's. */
kernel_units *kernel_units_new(void);
kernel_unit *kernel_unit_new(void);
void kernel_units_free(kernel_units *u);
void kernel_lines_free(kernel_lines *l);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(kernel_units, kernel_units_free)
