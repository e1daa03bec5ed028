/* Ops tables: members over all branches, wrapped functions, drafts that the loader accepts, drift.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <string.h>

#include "analyzers/ctext/ctext.h"
#include "base/error.h"
#include "interface/ops.h"

#define TABLE                                                                                      \
	"struct saved { void *func; };\n"                                                          \
	"struct lazy_ops {\n"                                                                      \
	"\tvoid (*enter)(void);\n"                                                                 \
	"};\n"                                                                                     \
	"typedef int probe_fn(struct page *);\n"                                                   \
	"#ifdef CONFIG_DEMO\n"                                                                     \
	"struct demo_mmu_ops {\n"                                                                  \
	"\tint enabled;\n"                                                                         \
	"\tconst char *name;\n"                                                                    \
	"\tvoid (*set_pte)(pte_t *ptep,\n\t\t\tpte_t pteval); /* a (comment */\n"                  \
	"\tunsigned long (fastcall *read_cr3)(void);\n"                                            \
	"#ifdef CONFIG_X86_PAE\n"                                                                  \
	"\tunsigned long long (*pte_val)(pte_t);\n"                                                \
	"#else\n"                                                                                  \
	"\tunsigned long (*pte_val)(pte_t);\n"                                                     \
	"#endif\n"                                                                                 \
	"#ifdef CONFIG_SMP\n"                                                                      \
	"\tvoid (*flush_others)(unsigned cpus);\n"                                                 \
	"#endif\n"                                                                                 \
	"\tprobe_fn *probe;\n"                                                                     \
	"\tstruct saved save_fl;\n"                                                                \
	"\tstruct lazy_ops lazy;\n"                                                                \
	"\tstruct elsewhere other;\n"                                                              \
	"};\n"                                                                                     \
	"#endif\n"                                                                                 \
	"static inline unsigned long save_flags(void)\n"                                           \
	"{\n\treturn CALL0(unsigned long, demo.save_fl);\n}\n"

typedef struct file {
	fact_set *facts;
	GBytes *text;
	GPtrArray *list;
} file;

static bool find(const char *tag, const char *near, const fact_set **facts, GBytes **text,
	void *data, GError **err)
{
	file *f = data;
	(void)near;
	(void)err;
	bool known = strcmp(tag, "elsewhere") != 0 && strcmp(tag, "nothing") != 0;
	*facts = known ? f->facts : NULL;
	*text = known ? f->text : NULL;
	return true;
}

static bool includers(const char *path, const GPtrArray **sets, void *data, GError **err)
{
	(void)path;
	(void)err;
	*sets = ((file *)data)->list;
	return true;
}

static bool include(const char *name, const char *from, const fact_set **facts, GBytes **text,
	void *data, GError **err)
{
	file *f = data;
	(void)err;
	assert_string_equal(name, "list.h");
	assert_string_equal(from, "include/demo.h");
	*facts = f->facts; /* the list stands in the same file */
	*text = f->text;
	return true;
}

static file file_of(const char *text)
{
	oid blob = {0};
	file f = {fact_set_new("include/demo.h", &blob), g_bytes_new(text, strlen(text)),
		g_ptr_array_new()};
	ctext_read(f.facts, text, strlen(text));
	fact_set_finish(f.facts);
	g_ptr_array_add(f.list, f.facts);
	return f;
}

static void file_clear(file *f)
{
	g_ptr_array_unref(f->list);
	g_bytes_unref(f->text);
	fact_set_free(f->facts);
}

static ops_table *read_table(const char *text)
{
	static const char *const tags[] = {"demo_mmu_ops", NULL};
	file f = file_of(text);
	ops_source source = {find, includers, include, &f};
	ops_table *t = NULL;
	g_autoptr(GError) err = NULL;
	assert_true(ops_read(&t, tags, false, &source, &err));
	assert_null(err);
	file_clear(&f);
	return t;
}

