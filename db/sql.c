/* A thin wrapper of SQLite. */
#include "db/sql.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/error.h"

/* Pages of the cache, in KiB: holds the tables of the largest case known (12 MB without facts). */
#define SQL_CACHE_KIB "16384"
/* How long one wait for another process takes, in microseconds: grows from the first to the last.
 */
static const unsigned busy_steps[] = {1000, 2000, 5000, 10000, 20000, 50000};

struct stmt {
	sql *db;
	char *text;
	sqlite3_stmt *handle;
	int at;	       /* parameters bound, or columns read */
	bool running;  /* stepped and not yet at its end */
	char *refused; /* why the row cannot be */
};

static void stmt_destroy(stmt *q)
{
	sqlite3_finalize(q->handle);
	g_free(q->text);
	g_free(q->refused);
	g_free(q);
}

/* ------------------------------------------------------------------------------------ errors */

static const char hint_elsewhere[] =
	"Name a database that can be written with --db PATH, or change the permissions.";

bool sql_fail(const sql *db, int code, GError **err, const char *doing)
{
	int said = sqlite3_extended_errcode(db->handle);
	if (said == SQLITE_OK || (said & 0xff) != (code & 0xff))
		said = code;
	const char *what = sqlite3_errcode(db->handle) == SQLITE_OK ? sqlite3_errstr(said)
								    : sqlite3_errmsg(db->handle);
	const char *path = db->path;
	switch (said & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		if (cancelled())
			return error_set(err, TRUCE_ERROR_CANCELLED, NULL, "interrupted");
		return error_set(err, TRUCE_ERROR_DB,
			"Let the other one end, then run this command again; nothing was changed.",
			"%s: in use by another truce (%s)", path, doing);
	case SQLITE_NOTADB:
		return error_set(err, TRUCE_ERROR_DB,
			"Name another file with --db PATH, or move this one out of the way.",
			"%s: not a database of truce", path);
	case SQLITE_CORRUPT:
		return error_set(err, TRUCE_ERROR_DB,
			"Move it away and run truce again, or bring it back from a backup; "
			"`sqlite3 FILE .recover` can save rulings.",
			"%s: the database is damaged (%s: %s)", path, doing, what);
	case SQLITE_FULL:
		return error_set(err, TRUCE_ERROR_DB,
			"Make room and run this command again; nothing was changed.",
			"%s: no space left for the database (%s)", path, doing);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return error_set(err, TRUCE_ERROR_DB, hint_elsewhere,
			"%s: the database cannot be written (%s)", path, doing);
	case SQLITE_CANTOPEN:
		return error_set(err, TRUCE_ERROR_DB, hint_elsewhere,
			"%s: the database cannot be opened", path);
	case SQLITE_INTERRUPT:
		return error_set(err, TRUCE_ERROR_CANCELLED, NULL, "interrupted");
	default:
		return error_set(err, TRUCE_ERROR_DB, NULL, "%s: %s: %s", path, doing, what);
	}
}

/* -------------------------------------------------------------------------------- connections */

/* Waits for another process, a little longer each time, until the time is up or Ctrl-C. */
static int on_busy(void *data, int count)
{
	sql *db = data;
	if (cancelled())
		return 0;
	gint64 now = g_get_monotonic_time();
	if (!count)
		db->busy_since = now;
	if (now - db->busy_since >= (gint64)db->busy_ms * 1000)
		return 0;
	int last = (int)G_N_ELEMENTS(busy_steps) - 1;
	g_usleep(busy_steps[MIN(count, last)]);
	return 1;
}

static char *file_uri(const char *path, const char *query)
{
	g_autofree char *absolute = g_canonicalize_filename(path, NULL);
	g_autofree char *escaped =
		g_uri_escape_bytes((const guint8 *)absolute, strlen(absolute), "/");
	return g_strconcat("file://", escaped, query, NULL);
}

