/* Differences of shortened texts: the same as of the whole ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "git/diff_shorten.h"
#include "support/scratch_repo.h"

/* One with which the test fails when CONTEXT, or the line that nothing slides across, is left out.
 */
#define SEED 2u

/* Kernel code has many equal lines, blank ones and braces first, and blocks that repeat: these are
 * what makes differences slide and xdiff discard. */
static void random_line(GRand *random, GString *to, int variety)
{
	static const char *const common[] = {
		"\n", "\t}\n", "}\n", "\n", "\t\treturn 0;\n", "#endif\n", "\t\tbreak;\n"};
	int kind = g_rand_int_range(random, 0, 100);
	if (kind < 35) {
		g_string_append(to, common[g_rand_int_range(random, 0, G_N_ELEMENTS(common))]);
		return;
	}
	for (int tabs = g_rand_int_range(random, 0, 4); tabs > 0; tabs--)
		g_string_append_c(to, '\t');
	g_string_append_printf(to, "call_%d(a, b);\n", g_rand_int_range(random, 0, variety));
}

/* Lines of a text, each a string. */
static GPtrArray *random_text(GRand *random, int count, int variety)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
	while ((int)lines->len < count) {
		GString *line = g_string_new(NULL);
		random_line(random, line, variety);
		g_ptr_array_add(lines, g_string_free(line, FALSE));
		/* Now and then a block once more. */
		if (lines->len > 30 && !g_rand_int_range(random, 0, 60)) {
			int len = g_rand_int_range(random, 2, 25);
			guint from = (guint)g_rand_int_range(random, 0, (gint)lines->len - len);
			for (int i = 0; i < len; i++)
				g_ptr_array_add(
					lines, g_strdup(g_ptr_array_index(lines, from + (guint)i)));
		}
	}
	return lines;
}

static GPtrArray *changed_text(GRand *random, const GPtrArray *old, int variety)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < old->len; i++)
		g_ptr_array_add(lines, g_strdup(g_ptr_array_index(old, i)));
	int edits = g_rand_int_range(random, 1, 6);
	gint around = g_rand_int_range(random, 0, (gint)lines->len);
	for (int e = 0; e < edits; e++) {
		gint near = around + g_rand_int_range(random, -60, 60);
		gint at = CLAMP(near, 0, MAX((gint)lines->len - 1, 0));
		gint wanted = g_rand_int_range(random, 0, 12);
		gint take = MIN(wanted, (gint)lines->len - at);
		gint give = g_rand_int_range(random, 0, 12);
		if (take)
			g_ptr_array_remove_range(lines, (guint)at, (guint)take);
		for (int i = 0; i < give; i++) {
			GString *line = g_string_new(NULL);
			random_line(random, line, variety);
			g_ptr_array_insert(lines, at + i, g_string_free(line, FALSE));
		}
		/* A copied block slides far. */
		for (int i = 0; at > 40 && i < 30 && !(e % 3); i++)
			g_ptr_array_insert(lines, at + i,
				g_strdup(g_ptr_array_index(lines, (guint)(at + i - 30))));
	}
	return lines;
}

static char *join_lines(GRand *random, const GPtrArray *lines)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < lines->len; i++)
		g_string_append(text, g_ptr_array_index(lines, i));
	if (!g_rand_int_range(random, 0, 5) && text->len)
		g_string_truncate(text, text->len - 1);
	return g_string_free(text, FALSE);
}

static bool same_hunks(const GArray *a, const GArray *b)
{
	if (a->len != b->len)
		return false;
	for (guint i = 0; i < a->len; i++) {
		const change_hunk *x = &g_array_index(a, change_hunk, i);
		const change_hunk *y = &g_array_index(b, change_hunk, i);
		if (x->old_start != y->old_start || x->old_count != y->old_count ||
			x->new_start != y->new_start || x->new_count != y->new_count)
			return false;
	}
	return true;
}

