/* Differences that are known: only taken where comparing finds the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "git/diff_known.h"
#include "git/repo.h"

static span whole(const char *text)
{
	return (span){text, strlen(text)};
}

/* A text, what became of it, and how. */
typedef struct edited {
	GString *a, *b;
	GArray *hunks;
	unsigned a_lines, b_lines;
} edited;

static void edited_init(edited *e)
{
	*e = (edited){g_string_new(NULL), g_string_new(NULL),
		g_array_new(FALSE, TRUE, sizeof(change_hunk)), 0, 0};
}

static void edited_clear(edited *e)
{
	g_string_free(e->a, TRUE);
	g_string_free(e->b, TRUE);
	g_array_unref(e->hunks);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(edited, edited_clear)

static void keep(edited *e, const char *line)
{
	g_string_append(e->a, line);
	g_string_append(e->b, line);
	e->a_lines++;
	e->b_lines++;
}

static void begin_hunk(edited *e)
{
	const change_hunk h = {.old_start = e->a_lines, .new_start = e->b_lines};
	g_array_append_val(e->hunks, h);
}

static change_hunk *last_hunk(edited *e)
{
	return &g_array_index(e->hunks, change_hunk, e->hunks->len - 1);
}

static void take(edited *e, const char *line)
{
	change_hunk *h = last_hunk(e);
	g_string_append(e->a, line);
	e->a_lines++;
	h->old_start += !h->old_count++;
}

static void give(edited *e, const char *line)
{
	change_hunk *h = last_hunk(e);
	g_string_append(e->b, line);
	e->b_lines++;
	h->new_start += !h->new_count++;
}

static bool is_forced(const edited *e)
{
	return diff_is_forced((span){e->a->str, e->a->len}, (span){e->b->str, e->b->len}, e->hunks);
}

static bool is_found(const edited *e)
{
	g_autoptr(GArray) found = NULL;
	assert_true(repo_diff_texts(&found, e->a->str, e->a->len, e->b->str, e->b->len, NULL));
	if (found->len != e->hunks->len)
		return false;
	for (guint i = 0; i < found->len; i++) {
		const change_hunk *x = &g_array_index(found, change_hunk, i);
		const change_hunk *y = &g_array_index(e->hunks, change_hunk, i);
		if (x->old_start != y->old_start || x->old_count != y->old_count ||
			x->new_start != y->new_start || x->new_count != y->new_count)
			return false;
	}
	return true;
}

/* Lines as in code: some stand everywhere, some are of a few kinds, most only once. */
static const char *random_line(GRand *random, char *buffer, size_t size, bool fresh, int *next)
{
	static const char *const common[] = {"\n", "\t}\n", "}\n", "\t\tbreak;\n", "#endif\n"};
	int kind = g_rand_int_range(random, 0, 100);
	if (!fresh && kind < 60)
		return common[g_rand_int_range(random, 0, G_N_ELEMENTS(common))];
	if (!fresh && kind < 75)
		g_snprintf(buffer, size, "\tcall_%d(a);\n", g_rand_int_range(random, 0, 60));
	else
		g_snprintf(buffer, size, "\tline_%d(a, b);\n", ++*next);
	return buffer;
}

static void make_random(edited *e, GRand *random)
{
	char line[64];
	int next = 0, lines = g_rand_int_range(random, 5, 900);
	int hunks = g_rand_int_range(random, 1, 6);
	for (int i = 0; i < hunks; i++) {
		int stay = i && g_rand_boolean(random) ? g_rand_int_range(random, 1, 5)
						       : lines / hunks + 1;
		/* Mostly lines that are new, else hardly any would be forced. */
		bool fresh = g_rand_int_range(random, 0, 8);
		int gone = g_rand_int_range(random, 0, 5), come = g_rand_int_range(random, 0, 5);
		while (stay--)
			keep(e, random_line(random, line, sizeof line, false, &next));
		if (!gone && !come)
			continue;
		begin_hunk(e);
		while (gone--)
			take(e, random_line(random, line, sizeof line, fresh, &next));
		while (come--)
			give(e, random_line(random, line, sizeof line, fresh, &next));
	}
	for (int i = g_rand_int_range(random, 0, 300); i > 0; i--)
		keep(e, random_line(random, line, sizeof line, false, &next));
}

static void test_random_edits(void **state)
{
	(void)state;
	g_autoptr(GRand) random = g_rand_new_with_seed(7);
	unsigned forced = 0, refused = 0;
	for (int i = 0; i < 3000; i++) {
		g_auto(edited) e;
		edited_init(&e);
		make_random(&e, random);
		if (!is_forced(&e)) {
			refused++;
			continue;
		}
		forced++;
		assert_true(is_found(&e));
	}
	/* Else nothing was tested. */
	assert_true(forced > 500);
	assert_true(refused > 500);
}

static void test_lines_on_both_sides(void **state)
{
	(void)state;
	static const struct {
		const char *gone, *come;
		bool forced;
	} cases[] = {
		{"old\n", "new\n", true}, {"old\n", NULL, true}, {NULL, "new\n", true},
		{"same\n", "same\n", false}, /* none at all */
		{"first\n", "new\n", false}, /* stands elsewhere in the new text */
		{"old\n", "last\n", false},  /* stands elsewhere in the old one */
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_auto(edited) e;
		edited_init(&e);
		keep(&e, "first\n");
		begin_hunk(&e);
		if (cases[i].gone)
			take(&e, cases[i].gone);
		if (cases[i].come)
			give(&e, cases[i].come);
		keep(&e, "last\n");
		assert_int_equal(is_forced(&e), cases[i].forced);
		if (cases[i].forced)
			assert_true(is_found(&e));
	}
}

/* xdiff takes a line that stands everywhere for changed when all around it has changed. */
static void test_frequent_line_between(void **state)
{
	(void)state;
	g_auto(edited) e;
	char line[32];
	edited_init(&e);
	for (int i = 0; i < 100; i++)
		keep(&e, "}\n");
	for (int k = 0; k < 2; k++) {
		begin_hunk(&e);
		for (int i = 0; i < 10; i++) {
			g_snprintf(line, sizeof line, "old %d\n", k * 10 + i);
			take(&e, line);
			g_snprintf(line, sizeof line, "new %d\n", k * 10 + i);
			give(&e, line);
		}
		keep(&e, "}\n");
	}
	assert_false(is_forced(&e));
	assert_false(is_found(&e)); /* this is why */
}

static void test_hunks_that_do_not_fit(void **state)
{
	(void)state;
	const change_hunk right = {2, 1, 2, 1, NULL, NULL}, late = {3, 1, 3, 1, NULL, NULL},
			  beyond = {9, 1, 9, 1, NULL, NULL}, longer = {2, 9, 2, 9, NULL, NULL};
	const span a = whole("a\nb\nc\n"), b = whole("a\nB\nc\n");
	const struct {
		change_hunk first;
		bool forced;
	} cases[] = {{right, true}, {late, false}, {beyond, false}, {longer, false}};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GArray) hunks = g_array_new(FALSE, FALSE, sizeof(change_hunk));
		assert_false(diff_is_forced(a, b, hunks));
		g_array_append_val(hunks, cases[i].first);
		assert_int_equal(diff_is_forced(a, b, hunks), cases[i].forced);
		/* Twice the same place. */
		g_array_append_val(hunks, cases[i].first);
		assert_false(diff_is_forced(a, b, hunks));
	}
	g_autoptr(GArray) hunks = g_array_new(FALSE, FALSE, sizeof(change_hunk));
	g_array_append_val(hunks, right);
	assert_false(diff_is_forced(a, whole("a\nB\nc\nd\n"), hunks));
	assert_false(diff_is_forced(a, whole("a\nB\n"), hunks));
	assert_false(diff_is_forced(whole(""), whole(""), hunks));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_edits),
		cmocka_unit_test(test_lines_on_both_sides),
		cmocka_unit_test(test_frequent_line_between),
		cmocka_unit_test(test_hunks_that_do_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