static int open_handle(sql *db, const char *uri, int flags)
{
	int code = sqlite3_open_v2(
		uri, &db->handle, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK) {
		sqlite3_extended_result_codes(db->handle, 1);
		sqlite3_busy_handler(db->handle, on_busy, db);
		/* The first read: finds out whether the file is a database, and about locks. */
		code = sqlite3_exec(
			db->handle, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	}
	return code;
}

static void close_handle(sql *db)
{
	sqlite3_close(db->handle);
	db->handle = NULL;
}

/* A database at rest is one file in WAL mode, and reading it wants to make a -shm file beside it.
 * In a directory that cannot be written it may be read as immutable, unless a killed process left a
 * log behind, whose rows would then be missed. */
static bool log_is_left(const char *path)
{
	g_autofree char *log = g_strconcat(path, "-wal", NULL);
	struct stat info;
	return stat(log, &info) == 0 && info.st_size > 0;
}

static bool open_for_reading(sql *db, GError **err)
{
	struct stat info;
	if (stat(db->path, &info) != 0)
		return error_set(err, errno == ENOENT ? TRUCE_ERROR_NOT_FOUND : TRUCE_ERROR_DB,
			errno == ENOENT ? "Start with `truce series add` or `truce mediate`."
					: hint_elsewhere,
			"%s: %s", db->path, g_strerror(errno));
	/* Opened for writing where that can be, since only such a connection clears the log when
	 * it closes; query_only keeps it from writing anything else. */
	int code = open_handle(db, db->uri, SQLITE_OPEN_READWRITE);
	if (code == SQLITE_OK)
		return true;
	int kind = code & 0xff;
	if (kind != SQLITE_CANTOPEN && kind != SQLITE_READONLY && kind != SQLITE_PERM)
		return sql_fail(db, code, err, "opening");
	if (log_is_left(db->path))
		return error_set(err, TRUCE_ERROR_DB,
			"Open it once where it can be written (or copy the file and its -wal file "
			"to such a place): that brings in what a stopped truce left in the log.",
			"%s: the database has an unfinished log and cannot be written", db->path);
	close_handle(db);
	g_autofree char *uri = file_uri(db->path, "?immutable=1");
	code = open_handle(db, uri, SQLITE_OPEN_READONLY);
	if (code != SQLITE_OK)
		return sql_fail(db, code, err, "opening");
	g_free(db->uri);
	db->uri = g_steal_pointer(&uri);
	return true;
}

/* A database left in WAL mode on a file system without shared memory: taken over alone, and set to
 * a rollback journal. */
static int open_without_wal(sql *db, int flags)
{
	close_handle(db);
	int code = sqlite3_open_v2(
		db->uri, &db->handle, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return code;
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_handler(db->handle, on_busy, db);
	return sqlite3_exec(db->handle,
		"PRAGMA locking_mode=EXCLUSIVE; SELECT count(*) FROM sqlite_schema;"
		"PRAGMA journal_mode=DELETE; PRAGMA locking_mode=NORMAL;"
		"SELECT count(*) FROM sqlite_schema",
		NULL, NULL, NULL);
}

static bool open_for_writing(sql *db, GError **err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	int code = open_handle(db, db->uri, flags);
	int kind = code & 0xff;
	if (kind == SQLITE_CANTOPEN || kind == SQLITE_IOERR || kind == SQLITE_READONLY) {
		g_autofree char *directory = g_path_get_dirname(db->path);
		if (access(directory, W_OK) != 0)
			return error_set(err, TRUCE_ERROR_DB, hint_elsewhere,
				"%s: the database cannot be written: %s: %s", db->path, directory,
				g_strerror(errno));
		if (access(db->path, W_OK) == 0)
			code = open_without_wal(db, flags);
	}
	if (code != SQLITE_OK)
		return sql_fail(db, code, err, "opening");
	/* SQLite falls back to reading by itself. */
	if (sqlite3_db_readonly(db->handle, "main") == 1)
		return error_set(err, TRUCE_ERROR_DB, hint_elsewhere,
			"%s: the database cannot be written", db->path);
	return true;
}

bool sql_open(sql **out, const char *path, bool writable, unsigned busy_ms, GError **err)
{
	g_autoptr(sql) db = g_new0(sql, 1);
	db->path = g_strdup(path);
	db->uri = file_uri(path, "");
	db->writable = writable;
	db->busy_ms = busy_ms;
	db->cache =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)stmt_destroy);
	db->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (writable ? !open_for_writing(db, err) : !open_for_reading(db, err))
		return false;
	if (!sql_script(db, "PRAGMA cache_size=-" SQL_CACHE_KIB ";PRAGMA foreign_keys=ON", err))
		return false;
	if (!writable && !sql_script(db, "PRAGMA query_only=ON", err))
		return false;
	*out = g_steal_pointer(&db);
	return true;
}

