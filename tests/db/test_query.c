/* `truce sql`: reads what it is asked for, and nothing but reads. */
#include "support/scratch_db.h"

#include <string.h>
#include <signal.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/error.h"
#include "db/schema.h"
#include "support/child.h"
#include "support/mediation_random.h"

static int setup(void **state)
{
	if (scratch_setup(state))
		return 1;
	scratch *s = *state;
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	g_autoptr(mediation) m = mediation_random(rand, &mediation_size_fixed);
	for (guint i = 0; i < m->series->len; i++)
		MUST(store_series_put(s->db, g_ptr_array_index(m->series, i), "digest", err));
	random_readings readings;
	readings_random(&readings, rand, m, 3);
	MUST(store_analysis_put(s->db, m, "key", readings.list, err));
	readings_random_clear(&readings);
	return 0;
}

typedef struct rows {
	GString *text;
	guint stop_after; /* rows; 0: never */
	guint n;
} rows;

static bool add_row(int columns, const char *const *values, bool header, void *data)
{
	rows *r = data;
	for (int i = 0; i < columns; i++)
		g_string_append_printf(
			r->text, "%s%s", i ? "|" : "", values[i] ? values[i] : "(null)");
	g_string_append_c(r->text, header ? ':' : ';');
	return header || !r->stop_after || ++r->n < r->stop_after;
}

/* "header:row;row;" of a query, or "! message|hint". The caller's. */
static char *ask(scratch *s, const char *query)
{
	rows r = {.text = g_string_new(NULL)};
	g_autoptr(GError) error = NULL;
	if (!store_query(s->db, query, add_row, &r, &error)) {
		g_autofree char *text = error_text(error);
		g_string_printf(
			r.text, "! %s|%s", text, error_hint(error) ? error_hint(error) : "");
		g_string_append(
			r.text, error->code == TRUCE_ERROR_USAGE ? "" : " (not a usage error)");
	}
	return g_string_free(r.text, FALSE);
}

static void assert_answer(scratch *s, const char *query, const char *expected)
{
	g_autofree char *answer = ask(s, query);
	if (strcmp(answer, expected))
		fail_msg("%s: '%s', not '%s'", query, answer, expected);
}

static void assert_refused(scratch *s, const char *query, const char *why)
{
	g_autofree char *answer = ask(s, query);
	if (answer[0] != '!' || !strstr(answer, why) || strstr(answer, "(not a usage error)"))
		fail_msg("%s: '%s' should be refused: %s", query, answer, why);
}

static void test_reads(void **state)
{
	scratch *s = *state;
	assert_answer(s, "SELECT name, patches FROM series ORDER BY position",
		"name|patches:vendor0|5;vendor1|5;");
	assert_answer(s, "SELECT NULL AS a, 1.5 AS b, x'00ff' AS c, '' AS d",
		"a|b|c|d:(null)|1.5|00ff|;");
	assert_answer(s, "SELECT count(*) AS n FROM points;", "n:8;");
	assert_answer(s, "-- what\nSELECT 1 AS n /* it is */ ; -- all ;\n ;", "n:1;");
	assert_answer(s,
		"WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3)"
		" SELECT n FROM t",
		"n:1;2;3;");
	assert_answer(
		s, "SELECT name FROM pragma_table_info('settings') ORDER BY 1", "name:key;value;");
	g_autofree char *plan_of = ask(s, "EXPLAIN QUERY PLAN SELECT 1");
	assert_non_null(strstr(plan_of, "SCAN CONSTANT ROW"));
	assert_answer(s, "SELECT sum(n) AS n FROM (SELECT count(*) AS n FROM findings)", "n:6;");
}

/* Each view answers, and those of the analysis are not empty. */
static void test_views(void **state)
{
	scratch *s = *state;
	static const char *const filled[] = {"series", "sources", "patches", "files", "hunks",
		"points", "evidence", "findings", "locations", "runs", "steps", "plan_hunks",
		"coverage", "touches", "entities", "shadows"};
	for (guint i = 0; i < G_N_ELEMENTS(filled); i++) {
		g_autofree char *query =
			g_strdup_printf("SELECT count(*) > 0 AS n FROM %s", filled[i]);
		assert_answer(s, query, "n:1;");
	}
	static const char *const others[] = {"settings", "rejects", "notes", "decisions",
		"resolutions", "undecided", "unparsed", "causes"};
	for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autofree char *query = g_strdup_printf("SELECT * FROM %s", others[i]);
		g_autofree char *answer = ask(s, query);
		assert_true(answer[0] != '!');
	}
	/* Every view is in one of the two lists. */
	g_autofree char *n =
		g_strdup_printf("n:%u;", (guint)(G_N_ELEMENTS(filled) + G_N_ELEMENTS(others)));
	assert_answer(s, "SELECT count(*) AS n FROM sqlite_schema WHERE type = 'view'", n);
}

