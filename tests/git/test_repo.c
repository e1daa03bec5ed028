/* Repositories: what is written, what reaches the disk, refs, config, paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "base/error.h"
#include "support/scratch_repo.h"

#define assert_oid(a, b) assert_true(oid_equal(&(a), &(b)))

static char *hex_of(const oid *id)
{
	char hex[OID_HEX + 1];
	return g_strdup(oid_format(hex, id));
}

static void test_open(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autofree char *below = g_build_filename(s->dir, "a", "b", NULL);
	assert_int_equal(g_mkdir_with_parents(below, 0755), 0);
	g_autoptr(repo) r = NULL;
	assert_true(repo_open(&r, below, NULL));
	assert_string_equal(repo_common_dir(r), repo_common_dir(s->repo));
	assert_true(g_str_has_suffix(repo_common_dir(r), "/.git/"));

	GError *err = NULL;
	g_autoptr(repo) none = NULL;
	assert_false(repo_open(&none, "/", &err));
	assert_true(g_error_matches(err, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND));
	assert_non_null(error_hint(err));
	assert_null(none);
	g_error_free(err);
}

static void test_worktree_shares_directory(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f", "1\n", NULL);
	oid commit = scratch_commit(s, &tree, NULL, "one\n");
	assert_true(repo_flush(s->repo, NULL));
	g_autofree char *hex = hex_of(&commit);
	g_autofree char *linked = scratch_git(s, NULL, "worktree add -q --detach linked %s", hex);
	assert_non_null(linked);
	g_autofree char *path = g_build_filename(s->dir, "linked", NULL);
	g_autoptr(repo) r = NULL;
	assert_true(repo_open(&r, path, NULL));
	assert_string_equal(repo_common_dir(r), repo_common_dir(s->repo));
	oid head;
	assert_true(repo_resolve(r, &head, "HEAD", NULL)); /* the worktree's own */
	assert_oid(head, commit);
}

static void test_config(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autofree char *done = scratch_git(s, NULL, "config truce.rules mine");
	g_autofree char *named = scratch_git(s, NULL, "config user.name Mediator");
	/* A file of the tree that looks like a setting is none. */
	g_autofree char *planted = g_build_filename(s->dir, ".truceconfig", NULL);
	assert_true(
		g_file_set_contents(planted, "[truce]\n\trules = theirs\n\tjobs = 9\n", -1, NULL));
	scratch_repo_reopen(s);
	g_autofree char *value = repo_config(s->repo, "truce.rules");
	assert_string_equal(value, "mine");
	assert_null(repo_config(s->repo, "truce.jobs"));
	person who;
	repo_identity(s->repo, &who);
	assert_string_equal(who.name, "Mediator");
	assert_true(who.time > 0);
	person_clear(&who);
}

/* Nothing reaches the disk before the flush; then git finds nothing to complain about. */
static void test_flush(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "b", "b\n", "a/x", "x\n", "a.c", "c\n", "a/y/z", "", NULL);
	oid commit = scratch_commit(s, &tree, NULL, "subject\n\nbody\n");
	g_autofree char *hex = hex_of(&commit);
	assert_true(repo_has(s->repo, &commit));
	g_autofree char *content = scratch_file(s, &tree, "a/x");
	assert_string_equal(content, "x\n");
	assert_null(scratch_git(s, NULL, "cat-file -t %s", hex));

	assert_true(repo_flush(s->repo, NULL));
	g_autofree char *type = scratch_git(s, NULL, "cat-file -t %s", hex);
	assert_string_equal(type, "commit\n");
	g_autofree char *names = scratch_git(s, NULL, "ls-tree -r --name-only %s", hex);
	assert_string_equal(names, "a.c\na/x\na/y/z\nb\n");
	g_autofree char *fsck = scratch_git(s, NULL, "fsck --strict --full --no-dangling");
	assert_non_null(fsck);
	scratch_repo_reopen(s);
	assert_true(repo_has(s->repo, &commit));
	assert_true(repo_flush(s->repo, NULL)); /* nothing pending: nothing to do */

	char *message;
	person author;
	oid parent, read_tree;
	assert_true(
		repo_read_commit(s->repo, &commit, &message, &author, &parent, &read_tree, NULL));
	assert_string_equal(message, "subject\n\nbody\n");
	assert_string_equal(author.email, "author@example.com");
	assert_int_equal(author.offset, 60);
	assert_true(oid_is_zero(&parent));
	assert_oid(read_tree, tree);
	person_clear(&author);
	g_free(message);
}

