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
#include "support/find_fact.h"

static const char header[] = "#ifndef OPS_H\n" /* 1 */
			     "#define OPS_H\n"
			     "struct ops {\n" /* 3 */
			     "	void (*flush)(int);\n"
			     "	int flags;\n"
			     "};\n"
			     "#define LOCK(x) take_lock(x)\n" /* 7 */
			     "void take_lock(int);\n"
			     "static inline int ready(struct ops *o)\n" /* 9 */
			     "{\n"
			     "	return o->flags;\n"
			     "}\n"
			     "#endif\n";

static const char source[] = "#include <asm/ops.h>\n"	     /* 1 */
			     "static void my_flush(int x)\n" /* 2 */
			     "{\n"
			     "	LOCK(x);\n"	 /* 4 */
			     "	take_lock(x);\n" /* 5 */
			     "}\n"
			     "#ifdef CONFIG_OTHER\n" /* 7 */
			     "int left_out;\n"	     /* 8 */
			     "#endif\n"
			     "struct ops mine = {\n"  /* 10 */
			     "	.flush = my_flush,\n" /* 11 */
			     "	.flags = 3,\n"
			     "};\n"
			     "int use_it(void)\n" /* 14 */
			     "{\n"
			     "	return ready(&mine);\n" /* 16 */
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
	u->aliases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_hash_table_insert(
		u->aliases, g_strdup_printf("%s/.link/asm/", f->root), g_strdup("include/asm-x/"));
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

static void run_path(fixture *f, const char *path, const char *text)
{
	f->root = g_dir_make_tmp("truce-c-XXXXXX", NULL);
	assert_non_null(f->root);
	write_file(f->root, "include/asm-x/ops.h", header);
	write_file(f->root, ".link/.keep", "");
	g_autofree char *link = g_build_filename(f->root, ".link", "asm", NULL);
	assert_int_equal(symlink("../include/asm-x", link), 0);
	f->unit = make_unit(f, text);
	g_free(f->unit->path);
	f->unit->path = g_strdup(path);
	fact_sink_init(&f->sink);
	g_autoptr(GError) err = NULL;
	assert_true(c_analyzer.run(f->unit, &f->sink, &err));
	for (guint i = 0; i < f->sink.sets->len; i++)
		fact_set_finish(g_ptr_array_index(f->sink.sets, i));
}

static void run_on(fixture *f, const char *text)
{
	run_path(f, "kernel/mine.c", text);
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
	g_hash_table_unref(f->unit->aliases);
	analysis_unit_free(f->unit);
	g_free(f->root);
}

static fact_set *set_of(fixture *f, const char *path)
{
	return g_hash_table_lookup(f->sink.index, path);
}

