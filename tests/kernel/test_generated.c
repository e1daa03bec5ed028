/* Headers that a build makes, and files that are included though they are no headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "analyzers/c/c.h"
#include "kernel/tree.h"
#include "support/scratch_repo.h"

typedef struct fixture {
	scratch_repo *r;
	kernel_tree *tree;
} fixture;

static int setup(void **state)
{
	fixture *f = g_new0(fixture, 1);
	f->r = scratch_repo_new();
	oid tree = scratch_tree(f->r, NULL, "Makefile",
		"VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\nobj-y := fs/ drivers/\n"
		"KBUILD_CFLAGS := -fshort-wchar\nCC_FLAGS_USING += -DCC_USING_FENTRY\n",
		"Kconfig",
		"config X86\n\tdef_bool y\n"
		/* NEAR takes LEFT away, which comes first to mind for the other half. */
		"config ODD\n\tbool \"odd\"\n\tdepends on (LEFT || FAR) && NEAR\n"
		"config LEFT\n\tbool \"left\"\n"
		"config HAVE_FENTRY\n\tdef_bool y\nconfig FUNCTION_TRACER\n\tbool \"trace\"\n"
		"config MODULES\n\tbool \"m\"\nconfig LOOSE\n\ttristate \"loose\"\n\tdepends on m\n"
		"config FAR\n\tbool \"far\"\n"
		"config NEAR\n\tbool \"near\"\n\tdepends on !LEFT\n",
		"arch/x86/Makefile", "", "arch/x86/defconfig", "CONFIG_LEFT=y\nCONFIG_MODULES=y\n",
		"scripts/asn1_compiler.c", "int x;\n", "fs/some-key.asn1",
		"Key ::= SEQUENCE {\n\ta INTEGER ({ take_a }),\n\tb INTEGER ({take_b}),\n"
		"\tc INTEGER ({ take_a })\n}\n",
		"include/linux/asn1_decoder.h", "struct asn1_decoder { int x; };\n", "fs/Makefile",
		"obj-y := key.o\n", "fs/key.c",
		"typedef unsigned long size_t;\n#include \"some-key.asn1.h\"\n"
		"int take_b(void *p, size_t n, unsigned char t, const void *v, size_t l)\n"
		"{\n\treturn take_a(p, n, t, v, l) + some_key_decoder.x;\n}\n",
		"drivers/Makefile",
		"obj-y := card/ plain.o\nobj-$(CONFIG_FUNCTION_TRACER) += trace.o\n"
		"obj-$(CONFIG_ODD) += odd.o\nobj-$(CONFIG_LOOSE) += loose.o\n",
		"drivers/regs.h_shipped", "#define REGISTER 7\n", "drivers/loose.c",
		"#include \"regs.h\"\n#ifndef MODULE\n#error built in\n#endif\nint loose = "
		"REGISTER;\n",
		"drivers/trace.c", "#ifndef CC_USING_FENTRY\n#error how?\n#endif\nint trace;\n",
		"drivers/plain.c",
		"#ifdef CC_USING_FENTRY\n#error why?\n#endif\nunsigned short plain[] = L\"x\";\n",
		"drivers/odd.c", "#ifndef CONFIG_ODD\n#error not odd\n#endif\nint odd;\n",
		"drivers/card/Makefile", "obj-y := stub/\n", "drivers/card/whole.c", "int whole;\n",
		"drivers/card/stub/Makefile",
		"ccflags-y := -I $(srctree)/drivers/card\nobj-y := stub.o\n",
		"drivers/card/stub/stub.c", "#include \"whole.c\"\nint *p = &whole;\n", NULL);
	g_autofree char *cache = g_build_filename(f->r->dir, "cache", NULL);
	assert_true(kernel_tree_open(&f->tree, f->r->repo, &tree, cache, NULL));
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

/* Asserts that the file parses with no error in its first configuration. */
static void clean(fixture *f, const char *path)
{
	g_autoptr(analysis_unit) u = NULL;
	g_auto(fact_sink) sink = {0};
	assert_true(kernel_tree_unit(&u, f->tree, path, "x86", NULL));
	fact_sink_init(&sink);
	assert_true(c_analyzer.run(u, &sink, NULL));
	const fact_set *set = g_hash_table_lookup(sink.index, path);
	for (guint i = 0; i < set->diagnostics->len; i++)
		print_message("%s\n", g_array_index(set->diagnostics, diagnostic, i).text);
	assert_int_equal(set->diagnostics->len, 0);
}

static void test_grammar(void **state)
{
	clean(*state, "fs/key.c");
}

static void test_included_source(void **state)
{
	clean(*state, "drivers/card/stub/stub.c");
}

/* A symbol that takes several others at once is switched on by the solver. */
static void test_solved_configuration(void **state)
{
	clean(*state, "drivers/odd.c");
}

/* What can only be a module is compiled as one; a shipped header is there. */
static void test_module(void **state)
{
	clean(*state, "drivers/loose.c");
}

/* Where functions are traced, the top makefile says by which call; and how wide a character is. */
static void test_top_flags(void **state)
{
	clean(*state, "drivers/trace.c");
	clean(*state, "drivers/plain.c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_included_source),
		cmocka_unit_test(test_solved_configuration),
		cmocka_unit_test(test_module),
		cmocka_unit_test(test_top_flags),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