/* Bytes beyond what is kept inflated come back whole, before and after the flush. */
static void test_many_pending_bytes(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	enum { SIZE = 1 << 20, COUNT = 60 };
	g_autofree char *data = g_malloc(SIZE);
	oid ids[COUNT];
	for (unsigned i = 0; i < COUNT; i++) {
		memset(data, 'a' + (int)(i % 20), SIZE);
		memcpy(data, &i, sizeof i);
		assert_true(repo_write_blob(s->repo, &ids[i], data, SIZE, NULL));
	}
	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < COUNT; i++) {
			g_autoptr(GBytes) back = NULL;
			memset(data, 'a' + (int)(i % 20), SIZE);
			memcpy(data, &i, sizeof i);
			assert_true(repo_read_blob(s->repo, &back, &ids[i], NULL));
			assert_int_equal(g_bytes_get_size(back), SIZE);
			assert_memory_equal(g_bytes_get_data(back, NULL), data, SIZE);
		}
		assert_true(repo_flush(s->repo, NULL));
		scratch_repo_reopen(s);
	}
}

static void test_scratch(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid kept, dropped, inner, again;
	assert_true(repo_write_blob(s->repo, &kept, "kept", 4, NULL));
	repo_scratch_begin(s->repo);
	assert_true(repo_write_blob(s->repo, &dropped, "dropped", 7, NULL));
	assert_true(repo_write_blob(s->repo, &again, "kept", 4, NULL));
	repo_scratch_begin(s->repo);
	assert_true(repo_write_blob(s->repo, &inner, "inner", 5, NULL));
	repo_scratch_end(s->repo);
	assert_true(repo_has(s->repo, &dropped));
	assert_false(repo_has(s->repo, &inner));
	repo_scratch_end(s->repo);
	assert_false(repo_has(s->repo, &dropped));
	assert_true(repo_has(s->repo, &kept));
	/* What was scratch once can be written for good. */
	assert_true(repo_write_blob(s->repo, &dropped, "dropped", 7, NULL));
	assert_true(repo_flush(s->repo, NULL));
	scratch_repo_reopen(s);
	assert_true(repo_has(s->repo, &dropped));
	assert_false(repo_has(s->repo, &inner));
}

static void test_refs(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f", "1\n", NULL);
	oid commit = scratch_commit(s, &tree, NULL, "one\n"), found;
	GError *err = NULL;
	assert_true(repo_set_ref(s->repo, "refs/truce/xen", &commit, NULL)); /* flushes */
	g_autofree char *refs = scratch_git(s, NULL, "for-each-ref --format=%%(refname)");
	assert_string_equal(refs, "refs/truce/xen\n");
	assert_true(repo_get_ref(s->repo, &found, "refs/truce/xen", NULL));
	assert_oid(found, commit);
	static const char *const foreign[] = {"refs/heads/main", "HEAD", "refs/truce/../heads/x",
		"refs/truce/", "refs/truce/a b"};
	for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++) {
		assert_false(repo_set_ref(s->repo, foreign[i], &commit, NULL));
		assert_false(repo_delete_ref(s->repo, foreign[i], NULL));
	}
	assert_true(repo_delete_ref(s->repo, "refs/truce/xen", NULL));
	assert_false(repo_get_ref(s->repo, &found, "refs/truce/xen", &err));
	assert_true(g_error_matches(err, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND));
	g_error_free(err);
}