/* What repo_diff_change makes of two blobs, which shortens, and repo_diff_texts, which does not. */
static void check_pair(repo *r, const char *a, const char *b)
{
	g_autoptr(file_change) change = file_change_new("f");
	g_autoptr(GArray) whole = NULL;
	assert_true(repo_write_blob(r, &change->old_oid, a, strlen(a), NULL));
	assert_true(repo_write_blob(r, &change->new_oid, b, strlen(b), NULL));
	change->old_mode = change->new_mode = 0100644;
	if (oid_equal(&change->old_oid, &change->new_oid))
		return;
	assert_true(repo_diff_change(r, change, NULL));
	assert_true(repo_diff_texts(&whole, a, strlen(a), b, strlen(b), NULL));
	if (!same_hunks(change->hunks, whole))
		print_error("first text:\n%s\nsecond text:\n%s\n", a, b);
	assert_true(same_hunks(change->hunks, whole));
}

static void test_random_texts(void **state)
{
	(void)state;
	g_autoptr(scratch_repo) s = scratch_repo_new();
	g_autoptr(GRand) random = g_rand_new_with_seed(SEED);
	unsigned shortened = 0;
	for (int i = 0; i < 600; i++) {
		/* Up to mlim's steps at 256, 1,024 and 4,096 lines. */
		int count = g_rand_int_range(random, 100, i % 50 ? 1400 : 5000);
		int variety = 1 << g_rand_int_range(random, 1, 12);
		g_autoptr(GPtrArray) old = random_text(random, count, variety);
		g_autoptr(GPtrArray) new = changed_text(random, old, variety);
		g_autofree char *a = join_lines(random, old);
		g_autofree char *b = join_lines(random, new);
		g_auto(short_texts) parts = {0};
		if (diff_shorten(&parts, (span){a, strlen(a)}, (span){b, strlen(b)}))
			shortened += parts.old_text->len < strlen(a) / 4 * 3;
		repo_scratch_begin(s->repo);
		check_pair(s->repo, a, b);
		repo_scratch_end(s->repo);
	}
	/* Else nothing was tested. */
	assert_true(shortened > 200);
}

static char *numbered(unsigned lines, unsigned changed)
{
	GString *text = g_string_new(NULL);
	for (unsigned i = 0; i < lines; i++)
		g_string_append_printf(text, i == changed ? "changed\n" : "line number %u\n", i);
	return g_string_free(text, FALSE);
}

static void test_what_stays(void **state)
{
	(void)state;
	g_autofree char *a = numbered(1000, 1000), *b = numbered(1000, 500);
	g_auto(short_texts) parts = {0};
	assert_true(diff_shorten(&parts, (span){a, strlen(a)}, (span){b, strlen(b)}));
	unsigned lines = text_count_lines((span){parts.old_text->str, parts.old_text->len});
	/* 24 lines on each side and the one that changed, filled up to 256. */
	assert_int_equal(lines, 256);
	assert_true(parts.old_text->len < strlen(a) / 8);
	const char *line = strstr(parts.old_text->str, "line number 500\n");
	assert_non_null(line);
	size_t before = (size_t)(line - parts.old_text->str);
	assert_int_equal(parts.shift + text_count_lines((span){parts.old_text->str, before}), 500);
	assert_non_null(strstr(parts.new_text->str, "changed\n"));
}

/* The line that fills up stands in the text itself. */
static void test_filler_in_text(void **state)
{
	(void)state;
	g_autofree char *long_text = numbered(600, 600);
	g_autofree char *a = g_strconcat(long_text, "\x01\nx\n", long_text, NULL);
	g_autofree char *b = g_strconcat(long_text, "\x01\ny\n", long_text, NULL);
	g_auto(short_texts) parts = {0};
	g_autoptr(scratch_repo) s = scratch_repo_new();
	assert_false(diff_shorten(&parts, (span){a, strlen(a)}, (span){b, strlen(b)}));
	check_pair(s->repo, a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_texts),
		cmocka_unit_test(test_what_stays),
		cmocka_unit_test(test_filler_in_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
