/* The diff parser and the search for the -p level. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/limits.h"
#include "series/diff.h"

static diff *parse(const char *text, GError **err)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	diff *d = NULL;
	return diff_parse(&d, bytes, 0, 1, "x.diff", err) ? d : NULL;
}

/* Parses and places without a tree. The caller's. */
static patch *place(const char *text, int strip)
{
	g_autoptr(GError) err = NULL;
	g_autoptr(diff) d = parse(text, &err);
	if (err)
		fail_msg("%s", err->message);
	patch *p = patch_new(PATCH_DIFF, "x.diff");
	g_auto(diff_place_state) s;
	diff_place_init(&s, NULL, NULL);
	if (!diff_place(p, d, strip, false, &s, &err))
		fail_msg("%s", err->message);
	return p;
}

static void assert_error(const char *text, int code, const char *words)
{
	g_autoptr(GError) err = NULL;
	g_autoptr(diff) d = parse(text, &err);
	if (!err) {
		patch *p = patch_new(PATCH_DIFF, "x.diff");
		g_auto(diff_place_state) s;
		diff_place_init(&s, NULL, NULL);
		diff_place(p, d, -1, false, &s, &err);
		patch_free(p);
	}
	assert_non_null(err);
	if (!strstr(err->message, words))
		fail_msg("'%s' does not say '%s'", err->message, words);
	assert_int_equal(err->code, code);
}

static const patch_file *file_at(const patch *p, guint i)
{
	assert_true(i < p->files->len);
	return g_ptr_array_index(p->files, i);
}

static void test_git_headers(void **state)
{
	(void)state;
	g_autoptr(patch) p = place(
		"diff --git a/a.sh b/a.sh\nold mode 100644\nnew mode 100755\n"
		"diff --git a/old b c b/new b c\nsimilarity index 90%\nrename from old b c\n"
		"rename to new b c\nindex 1234567..89abcde 100644\n--- a/old b c\n+++ b/new b c\n"
		"@@ -1 +1 @@ f(x)\n-a\n+b\n"
		"diff --git a/x y b/x y\nnew file mode 100644\nindex 0000000..e69de29\n"
		"diff --git \"a/\\303\\251\" \"b/\\303\\251\"\ndeleted file mode 120000\n"
		"index 1234567..0000000\n--- \"a/\\303\\251\"\n+++ /dev/null\n@@ -1 +0,0 @@\n-t\n"
		"\\ No newline at end of file\n"
		"diff --git a/src b/dst\nsimilarity index 100%\ncopy from src\ncopy to dst\n",
		-1);
	assert_int_equal(p->files->len, 5);
	const patch_file *f = file_at(p, 0);
	assert_string_equal(f->new_path, "a.sh");
	assert_int_equal(f->old_mode, 0100644);
	assert_int_equal(f->new_mode, 0100755);
	f = file_at(p, 1);
	assert_int_equal(f->change, PATCH_RENAME);
	assert_string_equal(f->old_path, "old b c");
	assert_string_equal(f->new_path, "new b c");
	assert_string_equal(f->old_id, "1234567");
	assert_int_equal(f->similarity, 90);
	const hunk *h = g_ptr_array_index(f->hunks, 0);
	assert_string_equal(h->heading, "f(x)");
	assert_int_equal(h->source_line, 11);
	f = file_at(p, 2);
	assert_int_equal(f->change, PATCH_ADD);
	assert_string_equal(f->new_path, "x y");
	assert_null(f->old_path);
	f = file_at(p, 3);
	assert_int_equal(f->change, PATCH_DELETE);
	assert_string_equal(f->old_path, "\303\251");
	assert_int_equal(f->old_mode, 0120000);
	h = g_ptr_array_index(f->hunks, 0);
	const hunk_line *l = &g_array_index(h->lines, hunk_line, 0);
	assert_true(l->no_newline);
	assert_int_equal(l->text.len, 1);
	f = file_at(p, 4);
	assert_int_equal(f->change, PATCH_COPY);
	assert_string_equal(f->old_path, "src");
	assert_string_equal(f->new_path, "dst");
}

