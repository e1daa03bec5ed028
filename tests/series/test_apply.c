/* The applier: where hunks go, what becomes of files, what is said of those that have no place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/error.h"
#include "series/apply.h"
#include "series/diff.h"
#include "series/patch_id.h"
#include "support/scratch_repo.h"

static char *hex_of(const oid *id)
{
	char hex[OID_HEX + 1];
	return g_strdup(oid_format(hex, id));
}

/* The diff in `text` as a patch for `tree`, names with a/ and b/ in front. */
static patch *patch_of(const scratch_repo *s, const oid *tree, const char *text)
{
	GError *err = NULL;
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autoptr(diff) d = NULL;
	g_auto(diff_place_state) place;
	patch *p = patch_new(PATCH_DIFF, "x.patch");
	p->subject = g_strdup("a patch");
	diff_place_init(&place, s->repo, tree);
	if (!diff_parse(&d, bytes, 0, 1, "x.patch", &err) ||
		!diff_place(p, d, 1, false, &place, &err))
		fail_msg("%s", err->message);
	return p;
}

static series *series_on(const scratch_repo *s, const oid *tree)
{
	series *x = series_new("test");
	x->base_tree = *tree;
	x->base = scratch_commit(s, tree, NULL, "base\n");
	x->tip = x->base;
	x->tip_tree = x->base_tree;
	return x;
}

static void add_patch(const scratch_repo *s, series *x, patch *p)
{
	GError *err = NULL;
	g_autoptr(patch_list) list = patch_list_new();
	g_ptr_array_add(list->patches, p);
	if (!series_apply(x, s->repo, list, 0, &err))
		fail_msg("%s", err->message);
}

/* Applies the diff in `text` to `tree`. */
static series *apply(const scratch_repo *s, const oid *tree, const char *text)
{
	series *x = series_on(s, tree);
	add_patch(s, x, patch_of(s, tree, text));
	return x;
}

static const series_commit *commit_at(const series *x, guint i)
{
	return g_ptr_array_index(x->commits, i);
}

static const reject *reject_at(const series *x, guint i)
{
	assert_true(i < x->rejects->len);
	return g_ptr_array_index(x->rejects, i);
}

static void assert_file(const scratch_repo *s, const series *x, const char *path, const char *want)
{
	g_autofree char *got = scratch_file(s, &x->tip_tree, path);
	if (!want)
		assert_null(got);
	else if (!got)
		fail_msg("%s is not there", path);
	else
		assert_string_equal(got, want);
}

static void assert_applied(const series *x, unsigned fuzzy)
{
	if (x->rejects->len)
		fail_msg("%s: %s", reject_at(x, 0)->path, reject_at(x, 0)->difference);
	assert_true(commit_at(x, x->commits->len - 1)->applied);
	assert_int_equal(commit_at(x, x->commits->len - 1)->fuzzy, fuzzy);
}

#define HEAD "--- a/f\n+++ b/f\n"
#define TEN "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
#define FIVE_TO_X "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n"

static void test_exact_and_offset(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid exact = scratch_tree(s, NULL, "f", TEN, NULL);
	oid shifted = scratch_tree(s, NULL, "f", "a\nb\nc\n" TEN, NULL);
	g_autoptr(series) x = apply(s, &exact, HEAD FIVE_TO_X);
	assert_applied(x, 0);
	assert_file(s, x, "f", "1\n2\n3\n4\nx\n6\n7\n8\n9\n10\n");
	g_autoptr(series) y = apply(s, &shifted, HEAD FIVE_TO_X);
	assert_applied(y, 1);
	assert_file(s, y, "f", "a\nb\nc\n1\n2\n3\n4\nx\n6\n7\n8\n9\n10\n");
}

/* Of two places equally far away git takes the later one. */
static void test_offset_order(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f", "a\nb\nc\n.\n.\n.\na\nb\nc\n.\n", NULL);
	g_autoptr(series) x = apply(s, &tree, HEAD "@@ -4,3 +4,3 @@\n a\n-b\n+x\n c\n");
	assert_applied(x, 1);
	assert_file(s, x, "f", "a\nb\nc\n.\n.\n.\na\nx\nc\n.\n");
}

