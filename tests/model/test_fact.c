/* Fact sets: what finishing keeps, and that a record survives the way through a cache or worker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "model/fact.h"

static entity *entity_at(const fact_set *f, guint i)
{
	assert_true(i < f->entities->len);
	return &g_array_index(f->entities, entity, i);
}

static use *use_at(const fact_set *f, guint i)
{
	assert_true(i < f->uses->len);
	return &g_array_index(f->uses, use, i);
}

static fact_set *sample(void)
{
	oid blob = {{1, 2, 3}};
	fact_set *f = fact_set_new("arch/x/kernel/a.c", &blob);
	fact_set_add_entity(f, &(entity){.kind = ENTITY_FUNCTION,
				       .reader = READER_TEXT,
				       .line = 3,
				       .end_line = 9,
				       .flags = ENTITY_DEFINITION,
				       .name = "f",
				       .signature = "int (int)",
				       .condition = "defined(A)",
				       .body = {7, 8},
				       .tokens = 12});
	fact_set_add_entity(f, &(entity){.kind = ENTITY_FUNCTION,
				       .reader = READER_CLANG,
				       .line = 3,
				       .end_line = 9,
				       .flags = ENTITY_DEFINITION,
				       .name = "f",
				       .signature = "int (long)",
				       .body = {1, 1},
				       .tokens = 1});
	fact_set_add_entity(f, &(entity){.kind = ENTITY_MACRO,
				       .reader = READER_TEXT,
				       .line = 1,
				       .end_line = 1,
				       .name = "caf\xe9",
				       .value = "\xff\xfe"});
	fact_set_add_use(f, &(use){.kind = USE_CALL,
				    .reader = READER_TEXT,
				    .line = 5,
				    .column = 2,
				    .name = "g",
				    .detail = "(x)",
				    .in = "f",
				    .condition = "C"});
	fact_set_add_use(f, &(use){.kind = USE_MACRO,
				    .reader = READER_CLANG,
				    .line = 5,
				    .column = 2,
				    .name = "g",
				    .in = "f"});
	fact_set_add_use(f, &(use){.kind = USE_SLOT,
				    .reader = READER_TEXT,
				    .line = 5,
				    .column = 2,
				    .name = "ops.g",
				    .in = "f"});
	fact_set_add_use(f, &(use){.kind = USE_CALL,
				    .reader = READER_TEXT,
				    .line = 4,
				    .column = 2,
				    .name = "h",
				    .in = "f"});
	fact_set_add_use(f, &(use){.kind = USE_CALL,
				    .reader = READER_TEXT,
				    .line = 4,
				    .column = 2,
				    .name = "h",
				    .in = "f"});
	fact_set_add_seen(f, 7, 9);
	fact_set_add_seen(f, 3, 4);
	fact_set_add_seen(f, 5, 5);
	fact_set_add_diagnostic(f, &(diagnostic){DIAGNOSTIC_ERROR, "include/b.h", 4, "no"});
	f->units = 2;
	f->clean = 1;
	return f;
}

static void finish_lets_the_compiler_win(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = sample();
	fact_set_finish(f);
	assert_int_equal(f->entities->len, 2);
	const entity *e = entity_at(f, 1);
	assert_int_equal(e->reader, READER_CLANG);
	/* what the text reader alone knows, or knows alike in all configurations */
	assert_string_equal(e->signature, "int (int)");
	assert_string_equal(e->condition, "defined(A)");
	assert_int_equal(e->body[0], 7);
	assert_int_equal(e->tokens, 12);

	assert_int_equal(f->uses->len, 3);
	assert_string_equal(use_at(f, 0)->name, "h");
	assert_int_equal(use_at(f, 1)->kind, USE_MACRO);
	assert_string_equal(use_at(f, 1)->detail, "(x)");
	assert_string_equal(use_at(f, 1)->condition, "C");
	assert_int_equal(use_at(f, 2)->kind, USE_SLOT);
}

static void uses_within_an_entity(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = sample();
	fact_set_add_use(
		f, &(use){.kind = USE_CALL, .line = 6, .column = 1, .name = "x", .in = "M"});
	fact_set_add_use(
		f, &(use){.kind = USE_CALL, .line = 10, .column = 1, .name = "y", .in = "f"});
	fact_set_finish(f);
	guint cursor = 0;
	const entity *e = entity_at(f, 1);
	assert_string_equal(fact_set_use_within(f, e, &cursor)->name, "h");
	assert_string_equal(fact_set_use_within(f, e, &cursor)->name, "g");
	assert_string_equal(fact_set_use_within(f, e, &cursor)->name, "ops.g");
	assert_null(fact_set_use_within(f, e, &cursor)); /* x is in M, y behind f */
}

static void seen_ranges_are_joined(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = sample();
	fact_set_finish(f);
	assert_int_equal(f->seen->len, 2);
	assert_false(fact_set_line_seen(f, 2));
	assert_true(fact_set_line_seen(f, 3));
	assert_true(fact_set_line_seen(f, 5));
	assert_false(fact_set_line_seen(f, 6));
	assert_true(fact_set_line_seen(f, 9));
	assert_false(fact_set_line_seen(f, 10));
}

