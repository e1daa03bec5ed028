/* Trees under change, differences, merges: what git itself makes of the same input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "support/scratch_repo.h"

static char *hex_of(const oid *id)
{
	char hex[OID_HEX + 1];
	return g_strdup(oid_format(hex, id));
}

/* Entries stand in git's order, where a directory sorts as if its name ended in '/'. */
static void test_order(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "a/x", "1", "a.c", "2", "a0", "3", "a-b", "4", "A", "5",
		"aa/b/c", "6", NULL);
	assert_true(repo_flush(s->repo, NULL));
	g_autofree char *hex = hex_of(&tree);
	g_autofree char *names = scratch_git(s, NULL, "ls-tree --name-only %s", hex);
	assert_string_equal(names, "A\na-b\na.c\na\na0\naa\n");
	g_autofree char *listed = scratch_git(s, NULL, "ls-tree %s", hex);
	g_autofree char *same = scratch_git(s, listed, "mktree");
	assert_string_equal(g_strchomp(same), hex);
}

static void test_edit(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "a/b/c", "1", "a/d", "2", "f", "3", NULL), blob, after;
	assert_true(repo_write_blob(s->repo, &blob, "new", 3, NULL));
	g_autoptr(tree_edit) e = NULL;
	tree_entry entry;
	GError *err = NULL;
	assert_true(tree_edit_new(&e, s->repo, &tree, NULL));
	/* What cannot be leaves the edit as it was. */
	assert_false(tree_edit_set(e, "f/g", &blob, 0100644, &err));
	assert_true(g_error_matches(err, TRUCE_ERROR, TRUCE_ERROR_INPUT));
	g_clear_error(&err);
	assert_false(tree_edit_set(e, "a/b", &blob, 0100644, NULL));
	assert_false(tree_edit_set(e, "../x", &blob, 0100644, NULL));
	assert_false(tree_edit_remove(e, "a/b", NULL)); /* a directory */
	assert_false(tree_edit_remove(e, "a/x", &err));
	assert_true(g_error_matches(err, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND));
	g_clear_error(&err);
	assert_true(tree_edit_write(e, &after, NULL));
	assert_true(oid_equal(&after, &tree));

	/* Pending changes are seen, and directories go when they get empty. */
	assert_true(tree_edit_remove(e, "a/b/c", NULL));
	assert_false(tree_edit_lookup(e, "a/b", &entry, NULL));
	assert_true(tree_edit_set(e, "a/b", &blob, 0100755, NULL));
	assert_true(tree_edit_lookup(e, "a/b", &entry, NULL));
	assert_int_equal(entry.mode, 0100755);
	assert_true(tree_edit_remove(e, "a/b", NULL));
	assert_true(tree_edit_remove(e, "a/d", NULL));
	assert_true(tree_edit_write(e, &after, NULL));
	oid expected = scratch_tree(s, NULL, "f", "3", NULL);
	assert_true(oid_equal(&after, &expected));
	/* It stays usable. */
	assert_true(tree_edit_set(e, "g/h", &blob, 0100644, NULL));
	assert_true(tree_edit_write(e, &after, NULL));
	expected = scratch_tree(s, NULL, "f", "3", "g/h", "new", NULL);
	assert_true(oid_equal(&after, &expected));
}

static bool list_path(const char *path, const tree_entry *entry, void *data)
{
	g_string_append_printf(data, "%s %o\n", path, entry->mode);
	return strcmp(path, "stop") != 0;
}

static void test_walk_and_lookup(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(
		s, NULL, "a/b", "1", "a/c/d", "2", "ab", "3", "stop", "", "z", "", NULL);
	g_autoptr(GString) all = g_string_new(NULL);
	assert_true(repo_walk(s->repo, &tree, "", list_path, all, NULL));
	assert_string_equal(all->str, "a/b 100644\na/c/d 100644\nab 100644\nstop 100644\n");
	g_string_truncate(all, 0);
	assert_true(repo_walk(s->repo, &tree, "a/", list_path, all, NULL));
	assert_string_equal(all->str, "a/b 100644\na/c/d 100644\n");
	g_string_truncate(all, 0);
	assert_true(repo_walk(s->repo, &tree, "nowhere", list_path, all, NULL));
	assert_string_equal(all->str, "");
	tree_entry entry;
	GError *err = NULL;
	assert_false(repo_lookup(s->repo, &tree, "a/b/c", &entry, &err));
	assert_false(repo_lookup(s->repo, &tree, "a/x", &entry, &err));
	assert_null(err); /* not there is no error */
	assert_true(repo_lookup(s->repo, &tree, "a/c", &entry, NULL));
	assert_int_equal(entry.mode, 0040000);
}