/* A hunk without leading or trailing context belongs to the file's begin or end. */
static void test_anchors(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f", "0\n" TEN, NULL);
	g_autoptr(series) x = apply(s, &tree, HEAD "@@ -1,3 +1,4 @@\n+new\n 1\n 2\n 3\n");
	/* Not at line 2 as an offset, but with the anchor dropped: reduced context. */
	assert_applied(x, 1);
	g_autoptr(series) y = apply(s, &tree, HEAD "@@ -7,3 +7,4 @@\n 7\n 8\n 9\n+new\n");
	assert_applied(y, 1);
	assert_file(s, y, "f", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\nnew\n10\n");
	oid end = scratch_tree(s, NULL, "f", "7\n8\n9\n", NULL);
	g_autoptr(series) z = apply(s, &end, HEAD "@@ -7,3 +7,4 @@\n 7\n 8\n 9\n+new\n");
	assert_applied(z, 1);
	assert_file(s, z, "f", "7\n8\n9\nnew\n");
}

static void test_reduced_context(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f", "1\ntwo\n3\n4\n5\n6\n7\neight\n9\n10\n", NULL);
	g_autoptr(series) x = apply(s, &tree, HEAD FIVE_TO_X);
	assert_applied(x, 1);
	assert_file(s, x, "f", "1\ntwo\n3\n4\nx\n6\n7\neight\n9\n10\n");
	/* One line must stay at each end. */
	oid bare = scratch_tree(s, NULL, "f", "1\ntwo\nthree\nfour\n5\n6\n7\n8\n9\n10\n", NULL);
	g_autoptr(series) y = apply(s, &bare, HEAD FIVE_TO_X);
	assert_int_equal(y->rejects->len, 1);
	/* With less to go by, a place that is neither expected nor the only one is not taken. */
	oid twice = scratch_tree(s, NULL, "f", ".\n.\n.\n3\n4\n5\n6\n7\n.\n3\n4\n5\n6\n7\n", NULL);
	g_autoptr(series) z = apply(s, &twice, HEAD FIVE_TO_X);
	assert_int_equal(z->rejects->len, 1);
	assert_true(oid_equal(&z->tip_tree, &twice));
}

/* What was applied before and then surrounded by changes is not put there a second time. */
static void test_not_twice(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f",
		"int a;\n\nint first(void);\nint second(void);\n\nint z;\nint third(long);\n",
		NULL);
	g_autoptr(series) x = apply(s, &tree,
		HEAD
		"@@ -1,4 +1,6 @@\n int a;\n int b;\n \n+int first(void);\n+int second(void);\n \n");
	assert_int_equal(x->rejects->len, 1);
	assert_true(oid_equal(&x->tip_tree, &tree));
	/* Nor with less context where the blobs of the index line show a conflict. */
	oid before = scratch_tree(s, NULL, "f", "a\nb\nc\nd\ne\n", NULL);
	oid after = scratch_tree(s, NULL, "f", "a\nb\nc\nnew\nd\ne\n", NULL);
	oid clash = scratch_tree(s, NULL, "f", "a\nB\nc\nother\nd\nE\n", NULL);
	oid loose = scratch_tree(s, NULL, "f", "a\nB\nc\nd\nE\n", NULL);
	assert_true(repo_flush(s->repo, NULL));
	g_autofree char *a = hex_of(&before);
	g_autofree char *b = hex_of(&after);
	g_autofree char *text = scratch_git(s, NULL, "diff %s %s", a, b);
	g_autoptr(series) y = apply(s, &clash, text);
	assert_int_equal(y->rejects->len, 1);
	assert_true(oid_equal(&y->tip_tree, &clash));
	g_autoptr(series) z = apply(s, &loose, text); /* the merge is clean here */
	assert_applied(z, 1);
	assert_file(s, z, "f", "a\nB\nc\nnew\nd\nE\n");
}

static void test_reject_says_where(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f",
		"void first(void);\nvoid second(int);\nvoid third(void);\n\nint other;\n", "g", TEN,
		NULL);
	g_autoptr(series) x = apply(s, &tree,
		"--- a/g\n+++ b/g\n" FIVE_TO_X HEAD
		"@@ -10,3 +10,3 @@\n void first(void);\n-void second(void);\n+void second(long);\n"
		" void third(void);\n@@ -20,1 +20,2 @@\n int other;\n+int more;\n");
	const series_commit *c = commit_at(x, 0);
	const reject *r = reject_at(x, 0);
	/* The rest of the patch is there, and the commit too. */
	assert_int_equal(x->rejects->len, 1);
	assert_false(c->applied);
	assert_false(oid_is_zero(&c->commit));
	assert_file(s, x, "g", "1\n2\n3\n4\nx\n6\n7\n8\n9\n10\n");
	assert_file(s, x, "f",
		"void first(void);\nvoid second(int);\nvoid third(void);\n\nint other;\nint "
		"more;\n");
	assert_int_equal(r->reason, REJECT_HUNK);
	assert_int_equal(r->patch, 1);
	assert_int_equal(r->hunk, 1);
	assert_string_equal(r->path, "f");
	assert_string_equal(r->origin, "x.patch");
	assert_int_equal(r->source_line, 14);
	assert_int_equal(r->near_line, 1);
	assert_int_equal(r->near_end, 3);
	assert_string_equal(r->difference, "-void second(void);\n+void second(int);\n");
}

/* A search that would take hours ends, and the hunk is a reject. */
static void test_hostile_repetition(void **state)
{
	(void)state;
	enum { LINES = 200000, HUNK = 100000 };
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GString) words = g_string_new(NULL);
	for (int i = 0; i < LINES; i++)
		g_string_append(text, "a\n");
	g_string_append_printf(words, HEAD "@@ -5,%d +5,%d @@\n", HUNK + 3, HUNK + 4);
	for (int i = 0; i < HUNK; i++)
		g_string_append(words, " a\n");
	g_string_append(words, "+new\n b\n b\n b\n");
	oid tree = scratch_tree(s, NULL, "f", text->str, NULL);
	clock_t start = clock(); /* of the processor: a busy machine is no slow search */
	g_autoptr(series) x = apply(s, &tree, words->str);
	assert_int_equal(x->rejects->len, 1);
	assert_true(oid_equal(&x->tip_tree, &tree));
	/* Without a limit it takes minutes; generous for sanitizers. */
	assert_true(clock() - start < 100 * CLOCKS_PER_SEC);
}

static void test_nothing_near(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f", "quite other text\n", NULL);
	g_autoptr(series) x = apply(s, &tree, HEAD FIVE_TO_X);
	assert_int_equal(reject_at(x, 0)->near_line, 0);
	assert_null(reject_at(x, 0)->difference);
	/* It did nothing at all: no commit. */
	assert_true(oid_is_zero(&commit_at(x, 0)->commit));
	assert_true(oid_equal(&commit_at(x, 0)->tree, &tree));
	assert_true(oid_equal(&x->tip, &x->base));
}

