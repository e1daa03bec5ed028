/* The plan of small cases: where each hunk goes, in which order, and what rulings change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "plan/make.h"
#include "support/small_case.h"

static const char ten[] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

static void make(small_case *c)
{
	g_autoptr(GError) err = NULL;
	if (!plan_make(c->m, c->repo, &err) || !plan_check(c->m, &err) ||
		!plan_check_trees(c->m, c->repo, &err))
		fail_msg("%s", err->message);
}

static const step *step_at(const small_case *c, guint i)
{
	assert_true(i < c->m->plan->steps->len);
	return g_ptr_array_index(c->m->plan->steps, i);
}

static const oid *last_tree(const small_case *c)
{
	return &step_at(c, c->m->plan->steps->len - 1)->tree;
}

/* The step that takes a hunk; 0 when none does (undecided, or superseded). */
static unsigned step_of(const small_case *c, unsigned series_index, const char *path, unsigned n)
{
	for (guint i = 0; i < c->m->plan->steps->len; i++) {
		const step *s = step_at(c, i);
		for (guint k = 0; k < s->hunks->len; k++) {
			const plan_hunk *h = g_ptr_array_index(s->hunks, k);
			if (h->series == series_index && !strcmp(h->path, path) && h->hunk == n &&
				!hunk_is_superseded(h))
				return s->n;
		}
	}
	return 0;
}

/* What becomes of the first hunk of a path that a step names; fails when it names none. */
static hunk_fate fate_in(const step *s, unsigned series_index, const char *path)
{
	for (guint k = 0; k < s->hunks->len; k++) {
		const plan_hunk *h = g_ptr_array_index(s->hunks, k);
		if (h->series == series_index && !strcmp(h->path, path))
			return h->fate;
	}
	fail_msg("step %u has no hunk of %s", s->n, path);
	return HUNK_TAKEN;
}

static void check_text(small_case *c, const oid *tree, const char *path, const char *want)
{
	g_autofree char *text = small_case_read(c, tree, path);
	if (!want)
		assert_null(text);
	else
		assert_string_equal(text, want);
}

/* Two series that have nothing to do with each other: everything is taken, the last tree has both.
 */
static void test_nothing_in_common(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "a.txt", ten);
	small_case_base(&c, "gone.txt", "x\n");
	small_case_patch(&c, "one", "a.txt", "one\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
	small_case_patch(&c, "two", "a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\ntwo\n");
	small_case_also(&c, "two", "gone.txt", NULL);
	small_case_also(&c, "two", "new/b.txt", "b\n");
	small_case_finish(&c);
	small_case_find(&c);
	make(&c);
	assert_int_equal(c.m->plan->undecided->len, 0);
	assert_int_equal(c.m->plan->steps->len, 2);
	assert_string_equal(step_at(&c, 0)->title, "one: patch 1: one changes a.txt");
	assert_string_equal(step_at(&c, 1)->title, "two: patch 1: two changes a.txt");
	check_text(&c, &step_at(&c, 0)->tree, "a.txt", "one\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
	check_text(&c, last_tree(&c), "a.txt", "one\n2\n3\n4\n5\n6\n7\n8\n9\ntwo\n");
	check_text(&c, last_tree(&c), "new/b.txt", "b\n");
	check_text(&c, last_tree(&c), "gone.txt", NULL);
	small_case_clear(&c);
}

static void conflicting_case(small_case *c)
{
	small_case_init(c);
	small_case_base(c, "a.txt", ten);
	small_case_patch(c, "one", "a.txt", "1\n2\n3\n4\none\n6\n7\n8\n9\nend one\n");
	small_case_patch(c, "two", "a.txt", "1\n2\n3\n4\ntwo\n6\n7\n8\n9\n10\n");
	small_case_finish(c);
	small_case_find(c);
}

/* Conflicting lines wait; the rest of the file does not. */
static void test_conflict_waits(void **state)
{
	(void)state;
	small_case c;
	conflicting_case(&c);
	make(&c);
	assert_int_equal(c.m->plan->undecided->len, 1);
	const undecided *u = g_ptr_array_index(c.m->plan->undecided, 0);
	assert_int_equal(u->hunks->len, 2);
	assert_string_equal(
		g_ptr_array_index(u->findings, 0), small_case_finding(&c, "text.conflict")->id);
	check_text(&c, last_tree(&c), "a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\nend one\n");
	small_case_clear(&c);
}

static void check_ruling(decision_take take, const char *party, const char *want)
{
	small_case c;
	conflicting_case(&c);
	small_case_rule(small_case_finding(&c, "text.conflict"), take, party);
	make(&c);
	if (take == DECISION_NONE)
		assert_int_equal(c.m->plan->undecided->len, 1);
	else
		assert_int_equal(c.m->plan->undecided->len, 0);
	check_text(&c, last_tree(&c), "a.txt", want);
	small_case_clear(&c);
}

static void test_rulings(void **state)
{
	(void)state;
	check_ruling(DECISION_TAKE, "one", "1\n2\n3\n4\none\n6\n7\n8\n9\nend one\n");
	check_ruling(DECISION_TAKE, "two", "1\n2\n3\n4\ntwo\n6\n7\n8\n9\nend one\n");
	check_ruling(DECISION_BOTH, NULL, "1\n2\n3\n4\none\ntwo\n6\n7\n8\n9\nend one\n");
	check_ruling(DECISION_INTERFACE, NULL, "1\n2\n3\n4\n5\n6\n7\n8\n9\nend one\n");
}

/* The side that lost is accounted for in the ruling's step, and marked. */
static void test_loser_is_superseded(void **state)
{
	(void)state;
	small_case c;
	conflicting_case(&c);
	small_case_rule(small_case_finding(&c, "text.conflict"), DECISION_TAKE, "two");
	make(&c);
	const step *s = step_at(&c, c.m->plan->steps->len - 1);
	assert_int_equal(s->action, STEP_DECIDED);
	assert_int_equal(s->hunks->len, 2);
	for (guint i = 0; i < s->hunks->len; i++) {
		const plan_hunk *h = g_ptr_array_index(s->hunks, i);
		assert_int_equal(hunk_is_superseded(h), h->series == 0);
	}
	small_case_clear(&c);
}

/* Lines that both bring are taken once, first. */
static void test_equal_once(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "a.txt", ten);
	small_case_patch(&c, "one", "a.txt", "1\nsame\n3\n4\n5\n6\n7\n8\n9\n10\n");
	small_case_patch(&c, "two", "a.txt", "1\nsame\n3\n4\n5\n6\n7\n8\n9\ntwo\n");
	small_case_finish(&c);
	small_case_find(&c);
	make(&c);
	const step *first = step_at(&c, 0);
	assert_int_equal(first->hunks->len, 2);
	assert_int_equal(first->series->len, 2);
	check_text(&c, &first->tree, "a.txt", "1\nsame\n3\n4\n5\n6\n7\n8\n9\n10\n");
	check_text(&c, last_tree(&c), "a.txt", "1\nsame\n3\n4\n5\n6\n7\n8\n9\ntwo\n");
	small_case_clear(&c);
}

