/* Tasks and answers as bytes. An answer comes from a process that a hostile file may have taken
 * over: whatever it says, nothing outside of the bytes is touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzers/list.h"
#include "engine/task.h"

static const oid some_blob = {{1, 2, 3}};

static GBytes *sample_answer(void)
{
	fact_sink sink;
	fact_sink_init(&sink);
	for (int i = 0; i < 2; i++) {
		fact_set *f = fact_sink_file(&sink, i ? "include/b.h" : "a.c", &some_blob);
		line_range seen = {1, 7};
		g_array_append_val(f->seen, seen);
		f->clean = true;
	}
	fact_sink_read(&sink, "include/b.h");
	fact_sink_read(&sink, "");
	GBytes *answer = answer_encode(&sink);
	fact_sink_clear(&sink);
	return answer;
}

static void test_answer(void **state)
{
	(void)state;
	g_autoptr(GBytes) answer = sample_answer();
	g_autoptr(GPtrArray) reads = NULL;
	gsize kept = 0;
	g_autoptr(GPtrArray) sets = answer_decode(answer, &reads, &kept);
	assert_non_null(sets);
	assert_int_equal(sets->len, 2);
	assert_string_equal(((fact_set *)g_ptr_array_index(sets, 1))->path, "include/b.h");
	assert_int_equal(reads->len, 2);

	/* what is kept of it is an answer without places */
	g_autoptr(GBytes) part = g_bytes_new_from_bytes(answer, 0, kept);
	g_autoptr(GPtrArray) none = NULL;
	g_autoptr(GPtrArray) again = answer_decode(part, &none, NULL);
	assert_int_equal(again->len, 2);
	assert_int_equal(none->len, 0);
}

static void test_cut_answer(void **state)
{
	(void)state;
	g_autoptr(GBytes) answer = sample_answer();
	gsize len, kept = 0;
	g_autoptr(GPtrArray) whole = answer_decode(answer, NULL, &kept);
	const guint8 *data = g_bytes_get_data(answer, &len);
	for (gsize cut = 0; cut < kept; cut++) {
		g_autoptr(GBytes) part = g_bytes_new(data, cut);
		assert_null(answer_decode(part, NULL, NULL));
	}
}

/* Each byte in turn is another one: an answer or none, and a sanitizer has nothing to say. */
static void test_damaged_answer(void **state)
{
	(void)state;
	static const guint8 values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	g_autoptr(GBytes) answer = sample_answer();
	gsize len;
	const guint8 *data = g_bytes_get_data(answer, &len);
	for (gsize at = 0; at < len; at++) {
		for (gsize v = 0; v < G_N_ELEMENTS(values); v++) {
			guint8 *copy = g_memdup2(data, len);
			copy[at] = values[v];
			g_autoptr(GBytes) bad = g_bytes_new_take(copy, len);
			g_autoptr(GPtrArray) reads = NULL;
			g_autoptr(GPtrArray) sets = answer_decode(bad, &reads, NULL);
			for (guint i = 0; sets && i < reads->len; i++)
				assert_non_null(g_ptr_array_index(reads, i));
			for (guint i = 0; sets && i < sets->len; i++)
				assert_non_null(((fact_set *)g_ptr_array_index(sets, i))->path);
		}
	}
}

static GBytes *sample_task(const analyzer *reader, GPtrArray *memory, GHashTable *wanted)
{
	static char *const args[] = {"-nostdinc", "-I", "/x/include"};
	analysis_unit *u = g_new0(analysis_unit, 1);
	u->path = g_strdup("kernel/a.c");
	u->blob = some_blob;
	u->text = g_bytes_new_static("int a;\n", 7);
	u->arch = g_strdup("i386");
	u->root = g_strdup("/x");
	u->args = g_ptr_array_new_with_free_func(g_free);
	for (gsize i = 0; i < G_N_ELEMENTS(args); i++)
		g_ptr_array_add(u->args, g_strdup(args[i]));
	u->memory = memory;
	u->wanted = wanted;
	u->bodies = true;
	GBytes *bytes = task_encode(reader, u);
	analysis_unit_free(u);
	return bytes;
}

static const analyzer *compiler(void)
{
	const analyzer *c = analyzer_named("c");
	assert_non_null(c);
	assert_true(c->needs_layout);
	return c;
}

static void test_task(void **state)
{
	(void)state;
	g_autoptr(GPtrArray) memory =
		g_ptr_array_new_with_free_func((GDestroyNotify)memory_file_free);
	g_autoptr(GBytes) text = g_bytes_new_static("#define X\n", 10);
	g_ptr_array_add(memory, memory_file_new("/x/autoconf.h", text));
	g_autoptr(GHashTable) wanted = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(wanted, "include/b.h", (gpointer)&some_blob);
	g_autoptr(GBytes) bytes = sample_task(compiler(), memory, wanted);
	g_autoptr(GHashTable) kept = task_kept_new();
	const GPtrArray *first = NULL;
	for (int i = 0; i < 2; i++) {
		g_auto(task) t = {0};
		assert_true(task_decode(&t, bytes, kept));
		assert_ptr_equal(t.reader, compiler());
		assert_string_equal(t.unit->path, "kernel/a.c");
		assert_int_equal(t.unit->args->len, 3);
		assert_true(t.unit->bodies);
		assert_null(t.unit->map);
		assert_true(oid_equal(g_hash_table_lookup(t.wanted, "include/b.h"), &some_blob));
		assert_int_equal(t.unit->memory->len, 1);
		/* one configuration, one set of headers */
		if (first)
			assert_ptr_equal(t.unit->memory, first);
		first = t.unit->memory;
	}
	assert_int_equal(g_hash_table_size(kept), 1);
}

static void test_cut_task(void **state)
{
	(void)state;
	g_autoptr(GBytes) bytes = sample_task(compiler(), NULL, NULL);
	gsize len;
	const guint8 *data = g_bytes_get_data(bytes, &len);
	for (gsize cut = 0; cut < len; cut++) {
		g_autoptr(GBytes) part = g_bytes_new(data, cut);
		g_autoptr(GHashTable) kept = task_kept_new();
		g_auto(task) t = {0};
		assert_false(task_decode(&t, part, kept));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_cut_answer),
		cmocka_unit_test(test_damaged_answer),
		cmocka_unit_test(test_task),
		cmocka_unit_test(test_cut_task),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
