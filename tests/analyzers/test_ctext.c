/* The text reader of C. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "analyzers/ctext/ctext.h"
#include "support/find_fact.h"

static fact_set *read_text(const char *text)
{
	fact_set *f = fact_set_new("a.c", NULL);
	ctext_read(f, text, strlen(text));
	fact_set_finish(f);
	return f;
}

static void check_function(const fact_set *f, const char *name, unsigned line, unsigned end)
{
	const entity *e = find_entity(f, ENTITY_FUNCTION, name);
	if (!e)
		fail_msg("no function %s", name);
	assert_true(e->flags & ENTITY_DEFINITION);
	assert_int_equal(e->line, line);
	assert_int_equal(e->end_line, end);
}

static void functions_of_every_shape(void **state)
{
	(void)state;
	g_autoptr(fact_set) f =
		read_text("asmlinkage int __init plain(struct regs *r, unsigned long n)\n" /* 1 */
			  "{\n\treturn n;\n}\n"					      /* 2..4 */
			  "static inline pte_t\nsplit_line(pte_t p)\n{ return p; }\n" /* 5..7 */
			  "int old(a, b)\n\tint a;\n\tchar *b;\n{\n\treturn a;\n}\n"  /* 8..13 */
			  "EXPORT_SYMBOL(old)\n"				      /* 14 */
			  "void after(void) { }\n"				      /* 15 */
			  "SYSCALL_DEFINE1(thing, int, fd)\n{\n}\n"		      /* 16..18 */
			  "static void __section(\".x\") decorated(void) { }\n"	      /* 19 */
			  "int locked(void) __releases(lock) { return 0; }\n"	      /* 20 */
			  "extern void FASTCALL(fast(int a));\n"		      /* 21 */
			  "int *pointer(void) { return 0; }\n");		      /* 22 */
	check_function(f, "plain", 1, 4);
	assert_string_equal(find_entity(f, ENTITY_FUNCTION, "plain")->signature,
		"int (struct regs *, unsigned long)");
	check_function(f, "split_line", 6, 7);
	assert_true(find_entity(f, ENTITY_FUNCTION, "split_line")->flags & ENTITY_STATIC);
	assert_true(find_entity(f, ENTITY_FUNCTION, "split_line")->flags & ENTITY_INLINE);
	check_function(f, "old", 8, 13);
	check_function(f, "after", 15, 15);
	check_function(f, "sys_thing", 16, 18);
	check_function(f, "decorated", 19, 19);
	check_function(f, "locked", 20, 20);
	check_function(f, "pointer", 22, 22);
	const entity *fast = find_entity(f, ENTITY_FUNCTION, "fast");
	assert_non_null(fast);
	assert_false(fast->flags & ENTITY_DEFINITION);
	const use *export = find_use(f, USE_CALL, "EXPORT_SYMBOL");
	assert_non_null(export);
	assert_string_equal(export->in, "");
}

static void branches_of_conditions_are_alike(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = read_text("#ifdef CONFIG_SMP\n"
					  "int one(int a) {\n"
					  "#else\n"
					  "int two(long a) {\n"
					  "#endif\n"
					  "\treturn a;\n"
					  "}\n"
					  "#if defined CONFIG_A || CONFIG_B\n"
					  "int x;\n"
					  "#elif defined(CONFIG_C)\n"
					  "int y;\n"
					  "#else\n"
					  "int z;\n"
					  "#endif\n"
					  "void after(void) { }\n");
	check_function(f, "one", 2, 7);
	check_function(f, "two", 4, 7);
	check_function(f, "after", 15, 15);
	assert_string_equal(
		find_entity(f, ENTITY_FUNCTION, "one")->condition, "defined(CONFIG_SMP)");
	assert_string_equal(
		find_entity(f, ENTITY_FUNCTION, "two")->condition, "!defined(CONFIG_SMP)");
	assert_string_equal(
		find_entity(f, ENTITY_VARIABLE, "x")->condition, "(defined(CONFIG_A) || CONFIG_B)");
	assert_string_equal(find_entity(f, ENTITY_VARIABLE, "y")->condition,
		"!(defined(CONFIG_A) || CONFIG_B) && defined(CONFIG_C)");
	assert_string_equal(find_entity(f, ENTITY_VARIABLE, "z")->condition,
		"!(defined(CONFIG_A) || CONFIG_B) && !defined(CONFIG_C)");
	assert_non_null(find_use(f, USE_CONFIG, "SMP"));
	assert_int_equal(find_use(f, USE_CONFIG, "B")->line, 8);
}

