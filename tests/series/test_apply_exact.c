/* Hunks at the lines they name, against texts that are made together with their differences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "series/apply_exact.h"

#define CONTEXT 3
#define ROUNDS 3000

/* A line of the old text, the new one or both. */
typedef struct row {
	const char *text;
	unsigned char kind; /* hunk_line_kind */
} row;

/* Few different lines, so that many places look alike. */
static const char *const words[] = {"a\n", "b\n", "}\n", "\n", "\tif (x)\n"};

static GArray *make_rows(GRand *random, unsigned count)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(row));
	for (unsigned i = 0; i < count; i++) {
		row r = {words[g_rand_int_range(random, 0, G_N_ELEMENTS(words))], HUNK_CONTEXT};
		if (!g_rand_int_range(random, 0, 6))
			r.kind = g_rand_boolean(random) ? HUNK_ADD : HUNK_DELETE;
		g_array_append_val(rows, r);
	}
	return rows;
}

/* The old text (without HUNK_ADD) or the new one (without HUNK_DELETE). */
static GBytes *text_of(const GArray *rows, unsigned char without)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < rows->len; i++) {
		const row *r = &g_array_index(rows, row, i);
		if (r->kind != without)
			g_string_append(text, r->text);
	}
	return g_string_free_to_bytes(text);
}

static bool is_near_change(const GArray *rows, guint at)
{
	guint from = at > CONTEXT ? at - CONTEXT : 0, to = MIN(at + CONTEXT + 1, rows->len);
	for (guint i = from; i < to; i++) {
		if (g_array_index(rows, row, i).kind != HUNK_CONTEXT)
			return true;
	}
	return false;
}

static void add_line(hunk *h, const row *r, unsigned old_line, unsigned new_line)
{
	if (!h->lines->len) {
		h->old_start = old_line;
		h->new_start = new_line;
	}
	hunk_line line = {{r->text, strlen(r->text)}, r->kind, false};
	g_array_append_val(h->lines, line);
	h->old_count += r->kind != HUNK_ADD;
	h->new_count += r->kind != HUNK_DELETE;
}

/* As `diff -u` numbers them: a side without lines names the line before. */
static GPtrArray *hunks_of(const GArray *rows)
{
	GPtrArray *hunks = g_ptr_array_new_with_free_func((GDestroyNotify)hunk_free);
	hunk *h = NULL;
	unsigned old_line = 1, new_line = 1;
	for (guint i = 0; i < rows->len; i++) {
		const row *r = &g_array_index(rows, row, i);
		if (is_near_change(rows, i)) {
			if (!h) {
				h = hunk_new();
				g_ptr_array_add(hunks, h);
			}
			add_line(h, r, old_line, new_line);
		} else {
			h = NULL;
		}
		old_line += r->kind != HUNK_ADD;
		new_line += r->kind != HUNK_DELETE;
	}
	for (guint i = 0; i < hunks->len; i++) {
		h = g_ptr_array_index(hunks, i);
		h->old_start -= !h->old_count;
		h->new_start -= !h->new_count;
	}
	return hunks;
}

static char **lines_of(GBytes *text)
{
	gsize size;
	const char *at = g_bytes_get_data(text, &size);
	g_autofree char *copy = g_strndup(at ? at : "", size);
	return g_strsplit(copy, "\n", -1);
}

/* Without what follows the last newline. */
static guint line_count(char **lines)
{
	guint count = g_strv_length(lines);
	return count ? count - 1 : 0;
}

/* What the edit says of the old text: lines of it that stay, and how many new ones come between. */
static void check_edit(const text_edit *edit, GBytes *old, GBytes *made)
{
	g_auto(GStrv) before = lines_of(old);
	g_auto(GStrv) after = lines_of(made);
	guint old_line = 0, new_line = 0;
	for (guint i = 0; i < edit->hunks->len; i++) {
		const change_hunk *c = &g_array_index(edit->hunks, change_hunk, i);
		for (; old_line < c->old_start - (c->old_count != 0); old_line++, new_line++)
			assert_string_equal(before[old_line], after[new_line]);
		assert_int_equal(new_line, c->new_start - (c->new_count != 0));
		old_line += c->old_count;
		new_line += c->new_count;
	}
	assert_int_equal(edit->old_lines, line_count(before));
	for (; old_line < edit->old_lines; old_line++, new_line++)
		assert_string_equal(before[old_line], after[new_line]);
	assert_int_equal(new_line, line_count(after));
}

static void test_makes_the_new_text(void **state)
{
	(void)state;
	g_autoptr(GRand) random = g_rand_new_with_seed(20061123);
	for (int round = 0; round < ROUNDS; round++) {
		g_autoptr(GArray) rows =
			make_rows(random, (unsigned)g_rand_int_range(random, 1, 60));
		g_autoptr(GPtrArray) hunks = hunks_of(rows);
		g_autoptr(GBytes) old = text_of(rows, HUNK_ADD);
		g_autoptr(GBytes) new = text_of(rows, HUNK_DELETE);
		running_edit e = {0};
		g_autoptr(GBytes) made = text_apply_exact(old, hunks, &e);
		assert_int_equal(made != NULL, hunks->len != 0);
		if (made) {
			assert_true(g_bytes_equal(made, new));
			check_edit(&e.edit, old, made);
		}
		text_edit_clear(&e.edit);
	}
}

/* Whatever it takes for exact, the search takes for exact as well, with the same text; a hunk that
 * names another line is never taken. */
static void test_leaves_the_rest_alone(void **state)
{
	(void)state;
	g_autoptr(GRand) random = g_rand_new_with_seed(4);
	for (int round = 0; round < ROUNDS; round++) {
		g_autoptr(GArray) rows =
			make_rows(random, (unsigned)g_rand_int_range(random, 12, 60));
		g_autoptr(GPtrArray) hunks = hunks_of(rows);
		if (!hunks->len)
			continue;
		g_autoptr(GBytes) old = text_of(rows, HUNK_ADD);
		g_autoptr(GString) other = g_string_new("z\n");
		gsize size;
		const char *text = g_bytes_get_data(old, &size);
		g_string_append_len(other, text, (gssize)size);
		g_autoptr(GBytes) moved = g_bytes_new(other->str, other->len);
		running_edit e = {0};
		g_autoptr(GBytes) made = text_apply_exact(moved, hunks, &e);
		g_autofree placement *places = g_new0(placement, hunks->len);
		g_autoptr(GBytes) searched = text_apply(moved, hunks, TEXT_STRICT, places, NULL);
		if (made)
			assert_true(g_bytes_equal(made, searched));
		for (guint i = 0; made && i < hunks->len; i++)
			assert_int_equal(places[i], PLACED_EXACT);
		text_edit_clear(&e.edit);

		hunk *last = g_ptr_array_index(hunks, hunks->len - 1);
		hunk_line *line = &g_array_index(last->lines, hunk_line, last->lines->len - 1);
		if (line->kind == HUNK_ADD)
			continue;
		line->text = (span){"never there\n", strlen("never there\n")};
		assert_null(text_apply_exact(old, hunks, &e));
		assert_null(e.edit.hunks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_makes_the_new_text),
		cmocka_unit_test(test_leaves_the_rest_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
