/* Reading: the facts of base and tips, by analyzers in worker processes, through the cache. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "engine/engine.h"
#include "kernel/tree.h"
#include "model/reading.h"

/* The facts of one tree. */
typedef struct tree_facts {
	oid tree;
	kernel_tree *kernel;
	GHashTable *wanted; /* char *path -> oid *: files to read */
	GHashTable *sets;   /* path (borrowed from the set) -> fact_set * */
	GHashTable *unreached; /* see branches.h; NULL: nothing is */
} tree_facts;

typedef struct facts_reader {
	GPtrArray *trees;   /* tree_facts *: the base, then one a series */
	GPtrArray *touches; /* touch_set *, one a series */
	GPtrArray *list;    /* series_reading *, one a series: what stages get */
	char **prefer;	    /* architectures that the series touch, most touched first */
} facts_reader;

/* Reads every touched file of base and tips, and of the base the `native` files too (paths that a
 * catalogue wants; NULL for none). `all` are series * with changes. Files that cannot be
 * parsed are told by diagnostics and by what coverage finds unseen; false only for failures that
 * end the run (database, Ctrl-C, an unreadable repository). */
bool facts_reader_run(facts_reader **out, engine *e, const oid *base_tree, GPtrArray *all,
	const char *const *native, GError **err);
/* As facts_reader_run, but reads nothing yet: for facts_reader_errors alone. */
bool facts_reader_open(facts_reader **out, engine *e, const oid *base_tree, GPtrArray *all,
	GError **err);
void facts_reader_free(facts_reader *f);

/* Parses the .c files among `paths` (char *) as they stand in `tree`: *sets gets one fact_set * a
 * path, in order (NULL: not parsed at all), the caller's. `symbols`: switches that are to be on as
 * far as Kconfig allows (kernel_tree_unit_with); NULL: the first configuration. Through the cache. */
bool facts_reader_parse(GPtrArray **sets, engine *e, facts_reader *f, const oid *tree,
	GPtrArray *paths, const char *const *symbols, GError **err);
/* The same, for how many errors each has: *errors gets one number a path (G_MAXUINT: not parsed). */
bool facts_reader_errors(GArray **errors, engine *e, facts_reader *f, const oid *tree,
	GPtrArray *paths, const char *const *symbols, GError **err);
/* A .c file of a tip that includes the header; NULL when none does. The caller's. */
char *facts_reader_includer(const facts_reader *f, guint series_index, const char *header);
/* The configuration symbols that a series brings, of the architecture that the series touch most.
 * The caller's (g_strfreev). */
char **facts_reader_switches(const facts_reader *f, guint series_index);
/* The errors of a .c file in the tip of a series, read now if it was not; G_MAXUINT: not parsed. */
bool facts_reader_tip_errors(guint *errors, engine *e, facts_reader *f, guint series_index,
	const char *path, GError **err);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(facts_reader, facts_reader_free)
