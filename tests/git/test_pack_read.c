/* Reading packs: what git wrote comes back as it was, whatever the form; damage is never taken for
 * content. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "base/error.h"
#include "base/limits.h"
#include "git/pack_read.h"
#include "support/scratch_repo.h"

#define VERSIONS 60u

/* One version of a text: 200 lines, some of which change from one to the next. */
static char *version_text(unsigned version)
{
	GString *text = g_string_new(NULL);
	for (unsigned i = 0; i < 200 + version; i++)
		g_string_append_printf(text, "line %u of the text, as changed by version %u\n", i,
			(version + i) % 7 ? 0 : version);
	return g_string_free(text, FALSE);
}

/* Writes the versions into a pack of truce's, and returns their ids (oid). */
static GArray *write_versions(const scratch_repo *s)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(oid));
	for (unsigned i = 0; i < VERSIONS; i++) {
		g_autofree char *text = version_text(i);
		oid id;
		assert_true(repo_write_blob(s->repo, &id, text, strlen(text), NULL));
		g_array_append_val(ids, id);
	}
	assert_true(repo_flush(s->repo, NULL));
	return ids;
}

static char *id_lines(const GArray *ids)
{
	GString *lines = g_string_new(NULL);
	char hex[OID_HEX + 1];
	for (guint i = 0; i < ids->len; i++)
		g_string_append_printf(lines, "%s\n", oid_format(hex, &g_array_index(ids, oid, i)));
	return g_string_free(lines, FALSE);
}

/* The files in the folder of packs, with their paths. */
static GPtrArray *pack_files(const scratch_repo *s)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *folder = g_build_filename(s->dir, ".git", "objects", "pack", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;
	assert_non_null(dir);
	while ((name = g_dir_read_name(dir)))
		g_ptr_array_add(files, g_build_filename(folder, name, NULL));
	return files;
}

/* Has git pack the objects with the words given, and takes truce's pack away. */
static char *pack_versions(const scratch_repo *s, const GArray *ids, const char *words)
{
	g_autofree char *lines = id_lines(ids);
	g_autoptr(GPtrArray) before = pack_files(s);
	g_autofree char *name = scratch_git(
		s, lines, "pack-objects -q --window=20 %s .git/objects/pack/pack", words);
	assert_non_null(name);
	char *stem = g_strdup_printf("%s/.git/objects/pack/pack-%s", s->dir, g_strchomp(name));
	for (guint i = 0; i < before->len; i++)
		if (!g_str_has_prefix(g_ptr_array_index(before, i), stem))
			assert_int_equal(g_unlink(g_ptr_array_index(before, i)), 0);
	return stem;
}

static pack_reader *open_reader(const scratch_repo *s)
{
	g_autofree char *objects = g_build_filename(s->dir, ".git", "objects", NULL);
	g_autoptr(pack_set) set = pack_set_open(objects);
	return pack_reader_new(set);
}

static bool is_version(GBytes *data, unsigned version)
{
	g_autofree char *text = version_text(version);
	size_t size;
	const char *bytes = g_bytes_get_data(data, &size);
	return size == strlen(text) && !memcmp(bytes, text, size) && !bytes[size];
}

/* What has just so many bytes as are wanted comes, what has one more does not. */
static void check_limit(pack_reader *r, const oid *id, size_t size)
{
	git_object_t type = GIT_OBJECT_INVALID;
	bool longer = true;
	g_autoptr(GBytes) data = pack_reader_read_most(r, id, &type, size, &longer);
	assert_non_null(data);
	assert_false(longer);
	assert_null(pack_reader_read_most(r, id, &type, size - 1, &longer));
	assert_true(longer);
}

static void check_versions(pack_reader *r, const GArray *ids)
{
	for (guint i = 0; i < ids->len; i++) {
		/* In no order of theirs. */
		guint n = (i * 37) % ids->len;
		git_object_t type = GIT_OBJECT_INVALID;
		const oid *id = &g_array_index(ids, oid, n);
		assert_true(pack_reader_has(r, id));
		g_autoptr(GBytes) data = pack_reader_read(r, id, &type);
		assert_non_null(data);
		assert_int_equal(type, GIT_OBJECT_BLOB);
		assert_true(is_version(data, n));
		check_limit(r, id, g_bytes_get_size(data));
	}
}