static void test_end_of_file(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid with = scratch_tree(s, NULL, "f", "a\nb\n", NULL);
	oid without = scratch_tree(s, NULL, "f", "a\nb", NULL);
	g_autoptr(series) x =
		apply(s, &with, HEAD "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n");
	assert_applied(x, 0);
	assert_file(s, x, "f", "a\nb");
	g_autoptr(series) y = apply(s, &without,
		HEAD "@@ -1,2 +1,3 @@\n a\n-b\n\\ No newline at end of file\n+b\n+c\n");
	assert_applied(y, 0);
	assert_file(s, y, "f", "a\nb\nc\n");
	/* "b" without newline is not "b\n". */
	g_autoptr(series) z = apply(
		s, &with, HEAD "@@ -1,2 +1,3 @@\n a\n-b\n\\ No newline at end of file\n+b\n+c\n");
	assert_int_equal(z->rejects->len, 1);
}

static void test_line_endings(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid dos = scratch_tree(s, NULL, "f", "1\r\n2\r\n3\r\n", NULL);
	oid unix_text = scratch_tree(s, NULL, "f", "1\n2\n3\n", NULL);
	/* Mail took the CR away: what is added gets the file's own line end. */
	g_autoptr(series) x = apply(s, &dos, HEAD "@@ -1,3 +1,3 @@\n 1\n-2\n+x\n 3\n");
	assert_applied(x, 1);
	assert_file(s, x, "f", "1\r\nx\r\n3\r\n");
	g_autoptr(series) y = apply(s, &dos, HEAD "@@ -1,3 +1,3 @@\n 1\r\n-2\r\n+x\r\n 3\r\n");
	assert_applied(y, 0);
	assert_file(s, y, "f", "1\r\nx\r\n3\r\n");
	g_autoptr(series) z =
		apply(s, &unix_text, HEAD "@@ -1,3 +1,3 @@\n 1\r\n-2\r\n+x\r\n 3\r\n");
	assert_applied(z, 1);
	assert_file(s, z, "f", "1\nx\n3\n");
}

static void test_without_context(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f", TEN, NULL);
	g_autoptr(series) x = apply(s, &tree,
		HEAD "@@ -2 +2 @@\n-2\n+two\n@@ -5,0 +6,2 @@\n+5a\n+5b\n@@ -9 +10,0 @@\n-9\n");
	assert_applied(x, 3);
	assert_file(s, x, "f", "1\ntwo\n3\n4\n5\n5a\n5b\n6\n7\n8\n10\n");
}

static void test_add_and_delete(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f", "1\n2\n", "e", "", "d/only", "x\n", NULL);
	g_autoptr(series) x = apply(s, &tree,
		"diff --git a/n b/n\nnew file mode 100755\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 "
		"@@\n+new\n"
		"diff --git a/z b/z\nnew file mode 100644\nindex 0000000..e69de29\n"
		"diff --git a/e b/e\ndeleted file mode 100644\nindex e69de29..0000000\n"
		"diff --git a/d/only b/d/only\ndeleted file mode 100644\n--- a/d/only\n+++ "
		"/dev/null\n"
		"@@ -1 +0,0 @@\n-x\n");
	assert_applied(x, 0);
	assert_file(s, x, "n", "new\n");
	assert_file(s, x, "z", "");
	assert_file(s, x, "e", NULL);
	tree_entry entry;
	assert_true(repo_lookup(s->repo, &x->tip_tree, "n", &entry, NULL));
	assert_int_equal(entry.mode, 0100755);
	assert_false(repo_lookup(s->repo, &x->tip_tree, "d", &entry, NULL));

	/* What is there already with that content is no obstacle; other content is. */
	static const char adds[] =
		"diff --git a/f b/f\nnew file mode 100644\n--- /dev/null\n+++ b/f\n"
		"@@ -0,0 +1,2 @@\n+1\n+2\n";
	g_autoptr(series) same = apply(s, &tree, adds);
	assert_applied(same, 1);
	oid differs = scratch_tree(s, NULL, "f", "other\n", NULL);
	g_autoptr(series) other = apply(s, &differs, adds);
	assert_int_equal(reject_at(other, 0)->reason, REJECT_EXISTS);
	assert_file(s, other, "f", "other\n");
	/* A file is deleted whole or not at all. */
	oid more = scratch_tree(s, NULL, "d/only", "x\ny\n", NULL);
	g_autoptr(series) kept = apply(s, &more,
		"diff --git a/d/only b/d/only\ndeleted file mode 100644\n--- a/d/only\n+++ "
		"/dev/null\n"
		"@@ -1 +0,0 @@\n-x\n");
	assert_int_equal(kept->rejects->len, 1);
	assert_file(s, kept, "d/only", "x\ny\n");
	g_autoptr(series) missing = apply(s, &differs, "--- a/gone\n+++ b/gone\n" FIVE_TO_X);
	assert_int_equal(reject_at(missing, 0)->reason, REJECT_MISSING);
	/* A file in the way of a directory. */
	g_autoptr(series) blocked = apply(s, &differs,
		"diff --git a/f/g b/f/g\nnew file mode 100644\n--- /dev/null\n+++ b/f/g\n"
		"@@ -0,0 +1 @@\n+new\n");
	assert_int_equal(reject_at(blocked, 0)->reason, REJECT_EXISTS);
	assert_false(commit_at(blocked, 0)->applied);
}

/* git names the state before the patch in renames and copies. */
static void test_renames_and_copies(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "a", "A\n", "b", "B\n", "f", TEN, NULL);
	g_autoptr(series) x = apply(s, &tree,
		"diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n"
		"diff --git a/b b/a\nsimilarity index 100%\nrename from b\nrename to a\n"
		"diff --git a/f b/f\n" HEAD FIVE_TO_X
		"diff --git a/f b/d/g\nsimilarity index 90%\ncopy from f\ncopy to d/g\n--- a/f\n"
		"+++ b/d/g\n@@ -8,3 +8,3 @@\n 8\n 9\n-10\n+ten\n");
	assert_applied(x, 0);
	assert_file(s, x, "a", "B\n");
	assert_file(s, x, "b", "A\n");
	assert_file(s, x, "f", "1\n2\n3\n4\nx\n6\n7\n8\n9\n10\n");
	assert_file(s, x, "d/g", "1\n2\n3\n4\n5\n6\n7\n8\n9\nten\n");
	/* Not over another file. */
	g_autoptr(series) y = apply(s, &tree,
		"diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n");
	assert_int_equal(reject_at(y, 0)->reason, REJECT_EXISTS);
	assert_true(oid_equal(&y->tip_tree, &tree));
}

