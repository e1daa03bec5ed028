/* Laying hunks onto a text: any order and any subset gives what the hunks say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "git/repo.h"
#include "plan/lay.h"

#define ROUNDS 400
#define SEED 20060313u

typedef struct version {
	file_change *change;
	GBytes *text;
	GPtrArray *atoms; /* atom * */
} version;

static GBytes *bytes_of(const char *text)
{
	return g_bytes_new(text, strlen(text));
}

static void version_make(version *v, unsigned series_index, GBytes *base, GBytes *tip)
{
	gsize base_len, tip_len;
	const char *a = g_bytes_get_data(base, &base_len), *b = g_bytes_get_data(tip, &tip_len);
	g_autoptr(GError) err = NULL;
	g_autoptr(GArray) hunks = NULL;
	assert_true(repo_diff_texts(&hunks, a ? a : "", base_len, b ? b : "", tip_len, &err));
	v->change = file_change_new("file.c");
	v->change->old_mode = v->change->new_mode = 0100644;
	g_array_append_vals(v->change->hunks, hunks->data, hunks->len);
	v->text = g_bytes_ref(tip);
	v->atoms = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < v->change->hunks->len; i++) {
		atom *at = g_new0(atom, 1);
		at->series = series_index;
		at->change = v->change;
		at->hunk = i + 1;
		at->lines = &g_array_index(v->change->hunks, change_hunk, i);
		at->leader = -1;
		g_ptr_array_add(v->atoms, at);
	}
}

static void version_clear(version *v)
{
	g_ptr_array_unref(v->atoms);
	file_change_free(v->change);
	g_bytes_unref(v->text);
}

static char *lay(GBytes *base, const GPtrArray *atoms, const GPtrArray *texts)
{
	g_autoptr(GBytes) out = lay_text(base, atoms, texts);
	gsize len;
	const char *text = g_bytes_get_data(out, &len);
	return len ? g_strndup(text, len) : g_strdup("");
}

/* A text of short lines, with or without a newline at the end. */
static GBytes *random_text(GRand *rand)
{
	GString *text = g_string_new(NULL);
	int lines = g_rand_int_range(rand, 0, 30);
	for (int i = 0; i < lines; i++)
		g_string_append_printf(text, "line %d\n", g_rand_int_range(rand, 0, 8));
	if (text->len && g_rand_int_range(rand, 0, 4) == 0)
		g_string_truncate(text, text->len - 1);
	return g_string_free_to_bytes(text);
}

/* The base with lines deleted, replaced and added. */
static GBytes *random_edit(GRand *rand, GBytes *base)
{
	gsize len;
	const char *data = g_bytes_get_data(base, &len);
	g_autofree char *copy = len ? g_strndup(data, len) : g_strdup("");
	g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
	GString *text = g_string_new(NULL);
	for (char **l = lines; *l; l++) {
		bool last = !l[1];
		if (last && !**l)
			break;
		int what = g_rand_int_range(rand, 0, 10);
		if (what == 0)
			continue;
		g_string_append(text, what == 1 ? "other" : *l);
		if (!last || g_rand_int_range(rand, 0, 2))
			g_string_append_c(text, '\n');
		if (what == 2 && !last)
			g_string_append(text, "more\nand more\n");
	}
	return g_string_free_to_bytes(text);
}

static void shuffle(GRand *rand, GPtrArray *items)
{
	for (guint i = items->len; i > 1; i--) {
		guint k = (guint)g_rand_int_range(rand, 0, (gint32)i);
		gpointer held = items->pdata[i - 1];
		items->pdata[i - 1] = items->pdata[k];
		items->pdata[k] = held;
	}
}

static GPtrArray *same_text(GBytes *text, guint n)
{
	GPtrArray *texts = g_ptr_array_new();
	for (guint i = 0; i < n; i++)
		g_ptr_array_add(texts, text);
	return texts;
}

/* All hunks of a difference, in any order: the tip. */
static void test_all_hunks_make_the_tip(void **state)
{
	(void)state;
	g_autoptr(GRand) rand = g_rand_new_with_seed(SEED);
	for (int round = 0; round < ROUNDS; round++) {
		g_autoptr(GBytes) base = random_text(rand);
		g_autoptr(GBytes) tip = random_edit(rand, base);
		version v;
		version_make(&v, 0, base, tip);
		g_autoptr(GPtrArray) order = g_ptr_array_new();
		for (guint i = 0; i < v.atoms->len; i++)
			g_ptr_array_add(order, v.atoms->pdata[i]);
		shuffle(rand, order);
		g_autoptr(GPtrArray) texts = same_text(v.text, order->len);
		g_autofree char *laid = lay(base, order, texts);
		gsize len;
		const char *want = g_bytes_get_data(tip, &len);
		assert_int_equal(strlen(laid), len);
		assert_memory_equal(laid, want ? want : "", len);
		version_clear(&v);
	}
}

