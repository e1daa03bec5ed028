/* Findings of small cases, a check at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conflict/conflict.h"
#include "support/small_case.h"

static const char twelve[] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";

static const location *place_of(const finding *f, int series_index, guint n)
{
	for (guint i = 0; i < f->locations->len; i++) {
		const location *l = g_ptr_array_index(f->locations, i);
		if (l->series == series_index && !n--)
			return l;
	}
	fail_msg("%s: no such location", f->title);
	return NULL;
}

static void check_place(const finding *f, int series_index, guint n, tree_at at, const char *path,
	unsigned line, unsigned end_line)
{
	const location *l = place_of(f, series_index, n);
	assert_int_equal(l->at, at);
	assert_string_equal(l->path, path);
	assert_int_equal(l->line, line);
	assert_int_equal(l->end_line, end_line);
}

static void test_text_conflict(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "a.txt", twelve);
	small_case_base(&c, "b.txt", twelve);
	small_case_patch(&c, "one", "a.txt", "0\n1\n2\n3\none\nmore\n5\n6\n7\n8\n9\n10\n11\n12\n");
	small_case_also(&c, "one", "b.txt", "one\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n");
	small_case_patch(&c, "two", "a.txt", "1\n2\n3\n5\n6\n7\n8\n9\n10\n11\ntwo\n12\n");
	small_case_also(&c, "two", "b.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\ntwo\n");
	small_case_finish(&c);
	small_case_find(&c);
	const finding *f = small_case_finding(&c, "text.conflict");
	assert_int_equal(f->severity, SEVERITY_ERROR);
	assert_string_equal(f->title, "a.txt: one and two do not merge");
	assert_string_equal(g_ptr_array_index(f->parties, 0), "one");
	assert_string_equal(g_ptr_array_index(f->parties, 1), "two");
	assert_int_equal(f->locations->len, 2);
	check_place(f, 0, 0, AT_TIP, "a.txt", 5, 6);
	check_place(f, 1, 0, AT_BASE, "a.txt", 4, 4); /* a deletion has its place in the base */
	assert_int_equal(place_of(f, 0, 0)->patch, 1);
	assert_int_equal(small_case_count(&c, "text.adjacent"), 0);
	small_case_clear(&c);
}

static void test_whole_files(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "gone.txt", twelve);
	small_case_patch(&c, "one", "gone.txt", NULL);
	small_case_also(&c, "one", "new.txt", "one\n");
	small_case_patch(&c, "two", "gone.txt", "1\n2\n3\n4\n5\n6\ntwo\n8\n9\n10\n11\n12\n");
	small_case_also(&c, "two", "new.txt", "two\n");
	small_case_finish(&c);
	small_case_find(&c);
	assert_int_equal(small_case_count(&c, "text.conflict"), 2);
	const finding *f = g_ptr_array_index(c.m->findings, 0);
	assert_string_equal(f->title, "gone.txt: one and two do not merge");
	check_place(f, 0, 0, AT_BASE, "gone.txt", 0, 0);
	check_place(f, 1, 0, AT_TIP, "gone.txt", 0, 0);
	assert_non_null(strstr(f->explanation, "one deletes it. two changes its text."));
	small_case_clear(&c);
}

static void test_adjacent(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "near.txt", twelve);
	small_case_base(&c, "far.txt", twelve);
	small_case_patch(&c, "one", "near.txt", "1\none\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n");
	small_case_also(&c, "one", "far.txt", "1\none\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n");
	small_case_patch(&c, "two", "near.txt", "1\n2\n3\n4\n5\ntwo\n7\n8\n9\n10\n11\n12\n");
	small_case_also(&c, "two", "far.txt", "1\n2\n3\n4\n5\n6\ntwo\n8\n9\n10\n11\n12\n");
	small_case_finish(&c);
	small_case_find(&c);
	const finding *f =
		small_case_finding(&c, "text.adjacent"); /* three lines are near, four not */
	assert_int_equal(f->severity, SEVERITY_NOTE);
	check_place(f, 0, 0, AT_TIP, "near.txt", 2, 2);
	check_place(f, 1, 0, AT_TIP, "near.txt", 6, 6);
	assert_int_equal(small_case_count(&c, "text.conflict"), 0);
	small_case_clear(&c);
}

static series_commit *commit_at(small_case *c, guint series_index, guint n)
{
	series *s = g_ptr_array_index(c->m->series, series_index);
	return g_ptr_array_index(s->commits, n);
}

