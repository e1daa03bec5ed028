/* Reading: the facts of base and tips, by analyzers in worker processes, through the cache. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "engine/engine.h"
#include "engine/tree_facts.h"
#include "model/reading.h"
#include "model/unit.h"

typedef struct facts_reader {
	engine *engine;	     /* borrowed */
	char *given;	     /* a digest of what the user gave for all trees, for choices.h */
	GPtrArray *trees;    /* tree_facts *: the base, then one a series */
	GPtrArray *touches;  /* touch_set *, one a series */
	GPtrArray *list;     /* series_reading *, one a series: what stages get */
	char **prefer;	     /* architectures that the series touch, most touched first */
	GHashTable *settled; /* char *path -> char *: another architecture, see archs.h */
} facts_reader;

/* Reads every touched file of base and tips, and of the base the `native` files too (paths that a
 * catalogue wants; NULL for none). `all` are series * with changes. Files that cannot be
 * parsed are told by diagnostics and by what coverage finds unseen; false only for failures that
 * end the run (database, Ctrl-C, an unreadable repository). */
bool facts_reader_run(facts_reader **out, engine *e, const oid *base_tree, GPtrArray *all,
	const char *const *native, GError **err);
/* As facts_reader_run, but reads nothing yet: for facts_reader_parse alone. */
bool facts_reader_open(
	facts_reader **out, engine *e, const oid *base_tree, GPtrArray *all, GError **err);
void facts_reader_free(facts_reader *f);

/* .c files of one tree that are to be parsed as they stand there. */
typedef struct parse_request {
	oid tree;
	GPtrArray *paths;	    /* char *, owned */
	const char *const *symbols; /* switches that are to be on as far as Kconfig allows
				     * (kernel_tree_unit_with); NULL: the first configuration.
				     * Borrowed */
	GPtrArray *sets; /* the answer: one fact_set * a path, NULL for what was not parsed */
} parse_request;

parse_request *parse_request_new(const oid *tree, const char *const *symbols);
void parse_request_free(parse_request *r);
/* The answer for path i, NULL: not parsed. Borrowed. And its errors; G_MAXUINT: not parsed. */
const fact_set *parse_request_set(const parse_request *r, guint i);
guint parse_request_errors(const parse_request *r, guint i);
/* Answers all requests (parse_request *), side by side, through the cache. */
bool facts_reader_parse(
	engine *e, facts_reader *f, const char *title, GPtrArray *requests, GError **err);
/* A .c file of a tip that includes the header; NULL when none does. The caller's. */
char *facts_reader_includer(const facts_reader *f, guint series_index, const char *header);
/* The configuration symbols that a series brings, of the architecture that the series touch most.
 * The caller's (g_strfreev). */
bool facts_reader_switches(char ***out, const facts_reader *f, guint series_index, GError **err);
/* False when the file was read in tips, and in none of them a reader survived it. */
bool facts_reader_survived(const facts_reader *f, const char *path);
/* The errors of a .c file that was read in the tip of a series (G_MAXUINT: not parsed); false when
 * it was not read. */
bool facts_reader_knows_errors(
	guint *errors, const facts_reader *f, guint series_index, const char *path);
/* The compiler's reader of a path; NULL when none claims it. */
const analyzer *compiler_of(const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(parse_request, parse_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(facts_reader, facts_reader_free)
