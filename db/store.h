/* The database: the only user of sqlite3.h.
 *
 * WAL, foreign keys on, numbered migrations from version 1. What is kept (series, findings,
 * decisions, plans) and what is a cache that can be rebuilt (facts, analyses) are apart. Every write
 * is one transaction: a kill at any moment leaves the old state or the new. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/mediation.h"
#include "model/reading.h"

typedef struct store store;

typedef enum store_mode {
	STORE_READ,   /* must exist */
	STORE_WRITE,  /* made and migrated when needed */
} store_mode;

/* Opens the database at `path`. TRUCE_ERROR_DB with a hint: newer version, not a database, locked,
 * read-only directory. */
bool store_open(store **out, const char *path, store_mode mode, GError **err);
void store_free(store *s);

/* Settings of this mediation, kept: "base.rev", "rules", ... */
bool store_set(store *s, const char *key, const char *value, GError **err);
bool store_get(store *s, const char *key, char **value, GError **err); /* NULL when unset */

/* Series, kept, in the order they were added. Put replaces the one of that name (its commits,
 * rejects, notes) and sets s->id; its decisions stay. `digest` is series_digest of all its specs. */
bool store_series_put(store *db, series *s, const char *digest, GError **err);
bool store_series_list(store *db, GPtrArray **out, GError **err); /* series *, changes NULL */
bool store_series_digest(store *db, const char *name, char **digest, GError **err); /* NULL: none */
bool store_series_remove(store *db, const char *name, GError **err); /* NOT_FOUND */

/* Facts cache: encoded fact sets by key (64 hex of all that the facts depend on). */
bool store_facts_get(store *db, const char *key, GBytes **out, GError **err); /* NULL when absent */
bool store_facts_put(store *db, const char *key, const char *path, GBytes *data, GError **err);
/* Groups many writes into one transaction; nests. */
bool store_begin(store *db, GError **err);
bool store_commit(store *db, GError **err);
void store_rollback(store *db);

/* The result of an analysis, whole: replaces the one before. Findings that are gone are kept as
 * closed; decisions are kept apart, by fingerprint. `key` names everything it was made from, so
 * that an unchanged run can stop at store_analysis_key. `readings` fill the tables that users query
 * (touches, entities of touched files); NULL leaves those of before. */
bool store_analysis_put(store *db, const mediation *m, const char *key, GPtrArray *readings,
	GError **err);
bool store_analysis_key(store *db, char **key, GError **err); /* NULL: none yet */
/* The whole mediation as it was put, decisions of now attached to the findings. Series come with
 * changes. NOT_FOUND when no analysis is stored. */
bool store_analysis_get(store *db, mediation **out, GError **err);

bool store_decision_put(store *db, const decision *d, GError **err);
bool store_decision_remove(store *db, const char *fingerprint, GError **err);
bool store_decisions(store *db, GHashTable **out, GError **err); /* fingerprint -> decision * */

/* A read-only query for `truce sql`: an authorizer refuses everything but reading. `row` is called
 * first with the column names (values NULL: false), then for each row; NULL values come as NULL. */
typedef bool (*store_row_fn)(int columns, const char *const *values, bool header, void *data);
bool store_query(store *db, const char *sql, store_row_fn row, void *data, GError **err);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(store, store_free)