static void test_equivalent(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "a.txt", twelve);
	small_case_base(&c, "b.txt", twelve);
	const char *same = "1\nsame\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
	small_case_patch(&c, "one", "a.txt", same);
	small_case_patch(&c, "one", "b.txt", "1\nsame\n3\n4\n5\n6\n7\n8\n9\n10\n11\none\n");
	small_case_patch(&c, "two", "b.txt", "1\nsame\n3\n4\n5\n6\ntwo\n8\n9\n10\n11\n12\n");
	small_case_patch(&c, "two", "a.txt", same);
	commit_at(&c, 0, 0)->patch_id = g_strdup("aa");
	commit_at(&c, 1, 1)->patch_id = g_strdup("aa");
	small_case_finish(&c);
	small_case_find(&c);
	assert_int_equal(small_case_count(&c, "patch.equivalent"), 2);
	const finding *hunks = g_ptr_array_index(c.m->findings, 0);
	const finding *patches = g_ptr_array_index(c.m->findings, 1);
	assert_string_equal(hunks->title, "b.txt: the same lines in one and two");
	check_place(hunks, 0, 0, AT_TIP, "b.txt", 2, 2);
	assert_int_equal(hunks->locations->len, 2);
	assert_string_equal(patches->title, "one changes a.txt: the same patch in one and two");
	check_place(patches, 1, 0, AT_TIP, "a.txt", 2, 2);
	assert_int_equal(small_case_count(&c, "text.conflict"), 0);
	assert_int_equal(small_case_count(&c, "text.adjacent"), 0);
	small_case_clear(&c);
}

static void test_unapplied(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "a.txt", twelve);
	small_case_patch(&c, "one", "a.txt", "one\n");
	reject *r = reject_new();
	r->patch = 1;
	r->reason = REJECT_HUNK;
	r->path = g_strdup("a.txt");
	r->origin = g_strdup("mails/01.eml");
	r->source_line = 77;
	r->hunk = 3;
	r->near_line = 8;
	r->near_end = 11;
	r->difference = g_strdup("-8\n+eight\n");
	g_ptr_array_add(((series *)g_ptr_array_index(c.m->series, 0))->rejects, r);
	small_case_finish(&c);
	small_case_find(&c);
	const finding *f = small_case_finding(&c, "series.unapplied");
	assert_int_equal(f->severity, SEVERITY_ERROR);
	assert_string_equal(f->title, "one: patch 1: hunk 3 of a.txt has no place");
	assert_non_null(strstr(f->explanation, "mails/01.eml, line 77"));
	assert_non_null(strstr(f->explanation, "The nearest place is lines 8-11."));
	assert_non_null(strstr(f->explanation, "-8\n+eight\n"));
	small_case_clear(&c);
}

/* --- entities --- */

#define FUNCTION_LINES 9
static const char code[] =
	"int first(int a)\n{\n\ta += 1;\n\ta += 2;\n\ta += 3;\n\ta += 4;\n\ta += 5;\n"
	"\treturn a;\n}\n";
static const char third[] = "int first(int a)\n{\n\ta += 100;\n\ta += 2;\n\ta += 3;\n\ta += 4;\n"
			    "\ta += 5;\n\treturn a;\n}\n";
static const char third_too[] =
	"int first(int a)\n{\n\ta += 200;\n\ta += 2;\n\ta += 3;\n\ta += 4;\n"
	"\ta += 5;\n\treturn a;\n}\n";
static const char seventh[] = "int first(int a)\n{\n\ta += 1;\n\ta += 2;\n\ta += 3;\n\ta += 4;\n"
			      "\ta += 500;\n\treturn a;\n}\n";

static touch function(touch_change change, const char *path)
{
	place whole = {.path = path, .line = 1, .end_line = FUNCTION_LINES};
	return (touch){.change = change,
		.entity = ENTITY_FUNCTION,
		.name = "first",
		.flags = ENTITY_DEFINITION,
		.base = whole,
		.tip = whole,
		.signature_base = "int (int)",
		.signature_tip = "int (int)",
		.patch = 1};
}

