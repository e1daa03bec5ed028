/* The worker pool: answers, crashes, hangs. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "engine/pool.h"

#define JOBS 40

typedef struct record {
	char *answer[JOBS];
	char *why[JOBS];
	unsigned calls[JOBS];
} record;

static GBytes *work(size_t index, void *data)
{
	(void)data;
	if (index == 7)
		raise(SIGKILL);
	if (index == 9)
		for (;;)
			pause();
	if (index == 11)
		_exit(3);
	char text[32];
	g_snprintf(text, sizeof text, "job %zu", index);
	if (index == 13)
		return g_bytes_new_take(g_malloc0(3000000), 3000000);
	return g_bytes_new(text, strlen(text));
}

static void done(size_t index, GBytes *answer, const char *why, void *data)
{
	record *r = data;
	r->calls[index]++;
	if (answer) {
		gsize len;
		const char *bytes = g_bytes_get_data(answer, &len);
		r->answer[index] = len < 100 ? g_strndup(bytes, len) : g_strdup_printf("%zu", len);
	}
	r->why[index] = g_strdup(why);
}

static void run(unsigned workers)
{
	record r = {0};
	pool_job job = {.work = work, .done = done, .data = &r};
	g_autoptr(GError) err = NULL;
	assert_true(pool_run(JOBS, workers, 1, &job, &err));
	for (unsigned i = 0; i < JOBS; i++) {
		assert_int_equal(r.calls[i], 1);
		if (i == 7)
			assert_string_equal(r.why[i], "crashed (SIGKILL)");
		else if (i == 9)
			assert_string_equal(r.why[i], "took longer than 1 s");
		else if (i == 11)
			assert_string_equal(r.why[i], "ended with status 3");
		else if (i == 13)
			assert_string_equal(r.answer[i], "3000000");
		else {
			g_autofree char *expected = g_strdup_printf("job %u", i);
			assert_string_equal(r.answer[i], expected);
		}
		g_free(r.answer[i]);
		g_free(r.why[i]);
	}
}

static void test_one_worker(void **state)
{
	(void)state;
	run(1);
}

static void test_many_workers(void **state)
{
	(void)state;
	run(8);
}

static void test_no_jobs(void **state)
{
	(void)state;
	pool_job job = {.work = work, .done = done};
	assert_true(pool_run(0, 2, 1, &job, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_worker),
		cmocka_unit_test(test_many_workers),
		cmocka_unit_test(test_no_jobs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