/* A use comes after its definition, whatever the order of the directories. */
static void test_order(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(
		&c, "arch/i386/a.c", "#include <linux/b.h>\nint f(void)\n{\n\treturn 0;\n}\n");
	small_case_base(&c, "include/linux/b.h", "#define OLD 1\n");
	small_case_base(&c, "arch/i386/Makefile", "obj-y := a.o\n");
	small_case_base(&c, "lib/k.txt", ten);
	small_case_patch(&c, "one", "arch/i386/a.c",
		"#include <linux/b.h>\nint f(void)\n{\n\treturn NEW + 1;\n}\n");
	small_case_also(&c, "one", "include/linux/b.h", "#define OLD 1\n#define NEW 2\n");
	small_case_also(&c, "one", "arch/i386/Makefile", "obj-y := a.o c.o\n");
	small_case_also(&c, "one", "arch/i386/c.c", "int c;\n");
	small_case_also(&c, "one", "lib/k.txt", "1\none\n3\n4\n5\n6\n7\n8\n9\n10\n");
	small_case_patch(&c, "two", "lib/k.txt", "1\ntwo\n3\n4\n5\n6\n7\n8\n9\n10\n");
	small_case_finish(&c);
	small_case_find(&c);
	make(&c); /* the patch as a whole is not free: it goes by directory */
	unsigned header = step_of(&c, 0, "include/linux/b.h", 1);
	unsigned user = step_of(&c, 0, "arch/i386/a.c", 1);
	assert_true(header > 0);
	assert_true(user > header);
	const step *s = step_at(&c, user - 1);
	assert_int_equal(s->depends_on->len, 1);
	assert_int_equal(g_array_index(s->depends_on, unsigned, 0), header);
	small_case_clear(&c);
}

/* What needs lines that wait for a ruling waits with them. */
static void test_dependent_waits(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "include/linux/b.h", "#define A 1\n#define B 2\n");
	small_case_base(&c, "kernel/a.c", "int a;\n");
	small_case_patch(&c, "one", "include/linux/b.h",
		"#define A 1\nextern int gate(void);\n#define B 2\n");
	small_case_also(&c, "one", "kernel/a.c", "int a;\nint f(void)\n{\n\treturn gate();\n}\n");
	small_case_patch(&c, "two", "include/linux/b.h",
		"#define A 1\nextern int door(void);\n#define B 2\n");
	small_case_finish(&c);
	small_case_find(&c);
	make(&c);
	assert_int_equal(step_of(&c, 0, "kernel/a.c", 1), 0);
	/* one decision, with what waits for it */
	assert_int_equal(c.m->plan->undecided->len, 1);
	const undecided *u = g_ptr_array_index(c.m->plan->undecided, 0);
	assert_int_equal(u->hunks->len, 3);
	for (guint i = 0; i < u->hunks->len; i++) {
		const plan_hunk *h = g_ptr_array_index(u->hunks, i);
		assert_int_equal(h->fate, strcmp(h->path, "kernel/a.c") ? HUNK_TAKEN : HUNK_WAITS);
	}
	/* once the ruling is for the other side, it falls; once for this one, it goes */
	finding *f = small_case_finding(&c, "text.conflict");
	small_case_rule(f, DECISION_TAKE, "two");
	make(&c);
	assert_int_equal(step_of(&c, 0, "kernel/a.c", 1), 0);
	assert_int_equal(c.m->plan->undecided->len, 0);
	const step *s = step_at(&c, c.m->plan->steps->len - 1);
	assert_int_equal(s->action, STEP_DECIDED);
	assert_string_equal(s->title, "take two's side of include/linux/b.h");
	assert_int_equal(fate_in(s, 0, "include/linux/b.h"), HUNK_STOOD_FOR);
	assert_int_equal(fate_in(s, 0, "kernel/a.c"), HUNK_FALLS);
	assert_non_null(strstr(s->detail, "- one: `kernel/a.c`, 1 hunk\n"));
	small_case_rule(f, DECISION_INTERFACE, NULL);
	make(&c);
	assert_int_equal(c.m->plan->undecided->len, 0);
	s = step_at(&c, c.m->plan->steps->len - 1);
	assert_int_equal(fate_in(s, 0, "include/linux/b.h"), HUNK_ANEW);
	assert_int_equal(fate_in(s, 1, "include/linux/b.h"), HUNK_ANEW);
	assert_int_equal(fate_in(s, 0, "kernel/a.c"), HUNK_FALLS);
	assert_non_null(strstr(s->detail, "What is left to do by hand"));
	small_case_rule(f, DECISION_TAKE, "one");
	make(&c);
	assert_int_equal(c.m->plan->undecided->len, 0);
	assert_true(step_of(&c, 0, "kernel/a.c", 1) > step_of(&c, 0, "include/linux/b.h", 1));
	small_case_clear(&c);
}