/* Two series change first() of kernel/a.c, the second in place or in a copy. */
static void entity_case(small_case *c, const char *one, const char *two, const char *copy)
{
	small_case_init(c);
	small_case_base(c, "kernel/a.c", code);
	small_case_patch(c, "one", "kernel/a.c", one);
	small_case_patch(c, "two", copy ? copy : "kernel/a.c", two);
	small_case_finish(c);
	touch a = function(TOUCH_CHANGED, "kernel/a.c");
	touch b = a;
	if (copy) {
		b.origin = "kernel/a.c";
		b.tip.path = copy;
	}
	small_case_touch(c, "one", &a);
	small_case_touch(c, "two", &b);
}

static void test_same_entity(void **state)
{
	(void)state;
	small_case c;
	entity_case(&c, third, seventh, NULL); /* other lines of one function: a note */
	small_case_find(&c);
	const finding *f = small_case_finding(&c, "code.same-entity");
	assert_int_equal(f->severity, SEVERITY_NOTE);
	assert_string_equal(f->title, "kernel/a.c: both change first");
	small_case_clear(&c);
	entity_case(&c, third, third_too, NULL); /* the text conflict says it */
	small_case_find(&c);
	assert_int_equal(small_case_count(&c, "code.same-entity"), 0);
	assert_int_equal(small_case_count(&c, "text.conflict"), 1);
	small_case_clear(&c);
	entity_case(&c, third, third, NULL); /* the same change: nothing to say here */
	small_case_find(&c);
	assert_int_equal(small_case_count(&c, "code.same-entity"), 0);
	assert_int_equal(small_case_count(&c, "patch.equivalent"), 1);
	small_case_clear(&c);
}

/* What git cannot see: one side edits the file, the other a copy of it. */
static void test_same_entity_in_a_copy(void **state)
{
	(void)state;
	small_case c;
	entity_case(&c, third, third_too, "kernel/a-two.c");
	small_case_find(&c);
	assert_int_equal(small_case_count(&c, "text.conflict"), 0);
	const finding *f = small_case_finding(&c, "code.same-entity");
	assert_int_equal(f->severity, SEVERITY_WARNING);
	assert_string_equal(f->title, "first: one and two both change it");
	check_place(f, 0, 0, AT_TIP, "kernel/a.c", 3, 3);
	check_place(f, 1, 0, AT_TIP, "kernel/a-two.c", 3, 3);
	assert_string_equal(place_of(f, 1, 0)->symbol, "first");
	small_case_clear(&c);
	entity_case(&c, third, seventh, "kernel/a-two.c");
	small_case_find(&c);
	assert_int_equal(small_case_finding(&c, "code.same-entity")->severity, SEVERITY_NOTE);
	small_case_clear(&c);
}

static point_side *hooked_side(unsigned series_index, const char *path, double confidence)
{
	point_side *side = point_side_new();
	side->state = POINT_HOOKED;
	side->confidence = confidence;
	evidence *e = evidence_new();
	e->series = series_index;
	e->weight = EVIDENCE_OVERRIDE;
	e->kind = g_strdup("in-place");
	e->rule = g_strdup("test");
	e->at = AT_TIP;
	e->path = g_strdup(path);
	e->symbol = g_strdup("first");
	e->line = 1;
	e->end_line = FUNCTION_LINES;
	g_ptr_array_add(side->evidence, e);
	return side;
}

/* A finding where the evidence of a contested point stands on both sides names the point. */
static void test_points(void **state)
{
	(void)state;
	small_case c;
	entity_case(&c, third, third_too, "kernel/a-two.c");
	point_result *p = point_result_new();
	p->point = point_new();
	p->point->id = g_strdup("cpu.first");
	p->point->group = g_strdup("cpu");
	p->point->member = g_strdup("first");
	p->verdict = VERDICT_CONTESTED;
	g_ptr_array_add(p->sides, hooked_side(0, "kernel/a.c", 0.9));
	g_ptr_array_add(p->sides, hooked_side(1, "kernel/a-two.c", 0.5));
	g_ptr_array_add(c.m->points, p);
	small_case_find(&c);
	const finding *f = small_case_finding(&c, "point.contested");
	assert_string_equal(f->title, "cpu.first: one and two each bring their own");
	assert_true(f->confidence == 0.5);
	check_place(f, 1, 0, AT_TIP, "kernel/a-two.c", 1, FUNCTION_LINES);
	const finding *same = small_case_finding(&c, "code.same-entity");
	assert_int_equal(same->points->len, 1);
	assert_string_equal(g_ptr_array_index(same->points, 0), "cpu.first");
	small_case_clear(&c);
}