static void check_form(const char *words)
{
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autoptr(GArray) ids = write_versions(s);
	g_autofree char *stem = pack_versions(s, ids, words);
	pack_reader *r = open_reader(s);
	check_versions(r, ids);
	oid none = g_array_index(ids, oid, 0);
	git_object_t type;
	none.bytes[OID_BYTES - 1] ^= 1;
	assert_false(pack_reader_has(r, &none));
	assert_null(pack_reader_read(r, &none, &type));
	bool longer = true;
	assert_null(pack_reader_read_most(r, &none, &type, 1, &longer));
	assert_false(longer);
	pack_reader_free(r);
}

static void test_whole_objects(void **state)
{
	(void)state;
	check_form("--depth=0");
}

static void test_chains(void **state)
{
	(void)state;
	check_form("--depth=50 --delta-base-offset");
}

/* Deltas that name what they are made from by id. */
static void test_chains_by_id(void **state)
{
	(void)state;
	check_form("--depth=50");
}

/* Offsets beyond 2 GB stand in a table of their own, which git fills early when told to. */
static void test_large_offsets(void **state)
{
	(void)state;
	check_form("--depth=50 --delta-base-offset --index-version=2,0x40");
}

static void test_large_object(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(oid));
	size_t size = 300000;
	char *noise = g_malloc(size);
	guint32 state_of = 1;
	/* What does not shrink is longer deflated than inflated. */
	for (size_t i = 0; i < size; i++)
		noise[i] = (char)((state_of = state_of * 1664525u + 1013904223u) >> 24);
	oid id;
	assert_true(repo_write_blob(s->repo, &id, noise, size, NULL));
	assert_true(repo_flush(s->repo, NULL));
	g_array_append_val(ids, id);
	pack_reader *r = open_reader(s);
	git_object_t type;
	g_autoptr(GBytes) data = pack_reader_read(r, &id, &type);
	assert_non_null(data);
	assert_int_equal(g_bytes_get_size(data), size);
	assert_memory_equal(g_bytes_get_data(data, NULL), noise, size);
	pack_reader_free(r);
	g_free(noise);
}

static void test_alternates(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autoptr(scratch_repo) other = scratch_repo_new();
	g_autoptr(GArray) ids = write_versions(s);
	g_autofree char *stem = pack_versions(s, ids, "--depth=50 --delta-base-offset");
	g_autofree char *file =
		g_build_filename(other->dir, ".git", "objects", "info", "alternates", NULL);
	g_autofree char *line = g_strdup_printf("%s/.git/objects\n", s->dir);
	assert_true(g_file_set_contents(file, line, -1, NULL));
	pack_reader *r = open_reader(other);
	check_versions(r, ids);
	pack_reader_free(r);
}

/* Whatever is wrong, an answer is the object or none. */
static void check_damaged(const scratch_repo *s, const GArray *ids)
{
	pack_reader *r = open_reader(s);
	for (guint i = 0; i < ids->len; i++) {
		git_object_t type = GIT_OBJECT_INVALID;
		g_autoptr(GBytes) data = pack_reader_read(r, &g_array_index(ids, oid, i), &type);
		if (data && type == GIT_OBJECT_BLOB)
			assert_true(is_version(data, i));
	}
	pack_reader_free(r);
}

static void replace_file(const char *path, const char *bytes, gsize len)
{
	assert_int_equal(g_unlink(path), 0);
	assert_true(g_file_set_contents(path, bytes, (gssize)len, NULL));
}

static void test_damaged_pack(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autoptr(GArray) ids = write_versions(s);
	g_autofree char *stem = pack_versions(s, ids, "--depth=50 --delta-base-offset");
	g_autofree char *pack = g_strconcat(stem, ".pack", NULL);
	g_autofree char *bytes = NULL;
	gsize len;
	assert_true(g_file_get_contents(pack, &bytes, &len, NULL));
	for (gsize at = 12; at < len; at += 61 + len / 64) {
		char was = bytes[at];
		bytes[at] = (char)~was;
		replace_file(pack, bytes, len);
		check_damaged(s, ids);
		bytes[at] = was;
	}
	for (gsize cut = 0; cut < len; cut += 509 + len / 16) {
		replace_file(pack, bytes, cut);
		check_damaged(s, ids);
	}
}

