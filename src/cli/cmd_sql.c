/* truce sql: read-only queries on the documented views. */
#include <jansson.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/terminal.h"

typedef struct sql_options {
	bool json, tsv;
} sql_options;

static const option table[] = {
	{0, "json", OPTION_FLAG, NULL, "an array of objects", G_STRUCT_OFFSET(sql_options, json),
		NULL},
	{0, "tsv", OPTION_FLAG, NULL, "lines with tabs, as when standard output is no terminal",
		G_STRUCT_OFFSET(sql_options, tsv), NULL},
	{0},
};

/* A query typed by hand is short; this bounds what comes through a pipe. */
#define MAX_QUERY ((size_t)1 << 20)

/* --- tab-separated --- */

/* Lossless and harmless: what would steer a terminal or end a field is written as \t, \n, \xNN. */
static void append_field(GString *out, const char *value)
{
	for (const char *p = value ? value : ""; *p; p++) {
		unsigned char byte = (unsigned char)*p;
		if (byte == '\\')
			g_string_append(out, "\\\\");
		else if (byte == '\t')
			g_string_append(out, "\\t");
		else if (byte == '\n')
			g_string_append(out, "\\n");
		else if (byte < 0x20 || byte == 0x7f)
			g_string_append_printf(out, "\\x%02x", byte);
		else
			g_string_append_c(out, *p);
	}
}

static bool tsv_row(int columns, const char *const *values, bool header, void *data)
{
	(void)header;
	GString *out = data;
	for (int i = 0; i < columns; i++) {
		if (i)
			g_string_append_c(out, '\t');
		append_field(out, values[i]);
	}
	g_string_append_c(out, '\n');
	return true;
}

/* --- table --- */

static bool table_row(int columns, const char *const *values, bool header, void *data)
{
	struct libscols_table *t = data;
	struct libscols_line *line = header ? NULL : scols_table_new_line(t, NULL);
	for (int i = 0; i < columns; i++) {
		const char *value = values[i] ? values[i] : "";
		g_autofree char *text = text_printable(value, strlen(value));
		g_strdelimit(text, "\t\n", ' ');
		/* The last column gives way first: it is mostly the longest. */
		if (header)
			scols_table_new_column(t, text, i + 1 == columns ? 1 : 0,
				i + 1 == columns ? SCOLS_FL_WRAP : 0);
		else
			scols_line_set_data(line, (size_t)i, text);
	}
	return true;
}

static bool query_table(context *c, store *db, const char *query, GString *out, GError **err)
{
	struct libscols_table *t = scols_new_table();
	report_options look = context_look(c, false);
	g_assert(t);
	scols_table_set_termforce(t, SCOLS_TERMFORCE_ALWAYS);
	scols_table_set_termwidth(t, look.width);
	bool ok = store_query(db, query, table_row, t, err);
	char *text = NULL;
	if (ok && scols_table_get_nlines(t) && !scols_print_table_to_string(t, &text))
		g_string_append_printf(out, "%s\n", text);
	else if (ok)
		g_string_append(out, "no rows\n");
	free(text);
	scols_unref_table(t);
	return ok;
}

/* --- JSON --- */

typedef struct json_rows {
	json_t *rows;
	GPtrArray *names;
} json_rows;

/* A number stays one: what SQLite wrote reads back as it was. */
static json_t *json_number(const char *text)
{
	if (strpbrk(text, ".eEnN")) /* nan and inf are no JSON */
		return g_ascii_isalpha(text[*text == '-']) ? json_null()
							   : json_real(g_ascii_strtod(text, NULL));
	return json_integer(g_ascii_strtoll(text, NULL, 10));
}

static bool json_row(
	int columns, const char *const *values, const bool *numbers, bool header, void *data)
{
	json_rows *r = data;
	json_t *row = header ? NULL : json_object();
	for (int i = 0; i < columns; i++) {
		g_autofree char *text = values[i] ? g_utf8_make_valid(values[i], -1) : NULL;
		if (header)
			g_ptr_array_add(r->names, g_steal_pointer(&text));
		else
			json_object_set_new(row, g_ptr_array_index(r->names, (guint)i),
				!text	     ? json_null()
				: numbers[i] ? json_number(text)
					     : json_string(text));
	}
	if (row)
		json_array_append_new(r->rows, row);
	return true;
}

static bool query_json(store *db, const char *query, GString *out, GError **err)
{
	json_rows r = {json_array(), g_ptr_array_new_with_free_func(g_free)};
	bool ok = store_query_typed(db, query, json_row, &r, err);
	char *text = ok ? json_dumps(r.rows,
				  JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15))
			: NULL;
	if (text)
		g_string_append_printf(out, "%s\n", text);
	free(text);
	json_decref(r.rows);
	g_ptr_array_unref(r.names);
	return ok;
}

/* --- the command --- */

static bool read_stdin(GString *query, GError **err)
{
	char buffer[4096];
	size_t n;
	while ((n = fread(buffer, 1, sizeof buffer, stdin)) > 0) {
		g_string_append_len(query, buffer, (gssize)n);
		if (query->len > MAX_QUERY)
			return error_set(
				err, TRUCE_ERROR_LIMIT, NULL, "the query is longer than 1 MiB");
	}
	return true;
}

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const sql_options *o = options;
	g_autoptr(engine) e = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GString) query = g_string_new(NULL);
	const char *given = g_ptr_array_index(args, 0);
	if (o->json && o->tsv)
		return error_set(
			err, TRUCE_ERROR_USAGE, NULL, "--json and --tsv exclude each other");
	if (strcmp(given, "-"))
		g_string_assign(query, given);
	else if (!read_stdin(query, err))
		return false;
	if (!context_open(c, &e, true, err))
		return false;
	store *db = engine_store(e);
	bool ok = o->json ? query_json(db, query->str, out, err)
		  : o->tsv || !terminal_is(STDOUT_FILENO)
			  ? store_query(db, query->str, tsv_row, out, err)
			  : query_table(c, db, query->str, out, err);
	return ok && context_page(c, out, err);
}

const command cmd_sql = {
	.name = "sql",
	.summary = "read-only queries on the documented views",
	.usage = "QUERY|- [--json|--tsv]",
	.description = "A table on a terminal, otherwise lines with tabs, the names of the columns "
		       "first. `-` reads the query from standard input. Nothing can be changed. "
		       "docs/database.md describes the views.",
	.examples = "truce sql 'SELECT kind, count(*) FROM findings GROUP BY kind'",
	.options = table,
	.options_size = sizeof(sql_options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