static void add_new(small_case *c, const char *series_name, entity_kind kind, const char *name,
	const char *detail, const char *path, unsigned line, unsigned flags)
{
	touch t = {.change = TOUCH_ADDED,
		.entity = kind,
		.name = name,
		.detail = detail,
		.flags = flags | ENTITY_DEFINITION,
		.tip = {.path = path, .line = line, .end_line = line}};
	small_case_touch(c, series_name, &t);
}

/* Each series adds one file, and `kind name` in its first line. Returns the findings' number. */
static guint definition_case(small_case *c, entity_kind kind, const char *name, unsigned flags,
	const char *path_one, const char *one, const char *path_two, const char *two)
{
	small_case_init(c);
	small_case_base(c, "README", "x\n");
	small_case_patch(c, "one", path_one, one);
	small_case_patch(c, "two", path_two, two);
	small_case_finish(c);
	const char *value_one = strrchr(one, ' ') + 1, *value_two = strrchr(two, ' ') + 1;
	add_new(c, "one", kind, name, kind == ENTITY_MACRO ? value_one : "", path_one, 1, flags);
	add_new(c, "two", kind, name, kind == ENTITY_MACRO ? value_two : "", path_two, 1, flags);
	small_case_find(c);
	return c->m->findings->len;
}

static void test_duplicate_definition(void **state)
{
	(void)state;
	small_case c;
	definition_case(&c, ENTITY_FUNCTION, "gate", 0, "kernel/a.c",
		"int gate(void) { return 1; }\n", "mm/b.c", "int gate(void) { return 2; }\n");
	assert_string_equal(small_case_finding(&c, "code.duplicate-definition")->title,
		"gate: defined by one and by two");
	small_case_clear(&c);
	/* static variables of two files are two variables */
	assert_int_equal(definition_case(&c, ENTITY_VARIABLE, "gate", ENTITY_STATIC, "kernel/a.c",
				 "static int gate;\n", "mm/b.c", "static int gate;\n"),
		0);
	small_case_clear(&c);
	/* headers that the include path chooses between are never both there */
	assert_int_equal(definition_case(&c, ENTITY_STRUCT, "gate", 0,
				 "include/asm-i386/mach-a/gate.h", "struct gate { int a; };\n",
				 "include/asm-i386/mach-b/gate.h", "struct gate { int b; };\n"),
		0);
	small_case_clear(&c);
}

static void test_macro_value(void **state)
{
	(void)state;
	small_case c;
	definition_case(&c, ENTITY_MACRO, "GATES", 0, "include/linux/a.h", "#define GATES 4\n",
		"include/linux/b.h", "#define GATES 8\n");
	assert_string_equal(small_case_finding(&c, "code.macro-value")->title,
		"GATES: one and two give it different values");
	small_case_clear(&c);
	assert_int_equal(definition_case(&c, ENTITY_MACRO, "GATES", 0, "include/linux/a.h",
				 "#define GATES 4\n", "include/linux/b.h", "#define GATES 4\n"),
		0);
	small_case_clear(&c);
}

static const char caller[] = "int b;\nint c(void) { return first(1); }\n";

static void add_call(small_case *c)
{
	touch call = {.change = TOUCH_ADDED,
		.is_use = true,
		.use = USE_CALL,
		.name = "first",
		.in = "c",
		.tip = {.path = "mm/b.c", .line = 2, .end_line = 2}};
	small_case_touch(c, "two", &call);
}

static void caller_case(small_case *c, const char *one)
{
	small_case_init(c);
	small_case_base(c, "kernel/a.c", code);
	small_case_base(c, "mm/b.c", "int b;\n");
	small_case_patch(c, "one", "kernel/a.c", one);
	small_case_patch(c, "two", "mm/b.c", caller);
	small_case_finish(c);
	add_call(c);
}

static void removed_case(small_case *c, unsigned flags)
{
	caller_case(c, "int none;\n");
	touch gone = function(TOUCH_REMOVED, "kernel/a.c");
	gone.tip = (place){0};
	gone.flags |= flags;
	small_case_touch(c, "one", &gone);
	small_case_find(c);
}

static void test_removed_in_use(void **state)
{
	(void)state;
	small_case c;
	removed_case(&c, 0);
	const finding *f = small_case_finding(&c, "code.removed-in-use");
	assert_int_equal(f->severity, SEVERITY_ERROR);
	assert_string_equal(f->title, "first: one removes it, two starts to use it");
	check_place(f, 0, 0, AT_BASE, "kernel/a.c", 1, FUNCTION_LINES);
	check_place(f, 1, 0, AT_TIP, "mm/b.c", 2, 2);
	small_case_clear(&c);
	removed_case(&c, ENTITY_STATIC); /* not the same function */
	assert_int_equal(small_case_count(&c, "code.removed-in-use"), 0);
	small_case_clear(&c);
}