static void an_include_guard_is_no_condition(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = read_text("/* x */\n#ifndef _A_H\n#define _A_H\nint x;\n#endif\n");
	assert_string_equal(find_entity(f, ENTITY_VARIABLE, "x")->condition, "");
}

/* Pointers to functions with a convention before the star, and a list of macros to the last. */
static void conventions_and_last_macros(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = read_text("struct ops {\n"
					  "\tunsigned long (fastcall *read)(int reg);\n"
					  "\tvoid (__attribute__((regparm(3))) *write)(int, int);\n"
					  "\tint (*plain)(void);\n"
					  "};\n"
					  "#ifdef CONFIG_X\n"
					  "HOOK(int, first)\n"
					  "HOOK(int, last)\n"
					  "#endif\n");
	assert_string_equal(
		find_entity(f, ENTITY_FIELD, "read")->signature, "unsigned long (*)(int)");
	assert_string_equal(find_entity(f, ENTITY_FIELD, "write")->signature, "void (*)(int, int)");
	assert_string_equal(find_entity(f, ENTITY_FIELD, "plain")->signature, "int (*)(void)");
	g_autoptr(fact_set) g = read_text("void f(int v)\n{\n"
					  "\tops.irq.save =\n\t\tCALLEE_SAVE(my_save);\n"
					  "\tops.cmd = COMPUTE(v);\n"
					  "\tops.len = length(my_save);\n}\n");
	assert_string_equal(find_use(g, USE_SLOT, "irq.save")->detail, "CALLEE_SAVE(my_save)");
	g_autoptr(fact_set) h = read_text("void f(void)\n{\n\tint prepare(int cpu);\n"
					  "\tfor (;;)\n\t\tprepare(1);\n}\n");
	assert_int_equal(find_use(h, USE_CALL, "prepare")->line, 5);
	assert_null(find_use(g, USE_SLOT, "ops.cmd"));
	assert_null(find_use(g, USE_SLOT, "ops.len"));
	unsigned hooks = 0;
	for (guint i = 0; i < f->uses->len; i++)
		hooks += !strcmp(g_array_index(f->uses, use, i).name, "HOOK");
	assert_int_equal(hooks, 2);
}

static void macros_and_what_their_bodies_use(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = read_text("#define set_it(p, v) do { \\\n"
					  "\tnative_set(p, (v)); \\\n"
					  "\thook_##p(flag); } while (0)\n"
					  "#undef set_it\n"
					  "#define CLI __asm__ (\"cli\")\n"
					  "#define EMPTY\n");
	const entity *e = &g_array_index(f->entities, entity, 0);
	assert_string_equal(e->name, "set_it");
	assert_int_equal(e->line, 1);
	assert_int_equal(e->end_line, 3);
	assert_string_equal(e->signature, "(p, v)");
	assert_true(e->flags & ENTITY_FUNCTION_LIKE);
	assert_string_equal(e->value, "do { native_set(p, (v)); hook_##p(flag); } while (0)");
	assert_true(g_array_index(f->entities, entity, 1).flags & ENTITY_UNDEF);
	const use *u = find_use(f, USE_CALL, "native_set");
	assert_int_equal(u->line, 2);
	assert_int_equal(u->column, 2);
	assert_string_equal(u->in, "set_it");
	assert_string_equal(u->detail, "(p, (v))");
	assert_non_null(find_use(f, USE_CALL, "hook_##p"));
	assert_non_null(find_use(f, USE_REFERENCE, "flag"));
	assert_null(find_use(f, USE_REFERENCE, "p"));
	u = find_use(f, USE_INSTRUCTION, "cli");
	assert_string_equal(u->in, "CLI");
	assert_int_equal(u->line, 5);
	assert_non_null(find_entity(f, ENTITY_MACRO, "EMPTY"));
}

