/* Answers about units that are kept: given again when nothing that they stand on changed, and anew
 * when any of it did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/batch.h"
#include "engine/errand.h"
#include "engine/internal.h"
#include "engine/question.h"
#include "kernel/ground.h"
#include "support/scratch_db.h"
#include "support/scratch_repo.h"

#define C_FILE "kernel/a.c"
#define HEADER "include/asm-i386/h.h"
#define OTHER "include/asm-i386/other.h"

typedef struct fixture {
	scratch_repo *r;
	scratch *db;
	oid base_tree;
	kernel_tree *base;
} fixture;

#define A_TEXT "#include <asm/h.h>\nint a;\n#ifdef CONFIG_X\nint x;\n#else\nint no_x;\n#endif\n"
#define H_TEXT "#ifdef CONFIG_Y\nint y;\n#endif\n#ifdef CONFIG_X\nint x;\n#endif\n"
#define KCONFIG "config X\n\tbool \"x\"\nconfig Y\n\tbool \"y\"\n"

static int setup(void **state)
{
	fixture *f = g_new0(fixture, 1);
	f->r = scratch_repo_new();
	void *db;
	scratch_setup(&db);
	f->db = db;
	f->base_tree = scratch_tree(f->r, NULL, "Makefile",
		"VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 16\ncore-y := kernel/\n",
		"arch/i386/Makefile", "", "arch/i386/Kconfig", KCONFIG, "arch/i386/defconfig", "",
		"arch/i386/kernel/asm-offsets.c", "int offsets;\n", "kernel/Makefile",
		"obj-y := a.o b.o\n", C_FILE, A_TEXT, "kernel/b.c", "#include <asm/other.h>\n",
		HEADER, H_TEXT, OTHER, "#ifdef CONFIG_Y\nint y;\n#endif\n", "kernel/notes", "n\n",
		NULL);
	g_autofree char *cache = g_build_filename(f->r->dir, "cache", NULL);
	assert_true(kernel_tree_open(&f->base, f->r->repo, &f->base_tree, cache, NULL));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture *f = *state;
	kernel_tree_free(f->base);
	void *db = f->db;
	scratch_teardown(&db);
	scratch_repo_free(f->r);
	g_free(f);
	return 0;
}

/* ---- questions about lines ---- */

/* What is asked, of a tip or of the base. */
typedef struct asked {
	const oid *tree;  /* NULL: the base */
	const char *name; /* of the tree, for who reads a failure */
	const char *path;
	line_range lines;
	const char *given;
	const char *other; /* a header that is wished for beside it; NULL: none */
	line_range other_lines;
	const char *reached_by; /* what was seen to include that; NULL: nothing */
	const char *parsed;
	bool macros, assume;
} asked;

static void free_lines(gpointer lines)
{
	kernel_lines_free(lines);
}

/* What an answer says, in words, with how its units are compiled. */
static char *tell(const kernel_units *all)
{
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < all->units->len; i++) {
		const kernel_unit *u = g_ptr_array_index(all->units, i);
		g_string_append_printf(out, "%s %s", u->unit->path, u->unit->how);
		for (guint k = 0; k < u->ranges->len; k++) {
			const line_range *r = &g_array_index(u->ranges, line_range, k);
			g_string_append_printf(out, " %u-%u", r->first, r->last);
		}
		for (guint k = 0; u->shared && k < u->shared->len; k++) {
			const kernel_lines *l = g_ptr_array_index(u->shared, k);
			g_string_append_printf(out, " %s:%u", l->path,
				g_array_index(l->ranges, line_range, 0).first);
		}
		g_string_append_c(out, '\n');
	}
	for (guint i = 0; i < all->unreached->len; i++) {
		const kernel_unreached *u = g_ptr_array_index(all->unreached, i);
		g_string_append_printf(
			out, "%u-%u: %s\n", u->lines.first, u->lines.last, u->reason);
	}
	return g_string_free(out, FALSE);
}