static void a_record_comes_back_whole(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = sample();
	fact_set_finish(f);
	g_autoptr(GBytes) bytes = fact_set_encode(f);
	g_autoptr(fact_set) back = fact_set_decode(bytes);
	assert_non_null(back);
	assert_string_equal(back->path, f->path);
	assert_true(oid_equal(&back->blob, &f->blob));
	assert_int_equal(back->units, 2);
	assert_int_equal(back->clean, 1);
	assert_string_equal(entity_at(back, 0)->name, "caf\xe9");
	assert_string_equal(entity_at(back, 0)->value, "\xff\xfe");
	g_autoptr(GBytes) again = fact_set_encode(back);
	assert_true(g_bytes_equal(bytes, again));
}

static void foreign_bytes_are_refused(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = sample();
	fact_set_finish(f);
	g_autoptr(GBytes) bytes = fact_set_encode(f);
	gsize len;
	const char *data = g_bytes_get_data(bytes, &len);
	g_autoptr(GBytes) none = g_bytes_new_static("", 0);
	assert_null(fact_set_decode(none));
	for (gsize cut = 1; cut < len; cut++) {
		g_autoptr(GBytes) part = g_bytes_new(data, len - cut);
		assert_null(fact_set_decode(part));
	}
	/* A changed byte gives another set or none, never a crash, and kinds stay in range. */
	for (gsize i = 0; i < len; i++) {
		g_autofree char *changed = g_memdup2(data, len);
		for (unsigned bit = 0; bit < 8; bit += 3) {
			changed[i] = (char)(data[i] ^ (1 << bit));
			g_autoptr(GBytes) bad = g_bytes_new(changed, len);
			g_autoptr(fact_set) got = fact_set_decode(bad);
			for (guint k = 0; got && k < got->entities->len; k++)
				assert_true(entity_at(got, k)->kind < ENTITY_KINDS);
			for (guint k = 0; got && k < got->uses->len; k++)
				assert_true(use_at(got, k)->kind < USE_KINDS);
		}
	}
}

/* Units come in one after the other: what the text reader gave to the first is not lost. */
static void finishing_twice_keeps_what_text_knew(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = sample();
	fact_set_finish(f);
	g_autoptr(GBytes) once = fact_set_encode(f);
	g_autoptr(fact_set) unit = fact_set_new(f->path, &f->blob);
	for (guint i = 0; i < f->entities->len; i++) {
		const entity *e = entity_at(f, i);
		if (e->reader == READER_CLANG)
			fact_set_add_entity(unit, &(entity){.kind = e->kind,
							  .reader = READER_CLANG,
							  .line = e->line,
							  .end_line = e->end_line,
							  .flags = e->flags,
							  .name = e->name,
							  .signature = "int (long)"});
	}
	for (guint i = 0; i < f->uses->len; i++) {
		const use *u = use_at(f, i);
		if (u->reader == READER_CLANG)
			fact_set_add_use(unit, &(use){.kind = u->kind,
						       .reader = READER_CLANG,
						       .line = u->line,
						       .column = u->column,
						       .name = u->name});
	}
	assert_true(unit->entities->len > 0 && unit->uses->len > 0);
	fact_set_merge(f, unit);
	fact_set_finish(f);
	g_autoptr(GBytes) twice = fact_set_encode(f);
	assert_true(g_bytes_equal(once, twice));
}

/* What came first is the cause of what follows: never sorted. */
static void diagnostics_keep_their_order(void **state)
{
	(void)state;
	static const diagnostic told[] = {{DIAGNOSTIC_ERROR, "include/z.h", 9, "cause"},
		{DIAGNOSTIC_ERROR, "kernel/a.c", 3, "effect"},
		{DIAGNOSTIC_ERROR, "include/z.h", 9, "cause"},
		{DIAGNOSTIC_ERROR, "include/z.h", 4, "cause"}};
	g_autoptr(fact_set) f = fact_set_new("kernel/a.c", &(oid){0});
	for (guint i = 0; i < G_N_ELEMENTS(told); i++)
		fact_set_add_diagnostic(f, &told[i]);
	fact_set_finish(f);
	fact_set_finish(f);
	assert_int_equal(f->diagnostics->len, 3);
	static const guint kept[] = {0, 1, 3};
	for (guint i = 0; i < G_N_ELEMENTS(kept); i++) {
		const diagnostic *d = &g_array_index(f->diagnostics, diagnostic, i);
		assert_string_equal(d->path, told[kept[i]].path);
		assert_int_equal(d->line, told[kept[i]].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finish_lets_the_compiler_win),
		cmocka_unit_test(finishing_twice_keeps_what_text_knew),
		cmocka_unit_test(diagnostics_keep_their_order),
		cmocka_unit_test(uses_within_an_entity),
		cmocka_unit_test(seen_ranges_are_joined),
		cmocka_unit_test(a_record_comes_back_whole),
		cmocka_unit_test(foreign_bytes_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