static void test_signature(void **state)
{
	(void)state;
	small_case c;
	caller_case(&c, third);
	touch t = function(TOUCH_CHANGED, "kernel/a.c");
	t.signature_tip = "int (int, long)";
	small_case_touch(&c, "one", &t);
	small_case_find(&c);
	const finding *f = small_case_finding(&c, "code.signature");
	assert_string_equal(f->title, "first: one changes its signature, two newly uses it");
	assert_non_null(strstr(f->explanation, "`int (int, long)`"));
	small_case_clear(&c);
}

static void test_layout(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "include/linux/a.h", "struct gate {\n\tint x;\n};\n");
	small_case_patch(&c, "one", "include/linux/a.h", "struct gate {\n\tint a;\n\tint x;\n};\n");
	small_case_patch(&c, "two", "include/linux/a.h", "struct gate {\n\tint x;\n\tint b;\n};\n");
	small_case_finish(&c);
	touch field = {.change = TOUCH_ADDED,
		.entity = ENTITY_FIELD,
		.name = "a",
		.in = "gate",
		.tip = {.path = "include/linux/a.h", .line = 2, .end_line = 2}};
	small_case_touch(&c, "one", &field);
	field.name = "b";
	field.tip.line = field.tip.end_line = 3;
	small_case_touch(&c, "two", &field);
	small_case_find(&c);
	const finding *f = small_case_finding(&c, "code.layout");
	assert_string_equal(f->title, "struct gate: one and two both add fields");
	check_place(f, 1, 0, AT_TIP, "include/linux/a.h", 3, 3);
	small_case_clear(&c);
}

static const char machine[] =
	"choice\n\tprompt \"Machine\"\n\nconfig PC\n\tbool \"PC\"\n\nendchoice\n";

static void test_config(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "arch/i386/Kconfig", machine);
	small_case_patch(&c, "one", "arch/i386/Kconfig",
		"choice\n\tprompt \"Machine\"\n\nconfig ONE\n\tbool \"one\"\n\nconfig PC\n\tbool "
		"\"PC\"\n\n"
		"endchoice\n");
	small_case_patch(&c, "two", "arch/i386/Kconfig",
		"choice\n\tprompt \"Machine\"\n\nconfig PC\n\tbool \"PC\"\n\nconfig TWO\n\tbool "
		"\"two\"\n\n"
		"endchoice\n");
	small_case_finish(&c);
	add_new(&c, "one", ENTITY_CONFIG_SYMBOL, "GATE", "", "arch/i386/Kconfig", 4, 0);
	add_new(&c, "two", ENTITY_CONFIG_SYMBOL, "GATE", "", "arch/i386/Kconfig", 7, 0);
	add_new(&c, "one", ENTITY_CONFIG_SYMBOL, "OTHER", "", "arch/i386/Kconfig", 4, 0);
	add_new(&c, "two", ENTITY_CONFIG_SYMBOL, "OTHER", "", "arch/x86_64/Kconfig", 7, 0);
	small_case_find(&c);
	assert_string_equal(small_case_finding(&c, "config.symbol")->title,
		"CONFIG_GATE: defined by one and by two");
	const finding *f = small_case_finding(&c, "config.exclusive");
	assert_string_equal(f->title, "ONE or TWO: one choice, never both");
	check_place(f, 0, 0, AT_TIP, "arch/i386/Kconfig", 4, 4);
	check_place(f, 1, 0, AT_TIP, "arch/i386/Kconfig", 7, 7);
	small_case_clear(&c);
}

static void test_number(void **state)
{
	(void)state;
	static const char path[] = "include/asm-i386/unistd.h";
	small_case c;
	small_case_init(&c);
	small_case_base(&c, path, "#define __NR_last 9\n");
	small_case_patch(&c, "one", path, "#define __NR_last 9\n#define __NR_gate 10\n");
	small_case_patch(&c, "two", path, "#define __NR_last 9\n#define __NR_door (10)\n");
	small_case_finish(&c);
	add_new(&c, "one", ENTITY_MACRO, "__NR_gate", "10", path, 2, 0);
	add_new(&c, "two", ENTITY_MACRO, "__NR_door", "(10)", path, 2, 0);
	add_new(&c, "two", ENTITY_MACRO, "__NR_other", "11", path, 2, 0);
	small_case_find(&c);
	assert_string_equal(small_case_finding(&c, "number.collision")->title,
		"__NR_gate and __NR_door: both take 10");
	small_case_clear(&c);
}

