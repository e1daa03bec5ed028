/* Headers of numbers that a build has the compiler work out: bounds.h, asm-offsets.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "analyzers/c/c.h"
#include "analyzers/c/constants.h"
#include "kernel/tree.h"
#include "support/scratch_repo.h"

static void test_rewrite(void **state)
{
	(void)state;
	const struct {
		const char *text, *expected;
	} cases[] = {
		{"a; asm volatile(\"\\n->\" #s \" %0 \" #v : : \"i\" (v)) b",
			"a; ({ const char *truce_text = \"\\n->\" #s \" %0 \" #v; "
			"long long truce_value = (long long)(v); }) b"},
		{"__asm__(\"x\"::\"n\"(f(1, 2)));",
			"({ const char *truce_text = \"x\"; "
			"long long truce_value = (long long)(f(1, 2)); });"},
		{"asm volatile(\"\\n->\" : : )", "({ const char *truce_line = \"\\n->\"; })"},
		{"asm volatile(\"\\n->\" #s \" \" STR(v)::);",
			"({ const char *truce_line = \"\\n->\" #s \" \" STR(v); });"},
		{"asm volatile(\"nop\");", "asm volatile(\"nop\");"},
		{"asm volatile(\"nop\" : : : \"memory\");",
			"asm volatile(\"nop\" : : : \"memory\");"},
		{"asm(\"mov %0\" : \"=r\" (x));", "asm(\"mov %0\" : \"=r\" (x));"},
		{"asm(\"a\" : : \"i\" (x), \"i\" (y));", "asm(\"a\" : : \"i\" (x), \"i\" (y));"},
		{"asm(\"a\" : : \"i\" (x", "asm(\"a\" : : \"i\" (x"},
		{"asm", "asm"},
		{"", ""},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = constants_rewrite(cases[i].text, strlen(cases[i].text));
		assert_string_equal(got, cases[i].expected);
	}
}

typedef struct fixture {
	scratch_repo *r;
	kernel_tree *tree;
} fixture;

#define KBUILD_H                                                                                   \
	"#define DEFINE(sym, val) \\\n\tasm volatile(\"\\n->\" #sym \" %0 \" #val : : \"i\" "      \
	"(val))\n"                                                                                 \
	"#define BLANK() asm volatile(\"\\n->\" : : )\n"                                           \
	"#define OFFSET(sym, str, mem) DEFINE(sym, __builtin_offsetof(struct str, mem))\n"         \
	"#define COMMENT(x) asm volatile(\"\\n->#\" x)\n"
#define PAIR_H "#include <linux/bounds.h>\nstruct pair { char a; int b[ZONES]; int last; };\n"

/* `asking` is arch/i386/kernel/asm-offsets.c. */
static void open_tree(fixture *f, const char *asking)
{
	f->r = scratch_repo_new();
	oid tree = scratch_tree(f->r, NULL, "Makefile",
		"VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 30\ncore-y := kernel/\n", "Kbuild", "\n",
		"arch/i386/Makefile", "core-y += arch/i386/kernel/\n", "arch/i386/Kconfig",
		"config MANY\n\tbool \"many\"\nconfig ODD\n\tbool \"odd\"\n", "arch/i386/defconfig",
		"CONFIG_MANY=y\n", "arch/i386/kernel/Makefile", "obj-y := c.o entry.o plain.o\n",
		"include/linux/kbuild.h", KBUILD_H, "include/linux/pair.h", PAIR_H,
		"include/asm-i386/page.h", "int page;\n", "kernel/bounds.c",
		"#define MAKING\n#include <linux/kbuild.h>\n#ifdef CONFIG_MANY\n"
		"enum { A, B, C, LAST };\n#endif\nvoid f(void)\n{\n\tDEFINE(ZONES, LAST);\n}\n",
		"arch/i386/kernel/asm-offsets.c", asking, "arch/i386/kernel/asm-offsets_32.c",
		"#include <linux/pair.h>\nvoid g(void)\n{\n\tOFFSET(PAIR_b, pair, b);\n\tBLANK();\n"
		"\tCOMMENT(\"end\");\n\tOFFSET(PAIR_last, pair, last);\n}\n",
		"arch/i386/kernel/entry.S",
		"#include <asm/asm-offsets.h>\n#if PAIR_last == 16 && PAIR_b == 4 && OWN == -3\n"
		"right\n#else\nwrong\n#endif\n",
		"arch/i386/kernel/c.c",
		"#include <linux/pair.h>\n#if ZONES == 3\nint right[ZONES];\n#else\nint wrong;\n"
		"#endif\n",
		"arch/i386/kernel/plain.c", "int x;\n", NULL);
	g_autofree char *cache = g_build_filename(f->r->dir, "cache", NULL);
	assert_true(kernel_tree_open(&f->tree, f->r->repo, &tree, cache, NULL));
}