/* What needs a name of the side that lost goes on when the side that won has the name too. */
static void test_winner_has_the_name(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "include/linux/b.h", "#define A 1\n#define B 2\n");
	small_case_base(&c, "kernel/a.c", "int a;\n");
	small_case_patch(&c, "one", "include/linux/b.h",
		"#define A 1\nextern int gate(void);\n#define B 2\n");
	small_case_also(&c, "one", "kernel/a.c", "int a;\nint f(void)\n{\n\treturn gate();\n}\n");
	small_case_patch(&c, "two", "include/linux/b.h",
		"#define A 1\n#define HURRY 1\nextern int gate(void);\n#define B 2\n");
	small_case_finish(&c);
	small_case_find(&c);
	small_case_rule(small_case_finding(&c, "text.conflict"), DECISION_TAKE, "two");
	for (guint i = 0; i < c.m->findings->len; i++) {
		finding *f = g_ptr_array_index(c.m->findings, i);
		if (!f->decision)
			small_case_rule(f, DECISION_DISMISS, NULL);
	}
	make(&c);
	assert_int_equal(c.m->plan->undecided->len, 0);
	assert_true(step_of(&c, 0, "kernel/a.c", 1) > step_of(&c, 1, "include/linux/b.h", 1));
	small_case_clear(&c);
}

/* A ruling on a few lines of a new file leaves out those, not the file and all that needs it. */
static void test_trimmed(void **state)
{
	(void)state;
	static const char one[] =
		"config ONE\n\tbool\nconfig IDLE\n\tbool\n\tdefault y\nconfig LAST\n"
		"\tbool\n";
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "kernel/a.c", "int a;\n");
	small_case_patch(&c, "one", "drivers/one/Kconfig", one);
	small_case_also(&c, "one", "kernel/a.c", "int a;\n#ifdef CONFIG_ONE\nint b;\n#endif\n");
	small_case_patch(&c, "two", "drivers/two/Kconfig", "config IDLE\n\tbool\n");
	small_case_finish(&c);
	touch t = {.change = TOUCH_ADDED,
		.entity = ENTITY_CONFIG_SYMBOL,
		.name = "IDLE",
		.signature_tip = "bool",
		.detail = "",
		.condition = "",
		.in = "",
		.tip = {.path = "drivers/one/Kconfig", .line = 3, .end_line = 5}};
	t.tip.blob = ((file_change *)g_ptr_array_index(
			      ((series *)g_ptr_array_index(c.m->series, 0))->changes, 0))
			     ->new_oid;
	small_case_touch(&c, "one", &t);
	t.tip = (place){.path = "drivers/two/Kconfig", .line = 1, .end_line = 2};
	t.tip.blob = ((file_change *)g_ptr_array_index(
			      ((series *)g_ptr_array_index(c.m->series, 1))->changes, 0))
			     ->new_oid;
	small_case_touch(&c, "two", &t);
	small_case_find(&c);
	small_case_rule(small_case_finding(&c, "config.symbol"), DECISION_TAKE, "two");
	make(&c);
	assert_int_equal(c.m->plan->undecided->len, 0);
	check_text(&c, last_tree(&c), "drivers/one/Kconfig",
		"config ONE\n\tbool\nconfig LAST\n\tbool\n");
	check_text(&c, last_tree(&c), "drivers/two/Kconfig", "config IDLE\n\tbool\n");
	unsigned n = step_of(&c, 0, "drivers/one/Kconfig", 1);
	assert_int_equal(fate_in(step_at(&c, n - 1), 0, "drivers/one/Kconfig"), HUNK_TRIMMED);
	assert_true(step_of(&c, 0, "kernel/a.c", 1) > 0);
	small_case_rule(small_case_finding(&c, "config.symbol"), DECISION_TAKE, "one");
	make(&c);
	check_text(&c, last_tree(&c), "drivers/one/Kconfig", one);
	check_text(&c, last_tree(&c), "drivers/two/Kconfig", NULL);
	small_case_clear(&c);
}

/* --- whole patches --- */

static const series_commit *commit_at(const small_case *c, guint series_index, guint i)
{
	const series *s = g_ptr_array_index(c->m->series, series_index);
	return g_ptr_array_index(s->commits, i);
}

/* Every step is the next patch of the series, and its tree the patch's. */
static void check_is_series(const small_case *c)
{
	const series *s = g_ptr_array_index(c->m->series, 0);
	assert_int_equal(c->m->plan->undecided->len, 0);
	assert_int_equal(c->m->plan->steps->len, s->commits->len);
	for (guint i = 0; i < s->commits->len; i++) {
		assert_true(step_at(c, i)->whole);
		assert_int_equal(step_at(c, i)->patches->len, 1);
		assert_int_equal(g_array_index(step_at(c, i)->patches, step_patch, 0).n, i + 1);
		assert_true(oid_equal(&step_at(c, i)->tree, &commit_at(c, 0, i)->tree));
	}
}

