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
	"the views and their columns: truce sql \"SELECT name FROM sqlite_schema WHERE "           \
	"type = 'view'\", and docs/database.md"

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

/* What SQLite must not be asked for. */
static bool is_allowed(int action, const char *a, const char *b)
{
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return true;
	case SQLITE_FUNCTION:
		/* The one function that reaches outside the database. */
		return !b || sqlite3_stricmp(b, "load_extension");
	case SQLITE_PRAGMA:
		return a && pragma_is_harmless(a, b);
	default:
		return false;
	}
}

/* Called while SQLite compiles the query; *data says afterwards that something was refused, which
 * its own error code does not always. */
static int authorize(void *data, int action, const char *a, const char *b, const char *database,
	const char *inside)
{
	bool *refused = data;
	(void)database;
	(void)inside;
	if (is_allowed(action, a, b))
		return SQLITE_OK;
	*refused = true;
	return SQLITE_DENY;
}

/* One query on a connection of its own. */
typedef struct question {
	sqlite3 *handle;
	sqlite3_stmt *stmt;
	bool refused; /* by the authorizer */
} question;

static void question_clear(question *q)
{
	sqlite3_finalize(q->stmt);
	sqlite3_close(q->handle);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(question, question_clear)

static bool query_fail(const question *q, int code, GError **err)
{
	if (q->refused)
		return error_set(err, TRUCE_ERROR_USAGE,
			"truce sql only reads; the other commands of truce change things.",
			"this query would do more than read");
	switch (code & 0xff) {
	case SQLITE_INTERRUPT:
		return error_set(err, TRUCE_ERROR_CANCELLED, NULL, "interrupted");
	case SQLITE_ERROR:
	case SQLITE_TOOBIG:
	case SQLITE_MISMATCH:
		return error_set(err, TRUCE_ERROR_USAGE, QUERY_HINT, "the query fails: %s",
			sqlite3_errmsg(q->handle));
	default:
		return error_set(err, TRUCE_ERROR_DB, NULL, "the query fails: %s",
			sqlite3_errmsg(q->handle));
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

static bool prepare_one(question *q, const char *text, GError **err)
{
	const char *tail = NULL;
	int code = sqlite3_prepare_v2(q->handle, text, -1, &q->stmt, &tail);
	if (code != SQLITE_OK)
		return query_fail(q, code, err);
	if (!q->stmt)
		return error_set(err, TRUCE_ERROR_USAGE, QUERY_HINT, "the query is empty");
	if (more_follows(q->handle, tail))
		return error_set(err, TRUCE_ERROR_USAGE, "run them one after the other",
			"more than one query was given");
	if (sqlite3_bind_parameter_count(q->stmt))
		return error_set(err, TRUCE_ERROR_USAGE,
			"write the value itself in place of '?' or ':name'",
			"the query has parameters, which have no values here");
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

static bool run_query(question *q, store_typed_row_fn row, void *data, GError **err)
{
	int columns = sqlite3_column_count(q->stmt);
	g_autofree bool *numbers = g_new0(bool, (gsize)columns + 1);
	g_autofree const char **values = g_new0(const char *, (gsize)columns + 1);
	for (int i = 0; i < columns; i++)
		values[i] = sqlite3_column_name(q->stmt, i);
	if (!row(columns, values, NULL, true, data))
		return true;
	int code;
	while ((code = sqlite3_step(q->stmt)) == SQLITE_ROW) {
		g_autoptr(GPtrArray) hold = g_ptr_array_new_with_free_func(g_free);
		for (int i = 0; i < columns; i++) {
			int type = sqlite3_column_type(q->stmt, i);
			numbers[i] = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
			values[i] = value_text(q->stmt, i, hold);
		}
		if (!row(columns, values, numbers, false, data))
			return true;
	}
	return code == SQLITE_DONE || query_fail(q, code, err);
}

static int on_busy(void *data, int count)
{
	const sql *db = data;
	if (cancelled() || (gint64)count * 10 >= (gint64)db->busy_ms)
		return 0;
	g_usleep(10000);
	return 1;
}

/* Fences the connection in. */
static void restrict_to_reading(question *q, sql *db)
{
	sqlite3_extended_result_codes(q->handle, 1);
	sqlite3_busy_handler(q->handle, on_busy, db);
	sqlite3_exec(q->handle, "PRAGMA query_only=ON", NULL, NULL, NULL);
	/* The pragmas that are tables make themselves known on first use, which the authorizer
	 * would take for a change. */
	sqlite3_exec(q->handle,
		"SELECT 1 FROM pragma_table_info('x'), pragma_table_xinfo('x'), pragma_table_list"
		" LIMIT 0",
		NULL, NULL, NULL);
	sqlite3_limit(q->handle, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(q->handle, SQLITE_LIMIT_LENGTH, QUERY_VALUE_BYTES);
	sqlite3_set_authorizer(q->handle, authorize, &q->refused);
	sqlite3_progress_handler(q->handle, QUERY_STEPS, on_steps, NULL);
}

bool store_query_typed(store *s, const char *text, store_typed_row_fn row, void *data, GError **err)
{
	g_auto(question) q = {0};
	int code = sqlite3_open_v2(s->db->uri, &q.handle,
		SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return query_fail(&q, code, err);
	restrict_to_reading(&q, s->db);
	return prepare_one(&q, text, err) && run_query(&q, row, data, err);
}

typedef struct untyped {
	store_row_fn row;
	void *data;
} untyped;

static bool pass_row(
	int columns, const char *const *values, const bool *numbers, bool header, void *data)
{
	const untyped *u = data;
	(void)numbers;
	return u->row(columns, values, header, u->data);
}

bool store_query(store *s, const char *text, store_row_fn row, void *data, GError **err)
{
	untyped u = {row, data};
	return store_query_typed(s, text, pass_row, &u, err);
}