/* A text of lines from a small stock, so that equal lines are frequent, as in code. */
static char *random_text(GRand *rand, unsigned lines)
{
	GString *text = g_string_new(NULL);
	for (unsigned i = 0; i < lines; i++) {
		static const char *const stock[] = {"}", "", "\treturn 0;", "{", "\tint i;"};
		if (g_rand_boolean(rand))
			g_string_append(
				text, stock[g_rand_int_range(rand, 0, G_N_ELEMENTS(stock))]);
		else
			g_string_append_printf(text, "\tline %d", g_rand_int_range(rand, 0, 40));
		g_string_append_c(text, '\n');
	}
	if (text->len && g_rand_int_range(rand, 0, 8) == 0)
		g_string_truncate(text, text->len - 1); /* no newline at the end */
	return g_string_free(text, FALSE);
}

/* Deletes, doubles and changes some lines. */
static char *random_change(GRand *rand, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *out = g_string_new(NULL);
	for (char **line = lines; *line; line++) {
		int what = g_rand_int_range(rand, 0, 20);
		if (what == 0)
			continue;
		if (what == 1)
			g_string_append_printf(out, "\tnew %d\n", g_rand_int_range(rand, 0, 9));
		if (what == 2)
			g_string_append(out, "}\n");
		g_string_append(out, *line);
		if (line[1])
			g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

static void append_numstat(GString *out, const GPtrArray *changes)
{
	for (guint i = 0; i < changes->len; i++) {
		const file_change *c = g_ptr_array_index(changes, i);
		unsigned added = 0, deleted = 0;
		for (guint k = 0; k < c->hunks->len; k++) {
			added += g_array_index(c->hunks, change_hunk, k).new_count;
			deleted += g_array_index(c->hunks, change_hunk, k).old_count;
		}
		assert_int_equal(added, c->insertions);
		assert_int_equal(deleted, c->deletions);
		if (c->binary)
			g_string_append_printf(out, "-\t-\t%s\n", c->path);
		else
			g_string_append_printf(
				out, "%u\t%u\t%s\n", c->insertions, c->deletions, c->path);
	}
}

static void test_diff_counts_as_git(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autoptr(GRand) rand = g_rand_new_with_seed(20060313);
	oid before = scratch_tree(s, NULL, "gone", "a\nb", "binary", "x\n", "same", "s\n", NULL);
	oid after = scratch_tree(s, NULL, "added", "a\nb\n", "empty", "", "same", "s\n", NULL);
	for (int i = 0; i < 150; i++) {
		g_autofree char *path = g_strdup_printf("d%d/f%d", i % 7, i);
		g_autofree char *text = random_text(rand, (unsigned)g_rand_int_range(rand, 0, 120));
		g_autofree char *changed = random_change(rand, text);
		before = scratch_tree(s, &before, path, text, NULL);
		after = scratch_tree(s, &after, path, changed, NULL);
	}
	oid binary;
	g_autoptr(tree_edit) e = NULL;
	assert_true(repo_write_blob(s->repo, &binary, "a\0b\n", 4, NULL));
	assert_true(tree_edit_new(&e, s->repo, &after, NULL));
	assert_true(tree_edit_set(e, "binary", &binary, 0100644, NULL));
	assert_true(tree_edit_write(e, &after, NULL));
	assert_true(repo_flush(s->repo, NULL));
	g_autoptr(GPtrArray) changes = NULL;
	assert_true(repo_diff(s->repo, &changes, &before, &after, NULL));
	g_autoptr(GString) ours = g_string_new(NULL);
	append_numstat(ours, changes);
	g_autofree char *a = hex_of(&before);
	g_autofree char *b = hex_of(&after);
	g_autofree char *git = scratch_git(s, NULL, "diff --numstat --no-renames %s %s", a, b);
	assert_string_equal(ours->str, git);
}

static void test_diff_status(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid before = scratch_tree(s, NULL, "mode", "m\n", "type", "t\n", "sub", "x\n", NULL), blob,
	    after;
	g_autoptr(tree_edit) e = NULL;
	assert_true(tree_edit_new(&e, s->repo, &before, NULL));
	assert_true(repo_write_blob(s->repo, &blob, "m\n", 2, NULL));
	assert_true(tree_edit_set(e, "mode", &blob, 0100755, NULL));
	assert_true(repo_write_blob(s->repo, &blob, "target", 6, NULL));
	assert_true(tree_edit_set(e, "type", &blob, 0120000, NULL));
	assert_true(tree_edit_set(e, "sub", &before, 0160000, NULL)); /* a submodule's commit */
	assert_true(tree_edit_write(e, &after, NULL));
	g_autoptr(GPtrArray) changes = NULL;
	assert_true(repo_diff(s->repo, &changes, &before, &after, NULL));
	assert_int_equal(changes->len, 3);
	const file_change *mode = g_ptr_array_index(changes, 0),
			  *sub = g_ptr_array_index(changes, 1),
			  *type = g_ptr_array_index(changes, 2);
	assert_int_equal(mode->status, CHANGE_MODIFIED);
	assert_int_equal(mode->hunks->len, 0);
	assert_int_equal(mode->new_mode, 0100755);
	assert_int_equal(sub->status, CHANGE_TYPE);
	assert_int_equal(sub->insertions, 1);
	assert_int_equal(type->status, CHANGE_TYPE);
	assert_int_equal(type->deletions, 1);
}

#define TEN "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"

/* Each case: what both sides make of the same base; compared with git merge-tree. */
static void check_merge(const scratch_repo *s, const oid *base, const oid *ours, const oid *theirs)
{
	oid c0 = scratch_commit(s, base, NULL, "base\n");
	oid c1 = scratch_commit(s, ours, &c0, "ours\n"),
	    c2 = scratch_commit(s, theirs, &c0, "theirs\n");
	oid merged;
	g_autoptr(GPtrArray) conflicts = NULL;
	assert_true(repo_merge(s->repo, &merged, &conflicts, base, ours, theirs, NULL));
	assert_true(repo_flush(s->repo, NULL));
	g_autofree char *a = hex_of(&c1);
	g_autofree char *b = hex_of(&c2);
	g_autofree char *git =
		scratch_git(s, NULL, "merge-tree --write-tree --name-only %s %s", a, b);
	if (!git) { /* git has conflicts */
		assert_true(conflicts->len > 0);
		return;
	}
	assert_int_equal(conflicts->len, 0);
	g_autofree char *hex = hex_of(&merged);
	assert_string_equal(g_strchomp(git), hex);
}

static void test_merge_as_git(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid base = scratch_tree(s, NULL, "a/f", TEN, "b", TEN, "c", "c\n", "d/e", "e\n", NULL);
	oid top = scratch_tree(s, &base, "a/f", "0\n" TEN, NULL);
	oid bottom = scratch_tree(s, &base, "a/f", TEN "11\n", "-c", "", "n/w", "new\n", NULL);
	oid other_top = scratch_tree(s, &base, "a/f", "zero\n" TEN, NULL);
	oid moved = scratch_tree(s, &base, "-a/f", "", "x/g", TEN "11\n", NULL);
	oid gone = scratch_tree(s, &base, "-a/f", "", NULL);
	oid folder = scratch_tree(s, &base, "-c", "", "c/d", "c\n", NULL);
	check_merge(s, &base, &top, &bottom);
	check_merge(s, &base, &bottom, &top);
	check_merge(s, &base, &top, &other_top);
	check_merge(s, &base, &top, &moved); /* the edit follows the renamed file */
	check_merge(s, &base, &moved, &top);
	check_merge(s, &base, &gone, &top);
	check_merge(s, &base, &folder, &top);
	check_merge(s, &base, &top, &top);
}

static void test_merge_conflict(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid base = scratch_tree(s, NULL, "f", TEN, "g", TEN, "same", "s\n", NULL), tree;
	oid ours = scratch_tree(s, &base, "f", "ours\n" TEN, "-g", "", "ours", "o\n", NULL);
	oid theirs =
		scratch_tree(s, &base, "f", "theirs\n" TEN, "g", "new\n" TEN, "t", "t\n", NULL);
	g_autoptr(GPtrArray) conflicts = NULL;
	assert_true(repo_merge(s->repo, &tree, &conflicts, &base, &ours, &theirs, NULL));
	assert_int_equal(conflicts->len, 2);
	const merge_conflict *f = g_ptr_array_index(conflicts, 0),
			     *g = g_ptr_array_index(conflicts, 1);
	assert_string_equal(f->path, "f");
	assert_false(oid_is_zero(&f->base) || oid_is_zero(&f->ours) || oid_is_zero(&f->theirs));
	assert_string_equal(g->path, "g");
	assert_true(oid_is_zero(&g->ours));
	assert_int_equal(g->their_mode, 0100644);
	/* Conflicted files stay as ours; everything else is merged. */
	oid expected = scratch_tree(s, &ours, "t", "t\n", NULL);
	assert_true(oid_equal(&tree, &expected));
	/* The narrowed trees that the merge went over were scratch. */
	assert_true(repo_flush(s->repo, NULL));
	g_autofree char *fsck = scratch_git(s, NULL, "fsck --strict --full --no-dangling");
	assert_non_null(fsck);
}

/* A file of the work tree must not change what a merge yields. */
static void test_merge_ignores_attributes(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autofree char *path = g_build_filename(s->dir, ".gitattributes", NULL);
	assert_true(g_file_set_contents(path, "* merge=union\n", -1, NULL));
	g_autofree char *set = scratch_git(s, NULL, "config merge.default union");
	scratch_repo_reopen(s);
	oid base = scratch_tree(s, NULL, ".gitattributes", "* merge=union\n", "f", TEN, NULL), tree;
	oid ours = scratch_tree(s, &base, "f", "ours\n" TEN, NULL);
	oid theirs = scratch_tree(s, &base, "f", "theirs\n" TEN, NULL);
	g_autoptr(GPtrArray) conflicts = NULL;
	assert_true(repo_merge(s->repo, &tree, &conflicts, &base, &ours, &theirs, NULL));
	assert_int_equal(conflicts->len, 1);
}

static void test_merge_texts(void **state)
{
	(void)state;
	g_autoptr(GBytes) base = g_bytes_new_static(TEN, strlen(TEN));
	g_autoptr(GBytes) ours = g_bytes_new_static("0\n" TEN, strlen("0\n" TEN));
	g_autoptr(GBytes) theirs = g_bytes_new_static(TEN "11\n", strlen(TEN "11\n"));
	g_autoptr(GBytes) merged = NULL;
	g_autoptr(GBytes) marked = NULL;
	bool clean;
	assert_true(repo_merge_texts(&merged, &clean, base, ours, theirs, "xen", "vmi", NULL));
	assert_true(clean);
	assert_int_equal(g_bytes_get_size(merged), strlen("0\n" TEN "11\n"));
	g_autoptr(GBytes) other = g_bytes_new_static("x\n" TEN, strlen("x\n" TEN));
	assert_true(repo_merge_texts(&marked, &clean, base, ours, other, "xen", "vmi", NULL));
	assert_false(clean);
	g_autofree char *text = g_strndup(g_bytes_get_data(marked, NULL), g_bytes_get_size(marked));
	assert_string_equal(text, "<<<<<<< xen\n0\n=======\nx\n>>>>>>> vmi\n" TEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_walk_and_lookup),
		cmocka_unit_test(test_diff_counts_as_git),
		cmocka_unit_test(test_diff_status),
		cmocka_unit_test(test_merge_as_git),
		cmocka_unit_test(test_merge_conflict),
		cmocka_unit_test(test_merge_ignores_attributes),
		cmocka_unit_test(test_merge_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