/* One series alone is its own plan, whatever its patches do to each other's lines. */
static void test_series_is_plan(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "a.txt", ten);
	small_case_base(&c, "b.txt", ten);
	/* lines of its own, then again, then next to them, and far away */
	small_case_patch(&c, "one", "a.txt", "1\n2\nthree\n4\n5\n6\n7\n8\n9\n10\n");
	small_case_patch(&c, "one", "a.txt", "1\n2\nTHREE\n4\n5\n6\n7\n8\n9\n10\n");
	small_case_patch(&c, "one", "a.txt", "1\n2\nTHREE\nfour\n5\n6\n7\n8\nnine\n10\n");
	/* a file that comes, changes and goes; a deletion that is taken back */
	small_case_patch(&c, "one", "new.c", "int a;\n");
	small_case_also(&c, "one", "b.txt", NULL);
	small_case_patch(&c, "one", "new.c", "int a;\nint b;\n");
	small_case_also(&c, "one", "b.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\neleven\n");
	small_case_patch(&c, "one", "new.c", NULL);
	/* lines that come and go, and one that is put elsewhere */
	small_case_patch(&c, "one", "a.txt", "1\n2\nTHREE\nfour\n5\nx\ny\n6\n7\n8\nnine\n10\n");
	small_case_patch(&c, "one", "a.txt", "2\nTHREE\nfour\n5\n6\n7\n8\nnine\n10\n1\n");
	/* a use before its definition: its author's order stands */
	small_case_patch(&c, "one", "u.c", "#include \"u.h\"\nint f(void)\n{\n\treturn V;\n}\n");
	small_case_patch(&c, "one", "u.h", "#define V 1\n");
	small_case_finish(&c);
	small_case_find(&c);
	make(&c);
	check_is_series(&c);
	small_case_clear(&c);
}

/* A file while random patches change it; few different lines, so that many places look alike. */
typedef struct random_file {
	char *path;
	GPtrArray *lines; /* char * */
} random_file;

#define RANDOM_FILES 3u

static char *random_text(const random_file *f)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < f->lines->len; i++)
		g_string_append(text, g_ptr_array_index(f->lines, i));
	return g_strdup(text->str);
}

static void random_files(random_file *files, guint lines)
{
	for (guint n = 0; n < RANDOM_FILES; n++) {
		files[n].path = g_strdup_printf("f%u.txt", n);
		files[n].lines = g_ptr_array_new_with_free_func(g_free);
		for (guint i = 0; i < lines; i++)
			g_ptr_array_add(files[n].lines, g_strdup_printf("%u\n", i % 7));
	}
}

static void random_files_clear(random_file *files)
{
	for (guint n = 0; n < RANDOM_FILES; n++) {
		g_free(files[n].path);
		g_ptr_array_unref(files[n].lines);
	}
}

static void random_patches(small_case *c, GRand *rand, const char *name, guint lines, guint patches)
{
	random_file files[RANDOM_FILES];
	random_files(files, lines);
	for (guint n = 0; n < patches; n++) {
		random_file *f = &files[(guint)g_rand_int_range(rand, 0, RANDOM_FILES)];
		for (gint i = g_rand_int_range(rand, 1, 4); i; i--) {
			gint where = g_rand_int_range(rand, 0, (gint)f->lines->len);
			if (f->lines->len > 5 && g_rand_boolean(rand))
				g_ptr_array_remove_index(f->lines, (guint)where);
			if (g_rand_boolean(rand))
				g_ptr_array_insert(f->lines, where,
					g_strdup_printf("%d\n", g_rand_int_range(rand, 0, 9)));
		}
		/* never a patch that changes nothing */
		g_ptr_array_insert(f->lines, g_rand_int_range(rand, 0, (gint)f->lines->len),
			g_strdup_printf("%s %u\n", name, n));
		g_autofree char *text = random_text(f);
		small_case_patch(c, name, f->path, text);
	}
	random_files_clear(files);
}

static void random_base(small_case *c, guint lines)
{
	random_file files[RANDOM_FILES];
	random_files(files, lines);
	small_case_init(c);
	for (guint n = 0; n < RANDOM_FILES; n++) {
		g_autofree char *text = random_text(&files[n]);
		small_case_base(c, files[n].path, text);
	}
	random_files_clear(files);
}

/* Random edits by thirty patches: the plan is the series. */
static void test_random_series(void **state)
{
	(void)state;
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);
	small_case c;
	random_base(&c, 25);
	random_patches(&c, rand, "one", 25, 30);
	small_case_finish(&c);
	small_case_find(&c);
	make(&c);
	check_is_series(&c);
	small_case_clear(&c);
}

/* Three series of random edits: whatever is cut and whatever waits, the checks hold; and once all
 * is ruled, nothing is open. */
static void test_random_series_together(void **state)
{
	(void)state;
	for (guint32 seed = 1; seed <= 30; seed++) {
		g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
		guint lines = 20 + seed % 10 * 8;
		small_case c;
		random_base(&c, lines);
		random_patches(&c, rand, "one", lines, 10);
		random_patches(&c, rand, "two", lines, 8);
		random_patches(&c, rand, "three", lines, 3);
		small_case_finish(&c);
		small_case_find(&c);
		make(&c);
		for (guint i = 0; i < c.m->findings->len; i++)
			small_case_rule(g_ptr_array_index(c.m->findings, i),
				i % 2 ? DECISION_TAKE : DECISION_BOTH, i % 2 ? "two" : NULL);
		make(&c);
		assert_int_equal(c.m->plan->undecided->len, 0);
		small_case_clear(&c);
	}
}