/* Enumerators with a value count too; those that just count on do not. */
static void test_number_of_enumerators(void **state)
{
	(void)state;
	small_case c;
	const char *path = "include/linux/sysctl.h";
	small_case_init(&c);
	small_case_base(&c, path, "enum {\n\tKERN_A=1,\n\tKERN_B=2,\n\tKERN_C=3,\n\tKERN_D,\n};\n");
	small_case_patch(&c, "one", path,
		"enum {\n\tKERN_GATE=70, /* int "
		"*/\n\tKERN_A=1,\n\tKERN_B=2,\n\tKERN_C=3,\n\tKERN_D,\n};\n");
	small_case_patch(&c, "two", path,
		"enum "
		"{\n\tKERN_A=1,\n\tKERN_B=2,\n\tKERN_C=3,\n\tKERN_D,\n\tKERN_LAST,\n\tKERN_DOOR = "
		"70\n};\n");
	small_case_finish(&c);
	add_new(&c, "one", ENTITY_ENUMERATOR, "KERN_GATE", "", path, 2, 0);
	add_new(&c, "two", ENTITY_ENUMERATOR, "KERN_LAST", "", path, 6, 0);
	add_new(&c, "two", ENTITY_ENUMERATOR, "KERN_DOOR", "", path, 7, 0);
	small_case_find(&c);
	assert_string_equal(small_case_finding(&c, "number.collision")->title,
		"KERN_GATE and KERN_DOOR: both take 70");
	small_case_clear(&c);
}

/* Numbers of system calls in a table of text: what takes a free one, in one number space. */
static void test_number_of_tbl(void **state)
{
	(void)state;
	small_case c;
	const char *path = "arch/x86/syscall_64.tbl";
	small_case_init(&c);
#define TBL "# <number> <abi> <name> <entry point>\n0\tcommon\tread\tsys_read\n1\t64\topen\n"
	small_case_base(&c, path, TBL);
	small_case_patch(&c, "one", path,
		TBL
		"2\tcommon\tgate\tsys_gate\n3\t64\tbell\tsys_bell\n4\tcommon\tsame\tsys_same\n");
	small_case_patch(&c, "two", path,
		TBL "2\t64\tdoor\tsys_door\n3\tx32\thorn\tsys_horn\n4\tcommon\tsame\tsys_same\n");
	small_case_finish(&c);
	small_case_find(&c);
	assert_int_equal(small_case_count(&c, "number.collision"), 1);
	const finding *f = small_case_finding(&c, "number.collision");
	assert_string_equal(f->title, "gate and door: both take 2");
	check_place(f, 0, 0, AT_TIP, path, 4, 4);
	check_place(f, 1, 0, AT_TIP, path, 4, 4);
	small_case_clear(&c);
}

/* Numbers by place, behind a label of assembly; a shift by an insertion takes nothing anew. */
static void test_number_of_assembly(void **state)
{
	(void)state;
	small_case c;
	const char *path = "arch/i386/kernel/syscall_table.S";
	g_autoptr(GString) table = g_string_new("ENTRY(sys_call_table)\n");
	small_case_init(&c);
	for (unsigned i = 0; i < 20; i++)
		g_string_append_printf(
			table, "\t.long sys_%s%u\t/* %u */\n", i == 7 ? "x" : "old", i, i);
	g_string_append(table, "\t.long sys_ni_syscall\t/* 20 */\n");
	g_autofree char *one = g_strconcat(table->str, "\t.long sys_gate\n", NULL);
	g_autofree char *two = g_strconcat(table->str, "\t.long sys_door\t/* 21 */\n", NULL);
	char *unused = strstr(one, "ni_syscall");
	memcpy(unused, "windowpane", strlen("windowpane"));
	small_case_base(&c, path, table->str);
	small_case_patch(&c, "one", path, one);
	small_case_patch(&c, "two", path, two);
	small_case_finish(&c);
	small_case_find(&c);
	assert_int_equal(small_case_count(&c, "number.collision"), 1);
	const finding *f = small_case_finding(&c, "number.collision");
	assert_string_equal(f->title, "gate and door: both take 21");
	check_place(f, 1, 0, AT_TIP, path, 23, 23);
	small_case_clear(&c);
}

