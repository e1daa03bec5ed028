/* Prepared statements: values bound and read one after the other. */
#include "db/sql.h"

#include <string.h>

#include "base/error.h"

struct stmt {
	sql *db;
	char *text;
	sqlite3_stmt *handle;
	int at;	       /* parameters bound, or columns read */
	bool running;  /* stepped and not yet at its end */
	char *refused; /* why the row cannot be */
};

void stmt_destroy(stmt *q)
{
	sqlite3_finalize(q->handle);
	g_free(q->text);
	g_free(q->refused);
	g_free(q);
}

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
			"the database is damaged or of a newer truce: `truce analyze` makes what "
			"was analysed anew",
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