void sql_close(sql *db)
{
	if (!db)
		return;
	if (db->cache)
		g_hash_table_unref(db->cache);
	/* The last connection to close brings the log into the database and removes it. */
	close_handle(db);
	g_hash_table_unref(db->seen);
	g_free(db->path);
	g_free(db->uri);
	g_free(db);
}

bool sql_script(sql *db, const char *script, GError **err)
{
	int code = sqlite3_exec(db->handle, script, NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return sql_fail(db, code, err, "schema");
	return true;
}

bool sql_number(sql *db, gint64 *out, const char *query, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db, query, err);
	bool row;
	if (!q || !stmt_next(q, &row, err))
		return false;
	*out = row ? stmt_get_int(q) : 0;
	return true;
}

/* ------------------------------------------------------------------------------- transactions */

static bool run_level(sql *db, const char *verb, unsigned level, GError **err)
{
	g_autofree char *text = g_strdup_printf("%s level_%u", verb, level);
	return sql_script(db, text, err);
}

bool sql_begin(sql *db, bool write, GError **err)
{
	int code = SQLITE_OK;
	if (!db->depth) {
		code = sqlite3_exec(
			db->handle, write ? "BEGIN IMMEDIATE" : "BEGIN", NULL, NULL, NULL);
		if (code != SQLITE_OK)
			return sql_fail(db, code, err, "waiting for it");
	} else if (sqlite3_get_autocommit(db->handle)) {
		return error_set(err, TRUCE_ERROR_DB, NULL,
			"%s: the transaction was given up after an earlier error", db->path);
	} else if (!run_level(db, "SAVEPOINT", db->depth, err)) {
		return false;
	}
	db->depth++;
	return true;
}

bool sql_commit(sql *db, GError **err)
{
	g_assert(db->depth > 0);
	/* After a full disk or the like SQLite has rolled back all by itself. */
	if (sqlite3_get_autocommit(db->handle)) {
		sql_rollback(db);
		return error_set(err, TRUCE_ERROR_DB, NULL,
			"%s: the transaction was given up after an earlier error", db->path);
	}
	if (db->depth > 1) {
		if (!run_level(db, "RELEASE", db->depth - 1, err)) {
			sql_rollback(db);
			return false;
		}
		db->depth--;
		return true;
	}
	int code = sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL);
	if (code != SQLITE_OK) {
		sql_fail(db, code, err, "commit");
		sql_rollback(db);
		return false;
	}
	db->depth = 0;
	return true;
}

void sql_rollback(sql *db)
{
	g_assert(db->depth > 0);
	db->depth--;
	if (sqlite3_get_autocommit(db->handle))
		return;
	if (!db->depth) {
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
		return;
	}
	(void)run_level(db, "ROLLBACK TO", db->depth, NULL);
	(void)run_level(db, "RELEASE", db->depth, NULL);
}

bool transaction_begin(transaction *t, sql *db, bool write, GError **err)
{
	if (!sql_begin(db, write, err))
		return false;
	t->db = db;
	return true;
}

bool transaction_commit(transaction *t, GError **err)
{
	sql *db = g_steal_pointer(&t->db);
	return sql_commit(db, err);
}