/* Everything that git can write, both ways, on the tree it was made for. */
static void test_whatever_git_writes(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autoptr(GString) noise = g_string_new("head\n");
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	for (int i = 0; i < 3000; i++)
		g_string_append_c(noise, (char)g_rand_int_range(rand, 0, 256));
	oid blob, link,
		before = scratch_tree(s, NULL, "mode", "m\n", "type", "t\n", "text", TEN,
			"dir/moved", TEN TEN, "sub-by", "x\n", "end", "a\nb", "dos", "a\r\nb\r\n",
			"becomes/dir", "file\n", NULL);
	oid after = scratch_tree(s, &before, "text", "0\n" TEN, "-dir/moved", "", "dir2/moved",
		TEN TEN "more\n", "end", "a\nb\n", "dos", "a\r\nc\r\n", "-becomes/dir", "",
		"becomes", "now a file\n", "odd name \303\244\t", "q\n", NULL);
	g_autoptr(tree_edit) e = NULL;
	assert_true(tree_edit_new(&e, s->repo, &before, NULL));
	assert_true(repo_write_blob(s->repo, &blob, noise->str, noise->len, NULL));
	assert_true(tree_edit_set(e, "binary", &blob, 0100644, NULL));
	assert_true(tree_edit_set(e, "binary2", &blob, 0100644, NULL));
	assert_true(tree_edit_set(e, "sub", &before, 0160000, NULL));
	assert_true(tree_edit_write(e, &before, NULL));
	g_clear_pointer(&e, tree_edit_free);
	assert_true(tree_edit_new(&e, s->repo, &after, NULL));
	g_string_append(noise, "tail");
	assert_true(repo_write_blob(s->repo, &blob, noise->str, noise->len, NULL));
	assert_true(tree_edit_set(e, "binary", &blob, 0100644, NULL));
	assert_true(repo_write_blob(s->repo, &blob, "\0\1\2", 3, NULL));
	assert_true(tree_edit_set(e, "binary3", &blob, 0100755, NULL));
	assert_true(repo_write_blob(s->repo, &link, "target", 6, NULL));
	assert_true(tree_edit_set(e, "link", &link, 0120000, NULL));
	assert_true(tree_edit_set(e, "type", &link, 0120000, NULL));
	assert_true(repo_write_blob(s->repo, &blob, "m\n", 2, NULL));
	assert_true(tree_edit_set(e, "mode", &blob, 0100755, NULL));
	assert_true(tree_edit_set(e, "sub", &after, 0160000, NULL));
	assert_true(tree_edit_set(e, "sub2", &after, 0160000, NULL));
	assert_true(tree_edit_write(e, &after, NULL));
	assert_true(repo_flush(s->repo, NULL));
	g_autofree char *a = hex_of(&before);
	g_autofree char *b = hex_of(&after);
	static const char *const flags[] = {
		"--no-renames", "-M", "-C --find-copies-harder", "-B -M"};
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(flags); i++) {
		bool back = i % 2;
		g_autofree char *text = scratch_git(s, NULL, "diff --binary --full-index %s %s %s",
			flags[i / 2], back ? b : a, back ? a : b);
		g_autoptr(series) x = apply(s, back ? &after : &before, text);
		assert_applied(x, 0);
		assert_true(oid_equal(&x->tip_tree, back ? &before : &after));
	}
}

static void test_binary(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid old_blob, new_blob, other, tree, changed, differs;
	g_autoptr(tree_edit) e = NULL;
	assert_true(tree_edit_new(&e, s->repo, NULL, NULL));
	assert_true(repo_write_blob(s->repo, &old_blob, "\0one", 4, NULL));
	assert_true(repo_write_blob(s->repo, &new_blob, "\0two", 4, NULL));
	assert_true(repo_write_blob(s->repo, &other, "\0xxx", 4, NULL));
	assert_true(tree_edit_set(e, "b", &old_blob, 0100644, NULL));
	assert_true(tree_edit_write(e, &tree, NULL));
	assert_true(tree_edit_set(e, "b", &new_blob, 0100644, NULL));
	assert_true(tree_edit_write(e, &changed, NULL));
	assert_true(tree_edit_set(e, "b", &other, 0100644, NULL));
	assert_true(tree_edit_write(e, &differs, NULL));
	assert_true(repo_flush(s->repo, NULL));
	g_autofree char *a = hex_of(&tree);
	g_autofree char *b = hex_of(&changed);
	g_autofree char *text = scratch_git(s, NULL, "diff --binary %s %s", a, b);
	g_autoptr(series) ok = apply(s, &tree, text);
	assert_applied(ok, 0);
	assert_true(oid_equal(&ok->tip_tree, &changed));
	g_autoptr(series) already = apply(s, &changed, text);
	assert_applied(already, 1);
	assert_true(oid_equal(&already->tip_tree, &changed));
	/* Not onto other content: the pre-image is verified. */
	g_autoptr(series) refused = apply(s, &differs, text);
	assert_int_equal(reject_at(refused, 0)->reason, REJECT_BINARY);
	assert_true(oid_equal(&refused->tip_tree, &differs));
	/* Content left out of the patch: only the repository can know it. */
	g_autofree char *named = scratch_git(s, NULL, "diff --full-index %s %s", a, b);
	g_autoptr(series) found = apply(s, &tree, named);
	assert_applied(found, 0);
	assert_true(oid_equal(&found->tip_tree, &changed));
	g_autoptr(series) unknown = apply(s, &tree,
		"diff --git a/b b/b\nindex 1111111..2222222 100644\nBinary files a/b and b/b "
		"differ\n");
	assert_int_equal(reject_at(unknown, 0)->reason, REJECT_BINARY);
	assert_non_null(strstr(reject_at(unknown, 0)->difference, "content"));
}