static kernel_units *answer_of(fixture *f, tree_facts *t, const asked *a, store *db)
{
	(void)f;
	static const char *const prefer[] = {"i386", NULL};
	g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(line_range));
	g_autoptr(GPtrArray) parsed = g_ptr_array_new();
	g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func(free_lines);
	g_array_append_val(ranges, a->lines);
	if (a->parsed)
		g_ptr_array_add(parsed, (gpointer)a->parsed);
	g_ptr_array_add(parsed, NULL);
	if (a->other) {
		kernel_lines *l = g_new0(kernel_lines, 1);
		l->path = g_strdup(a->other);
		l->ranges = g_array_new(FALSE, FALSE, sizeof(line_range));
		g_array_append_val(l->ranges, a->other_lines);
		g_ptr_array_add(others, l);
	}
	if (a->reached_by) {
		g_autoptr(GPtrArray) sets = g_ptr_array_new();
		g_autoptr(fact_set) set = fact_set_new(a->other, &(oid){0});
		g_ptr_array_add(sets, set);
		tree_facts_note_reached(t, a->reached_by, sets);
	}
	const question_terms terms = {.path = a->path,
		.prefer = prefer,
		.ranges = ranges,
		.parsed = parsed,
		.others = a->other ? others : NULL,
		.macros = a->macros,
		.assume = a->assume};
	g_autoptr(question) q = question_new(t, a->given ? a->given : "", &terms);
	kernel_units *units = NULL;
	assert_true(question_answer(&units, q, db, NULL));
	assert_non_null(units);
	for (guint i = 0; i < units->units->len; i++) {
		kernel_unit *u = g_ptr_array_index(units->units, i);
		g_autoptr(analysis_unit) made = NULL;
		if (u->unit->text)
			continue;
		/* What stands for a unit is made when it is needed, and is what it was said to be.
		 */
		assert_true(question_make(&made, q, i, NULL));
		assert_non_null(made->text);
		unit_tell_how(made);
		assert_string_equal(made->how, u->unit->how);
	}
	return units;
}

/* Asks; *kept says whether the answer was kept from earlier. It is the one that a fresh tree and an
 * empty database give, too. */
static void check(fixture *f, const asked *a, bool kept)
{
	tree_facts *t = tree_facts_new(a->tree ? a->tree : &f->base_tree);
	g_autofree char *cache = g_build_filename(f->r->dir, "cache", NULL);
	g_autoptr(kernel_tree) base = NULL;
	assert_true(kernel_tree_open(&base, f->r->repo, &f->base_tree, cache, NULL));
	if (a->tree)
		assert_true(kernel_tree_tip(&t->kernel, base, a->tree, NULL));
	else
		t->kernel = g_steal_pointer(&base);
	g_autoptr(kernel_units) units = answer_of(f, t, a, f->db->db);
	assert_true(units->units->len > 0);
	const kernel_unit *first = g_ptr_array_index(units->units, 0);
	if (!first->unit->text != kept)
		print_message("%s of %s\n", a->path, a->name ? a->name : "the base");
	assert_int_equal(!first->unit->text, kept);

	void *empty;
	scratch_setup(&empty);
	g_autoptr(kernel_units) fresh = answer_of(f, t, a, ((scratch *)empty)->db);
	g_autofree char *said = tell(units);
	g_autofree char *expected = tell(fresh);
	assert_string_equal(said, expected);
	scratch_teardown(&empty);
	tree_facts_free(t);
}

static void test_same_question(void **state)
{
	fixture *f = *state;
	const asked file = {.path = C_FILE, .lines = {3, 6}};
	const asked header = {.path = HEADER, .lines = {1, 6}};
	check(f, &file, false);
	check(f, &file, true);
	check(f, &header, false);
	check(f, &header, true);
}

/* Whatever is asked otherwise is another question. */
static void test_another_question(void **state)
{
	fixture *f = *state;
	const asked first = {.path = HEADER, .lines = {1, 6}};
	check(f, &first, false);
	asked others[5] = {first, first, first, first, first};
	others[0].lines = (line_range){1, 2};
	others[1].given = "a configuration";
	others[2].parsed = C_FILE;
	others[3].assume = true;
	others[4].other = OTHER;
	others[4].other_lines = (line_range){2, 2};
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		check(f, &others[i], false);
		check(f, &others[i], true);
	}
	check(f, &first, true);
}