void transaction_clear(transaction *t)
{
	if (t->db)
		sql_rollback(t->db);
	t->db = NULL;
}

/* --------------------------------------------------------------------------------- statements */

stmt *sql_prepare(sql *db, const char *text, GError **err)
{
	gpointer key, known;
	if (g_hash_table_steal_extended(db->cache, text, &key, &known))
		return known;
	sqlite3_stmt *handle = NULL;
	int code =
		sqlite3_prepare_v3(db->handle, text, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
	if (code != SQLITE_OK) {
		sql_fail(db, code, err, "reading the schema");
		return NULL;
	}
	stmt *q = g_new0(stmt, 1);
	q->db = db;
	q->text = g_strdup(text);
	q->handle = handle;
	g_hash_table_add(db->seen, g_strdup(text));
	return q;
}

void stmt_done(stmt *q)
{
	if (!q)
		return;
	sqlite3_reset(q->handle);
	sqlite3_clear_bindings(q->handle);
	q->at = 0;
	q->running = false;
	g_clear_pointer(&q->refused, g_free);
	/* The same text may be in use twice; the cache holds one. */
	if (g_hash_table_contains(q->db->cache, q->text))
		stmt_destroy(q);
	else
		g_hash_table_insert(q->db->cache, q->text, q);
}

/* Binding fails only when memory is out (then the step fails too) or the statement has fewer
 * parameters, a mistake in this program. */
#define CHECK_BOUND(call)                                                                          \
	do {                                                                                       \
		int code_ = (call);                                                                \
		g_assert(code_ != SQLITE_RANGE && code_ != SQLITE_MISUSE);                         \
		if (code_ != SQLITE_OK)                                                            \
			stmt_refuse(q, sqlite3_errstr(code_));                                     \
	} while (0)

void stmt_put_int(stmt *q, gint64 value)
{
	CHECK_BOUND(sqlite3_bind_int64(q->handle, ++q->at, value));
}

void stmt_put_real(stmt *q, double value)
{
	CHECK_BOUND(sqlite3_bind_double(q->handle, ++q->at, value));
}

void stmt_put_text(stmt *q, const char *value)
{
	CHECK_BOUND(sqlite3_bind_text(q->handle, ++q->at, value, -1, SQLITE_STATIC));
}

void stmt_put_bytes(stmt *q, const void *data, size_t len)
{
	/* A NULL pointer would bind NULL; no bytes are not nothing. */
	CHECK_BOUND(sqlite3_bind_blob64(q->handle, ++q->at, data ? data : "", len, SQLITE_STATIC));
}

void stmt_put_null(stmt *q)
{
	CHECK_BOUND(sqlite3_bind_null(q->handle, ++q->at));
}

void stmt_put_oid(stmt *q, const oid *id)
{
	if (oid_is_zero(id))
		stmt_put_null(q);
	else
		stmt_put_bytes(q, id->bytes, OID_BYTES);
}

/* Inside a transaction that SQLite gave up by itself a statement would be its own transaction. */
static bool may_step(stmt *q, GError **err)
{
	if (q->refused)
		return error_set(err, TRUCE_ERROR_DB,
			"The database is damaged or of a newer truce: `truce analyze` makes what "
			"was analysed anew.",
			"%s: %s", q->db->path, q->refused);
	if (!q->running) {
		g_assert(q->at == sqlite3_bind_parameter_count(q->handle));
		if (q->db->depth && sqlite3_get_autocommit(q->db->handle))
			return error_set(err, TRUCE_ERROR_DB, NULL,
				"%s: the transaction was given up after an earlier error",
				q->db->path);
	}
	return true;
}

static bool step_failed(stmt *q, int code, GError **err)
{
	sql_fail(q->db, code, err, sqlite3_stmt_readonly(q->handle) ? "reading" : "writing");
	sqlite3_reset(q->handle);
	q->at = 0;
	q->running = false;
	return false;
}

bool stmt_run(stmt *q, GError **err)
{
	if (!may_step(q, err))
		return false;
	int code = sqlite3_step(q->handle);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		return step_failed(q, code, err);
	code = sqlite3_reset(q->handle);
	q->at = 0;
	return code == SQLITE_OK || step_failed(q, code, err);
}

bool stmt_next(stmt *q, bool *row, GError **err)
{
	if (!may_step(q, err))
		return false;
	int code = sqlite3_step(q->handle);
	q->at = 0;
	q->running = code == SQLITE_ROW;
	if (code == SQLITE_ROW) {
		*row = true;
		return true;
	}
	if (code != SQLITE_DONE)
		return step_failed(q, code, err);
	sqlite3_reset(q->handle);
	*row = false;
	return true;
}

gint64 stmt_inserted(const stmt *q)
{
	return sqlite3_last_insert_rowid(q->db->handle);
}

void stmt_refuse(stmt *q, const char *why)
{
	if (!q->refused)
		q->refused = g_strdup_printf("%s in column %d of: %s", why, q->at, q->text);
}

gint64 stmt_get_int(stmt *q)
{
	return sqlite3_column_int64(q->handle, q->at++);
}

unsigned stmt_get_unsigned(stmt *q)
{
	gint64 value = stmt_get_int(q);
	if (value < 0 || value > G_MAXUINT) {
		stmt_refuse(q, "a number out of range");
		return 0;
	}
	return (unsigned)value;
}

bool stmt_get_bool(stmt *q)
{
	return stmt_get_int(q) != 0;
}

double stmt_get_real(stmt *q)
{
	return sqlite3_column_double(q->handle, q->at++);
}

const char *stmt_peek_text(stmt *q)
{
	int at = q->at++;
	if (sqlite3_column_type(q->handle, at) == SQLITE_NULL)
		return NULL;
	const char *text = (const char *)sqlite3_column_text(q->handle, at);
	if (!text)
		stmt_refuse(q, "text that memory cannot hold");
	return text;
}

const char *stmt_need_text(stmt *q)
{
	const char *text = stmt_peek_text(q);
	if (text)
		return text;
	stmt_refuse(q, "no text");
	return "";
}

char *stmt_get_text(stmt *q)
{
	return g_strdup(stmt_peek_text(q));
}

const void *stmt_peek_bytes(stmt *q, size_t *len)
{
	int at = q->at++;
	*len = 0;
	if (sqlite3_column_type(q->handle, at) == SQLITE_NULL)
		return NULL;
	const void *data = sqlite3_column_blob(q->handle, at);
	*len = (size_t)sqlite3_column_bytes(q->handle, at);
	if (!data && *len)
		stmt_refuse(q, "bytes that memory cannot hold");
	return data ? data : "";
}

GBytes *stmt_get_bytes(stmt *q)
{
	size_t len;
	const void *data = stmt_peek_bytes(q, &len);
	return data ? g_bytes_new(data, len) : NULL;
}

void stmt_get_oid(stmt *q, oid *out)
{
	size_t len;
	const void *data = stmt_peek_bytes(q, &len);
	memset(out, 0, sizeof *out);
	if (!data)
		return;
	if (len == OID_BYTES)
		memcpy(out->bytes, data, OID_BYTES);
	else
		stmt_refuse(q, "an object id of the wrong length");
}

bool stmt_get_null(stmt *q)
{
	return sqlite3_column_type(q->handle, q->at) == SQLITE_NULL;
}

bool sql_run_for(sql *db, const char *text, gint64 id, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db, text, err);
	if (!q)
		return false;
	stmt_put_int(q, id);
	return stmt_run(q, err);
}

bool sql_insert_texts(sql *db, const char *text, gint64 owner, GPtrArray *values, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db, text, err);
	if (!q)
		return false;
	for (guint i = 0; i < values->len; i++) {
		stmt_put_int(q, owner);
		stmt_put_text(q, g_ptr_array_index(values, i));
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}
