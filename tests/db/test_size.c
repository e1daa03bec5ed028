/* A large mediation, of the size of two vendors' kernel ports, is put and got quickly. The limits
 * are loose: they catch a query that became quadratic on a busy machine, not a slow day. */
#include "support/scratch_db.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "support/mediation_compare.h"
#include "support/mediation_random.h"

/* 480 files, 80,000 changed lines, 89 points with 1,602 pieces of evidence, 1,000 findings. */
static const mediation_size large = {.exact = true,
	.series = 2,
	.patches = 40,
	.files = 240,
	.hunks = 4,
	.lines = 42,
	.points = 89,
	.evidence = 9,
	.findings = 1000,
	.locations = 3,
	.steps = 30};

/* Milliseconds; the aim on an idle core is 300 and 100 in a release build. */
#define PUT_LIMIT 3000.0
#define GET_LIMIT 1500.0
#define QUERY_LIMIT 1500.0

/* Processor time, so that other jobs of the machine do not count. */
static gint64 now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (gint64)t.tv_sec * G_USEC_PER_SEC + t.tv_nsec / 1000;
}

static double since(gint64 start)
{
	return (double)(now() - start) / 1000;
}

static bool count_row(int columns, const char *const *values, bool header, void *data)
{
	(void)columns;
	(void)values;
	*(guint *)data += !header;
	return true;
}

/* The examples of the manual answer quickly on a large database. */
static void ask_everything(store *db)
{
	g_autofree char *manual = NULL;
	guint asked = 0;
	assert_true(g_file_get_contents(TRUCE_SOURCE_DIR "/docs/database.md", &manual, NULL, NULL));
	for (const char *at = manual; (at = strstr(at, "```sql\n"));) {
		at += strlen("```sql\n");
		const char *end = strstr(at, "```");
		g_autofree char *query = g_strndup(at, (gsize)(end - at));
		guint rows = 0;
		gint64 start = now();
		MUST(store_query(db, query, count_row, &rows, err));
		if (since(start) > QUERY_LIMIT)
			fail_msg("%.0f ms, %u rows: %s", since(start), rows, query);
		at = end + 3;
		asked++;
	}
	assert_true(asked > 5);
}

static void test_large(void **state)
{
	scratch *s = *state;
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	g_autoptr(mediation) m = mediation_random(rand, &large);
	g_autoptr(mediation) back = NULL;
	random_readings readings;
	readings_random(&readings, rand, m, 100);

	gint64 start = now();
	for (guint i = 0; i < m->series->len; i++)
		MUST(store_series_put(s->db, g_ptr_array_index(m->series, i), "digest", err));
	double series_ms = since(start);
	start = now();
	MUST(store_analysis_put(s->db, m, "one", NULL, err));
	double first_ms = since(start);
	start = now();
	MUST(store_analysis_put(s->db, m, "two", NULL, err));
	double again_ms = since(start);
	start = now();
	MUST(store_analysis_put(s->db, m, "three", readings.list, err));
	double readings_ms = since(start);
	start = now();
	MUST(store_analysis_put(s->db, m, "four", readings.list, err));
	double replaced_ms = since(start);
	start = now();
	scratch_reopen(s);
	double open_ms = since(start);
	start = now();
	MUST(store_analysis_get(s->db, &back, err));
	double get_ms = since(start);
	g_autofree char *difference = mediation_difference(m, back);
	assert_null(difference);
	struct stat info;
	assert_int_equal(stat(s->path, &info), 0);
	print_message(
		"series put %.0f ms; analysis put %.0f ms, again %.0f ms; with %u touches and "
		"%u entities %.0f ms, again %.0f ms; close and open %.0f ms; get %.0f ms; "
		"%.1f MB\n",
		series_ms, first_ms, again_ms,
		(guint)number_of(s->db->db, "SELECT count(*) FROM cache_touch"),
		(guint)number_of(s->db->db, "SELECT count(*) FROM cache_entity"), readings_ms,
		replaced_ms, open_ms, get_ms, (double)info.st_size / 1e6);
	assert_true(series_ms + first_ms < PUT_LIMIT && again_ms < PUT_LIMIT);
	assert_true(get_ms < GET_LIMIT);
	ask_everything(s->db);
	readings_random_clear(&readings);
}

/* About 60 kB of what reads like facts. */
static GBytes *make_facts(void)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < 1200; i++)
		g_string_append_printf(text, "function_%u\tvoid (pte_t *, pte_t)\t%u\tarch_%u\n",
			i * 7919, i * 31, i % 97);
	return g_string_free_to_bytes(text);
}

/* As many facts as a large run caches, each in its own transaction, and found again. */
static void test_many_facts(void **state)
{
	scratch *s = *state;
	g_autoptr(GBytes) data = make_facts();
	gint64 start = now();
	for (guint i = 0; i < 1500; i++) {
		g_autofree char *key = g_strdup_printf("%064u", i);
		MUST(store_facts_put(s->db, key, "arch/i386/kernel/traps.c", data, err));
	}
	double put_ms = since(start);
	scratch_reopen(s);
	start = now();
	for (guint i = 0; i < 1500; i++) {
		g_autofree char *key = g_strdup_printf("%064u", i);
		g_autoptr(GBytes) back = NULL;
		MUST(store_facts_get(s->db, key, &back, err));
		assert_non_null(back);
	}
	double get_ms = since(start);
	print_message("1500 fact sets of 60 kB: put %.0f ms, get %.0f ms\n", put_ms, get_ms);
	assert_true(put_ms < 4 * PUT_LIMIT && get_ms < GET_LIMIT);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_large),
		WITH(test_many_facts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
