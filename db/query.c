/* `truce sql`: one read-only query of the user. */
#include "db/internal.h"

#include <string.h>

#include "base/cancel.h"
#include "base/error.h"

/* Steps of SQLite's machine between two looks at Ctrl-C: about a tenth of a millisecond. */
#define QUERY_STEPS 10000
/* Bytes of one value or row: a query cannot ask for more memory than this at once. */
#define QUERY_VALUE_BYTES (64 << 20)

#define QUERY_HINT                                                                                 \
	"The views and their columns: truce sql \"SELECT name FROM sqlite_schema WHERE "           \
	"type = 'view'\", and docs/database.md."

static int on_steps(void *data)
{
	(void)data;
	return cancelled();
}

/* Pragmas that only tell about tables and columns. */
static bool pragma_is_harmless(const char *name, const char *value)
{
	static const char *const names[] = {
		"table_info", "table_xinfo", "table_list", "index_list", "index_info", NULL};
	return (value || !strcmp(name, "table_list")) && g_strv_contains(names, name);
}

/* Called while SQLite compiles the query: anything but reading is refused. */
static int authorize(void *data, int action, const char *a, const char *b, const char *database,
	const char *inside)
{
	(void)data;
	(void)database;
	(void)inside;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		/* The one function that reaches outside the database. */
		return b && !sqlite3_stricmp(b, "load_extension") ? SQLITE_DENY : SQLITE_OK;
	case SQLITE_PRAGMA:
		return a && pragma_is_harmless(a, b) ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

static bool query_fail(sqlite3 *handle, int code, GError **err)
{
	switch (code & 0xff) {
	case SQLITE_INTERRUPT:
		return error_set(err, TRUCE_ERROR_CANCELLED, NULL, "interrupted");
	case SQLITE_AUTH:
	case SQLITE_READONLY:
		return error_set(err, TRUCE_ERROR_USAGE,
			"truce sql only reads; the other commands of truce change things.",
			"this query would do more than read");
	case SQLITE_ERROR:
	case SQLITE_TOOBIG:
	case SQLITE_MISMATCH:
		return error_set(err, TRUCE_ERROR_USAGE, QUERY_HINT, "the query fails: %s",
			sqlite3_errmsg(handle));
	default:
		return error_set(
			err, TRUCE_ERROR_DB, NULL, "the query fails: %s", sqlite3_errmsg(handle));
	}
}

/* Whether anything but blanks, comments and semicolons follows. */
static bool more_follows(sqlite3 *handle, const char *tail)
{
	while (*tail) {
		sqlite3_stmt *next = NULL;
		const char *rest = NULL;
		int code = sqlite3_prepare_v2(handle, tail, -1, &next, &rest);
		bool found = code != SQLITE_OK || next;
		sqlite3_finalize(next);
		if (found)
			return true;
		if (rest == tail)
			break;
		tail = rest;
	}
	return false;
}

static bool prepare_one(sqlite3_stmt **out, sqlite3 *handle, const char *text, GError **err)
{
	const char *tail = NULL;
	sqlite3_stmt *q = NULL;
	int code = sqlite3_prepare_v2(handle, text, -1, &q, &tail);
	if (code != SQLITE_OK)
		return query_fail(handle, code, err);
	if (!q)
		return error_set(err, TRUCE_ERROR_USAGE, QUERY_HINT, "the query is empty");
	if (more_follows(handle, tail)) {
		sqlite3_finalize(q);
		return error_set(err, TRUCE_ERROR_USAGE, "Run them one after the other.",
			"more than one query was given");
	}
	if (sqlite3_bind_parameter_count(q)) {
		sqlite3_finalize(q);
		return error_set(err, TRUCE_ERROR_USAGE,
			"Write the value itself in place of '?' or ':name'.",
			"the query has parameters, which have no values here");
	}
	*out = q;
	return true;
}

/* The value as text; bytes as hexadecimal digits, kept in `hold`. */
static const char *value_text(sqlite3_stmt *q, int column, GPtrArray *hold)
{
	if (sqlite3_column_type(q, column) != SQLITE_BLOB)
		return (const char *)sqlite3_column_text(q, column);
	const unsigned char *bytes = sqlite3_column_blob(q, column);
	int len = sqlite3_column_bytes(q, column);
	GString *hex = g_string_sized_new((gsize)len * 2);
	for (int i = 0; i < len; i++)
		g_string_append_printf(hex, "%02x", bytes[i]);
	char *text = g_string_free(hex, FALSE);
	g_ptr_array_add(hold, text);
	return text;
}

static bool run_query(sqlite3 *handle, sqlite3_stmt *q, store_row_fn row, void *data, GError **err)
{
	int columns = sqlite3_column_count(q);
	g_autofree const char **values = g_new0(const char *, (gsize)columns + 1);
	for (int i = 0; i < columns; i++)
		values[i] = sqlite3_column_name(q, i);
	if (!row(columns, values, true, data))
		return true;
	int code;
	while ((code = sqlite3_step(q)) == SQLITE_ROW) {
		g_autoptr(GPtrArray) hold = g_ptr_array_new_with_free_func(g_free);
		for (int i = 0; i < columns; i++)
			values[i] = value_text(q, i, hold);
		if (!row(columns, values, false, data))
			return true;
	}
	return code == SQLITE_DONE || query_fail(handle, code, err);
}

static int on_busy(void *data, int count)
{
	const sql *db = data;
	if (cancelled() || (gint64)count * 10 >= (gint64)db->busy_ms)
		return 0;
	g_usleep(10000);
	return 1;
}

bool store_query(store *s, const char *text, store_row_fn row, void *data, GError **err)
{
	sqlite3 *handle = NULL;
	sqlite3_stmt *q = NULL;
	int code = sqlite3_open_v2(s->db->uri, &handle,
		SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	bool ok = code == SQLITE_OK;
	if (ok) {
		sqlite3_extended_result_codes(handle, 1);
		sqlite3_busy_handler(handle, on_busy, s->db);
		sqlite3_exec(handle, "PRAGMA query_only=ON", NULL, NULL, NULL);
		sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
		sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, QUERY_VALUE_BYTES);
		sqlite3_set_authorizer(handle, authorize, NULL);
		sqlite3_progress_handler(handle, QUERY_STEPS, on_steps, NULL);
		ok = prepare_one(&q, handle, text, err) && run_query(handle, q, row, data, err);
	} else {
		query_fail(handle, code, err);
	}
	sqlite3_finalize(q);
	sqlite3_close(handle);
	return ok;
}