static void reads_every_branch(void **state)
{
	(void)state;
	static const struct {
		const char *record, *name, *type, *condition;
	} wanted[] = {
		{"demo_mmu_ops", "set_pte", "void (pte_t *ptep, pte_t pteval)", ""},
		{"demo_mmu_ops", "read_cr3", "unsigned long (void)", ""},
		{"demo_mmu_ops", "pte_val", "unsigned long long (pte_t)",
			"defined(CONFIG_X86_PAE)"},
		{"demo_mmu_ops", "flush_others", "void (unsigned int cpus)", "defined(CONFIG_SMP)"},
		{"demo_mmu_ops", "probe", "int (struct page *)", ""},
		{"demo_mmu_ops", "save_fl", "unsigned long (void)", ""},
		{"lazy_ops", "enter", "void (void)", ""},
	};
	g_autoptr(ops_table) t = read_table(TABLE);
	assert_int_equal(t->members->len, G_N_ELEMENTS(wanted));
	for (guint i = 0; i < t->members->len; i++) {
		const ops_member *m = g_ptr_array_index(t->members, i);
		assert_string_equal(m->record, wanted[i].record);
		assert_string_equal(m->name, wanted[i].name);
		assert_string_equal(m->signature, wanted[i].type);
		assert_string_equal(m->condition, wanted[i].condition);
		assert_string_equal(m->path, "include/demo.h");
	}
	const ops_member *value = ops_table_find(t, NULL, "pte_val");
	assert_int_equal(value->variants->len, 1);
	assert_string_equal(g_ptr_array_index(value->variants, 0), "unsigned long (pte_t)");
	assert_string_equal(ops_table_find(t, NULL, "read_cr3")->convention, "fastcall");
	assert_string_equal(ops_table_find(t, NULL, "save_fl")->wrapper, "struct saved");
	assert_string_equal(ops_table_find(t, NULL, "set_pte")->group, "mmu");
	assert_int_equal(t->records->len, 2);
}

static void says_what_the_tree_lacks(void **state)
{
	(void)state;
	static const char *const tags[] = {"nothing", NULL};
	file f = file_of(TABLE);
	ops_source source = {find, includers, include, &f};
	g_autoptr(ops_table) t = NULL;
	g_autoptr(GError) err = NULL;
	assert_false(ops_read(&t, tags, false, &source, &err));
	g_autofree char *text = error_text(err);
	assert_string_equal(text, "the tree defines no struct or union 'nothing'");
	assert_true(ops_read(&t, tags, true, &source, NULL));
	assert_int_equal(t->members->len, 0);
	file_clear(&f);
}

static catalogue *draft_of(const ops_table *t)
{
	g_autoptr(GString) yaml = g_string_new(NULL);
	ops_draft(yaml, t, "demo", "it's 1: #", "FILL");
	assert_non_null(strstr(yaml->str, "\n    # required: when X86_PAE\n"));
	g_autoptr(GBytes) bytes = g_bytes_new(yaml->str, yaml->len);
	g_autoptr(GError) err = NULL;
	catalogue *c = NULL;
	if (!catalogue_read(&c, "draft.yaml", bytes, &err))
		fail_msg("%s\n%s", err->message, yaml->str);
	return c;
}

static void drafts_load(void **state)
{
	(void)state;
	g_autoptr(ops_table) t = read_table(TABLE);
	g_autoptr(catalogue) c = draft_of(t);
	assert_int_equal(catalogue_length(c), t->members->len);
	const point *p = catalogue_point(c, 2);
	assert_string_equal(p->id, "mmu.pte_val");
	assert_int_equal(p->required, REQUIRED_UNSAID); /* in a comment only */
	assert_int_equal(p->variants->len, 1);
	assert_string_equal(
		point_term(catalogue_point(c, 1), CONTRACT_CONVENTION, NULL), "fastcall");
	g_autoptr(catalogue_info) info = catalogue_describe(c);
	assert_string_equal(info->version, "it's 1: #");
}

