/* The database: the only user of sqlite3.h.
 *
 * WAL, foreign keys on, numbered migrations from version 1. What is kept (series, findings,
 * decisions, plans) and what is a cache that can be rebuilt (facts, analyses) are apart. Every
 * write is one transaction: a kill at any moment leaves the old state or the new. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/mediation.h"
#include "model/reading.h"

typedef struct store store;

typedef enum store_mode {
	STORE_READ,  /* must exist */
	STORE_WRITE, /* made and migrated when needed */
} store_mode;

/* Opens the database at `path`. STORE_WRITE makes the file and its directory (not the one above).
 * TRUCE_ERROR_DB with a hint: newer version, not a database, locked, read-only directory;
 * TRUCE_ERROR_NOT_FOUND: STORE_READ, and there is none. A database in a directory that cannot be
 * written can be read; one of an older truce is brought up to date first. A store belongs to one
 * thread, and must not be used across fork(). */
bool store_open(store **out, const char *path, store_mode mode, GError **err);
/* The same, waiting up to `milliseconds` for another process that writes, here and in every later
 * call; store_open waits 20 s. Ctrl-C ends the wait. */
bool store_open_waiting(
	store **out, const char *path, store_mode mode, unsigned milliseconds, GError **err);
/* The last one to close leaves one file: the log is brought into it. */
void store_free(store *s);
/* Closes a database that this process made, and takes its file away when nothing came of it: no
 * series is in it and no other process has it open. */
void store_free_made(store *s);

/* Settings of this mediation, kept: "base.rev", "rules", ... A NULL value unsets. Keys that begin
 * with "schema." are the store's own. */
bool store_set(store *s, const char *key, const char *value, GError **err);
bool store_get(store *s, const char *key, char **value, GError **err); /* NULL when unset */

/* Series, kept, in the order they were added. Put replaces the one of that name (its commits,
 * rejects, notes, and its changes when it has them) at its place in the order and sets s->id; its
 * decisions stay. The version before stays readable for as long as the analysis is of it.
 * `digest` is series_digest of all its specs. */
bool store_series_put(store *db, series *s, const char *digest, GError **err);
bool store_series_list(store *db, GPtrArray **out, GError **err); /* series *, changes NULL */
/* Fills s->changes of a series from the list; leaves them NULL when they were never put. NOT_FOUND
 * when the series was replaced since. */
bool store_series_changes(store *db, series *s, GError **err);
bool store_series_digest(store *db, const char *name, char **digest, GError **err); /* NULL: none */
bool store_series_remove(store *db, const char *name, GError **err);		    /* NOT_FOUND */

/* Facts cache: encoded fact sets by key (64 hex of all that the facts depend on). */
bool store_facts_get(store *db, const char *key, GBytes **out, GError **err); /* NULL when absent */
bool store_facts_put(store *db, const char *key, const char *path, GBytes *data, GError **err);
/* The same for what was chosen to be parsed. */
bool store_choice_get(store *db, const char *key, GBytes **out, GError **err);
bool store_choice_put(store *db, const char *key, const char *path, GBytes *data, GError **err);
/* Groups many writes into one transaction; nests. When a write inside fails, the caller rolls back;
 * a full disk or the like has rolled back already, and every call until then fails. */
bool store_begin(store *db, GError **err);
/* False: this level is rolled back already. */
bool store_commit(store *db, GError **err);
void store_rollback(store *db);

/* The result of an analysis, whole: replaces the one before. Series are named by unique names, side
 * i of a point is that of series i. Findings that are gone are kept as
 * closed, with the run they were last seen in (a put with the key of the one before is the same
 * run); decisions are kept apart, by fingerprint. `key` names everything it was made from, so
 * that an unchanged run can stop at store_analysis_key. `readings` fill the tables that users query
 * (touches, entities of touched files); NULL leaves those of before. */
bool store_analysis_put(
	store *db, const mediation *m, const char *key, GPtrArray *readings, GError **err);
bool store_analysis_key(store *db, char **key, GError **err); /* NULL: none yet */
/* Replaces plan and resolutions alone, after a decision: series, points and findings are those of
 * the last analysis put. */
bool store_plan_put(store *db, const mediation *m, GError **err);
/* The whole mediation as it was put, decisions of now attached to the findings. Series come with
 * changes. NOT_FOUND when no analysis is stored. */
bool store_analysis_get(store *db, mediation **out, GError **err);

bool store_decision_put(store *db, const decision *d, GError **err);
bool store_decision_remove(store *db, const char *fingerprint, GError **err);
bool store_decisions(store *db, GHashTable **out, GError **err); /* fingerprint -> decision * */

/* One read-only query for `truce sql`, on a connection of its own: an authorizer refuses everything
 * but reading (USAGE, as for a mistake in the query). `row` is called first with the column names
 * (header), then for each row; NULL values come as NULL, blobs as hexadecimal digits. It returns
 * false to stop, which is no error. Sees what was committed. */
typedef bool (*store_row_fn)(int columns, const char *const *values, bool header, void *data);
bool store_query(store *db, const char *sql, store_row_fn row, void *data, GError **err);
/* The same, and for each value of a row whether it is a number (NULL in the header). */
typedef bool (*store_typed_row_fn)(int columns, const char *const *values, const bool *numbers,
	bool header, void *data);
bool store_query_typed(
	store *db, const char *sql, store_typed_row_fn row, void *data, GError **err);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(store, store_free)