static const char asking[] =
	"#include <linux/kbuild.h>\n#include \"asm-offsets_32.c\"\n"
	"void h(void)\n{\n\tDEFINE(OWN, -3);\n\tDEFINE(NOT_CONSTANT, (long)&h);\n}\n";

static int setup(void **state)
{
	fixture *f = g_new0(fixture, 1);
	open_tree(f, asking);
	*state = f;
	return 0;
}

static int setup_broken(void **state)
{
	fixture *f = g_new0(fixture, 1);
	open_tree(f, "#include <linux/none.h>\n");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture *f = *state;
	kernel_tree_free(f->tree);
	scratch_repo_free(f->r);
	g_free(f);
	return 0;
}

/* The header that a unit computed from `source`; NULL when it did not. Stays for ever. */
static const char *made(const analysis_unit *u, const char *source)
{
	for (guint i = 0; i < u->computed->len; i++) {
		const computed_header *h = g_ptr_array_index(u->computed, i);
		if (strcmp(h->path, source) || !h->made)
			continue;
		gsize len;
		const char *data = g_bytes_get_data(h->made, &len);
		g_autofree char *text = g_strndup(data, len);
		return g_intern_string(text);
	}
	return NULL;
}

static analysis_unit *read_file(fixture *f, const char *path, fact_sink *sink, bool bodies)
{
	analysis_unit *u = NULL;
	assert_true(kernel_tree_unit(&u, f->tree, path, "i386", NULL));
	u->bodies = bodies;
	fact_sink_init(sink);
	assert_true(c_analyzer.run(u, sink, NULL));
	return u;
}

static bool seen(const fact_sink *sink, const char *path, unsigned line)
{
	const fact_set *set = g_hash_table_lookup(sink->index, path);
	return set && fact_set_line_seen(set, line);
}

#define OFFSETS "arch/i386/kernel/asm-offsets.c"

static void test_bounds(void **state)
{
	g_auto(fact_sink) sink = {0};
	g_autoptr(analysis_unit) u = read_file(*state, "arch/i386/kernel/c.c", &sink, true);
	const fact_set *set = g_hash_table_lookup(sink.index, u->path);
	assert_int_equal(set->diagnostics->len, 0);
	assert_true(seen(&sink, u->path, 3));
	assert_false(seen(&sink, u->path, 5));
	assert_string_equal(made(u, "kernel/bounds.c"), "#define ZONES 3\n");
	/* A change of what it was computed from is a change of this file's facts. */
	assert_true(g_hash_table_contains(sink.reads, "kernel/bounds.c"));
	assert_true(g_hash_table_contains(sink.reads, "include/linux/kbuild.h"));
	/* Nobody asked for the offsets. */
	assert_null(made(u, OFFSETS));
	assert_false(g_hash_table_contains(sink.reads, OFFSETS));
}

static void test_offsets(void **state)
{
	g_auto(fact_sink) sink = {0};
	g_autoptr(analysis_unit) u = read_file(*state, "arch/i386/kernel/entry.S", &sink, true);
	assert_true(seen(&sink, u->path, 3));
	assert_false(seen(&sink, u->path, 5));
	assert_string_equal(
		made(u, OFFSETS), "#define PAIR_b 4\n#define PAIR_last 16\n#define OWN -3\n");
	assert_true(g_hash_table_contains(sink.reads, OFFSETS));
	assert_true(g_hash_table_contains(sink.reads, "arch/i386/kernel/asm-offsets_32.c"));
	assert_true(g_hash_table_contains(sink.reads, "include/linux/pair.h"));
	/* The next unit of the configuration takes what is there, and depends on the same. */
	g_auto(fact_sink) again = {0};
	g_autoptr(analysis_unit) v = read_file(*state, "arch/i386/kernel/entry.S", &again, true);
	assert_true(seen(&again, v->path, 3));
	assert_true(g_hash_table_contains(again.reads, "include/linux/pair.h"));
}

/* After a crash: what crashed may be the computing. */
static void test_second_try(void **state)
{
	g_auto(fact_sink) sink = {0};
	g_autoptr(analysis_unit) u = read_file(*state, "arch/i386/kernel/entry.S", &sink, false);
	assert_null(made(u, OFFSETS));
	assert_true(seen(&sink, u->path, 5));
}

static void test_not_computable(void **state)
{
	g_auto(fact_sink) sink = {0};
	g_autoptr(analysis_unit) u = read_file(*state, "arch/i386/kernel/entry.S", &sink, true);
	assert_null(made(u, OFFSETS));
	assert_true(seen(&sink, u->path, 5));
	assert_true(g_hash_table_contains(sink.reads, "include/linux/none.h"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rewrite),
		cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_offsets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_second_try, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_computable, setup_broken, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
