/* The compiler's reader: what names mean, and which lines were compiled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "analyzers/c/c.h"

static const char header[] = "#ifndef OPS_H\n"			  /* 1 */
			     "#define OPS_H\n"
			     "struct ops {\n"			  /* 3 */
			     "	void (*flush)(int);\n"
			     "	int flags;\n"
			     "};\n"
			     "#define LOCK(x) take_lock(x)\n"	  /* 7 */
			     "void take_lock(int);\n"
			     "static inline int ready(struct ops *o)\n" /* 9 */
			     "{\n"
			     "	return o->flags;\n"
			     "}\n"
			     "#endif\n";

static const char source[] = "#include <asm/ops.h>\n"	     /* 1 */
			     "static void my_flush(int x)\n" /* 2 */
			     "{\n"
			     "	LOCK(x);\n"		     /* 4 */
			     "	take_lock(x);\n"	     /* 5 */
			     "}\n"
			     "#ifdef CONFIG_OTHER\n"	     /* 7 */
			     "int left_out;\n"		     /* 8 */
			     "#endif\n"
			     "struct ops mine = {\n"	     /* 10 */
			     "	.flush = my_flush,\n"	     /* 11 */
			     "	.flags = 3,\n"
			     "};\n"
			     "int use_it(void)\n"	     /* 14 */
			     "{\n"
			     "	return ready(&mine);\n"	     /* 16 */
			     "}\n";

typedef struct fixture {
	char *root;
	analysis_unit *unit;
	fact_sink sink;
} fixture;

static analysis_unit *make_unit(fixture *f, const char *text)
{
	analysis_unit *u = g_new0(analysis_unit, 1);
	u->path = g_strdup("kernel/mine.c");
	u->text = g_bytes_new(text, strlen(text));
	u->arch = g_strdup("i386");
	u->root = g_strdup(f->root);
	u->args = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(u->args, g_strdup("-nostdinc"));
	g_ptr_array_add(u->args, g_strdup_printf("-I%s/.link", f->root));
	u->wanted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_hash_table_insert(u->wanted, g_strdup("include/asm-x/ops.h"), g_new0(oid, 1));
	u->bodies = true;
	return u;
}

static void write_file(const char *root, const char *path, const char *text)
{
	g_autofree char *full = g_build_filename(root, path, NULL);
	g_autofree char *folder = g_path_get_dirname(full);
	assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
	assert_true(g_file_set_contents(full, text, -1, NULL));
}

static void run_on(fixture *f, const char *text)
{
	f->root = g_dir_make_tmp("truce-c-XXXXXX", NULL);
	assert_non_null(f->root);
	write_file(f->root, "include/asm-x/ops.h", header);
	write_file(f->root, ".link/.keep", "");
	g_autofree char *link = g_build_filename(f->root, ".link", "asm", NULL);
	assert_int_equal(symlink("../include/asm-x", link), 0);
	f->unit = make_unit(f, text);
	fact_sink_init(&f->sink);
	g_autoptr(GError) err = NULL;
	assert_true(c_analyzer.run(f->unit, &f->sink, &err));
	for (guint i = 0; i < f->sink.sets->len; i++)
		fact_set_finish(g_ptr_array_index(f->sink.sets, i));
}

static void clear(fixture *f)
{
	static const char *const files[] = {"include/asm-x/ops.h", "include/asm-x", "include",
		".link/asm", ".link/.keep", ".link", ""};
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *full = g_build_filename(f->root, files[i], NULL);
		g_remove(full);
	}
	fact_sink_clear(&f->sink);
	g_hash_table_unref(f->unit->wanted);
	analysis_unit_free(f->unit);
	g_free(f->root);
}

static fact_set *set_of(fixture *f, const char *path)
{
	return g_hash_table_lookup(f->sink.index, path);
}

static bool has_use(const fact_set *s, use_kind kind, unsigned line, const char *name,
	const char *in)
{
	for (guint i = 0; i < s->uses->len; i++) {
		const use *u = &g_array_index(s->uses, use, i);
		if (u->kind == kind && u->line == line && !strcmp(u->name, name) &&
			!strcmp(u->in, in))
			return true;
	}
	return false;
}

static const entity *find_entity(const fact_set *s, entity_kind kind, const char *name)
{
	for (guint i = 0; i < s->entities->len; i++) {
		const entity *e = &g_array_index(s->entities, entity, i);
		if (e->kind == kind && !strcmp(e->name, name))
			return e;
	}
	return NULL;
}