static void test_plain_styles(void **state)
{
	(void)state;
	/* quilt */
	g_autoptr(patch) a = place("Index: linux-2.6.16-rc5/fs/a.c\n=========\n"
				   "--- linux-2.6.16-rc5.orig/fs/a.c\t2006-03-08 10:52:43.0 -0800\n"
				   "+++ linux-2.6.16-rc5/fs/a.c\t2006-03-08 10:52:43.0 -0800\n"
				   "@@ -1 +1 @@\n-a\n+b\n",
		-1);
	assert_string_equal(file_at(a, 0)->old_path, "fs/a.c");
	/* diff -N: a stamp of the epoch in any zone is a file that is not there */
	g_autoptr(patch) b = place("diff -pruN ../old/fs/a.c ./fs/a.c\n"
				   "--- ../old/fs/a.c\t1970-01-01 01:00:00.000000000 +0100\n"
				   "+++ ./fs/a.c\t2006-02-27 15:55:23.000000000 +0000\n"
				   "@@ -0,0 +1 @@\n+b\n",
		1);
	assert_int_equal(file_at(b, 0)->change, PATCH_ADD);
	assert_string_equal(file_at(b, 0)->new_path, "fs/a.c");
	/* BitKeeper's exports */
	g_autoptr(patch) c = place("--- 1.2/fs/a.c\tThu Jan  1 00:00:00 1970\n"
				   "+++ edited/fs/a.c\tWed Mar  3 10:00:00 2004\n"
				   "@@ -0,0 +1 @@\n+b\n",
		-1);
	assert_int_equal(file_at(c, 0)->change, PATCH_ADD);
	assert_string_equal(file_at(c, 0)->new_path, "fs/a.c");
	/* cvs and svn: no prefix */
	g_autoptr(patch) d = place("Index: fs/a.c\n=====\n--- fs/a.c\t(revision 12)\n"
				   "+++ fs/a.c\t(working copy)\n@@ -1 +1 @@\n-a\n+b\n",
		-1);
	assert_string_equal(file_at(d, 0)->new_path, "fs/a.c");
	/* a backup beside the file, tabs lost in the mail */
	g_autoptr(patch) e = place("--- fs/a.c.orig 2006-02-27 15:55:23.000000000 +0000\n"
				   "+++ fs/a.c 2006-02-27 15:55:23.000000000 +0000\n"
				   "@@ -1 +1 @@\n-a\n+b\n",
		-1);
	assert_string_equal(file_at(e, 0)->new_path, "fs/a.c");
	assert_int_equal(file_at(e, 0)->change, PATCH_MODIFY);
}

static void test_text_around(void **state)
{
	(void)state;
	g_autoptr(patch) p = place("diff --git is a word of prose\n---\n fs/a.c | 2 +-\n\n"
				   "--- a/fs/a.c\n+++ b/fs/a.c\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n\n"
				   "Text between.\n"
				   "--- a/fs/b.c\n+++ b/fs/b.c\n@@ -1 +1 @@\n-b\n+c\n-- \n2.39\n",
		-1);
	assert_int_equal(p->files->len, 2);
	const hunk *h = g_ptr_array_index(file_at(p, 0)->hunks, 0);
	/* the last context line lost its blank on the way */
	assert_int_equal(h->lines->len, 4);
	assert_int_equal(g_array_index(h->lines, hunk_line, 3).kind, HUNK_CONTEXT);
	g_autoptr(patch) list = place("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b\n+c\n-\n"
				      "To unsubscribe from this list: send the line\n",
		-1);
	assert_int_equal(list->files->len, 1);
}

static void test_carriage_returns_are_content(void **state)
{
	(void)state;
	g_autoptr(patch) p = place("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-b\r\n+c\r\n", -1);
	const hunk *h = g_ptr_array_index(file_at(p, 0)->hunks, 0);
	span text = g_array_index(h->lines, hunk_line, 0).text;
	assert_int_equal(text.len, 3);
	assert_memory_equal(text.at, "b\r\n", 3);
}

static void test_binary(void **state)
{
	(void)state;
	/* made by git diff --binary of a file with the bytes 0 1 2 3 4 added */
	g_autoptr(patch) p = place("diff --git a/b.bin b/b.bin\nnew file mode 100644\n"
				   "index 0000000000000000000000000000000000000000.."
				   "2a1ce3e8ecd4a0b1e7ef8d5ec6b0b1b7f3d3c9f1\nGIT binary patch\n"
				   "literal 5\nMcmZQzWMXCk000>P3jhEB\n\nliteral 0\nHcmV?d00001\n\n",
		-1);
	const patch_file *f = file_at(p, 0);
	assert_int_equal(f->forward.kind, PATCH_BINARY_LITERAL);
	gsize len;
	const char *data = g_bytes_get_data(f->forward.data, &len);
	assert_int_equal(len, 5);
	assert_memory_equal(data, "\0\1\2\3\4", 5);
	assert_int_equal(f->reverse.kind, PATCH_BINARY_LITERAL);
	assert_int_equal(g_bytes_get_size(f->reverse.data), 0);
	g_autoptr(patch) q = place("Binary files a/logo.gif and b/logo.gif differ\n", -1);
	assert_int_equal(file_at(q, 0)->forward.kind, PATCH_BINARY_OMITTED);
	assert_string_equal(file_at(q, 0)->new_path, "logo.gif");
	g_autoptr(patch) svn = place("Index: img/a.png\n=====\n"
				     "Cannot display: file marked as a binary type.\n"
				     "svn:mime-type = application/octet-stream\n",
		-1);
	assert_int_equal(file_at(svn, 0)->forward.kind, PATCH_BINARY_OMITTED);
	assert_string_equal(file_at(svn, 0)->new_path, "img/a.png");
}

static void test_what_is_left_out(void **state)
{
	(void)state;
	g_autoptr(GError) err = NULL;
	g_autoptr(diff) d = parse("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
				  "Only in b/fs: new.c\n",
		&err);
	assert_non_null(d);
	assert_int_equal(d->notes->len, 1);
	assert_non_null(strstr(g_ptr_array_index(d->notes, 0), "x.diff:6: 'Only in b/fs: new.c'"));
}

