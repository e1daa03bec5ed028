/* The text reader of assembly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "analyzers/asm/asm.h"
#include "support/find_fact.h"

static fact_set *read_text(const char *text, bool script)
{
	fact_set *f = fact_set_new("a.S", NULL);
	asm_read(f, text, strlen(text), script);
	fact_set_finish(f);
	return f;
}

static void labels_instructions_and_names(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = read_text("#include <asm/x.h>\n"
					  "#define GET(reg) \\\n"
					  "\tmovl $-8192, reg; \\\n"
					  "\tandl %esp, reg\n"
					  "EBX = 0x00\n"
					  "# a comment, don't read cli\n"
					  "ENTRY(resume)\n"
					  "\tcli\t\t# not sti\n"
					  "\tGET(%ebp)\n"
					  "1:\tlock; incl counter(%eax) /* hlt */\n"
					  "#ifdef CONFIG_X\n"
					  "\tcall do_it\n"
					  "#endif\n"
					  "local:\n"
					  "\tiret\n"
					  ".macro SAVE reg\n"
					  "\tpushl \\reg\n"
					  ".endm\n"
					  ".data\n"
					  "\t.long handler\n",
		false);
	assert_non_null(find_use(f, USE_INCLUDE, "asm/x.h"));
	const use *u = find_use(f, USE_INSTRUCTION, "andl");
	assert_string_equal(u->in, "GET");
	assert_int_equal(u->line, 4);
	assert_string_equal(find_entity(f, ENTITY_ASM_LABEL, "EBX")->value, "0x00");
	const entity *e = find_entity(f, ENTITY_ASM_LABEL, "resume");
	assert_int_equal(e->line, 7);
	assert_int_equal(e->end_line, 12);
	u = find_use(f, USE_INSTRUCTION, "cli");
	assert_int_equal(u->line, 8);
	assert_int_equal(u->column, 2);
	assert_string_equal(u->in, "resume");
	assert_string_equal(u->detail, "");
	assert_null(find_use(f, USE_INSTRUCTION, "sti"));
	assert_null(find_use(f, USE_INSTRUCTION, "hlt"));
	assert_string_equal(find_use(f, USE_MACRO, "GET")->detail, "(%ebp)");
	assert_string_equal(find_use(f, USE_INSTRUCTION, "incl")->detail, "counter(%eax)");
	assert_non_null(find_use(f, USE_REFERENCE, "counter"));
	u = find_use(f, USE_CALL, "do_it");
	assert_string_equal(u->condition, "defined(CONFIG_X)");
	assert_non_null(find_use(f, USE_CONFIG, "X"));
	assert_string_equal(find_use(f, USE_INSTRUCTION, "iret")->in, "local");
	e = find_entity(f, ENTITY_ASM_MACRO, "SAVE");
	assert_int_equal(e->line, 16);
	assert_int_equal(e->end_line, 18);
	assert_string_equal(find_use(f, USE_INSTRUCTION, "pushl")->in, "SAVE");
	assert_non_null(find_use(f, USE_REFERENCE, "handler"));
}

static void linker_scripts(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = read_text("#include <asm-generic/vmlinux.lds.h>\n"
					  "ENTRY(start)\n"
					  "SECTIONS\n{\n"
					  "  . = LOAD_OFFSET;\n"
					  "  _text = .;\n"
					  "  .text : { *(.text) SCHED_TEXT }\n"
					  "}\n",
		true);
	const entity *e = find_entity(f, ENTITY_ASM_LABEL, "_text");
	assert_int_equal(e->line, 6);
	assert_null(find_entity(f, ENTITY_ASM_LABEL, "start"));
	assert_non_null(find_use(f, USE_REFERENCE, "SCHED_TEXT"));
	assert_null(find_use(f, USE_INSTRUCTION, ".text"));
}

static void broken_text_is_read(void **state)
{
	(void)state;
	static const char whole[] =
		"#if A\n.macro M a\n\tmov \\a, %eax; lock; \"x\"\n.endm\n#endif\n"
		"ENTRY(f)\n\tcall g # h\n1: x = 3; rep\n.set a, b\nEND(f)\n";
	guint32 seed = 20060313;
	for (unsigned round = 0; round < 20000; round++) {
		char text[sizeof(whole)];
		memcpy(text, whole, sizeof(whole));
		for (unsigned i = 0; i < 1 + round % 8; i++) {
			seed = seed * 1664525u + 1013904223u;
			text[(seed >> 8) % (sizeof(whole) - 1)] =
				whole[(seed >> 16) % (sizeof(whole) - 1)];
		}
		fact_set *f = fact_set_new("a.S", NULL);
		asm_read(f, text, sizeof(whole) - 1, round & 1);
		for (guint i = 0; i < f->entities->len; i++) {
			const entity *e = &g_array_index(f->entities, entity, i);
			assert_true(e->line >= 1 && e->line <= e->end_line && e->end_line < 32);
		}
		fact_set_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_instructions_and_names),
		cmocka_unit_test(linker_scripts),
		cmocka_unit_test(broken_text_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
