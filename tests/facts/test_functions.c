/* Where the functions of a text stand, as copies are told by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "facts/functions.h"
#include "facts/lines.h"

/* "name:first-last name:first-last" */
static char *scanned(const char *path, const char *text)
{
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(function_text));
	functions_scan(list, path, text, strlen(text));
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < list->len; i++) {
		const function_text *f = &g_array_index(list, function_text, i);
		assert_true(f->at >= text && f->at + f->len <= text + strlen(text));
		g_string_append_printf(out, "%s%.*s:%u-%u", i ? " " : "", (int)f->name_len, f->name,
			f->line, f->end_line);
	}
	return g_string_free(out, FALSE);
}

static void check(const char *path, const char *text, const char *expected)
{
	g_autofree char *got = scanned(path, text);
	assert_string_equal(got, expected);
}

static void functions_of_c(void **state)
{
	(void)state;
	check("a.c", "int f(void)\n{\n\treturn 1;\n}\nstruct s {\n\tint f;\n};\n", "f:1-4");
	check("a.lds.S", "ENTRY(f)\nSECTIONS\n", "");
}

static void symbols_begin_and_end(void **state)
{
	(void)state;
	check("a.S", "ENTRY(f)\n\tret\nEND(f)\nENTRY(g)\n\tret\n", "f:1-3 g:4-5");
	check("a.S", "SYM_FUNC_START_LOCAL(f)\n\tret\nSYM_FUNC_END(f)\n\tnop\n", "f:1-3");
	check("a.S", "\t.globl f\n\t.type f,@function\nf:\n\tret\n\t.size f, .-f\n\t.align 4\n",
		"f:3-5");
	check("a.S", ".globl f; f: ret\nlocal: ret\n.globl g\n\n.align 8\ng:\n\tret\n",
		"f:1-2 g:6-7");
	check("a.S", "_GLOBAL(f)\n\tblr\n\n/* next */\n_GLOBAL(g)\n\tblr\n", "f:1-2 g:5-6");
	check("a.S", "LEAF(f)\n\tjr ra\n\tEND(f)\nNESTED(g, 16, sp)\n\tjr ra\n\tEND(g)\n",
		"f:1-3 g:4-6");
	/* a symbol in the middle ends the one before; END of the first ends both */
	check("a.S", "ENTRY(f)\n\tnop\nENTRY(g)\n\tret\nEND(f)\n\tnop\n", "f:1-2 g:3-5");
	/* an alias has nothing of its own */
	check("a.S", "ENTRY(f)\nENTRY(g)\n\tret\n", "g:2-3");
	/* labels within */
	check("a.S", "ENTRY(f)\n1:\tdec %ecx\nagain:\n\tjnz 1b\n.Lout:\tret\n", "f:1-5");
	/* a plain label begins one only where none is open */
	check("a.S", "first:\n\tnop\nsecond:\n\tret\n", "first:1-4");
	/* END_SOMETHING of what is no symbol ends nothing */
	check("a.S", "_GLOBAL(f)\nBEGIN_X\n\tnop\nEND_X_IFSET(FTR_A)\n\tblr\n", "f:1-5");
	/* macros are none, and end what is open */
	check("a.S", "ENTRY(f)\n\tret\n.macro M\nlabel:\tnop\n.endm\ng:\tret\n", "f:1-2 g:6-6");
	check("a.S", "#define X(n) \\\nENTRY(n) \\\n\tret\nENTRY(f)\n\tret\n#endif\n", "f:4-5");
}

static void comments_of_each_machine(void **state)
{
	(void)state;
	check("arch/i386/a.S",
		"/*\nENTRY(no)\n*/\n# ENTRY(no)\n// ENTRY(no)\nENTRY(f) # ENTRY(no)\n\tret\n",
		"f:6-7");
	check("arch/arm/a.S", "@ ENTRY(no)\nENTRY(f)\n\tmov r0, #1 @ ; ENTRY(no)\n\tmov pc, lr\n",
		"f:2-4");
	check("arch/sparc64/a.S", "! x: y\n\t.globl f\nf:\tretl ! ; g:\n\t nop\n", "f:3-4");
	check("arch/m68k/a.S", "| ENTRY(no)\nENTRY(f)\n\trts | ; ENTRY(no)\n", "f:2-3");
	/* where ';' starts a comment it separates nothing */
	check("arch/h8300/a.S", "ENTRY(f)\n\trts ; ENTRY(no)\n", "f:1-2");
	/* '@' is an operand elsewhere */
	check("arch/powerpc/a.S", "_GLOBAL(f)\n\tlis r3,x@ha; blr\n", "f:1-2");
	check("arch/sh/a.S", "ENTRY(f)\n\tmov.l @r4,r0 ! from\n\trts\n", "f:1-3");
}

static unsigned runs_of(GArray *out, const char *path, const char *text)
{
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(function_text));
	functions_scan(list, path, text, strlen(text));
	assert_int_equal(list->len, 1);
	return functions_runs(out, path, &g_array_index(list, function_text, 0));
}

/* Neither the name nor comments tell. */
static void runs_are_of_code(void **state)
{
	(void)state;
	g_autoptr(GArray) a = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	g_autoptr(GArray) b = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	unsigned n = runs_of(a, "arch/arm/a.S", "ENTRY(f)\n\tadd r0, r0, #1 @ one\n\tmov pc, lr\n");
	assert_int_equal(n, 15); /* ENTRY ( f ) add r0 , r0 , # 1 mov pc , lr */
	assert_int_equal(
		runs_of(b, "arch/arm/b.S", "ENTRY(g)\n@ more\n add r0,r0,#1\n mov pc,lr\n"), n);
	assert_int_equal(a->len, n - TOKEN_RUN + 1);
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->data, b->data, a->len * sizeof(uint64_t));
}

static void broken_text_is_read(void **state)
{
	(void)state;
	static const char whole[] =
		"#if A\n.macro M a\n\tmov \\a, %eax; lock; \"x\"\n.endm\n#endif\n.globl g; g:\n"
		"ENTRY(f)\n\tcall g # h\n1: x = 3; rep /* c */ // d\n.set a, b\nEND(f)\n!@|\n";
	static const char *const paths[] = {
		"a.S", "arch/arm/a.S", "arch/h8300/a.S", "arch/sh/a.S", "a.c"};
	guint32 seed = 20060313;
	for (unsigned round = 0; round < 20000; round++) {
		char text[sizeof(whole)];
		memcpy(text, whole, sizeof(whole));
		for (unsigned i = 0; i < 1 + round % 8; i++) {
			seed = seed * 1664525u + 1013904223u;
			text[(seed >> 8) % (sizeof(whole) - 1)] =
				whole[(seed >> 16) % (sizeof(whole) - 1)];
		}
		const char *path = paths[round % G_N_ELEMENTS(paths)];
		size_t len = sizeof(whole) - 1 - round % 7;
		g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(function_text));
		char *exact = g_memdup2(text, len); /* so that a reader past the end shows */
		functions_scan(list, path, exact, len);
		for (guint i = 0; i < list->len; i++) {
			const function_text *f = &g_array_index(list, function_text, i);
			assert_true(f->at >= exact && f->at + f->len <= exact + len);
			assert_true(f->line >= 1 && f->line <= f->end_line && f->end_line < 32);
			g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(uint64_t));
			functions_runs(runs, path, f);
		}
		g_free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_of_c),
		cmocka_unit_test(symbols_begin_and_end),
		cmocka_unit_test(comments_of_each_machine),
		cmocka_unit_test(runs_are_of_code),
		cmocka_unit_test(broken_text_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
