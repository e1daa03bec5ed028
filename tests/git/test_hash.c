/* Ids of objects: whichever way they are hashed, they are git's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "git/hash.h"
#include "git/repo.h"

static void setup_library(void)
{
	git_libgit2_init();
}

static void assert_git_agrees(git_object_t type, const void *data, size_t len)
{
	oid ours;
	git_oid theirs;
	assert_int_equal(git_odb_hash(&theirs, data, len, type), 0);
	assert_true(object_hash(&ours, type, data, len));
	assert_memory_equal(ours.bytes, theirs.id, OID_BYTES);
}

static void test_blobs(void **state)
{
	(void)state;
	char text[300];
	for (size_t len = 0; len < sizeof text; len++) {
		memset(text, 'a' + (int)(len % 26), len);
		assert_git_agrees(GIT_OBJECT_BLOB, text, len);
		if (!len)
			continue;
		text[len / 2] = (char)0xe9; /* no 7-bit text any more */
		assert_git_agrees(GIT_OBJECT_BLOB, text, len);
		text[len / 2] = 0;
		assert_git_agrees(GIT_OBJECT_BLOB, text, len);
	}
	static const char commit[] = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";
	assert_git_agrees(GIT_OBJECT_COMMIT, commit, strlen(commit));
	assert_git_agrees(GIT_OBJECT_TAG, commit, strlen(commit));
}

static void test_trees(void **state)
{
	(void)state;
	static const char *const entries[] = {"100644 a", "40000 b", "120000 c", "100755 d",
		"100664 old", "160000 submodule", "100644 \xc3\xa9", "7 odd"};
	g_autoptr(GByteArray) tree = g_byte_array_new();
	assert_git_agrees(GIT_OBJECT_TREE, "", 0);
	for (size_t i = 0; i < G_N_ELEMENTS(entries); i++) {
		guint8 id[OID_BYTES];
		memset(id, 0x80 + (int)i, sizeof id);
		g_byte_array_append(
			tree, (const guint8 *)entries[i], (guint)strlen(entries[i]) + 1);
		g_byte_array_append(tree, id, sizeof id);
		assert_git_agrees(GIT_OBJECT_TREE, tree->data, tree->len);
		/* Cut off: no tree, but it has an id. */
		assert_git_agrees(GIT_OBJECT_TREE, tree->data, tree->len - 1);
		assert_git_agrees(GIT_OBJECT_TREE, tree->data, tree->len - OID_BYTES);
		assert_git_agrees(GIT_OBJECT_TREE, tree->data, tree->len - OID_BYTES - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blobs),
		cmocka_unit_test(test_trees),
	};
	setup_library();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