/* A tip that differs from the base in one file. */
static oid tip_with(fixture *f, const char *path, const char *text)
{
	return scratch_tree(f->r, &f->base_tree, path, text, NULL);
}

/* One change of a tree, and whether answers of before hold after it. */
typedef struct change {
	const char *path, *text;
	bool file_kept, header_kept;
} change;

static const change changes[] = {
	/* The file itself; a header reaches through it. */
	{C_FILE, "#include <asm/h.h>\nint b;\n#ifdef CONFIG_X\nint x;\n#else\nint no_x;\n#endif\n",
		false, false},
	{C_FILE, "int a, b;\n" A_TEXT, false, false},
	/* The header: what it says besides conditions, and these. */
	{HEADER, "#ifdef CONFIG_Y\nlong y;\n#endif\n#ifdef CONFIG_X\nlong x;\n#endif\n", true,
		true},
	{HEADER, "#ifdef CONFIG_Z\nint y;\n#endif\n#ifdef CONFIG_X\nint x;\n#endif\n", true, false},
	{HEADER, "\n" H_TEXT, true, false},
	/* Who includes the header. */
	{"kernel/b.c", "#include <asm/h.h>\n", true, false},
	{"kernel/b.c", "#ifdef CONFIG_X\n#include <asm/other.h>\n#endif\n", true, false},
	{"kernel/b.c", "#include <asm/other.h>\nint b;\n", true, true},
	{"kernel/c.c", "#include <asm/h.h>\n", false, false},
	/* What is configured and built. */
	{"arch/i386/Kconfig", "config X\n\tbool \"x\"\n\tdefault y\nconfig Y\n\tbool \"y\"\n",
		false, false},
	{"arch/i386/defconfig", "CONFIG_Y=y\n", false, false},
	{"kernel/Makefile", "obj-$(CONFIG_X) := a.o b.o\n", false, false},
	{"kernel/Makefile", "obj-y := a.o b.o\nCFLAGS_a.o := -DA\n", false, false},
	{"Makefile", "VERSION = 2\nPATCHLEVEL = 6\nSUBLEVEL = 17\ncore-y := kernel/\n", false,
		false},
	/* A source that a header is generated from; a file of which nobody knows what it is for. */
	{"arch/i386/kernel/asm-offsets.c", "int other_offsets;\n", false, false},
	{"kernel/notes", "m\n", false, false},
};

/* Forgets all answers. */
static void forget(fixture *f)
{
	MUST(sql_script(f->db->db->db, "DELETE FROM cache_choice", err));
}

static void test_changed_trees(void **state)
{
	fixture *f = *state;
	for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
		oid before = tip_with(f, "lib/none.c", "int none;\n");
		const change *c = &changes[i];
		oid after = scratch_tree(f->r, &before, c->path, c->text, NULL);
		asked file = {.tree = &before, .path = C_FILE, .lines = {3, 6}};
		asked header = {.tree = &before, .path = HEADER, .lines = {1, 6}};
		forget(f);
		check(f, &file, false);
		check(f, &header, false);
		file.tree = header.tree = &after;
		file.name = header.name = c->text;
		check(f, &file, c->file_kept);
		check(f, &header, c->header_kept);
		check(f, &file, true);
		check(f, &header, true);
	}
}

/* What other headers a unit takes along: their lines, their conditions, and who was seen to include
 * them. */
