/* A thin wrapper of SQLite: errors as GError, a statement cache, nested transactions, values bound
 * and read one after the other. Nothing of the domain. For db/ and its tests only.
 *
 * A `sql` belongs to one thread. */
#pragma once

#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>

#include "model/oid.h"

typedef struct sql {
	sqlite3 *handle;
	char *path;	   /* as the user gave it, for messages */
	char *uri;	   /* of a second connection that only reads */
	GHashTable *cache; /* text -> stmt *: not in use now */
	GHashTable *seen;  /* text of every statement ever prepared, for the scan guard */
	unsigned depth;	   /* of nested transactions */
	bool writable;
	unsigned busy_ms;  /* how long to wait for another process */
	gint64 busy_since; /* monotonic microseconds */
} sql;

typedef struct stmt stmt;

/* Opens `path` with no more than SQLite's own checks. `writable` makes the file; otherwise it must
 * exist, and a read-only directory is no obstacle. */
bool sql_open(sql **out, const char *path, bool writable, unsigned busy_ms, GError **err);
void sql_close(sql *db);

/* Runs a script of constant text: schema and pragmas. */
bool sql_script(sql *db, const char *script, GError **err);
/* The first column of the first row of a constant query; 0 when there is none. */
bool sql_number(sql *db, gint64 *out, const char *query, GError **err);
/* Turns what SQLite said last into an error with a hint. Always false. */
bool sql_fail(const sql *db, int code, GError **err, const char *doing);

/* Transactions nest: the outermost is one (immediate when it is to write), those inside it are
 * savepoints. */
bool sql_begin(sql *db, bool write, GError **err);
bool sql_commit(sql *db, GError **err);
void sql_rollback(sql *db);

/* The same, rolled back at the end of the scope unless committed:
 *	g_auto(transaction) t = {0};
 *	if (!transaction_begin(&t, db, true, err)) ... return transaction_commit(&t, err); */
typedef struct transaction {
	sql *db;
} transaction;
bool transaction_begin(transaction *t, sql *db, bool write, GError **err);
bool transaction_commit(transaction *t, GError **err);
void transaction_clear(transaction *t);

/* A prepared statement, from the cache when it was used before. `text` is constant. A statement
 * that reads a whole table on purpose holds the word whole_table in a comment (and sorted, when
 * it sorts one); a test refuses every other scan. NULL on failure. The caller's: stmt_done. */
stmt *sql_prepare(sql *db, const char *text, GError **err);
void stmt_done(stmt *q);    /* back to the cache; NULL is fine */
void stmt_destroy(stmt *q); /* for the cache itself */

/* Bind the next parameter. Text and bytes are borrowed until the statement ran. */
void stmt_put_int(stmt *q, gint64 value);
void stmt_put_real(stmt *q, double value);
void stmt_put_text(stmt *q, const char *value); /* NULL: NULL */
void stmt_put_bytes(stmt *q, const void *data, size_t len);
void stmt_put_null(stmt *q);
void stmt_put_oid(stmt *q, const oid *id); /* all zero: NULL */

/* Runs a statement that gives no rows; ready to bind anew afterwards. All parameters must be bound.
 */
bool stmt_run(stmt *q, GError **err);
/* The next row; *row says whether there is one. Fails also when a value of the row before was not
 * what it must be: the readers below then gave 0 or NULL. */
bool stmt_next(stmt *q, bool *row, GError **err);
gint64 stmt_inserted(const stmt *q); /* rowid of the last INSERT */

/* Read the next column of the row. */
gint64 stmt_get_int(stmt *q);
unsigned stmt_get_unsigned(stmt *q);
bool stmt_get_bool(stmt *q);
double stmt_get_real(stmt *q);
char *stmt_get_text(stmt *q);			   /* the caller's; NULL for NULL */
const char *stmt_need_text(stmt *q);		   /* borrowed; NULL is refused, and read as "" */
const char *stmt_peek_text(stmt *q);		   /* borrowed until the next row */
const void *stmt_peek_bytes(stmt *q, size_t *len); /* borrowed; NULL for NULL */
GBytes *stmt_get_bytes(stmt *q);		   /* the caller's; NULL for NULL */
void stmt_get_oid(stmt *q, oid *out);		   /* NULL: all zero */
bool stmt_get_null(stmt *q); /* whether the next column is NULL; does not move on */
/* The row is damaged: the next stmt_next fails with this. */
void stmt_refuse(stmt *q, const char *why);

/* Prepares and runs a statement whose one parameter is a number. */
bool sql_run_for(sql *db, const char *text, gint64 number, GError **err);

/* Runs an INSERT of (number, text) for each text (char *). */
bool sql_insert_texts(sql *db, const char *text, gint64 owner, GPtrArray *values, GError **err);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sql, sql_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(stmt, stmt_done)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(transaction, transaction_clear)
