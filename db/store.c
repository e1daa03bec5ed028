/* The database: opening, settings, transactions. */
#include "db/internal.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* How long to wait for another truce that writes: the largest write known takes under 2 s. */
#define STORE_BUSY_MS 20000u

/* Brings an old database that is only to be read up to date, where it can be written. Where it
 * cannot, opening it says so. */
static bool renew_before_reading(sql **db, const char *path, unsigned milliseconds, GError **err)
{
	bool old;
	if (!migrate_is_due(*db, &old, err))
		return false;
	if (!old)
		return true;
	sql_close(g_steal_pointer(db));
	g_autoptr(sql) writer = NULL;
	if (sql_open(&writer, path, true, milliseconds, NULL))
		(void)migrate_open(writer, NULL);
	sql_close(g_steal_pointer(&writer));
	return sql_open(db, path, false, milliseconds, err);
}

bool store_open_waiting(
	store **out, const char *path, store_mode mode, unsigned milliseconds, GError **err)
{
	if (mode == STORE_WRITE) {
		/* truce/ in the git directory is made here; whatever keeps it from being made is
		 * told by the open that follows. */
		g_autofree char *directory = g_path_get_dirname(path);
		if (mkdir(directory, 0777) != 0 && errno != EEXIST)
			return error_set(err, TRUCE_ERROR_DB,
				"name a database that can be written with --db PATH, or change the "
				"permissions",
				"%s: %s", directory, g_strerror(errno));
	}
	g_autoptr(store) s = g_new0(store, 1);
	s->used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!sql_open(&s->db, path, mode == STORE_WRITE, milliseconds, err))
		return false;
	if (mode == STORE_READ && !renew_before_reading(&s->db, path, milliseconds, err))
		return false;
	if (!migrate_open(s->db, err))
		return false;
	*out = g_steal_pointer(&s);
	return true;
}

bool store_open(store **out, const char *path, store_mode mode, GError **err)
{
	return store_open_waiting(out, path, mode, STORE_BUSY_MS, err);
}

void store_free(store *s)
{
	if (!s)
		return;
	sql_close(s->db);
	g_hash_table_unref(s->used);
	g_free(s);
}

/* True when this connection alone has the file: leaving the write-ahead log needs that. */
static bool is_alone(sql *db)
{
	g_autoptr(stmt) q = sql_prepare(db, "PRAGMA journal_mode = DELETE", NULL);
	bool row = false;
	if (!q || !stmt_next(q, &row, NULL) || !row)
		return false;
	g_autofree char *mode = stmt_get_text(q);
	return !g_strcmp0(mode, "delete");
}

void store_free_made(store *s)
{
	gint64 count = 1;
	if (s && s->db->writable && !s->db->depth &&
		sql_number(s->db, &count,
			"SELECT EXISTS (SELECT 1 FROM kept_series /* whole_table */)", NULL) &&
		!count && is_alone(s->db) && sql_script(s->db, "BEGIN EXCLUSIVE", NULL)) {
		/* nobody came in between; who opens it now makes a new one */
		if (sql_number(s->db, &count,
			    "SELECT EXISTS (SELECT 1 FROM kept_series /* whole_table */)", NULL) &&
			!count)
			(void)unlink(s->db->path);
		(void)sql_script(s->db, "ROLLBACK", NULL);
	}
	store_free(s);
}

bool store_begin(store *s, GError **err)
{
	return sql_begin(s->db, true, err);
}

bool store_commit(store *s, GError **err)
{
	return sql_commit(s->db, err);
}

void store_rollback(store *s)
{
	sql_rollback(s->db);
}

bool store_set(store *s, const char *key, const char *value, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(s->db,
		value ? "REPLACE INTO kept_setting (key, value) VALUES (?, ?)"
		      : "DELETE FROM kept_setting WHERE key = ?",
		err);
	if (!q)
		return false;
	stmt_put_text(q, key);
	if (value)
		stmt_put_text(q, value);
	return stmt_run(q, err);
}

bool store_get(store *s, const char *key, char **value, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(s->db, "SELECT value FROM kept_setting WHERE key = ?", err);
	if (!q)
		return false;
	stmt_put_text(q, key);
	bool row;
	if (!stmt_next(q, &row, err))
		return false;
	*value = row ? stmt_get_text(q) : NULL;
	return true;
}