/* Beside another series, patches that nothing stands against stay whole and in order; the one that
 * is contested is cut, and a later one on top of its free lines comes after them. */
static void test_whole_beside_cut(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "a.txt", ten);
	small_case_base(&c, "b.txt", ten);
	small_case_patch(&c, "one", "c.c", "int c;\n");
	small_case_patch(&c, "one", "a.txt", "1\n2\n3\n4\none\n6\n7\n8\n9\n10\n");
	small_case_also(&c, "one", "b.txt", "1\n2\nthree\n4\n5\n6\n7\n8\n9\n10\n");
	small_case_patch(&c, "one", "b.txt", "1\n2\nthree\nfour\n5\n6\n7\n8\n9\n10\n");
	small_case_also(&c, "one", "c.c", "int c;\nint d;\n");
	small_case_patch(&c, "two", "a.txt", "1\n2\n3\n4\ntwo\n6\n7\n8\n9\n10\n");
	small_case_patch(&c, "two", "d.c", "int d;\n");
	small_case_finish(&c);
	small_case_find(&c);
	make(&c);
	assert_int_equal(c.m->plan->undecided->len, 1);
	assert_int_equal(c.m->plan->steps->len, 4);
	assert_string_equal(step_at(&c, 0)->title, "one: patch 1: one changes c.c");
	assert_true(step_at(&c, 0)->whole);
	const step *cut = step_at(&c, 1);
	assert_string_equal(cut->title, "one: top as it is (1 file)");
	assert_false(cut->whole);
	assert_int_equal(cut->hunks->len, 0);
	assert_int_equal(cut->parts->len, 1);
	check_text(&c, &cut->tree, "b.txt", "1\n2\nthree\n4\n5\n6\n7\n8\n9\n10\n");
	assert_string_equal(step_at(&c, 2)->title, "one: patch 3: one changes b.txt");
	assert_true(step_at(&c, 2)->whole);
	assert_int_equal(step_at(&c, 2)->depends_on->len, 2);
	assert_string_equal(step_at(&c, 3)->title, "two: patch 2: two changes d.c");
	assert_true(step_at(&c, 3)->whole);
	check_text(&c, last_tree(&c), "b.txt", "1\n2\nthree\nfour\n5\n6\n7\n8\n9\n10\n");
	check_text(&c, last_tree(&c), "c.c", "int c;\nint d;\n");
	small_case_clear(&c);
}

/* A patch that needs what waits is cut; one that needs what was cut comes after it. */
static void test_whole_needs(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "include/linux/b.h", "#define A 1\n#define B 2\n");
	small_case_base(&c, "lib/k.txt", ten);
	small_case_patch(&c, "one", "include/linux/b.h",
		"#define A 1\nextern int gate(void);\n#define B 2\n");
	small_case_patch(&c, "one", "kernel/a.c",
		"#include <linux/b.h>\nint f(void)\n{\n\treturn gate();\n}\n");
	small_case_patch(&c, "one", "include/linux/free.h", "#define FREE 1\n");
	small_case_also(&c, "one", "lib/k.txt", "1\none\n3\n4\n5\n6\n7\n8\n9\n10\n");
	small_case_patch(&c, "one", "kernel/c.c",
		"#include <linux/free.h>\nint g(void)\n{\n\treturn FREE;\n}\n");
	small_case_patch(&c, "two", "include/linux/b.h",
		"#define A 1\nextern int door(void);\n#define B 2\n");
	small_case_also(&c, "two", "lib/k.txt", "1\ntwo\n3\n4\n5\n6\n7\n8\n9\n10\n");
	small_case_finish(&c);
	small_case_find(&c);
	make(&c);
	assert_int_equal(step_of(&c, 0, "kernel/a.c", 1), 0);
	unsigned user = step_of(&c, 0, "kernel/c.c", 1);
	assert_true(user > step_of(&c, 0, "include/linux/free.h", 1));
	assert_true(step_at(&c, user - 1)->whole);
	small_case_clear(&c);
}

/* A name that is defined only where CONFIG_GATE is on: code that is built without it waits for the
 * entry that defines GATE; code under the same condition, and new files, do not. */
static void test_conditional_definition_waits(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "include/linux/b.h", "struct b {\n\tint low;\n\tint high;\n};\n");
	small_case_base(&c, "kernel/a.c", "#include <linux/b.h>\nint a;\n");
	small_case_base(&c, "mm/c.c", "#include <linux/b.h>\nint c;\n");
	small_case_base(&c, "arch/i386/Kconfig", "config SMP\n\tbool\n");
	small_case_patch(&c, "one", "include/linux/b.h",
		"struct b {\n\tint low;\n#ifndef CONFIG_GATE\n\tint high;\n#else\n"
		"\tint high, gate;\n#endif\n};\n");
	small_case_also(&c, "one", "kernel/a.c",
		"#include <linux/b.h>\nint a;\nint f(struct b *b)\n{\n\treturn b->gate;\n}\n");
	small_case_also(&c, "one", "mm/c.c",
		"#include <linux/b.h>\nint c;\n#if defined(CONFIG_GATE)\nint g(struct b *b)\n{\n"
		"\treturn b->gate;\n}\n#endif\n");
	small_case_also(&c, "one", "drivers/gate/new.c",
		"#include <linux/b.h>\nint n(struct b *b)\n{\n\treturn b->gate;\n}\n");
	small_case_also(&c, "one", "drivers/gate/Kconfig",
		"config GATE\n\tbool\n\tdefault y if GATE_ARCH\n");
	small_case_also(&c, "one", "arch/i386/Kconfig",
		"config SMP\n\tbool\nconfig GATE_ARCH\n\tbool\nsource \"drivers/gate/Kconfig\"\n");
	small_case_patch(
		&c, "two", "arch/i386/Kconfig", "config SMP\n\tbool\nconfig DOOR\n\tbool\n");
	small_case_finish(&c);
	small_case_find(&c);
	make(&c);
	assert_true(step_of(&c, 0, "include/linux/b.h", 1) > 0);
	assert_true(step_of(&c, 0, "mm/c.c", 1) > 0);
	assert_true(step_of(&c, 0, "drivers/gate/new.c", 1) > 0);
	assert_int_equal(step_of(&c, 0, "drivers/gate/Kconfig", 1), 0);
	assert_int_equal(step_of(&c, 0, "kernel/a.c", 1), 0);
	small_case_rule(small_case_finding(&c, "text.conflict"), DECISION_BOTH, NULL);
	make(&c);
	unsigned entry = step_of(&c, 0, "arch/i386/Kconfig", 1);
	assert_true(entry > 0);
	assert_true(step_of(&c, 0, "drivers/gate/Kconfig", 1) >= entry);
	assert_true(step_of(&c, 0, "kernel/a.c", 1) > step_of(&c, 0, "drivers/gate/Kconfig", 1));
	small_case_clear(&c);
}