/* What git am -3 does: the blobs of the index lines lead to a merge, renames included. */
static void test_threeway(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
#define LONG "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\n"
	oid before = scratch_tree(s, NULL, "f", LONG, NULL);
	oid after = scratch_tree(s, NULL, "f", "a\nb\nc\nd\ne\nf\nG\nh\ni\nj\nk\nl\nm\nn\n", NULL);
	assert_true(repo_flush(s->repo, NULL));
	g_autofree char *a = hex_of(&before);
	g_autofree char *b = hex_of(&after);
	g_autofree char *text = scratch_git(s, NULL, "diff %s %s", a, b);
	/* Context changed close by, at both ends: no place by lines alone. */
	oid near = scratch_tree(s, NULL, "f", "a\nb\nc\nd\nE\nf\ng\nh\nI\nj\nk\nl\nm\nn\n", NULL);
	g_autoptr(series) x = apply(s, &near, text);
	assert_applied(x, 1);
	assert_file(s, x, "f", "a\nb\nc\nd\nE\nf\nG\nh\nI\nj\nk\nl\nm\nn\n");
	oid moved = scratch_tree(s, NULL, "lib/f", "0\n" LONG, "other", "o\n", NULL);
	g_autoptr(series) y = apply(s, &moved, text);
	assert_applied(y, 1);
	assert_file(s, y, "f", NULL);
	assert_file(s, y, "lib/f", "0\na\nb\nc\nd\ne\nf\nG\nh\ni\nj\nk\nl\nm\nn\n");
	/* Hundreds of files that stand beside it do not hide where it went. */
	oid crowded = moved;
	for (int i = 0; i < 300; i++) {
		g_autofree char *path = g_strdup_printf("beside%03d", i);
		crowded = scratch_tree(s, &crowded, path, "b\n", NULL);
	}
	g_autoptr(series) crowd = apply(s, &crowded, text);
	assert_applied(crowd, 1);
	assert_file(s, crowd, "lib/f", "0\na\nb\nc\nd\ne\nf\nG\nh\ni\nj\nk\nl\nm\nn\n");
	/* Applied before: nothing changes, and that is success. */
	oid done =
		scratch_tree(s, NULL, "f", "0\na\nb\nc\nd\ne\nf\nG\nh\ni\nj\nk\nl\nm\nn\n", NULL);
	g_autoptr(series) z = apply(s, &done, text);
	assert_applied(z, 1);
	assert_true(oid_equal(&z->tip_tree, &done));
	/* Both changed the line: a conflict is a reject, not a guess. */
	oid clash = scratch_tree(s, NULL, "f", "a\nb\nc\nd\ne\nf\n7\nh\ni\nj\nk\nl\nm\nn\n", NULL);
	g_autoptr(series) w = apply(s, &clash, text);
	assert_int_equal(w->rejects->len, 1);
	assert_true(oid_equal(&w->tip_tree, &clash));
	assert_int_equal(reject_at(w, 0)->near_line, 4);
}

static patch *commit_patch(const oid *commit)
{
	patch *p = patch_new(PATCH_COMMIT, "a commit");
	p->commit = *commit;
	p->subject = g_strdup("subject");
	p->message = g_strdup("subject\n\nbody\n");
	p->author = (person){g_strdup("Some One"), g_strdup("one@example.com"), 1000000, -120};
	return p;
}

static void test_commits(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid t0 = scratch_tree(s, NULL, "f", TEN, "g", "g\n", NULL);
	oid t1 = scratch_tree(s, &t0, "f", TEN "11\n", NULL);
	oid t2 = scratch_tree(s, &t1, "n", "n\n", "g", "G\n", NULL);
	g_autoptr(series) x = series_on(s, &t0);
	oid c1 = scratch_commit(s, &t1, &x->base, "one\n"),
	    c2 = scratch_commit(s, &t2, &c1, "two\n");
	add_patch(s, x, commit_patch(&c1));
	add_patch(s, x, commit_patch(&c2));
	/* On their own parent they are taken as they are. */
	assert_true(oid_equal(&x->tip, &c2));
	assert_true(oid_equal(&x->tip_tree, &t2));
	assert_applied(x, 0);
	assert_int_equal(x->notes->len, 0);
	/* Their ids are those of what they changed. */
	assert_true(repo_flush(s->repo, NULL));
	char from[OID_HEX + 1], to[OID_HEX + 1];
	g_autofree char *text =
		scratch_git(s, NULL, "diff %s %s", oid_format(from, &t1), oid_format(to, &t2));
	g_autofree char *id = scratch_git(s, text, "patch-id --stable");
	assert_memory_equal(commit_at(x, 1)->patch_id, id, OID_HEX);

	/* A commit that is empty on purpose is no news, one whose change is there already is. */
	oid empty = scratch_commit(s, &t2, &c2, "empty\n");
	add_patch(s, x, commit_patch(&empty));
	assert_int_equal(x->notes->len, 0);
	add_patch(s, x, commit_patch(&c1));
	assert_int_equal(x->notes->len, 1);
	assert_string_equal(g_ptr_array_index(x->notes, 0),
		"1 patch changes nothing, what it does is there already: 4");

	/* Elsewhere they are carried over, by a new commit that keeps author and message. */
	oid other = scratch_tree(s, NULL, "f", "0\n" TEN, "g", "g\n", NULL);
	g_autoptr(series) y = series_on(s, &other);
	add_patch(s, y, commit_patch(&c1));
	assert_applied(y, 0);
	assert_file(s, y, "f", "0\n" TEN "11\n");
	char *message;
	person author;
	oid parent;
	assert_true(repo_read_commit(s->repo, &y->tip, &message, &author, &parent, NULL, NULL));
	assert_string_equal(message, "subject\n\nbody\n");
	assert_string_equal(author.name, "Some One");
	assert_int_equal(author.offset, -120);
	assert_true(oid_equal(&parent, &y->base));
	person_clear(&author);
	g_free(message);

	/* A conflict takes what is clean and names the rest. */
	oid clash = scratch_tree(s, NULL, "f", TEN, "g", "other\n", NULL);
	g_autoptr(series) z = series_on(s, &clash);
	add_patch(s, z, commit_patch(&c2));
	assert_int_equal(reject_at(z, 0)->reason, REJECT_COMMIT);
	assert_string_equal(reject_at(z, 0)->path, "g");
	assert_false(commit_at(z, 0)->applied);
	assert_file(s, z, "n", "n\n");
	assert_file(s, z, "g", "other\n");
}

