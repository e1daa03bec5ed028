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

/* ------------------------------------------------------------------------------------ errors */

static const char hint_elsewhere[] =
	"name a database that can be written with --db PATH, or change the permissions";

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
			"let the other one end, then run this command again; nothing was changed",
			"%s: in use by another truce (%s)", path, doing);
	case SQLITE_NOTADB:
		return error_set(err, TRUCE_ERROR_DB,
			"name another file with --db PATH, or move this one out of the way",
			"%s: not a database of truce", path);
	case SQLITE_CORRUPT:
		return error_set(err, TRUCE_ERROR_DB,
			"move it away and run truce again, or bring it back from a backup; "
			"`sqlite3 FILE .recover` can save rulings",
			"%s: the database is damaged (%s: %s)", path, doing, what);
	case SQLITE_FULL:
		return error_set(err, TRUCE_ERROR_DB,
			"make room and run this command again; nothing was changed",
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
			errno == ENOENT ? "start with `truce series add` or `truce mediate`"
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
