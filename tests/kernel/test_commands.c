/* compile_commands.json: whose flags, and which of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "kernel/commands.h"

static bool has(const char *path, void *data)
{
	(void)data;
	static const char *const files[] = {"kernel/fork.c", "lib/sort.c", "fork.c", NULL};
	return g_strv_contains(files, path);
}

static kernel_commands *read_text(const char *text)
{
	kernel_commands *c = NULL;
	assert_true(kernel_commands_read(&c, text, strlen(text), NULL));
	return c;
}

/* The words of a file, joined; "not listed". */
static char *words(kernel_commands *c, const char *path)
{
	const GPtrArray *list = kernel_commands_of(c, path, has, NULL);
	GString *out = g_string_new(list ? "" : "not listed");
	for (guint i = 0; list && i < list->len; i++)
		g_string_append_printf(
			out, "%s[%s]", i ? " " : "", (char *)g_ptr_array_index(list, i));
	return g_string_free(out, FALSE);
}

static void test_words(void **state)
{
	(void)state;
	g_autoptr(kernel_commands) c = read_text(
		"[{\"directory\": \"/home/u/build\", \"file\": \"/home/u/linux/kernel/fork.c\","
		"  \"command\": \"clang -Wp,-MD,x.d -I/home/u/linux/include -I./include/made"
		"    -include ../linux/include/x.h -isystem /usr/lib/clang -I /etc -iquote.. -D A=1"
		"    -D'B=\\\"b c\\\"' -std=gnu11 -o kernel/fork.o -c "
		"/home/u/linux/kernel/fork.c\"},"
		" {\"directory\": \"/home/u/linux\", \"file\": \"lib/../lib/sort.c\","
		"  \"arguments\": [\"gcc\", \"-I\", \"include\", \"-DX=a b\", \"lib/sort.c\"]}]");
	g_autofree char *fork = words(c, "kernel/fork.c");
	assert_string_equal(fork,
		"[-Wp,-MD,x.d] [-I] [include] [-I] [include/made] [-include] [include/x.h] "
		"[-DA=1] [-DB=\"b c\"] [-std=gnu11] [-o] [-c]");
	g_autofree char *sort = words(c, "lib/sort.c");
	assert_string_equal(sort, "[-I] [include] [-DX=a b]");
	g_autofree char *other = words(c, "mm/none.c");
	assert_string_equal(other, "not listed");
}

/* The longest end of a path that is a file of the tree tells where the tree lay: not fork.c. */
static void test_other_trees(void **state)
{
	(void)state;
	g_autoptr(kernel_commands) c = read_text(
		"[{\"directory\": \"/b\", \"file\": \"/elsewhere/none.c\", \"command\": \"cc "
		"-DA\"},"
		" {\"directory\": \"/b\", \"file\": \"/a/kernel/fork.c\", \"command\": \"cc -DB\"},"
		" {\"directory\": \"/b\", \"file\": \"/other/lib/sort.c\", \"command\": \"cc "
		"-DC\"}]");
	g_autofree char *fork = words(c, "kernel/fork.c"), *sort = words(c, "lib/sort.c");
	g_autofree char *wrong = words(c, "fork.c");
	assert_string_equal(fork, "[-DB]");
	assert_string_equal(sort, "not listed");
	assert_string_equal(wrong, "not listed");
}

static void test_hostile(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "{}", "3", "[", "[{]"};
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		kernel_commands *c = NULL;
		g_autoptr(GError) err = NULL;
		assert_false(kernel_commands_read(&c, bad[i], strlen(bad[i]), &err));
		assert_non_null(err);
		assert_null(c);
	}
	g_autoptr(kernel_commands) c = read_text(
		"[3, {}, {\"directory\": 1, \"file\": []}, {\"directory\": \"x\", \"file\": \"\"},"
		" {\"directory\": \"/\", \"file\": \"/kernel/fork.c\", \"command\": \"cc 'open\"},"
		" {\"directory\": \"/\", \"file\": \"/kernel/fork.c\", \"command\": \"\"},"
		" {\"directory\": \"/\", \"file\": \"/kernel/fork.c\", \"arguments\": [\"cc\", 7,"
		"  \"-I../../../../etc\", \"-include\", \"/etc/passwd\", \"-I\"]}]");
	g_autofree char *fork = words(c, "kernel/fork.c");
	/* Nothing but paths of the tree, whatever the machine has there. */
	assert_string_equal(fork, "[-I] [etc] [-include] [etc/passwd]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_other_trees),
		cmocka_unit_test(test_hostile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