static void slots_of_tables(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = read_text("static struct ops my_ops = {\n"
					  "\t.open = my_open,\n"
					  "\tclose:\tmy_close,\n"
					  "\t.mmu = { .set = my_set },\n"
					  "\t.last = NULL\n"
					  "};\n"
					  "void setup(struct ops *o, int n)\n"
					  "{\n"
					  "\tstruct other x;\n"
					  "\to->read = my_read;\n"
					  "\tx.write = &my_write;\n"
					  "\tglobal.flush = my_flush;\n"
					  "\to->count = n;\n"
					  "\to->open(n);\n"
					  "}\n");
	const use *u = find_use(f, USE_SLOT, "ops.open");
	assert_string_equal(u->detail, "my_open");
	assert_string_equal(u->in, "my_ops");
	assert_int_equal(u->line, 2);
	assert_string_equal(find_use(f, USE_SLOT, "ops.close")->detail, "my_close");
	assert_string_equal(find_use(f, USE_SLOT, "mmu.set")->detail, "my_set");
	assert_non_null(find_use(f, USE_REFERENCE, "my_open"));
	u = find_use(f, USE_SLOT, "ops.read");
	assert_string_equal(u->detail, "my_read");
	assert_string_equal(u->in, "setup");
	assert_string_equal(find_use(f, USE_SLOT, "other.write")->detail, "&my_write");
	assert_string_equal(find_use(f, USE_SLOT, "global.flush")->detail, "my_flush");
	assert_null(find_use(f, USE_SLOT, "ops.count"));
	assert_string_equal(find_use(f, USE_FIELD, "ops.open")->detail, "(n)");
}

static void records_fields_and_types(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = read_text("struct ops {\n"
					  "\tvoid (*set)(pte_t *p, pte_t v);\n"
					  "\tint a, *b, c[4];\n"
					  "\tunsigned bit:3;\n"
					  "\tunion { int u; long w; };\n"
					  "\tstruct inner { int deep; } in;\n"
					  "} __attribute__((packed));\n"
					  "typedef struct { unsigned long pte; } pte_t;\n"
					  "enum mode { ONE = 1, TWO };\n"
					  "typedef int (*handler_t)(int irq);\n"
					  "extern struct ops *current_ops;\n"
					  "int table[] = { 1, 2 }, other __initdata = 3;\n");
	assert_int_equal(find_entity(f, ENTITY_STRUCT, "ops")->end_line, 7);
	const entity *e = find_entity(f, ENTITY_FIELD, "set");
	assert_string_equal(e->parent, "ops");
	assert_string_equal(e->signature, "void (*)(pte_t *, pte_t)");
	assert_string_equal(find_entity(f, ENTITY_FIELD, "a")->signature, "int");
	assert_string_equal(find_entity(f, ENTITY_FIELD, "b")->signature, "int *");
	assert_string_equal(find_entity(f, ENTITY_FIELD, "c")->signature, "int[4]");
	assert_non_null(find_entity(f, ENTITY_FIELD, "bit"));
	assert_string_equal(find_entity(f, ENTITY_FIELD, "w")->parent, "ops");
	assert_string_equal(find_entity(f, ENTITY_FIELD, "deep")->parent, "inner");
	assert_non_null(find_entity(f, ENTITY_FIELD, "in"));
	assert_non_null(find_entity(f, ENTITY_STRUCT, "pte_t"));
	assert_string_equal(find_entity(f, ENTITY_FIELD, "pte")->parent, "pte_t");
	assert_non_null(find_entity(f, ENTITY_TYPEDEF, "pte_t"));
	assert_string_equal(find_entity(f, ENTITY_ENUMERATOR, "ONE")->value, "1");
	assert_string_equal(find_entity(f, ENTITY_ENUMERATOR, "TWO")->parent, "mode");
	assert_non_null(find_entity(f, ENTITY_TYPEDEF, "handler_t"));
	e = find_entity(f, ENTITY_VARIABLE, "current_ops");
	assert_false(e->flags & ENTITY_DEFINITION);
	assert_non_null(find_entity(f, ENTITY_VARIABLE, "table"));
	assert_non_null(find_entity(f, ENTITY_VARIABLE, "other"));
}