/* What is left of a difference once some hunks are in: the tip less those hunks. Laying a subset
 * and then taking the difference to the tip gives exactly the other hunks. */
static void test_subset_leaves_the_rest(void **state)
{
	(void)state;
	g_autoptr(GRand) rand = g_rand_new_with_seed(SEED + 1);
	for (int round = 0; round < ROUNDS; round++) {
		g_autoptr(GBytes) base = random_text(rand);
		g_autoptr(GBytes) tip = random_edit(rand, base);
		version v;
		version_make(&v, 0, base, tip);
		g_autoptr(GPtrArray) some = g_ptr_array_new();
		unsigned changed = 0;
		for (guint i = 0; i < v.atoms->len; i++) {
			const atom *a = v.atoms->pdata[i];
			if (g_rand_boolean(rand))
				g_ptr_array_add(some, (gpointer)a);
			else
				changed += a->lines->new_count;
		}
		g_autoptr(GPtrArray) texts = same_text(v.text, some->len);
		g_autoptr(GBytes) laid = lay_text(base, some, texts);
		/* the length in lines tells whether every other line stayed */
		line_index at, to;
		gsize len;
		const char *text = g_bytes_get_data(laid, &len);
		line_index_init(&at, text ? text : "", len);
		const char *end = g_bytes_get_data(tip, &len);
		line_index_init(&to, end ? end : "", len);
		unsigned back = 0;
		for (guint i = 0; i < v.atoms->len; i++) {
			const atom *a = v.atoms->pdata[i];
			if (!g_ptr_array_find(some, a, NULL))
				back += a->lines->old_count;
		}
		assert_int_equal(at.count, to.count - changed + back);
		line_index_clear(&at);
		line_index_clear(&to);
		version_clear(&v);
	}
}

static void check_both(const char *base_text, const char *one, const char *two, const char *want)
{
	g_autoptr(GBytes) base = bytes_of(base_text);
	g_autoptr(GBytes) a = bytes_of(one);
	g_autoptr(GBytes) b = bytes_of(two);
	version va, vb;
	version_make(&va, 0, base, a);
	version_make(&vb, 1, base, b);
	g_autoptr(GPtrArray) atoms = g_ptr_array_new();
	g_autoptr(GPtrArray) texts = g_ptr_array_new();
	for (guint i = 0; i < vb.atoms->len;
		i++) { /* the second series first: order must not matter */
		g_ptr_array_add(atoms, vb.atoms->pdata[i]);
		g_ptr_array_add(texts, vb.text);
	}
	for (guint i = 0; i < va.atoms->len; i++) {
		g_ptr_array_add(atoms, va.atoms->pdata[i]);
		g_ptr_array_add(texts, va.text);
	}
	g_autofree char *laid = lay(base, atoms, texts);
	assert_string_equal(laid, want);
	version_clear(&va);
	version_clear(&vb);
}

static void test_two_series(void **state)
{
	(void)state;
	/* apart */
	check_both("a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n", "A\nb\nc\nD\n");
	/* neighbours */
	check_both("a\nb\n", "A\nb\n", "a\nB\n", "A\nB\n");
	/* both add at one place: the first series' lines first */
	check_both("a\nb\n", "a\none\nb\n", "a\ntwo\nb\n", "a\none\ntwo\nb\n");
	/* both replace one line: both versions */
	check_both("a\nb\nc\n", "a\none\nc\n", "a\ntwo\nc\n", "a\none\ntwo\nc\n");
	/* one replaces what the other adds into */
	check_both("a\nb\nc\nd\n", "a\nX\nd\n", "a\nb\nnew\nc\nd\n", "a\nX\nb\nnew\nc\nd\n");
	/* equal versions once */
	check_both("a\nb\nc\n", "a\nsame\nc\n", "a\nsame\nc\n", "a\nsame\nc\n");
	/* both add the file */
	check_both("", "one\n", "two\n", "one\ntwo\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_hunks_make_the_tip),
		cmocka_unit_test(test_subset_leaves_the_rest),
		cmocka_unit_test(test_two_series),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
