/* Touches and shadow copies, on small trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzers/list.h"
#include "facts/touches.h"

/* A file of a tree: NULL ends a list. */
typedef struct tree_file {
	const char *path, *text;
} tree_file;

typedef struct fixture {
	char *dir;
	repo *r;
	series *s;
	touch_set *touches;
	GHashTable *base, *tip;
} fixture;

static void git(const char *dir, const char *first, ...)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_ptr_array_add(argv, (gpointer) "git");
	va_list rest;
	va_start(rest, first);
	for (const char *arg = first; arg; arg = va_arg(rest, const char *))
		g_ptr_array_add(argv, (gpointer)arg);
	va_end(rest);
	g_ptr_array_add(argv, NULL);
	int status = -1;
	g_autoptr(GError) error = NULL;
	g_spawn_sync(dir, (char **)argv->pdata, NULL,
		G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
		NULL, NULL, NULL, &status, &error);
	assert_null(error);
	assert_int_equal(status, 0);
}

static void commit(const char *dir, const tree_file *files)
{
	git(dir, "rm", "-rq", "--ignore-unmatch", ".", NULL);
	for (; files->path; files++) {
		g_autofree char *path = g_build_filename(dir, files->path, NULL);
		g_autofree char *folder = g_path_get_dirname(path);
		assert_int_equal(g_mkdir_with_parents(folder, 0755), 0);
		assert_true(g_file_set_contents(path, files->text, -1, NULL));
	}
	git(dir, "add", "-A", NULL);
	git(dir, "-c", "user.name=Tester", "-c", "user.email=tester@example.org", "commit", "-q",
		"--allow-empty", "-m", "x", NULL);
}

static void read_set(fixture *f, GHashTable *sets, const char *path, const oid *blob)
{
	g_autoptr(GBytes) bytes = NULL;
	if (g_hash_table_contains(sets, path))
		return;
	assert_true(repo_read_blob(f->r, &bytes, blob, NULL));
	analysis_unit u = {.path = (char *)path, .blob = *blob, .text = bytes};
	g_autoptr(GPtrArray) readers = g_ptr_array_new();
	analyzers_for(readers, path);
	g_auto(fact_sink) sink;
	fact_sink_init(&sink);
	fact_set *all = fact_set_new(path, blob);
	for (guint i = 0; i < readers->len; i++) {
		const analyzer *a = g_ptr_array_index(readers, i);
		if (!a->needs_layout)
			assert_true(a->run(&u, &sink, NULL));
	}
	for (guint i = 0; i < sink.sets->len; i++)
		fact_set_merge(all, g_ptr_array_index(sink.sets, i));
	fact_set_finish(all);
	g_hash_table_insert(sets, all->path, all);
}

static fixture *compare(const tree_file *base, const tree_file *tip)
{
	fixture *f = g_new0(fixture, 1);
	f->dir = g_dir_make_tmp("truce-test-XXXXXX", NULL);
	assert_non_null(f->dir);
	git(f->dir, "init", "-q", NULL);
	commit(f->dir, base);
	commit(f->dir, tip);
	f->s = series_new("tip");
	f->touches = touch_set_new();
	f->base =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)fact_set_free);
	f->tip =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)fact_set_free);
	assert_true(repo_open(&f->r, f->dir, NULL));
	assert_true(repo_resolve(f->r, &f->s->base, "HEAD~1", NULL));
	assert_true(repo_resolve(f->r, &f->s->tip, "HEAD", NULL));
	assert_true(repo_commit_tree(f->r, &f->s->base_tree, &f->s->base, NULL));
	assert_true(repo_commit_tree(f->r, &f->s->tip_tree, &f->s->tip, NULL));
	assert_true(repo_diff(f->r, &f->s->changes, &f->s->base_tree, &f->s->tip_tree, NULL));
	for (guint i = 0; i < f->s->changes->len; i++) {
		const file_change *c = g_ptr_array_index(f->s->changes, i);
		for (guint k = 0; k < c->hunks->len; k++) { /* all by patch 1 */
			const change_hunk *h = &g_array_index(c->hunks, change_hunk, k);
			for (unsigned n = 0; h->new_patch && n < h->new_count; n++)
				h->new_patch[n] = 1;
			for (unsigned n = 0; h->old_patch && n < h->old_count; n++)
				h->old_patch[n] = 1;
		}
	}
	assert_true(facts_find_shadows(f->touches, f->r, f->s, NULL));
	for (guint i = 0; i < f->s->changes->len; i++) {
		const file_change *c = g_ptr_array_index(f->s->changes, i);
		tree_entry entry;
		const char *origin = touch_set_origin(f->touches, c->path);
		if (c->status != CHANGE_ADDED)
			read_set(f, f->base, c->path, &c->old_oid);
		if (c->status != CHANGE_DELETED)
			read_set(f, f->tip, c->path, &c->new_oid);
		if (origin && repo_lookup(f->r, &f->s->base_tree, origin, &entry, NULL))
			read_set(f, f->base, origin, &entry.id);
	}
	for (guint i = 0; i < f->touches->functions->len; i++) {
		const char *path = g_array_index(f->touches->functions, function_copy, i).origin;
		tree_entry entry;
		assert_true(repo_lookup(f->r, &f->s->base_tree, path, &entry, NULL));
		read_set(f, f->base, path, &entry.id);
	}
	series_reading reading = {f->s, f->base, f->tip, f->touches};
	facts_find_touches(f->touches, &reading);
	return f;
}