static void test_other_headers(void **state)
{
	fixture *f = *state;
	const char *three = "#include <asm/other.h>\n" A_TEXT;
	oid before = tip_with(f, C_FILE, three);
	oid after = scratch_tree(f->r, &before, OTHER, "#ifdef CONFIG_X\nint y;\n#endif\n", NULL);
	oid comment = scratch_tree(f->r, &before, OTHER, "#ifdef CONFIG_Y\nint z;\n#endif\n", NULL);
	asked q = {.tree = &before,
		.path = HEADER,
		.lines = {5, 5},
		.other = OTHER,
		.other_lines = {2, 2}};
	check(f, &q, false);
	check(f, &q, true);
	q.reached_by = "kernel/b.c"; /* which is not asked */
	check(f, &q, true);
	q.reached_by = C_FILE;
	check(f, &q, false);
	check(f, &q, true);
	q.other_lines = (line_range){1, 3};
	check(f, &q, false);
	q.other_lines = (line_range){2, 2};
	check(f, &q, true);
	q.tree = &comment;
	check(f, &q, true);
	q.tree = &after;
	check(f, &q, false);
	q.tree = &before;
	check(f, &q, true);
}

/* What headers define is told from all sources, by all that they hold. */
static void test_macros(void **state)
{
	fixture *f = *state;
	const char *text = "#include <asm/h.h>\n#ifdef M\nint m;\n#endif\n";
	oid before = scratch_tree(f->r, &f->base_tree, C_FILE, text, HEADER,
		"#ifdef CONFIG_X\n#define M\n#endif\n", NULL);
	oid after = scratch_tree(
		f->r, &before, HEADER, "#ifdef CONFIG_X\n#define N\n#define M\n#endif\n", NULL);
	asked q = {.tree = &before, .path = C_FILE, .lines = {3, 3}, .macros = true};
	check(f, &q, false);
	check(f, &q, true);
	q.tree = &after;
	check(f, &q, false);
	check(f, &q, true);
	q.tree = &before;
	check(f, &q, true);
}

/* A damaged answer counts as none. */
static void test_damaged(void **state)
{
	fixture *f = *state;
	const asked file = {.path = C_FILE, .lines = {3, 6}};
	check(f, &file, false);
	MUST(sql_script(f->db->db->db, "UPDATE cache_choice SET size = 8, data = x'00'", err));
	check(f, &file, false);
	check(f, &file, true);
}

/* ---- first readings ---- */

static void free_facts(gpointer facts)
{
	tree_facts_free(facts);
}

/* A reader of one tip, without anything read. */
typedef struct reader {
	kernel_tree *base;
	engine e;
	facts_reader r;
	char *prefer[2];
} reader;

static void reader_init(reader *x, fixture *f, const oid *tree)
{
	g_autofree char *cache = g_build_filename(f->r->dir, "cache", NULL);
	*x = (reader){.e.store = f->db->db, .prefer = {"i386", NULL}};
	assert_true(kernel_tree_open(&x->base, f->r->repo, &f->base_tree, cache, NULL));
	tree_facts *t = tree_facts_new(tree);
	assert_true(kernel_tree_tip(&t->kernel, x->base, tree, NULL));
	x->r = (facts_reader){.engine = &x->e, .given = "", .prefer = x->prefer};
	x->r.trees = g_ptr_array_new_with_free_func(free_facts);
	x->r.settled = g_hash_table_new(g_str_hash, g_str_equal);
	g_ptr_array_add(x->r.trees, t);
}

static void reader_clear(reader *x)
{
	g_hash_table_unref(x->r.settled);
	g_ptr_array_unref(x->r.trees);
	kernel_tree_free(x->base);
}

/* Makes the job of the file (or of a .c file that reaches the header), and says whether its unit is
 * there; NULL: there is none. */
static char *first_reading(fixture *f, const oid *tree, const char *path, const char *symbol)
{
	const char *const symbols[] = {symbol, NULL};
	reader own;
	reader_init(&own, f, tree);
	errand x = {.path = path,
		.reader = compiler_of("a.c"),
		.arch = "i386",
		.symbols = symbol ? symbols : NULL};
	read_job *j = NULL;
	assert_true(g_str_has_suffix(path, ".h") ? errand_header_job(&j, &own.r, 0, path, NULL)
						 : errand_compiler_job(&j, &own.r, &x, NULL));
	char *out =
		j ? g_strdup_printf("%s %s", j->unit->path, j->unit->text ? "made" : "kept") : NULL;
	if (j && !j->unit->text) {
		g_autoptr(analysis_unit) made = NULL;
		assert_true(j->maker.make(&made, j->maker.data, NULL));
		unit_tell_how(made);
		assert_string_equal(made->how, j->unit->how);
	}
	read_job_free(j);
	reader_clear(&own);
	return out;
}