/* The two ends of an #if stay together. */
static void test_unbalanced_go_together(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(
		&c, "kernel/a.c", "int a;\nint b;\nint c;\nint d;\nint e;\nint f;\nint g;\n");
	small_case_patch(&c, "one", "kernel/a.c",
		"int a;\n#ifdef X\nint b;\nint c;\nint d;\nint e;\nint one;\n#endif\nint g;\n");
	small_case_patch(&c, "two", "kernel/a.c",
		"int a;\nint b;\nint c;\nint d;\nint e;\nint two;\nint g;\n");
	small_case_finish(&c);
	small_case_find(&c);
	make(&c);
	/* the #ifdef is free of conflict, its #endif is not */
	assert_int_equal(step_of(&c, 0, "kernel/a.c", 1), 0);
	assert_int_equal(step_of(&c, 0, "kernel/a.c", 2), 0);
	small_case_clear(&c);
}

/* A macro of a .c file that a header takes over with other parameters: calls change with it. */
static void test_takeover_goes_together(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "include/asm-i386/desc.h", "struct desc;\n");
	small_case_base(&c, "kernel/a.c",
		"#define set(a, b) ((a) + (b))\nint x;\nint y;\nint f(void)\n{\n\treturn set(1, "
		"2);\n}\n");
	small_case_patch(&c, "one", "include/asm-i386/desc.h",
		"struct desc;\nstatic inline int set(int a)\n{\n\treturn a;\n}\n");
	small_case_also(
		&c, "one", "kernel/a.c", "int x;\nint y;\nint f(void)\n{\n\treturn set(1);\n}\n");
	small_case_patch(&c, "two", "kernel/a.c",
		"#define set(a, b) ((a) + (b))\nint x;\nint y;\nint f(void)\n{\n\treturn set(1, "
		"3);\n}\n");
	small_case_finish(&c);
	small_case_find(&c);
	make(&c);
	/* the call is in conflict: the macro stays until that is ruled */
	assert_int_equal(step_of(&c, 0, "kernel/a.c", 2), 0);
	assert_int_equal(step_of(&c, 0, "kernel/a.c", 1), 0);
	assert_true(step_of(&c, 0, "include/asm-i386/desc.h", 1) > 0);
	small_case_clear(&c);
}

/* A function changed in place by one and in a copy by the other stops nobody; a step names it. */
static void test_copies(void **state)
{
	(void)state;
	static const char one[] = "int f(int a)\n{\n\treturn a + 1;\n}\n";
	static const char two[] = "int f(int a)\n{\n\treturn a + 2;\n}\n";
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "kernel/a.c", "int f(int a)\n{\n\treturn a;\n}\n");
	small_case_patch(&c, "one", "kernel/a.c", one);
	small_case_patch(&c, "two", "kernel/a-two.c", two);
	small_case_finish(&c);
	place whole = {.path = "kernel/a.c", .line = 1, .end_line = 4};
	touch t = {.change = TOUCH_CHANGED,
		.entity = ENTITY_FUNCTION,
		.name = "f",
		.base = whole,
		.tip = whole};
	small_case_touch(&c, "one", &t);
	t.origin = "kernel/a.c";
	t.tip.path = "kernel/a-two.c";
	small_case_touch(&c, "two", &t);
	small_case_find(&c);
	make(&c);
	assert_int_equal(c.m->plan->undecided->len, 0);
	const step *s = step_at(&c, c.m->plan->steps->len - 1);
	assert_int_equal(s->action, STEP_INTERFACE);
	assert_string_equal(
		s->title, "copies: bring together 1 name changed in place and in a copy");
	assert_int_equal(s->hunks->len, 2);
	assert_non_null(strstr(s->detail, "`kernel/a-two.c:3`"));
	check_text(&c, &s->tree, "kernel/a.c", one);
	check_text(&c, &s->tree, "kernel/a-two.c", two);
	small_case_clear(&c);
}

static evidence *evidence_at(unsigned series_index, const char *path, unsigned line)
{
	evidence *e = evidence_new();
	e->series = series_index;
	e->weight = EVIDENCE_OVERRIDE;
	e->kind = g_strdup("in-place");
	e->rule = g_strdup("test");
	e->symbol = g_strdup("cli");
	e->at = AT_TIP;
	e->path = g_strdup(path);
	e->line = e->end_line = line;
	e->confidence = 0.9;
	return e;
}