static void inline_assembly_is_split(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = read_text("void f(unsigned long x)\n{\n"
					  "\tregister long sp asm(\"esp\");\n"
					  "\t__asm__ __volatile__(\"1: lock; ADDL $1,%0\\n\\t\"\n"
					  "\t\t\"movl %1,%%cr3\"\n"
					  "\t\t: : \"r\" (x), [y] \"r\" (z));\n"
					  "\tasm volatile(LOCK_PREFIX \"incl %0; rep; nop\");\n"
					  "}\n"
					  "asm(\".globl entry\\nentry: iret\");\n");
	const use *u = find_use(f, USE_INSTRUCTION, "addl");
	assert_string_equal(u->detail, "$1,%0");
	assert_string_equal(u->in, "f");
	assert_int_equal(u->line, 4);
	u = find_use(f, USE_INSTRUCTION, "movl");
	assert_string_equal(u->detail, "%1,%%cr3");
	assert_int_equal(u->line, 5);
	assert_int_equal(u->column, 4);
	assert_non_null(find_use(f, USE_INSTRUCTION, "incl"));
	assert_non_null(find_use(f, USE_INSTRUCTION, "pause"));
	assert_non_null(find_use(f, USE_REFERENCE, "LOCK_PREFIX"));
	assert_non_null(find_use(f, USE_REFERENCE, "z"));
	assert_null(find_use(f, USE_REFERENCE, "x"));
	assert_null(find_use(f, USE_REFERENCE, "y"));
	assert_null(find_use(f, USE_INSTRUCTION, "esp"));
	assert_string_equal(find_use(f, USE_INSTRUCTION, "iret")->in, "");
}

static void the_digest_sees_tokens_only(void **state)
{
	(void)state;
	g_autoptr(fact_set) a = read_text("int f(int x) { return f(x + 1); }\n");
	g_autoptr(fact_set) b =
		read_text("/* moved */\nint g(int x)\n{\n\treturn g(x+1); /* y */\n}\n");
	g_autoptr(fact_set) c = read_text("int f(int x) { return f(x + 2); }\n");
	g_autoptr(fact_set) d =
		read_text("int f(int x) {\n#ifdef A\nreturn f(x + 1);\n#endif\n }\n");
	const entity *ea = find_entity(a, ENTITY_FUNCTION, "f");
	const entity *eb = find_entity(b, ENTITY_FUNCTION, "g");
	const entity *ec = find_entity(c, ENTITY_FUNCTION, "f");
	const entity *ed = find_entity(d, ENTITY_FUNCTION, "f");
	assert_true(ea->body[0] == eb->body[0] && ea->body[1] == eb->body[1]);
	assert_int_equal(ea->tokens, eb->tokens);
	assert_true(ea->body[0] != ec->body[0] && ea->body[1] != ec->body[1]);
	assert_true(ea->body[0] != ed->body[0]);
}

static void assembly_parts_of_a_header(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = read_text("#ifndef __ASSEMBLY__\n"
					  "static inline void f(void) { }\n"
					  "#else\n"
					  "#define DISABLE cli; movl %eax, %cr0\n"
					  "\tpushl %ebx\n"
					  "#endif\n"
					  "int x;\n");
	const use *u = find_use(f, USE_INSTRUCTION, "cli");
	assert_string_equal(u->in, "DISABLE");
	assert_string_equal(find_use(f, USE_INSTRUCTION, "movl")->detail, "%eax, %cr0");
	assert_int_equal(find_use(f, USE_INSTRUCTION, "pushl")->line, 5);
	assert_non_null(find_entity(f, ENTITY_FUNCTION, "f"));
	assert_non_null(find_entity(f, ENTITY_VARIABLE, "x"));
}

static void comments_strings_and_line_ends(void **state)
{
	(void)state;
	g_autoptr(fact_set) f = read_text("int a; /* int no; */ // int no;\r\n"
					  "char *s = \"int no; // /* \\\" \";\r\n"
					  "#define M(x) \\\r\n\tcalled(x)\r\n"
					  "int \\\n b;\r\n"
					  "#error don't\n"
					  "int c;\n");
	assert_null(find_entity(f, ENTITY_VARIABLE, "no"));
	assert_int_equal(find_use(f, USE_CALL, "called")->line, 4);
	assert_int_equal(find_entity(f, ENTITY_VARIABLE, "b")->line, 6);
	assert_int_equal(find_entity(f, ENTITY_VARIABLE, "c")->line, 8);
}

