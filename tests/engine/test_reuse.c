/* Answers kept by the content of all that was read for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "engine/reuse.h"
#include "support/scratch_db.h"
#include "support/scratch_repo.h"

#define KEY "0123456789012345678901234567890123456789012345678901234567890123"
#define OTHER_KEY "1123456789012345678901234567890123456789012345678901234567890123"

typedef struct fixture {
	scratch_repo *r;
	scratch *db;
	oid trees[3]; /* the base; another a.h; another b.h and a new c.h */
	kernel_tree *kernels[3];
	GHashTable *wanted; /* a.c and a.h */
} fixture;

static reuse_place here(const fixture *f, int tree)
{
	return (reuse_place){f->kernels[tree], f->trees[tree], f->wanted};
}

static int setup(void **state)
{
	fixture *f = g_new0(fixture, 1);
	f->r = scratch_repo_new();
	void *db;
	scratch_setup(&db);
	f->db = db;
	f->trees[0] = scratch_tree(f->r, NULL, "a.c", "#include \"a.h\"\n", "a.h", "int a;\n",
		"b.h", "int b;\n", NULL);
	f->trees[1] = scratch_tree(f->r, &f->trees[0], "a.h", "long a;\n", NULL);
	f->trees[2] = scratch_tree(f->r, &f->trees[0], "b.h", "long b;\n", "c.h", "int c;\n", NULL);
	g_autofree char *cache = g_build_filename(f->r->dir, "cache", NULL);
	assert_true(kernel_tree_open(&f->kernels[0], f->r->repo, &f->trees[0], cache, NULL));
	for (int i = 1; i < 3; i++)
		assert_true(kernel_tree_tip(&f->kernels[i], f->kernels[0], &f->trees[i], NULL));
	f->wanted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	const char *const wanted[] = {"a.c", "a.h"};
	for (int i = 0; i < 2; i++) {
		oid id;
		assert_true(kernel_tree_blob(f->kernels[0], wanted[i], &id));
		g_hash_table_insert(f->wanted, g_strdup(wanted[i]), oid_copy(&id));
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture *f = *state;
	g_hash_table_unref(f->wanted);
	for (int i = 3; i-- > 0;)
		kernel_tree_free(f->kernels[i]);
	void *db = f->db;
	scratch_teardown(&db);
	scratch_repo_free(f->r);
	g_free(f);
	return 0;
}

static GPtrArray *paths(const char *a, const char *b, const char *c)
{
	const char *all[] = {a, b, c};
	GPtrArray *out = g_ptr_array_new();
	for (int i = 0; i < 3; i++)
		if (all[i])
			g_ptr_array_add(out, (gpointer)all[i]);
	return out;
}

/* Keeps `text` as the answer of KEY, for which a.c and two more places were read. */
static void keep(fixture *f, int tree, const char *second, const char *third, const char *text)
{
	reuse_place where = here(f, tree);
	g_autoptr(GPtrArray) reads = paths("a.c", second, third);
	g_autoptr(GPtrArray) reported = paths("a.c", "a.h", NULL);
	g_autoptr(GBytes) answer = g_bytes_new(text, strlen(text));
	assert_true(reuse_keep(f->db->db, KEY, "a.c", &where, reads, reported, answer, NULL));
}

/* The answer for the tree as text; NULL: none holds. The caller's. */
static char *find(fixture *f, const char *key, int tree)
{
	reuse_place where = here(f, tree);
	g_autoptr(GBytes) answer = NULL;
	g_autoptr(GPtrArray) reads = NULL;
	assert_true(reuse_find(&answer, &reads, f->db->db, key, &where, NULL));
	if (!answer) {
		assert_null(reads);
		return NULL;
	}
	/* With what it depends on. */
	assert_true(g_ptr_array_find_with_equal_func(reads, "a.c", g_str_equal, NULL));
	gsize len;
	const char *data = g_bytes_get_data(answer, &len);
	return g_strndup(data, len);
}

static void check(fixture *f, int tree, const char *expected)
{
	g_autofree char *found = find(f, KEY, tree);
	if (expected)
		assert_string_equal(found, expected);
	else
		assert_null(found);
}

static void test_holds_where_the_same_was_read(void **state)
{
	fixture *f = *state;
	check(f, 0, NULL);
	keep(f, 0, "a.h", NULL, "base");
	check(f, 0, "base");
	check(f, 1, NULL);   /* another a.h */
	check(f, 2, "base"); /* what differs was not read */
	g_autofree char *other = find(f, OTHER_KEY, 0);
	assert_null(other);
}

/* A place where a file was looked for and was not is part of the answer. */
static void test_a_file_that_appears(void **state)
{
	fixture *f = *state;
	keep(f, 0, "a.h", "c.h", "without");
	check(f, 0, "without");
	check(f, 2, NULL);
	keep(f, 2, "a.h", "c.h", "with");
	check(f, 2, "with");
	check(f, 0, "without");
}

/* "": who knows what was read, the tree has to be the same. */
static void test_the_whole_tree(void **state)
{
	fixture *f = *state;
	keep(f, 0, "", NULL, "whole");
	check(f, 0, "whole");
	check(f, 2, NULL);
}

/* Each occasion has an answer of its own; the same occasion's is replaced. */
static void test_many_occasions(void **state)
{
	fixture *f = *state;
	keep(f, 0, "a.h", NULL, "base");
	keep(f, 1, "a.h", NULL, "tip");
	check(f, 0, "base");
	check(f, 1, "tip");
	keep(f, 0, "a.h", NULL, "again");
	check(f, 0, "again");
	check(f, 1, "tip");
}

/* An answer that says nothing of a file that is wanted now, and was read, is no answer. */
static void test_a_file_that_is_wanted_now(void **state)
{
	fixture *f = *state;
	keep(f, 0, "a.h", "b.h", "base");
	check(f, 0, "base");
	oid id;
	assert_true(kernel_tree_blob(f->kernels[0], "b.h", &id));
	g_hash_table_insert(f->wanted, g_strdup("b.h"), oid_copy(&id));
	check(f, 0, NULL);
}

/* The oldest go: so many trees are remembered, no more. */
static void test_oldest_go(void **state)
{
	fixture *f = *state;
	oid tree = f->trees[0];
	keep(f, 1, "a.h", NULL, "oldest");
	for (unsigned i = 0; i < LIMIT_REUSE_OCCASIONS; i++) {
		check(f, 1, "oldest");
		g_autofree char *text = g_strdup_printf("int a%u;\n", i);
		oid next = scratch_tree(f->r, &tree, "a.h", text, NULL);
		g_autoptr(kernel_tree) kernel = NULL;
		assert_true(kernel_tree_tip(&kernel, f->kernels[0], &next, NULL));
		reuse_place where = {kernel, next, f->wanted};
		g_autoptr(GPtrArray) reads = paths("a.h", NULL, NULL);
		g_autoptr(GPtrArray) reported = paths("a.c", "a.h", NULL);
		g_autoptr(GBytes) answer = g_bytes_new(text, strlen(text));
		assert_true(
			reuse_keep(f->db->db, KEY, "a.c", &where, reads, reported, answer, NULL));
	}
	check(f, 1, NULL);
}

/* A damaged list counts as none, and is written anew. */
static void test_damaged_list(void **state)
{
	fixture *f = *state;
	keep(f, 0, "a.h", NULL, "base");
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
	{
		g_autoptr(stmt) q = sql_prepare(f->db->db->db, "SELECT key FROM cache_facts", NULL);
		for (bool row; stmt_next(q, &row, NULL) && row;)
			g_ptr_array_add(keys, stmt_get_text(q));
	}
	assert_int_equal(keys->len, 2);
	g_autoptr(GBytes) damage = g_bytes_new_static("\x00\xff\x00\xff\x07", 5);
	for (guint i = 0; i < keys->len; i++)
		assert_true(store_facts_put(
			f->db->db, g_ptr_array_index(keys, i), "a.c", damage, NULL));
	check(f, 0, NULL);
	keep(f, 0, "a.h", NULL, "anew");
	check(f, 0, "anew");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_holds_where_the_same_was_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_file_that_appears, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_whole_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_occasions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_file_that_is_wanted_now, setup, teardown),
		cmocka_unit_test_setup_teardown(test_oldest_go, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_list, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