static void add_overlay_file(patch *p, const char *path, unsigned mode, const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_ptr_array_add(p->files, overlay_file_new(path, mode, bytes));
}

static void test_overlay(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "a/f", "old\n", "kept", "k\n", "dir/x", "x\n", NULL);
	patch *p = patch_new(PATCH_OVERLAY, "overlay");
	add_overlay_file(p, "a/f", 0100755, "new\n");
	add_overlay_file(p, "a/link", 0120000, "f");
	add_overlay_file(p, "deep/er/file", 0100644, "d\n");
	g_autoptr(series) x = series_on(s, &tree);
	add_patch(s, x, p);
	assert_applied(x, 0);
	tree_entry entry;
	assert_true(repo_lookup(s->repo, &x->tip_tree, "a/f", &entry, NULL));
	assert_int_equal(entry.mode, 0100755);
	assert_true(repo_lookup(s->repo, &x->tip_tree, "a/link", &entry, NULL));
	assert_int_equal(entry.mode, 0120000);
	assert_file(s, x, "kept", "k\n");
	assert_file(s, x, "deep/er/file", "d\n");
	patch *q = patch_new(PATCH_OVERLAY, "overlay");
	add_overlay_file(q, "dir", 0100644, "a file where a directory is\n");
	add_overlay_file(q, "fine", 0100644, "1\n");
	add_patch(s, x, q);
	assert_int_equal(reject_at(x, 0)->reason, REJECT_EXISTS);
	assert_file(s, x, "fine", "1\n");
}

/* Ids depend on input alone: a source without author or date gets the base's date. */
static void test_stable_ids(void **state)
{
	(void)state;
	oid first = {{0}};
	for (int round = 0; round < 2; round++) {
		g_autoptr(scratch_repo) s = scratch_repo_new();
		oid tree = scratch_tree(s, NULL, "f", TEN, NULL);
		g_autoptr(series) x = apply(s, &tree, HEAD FIVE_TO_X);
		const series_commit *c = commit_at(x, 0);
		assert_string_equal(c->author.name, "truce");
		assert_int_equal(c->author.time, 1142208000);
		if (round)
			assert_true(oid_equal(&first, &x->tip));
		first = x->tip;
	}
}

static void test_failure_leaves_series(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f", TEN, NULL);
	g_autoptr(series) x = series_on(s, &tree);
	g_autoptr(patch_list) list = patch_list_new();
	patch *p = patch_of(s, &tree, HEAD FIVE_TO_X), *q = patch_of(s, &tree, HEAD FIVE_TO_X);
	patch_file *f = g_ptr_array_index(q->files, 0);
	g_free(f->new_path);
	f->new_path = g_strdup("../outside");
	g_ptr_array_add(list->patches, p);
	g_ptr_array_add(list->patches, q);
	GError *err = NULL;
	assert_false(series_apply(x, s->repo, list, 0, &err));
	assert_true(g_error_matches(err, TRUCE_ERROR, TRUCE_ERROR_INPUT));
	assert_non_null(strstr(err->message, "x.patch"));
	assert_int_equal(x->commits->len, 0);
	assert_true(oid_equal(&x->tip, &x->base));
	g_error_free(err);
}

static void test_attribution(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f", TEN, "once", "o\n", NULL);
	g_autoptr(series) x = series_on(s, &tree);
	add_patch(s, x,
		patch_of(s, &tree, HEAD "@@ -1,4 +1,6 @@\n 1\n+1a\n+1b\n 2\n-3\n+three\n 4\n"));
	add_patch(s, x,
		patch_of(s, &tree,
			HEAD "@@ -1,7 +1,6 @@\n 1\n 1a\n-1b\n+ONE B\n 2\n three\n 4\n-5\n"));
	add_patch(s, x,
		patch_of(s, &tree,
			"--- a/once\n+++ b/once\n@@ -1 +1,2 @@\n o\n+p\n" HEAD
			"@@ -6,4 +6,5 @@\n 6\n 7\n 8\n 9\n+9a\n"));
	add_patch(s, x, patch_of(s, &tree, "--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+a\n+b\n"));
	assert_int_equal(x->rejects->len, 0);
	assert_true(series_finish(x, s->repo, NULL));
	assert_int_equal(x->files, 3);
	const file_change *f = series_change(x, "f"), *once = series_change(x, "once"),
			  *added = series_change(x, "new");
	assert_file(s, x, "f", "1\n1a\nONE B\n2\nthree\n4\n6\n7\n8\n9\n9a\n10\n");
	assert_int_equal(file_change_patch_of_new(f, 2), 1);
	assert_int_equal(file_change_patch_of_new(f, 3), 2);
	assert_int_equal(file_change_patch_of_new(f, 5), 1);
	assert_int_equal(file_change_patch_of_new(f, 6), 0);
	assert_int_equal(file_change_patch_of_new(f, 11), 3);
	assert_int_equal(file_change_patch_of_old(f, 3), 1);
	assert_int_equal(file_change_patch_of_old(f, 5), 2);
	assert_int_equal(file_change_patch_of_new(once, 2), 3);
	assert_int_equal(file_change_patch_of_new(added, 2), 4);
	assert_int_equal(x->insertions, 7);
	assert_int_equal(x->deletions, 2);
}