static void test_meaning(void **state)
{
	(void)state;
	fixture f = {0};
	run_on(&f, source);
	fact_set *s = set_of(&f, "kernel/mine.c");
	assert_non_null(s);
	assert_int_equal(s->units, 1);
	assert_int_equal(s->clean, 1);
	assert_true(has_use(s, USE_MACRO, 4, "LOCK", ""));
	assert_true(has_use(s, USE_CALL, 5, "take_lock", "my_flush"));
	/* the macro's body calls it, not line 4 */
	assert_false(has_use(s, USE_CALL, 4, "take_lock", "my_flush"));
	assert_true(has_use(s, USE_SLOT, 11, "ops.flush", "mine"));
	assert_true(has_use(s, USE_REFERENCE, 11, "my_flush", "mine"));
	assert_true(has_use(s, USE_CALL, 16, "ready", "use_it"));
	assert_true(has_use(s, USE_REFERENCE, 16, "mine", "use_it"));
	/* told once, as a call */
	assert_false(has_use(s, USE_REFERENCE, 16, "ready", "use_it"));
	const entity *e = find_entity(s, ENTITY_FUNCTION, "my_flush");
	assert_non_null(e);
	assert_int_equal(e->line, 2);
	assert_int_equal(e->end_line, 6);
	assert_int_equal(e->flags, ENTITY_DEFINITION | ENTITY_STATIC);
	assert_string_equal(e->signature, "void (int)");
	assert_null(find_entity(s, ENTITY_VARIABLE, "left_out"));
	clear(&f);
}

static void test_header_through_link(void **state)
{
	(void)state;
	fixture f = {0};
	run_on(&f, source);
	fact_set *s = set_of(&f, "include/asm-x/ops.h");
	assert_non_null(s);
	assert_int_equal(s->units, 0);
	assert_true(has_use(s, USE_FIELD, 11, "ops.flags", "ready"));
	const entity *field = find_entity(s, ENTITY_FIELD, "flush");
	assert_non_null(field);
	assert_string_equal(field->parent, "ops");
	assert_true(fact_set_line_seen(s, 11));
	clear(&f);
}

static void test_seen(void **state)
{
	(void)state;
	fixture f = {0};
	run_on(&f, source);
	fact_set *s = set_of(&f, "kernel/mine.c");
	for (unsigned line = 1; line <= 17; line++)
		assert_int_equal(fact_set_line_seen(s, line), line != 8);
	assert_false(fact_set_line_seen(s, 18));
	clear(&f);
}

static void test_error_ends_sight(void **state)
{
	(void)state;
	fixture f = {0};
	run_on(&f, "int good(void)\n{\n	return 1;\n}\n"
		   "int bad(void)\n{\n	int x = 1;\n	undeclared_thing = x;\n	return x;\n}\n"
		   "int after(void)\n{\n	return 2;\n}\n");
	fact_set *s = set_of(&f, "kernel/mine.c");
	assert_int_equal(s->units, 1);
	assert_int_equal(s->clean, 0);
	assert_int_equal(s->diagnostics->len, 1);
	assert_string_equal(g_array_index(s->diagnostics, diagnostic, 0).path, "kernel/mine.c");
	assert_int_equal(g_array_index(s->diagnostics, diagnostic, 0).line, 8);
	for (unsigned line = 1; line <= 14; line++)
		assert_int_equal(fact_set_line_seen(s, line), line < 8 || line > 10);
	clear(&f);
}

static void test_without_bodies(void **state)
{
	(void)state;
	fixture f = {0};
	run_on(&f, source);
	clear(&f);
	f = (fixture){0};
	f.root = g_strdup("/nonexistent");
	f.unit = make_unit(&f, "int f(void)\n{\n	return undeclared;\n}\n");
	f.unit->bodies = false;
	fact_sink_init(&f.sink);
	assert_true(c_analyzer.run(f.unit, &f.sink, NULL));
	fact_set *s = set_of(&f, "kernel/mine.c");
	assert_int_equal(s->clean, 1);
	assert_non_null(find_entity(s, ENTITY_FUNCTION, "f"));
	clear(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meaning),
		cmocka_unit_test(test_header_through_link),
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_error_ends_sight),
		cmocka_unit_test(test_without_bodies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