static void test_damaged_index(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autoptr(GArray) ids = write_versions(s);
	g_autofree char *stem = pack_versions(s, ids, "--depth=50 --delta-base-offset");
	g_autofree char *index = g_strconcat(stem, ".idx", NULL);
	g_autofree char *bytes = NULL;
	gsize len;
	assert_true(g_file_get_contents(index, &bytes, &len, NULL));
	/* Offsets that lead elsewhere make other objects of the same pack, which is git's index to
	 * get right: here only the header, the fanout and the length are touched. */
	for (gsize at = 0; at < 8 + 256 * 4; at += 29) {
		char was = bytes[at];
		bytes[at] = (char)~was;
		replace_file(index, bytes, len);
		check_damaged(s, ids);
		bytes[at] = was;
	}
	for (gsize cut = 0; cut < len; cut += 97 + len / 16) {
		replace_file(index, bytes, cut);
		check_damaged(s, ids);
	}
}

/* What the reader does not know is libgit2's: loose objects, and packs that came later. */
static void test_repository_reads_the_rest(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autofree char *text = version_text(3);
	g_autofree char *hex = scratch_git(s, text, "hash-object -w --stdin");
	oid id;
	assert_non_null(hex);
	assert_true(oid_parse(&id, g_strchomp(hex)));
	g_autoptr(GBytes) loose = NULL;
	assert_true(repo_read_blob(s->repo, &loose, &id, NULL));
	assert_true(is_version(loose, 3));

	g_autoptr(scratch_repo) other = scratch_repo_new();
	g_autoptr(repo) early = NULL;
	assert_true(repo_open(&early, other->dir, NULL));
	g_autoptr(GArray) ids = write_versions(other);
	g_autoptr(GBytes) late = NULL;
	assert_true(repo_read_blob(early, &late, &g_array_index(ids, oid, 4), NULL));
	assert_true(is_version(late, 4));
}

/* Makes nonsense of a loose object from `at` on. */
static void damage(const char *file, long at)
{
	char nonsense[1 << 17];
	memset(nonsense, 0xff, sizeof nonsense);
	FILE *f = fopen(file, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(nonsense, sizeof nonsense, 1, f), 1);
	assert_int_equal(fclose(f), 0);
}

/* How long a loose object is stands at its begin: of one that is too long for a reader no more is
 * looked at, so nobody minds that the rest is damaged. */
static void test_too_long_for_a_reader(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autofree char *most = g_malloc(LIMIT_SOURCE_BYTES + 2);
	memset(most, ' ', LIMIT_SOURCE_BYTES + 1);
	most[LIMIT_SOURCE_BYTES + 1] = 0;
	g_autofree char *hex = scratch_git(s, most, "-c core.compression=0 hash-object -w --stdin");
	oid id;
	assert_non_null(hex);
	assert_true(oid_parse(&id, g_strchomp(hex)));
	g_autofree char *file = g_strdup_printf("%s/.git/objects/%.2s/%s", s->dir, hex, hex + 2);
	assert_int_equal(g_chmod(file, 0644), 0);
	damage(file, 4096);
	GBytes *text = NULL;
	assert_true(repo_read_source(s->repo, &text, &id, NULL));
	assert_null(text);
	assert_false(repo_read_blob(s->repo, &text, &id, NULL));

	g_autofree char *short_hex = scratch_git(s, "short", "hash-object -w --stdin");
	assert_true(oid_parse(&id, g_strchomp(short_hex)));
	g_autoptr(GBytes) read = NULL;
	assert_true(repo_read_source(s->repo, &read, &id, NULL));
	assert_int_equal(g_bytes_get_size(read), 5);
	/* Now at hand; a tree is no source, nor is what nobody has. */
	g_autoptr(GBytes) again = NULL;
	assert_true(repo_read_source(s->repo, &again, &id, NULL));
	assert_non_null(again);
	oid tree = scratch_tree(s, NULL, "a", "a\n", NULL);
	assert_false(repo_read_source(s->repo, &text, &tree, NULL));
	id.bytes[0] ^= 1;
	g_autoptr(GError) err = NULL;
	assert_false(repo_read_source(s->repo, &text, &id, &err));
	assert_true(g_error_matches(err, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_objects),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_chains_by_id),
		cmocka_unit_test(test_large_offsets),
		cmocka_unit_test(test_large_object),
		cmocka_unit_test(test_alternates),
		cmocka_unit_test(test_damaged_pack),
		cmocka_unit_test(test_damaged_index),
		cmocka_unit_test(test_repository_reads_the_rest),
		cmocka_unit_test(test_too_long_for_a_reader),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