static void check_first(fixture *f, const oid *tree, const char *path, const char *expected)
{
	g_autofree char *said = first_reading(f, tree, path, NULL);
	if (expected)
		assert_string_equal(said, expected);
	else
		assert_null(said);
}

static void test_first_readings(void **state)
{
	fixture *f = *state;
	oid before = f->base_tree;
	check_first(f, &before, C_FILE, "kernel/a.c made");
	check_first(f, &before, C_FILE, "kernel/a.c kept");
	check_first(f, &before, HEADER, "kernel/a.c made");
	check_first(f, &before, HEADER, "kernel/a.c kept");
	g_autofree char *with = first_reading(f, &before, C_FILE, "X");
	g_autofree char *again = first_reading(f, &before, C_FILE, "X");
	assert_string_equal(with, "kernel/a.c made");
	assert_string_equal(again, "kernel/a.c kept");
	for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
		const change *c = &changes[i];
		oid after = tip_with(f, c->path, c->text);
		forget(f);
		check_first(f, &before, C_FILE, "kernel/a.c made");
		check_first(f, &before, HEADER, "kernel/a.c made");
		bool other_file = !strcmp(c->path, C_FILE);
		check_first(
			f, &after, C_FILE, c->file_kept ? "kernel/a.c kept" : "kernel/a.c made");
		/* A header's own content is none of this. */
		bool kept = c->header_kept || !strcmp(c->path, HEADER);
		/* Its includes are: a branch that is added counts, whatever it is. */
		kept &= !(i == 3);
		check_first(f, &after, HEADER,
			kept && !other_file ? "kernel/a.c kept" : "kernel/a.c made");
		check_first(f, &after, C_FILE, "kernel/a.c kept");
	}
}

/* That there is no unit is an answer too. */
static void test_no_unit(void **state)
{
	fixture *f = *state;
	oid lonely = tip_with(f, "include/asm-i386/lonely.h", "int x;\n");
	oid read = scratch_tree(f->r, &lonely, "kernel/b.c", "#include <asm/lonely.h>\n", NULL);
	check_first(f, &lonely, "include/asm-i386/lonely.h", NULL);
	check_first(f, &lonely, "include/asm-i386/lonely.h", NULL);
	check_first(f, &read, "include/asm-i386/lonely.h", "kernel/b.c made");
	check_first(f, &lonely, "include/asm-i386/lonely.h", NULL);
}

static void check_symbols(fixture *f, const oid *tree, const char *expected, guint rows)
{
	reader own;
	reader_init(&own, f, tree);
	g_auto(GStrv) symbols = NULL;
	MUST(errand_switches(&symbols, &own.r, g_ptr_array_index(own.r.trees, 0), "i386", err));
	reader_clear(&own);
	g_autofree char *said = g_strjoinv(" ", symbols);
	assert_string_equal(said, expected);
	gint64 n;
	MUST(sql_number(f->db->db->db, &n, "SELECT count(*) FROM cache_choice", err));
	assert_int_equal(n, rows);
}

/* The switches that a series brings. */
static void test_symbols(void **state)
{
	fixture *f = *state;
	oid one = tip_with(f, "arch/i386/Kconfig", KCONFIG "config Z\n\tbool \"z\"\n");
	oid same = scratch_tree(f->r, &one, C_FILE, "int a;\n", NULL);
	oid two = tip_with(f, "arch/i386/Kconfig", KCONFIG "config W\n\tbool \"w\"\n");
	check_symbols(f, &one, "Z", 1);
	check_symbols(f, &one, "Z", 1);
	check_symbols(f, &same, "Z", 1);
	check_symbols(f, &two, "W", 2);
	check_symbols(f, &f->base_tree, "", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same_question, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_question, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changed_trees, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_headers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_macros, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_first_readings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_unit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_symbols, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