/* Enough files for reading ahead and for several threads: the same as one by one. */
static void test_many_files(void **state)
{
	(void)state;
	enum { FILES = 300 };
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autoptr(tree_edit) e = NULL;
	oid tree;
	g_autoptr(GString) first = g_string_new(NULL);
	g_autoptr(GString) second = g_string_new(NULL);
	assert_true(tree_edit_new(&e, s->repo, NULL, NULL));
	for (int i = 0; i < FILES; i++) {
		g_autofree char *path = g_strdup_printf("d%d/f%03d", i % 10, i);
		g_autofree char *text = g_strdup_printf("%d\n" TEN, i);
		oid blob;
		assert_true(repo_write_blob(s->repo, &blob, text, strlen(text), NULL));
		assert_true(tree_edit_set(e, path, &blob, 0100644, NULL));
		g_string_append_printf(first,
			"--- a/%s\n+++ b/%s\n@@ -3,3 +3,4 @@\n 2\n-3\n+three\n+x%d\n 4\n", path,
			path, i);
		if (i % 2)
			g_string_append_printf(second,
				"--- a/%s\n+++ b/%s\n@@ -4,3 +4,3 @@\n three\n-x%d\n+n\n 4\n", path,
				path, i);
	}
	assert_true(tree_edit_write(e, &tree, NULL));
	assert_true(repo_flush(s->repo, NULL));
	scratch_repo_reopen(s);
	g_autoptr(series) x = series_on(s, &tree);
	add_patch(s, x, patch_of(s, &tree, first->str));
	add_patch(s, x, patch_of(s, &tree, second->str));
	assert_int_equal(x->rejects->len, 0);
	for (int round = 0; round < 2; round++) {
		assert_true(series_finish(x, s->repo, NULL));
		assert_int_equal(x->files, FILES);
		assert_int_equal(x->insertions, 2 * FILES);
		assert_int_equal(x->deletions, FILES);
		for (int i = 0; i < FILES; i++) {
			g_autofree char *path = g_strdup_printf("d%d/f%03d", i % 10, i);
			const file_change *c = series_change(x, path);
			assert_non_null(c);
			assert_int_equal(file_change_patch_of_new(c, 4), 1);
			assert_int_equal(file_change_patch_of_new(c, 5), i % 2 ? 2 : 1);
			assert_int_equal(file_change_patch_of_old(c, 4), 1);
		}
		assert_true(repo_flush(s->repo, NULL)); /* first pending, then from disk */
	}
}

static void check_patch_id(const scratch_repo *s, const char *a, const char *b, const char *flags)
{
	oid before, after;
	assert_true(oid_parse(&before, a));
	assert_true(oid_parse(&after, b));
	g_autofree char *text = scratch_git(s, NULL, "diff %s %s %s", flags, a, b);
	g_autofree char *said = scratch_git(s, text, "patch-id --stable");
	g_autoptr(patch) p = patch_of(s, &before, text);
	g_autofree char *ours = patch_id_of_diff(p);
	assert_non_null(ours);
	assert_memory_equal(ours, said, OID_HEX);
	if (strcmp(flags, "--no-renames"))
		return;
	g_autofree char *of_trees = NULL;
	assert_true(patch_id_of_trees(&of_trees, s->repo, &before, &after, NULL));
	assert_string_equal(ours, of_trees);
}

static void assert_same_changes(const GPtrArray *a, const GPtrArray *b)
{
	assert_int_equal(a->len, b->len);
	for (guint i = 0; i < a->len; i++) {
		const file_change *x = g_ptr_array_index(a, i), *y = g_ptr_array_index(b, i);
		assert_string_equal(x->path, y->path);
		assert_int_equal(x->status, y->status);
		assert_int_equal(x->binary, y->binary);
		assert_int_equal(x->insertions, y->insertions);
		assert_int_equal(x->deletions, y->deletions);
		assert_int_equal(x->hunks->len, y->hunks->len);
		for (guint k = 0; k < x->hunks->len; k++) {
			const change_hunk *h = &g_array_index(x->hunks, change_hunk, k),
					  *g = &g_array_index(y->hunks, change_hunk, k);
			assert_memory_equal(h, g, 4 * sizeof(unsigned));
			assert_memory_equal(
				h->old_patch, g->old_patch, h->old_count * sizeof(unsigned));
			assert_memory_equal(
				h->new_patch, g->new_patch, h->new_count * sizeof(unsigned));
		}
	}
}

static const path_step *step_of(const series *x, guint commit, const char *path)
{
	const GArray *steps = commit_at(x, commit)->steps;
	for (guint i = 0; i < steps->len; i++)
		if (!strcmp(g_array_index(steps, path_step, i).path, path))
			return &g_array_index(steps, path_step, i);
	return NULL;
}