static void test_stops(void **state)
{
	scratch *s = *state;
	rows r = {.text = g_string_new(NULL), .stop_after = 2};
	MUST(store_query(s->db, "SELECT fingerprint FROM findings", add_row, &r, err));
	assert_int_equal(r.n, 2);
	g_string_free(r.text, TRUE);
}

static void test_only_reads(void **state)
{
	scratch *s = *state;
	g_autofree char *other = g_build_filename(s->directory, "other.db", NULL);
	g_autofree char *attach = g_strdup_printf("ATTACH '%s' AS other", other);
	g_autofree char *vacuum = g_strdup_printf("VACUUM INTO '%s'", other);
	const char *const writes[] = {"DELETE FROM kept_series",
		"UPDATE kept_setting SET value = 1", "INSERT INTO kept_plan VALUES (2)",
		"DROP TABLE kept_series", "CREATE TABLE x (y)", "CREATE TEMP TABLE x (y)",
		"ALTER TABLE kept_plan ADD COLUMN x", "BEGIN", "SAVEPOINT x",
		"PRAGMA user_version = 7", "PRAGMA query_only = 0", "PRAGMA writable_schema = 1",
		"PRAGMA wal_checkpoint", "PRAGMA journal_mode = DELETE", "REINDEX", "ANALYZE",
		vacuum, attach, "DETACH main", "REPLACE INTO kept_setting VALUES ('a', 'b')",
		"WITH t AS (SELECT 1) DELETE FROM kept_series",
		"SELECT load_extension('/tmp/x.so')", "EXPLAIN DELETE FROM kept_series"};
	for (guint i = 0; i < G_N_ELEMENTS(writes); i++) {
		g_autofree char *answer = ask(s, writes[i]);
		if (answer[0] != '!' || strstr(answer, "(not a usage error)"))
			fail_msg("%s: %s", writes[i], answer);
	}
	assert_refused(s, "DELETE FROM kept_series", "only reads");
	assert_false(g_file_test(other, G_FILE_TEST_EXISTS));
	assert_answer(s, "SELECT count(*) AS n FROM series", "n:2;");
	assert_int_equal(number_of(s->db->db, "PRAGMA user_version"), schema_version);
}

static void test_one_query(void **state)
{
	scratch *s = *state;
	assert_refused(s, "", "empty");
	assert_refused(s, " ; -- nothing", "empty");
	assert_refused(s, "SELECT 1; SELECT 2", "more than one");
	assert_refused(s, "SELECT 1; nonsense", "more than one");
	assert_refused(s, "SELECT 1; DELETE FROM kept_series", "more than one");
	assert_refused(s, "SELECT ?", "parameters");
	assert_refused(s, "SELECT nonsense FROM series", "no such column: nonsense");
	assert_refused(s, "SELECT * FROM serie", "no such table: serie");
	assert_refused(s, "SELEC 1", "syntax error");
	assert_refused(s, "SELECT zeroblob(2000000000)", "too big");
	g_autofree char *hint = ask(s, "SELECT * FROM serie");
	assert_non_null(strstr(hint, "docs/database.md"));
}

static void test_read_only_store(void **state)
{
	scratch *s = *state;
	store_free(g_steal_pointer(&s->db));
	MUST(store_open(&s->db, s->path, STORE_READ, err));
	assert_answer(s, "SELECT count(*) AS n FROM series", "n:2;");
}

/* Ctrl-C while a query runs that would never end. */
static char *interrupt_query(void *data)
{
	scratch *s = data;
	cancel_install();
	alarm(20);
	pid_t self = getpid();
	if (!fork()) {
		g_usleep(100000);
		kill(self, SIGINT);
		_exit(0);
	}
	return ask(s, "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t)"
		      " SELECT count(*) FROM t");
}

static void test_interrupt(void **state)
{
	g_autofree char *answer = child_answer(interrupt_query, *state, false);
	assert_non_null(strstr(answer, "interrupted"));
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_reads),
		WITH(test_views),
		WITH(test_stops),
		WITH(test_only_reads),
		WITH(test_one_query),
		WITH(test_read_only_store),
		WITH(test_interrupt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