static void assert_drift(const GPtrArray *all, guint i, ops_drift_kind kind, const char *name,
	const char *was, const char *is)
{
	assert_true(i < all->len);
	const ops_drift *d = g_ptr_array_index(all, i);
	assert_int_equal(d->kind, kind);
	assert_string_equal(d->name, name);
	assert_int_equal(g_strcmp0(d->was, was), 0);
	assert_int_equal(g_strcmp0(d->is, is), 0);
}

static void tells_drift(void **state)
{
	(void)state;
	g_autoptr(ops_table) t = read_table(TABLE);
	g_autoptr(catalogue) c = draft_of(t);
	g_autoptr(GPtrArray) none = g_ptr_array_new_with_free_func((GDestroyNotify)ops_drift_free);
	ops_compare(none, c, t);
	assert_int_equal(none->len, 0);
	g_autoptr(ops_table) other = read_table("struct demo_mmu_ops {\n"
						"\tvoid (*set_pte)(pte_t *p, unsigned long v);\n"
						"\tunsigned long (*pte_val)(pte_t);\n"
						"\tunsigned long (*read_cr3)(void);\n"
						"\tint (*probe)(struct page *);\n"
						"\tvoid (*brand_new)(int);\n"
						"};\n");
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)ops_drift_free);
	ops_compare(all, c, other);
	assert_int_equal(all->len, 5);
	assert_drift(all, 0, OPS_SIGNATURE, "mmu.set_pte", "void (pte_t *ptep, pte_t pteval)",
		"void (pte_t *p, unsigned long v)");
	assert_drift(all, 1, OPS_REMOVED, "mmu.flush_others", "void (unsigned int cpus)", NULL);
	assert_drift(all, 2, OPS_REMOVED, "mmu.save_fl", "unsigned long (void)", NULL);
	assert_drift(all, 3, OPS_REMOVED, "lazy.enter", "void (void)", NULL);
	assert_drift(all, 4, OPS_ADDED, "mmu.brand_new", NULL, "void (int)");
}

/* Members that a list of macros makes. */
static void expands_lists_of_macros(void **state)
{
	(void)state;
	g_autoptr(ops_table) t = read_table("HOOK(int, 0, open, struct file *f, unsigned mode)\n"
					    "#ifdef CONFIG_NET\n"
					    "HOOK(void, 0, bind,\n\tstruct sock *s)\n"
					    "#endif\n"
					    "HOOK(int, 0, none, void)\n"
					    "union demo_mmu_ops {\n"
					    "\t#define HOOK(R, D, N, ...) R (*N)(__VA_ARGS__);\n"
					    "\t#include \"list.h\"\n"
					    "\t#undef HOOK\n"
					    "};\n"
					    "struct heads {\n"
					    "\t#define HOOK(R, D, N, ...) struct head N;\n"
					    "\t#include \"list.h\"\n"
					    "};\n");
	static const char *const wanted[][3] = {
		{"open", "int (struct file *f, unsigned int mode)", ""},
		{"bind", "void (struct sock *s)", "defined(CONFIG_NET)"},
		{"none", "int (void)", ""},
	};
	assert_int_equal(t->members->len, G_N_ELEMENTS(wanted));
	for (guint i = 0; i < t->members->len; i++) {
		const ops_member *m = g_ptr_array_index(t->members, i);
		assert_string_equal(m->name, wanted[i][0]);
		assert_string_equal(m->signature, wanted[i][1]);
		assert_string_equal(m->condition, wanted[i][2]);
	}
}

static void groups_are_told_from_tags(void **state)
{
	(void)state;
	static const char *const tags[][2] = {{"pv_mmu_ops", "mmu"}, {"paravirt_ops", "paravirt"},
		{"file_operations", "file"}, {"x", "x"}, {"_ops", "ops"}, {"odd_", "odd_"}};
	for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
		g_autofree char *group = ops_group(tags[i][0]);
		assert_string_equal(group, tags[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_branch),
		cmocka_unit_test(says_what_the_tree_lacks),
		cmocka_unit_test(drafts_load),
		cmocka_unit_test(tells_drift),
		cmocka_unit_test(expands_lists_of_macros),
		cmocka_unit_test(groups_are_told_from_tags),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