static bool has_use(
	const fact_set *s, use_kind kind, unsigned line, const char *name, const char *in)
{
	for (guint i = 0; i < s->uses->len; i++) {
		const use *u = &g_array_index(s->uses, use, i);
		if (u->kind == kind && u->line == line && !strcmp(u->name, name) &&
			!strcmp(u->in, in))
			return true;
	}
	return false;
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

/* A result may be used again where nothing differs that was read, or that would have been. */
static void test_what_was_read_and_looked_for(void **state)
{
	(void)state;
	fixture f = {0};
	run_on(&f, "#include <asm/ops.h>\n"
		   "#include \"asm/ops.h\"\n"
		   "#include \"../gone.h\"\n"
		   "#ifdef NEVER\n"
		   "#include <asm/never.h>\n"
		   "#endif\n");
	assert_true(g_hash_table_contains(f.sink.reads, "kernel/mine.c"));
	assert_true(g_hash_table_contains(f.sink.reads, "include/asm-x/ops.h"));
	/* a file beside the source would have come before it, */
	assert_true(g_hash_table_contains(f.sink.reads, "kernel/asm/ops.h"));
	/* and these would have been taken, */
	assert_true(g_hash_table_contains(f.sink.reads, "gone.h"));
	/* but nothing asked for this. */
	assert_false(g_hash_table_contains(f.sink.reads, "include/asm-x/never.h"));
	assert_false(g_hash_table_contains(f.sink.reads, ""));
	clear(&f);
	run_on(&f, "#if __has_include(<asm/never.h>)\n#endif\n");
	assert_true(g_hash_table_contains(f.sink.reads, ""));
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

/* Where a tree is laid out is no fact, not even in the compiler's words. */
static void test_error_names_no_place(void **state)
{
	(void)state;
	fixture f = {0};
	run_on(&f, "struct s {\n	struct {\n		int a;\n	} u;\n};\n"
		   "int get(struct s *s)\n{\n	return s->u.b;\n}\n");
	fact_set *s = set_of(&f, "kernel/mine.c");
	assert_int_equal(s->diagnostics->len, 1);
	const char *text = g_array_index(s->diagnostics, diagnostic, 0).text;
	assert_non_null(strstr(text, "unnamed at kernel/mine.c:2:2"));
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
	fact_set_finish(s);
	assert_true(fact_set_line_seen(s, 1));
	assert_false(fact_set_line_seen(s, 3));
	clear(&f);
}

static const use *find_slot(const fact_set *s, const char *name, const char *value)
{
	for (guint i = 0; i < s->uses->len; i++) {
		const use *u = &g_array_index(s->uses, use, i);
		if (u->kind == USE_SLOT && !strcmp(u->name, name) && !strcmp(u->detail, value))
			return u;
	}
	return NULL;
}

static void test_slots_by_statement_and_macro(void **state)
{
	(void)state;
	fixture f = {0};
	run_on(&f, "#include <asm/ops.h>\n" /* 1 */
		   "#define FILL(op, fn) do { table.op = fn; } while (0)\n"
		   "#define OPS(fn) { .flush = fn, .flags = 1 }\n"
		   "struct ops table;\n" /* 4 */
		   "static void one(int x) { }\n"
		   "static void two(int x) { }\n"
		   "struct ops made = OPS(two);\n"		/* 7 */
		   "void setup(struct ops *o, struct ops *p)\n" /* 8 */
		   "{\n"
		   "	o->flush = (void (*)(int))one;\n" /* 10 */
		   "	FILL(flush, two);\n"		  /* 11 */
		   "	if (o->flush == p->flush)\n"	  /* 12 */
		   "		o->flags = 0;\n"
		   "	o->flush = p->flush;\n" /* 14 */
		   "}\n"
		   "#define PLACE(op) (__builtin_offsetof(struct ops, op) / sizeof(long))\n"
		   "static int places[9] = { [PLACE(flush)] = 1 };\n" /* 17 */
		   "int place = __builtin_offsetof(struct ops, flush);\n");
	fact_set *s = set_of(&f, "kernel/mine.c");
	assert_int_equal(s->clean, 1);
	const use *u = find_slot(s, "ops.flush", "one");
	assert_non_null(u);
	assert_int_equal(u->line, 10);
	assert_int_equal(u->column, 5);
	assert_string_equal(u->in, "setup");
	assert_true(has_use(s, USE_SLOT, 11, "ops.flush", "setup"));
	assert_true(has_use(s, USE_SLOT, 7, "ops.flush", "made"));
	assert_false(has_use(s, USE_SLOT, 7, "ops.flags", "made"));
	assert_false(has_use(s, USE_SLOT, 12, "ops.flush", "setup"));
	assert_true(has_use(s, USE_SLOT, 14, "ops.flush", "setup"));
	assert_false(has_use(s, USE_SLOT, 17, "ops.flush", "places"));
	assert_false(has_use(s, USE_SLOT, 18, "ops.flush", "place"));
	clear(&f);
}

static void test_records_without_tag(void **state)
{
	(void)state;
	fixture f = {0};
	run_on(&f, "typedef struct { unsigned long low; } pte_t;\n"
		   "struct outer { union { int a; long b; }; struct { int c; } in; };\n"
		   "long get(pte_t p, struct outer *o) { return p.low + o->a + o->in.c; }\n");
	fact_set *s = set_of(&f, "kernel/mine.c");
	assert_string_equal(find_entity(s, ENTITY_FIELD, "low")->parent, "pte_t");
	assert_string_equal(find_entity(s, ENTITY_FIELD, "b")->parent, "outer");
	assert_string_equal(find_entity(s, ENTITY_FIELD, "c")->parent, "outer");
	assert_true(has_use(s, USE_FIELD, 3, "pte_t.low", "get"));
	assert_true(has_use(s, USE_FIELD, 3, "outer.a", "get"));
	clear(&f);
}

static void test_a_header_read_twice(void **state)
{
	(void)state;
	fixture f = {0};
	f.root = g_dir_make_tmp("truce-c-XXXXXX", NULL);
	write_file(f.root, "include/asm-x/ops.h",
		"#ifdef AGAIN\n"
		"int second;\n"
		"#else\n"
		"int first;\n"
		"#endif\n"
		"#ifdef NEVER\n"
		"int none;\n"
		"#endif\n");
	write_file(f.root, ".link/.keep", "");
	g_autofree char *link = g_build_filename(f.root, ".link", "asm", NULL);
	assert_int_equal(symlink("../include/asm-x", link), 0);
	f.unit = make_unit(&f, "#include <asm/ops.h>\n#define AGAIN\n#include <asm/ops.h>\n");
	fact_sink_init(&f.sink);
	assert_true(c_analyzer.run(f.unit, &f.sink, NULL));
	fact_set *s = set_of(&f, "include/asm-x/ops.h");
	fact_set_finish(s);
	for (unsigned line = 1; line <= 8; line++)
		assert_int_equal(fact_set_line_seen(s, line), line != 7);
	clear(&f);
}

static void test_assembly_is_preprocessed(void **state)
{
	(void)state;
	fixture f = {0};
	run_path(&f, "kernel/entry.S",
		"#include <asm/ops.h>\n"
		"# a comment, don't { mind it\n"
		"ENTRY(start)\n"
		"#ifdef OPS_H\n"
		"	movl %eax, (%ebx)\n"
		"#else\n"
		"	cli\n"
		"#endif\n"
		"	ret )\n");
	fact_set *s = set_of(&f, "kernel/entry.S");
	assert_int_equal(s->units, 1);
	assert_int_equal(s->clean, 1);
	assert_int_equal(s->diagnostics->len, 0);
	assert_int_equal(s->entities->len, 0);
	for (unsigned line = 1; line <= 9; line++)
		assert_int_equal(fact_set_line_seen(s, line), line != 7);
	assert_true(fact_set_line_seen(set_of(&f, "include/asm-x/ops.h"), 11));
	clear(&f);
	f = (fixture){0};
	run_path(&f, "kernel/entry.S", "#include <asm/missing.h>\n	ret\n");
	s = set_of(&f, "kernel/entry.S");
	assert_int_equal(s->clean, 0);
	assert_int_equal(s->diagnostics->len, 1);
	clear(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meaning),
		cmocka_unit_test(test_header_through_link),
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_what_was_read_and_looked_for),
		cmocka_unit_test(test_error_ends_sight),
		cmocka_unit_test(test_error_names_no_place),
		cmocka_unit_test(test_without_bodies),
		cmocka_unit_test(test_slots_by_statement_and_macro),
		cmocka_unit_test(test_records_without_tag),
		cmocka_unit_test(test_a_header_read_twice),
		cmocka_unit_test(test_assembly_is_preprocessed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
