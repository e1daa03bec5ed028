/* What progress prints, on a terminal and into a log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/progress.h"

/* Runs `act` and returns what it wrote to stderr; the caller's. */
static char *stderr_of(void (*act)(progress_show *show), progress_show *show)
{
	g_autofree char *path = NULL;
	char *text = NULL;
	int fd = g_file_open_tmp("progress-XXXXXX", &path, NULL);
	assert_true(fd >= 0);
	fflush(stderr);
	int before = dup(2);
	assert_int_equal(dup2(fd, 2), 2);
	act(show);
	fflush(stderr);
	assert_int_equal(dup2(before, 2), 2);
	close(before);
	close(fd);
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_unlink(path);
	return text;
}

static void two_jobs(progress_show *show)
{
	for (int i = 0; i < 2; i++) {
		g_autoptr(progress) p = progress_new(i ? "Checking" : "Reading", 4, show);
		progress_update(p, 1);
		progress_update(p, 4);
	}
}

static void test_log_is_silent_at_first(void **state)
{
	(void)state;
	progress_show show;
	progress_show_init(&show, PROGRESS_LINES);
	assert_true(show.next_line > g_get_monotonic_time());
	show.next_line = G_MAXINT64; /* however slow this machine is */
	g_autofree char *text = stderr_of(two_jobs, &show);
	assert_string_equal(text, "");
}

/* One line when it is time, whichever job is at work; the next one later. */
static void test_log_gets_a_line(void **state)
{
	(void)state;
	progress_show show = {PROGRESS_LINES, 0};
	gint64 before = g_get_monotonic_time();
	g_autofree char *text = stderr_of(two_jobs, &show);
	assert_true(g_str_has_prefix(text, "Reading:  25% (1/4)\n"));
	assert_null(strchr(text, '\r'));
	assert_true(show.next_line > before);
}

static void test_none(void **state)
{
	(void)state;
	progress_show show = {PROGRESS_NONE, 0};
	g_autofree char *text = stderr_of(two_jobs, &show);
	assert_string_equal(text, "");
	assert_int_equal(show.next_line, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_is_silent_at_first),
		cmocka_unit_test(test_log_gets_a_line),
		cmocka_unit_test(test_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
