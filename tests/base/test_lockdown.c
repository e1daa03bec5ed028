/* What a locked-down process can and cannot do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/lockdown.h"
#include "support/child.h"

typedef struct fixture {
	char *dir, *inside, *outside;
	lockdown kernel;
} fixture;

static int setup(void **state)
{
	fixture *f = g_new0(fixture, 1);
	f->dir = g_dir_make_tmp("truce-lockdown-XXXXXX", NULL);
	assert_non_null(f->dir);
	f->inside = g_build_filename(f->dir, "in", "file", NULL);
	f->outside = g_build_filename(f->dir, "out", NULL);
	g_autofree char *folder = g_build_filename(f->dir, "in", NULL);
	assert_int_equal(g_mkdir(folder, 0700), 0);
	assert_true(g_file_set_contents(f->inside, "inside", -1, NULL));
	assert_true(g_file_set_contents(f->outside, "outside", -1, NULL));
	f->kernel = lockdown_probe();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture *f = *state;
	g_autofree char *folder = g_build_filename(f->dir, "in", NULL);
	g_remove(f->inside);
	g_remove(f->outside);
	g_rmdir(folder);
	g_rmdir(f->dir);
	g_free(f->dir);
	g_free(f->inside);
	g_free(f->outside);
	g_free(f);
	return 0;
}

/* In the child: 'y' for what works, 'n' for what does not. */
static char verdict(bool works)
{
	return works ? 'y' : 'n';
}

static bool can_open(const char *path, int flags)
{
	int fd = open(path, flags, 0600);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void enter(const fixture *f)
{
	g_autofree char *folder = g_build_filename(f->dir, "in", NULL);
	const char *const readable[] = {folder, "/there/is/no/such/folder", NULL};
	lockdown_enter(readable);
}

static char *try_files(void *data)
{
	const fixture *f = data;
	g_autofree char *fresh = g_build_filename(f->dir, "in", "fresh", NULL);
	enter(f);
	return g_strdup_printf("%c%c%c%c%c%c", verdict(can_open(f->inside, O_RDONLY)),
		verdict(can_open(f->outside, O_RDONLY)), verdict(can_open("/etc/passwd", O_RDONLY)),
		verdict(can_open(f->inside, O_WRONLY)), verdict(can_open(fresh, O_RDWR | O_CREAT)),
		verdict(unlink(f->inside) == 0));
}

static void test_files(void **state)
{
	fixture *f = *state;
	g_autofree char *answer = child_answer(try_files, f, false);
	if (!f->kernel.files)
		assert_string_equal(f->kernel.calls ? "yyynnn" : answer, answer);
	else
		assert_string_equal(answer, "ynnnnn");
	assert_true(g_file_test(f->inside, G_FILE_TEST_EXISTS));
}

static void *thread(void *data)
{
	*(bool *)data = true;
	return NULL;
}

static char *try_calls(void *data)
{
	bool ran = false;
	pthread_t t;
	enter(data);
	bool network = socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
	char *const argv[] = {(char *)"true", NULL};
	execv("/bin/true", argv); /* would answer nothing */
	bool process = fork() >= 0;
	bool signal_other = kill(getppid(), 0) == 0;
	bool threads = !pthread_create(&t, NULL, thread, &ran) && !pthread_join(t, NULL) && ran;
	return g_strdup_printf("%c%c%c%c", verdict(network), verdict(process),
		verdict(signal_other), verdict(threads));
}

static void test_calls(void **state)
{
	fixture *f = *state;
	if (!f->kernel.calls)
		skip();
	g_autofree char *answer = child_answer(try_calls, f, false);
	assert_string_equal(answer, "nnny");
}

static char *try_abort(void *data)
{
	enter(data);
	abort();
}

/* A crash is told as what it is. */
static void test_abort(void **state)
{
	g_autofree char *answer = child_answer(try_abort, *state, false);
	g_autofree char *wanted = g_strdup_printf("signal %d", SIGABRT);
	assert_string_equal(answer, wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_calls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_abort, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