static void add_point(small_case *c)
{
	point_result *p = point_result_new();
	p->point = point_new();
	p->point->id = g_strdup("irq.disable");
	p->point->group = g_strdup("irq");
	p->point->member = g_strdup("disable");
	p->point->title = g_strdup("Disable interrupts");
	p->verdict = VERDICT_CONTESTED;
	for (unsigned i = 0; i < 2; i++) {
		point_side *side = point_side_new();
		side->state = POINT_HOOKED;
		side->confidence = 0.9;
		g_ptr_array_add(side->evidence, evidence_at(i, "a.txt", i ? 10 : 1));
		g_ptr_array_add(p->sides, side);
	}
	g_ptr_array_add(c->m->points, p);
}

static void contested_case(small_case *c)
{
	small_case_init(c);
	small_case_base(c, "a.txt", ten);
	small_case_patch(c, "one", "a.txt", "one\n2\n3\n4\n5 free\n6\n7\n8\n9\n10\n");
	small_case_patch(c, "two", "a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\ntwo\n");
	small_case_finish(c);
	add_point(c);
	small_case_find(c);
}

/* The lines that carry a contested point go to the step of its group, which says what to move. */
static void test_interface_step(void **state)
{
	(void)state;
	small_case c;
	contested_case(&c);
	make(&c);
	assert_int_equal(c.m->plan->undecided->len, 0);
	const step *s = step_at(&c, c.m->plan->steps->len - 1);
	assert_int_equal(s->action, STEP_INTERFACE);
	assert_string_equal(s->title, "irq: put 1 contested operation behind the interface");
	assert_int_equal(s->points->len, 1);
	assert_int_equal(s->hunks->len, 2);
	assert_non_null(strstr(s->detail, "### irq.disable"));
	assert_non_null(strstr(s->detail, "`a.txt:10` `cli`"));
	assert_int_equal(step_of(&c, 0, "a.txt", 2), 1);
	small_case_clear(&c);
}

static void test_point_ruled(void **state)
{
	(void)state;
	small_case c;
	contested_case(&c);
	small_case_rule(small_case_finding(&c, "point.contested"), DECISION_TAKE, "two");
	make(&c);
	check_text(&c, last_tree(&c), "a.txt", "1\n2\n3\n4\n5 free\n6\n7\n8\n9\ntwo\n");
	for (guint i = 0; i < c.m->plan->steps->len; i++)
		assert_int_not_equal(step_at(&c, i)->action, STEP_INTERFACE);
	small_case_rule(small_case_finding(&c, "point.contested"), DECISION_BOTH, NULL);
	make(&c);
	check_text(&c, last_tree(&c), "a.txt", "one\n2\n3\n4\n5 free\n6\n7\n8\n9\ntwo\n");
	small_case_clear(&c);
}

/* One series, and none that changes anything. */
static void test_alone(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "a.txt", ten);
	small_case_patch(&c, "one", "a.txt", "one\n");
	small_case_finish(&c);
	small_case_find(&c);
	make(&c);
	assert_int_equal(c.m->plan->steps->len, 1);
	check_text(&c, last_tree(&c), "a.txt", "one\n");
	small_case_clear(&c);
}

static void test_owners(void **state)
{
	(void)state;
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "MAINTAINERS",
		"List of maintainers\n\nGATES\nM:\tAda <ada@example.org>\nF:\tdrivers/gate/\n"
		"F:\tinclude/linux/gate*.h\nX:\tdrivers/gate/old/\n\n"
		"THE REST\nM:\tBob <bob@example.org>\nF:\t*\nF:\t*/\n");
	small_case_base(&c, "drivers/gate/a.c", "int a;\n");
	small_case_patch(&c, "one", "drivers/gate/a.c", "int b;\n");
	small_case_finish(&c);
	small_case_find(&c);
	make(&c);
	const step *s = step_at(&c, 0);
	assert_int_equal(s->owners->len, 1);
	assert_string_equal(g_ptr_array_index(s->owners, 0), "Ada <ada@example.org> (GATES)");
	small_case_clear(&c);
}

/* The check must see what it is there for. */
static void test_check_sees(void **state)
{
	(void)state;
	small_case c;
	conflicting_case(&c);
	make(&c);
	g_autoptr(GError) err = NULL;
	step *s = g_ptr_array_index(c.m->plan->steps, 0);
	plan_hunk *twice = plan_hunk_new(0, "a.txt", 2);
	g_ptr_array_add(s->hunks, twice);
	assert_false(plan_check(c.m, &err));
	g_clear_error(&err);
	g_ptr_array_set_size(s->hunks, 0);
	assert_false(plan_check(c.m, &err));
	assert_non_null(strstr(err->message, "in no step"));
	g_clear_error(&err);
	g_ptr_array_add(s->hunks, plan_hunk_new(0, "a.txt", 1));
	assert_false(plan_check_trees(c.m, c.repo, &err));
	g_clear_error(&err);
	make(&c);
	small_case_rule(small_case_finding(&c, "text.conflict"), DECISION_BOTH, NULL);
	assert_false(plan_check(c.m, &err));
	assert_non_null(strstr(err->message, "nothing to rule on"));
	g_clear_error(&err);
	small_case_rule(small_case_finding(&c, "text.conflict"), DECISION_NONE, NULL);
	make(&c);
	s = g_ptr_array_index(c.m->plan->steps, 0);
	s->tree = ((series *)g_ptr_array_index(c.m->series, 0))->tip_tree;
	assert_false(plan_check_trees(c.m, c.repo, &err));
	small_case_clear(&c);
}