/* --- what no longer parses --- */

/* The lines of both sides next to an error of the merge, in each side's own numbers. */
static void test_break(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "a.c", twelve);
	small_case_patch(&c, "one", "a.c", "0\n00\n1\n2\none\n4\n5\n6\n7\n8\n9\n10\n11\n12\n");
	small_case_patch(&c, "two", "a.c", "1\n2\n3\n4\n5\n6\n7\n8\n9\ntwo\n11\n12\nend\n");
	small_case_finish(&c);
	static const char merged[] = "0\n00\n1\n2\none\n4\n5\n6\n7\n8\n9\ntwo\n11\n12\nend\n";
	oid blob;
	assert_true(repo_write_blob(c.repo, &blob, merged, strlen(merged), NULL));
	g_autoptr(GArray) errors = g_array_new(FALSE, FALSE, sizeof(diagnostic));
	diagnostic d = {DIAGNOSTIC_ERROR, "a.c", 12, "use of undeclared identifier 'two'"};
	g_array_append_val(errors, d);
	merge_break found = {.a = 0, .b = 1, .path = "a.c", .blob = blob, .errors = errors};
	assert_true(conflict_add_break(c.m, c.repo, &found, NULL));
	findings_finish(c.m->findings);
	const finding *f = small_case_finding(&c, "merge.breaks");
	assert_int_equal(f->severity, SEVERITY_ERROR);
	check_place(f, -1, 0, AT_MERGED, "a.c", 12, 12);
	check_place(f, 0, 0, AT_TIP, "a.c", 5, 5);
	check_place(f, 1, 0, AT_TIP, "a.c", 10, 10);
	assert_non_null(strstr(f->explanation, "line 12: use of undeclared identifier 'two'."));
	small_case_clear(&c);
}

/* --- identity --- */

static char *conflict_print(const char *base, const char *one, const char *two)
{
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "a.txt", base);
	small_case_patch(&c, "one", "a.txt", one);
	small_case_patch(&c, "two", "a.txt", two);
	small_case_finish(&c);
	small_case_find(&c);
	char *print = g_strdup(small_case_finding(&c, "text.conflict")->fingerprint);
	small_case_clear(&c);
	return print;
}

/* Lines move, the finding stays the same one. */
static void test_fingerprint(void **state)
{
	(void)state;
	g_autofree char *print = conflict_print("1\n2\n", "one\n2\n", "two\n2\n");
	g_autofree char *moved = conflict_print("0\n0\n1\n2\n", "0\n0\none\n2\n", "0\n0\ntwo\n2\n");
	assert_string_equal(print, moved);
}

/* One series has no one to conflict with; of three, each pair is looked at. */
static void test_one_and_three(void **state)
{
	(void)state;
	static const char *const names[] = {"one", "two", "three"};
	small_case c;
	for (guint n = 1; n <= 3; n += 2) {
		small_case_init(&c);
		small_case_base(&c, "a.txt", "1\n2\n3\n");
		for (guint i = 0; i < n; i++) {
			g_autofree char *text = g_strdup_printf("%s\n2\n3\n", names[i]);
			small_case_patch(&c, names[i], "a.txt", text);
		}
		small_case_finish(&c);
		small_case_find(&c);
		assert_int_equal(c.m->findings->len, n == 1 ? 0 : 3);
		assert_int_equal(small_case_count(&c, "text.conflict"), n == 1 ? 0 : 3);
		small_case_clear(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_conflict),
		cmocka_unit_test(test_whole_files),
		cmocka_unit_test(test_adjacent),
		cmocka_unit_test(test_equivalent),
		cmocka_unit_test(test_unapplied),
		cmocka_unit_test(test_same_entity),
		cmocka_unit_test(test_same_entity_in_a_copy),
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_duplicate_definition),
		cmocka_unit_test(test_macro_value),
		cmocka_unit_test(test_removed_in_use),
		cmocka_unit_test(test_signature),
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_number_of_enumerators),
		cmocka_unit_test(test_number_of_tbl),
		cmocka_unit_test(test_number_of_assembly),
		cmocka_unit_test(test_break),
		cmocka_unit_test(test_fingerprint),
		cmocka_unit_test(test_one_and_three),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
