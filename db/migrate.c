/* Bringing a database to the schema of this program. */
#include "db/internal.h"

#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "db/schema.h"

/* "trce": in the header of every database of truce. */
#define APPLICATION_ID 0x74726365
/* The setting that holds the digest of the views that were made. */
#define VIEWS_KEY "schema.views"

/* What the file says that it is. */
typedef struct header {
	gint64 application, version, objects;
} header;

static bool read_header(sql *db, header *h, GError **err)
{
	return sql_number(db, &h->application, "PRAGMA application_id", err) &&
	       sql_number(db, &h->version, "PRAGMA user_version", err) &&
	       sql_number(db, &h->objects, "SELECT count(*) FROM sqlite_schema /* whole_table */",
		       err);
}

static bool check_header(const sql *db, const header *h, GError **err)
{
	bool fresh = !h->application && !h->version && !h->objects;
	if (h->application != APPLICATION_ID && !fresh)
		return error_set(err, TRUCE_ERROR_DB,
			"name another file with --db PATH, or move this one out of the way",
			"%s: a database of another program, not of truce", db->path);
	if (h->version > schema_version)
		return error_set(err, TRUCE_ERROR_DB,
			"use that newer truce, or name another database with --db PATH",
			"%s: written by a newer truce (schema %d, this one knows up to %u)",
			db->path, (int)h->version, schema_version);
	return true;
}

static char *views_digest(void)
{
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_text(&d, schema_views);
	return digest_hex(&d);
}

/* Views are in the way of migrations that rename or drop, and cost nothing to make. */
static bool drop_views(sql *db, GError **err)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(stmt) q = sql_prepare(
		db, "SELECT name FROM sqlite_schema /* whole_table */ WHERE type = 'view'", err);
	bool row;
	if (!q)
		return false;
	do {
		if (!stmt_next(q, &row, err))
			return false;
		if (row)
			g_ptr_array_add(names, stmt_get_text(q));
	} while (row);
	stmt_done(g_steal_pointer(&q));
	for (guint i = 0; i < names->len; i++) {
		char *text = sqlite3_mprintf(
			"DROP VIEW \"%w\"", (const char *)g_ptr_array_index(names, i));
		bool ok = sql_script(db, text, err);
		sqlite3_free(text);
		if (!ok)
			return false;
	}
	return true;
}

static bool views_are_stale(sql *db, bool *stale, GError **err)
{
	g_autofree char *wanted = views_digest();
	g_autoptr(stmt) q = sql_prepare(db, "SELECT value FROM kept_setting WHERE key = ?", err);
	if (!q)
		return false;
	stmt_put_text(q, VIEWS_KEY);
	bool row;
	if (!stmt_next(q, &row, err))
		return false;
	*stale = !row || g_strcmp0(stmt_peek_text(q), wanted);
	return true;
}

static bool make_views(sql *db, GError **err)
{
	g_autofree char *views = views_digest();
	if (!drop_views(db, err) || !sql_script(db, schema_views, err))
		return false;
	g_autoptr(stmt) q =
		sql_prepare(db, "REPLACE INTO kept_setting (key, value) VALUES (?, ?)", err);
	if (!q)
		return false;
	stmt_put_text(q, VIEWS_KEY);
	stmt_put_text(q, views);
	return stmt_run(q, err);
}

/* Runs the migrations from `from`, exclusive, to `to` and says so in the header: one transaction.
 */
static bool run_migrations(sql *db, unsigned from, unsigned to, GError **err)
{
	if (!drop_views(db, err))
		return false;
	for (unsigned v = from; v < to; v++) {
		if (!sql_script(db, schema_migrations[v], err)) {
			error_prefix(err, "migration %u", v + 1);
			return false;
		}
	}
	g_autofree char *marks = g_strdup_printf(
		"PRAGMA application_id=%d;PRAGMA user_version=%u", APPLICATION_ID, to);
	if (!sql_script(db, marks, err))
		return false;
	gint64 broken;
	if (!sql_number(db, &broken,
		    "SELECT count(*) FROM pragma_foreign_key_check /* whole_table */", err))
		return false;
	if (broken)
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
			"%s: migration to schema %u breaks %d references", db->path, to,
			(int)broken);
	return to < schema_version || make_views(db, err);
}

/* WAL lets readers go on while a writer works. Where the file system cannot share memory SQLite
 * keeps a rollback journal, which serves as well, only slower. Another process that is opening the
 * file at this moment makes the change wait; whoever comes first sets it for all. */
static bool set_journal(sql *db, GError **err)
{
	gint64 limit = g_get_monotonic_time() + (gint64)db->busy_ms * 1000;
	int code;
	while ((code = sqlite3_exec(db->handle, "PRAGMA journal_mode=WAL", NULL, NULL, NULL)),
		(code & 0xff) == SQLITE_BUSY && g_get_monotonic_time() < limit)
		g_usleep(5000);
	if (code != SQLITE_OK)
		return sql_fail(db, code, err, "opening");
	/* A killed process loses nothing; a power cut the last transactions, never the rest. */
	return sql_script(db, "PRAGMA synchronous=NORMAL", err);
}

bool migrate_to(sql *db, unsigned version, GError **err)
{
	/* Rebuilding a table that others refer to needs foreign keys off; they are checked as a
	 * whole before the commit. The pragma is a no-op inside a transaction. */
	if (!sql_script(db, "PRAGMA foreign_keys=OFF", err))
		return false;
	g_auto(transaction) t = {0};
	if (!transaction_begin(&t, db, true, err))
		return false;
	/* Somebody else may have been faster while this process waited. */
	header h;
	if (!read_header(db, &h, err) || !check_header(db, &h, err))
		return false;
	if (h.version < version && !run_migrations(db, (unsigned)h.version, version, err))
		return false;
	return transaction_commit(&t, err) && sql_script(db, "PRAGMA foreign_keys=ON", err);
}

static bool renew_views(sql *db, GError **err)
{
	bool stale;
	if (!views_are_stale(db, &stale, err))
		return false;
	if (!stale)
		return true;
	g_auto(transaction) t = {0};
	return transaction_begin(&t, db, true, err) && make_views(db, err) &&
	       transaction_commit(&t, err);
}

bool migrate_is_due(sql *db, bool *due, GError **err)
{
	header h;
	if (!read_header(db, &h, err))
		return false;
	*due = h.application == APPLICATION_ID && h.version > 0 && h.version < schema_version;
	return true;
}

bool migrate_open(sql *db, GError **err)
{
	header h;
	if (!read_header(db, &h, err) || !check_header(db, &h, err))
		return false;
	if (!db->writable) {
		if (!h.version)
			return error_set(err, TRUCE_ERROR_NOT_FOUND,
				"start with `truce series add` or `truce mediate`",
				"%s: the database is empty", db->path);
		if (h.version < schema_version)
			return error_set(err, TRUCE_ERROR_DB,
				"run a command that writes (`truce analyze`) where the database "
				"can "
				"be written: it brings it up to date",
				"%s: written by an older truce (schema %d, this one reads %u)",
				db->path, (int)h.version, schema_version);
		return true;
	}
	if (!set_journal(db, err))
		return false;
	if (h.version < schema_version)
		return migrate_to(db, schema_version, err);
	return renew_views(db, err);
}