static void test_apply(void **state)
{
	(void)state;
	small_case c;
	conflicting_case(&c);
	make(&c);
	g_autoptr(GError) err = NULL;
	assert_false(plan_apply(c.m, c.repo, "refs/tags/x", false, &err));
	assert_int_equal(err->code, TRUCE_ERROR_USAGE);
	g_clear_error(&err);
	assert_true(plan_apply(c.m, c.repo, "refs/truce/merged", false, &err));
	oid tip, tree, parent;
	g_autofree char *message = NULL;
	assert_false(plan_apply(c.m, c.repo, "refs/heads/HEAD", false, &err));
	g_clear_error(&err);
	assert_false(plan_apply(c.m, c.repo, "refs/truce/merged/sub", false, &err));
	assert_non_null(strstr(err->message, "refs/truce/merged is in the way"));
	g_clear_error(&err);
	assert_true(repo_get_ref(c.repo, &tip, "refs/truce/merged", &err));
	assert_true(repo_read_commit(c.repo, &tip, &message, NULL, &parent, &tree, &err));
	assert_true(oid_equal(&tree, last_tree(&c)));
	assert_true(oid_equal(&parent, &c.m->base));
	assert_non_null(strstr(message, "Patch: one 1"));
	assert_false(plan_apply(c.m, c.repo, "refs/truce/merged", false, &err));
	g_clear_error(&err);
	assert_true(plan_apply(c.m, c.repo, "refs/truce/merged", true, &err));
	assert_true(plan_apply(c.m, c.repo, "refs/heads/merged", false, &err));
	oid branch;
	assert_true(repo_get_ref(c.repo, &branch, "refs/heads/merged", &err));
	assert_true(oid_equal(&branch, &tip));
	small_case_clear(&c);
}

/* The commit of the step that is patch n of the first series. */
static void read_patch_commit(
	small_case *c, unsigned n, char **message, person *author, GError **err)
{
	oid at, parent;
	assert_true(repo_get_ref(c->repo, &at, "refs/truce/merged", err));
	for (guint i = c->m->plan->steps->len; i-- > 0; at = parent) {
		const step *s = step_at(c, i);
		g_clear_pointer(message, g_free);
		person_clear(author);
		assert_true(repo_read_commit(c->repo, &at, message, author, &parent, NULL, err));
		if (s->whole && g_array_index(s->patches, step_patch, 0).n == n)
			return;
	}
	fail_msg("no step is patch %u", n);
}

static void check_message(const char *given, const char *want)
{
	small_case c;
	small_case_init(&c);
	small_case_base(&c, "a.txt", ten);
	small_case_patch(&c, "one", "a.txt", "one\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
	small_case_patch(&c, "one", "a.txt", "one\n2\n3\n4\n5\n6\n7\n8\n9\nten\n");
	small_case_finish(&c);
	small_case_find(&c);
	series_commit *second = (series_commit *)commit_at(&c, 0, 1);
	g_free(second->message);
	second->message = g_strdup(given);
	g_free(second->author.name);
	second->author.name = g_strdup("A U Thor");
	second->author.time = 1142300000;
	second->author.offset = -480;
	make(&c);
	g_autoptr(GError) err = NULL;
	assert_true(plan_apply(c.m, c.repo, "refs/truce/merged", false, &err));
	g_autofree char *message = NULL;
	person author = {0};
	read_patch_commit(&c, 2, &message, &author, &err);
	assert_string_equal(message, want);
	assert_string_equal(author.name, "A U Thor");
	assert_string_equal(author.email, second->author.email);
	assert_true(author.time == 1142300000 && author.offset == -480);
	person_clear(&author);
	small_case_clear(&c);
}

/* A whole patch keeps its message; truce's lines join its trailers. */
static void test_message_is_kept(void **state)
{
	(void)state;
#define OWN "Step: 2 of 2 (take)\nSeries: one\nPatch: one 2\n"
	check_message("count to ten\n", "count to ten\n\n" OWN);
	check_message("count to ten\n\nAda: I like ten.\nSo do I.\n",
		"count to ten\n\nAda: I like ten.\nSo do I.\n\n" OWN);
	check_message("count to ten\n\nNow.\n\nAcked-by: B <b@x>\nSigned-off-by: A <a@x>\n\n",
		"count to ten\n\nNow.\n\nAcked-by: B <b@x>\nSigned-off-by: A <a@x>\n" OWN);
	check_message("count to ten\n\nSigned-off-by: A <a@x>\n[b: to ten]\n",
		"count to ten\n\nSigned-off-by: A <a@x>\n[b: to ten]\n" OWN);
	check_message("fix: ten\n", "fix: ten\n\n" OWN);
	check_message(
		"ten\n\nsee\nhttp://example.org/\n", "ten\n\nsee\nhttp://example.org/\n\n" OWN);
#undef OWN
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_in_common),
		cmocka_unit_test(test_conflict_waits),
		cmocka_unit_test(test_rulings),
		cmocka_unit_test(test_loser_is_superseded),
		cmocka_unit_test(test_equal_once),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_dependent_waits),
		cmocka_unit_test(test_winner_has_the_name),
		cmocka_unit_test(test_trimmed),
		cmocka_unit_test(test_series_is_plan),
		cmocka_unit_test(test_random_series),
		cmocka_unit_test(test_random_series_together),
		cmocka_unit_test(test_whole_beside_cut),
		cmocka_unit_test(test_whole_needs),
		cmocka_unit_test(test_conditional_definition_waits),
		cmocka_unit_test(test_unbalanced_go_together),
		cmocka_unit_test(test_takeover_goes_together),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_interface_step),
		cmocka_unit_test(test_point_ruled),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_check_sees),
		cmocka_unit_test(test_apply),
		cmocka_unit_test(test_message_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