/* The applier tells which lines a patch took and gave. */
static void check_steps(const series *x)
{
	static const unsigned want[2][4] = {{1, 0, 2, 2}, {3, 1, 5, 1}};
	const path_step *f = step_of(x, 0, "f"), *added = step_of(x, 0, "new");
	assert_int_equal(f->old_lines, 10);
	assert_int_equal(f->hunks->len, 2);
	for (guint i = 0; i < 2; i++)
		assert_memory_equal(
			&g_array_index(f->hunks, change_hunk, i), want[i], sizeof want[i]);
	assert_int_equal(added->old_lines, 0);
	assert_int_equal(g_array_index(added->hunks, change_hunk, 0).new_count, 2);
	/* What a rename makes did not come from what was at its path. */
	assert_null(step_of(x, 2, "to")->hunks);
	assert_null(step_of(x, 1, "gone")->hunks);
}

/* What is compared while patches are applied is what is compared afterwards. */
static void test_compared_ahead(void **state)
{
	(void)state;
	static const char *const texts[] = {
		HEAD "@@ -1,4 +1,6 @@\n 1\n+1a\n+1b\n 2\n-3\n+three\n 4\n"
		     "--- a/once\n+++ b/once\n@@ -1 +1,2 @@\n o\n+p\n"
		     "--- /dev/null\n+++ b/new\n@@ -0,0 +1,2 @@\n+a\n+b\n"
		     "--- /dev/null\n+++ b/brief\n@@ -0,0 +1 @@\n+a\n",
		HEAD "@@ -4,7 +4,6 @@\n 2\n three\n 4\n-5\n 6\n 7\n 8\n"
		     "--- a/brief\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
		     "--- a/gone\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-g\n-h\n"
		     "--- a/new\n+++ b/new\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n",
		HEAD
		"@@ -6,4 +6,5 @@\n 7\n 8\n 9\n 10\n+9a\n"
		"diff --git a/from b/to\nsimilarity index 50%\nrename from from\nrename to to\n"
		"--- a/from\n+++ b/to\n@@ -1,2 +1,3 @@\n r\n s\n+t\n"
		"diff --git a/script b/script\nold mode 100644\nnew mode 100755\n",
		"--- a/to\n+++ b/to\n@@ -1,3 +1,2 @@\n r\n-s\n t\n"
		"--- a/once\n+++ b/once\n@@ -1,2 +1 @@\n o\n-p\n",
	};
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f", TEN, "once", "o\n", "gone", "g\nh\n", "from",
		"r\ns\n", "script", "x\n", NULL);
	g_autoptr(series) x = series_on(s, &tree);
	g_autoptr(patch_list) list = patch_list_new();
	oid before = tree;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		/* Each is placed on what the ones before it make. */
		g_autoptr(series) so_far = series_on(s, &before);
		add_patch(s, so_far, patch_of(s, &before, texts[i]));
		assert_int_equal(so_far->rejects->len, 0);
		g_ptr_array_add(list->patches, patch_of(s, &before, texts[i]));
		before = so_far->tip_tree;
	}
	assert_true(series_apply(x, s->repo, list, 0, NULL));
	assert_true(oid_equal(&x->tip_tree, &before));
	check_steps(x);
	assert_true(series_finish(x, s->repo, NULL));
	g_autoptr(GPtrArray) ahead = g_ptr_array_ref(x->changes);
	assert_int_equal(ahead->len, 6); /* f from gone new script to */
	assert_int_equal(file_change_patch_of_new(series_change(x, "f"), 2), 1);
	assert_int_equal(file_change_patch_of_old(series_change(x, "f"), 5), 2);
	assert_int_equal(file_change_patch_of_new(series_change(x, "new"), 2), 2);
	assert_true(series_finish(x, s->repo, NULL)); /* nothing is left of what was made ahead */
	assert_ptr_not_equal(ahead, x->changes);
	assert_same_changes(ahead, x->changes);
}

static void test_patch_ids(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid before = scratch_tree(s, NULL, "f", TEN TEN TEN, "gone", "1\n2\n", "m/x", TEN, "end",
		"a", "empty", "", NULL);
	oid after = scratch_tree(s, &before, "f",
		"0\n" TEN "x y\n" TEN "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "-gone", "", "new", "n\n",
		"-m/x", "", "m/y", TEN "11\n", "end", "a\n", "-empty", "", "void", "", NULL);
	oid blob;
	g_autoptr(tree_edit) e = NULL;
	assert_true(tree_edit_new(&e, s->repo, &after, NULL));
	assert_true(repo_write_blob(s->repo, &blob, "s", 1, NULL));
	assert_true(tree_edit_set(e, "run", &blob, 0100755, NULL));
	assert_true(tree_edit_write(e, &after, NULL));
	assert_true(repo_flush(s->repo, NULL));
	g_autofree char *a = hex_of(&before);
	g_autofree char *b = hex_of(&after);
	check_patch_id(s, a, b, "--no-renames");
	check_patch_id(s, b, a, "--no-renames");
	check_patch_id(s, a, b, "-M");
	g_autoptr(patch) nothing = patch_new(PATCH_DIFF, "x");
	assert_null(patch_id_of_diff(nothing));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact_and_offset),
		cmocka_unit_test(test_offset_order),
		cmocka_unit_test(test_anchors),
		cmocka_unit_test(test_reduced_context),
		cmocka_unit_test(test_not_twice),
		cmocka_unit_test(test_reject_says_where),
		cmocka_unit_test(test_hostile_repetition),
		cmocka_unit_test(test_nothing_near),
		cmocka_unit_test(test_end_of_file),
		cmocka_unit_test(test_line_endings),
		cmocka_unit_test(test_without_context),
		cmocka_unit_test(test_add_and_delete),
		cmocka_unit_test(test_renames_and_copies),
		cmocka_unit_test(test_whatever_git_writes),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_threeway),
		cmocka_unit_test(test_commits),
		cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_stable_ids),
		cmocka_unit_test(test_failure_leaves_series),
		cmocka_unit_test(test_attribution),
		cmocka_unit_test(test_many_files),
		cmocka_unit_test(test_compared_ahead),
		cmocka_unit_test(test_patch_ids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
