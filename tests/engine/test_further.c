/* What further configurations saw: facts of changed lines that nobody saw before, one origin a
 * line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/further.h"

static void add_call(fact_set *f, fact_reader reader, unsigned line, const char *name)
{
	use u = {.kind = USE_CALL, .reader = reader, .line = line, .column = 2, .name = name};
	fact_set_add_use(f, &u);
}

static void add_function(fact_set *f, fact_reader reader, unsigned line, const char *signature)
{
	entity e = {.kind = ENTITY_FUNCTION,
		.reader = reader,
		.flags = ENTITY_DEFINITION,
		.line = line,
		.end_line = line + 3,
		.name = "f",
		.signature = signature};
	fact_set_add_entity(f, &e);
}

static GArray *ranges(unsigned first, unsigned last)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(line_range));
	line_range r = {first, last};
	g_array_append_val(out, r);
	return out;
}

/* "LINE READER NAME" of every use. */
static char *uses_of(const fact_set *f)
{
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		g_string_append_printf(out, "%u %s %s\n", u->line,
			u->reader == READER_CLANG ? "clang" : "text", u->name);
	}
	return g_string_free(out, FALSE);
}

/* Lines 1-4 and 9 were seen first, 5-8 further; 6 and 7 did not change. */
static void test_changed_lines_only(void **state)
{
	(void)state;
	g_autoptr(fact_set) first = fact_set_new("a.c", NULL);
	g_autoptr(fact_set) further = fact_set_new("a.c", NULL);
	fact_set_add_seen(first, 1, 4);
	fact_set_add_seen(first, 9, 9);
	add_call(first, READER_CLANG, 3, "both");
	for (unsigned line = 5; line <= 8; line++)
		add_call(first, READER_TEXT, line, "guess");
	fact_set_finish(first);
	fact_set_add_seen(further, 1, 8);
	add_call(further, READER_CLANG, 3, "otherwise");
	for (unsigned line = 5; line <= 8; line++)
		add_call(further, READER_CLANG, line, "known");
	add_call(further, READER_CLANG, 9, "unseen");
	g_autoptr(GArray) changed = ranges(3, 5);
	line_range last = {8, 9};
	g_array_append_val(changed, last);
	further_take(first, further, changed);
	fact_set_finish(first);
	g_autofree char *told = uses_of(first);
	assert_string_equal(told, "3 clang both\n5 clang known\n6 text guess\n7 text guess\n"
				  "8 clang known\n");
}

/* The first further unit that saw a line is where its facts are from. */
static void test_one_origin(void **state)
{
	(void)state;
	g_autoptr(fact_set) set = fact_set_new("a.c", NULL);
	g_autoptr(GArray) changed = ranges(1, 9);
	for (int i = 0; i < 3; i++) {
		g_autoptr(fact_set) further = fact_set_new("a.c", NULL);
		fact_set_add_seen(further, 2, i ? 6 : 4);
		add_call(further, READER_CLANG, 3, i ? "later" : "first");
		add_call(further, READER_CLANG, 6, i == 1 ? "second" : "third");
		further_take(set, further, changed);
	}
	fact_set_finish(set);
	g_autofree char *told = uses_of(set);
	assert_string_equal(told, "3 clang first\n6 clang second\n");
	assert_true(fact_set_line_seen(set, 6) && !fact_set_line_seen(set, 7));
}

/* What the text's reader said of an entity there is handed on as for the first configuration. */
static void test_entity_keeps_its_text(void **state)
{
	(void)state;
	g_autoptr(fact_set) set = fact_set_new("a.c", NULL);
	g_autoptr(fact_set) further = fact_set_new("a.c", NULL);
	add_function(set, READER_TEXT, 4, "void (pte_t)");
	fact_set_finish(set);
	add_function(further, READER_CLANG, 4, "void (unsigned long)");
	fact_set_add_seen(further, 4, 7);
	g_autoptr(GArray) changed = ranges(4, 7);
	further_take(set, further, changed);
	fact_set_finish(set);
	assert_int_equal(set->entities->len, 1);
	const entity *e = &g_array_index(set->entities, entity, 0);
	assert_int_equal(e->reader, READER_CLANG);
	assert_string_equal(e->signature, "void (pte_t)");
}

/* A file that did not change adds what was seen, and no facts. */
static void test_nothing_changed(void **state)
{
	(void)state;
	g_autoptr(fact_set) set = fact_set_new("a.c", NULL);
	g_autoptr(fact_set) further = fact_set_new("a.c", NULL);
	add_call(further, READER_CLANG, 1, "known");
	fact_set_add_seen(further, 1, 2);
	further_take(set, further, NULL);
	fact_set_finish(set);
	assert_int_equal(set->uses->len, 0);
	assert_true(fact_set_line_seen(set, 2));
}

static void test_errors(void **state)
{
	(void)state;
	tree_facts t = {0};
	g_autoptr(fact_set) main_set = fact_set_new("a.c", NULL);
	diagnostic all[] = {{DIAGNOSTIC_ERROR, "a.c", 10, "one"},
		{DIAGNOSTIC_ERROR, "a.c", 20, "two"}, {DIAGNOSTIC_WARNING, "a.c", 25, "no error"},
		{DIAGNOSTIC_ERROR, "b.h", 3, "header"}};
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		fact_set_add_diagnostic(main_set, &all[i]);
	assert_null(further_error_before(&t, "a.c", 30, true));
	further_keep_errors(&t, main_set, true);
	assert_null(further_error_before(&t, "a.c", 30, false));
	assert_null(further_error_before(&t, "a.c", 9, true));
	assert_string_equal(further_error_before(&t, "a.c", 19, true)->text, "one");
	assert_string_equal(further_error_before(&t, "a.c", 30, true)->text, "two");
	assert_string_equal(further_error_before(&t, "b.h", 3, true)->text, "header");
	assert_null(further_error_before(&t, "a.c", 20 + LINES_AFTER_ERROR, true));
	g_hash_table_unref(t.errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changed_lines_only),
		cmocka_unit_test(test_one_origin),
		cmocka_unit_test(test_entity_keeps_its_text),
		cmocka_unit_test(test_nothing_changed),
		cmocka_unit_test(test_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