/* Broken text: anything goes but a crash, a line outside the file, or more than linear time. */
static void check_lines(const fact_set *f, unsigned lines)
{
	for (guint i = 0; i < f->entities->len; i++) {
		const entity *e = &g_array_index(f->entities, entity, i);
		assert_true(e->line >= 1 && e->line <= e->end_line && e->end_line <= lines);
	}
	for (guint i = 0; i < f->uses->len; i++)
		assert_in_range(g_array_index(f->uses, use, i).line, 1, lines);
}

static void broken_text_is_read(void **state)
{
	(void)state;
	static const char whole[] =
		"#ifdef A\nstruct s { int (*f)(int); enum { X } e; };\n#else\n"
		"#define M(a, ...) asm(\"mov %0,\" #a \"; ret\" : : a##b(1))\n#endif\n"
		"static struct s v[] = { [0] = { .f = g, e: X }, };\n"
		"int k(a) int a; { for (;;) { if (a) v->f = g; else (*p)(\"x\"); } }\n";
	guint32 seed = 20060313;
	for (unsigned round = 0; round < 20000; round++) {
		char text[sizeof(whole)];
		memcpy(text, whole, sizeof(whole));
		for (unsigned i = 0; i < 1 + round % 8; i++) {
			seed = seed * 1664525u + 1013904223u;
			text[(seed >> 8) % (sizeof(whole) - 1)] =
				whole[(seed >> 16) % (sizeof(whole) - 1)];
			if (seed >> 30 == 0)
				text[(seed >> 5) % (sizeof(whole) - 1)] =
					"(){}[];#\"'\\\n,=:"[seed >> 8 & 15];
		}
		fact_set *f = fact_set_new("a.c", NULL);
		ctext_read(f, text, sizeof(whole) - 1);
		check_lines(f, 64);
		fact_set_free(f);
	}
}

static double seconds_for(const char *unit, size_t times)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (size_t i = 0; i < times; i++)
		g_string_append(text, unit);
	fact_set *f = fact_set_new("a.c", NULL);
	clock_t start = clock(); /* of the processor, not of a busy machine */
	ctext_read(f, text->str, text->len);
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
	fact_set_free(f);
	return seconds;
}

static void hostile_text_takes_linear_time(void **state)
{
	(void)state;
	static const char *const units[] = {"(", "{", "}", "[({", "#if A\n", "#if A\n{\n#else\n",
		"#elif B\nf() {\n", "f(", "f(){", "struct s {", "a(b) int c; ",
		"= { .a = ", "asm(\"x\" ", "x y(", "int a, ", "\"", "/*", "a##", "#define f(",
		"#ifdef A\n}\n#else\n}\n", "do { ", "typedef struct {", "f(a) a ", "int (*a)(",
		".a = ", "a:", "x->", "\\\n", "enum { a, "};
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		size_t times = 200000 / strlen(units[i]);
		double seconds = seconds_for(units[i], times);
		if (seconds > 5) /* 0.2 s at most on a slow machine; quadratic: minutes */
			fail_msg("'%s' x %zu took %.1f s", units[i], times, seconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_of_every_shape),
		cmocka_unit_test(branches_of_conditions_are_alike),
		cmocka_unit_test(an_include_guard_is_no_condition),
		cmocka_unit_test(macros_and_what_their_bodies_use),
		cmocka_unit_test(slots_of_tables),
		cmocka_unit_test(records_fields_and_types),
		cmocka_unit_test(inline_assembly_is_split),
		cmocka_unit_test(the_digest_sees_tokens_only),
		cmocka_unit_test(assembly_parts_of_a_header),
		cmocka_unit_test(conventions_and_last_macros),
		cmocka_unit_test(comments_strings_and_line_ends),
		cmocka_unit_test(broken_text_is_read),
		cmocka_unit_test(hostile_text_takes_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