static void fixture_free(fixture *f)
{
	git(f->dir, "rm", "-rq", "--ignore-unmatch", ".", NULL);
	g_autofree char *command = g_strdup_printf("rm -rf '%s'", f->dir);
	g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL);
	g_free(f->dir);
	repo_free(f->r);
	touch_set_free(f->touches);
	g_hash_table_unref(f->base);
	g_hash_table_unref(f->tip);
	series_free(f->s);
	g_free(f);
}

/* All touches, one line each. */
static char *told(const fixture *f)
{
	GString *out = g_string_new(NULL);
	for (guint i = 0; i < f->touches->shadows->len; i++) {
		const shadow_copy *c = &g_array_index(f->touches->shadows, shadow_copy, i);
		g_string_append_printf(out, "copy %s of %s\n", c->path, c->origin);
	}
	for (guint i = 0; i < f->touches->functions->len; i++) {
		const function_copy *c = &g_array_index(f->touches->functions, function_copy, i);
		g_string_append_printf(out, "function %s %s:%u of %s %s:%u\n", c->name, c->path,
			c->line, c->origin_name, c->origin, c->origin_line);
	}
	for (guint i = 0; i < f->touches->touches->len; i++) {
		const touch *t = &g_array_index(f->touches->touches, touch, i);
		g_string_append_printf(out, "%s %s %s", touch_change_name(t->change),
			t->is_use ? use_kind_name(t->use) : entity_kind_name(t->entity), t->name);
		if (t->is_use)
			g_string_append_printf(out, " in '%s'", t->in);
		if (t->base.path)
			g_string_append_printf(out, " base %s:%u", t->base.path, t->base.line);
		if (t->tip.path)
			g_string_append_printf(out, " tip %s:%u", t->tip.path, t->tip.line);
		if (t->origin)
			g_string_append_printf(out, " copy");
		g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

static void check(const tree_file *base, const tree_file *tip, const char *expected)
{
	fixture *f = compare(base, tip);
	g_autofree char *got = told(f);
	if (strcmp(got, expected))
		fail_msg("expected:\n%s\ngot:\n%s", expected, got);
	fixture_free(f);
}

static void edits_in_place(void **state)
{
	(void)state;
	const tree_file base[] = {{"a.c", "int f(int x)\n{\n\tone(x);\n\ttwo(x);\n\treturn 1;\n}\n"
					  "int g(void) { return three(); }\n"
					  "int gone(void) { return four(); }\n"},
		{NULL, NULL}};
	const tree_file tip[] = {
		{"a.c", "int g(void) { return three(); }\n\n"
			"int f(int x)\n{\n\ttwo(x);\n\tone(x + 1);\n\tnewer(x);\n\treturn 1;\n}\n"
			"long added(void) { return 5; }\n"},
		{NULL, NULL}};
	check(base, tip,
		"changed function f base a.c:1 tip a.c:3\n"
		"changed call one in 'f' base a.c:3 tip a.c:6\n"
		"added call newer in 'f' tip a.c:7\n"
		"removed function gone base a.c:8\n"
		"removed call four in 'gone' base a.c:8\n"
		"added function added tip a.c:10\n");
}

static void layout_and_comments_are_no_touch(void **state)
{
	(void)state;
	const tree_file base[] = {
		{"a.c", "int f(int x) { return g(x + 1); }\n#define M(a) h(a)\n"}, {NULL, NULL}};
	const tree_file tip[] = {{"a.c", "/* x */\nint f(int x)\n{\n\treturn g(x+1);\n}\n"
					 "#define M(a) \\\n\th(a)\n"},
		{NULL, NULL}};
	check(base, tip, "");
}

static void moves_between_files(void **state)
{
	(void)state;
	const tree_file base[] = {{"include/asm-x/system.h", "#define stop() asm(\"hlt\")\n"
							     "#define off() asm(\"cli\")\n"
							     "#define keep() 1\n"},
		{NULL, NULL}};
	const tree_file tip[] = {
		{"include/asm-x/system.h", "#include <mach.h>\n#define keep() 1\n"},
		{"include/asm-x/mach-a/mach.h", "#define stop() asm(\"hlt\")\n"
						"#define off() asm(\"cli; nop\")\n"},
		{NULL, NULL}};
	check(base, tip,
		"moved macro stop base include/asm-x/system.h:1 tip include/asm-x/mach-a/mach.h:1\n"
		"changed macro off base include/asm-x/system.h:2 tip "
		"include/asm-x/mach-a/mach.h:2\n"
		"added instruction nop in 'off' tip include/asm-x/mach-a/mach.h:2\n"
		"added include mach.h in '' tip include/asm-x/system.h:1\n");
}

static void a_new_condition_is_a_move(void **state)
{
	(void)state;
	const tree_file base[] = {{"a.h", "int x;\nvoid f(void) { g(); }\n"}, {NULL, NULL}};
	const tree_file tip[] = {
		{"a.h", "int x;\n#ifndef OWN_F\nvoid f(void) { g(); }\n#endif\n"}, {NULL, NULL}};
	check(base, tip, "moved function f base a.h:2 tip a.h:3\n");
}

#define TRAPS_HEAD                                                                                 \
	"#include <linux/traps.h>\n#include <linux/sched.h>\n"                                     \
	"static int count_of_faults;\nstatic int last_fault_address;\n"                            \
	"int report_fault(int address)\n{\n\tlast_fault_address = address;\n"                      \
	"\tcount_of_faults++;\n\treturn deliver_signal(address);\n}\n"                             \
	"int fault_is_serious(int address)\n{\n\treturn address > last_fault_address;\n}\n"        \
	"void reset_faults(void)\n{\n\tcount_of_faults = 0;\n\tlast_fault_address = 0;\n}\n"
#define TRAPS_OLD TRAPS_HEAD "void stop_machine(void)\n{\n\tasm volatile(\"hlt\");\n}\n"
#define TRAPS_NEW TRAPS_HEAD "void stop_machine(void)\n{\n\tvendor_stop(1);\n}\n"

static void a_copy_is_told_against_its_origin(void **state)
{
	(void)state;
	const tree_file base[] = {{"arch/x/traps.c", TRAPS_OLD}, {NULL, NULL}};
	const tree_file tip[] = {
		{"arch/x/traps.c", TRAPS_OLD}, {"arch/x/traps-v.c", TRAPS_NEW}, {NULL, NULL}};
	check(base, tip,
		"copy arch/x/traps-v.c of arch/x/traps.c\n"
		"changed function stop_machine base arch/x/traps.c:20 tip arch/x/traps-v.c:20 "
		"copy\n"
		"added call vendor_stop in 'stop_machine' tip arch/x/traps-v.c:22 copy\n"
		"removed instruction hlt in 'stop_machine' base arch/x/traps.c:22 copy\n");
}

static void a_copy_is_found_by_content(void **state)
{
	(void)state;
	const tree_file base[] = {{"arch/x/traps.c", TRAPS_OLD},
		{"arch/x/other.c", "int other_thing(void)\n{\n\treturn something_else();\n}\n"},
		{NULL, NULL}};
	const tree_file tip[] = {{"arch/x/traps.c", TRAPS_OLD},
		{"arch/x/other.c", "int other_thing(void)\n{\n\treturn something_else();\n}\n"},
		{"drivers/v/machine.c", TRAPS_NEW}, {NULL, NULL}};
	fixture *f = compare(base, tip);
	assert_int_equal(f->touches->shadows->len, 1);
	assert_string_equal(touch_set_origin(f->touches, "drivers/v/machine.c"), "arch/x/traps.c");
	fixture_free(f);
}

#define HOOKS_GUARD(body) "#ifndef MACHINE_HOOKS_H\n#define MACHINE_HOOKS_H\n" body "#endif\n"
#define HOOKS_DEFAULT                                                                              \
	HOOKS_GUARD("static inline unsigned char nmi_reason(void)\n{\n\treturn inb(0x61);\n}\n"    \
		    "static inline void nmi_again(void)\n{\n\tint old = -1;\n"                     \
		    "\tif (cmos_is_locked())\n\t\told = cmos_register();\n\telse\n"                \
		    "\t\tcmos_lock(0);\n\toutb(0x8f, 0x70);\n\tinb(0x71);\n"                       \
		    "\tif (old >= 0)\n\t\toutb(old, 0x70);\n\telse\n\t\tcmos_unlock();\n}\n")
#define HOOKS_V                                                                                    \
	HOOKS_GUARD("static inline unsigned char nmi_reason(void)\n{\n"                            \
		    "\tstruct vendor_page *page = vendor_shared_page;\n"                           \
		    "\tunsigned char reason = 0;\n"                                                \
		    "\tif (vendor_test(VENDOR_IO_ERROR, &page->reason))\n"                         \
		    "\t\treason |= 0x40;\n"                                                        \
		    "\tif (vendor_test(VENDOR_PARITY, &page->reason))\n"                           \
		    "\t\treason |= 0x80;\n\tvendor_count(reason);\n\tvendor_log(page);\n"          \
		    "\tvendor_clear(page);\n\tvendor_done(page);\n\treturn reason;\n}\n"           \
		    "static inline void nmi_again(void)\n{\n}\n")

/* A machine's header in place of the one for all machines shares little but what it is for. */
static void what_stands_in_for_the_default_is_told_against_it(void **state)
{
	(void)state;
	const tree_file base[] = {{"include/m/mach-default/hooks.h", HOOKS_DEFAULT}, {NULL, NULL}};
	const tree_file tip[] = {{"include/m/mach-default/hooks.h", HOOKS_DEFAULT},
		{"include/m/mach-v/hooks.h", HOOKS_V}, {"include/w/board/hooks.h", HOOKS_V},
		{NULL, NULL}};
	fixture *f = compare(base, tip);
	assert_string_equal(touch_set_origin(f->touches, "include/m/mach-v/hooks.h"),
		"include/m/mach-default/hooks.h");
	assert_null(touch_set_origin(f->touches, "include/w/board/hooks.h"));
	fixture_free(f);
}

static void moved_code_and_boilerplate_are_no_copy(void **state)
{
	(void)state;
	static const char licence[] =
		"/*\n * This program is free software; you can redistribute it\n"
		" * under the terms of the GNU General Public License.\n"
		" * It is distributed without any warranty at all, even of\n"
		" * merchantability or fitness for a particular purpose.\n */\n"
		"#include <linux/module.h>\n#include <linux/init.h>\n";
	g_autofree char *one = g_strconcat(licence, "int first_driver(void) { return 1; }\n", NULL);
	g_autofree char *two =
		g_strconcat(licence, "int second_driver(void) { return 2; }\n", NULL);
	g_autofree char *new = g_strconcat(licence, "int third(void) { return go(3); }\n", NULL);
	const tree_file base[] = {{"a/traps.c", TRAPS_OLD}, {"drivers/one.c", one},
		{"drivers/two.c", two}, {NULL, NULL}};
	const tree_file tip[] = {{"a/traps.c", "int nothing_left;\n"}, {"a/faults.c", TRAPS_OLD},
		{"drivers/one.c", one}, {"drivers/two.c", two}, {"drivers/three.c", new},
		{NULL, NULL}};
	fixture *f = compare(base, tip);
	assert_int_equal(f->touches->shadows->len, 0);
	fixture_free(f);
}

#define FIX_BODY(stop)                                                                             \
	"(struct task *t, unsigned long where)\n{\n\tstruct page *page = find_page(t, where);\n"   \
	"\tint tries = FAULT_TRIES;\n\n\tif (!page)\n\t\treturn -ENOENT;\n"                        \
	"\twhile (tries-- > 0) {\n\t\tlock_fault(t);\n\t\tpage->state = FAULT_OPEN;\n\t\t" stop    \
	"\n\t\tunlock_fault(t);\n\t}\n\trelease_page(t, page);\n\treturn tries;\n}\n"
#define FIX_OLD "static int fix_fault" FIX_BODY("asm volatile(\"cli\");")
#define OTHER "int other_thing(int x)\n{\n\treturn something_else(x, x + 1, FAULT_TRIES);\n}\n"

static void a_copied_function_is_told_against_its_origin(void **state)
{
	(void)state;
	const tree_file base[] = {
		{"arch/x/fault.c", FIX_OLD OTHER}, {"drivers/v/main.c", "int v;\n"}, {NULL, NULL}};
	const tree_file tip[] = {{"arch/x/fault.c", FIX_OLD OTHER},
		{"drivers/v/main.c", "int v;\n\nstatic int v_fix" FIX_BODY("v_stop(t);")},
		{NULL, NULL}};
	check(base, tip,
		"function v_fix drivers/v/main.c:3 of fix_fault arch/x/fault.c:1\n"
		"removed instruction cli in 'fix_fault' base arch/x/fault.c:11 copy\n"
		"changed function v_fix base arch/x/fault.c:1 tip drivers/v/main.c:3 copy\n"
		"added call v_stop in 'v_fix' tip drivers/v/main.c:13 copy\n");
}

static void a_function_copied_as_it_is_brings_nothing_new(void **state)
{
	(void)state;
	const tree_file base[] = {{"arch/x/fault.c", FIX_OLD OTHER}, {NULL, NULL}};
	const tree_file tip[] = {{"arch/x/fault.c", FIX_OLD OTHER},
		{"drivers/v/main.c",
			"int v;\n\nstatic int v_fix" FIX_BODY(
				"asm volatile(\"cli\");") "int v2;\nint v3(void) { return "
							  "other_thing(v); }\n"},
		{NULL, NULL}};
	fixture *f = compare(base, tip);
	g_autofree char *got = told(f);
	assert_non_null(strstr(got, "function v_fix drivers/v/main.c:3 of fix_fault"));
	assert_non_null(
		strstr(got, "moved function v_fix base arch/x/fault.c:1 tip drivers/v/main.c:3"));
	assert_null(strstr(got, "instruction"));
	assert_null(strstr(got, "in 'fix_fault'"));
	assert_null(strstr(got, "in 'v_fix'"));
	fixture_free(f);
}

/* The origin goes with the same series: told as well. */
static void a_copy_of_a_removed_function_is_found(void **state)
{
	(void)state;
	const tree_file base[] = {{"arch/x/fault.c", FIX_OLD OTHER}, {NULL, NULL}};
	const tree_file tip[] = {{"arch/x/fault.c", OTHER},
		{"drivers/v/main.c", "int v_fix" FIX_BODY("v_stop(t);")}, {NULL, NULL}};
	fixture *f = compare(base, tip);
	assert_int_equal(f->touches->functions->len, 1);
	const function_copy *c = &g_array_index(f->touches->functions, function_copy, 0);
	assert_string_equal(c->origin_name, "fix_fault");
	assert_int_equal(c->origin_end, 16);
	assert_true(c->similarity > 70 && c->similarity < 100);
	fixture_free(f);
}

/* What many files of the base do alike is an idiom. */
static void idioms_are_no_copies(void **state)
{
	(void)state;
#define PROBE(n)                                                                                   \
	"static int " n "_probe(struct device *dev)\n{\n\tint err = enable_device(dev);\n"         \
	"\tif (err)\n\t\treturn err;\n\terr = request_regions(dev);\n\tif (err) {\n"               \
	"\t\tdisable_device(dev);\n\t\treturn err;\n\t}\n\tset_master(dev);\n\t" n                 \
	"_setup(dev, " n "_first, " n "_second, " n "_third, " n "_fourth, " n "_fifth);\n\t" n    \
	"_start(dev->one, " n "_table, dev->two, " n "_mode, " n "_irq, dev->three, " n            \
	"_flags);\n\treturn " n "_register(" n "_ops, " n "_name, dev, " n "_class);\n}\n"
	const tree_file base[] = {{"drivers/one.c", PROBE("one")}, {"drivers/two.c", PROBE("two")},
		{"drivers/three.c", PROBE("three")}, {"drivers/four.c", PROBE("four")},
		{NULL, NULL}};
	const tree_file tip[] = {{"drivers/one.c", PROBE("one")}, {"drivers/two.c", PROBE("two")},
		{"drivers/three.c", PROBE("three")}, {"drivers/four.c", PROBE("four")},
		{"drivers/five.c", "int own_five;\n" PROBE("five")}, {NULL, NULL}};
	fixture *f = compare(base, tip);
	assert_int_equal(f->touches->functions->len, 0);
	fixture_free(f);
}

/* What many functions of one file have is a frame of that file. */
static void frames_of_a_file_are_no_copies(void **state)
{
	(void)state;
#define COMMAND(n)                                                                                 \
	"static int do_" n "(struct request *req, struct info *info)\n{\n\tstruct device *dev;\n"  \
	"\tint err;\n\n\tlock_all();\n\terr = device_of_request(req, info, &dev);\n\tif (err)\n"   \
	"\t\tgoto unlock;\n\tif (!dev->ops->" n                                                    \
	") {\n\t\terr = -EOPNOTSUPP;\n\t\tgoto out;\n\t}\n"                                        \
	"\terr = dev->ops->" n "(dev, info->" n "_arg);\nout:\n\tput_device(dev);\nunlock:\n"      \
	"\tunlock_all();\n\treturn err;\n}\n\n"
	static const char old[] = COMMAND("open") COMMAND("close") COMMAND("start") COMMAND("stop")
		COMMAND("read") COMMAND("write") COMMAND("scan") COMMAND("join") COMMAND("leave")
			COMMAND("flush") COMMAND("probe") COMMAND("erase") COMMAND("tune")
				COMMAND("mute");
	g_autofree char *more = g_strconcat(old, COMMAND("reset"), NULL);
	const tree_file base[] = {{"net/commands.c", old}, {NULL, NULL}};
	const tree_file tip[] = {{"net/commands.c", more}, {NULL, NULL}};
	fixture *f = compare(base, tip);
	assert_int_equal(f->touches->functions->len, 0);
	fixture_free(f);
}

/* A licence that no other file has, and the same includes, are no code. */
static void a_shared_head_is_no_copy(void **state)
{
	(void)state;
#define HEAD                                                                                       \
	"/*\n * This file may be linked into anything,\n * without any restriction that\n * "      \
	"would "                                                                                   \
	"come from its use.\n * The restrictions do apply\n * in other respects, though;\n * for " \
	"example they cover\n * modification of the file,\n * and also distribution\n * when it "  \
	"is "                                                                                      \
	"not linked.\n * There is no warranty of\n * any kind at all, and\n * not for a "          \
	"purpose.\n * "                                                                            \
	"Whoever got the file\n * should have got a copy\n * of the licence with it.\n * If not, " \
	"then write to the\n * people who made it, and\n * ask them for another.\n */\n"           \
	"#include <linux/linkage.h>\n#include <asm/division.h>\n\n"
	const tree_file base[] = {
		{"lib/divide.S", HEAD "ENTRY(divide)\n\tclz r2, r1\n\trsb r2, r2, #31\n"
				      "\tmov r0, r0, lsr r2\n\tmov pc, lr\n"},
		{NULL, NULL}};
	const tree_file tip[] = {base[0],
		{"lib/shift.S", HEAD "ENTRY(shift)\n\tsubs r3, r2, #32\n\trsb ip, r2, #32\n"
				     "\tmovmi r1, r1, lsl r2\n\tmov pc, lr\n"},
		{NULL, NULL}};
	fixture *f = compare(base, tip);
	assert_int_equal(f->touches->shadows->len, 0);
	fixture_free(f);
}

/* Neither are registers that are saved and taken back. */
static void saved_registers_are_no_copy(void **state)
{
	(void)state;
#define SAVED                                                                                      \
	"\t[--sp] = i0;\n\t[--sp] = i1;\n\t[--sp] = i2;\n\t[--sp] = i3;\n\t[--sp] = l0;\n"          \
	"\t[--sp] = l1;\n\t[--sp] = l2;\n\t[--sp] = l3;\n\t[--sp] = m0;\n\t[--sp] = m1;\n"
#define TAKEN_BACK                                                                                 \
	"\tm1 = [sp++];\n\tm0 = [sp++];\n\tl3 = [sp++];\n\tl2 = [sp++];\n\tl1 = [sp++];\n"          \
	"\tl0 = [sp++];\n\ti3 = [sp++];\n\ti2 = [sp++];\n\ti1 = [sp++];\n\ti0 = [sp++];\n\trts;\n"
	const tree_file base[] = {
		{"arch/x/sleep.S", "ENTRY(sleep)\n" SAVED "\tcall _set_clock;\n\tidle;\n"
				   "\tssync;\n" TAKEN_BACK "ENDPROC(sleep)\n"},
		{NULL, NULL}};
	const tree_file tip[] = {base[0],
		{"arch/x/count.S", "ENTRY(count)\n" SAVED "\tp1.L = _enabled;\n\tr7 = [p1];\n"
				   "\tif cc jump out;\nout:\n" TAKEN_BACK "ENDPROC(count)\n"},
		{NULL, NULL}};
	fixture *f = compare(base, tip);
	assert_int_equal(f->touches->shadows->len, 0);
	fixture_free(f);
}

#define COPY_USER(name, stop)                                                                      \
	"ENTRY(" name ")\n\tpushl %ebp\n\tmovl %esp, %ebp\n\tmovl 8(%ebp), %esi\t# from\n"         \
	"\tmovl 12(%ebp), %edi\n\tmovl 16(%ebp), %ecx\n" stop "again:\n"                           \
	"\tmovl page_window(,%esi,4), %eax\n\tmovl %eax, page_shadow(,%edi,4)\n\tincl %esi\n"      \
	"\tincl %edi\n\tdecl %ecx\n\tjnz again\n\tpopl %ebp\n\tret\nEND(" name ")\n"
#define ASM_OTHER(name) "ENTRY(" name ")\n\tmovl $" name "_table, %eax\n\tret\n"

/* A function of assembly: to its END, over the labels within it. */
static void a_copied_function_of_assembly_is_told_against_its_origin(void **state)
{
	(void)state;
	static const char old[] = COPY_USER("copy_window", "\tcli\n") ASM_OTHER("first");
	const tree_file base[] = {
		{"arch/x/copy.S", old}, {"drivers/v/glue.S", ASM_OTHER("glue")}, {NULL, NULL}};
	const tree_file tip[] = {{"arch/x/copy.S", old},
		{"drivers/v/glue.S", ASM_OTHER("glue") "\n" COPY_USER("v_copy", "\tcall v_stop\n")},
		{NULL, NULL}};
	check(base, tip,
		"function v_copy drivers/v/glue.S:5 of copy_window arch/x/copy.S:1\n"
		"removed instruction cli in 'copy_window' base arch/x/copy.S:7 copy\n"
		"changed asm-label v_copy base arch/x/copy.S:1 tip drivers/v/glue.S:5 copy\n"
		"added call v_stop in 'v_copy' tip drivers/v/glue.S:11 copy\n"
		"added instruction call in 'v_copy' tip drivers/v/glue.S:11 copy\n");
}

/* What is changed behind a label within the function belongs to it too. */
static void labels_within_a_function_of_assembly_are_compared(void **state)
{
	(void)state;
	static const char old[] = COPY_USER("copy_window", "");
	g_autofree char *changed = g_strdup(COPY_USER("v_copy", ""));
	char *window = strstr(changed, "page_shadow");
	memcpy(window, "vmem_shadow", strlen("vmem_shadow"));
	g_autofree char *glue = g_strconcat(ASM_OTHER("glue"), changed, NULL);
	const tree_file base[] = {
		{"arch/x/copy.S", old}, {"drivers/v/v.S", ASM_OTHER("glue")}, {NULL, NULL}};
	const tree_file tip[] = {{"arch/x/copy.S", old}, {"drivers/v/v.S", glue}, {NULL, NULL}};
	fixture *f = compare(base, tip);
	g_autofree char *got = told(f);
	assert_non_null(strstr(got, "function v_copy drivers/v/v.S:4 of copy_window"));
	assert_non_null(strstr(got, "moved asm-label v_copy base arch/x/copy.S:1"));
	assert_non_null(strstr(got, "changed asm-label again base arch/x/copy.S:7"));
	assert_non_null(strstr(got, "added reference vmem_shadow"));
	assert_null(strstr(got, "instruction incl"));
	fixture_free(f);
}

/* Neither a label of C's look nor a function of another language is one. */
static void assembly_is_no_copy_of_c(void **state)
{
	(void)state;
	const tree_file base[] = {{"arch/x/fault.c", FIX_OLD OTHER}, {NULL, NULL}};
	const tree_file tip[] = {{"arch/x/fault.c", FIX_OLD OTHER},
		{"arch/x/fault.S", "#if 0\n#endif\nENTRY(v_fix)\n" FIX_BODY("x") "END(v_fix)\n"},
		{NULL, NULL}};
	fixture *f = compare(base, tip);
	assert_int_equal(f->touches->functions->len, 0);
	fixture_free(f);
}

static void touches_know_their_patch(void **state)
{
	(void)state;
	const tree_file base[] = {{"a.c", "int f(void) { return 1; }\n"}, {NULL, NULL}};
	const tree_file tip[] = {{"a.c", "int f(void) { return 2; }\n"}, {NULL, NULL}};
	fixture *f = compare(base, tip);
	assert_int_equal(f->touches->touches->len, 1);
	const touch *t = &g_array_index(f->touches->touches, touch, 0);
	assert_string_equal(t->signature_base, "int (void)");
	const change_hunk *h = &g_array_index(
		((file_change *)g_ptr_array_index(f->s->changes, 0))->hunks, change_hunk, 0);
	assert_int_equal(t->patch, h->new_patch ? 1 : 0);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_in_place),
		cmocka_unit_test(layout_and_comments_are_no_touch),
		cmocka_unit_test(moves_between_files),
		cmocka_unit_test(a_new_condition_is_a_move),
		cmocka_unit_test(a_copy_is_told_against_its_origin),
		cmocka_unit_test(a_copy_is_found_by_content),
		cmocka_unit_test(what_stands_in_for_the_default_is_told_against_it),
		cmocka_unit_test(moved_code_and_boilerplate_are_no_copy),
		cmocka_unit_test(a_copied_function_is_told_against_its_origin),
		cmocka_unit_test(a_function_copied_as_it_is_brings_nothing_new),
		cmocka_unit_test(a_copy_of_a_removed_function_is_found),
		cmocka_unit_test(idioms_are_no_copies),
		cmocka_unit_test(frames_of_a_file_are_no_copies),
		cmocka_unit_test(a_shared_head_is_no_copy),
		cmocka_unit_test(saved_registers_are_no_copy),
		cmocka_unit_test(a_copied_function_of_assembly_is_told_against_its_origin),
		cmocka_unit_test(labels_within_a_function_of_assembly_are_compared),
		cmocka_unit_test(assembly_is_no_copy_of_c),
		cmocka_unit_test(touches_know_their_patch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