static void test_broken_input(void **state)
{
	(void)state;
	assert_error("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n", TRUCE_ERROR_INPUT, "x.diff:5:");
	assert_error("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n+c\n", TRUCE_ERROR_INPUT, "x.diff:6:");
	assert_error("--- a/x\n+++ b/x\n@@ -1,3 +1 @@\n-a\n+b\n-- \n2.39\n", TRUCE_ERROR_INPUT,
		"x.diff:7:");
	assert_error("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b", TRUCE_ERROR_INPUT, "x.diff:5:");
	assert_error("--- a/x\n+++ b/x\n@@ -99999999999999999999 +1 @@\n-a\n+b\n",
		TRUCE_ERROR_INPUT, "hunk header");
	/* 705032705 in 32 bits */
	assert_error("--- a/x\n+++ b/x\n@@ -5000000001 +1 @@\n-a\n+b\n", TRUCE_ERROR_INPUT,
		"hunk header");
	assert_error(
		"--- a/x\n+++ b/x\n@@ -1,4000000000 +1 @@\n-a\n", TRUCE_ERROR_INPUT, "hunk header");
	assert_error("@@ -1 +1 @@\n-a\n+b\n", TRUCE_ERROR_INPUT, "without a file header");
	assert_error("*** a/x\t2006\n--- b/x\t2006\n***************\n*** 1 ****\n",
		TRUCE_ERROR_INPUT, "context diff");
	assert_error("diff --cc x\nindex 1,2..3\n--- a/x\n+++ b/x\n", TRUCE_ERROR_INPUT,
		"combined diff");
	assert_error("diff --git a/x b/x\nnew file mode 100644\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n"
		     "+b\n",
		TRUCE_ERROR_INPUT, "new file");
	assert_error("diff --git a/b b/b\nnew file mode 100644\nGIT binary patch\n"
		     "literal 10737418240\nMcmZQzWMXCk000>P3jhEB\n\n",
		TRUCE_ERROR_LIMIT, "10737418240");
	assert_error("diff --git a/b b/b\nnew file mode 100644\nGIT binary patch\n"
		     "literal 200000000\nMcmZQzWMXCk000>P3jhEB\n\n",
		TRUCE_ERROR_INPUT, "200000000");
	assert_error("diff --git a/b b/b\nnew file mode 100644\nGIT binary patch\n"
		     "literal 5\nMcmZQz\"\"Ck000>P3jhEB\n\n",
		TRUCE_ERROR_INPUT, "x.diff:5:");
	assert_error("diff --git a/b b/b\nnew file mode 100644\nGIT binary patch\n"
		     "literal 5\nMcmZQzWMXDk000>P3jhEB\n\n",
		TRUCE_ERROR_INPUT, "x.diff:4:");
}

static void test_paths_that_leave(void **state)
{
	(void)state;
	assert_error("--- a/../../etc/passwd\n+++ b/../../etc/passwd\n@@ -1 +1 @@\n-a\n+b\n",
		TRUCE_ERROR_INPUT, "../../etc/passwd");
	assert_error("--- /dev/null\n+++ ../../../etc/evil\n@@ -0,0 +1 @@\n+b\n", TRUCE_ERROR_INPUT,
		"etc/evil");
	assert_error("diff --git a/.git/config b/.git/config\nnew file mode 100644\n"
		     "--- /dev/null\n+++ b/.git/config\n@@ -0,0 +1 @@\n+b\n",
		TRUCE_ERROR_INPUT, ".git/config");
	assert_error("diff --git a/x b/x\nsimilarity index 100%\nrename from x\n"
		     "rename to ../../y\n",
		TRUCE_ERROR_INPUT, "../y");
}

/* A line of 10^6 characters, and 10^5 files, in far less time than a quadratic parser needs. */
static void test_long_input(void **state)
{
	(void)state;
	g_autoptr(GString) s = g_string_new("diff --git ");
	for (int i = 0; i < 1000000; i++)
		g_string_append_c(s, i % 3 ? 'a' : ' ');
	g_string_append(s, "\nindex 1234567..1234568\n");
	assert_error(s->str, TRUCE_ERROR_INPUT, "name");
	g_string_truncate(s, 0);
	for (int i = 0; i < 100000; i++)
		g_string_append_printf(s, "--- a/f%d\n+++ b/f%d\n@@ -1 +1 @@\n-a\n+b\n", i, i);
	clock_t before = clock();
	g_autoptr(patch) p = place(s->str, -1);
	assert_int_equal(p->files->len, 100000);
	assert_true(clock() - before < 20 * CLOCKS_PER_SEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_git_headers),
		cmocka_unit_test(test_plain_styles),
		cmocka_unit_test(test_text_around),
		cmocka_unit_test(test_carriage_returns_are_content),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_what_is_left_out),
		cmocka_unit_test(test_broken_input),
		cmocka_unit_test(test_paths_that_leave),
		cmocka_unit_test(test_long_input),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