static void test_revisions(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid t1 = scratch_tree(s, NULL, "f", "1\n", NULL);
	oid t2 = scratch_tree(s, &t1, "g", "2\n", NULL);
	oid c1 = scratch_commit(s, &t1, NULL, "one\n"), c2 = scratch_commit(s, &t2, &c1, "two\n");
	oid c3 = scratch_commit(s, &t1, &c1, "three\n");
	oid found;
	GError *err = NULL;
	assert_true(repo_flush(s->repo, NULL));
	g_autofree char *hex = hex_of(&c2);
	g_autofree char *tagged = scratch_git(
		s, NULL, "-c user.name=T -c user.email=t@example.com tag -a -m v1 v1 %s", hex);
	assert_non_null(tagged);
	assert_true(repo_resolve(s->repo, &found, "v1", NULL)); /* an annotated tag, peeled */
	assert_oid(found, c2);
	assert_true(repo_resolve(s->repo, &found, "v1~1", NULL));
	assert_oid(found, c1);
	assert_false(repo_resolve(s->repo, &found, "nowhere", &err));
	assert_true(g_error_matches(err, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND));
	g_error_free(err);
	assert_true(repo_merge_base(s->repo, &found, &c2, &c3, NULL));
	assert_oid(found, c1);
	g_autoptr(GArray) range = g_array_new(FALSE, FALSE, sizeof(oid));
	assert_true(repo_range(s->repo, range, &c1, &c2, NULL));
	assert_int_equal(range->len, 1);
	assert_oid(g_array_index(range, oid, 0), c2);
}

static void test_find_blob(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid blob, found, tree = scratch_tree(s, NULL, "f", "x\n", NULL);
	assert_true(repo_write_blob(s->repo, &blob, "x\n", 2, NULL));
	g_autofree char *hex = hex_of(&blob);
	g_autofree char *tree_hex = hex_of(&tree);
	for (int round = 0; round < 2; round++) {
		for (int digits = OID_HEX; digits >= 7; digits -= 11) {
			g_autofree char *prefix = g_strndup(hex, (gsize)digits);
			assert_true(repo_find_blob(s->repo, &found, prefix, NULL));
			assert_oid(found, blob);
		}
		assert_false(repo_find_blob(s->repo, &found, "abc", NULL));
		assert_false(repo_find_blob(s->repo, &found, "not-hex", NULL));
		assert_false(repo_find_blob(s->repo, &found, tree_hex, NULL));
		assert_true(repo_flush(s->repo, NULL));
	}
}

static void test_paths(void **state)
{
	(void)state;
	static const char *const safe[] = {"a", "a/b", ".gitignore", "a/.gitattributes", "git",
		"..a", "a..", ".git2", "x.git", "a b", "\303\244", ".gi", "git~2", "a\\b"};
	static const char *const unsafe[] = {"", "/", "/a", "a/", "a//b", ".", "..", "a/../b",
		"./a", "a/.", ".git", "a/.GIT/b", ".Git", ".git ", ".git.", "git~1", "GIT~1/x",
		".git::$INDEX_ALLOCATION", ".g\342\200\214it", "\357\273\277.git", "a\\.git\\b",
		".git\\hooks"};
	for (size_t i = 0; i < G_N_ELEMENTS(safe); i++)
		if (!repo_path_is_safe(safe[i]))
			fail_msg("'%s' was refused", safe[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(unsafe); i++)
		if (repo_path_is_safe(unsafe[i]))
			fail_msg("'%s' was taken", unsafe[i]);
	g_autofree char *longest = g_strnfill(4096, 'a');
	g_autofree char *longer = g_strnfill(4097, 'a');
	assert_true(repo_path_is_safe(longest));
	assert_false(repo_path_is_safe(longer));
	assert_false(repo_path_is_safe(NULL));
}

/* git's own words for what a commit may hold. */
static void test_hostile_identity(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	oid tree = scratch_tree(s, NULL, "f", "1\n", NULL), commit;
	person who = {(char *)" <evil>\ncommitter x <y> 1 +0000, ", (char *)"a>b\n<c", -5, 100000};
	assert_true(repo_write_commit(s->repo, &commit, &tree, NULL, 0, &who, "m\n", NULL));
	assert_true(repo_flush(s->repo, NULL));
	g_autofree char *fsck = scratch_git(s, NULL, "fsck --strict --full --no-dangling");
	assert_non_null(fsck);
	g_autofree char *hex = hex_of(&commit);
	g_autofree char *text = scratch_git(s, NULL, "log -1 --format=%%an|%%ae|%%cn %s", hex);
	assert_string_equal(text, "evilcommitter x y 1 +0000|abc|evilcommitter x y 1 +0000\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_worktree_shares_directory),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_flush),
		cmocka_unit_test(test_many_pending_bytes),
		cmocka_unit_test(test_scratch),
		cmocka_unit_test(test_refs),
		cmocka_unit_test(test_revisions),
		cmocka_unit_test(test_find_blob),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_hostile_identity),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
