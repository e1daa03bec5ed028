/* What is thrown away of laid-out trees, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/cache.h"

/* Long before now, so that no clock of a file system can be finer or coarser than it matters. */
#define LONG_AGO 1000000000

static int setup(void **state)
{
	*state = g_dir_make_tmp("truce-cache-XXXXXX", NULL);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	cache_remove_folder(*state);
	bool gone = !g_file_test(*state, G_FILE_TEST_EXISTS);
	g_free(*state);
	return gone ? 0 : -1;
}

static bool is_there(const char *dir, const char *path)
{
	g_autofree char *full = g_build_filename(dir, path, NULL);
	return g_file_test(full, G_FILE_TEST_EXISTS);
}

static void set_used(const char *dir, const char *path, time_t seconds)
{
	g_autofree char *full = g_build_filename(dir, path, NULL);
	struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
	assert_int_equal(utimensat(AT_FDCWD, full, times, 0), 0);
}

/* A file of 16 KiB on disk, used at LONG_AGO + `age`. */
static void put(const char *dir, const char *path, int age)
{
	g_autofree char *full = g_build_filename(dir, path, NULL);
	g_autofree char *folder = g_path_get_dirname(full);
	char text[16384];
	memset(text, 'x', sizeof text);
	assert_int_equal(g_mkdir_with_parents(folder, 0777), 0);
	assert_true(g_file_set_contents_full(
		full, text, sizeof text, G_FILE_SET_CONTENTS_DURABLE, 0666, NULL));
	set_used(dir, path, LONG_AGO + age);
}

static guint64 disk_bytes(const char *dir, const char *path)
{
	g_autofree char *full = g_build_filename(dir, path, NULL);
	struct stat st;
	assert_int_equal(lstat(full, &st), 0);
	return (guint64)st.st_blocks * 512;
}

static void put_tree(const char *dir, const char *name, int age)
{
	g_autofree char *path = g_build_filename("layout", name, NULL);
	g_autofree char *file = g_build_filename(path, "include/linux/a.h", NULL);
	put(dir, file, age);
	set_used(dir, path, LONG_AGO + age);
}

static guint64 tree_bytes(const char *dir, const char *name)
{
	static const char *const parts[] = {"", "include", "include/linux", "include/linux/a.h"};
	guint64 bytes = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *path = g_build_filename("layout", name, parts[i], NULL);
		bytes += disk_bytes(dir, path);
	}
	return bytes;
}

static void test_oldest_tree_goes(void **state)
{
	const char *dir = *state;
	put_tree(dir, "b-old", 1);
	put_tree(dir, "a-new", 3);
	put_tree(dir, "c-middle", 2);
	guint64 all =
		tree_bytes(dir, "a-new") + tree_bytes(dir, "b-old") + tree_bytes(dir, "c-middle");
	cache_trim(dir, all, 0);
	assert_true(is_there(dir, "layout/b-old"));
	cache_trim(dir, all - 1, 0);
	assert_false(is_there(dir, "layout/b-old"));
	assert_true(is_there(dir, "layout/a-new/include/linux/a.h"));
	assert_true(is_there(dir, "layout/c-middle/include/linux/a.h"));
	cache_trim(dir, tree_bytes(dir, "a-new"), 0);
	assert_false(is_there(dir, "layout/c-middle"));
	assert_true(is_there(dir, "layout/a-new/include/linux/a.h"));
}

/* The oldest is in use: the next one goes. When it is free again, it goes too. */
static void test_held_tree_stays(void **state)
{
	const char *dir = *state;
	g_autoptr(cache_hold) h = NULL;
	put_tree(dir, "held", 1);
	put_tree(dir, "other", 2);
	assert_true(cache_hold_new(&h, dir, "held", NULL));
	set_used(dir, "layout/held", LONG_AGO + 1);
	put(dir, "overlay/files/x", 1);
	cache_trim(dir, 0, 0);
	assert_true(is_there(dir, "layout/held/include/linux/a.h"));
	assert_false(is_there(dir, "layout/other"));
	assert_true(is_there(dir, "overlay/files/x"));
	cache_hold_free(g_steal_pointer(&h));
	cache_trim(dir, 0, 0);
	assert_false(is_there(dir, "layout/held"));
	assert_false(is_there(dir, "overlay/files/x"));
	/* Whoever comes next finds a folder. */
	assert_true(cache_hold_new(&h, dir, "held", NULL));
	assert_true(g_file_test(cache_hold_root(h), G_FILE_TEST_IS_DIR));
}

static void test_use_counts(void **state)
{
	const char *dir = *state;
	g_autoptr(cache_hold) h = NULL;
	put_tree(dir, "first", 1);
	put_tree(dir, "second", 2);
	guint64 one = tree_bytes(dir, "first");
	assert_true(cache_hold_new(&h, dir, "first", NULL));
	cache_hold_free(g_steal_pointer(&h));
	cache_trim(dir, one, 0);
	assert_true(is_there(dir, "layout/first/include/linux/a.h"));
	assert_false(is_there(dir, "layout/second"));
}

/* Another process holds; the system lets go when it is killed. */
static void test_other_process(void **state)
{
	const char *dir = *state;
	int ready[2];
	char byte = 0;
	put_tree(dir, "held", 1);
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		cache_hold *h = NULL;
		if (!cache_hold_new(&h, dir, "held", NULL) || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	cache_trim(dir, 0, 0);
	assert_true(is_there(dir, "layout/held/include/linux/a.h"));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	cache_trim(dir, 0, 0);
	assert_false(is_there(dir, "layout/held"));
}

/* What killed runs leave goes whatever the limit; what a symlink leads to does not. */
static void test_leftovers(void **state)
{
	const char *dir = *state;
	put_tree(dir, ".gone-1-tree", 1);
	put(dir, "overlay/files/half.1.new", 1);
	put(dir, "overlay/files/whole", 1);
	put(dir, "outside/file", 1);
	put_tree(dir, "tree", 1);
	g_autofree char *link = g_build_filename(dir, "layout", "tree", "asm", NULL);
	assert_int_equal(symlink("../../outside", link), 0);
	cache_trim(dir, G_MAXUINT64, G_MAXUINT64);
	assert_false(is_there(dir, "layout/.gone-1-tree"));
	assert_false(is_there(dir, "overlay/files/half.1.new"));
	assert_true(is_there(dir, "overlay/files/whole"));
	assert_true(is_there(dir, "layout/tree/include/linux/a.h"));
	cache_trim(dir, 0, 0);
	assert_false(is_there(dir, "layout/tree"));
	assert_true(is_there(dir, "outside/file"));
}

static void test_overlay(void **state)
{
	const char *dir = *state;
	put(dir, "overlay/files/used", 1);
	put(dir, "overlay/files/old", 2);
	put(dir, "overlay/maps/new", 3);
	guint64 one = disk_bytes(dir, "overlay/files/old");
	g_autofree char *used = g_build_filename(dir, "overlay/files/used", NULL);
	g_autofree char *none = g_build_filename(dir, "overlay/files/none", NULL);
	assert_true(cache_use(used));
	assert_false(cache_use(none));
	cache_trim(dir, 0, 2 * one);
	assert_true(is_there(dir, "overlay/files/used"));
	assert_false(is_there(dir, "overlay/files/old"));
	assert_true(is_there(dir, "overlay/maps/new"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_oldest_tree_goes),
		TEST(test_held_tree_stays),
		TEST(test_use_counts),
		TEST(test_other_process),
		TEST(test_leftovers),
		TEST(test_overlay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
