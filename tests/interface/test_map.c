/* From facts and touches to evidence and states, on facts made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <string.h>

#include "interface/catalogue.h"

/* One series on one base. */
typedef struct world {
	GHashTable *base, *tip;
	series *series;
	touch_set *touches;
	GPtrArray *points;
} world;

static void world_init(world *w)
{
	GDestroyNotify drop = (GDestroyNotify)fact_set_free;
	*w = (world){
		.base = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, drop),
		.tip = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, drop),
		.series = series_new("demo"),
		.touches = touch_set_new(),
	};
	w->series->changes = g_ptr_array_new_with_free_func((GDestroyNotify)file_change_free);
}

static void world_clear(world *w)
{
	g_hash_table_unref(w->base);
	g_hash_table_unref(w->tip);
	series_free(w->series);
	touch_set_free(w->touches);
	if (w->points)
		g_ptr_array_unref(w->points);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(world, world_clear)

static fact_set *file_of(GHashTable *sets, const char *path)
{
	fact_set *f = g_hash_table_lookup(sets, path);
	if (!f) {
		oid blob = {0};
		f = fact_set_new(path, &blob);
		g_hash_table_insert(sets, f->path, f);
	}
	return f;
}

/* Ten lines, from `line` on; `body` stands for the tokens. */
static void define(fact_set *f, const char *name, unsigned line, unsigned body)
{
	entity e = {.kind = ENTITY_FUNCTION,
		.reader = READER_TEXT,
		.flags = ENTITY_DEFINITION,
		.line = line,
		.end_line = line + 9,
		.name = name,
		.parent = "",
		.signature = "",
		.value = "",
		.condition = "",
		.body = {body, body},
		.tokens = 20};
	fact_set_add_entity(f, &e);
}

static void define_if(
	fact_set *f, const char *name, unsigned line, unsigned body, const char *condition)
{
	entity e = {.kind = ENTITY_FUNCTION,
		.reader = READER_TEXT,
		.flags = ENTITY_DEFINITION,
		.line = line,
		.end_line = line + 9,
		.name = name,
		.parent = "",
		.signature = "",
		.value = "",
		.condition = condition,
		.body = {body, body},
		.tokens = 20};
	fact_set_add_entity(f, &e);
}

static void uses(fact_set *f, const char *in, unsigned line, use_kind kind, const char *name,
	const char *detail)
{
	use u = {.kind = kind,
		.reader = READER_TEXT,
		.line = line,
		.name = name,
		.detail = detail,
		.in = in,
		.condition = ""};
	fact_set_add_use(f, &u);
}

/* The file was added by the series. */
static void added_file(world *w, const char *path)
{
	file_change *c = file_change_new(path);
	c->status = CHANGE_ADDED;
	g_ptr_array_add(w->series->changes, c);
}

static void copy_of(world *w, const char *path, const char *origin)
{
	added_file(w, path);
	shadow_copy s = {
		touch_set_string(w->touches, path), touch_set_string(w->touches, origin), 90};
	g_array_append_val(w->touches->shadows, s);
}

static touch entity_touch(touch_change change, const char *name)
{
	return (touch){.change = change,
		.entity = ENTITY_FUNCTION,
		.name = name,
		.detail = "",
		.in = "",
		.condition = "",
		.signature_base = "",
		.signature_tip = "",
		.patch = 3};
}

static void touched_tip(
	world *w, touch_change change, const char *name, const char *path, unsigned line)
{
	touch t = entity_touch(change, name);
	t.tip = (place){.path = path, .line = line, .end_line = line + 9};
	g_array_append_val(w->touches->touches, t);
}

static void touched_base(world *w, const char *name, const char *path, unsigned line)
{
	touch t = entity_touch(TOUCH_REMOVED, name);
	t.base = (place){.path = path, .line = line, .end_line = line + 9};
	g_array_append_val(w->touches->touches, t);
}

static void touched_use(world *w, touch_change change, use_kind kind, const char *name,
	const char *detail, const char *in, const char *path, unsigned line)
{
	touch t = {.change = change,
		.is_use = true,
		.use = kind,
		.name = name,
		.detail = detail,
		.in = in,
		.condition = "",
		.signature_base = "",
		.signature_tip = "",
		.patch = 4};
	place at = {.path = path, .line = line, .end_line = line};
	if (change == TOUCH_REMOVED)
		t.base = at;
	else
		t.tip = at;
	g_array_append_val(w->touches->touches, t);
}

/* Maps and gives the side of the only point. Borrowed from the world. */
static const point_side *map(world *w, const char *rules)
{
	g_autofree char *text = g_strconcat(
		"catalogue: demo\nversion: \"1\"\ntitle: Demo\ngroups: [cpu]\n"
		"scope: {not_path: ['arch/other/**'], dead: '^0$'}\n"
		"vocabulary:\n  hv: [{name: 'HV_\\w+'}]\n  hvcall: [{name: 'HV_{arg}'}]\n",
		rules, NULL);
	GHashTableIter it;
	gpointer set;
	GHashTable *const tables[] = {w->base, w->tip};
	for (unsigned i = 0; i < G_N_ELEMENTS(tables); i++) {
		g_hash_table_iter_init(&it, tables[i]);
		while (g_hash_table_iter_next(&it, NULL, &set))
			fact_set_finish(set);
	}
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	g_autoptr(catalogue) c = NULL;
	g_autoptr(GError) err = NULL;
	if (!catalogue_read(&c, "demo.yaml", bytes, &err))
		fail_msg("%s", err->message);
	series_reading reading = {w->series, w->base, w->tip, w->touches};
	g_autoptr(GPtrArray) readings = g_ptr_array_new();
	g_ptr_array_add(readings, &reading);
	assert_true(catalogue_map(&w->points, c, readings, &err));
	assert_int_equal(w->points->len, 1);
	const point_result *r = g_ptr_array_index(w->points, 0);
	assert_int_equal(r->sides->len, 1);
	return g_ptr_array_index(r->sides, 0);
}

static const evidence *piece(const point_side *side, unsigned i)
{
	assert_in_range(i, 0, side->evidence->len - 1);
	return g_ptr_array_index(side->evidence, i);
}

#define POINT                                                                                      \
	"points:\n  - id: cpu.stop\n    title: Stop\n    names: [stop]\n"                          \
	"    instructions: [hlt, 'mov , ?%cr0']\n    calls: [{hvcall: halt}]\n"

#define OVERRIDE_RULES                                                                             \
	"rules:\n"                                                                                 \
	"  - {id: gains, find: definition, name: '{names}', base: differs, gains: hv,\n"           \
	"     gives: {weight: override, confidence: 0.9, note: 'now {use}'}}\n"                    \
	"  - {id: loses, find: definition, name: '{names}', base: differs, loses: instructions,\n" \
	"     gives: {weight: override, confidence: 0.8}}\n"                                       \
	"  - {id: moved, find: definition, name: '{names}', base: same, change: [added, moved],\n" \
	"     gives: {weight: moved, confidence: 0.9}}\n"                                          \
	"  - {id: removed, find: definition, name: '{names}', change: removed, gone: true,\n"      \
	"     gives: {weight: removed, confidence: 0.8}}\n" POINT

static void native(world *w)
{
	fact_set *f = file_of(w->base, "asm/stop.h");
	define(f, "stop", 10, 1);
	uses(f, "stop", 12, USE_INSTRUCTION, "hlt", "");
}

static void a_changed_copy_overrides(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	native(&w);
	copy_of(&w, "asm/hv/stop.h", "asm/stop.h");
	fact_set *f = file_of(w.tip, "asm/hv/stop.h");
	define(f, "stop", 30, 2);
	uses(f, "stop", 33, USE_CALL, "HV_halt", "0");
	touched_tip(&w, TOUCH_CHANGED, "stop", "asm/hv/stop.h", 30);
	const point_side *side = map(&w, OVERRIDE_RULES);
	assert_int_equal(side->state, POINT_HOOKED);
	assert_int_equal(side->evidence->len, 2);
	/* two arguments add up: 1 - 0.1 * 0.2 */
	assert_float_equal(side->confidence, 0.98, 1e-9);
	assert_string_equal(piece(side, 0)->rule, "gains");
	assert_string_equal(piece(side, 0)->note, "now HV_halt");
	assert_string_equal(piece(side, 0)->kind, "shadow-copy");
	assert_string_equal(piece(side, 0)->path, "asm/hv/stop.h");
	assert_string_equal(piece(side, 0)->symbol, "stop");
	assert_int_equal(piece(side, 0)->line, 30);
	assert_int_equal(piece(side, 0)->patch, 3);
	assert_string_equal(piece(side, 1)->rule, "loses");
}

/* No touch names an unchanged definition of a copy; it is seen all the same. */
static void an_unchanged_copy_is_touched(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	native(&w);
	copy_of(&w, "asm/hv/stop.h", "asm/stop.h");
	fact_set *f = file_of(w.tip, "asm/hv/stop.h");
	define(f, "stop", 30, 1);
	uses(f, "stop", 33, USE_INSTRUCTION, "hlt", "");
	const point_side *side = map(&w, OVERRIDE_RULES);
	assert_int_equal(side->state, POINT_TOUCHED);
	assert_string_equal(piece(side, 0)->rule, "moved");
}

/* "Changed" and "in other words" said of one definition: the stronger stays. */
static void a_place_is_not_both_moved_and_own(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	native(&w);
	copy_of(&w, "asm/hv/stop.h", "asm/stop.h");
	fact_set *f = file_of(w.tip, "asm/hv/stop.h");
	define(f, "stop", 30, 2);
	uses(f, "stop", 33, USE_CALL, "HV_halt", "0");
	touched_tip(&w, TOUCH_CHANGED, "stop", "asm/hv/stop.h", 30);
	const point_side *side = map(&w,
		"rules:\n"
		"  - {id: gains, find: definition, name: '{names}', base: differs, gains: hv,\n"
		"     gives: {weight: override, confidence: 0.9}}\n"
		"  - {id: reworded, find: definition, name: '{names}', base: differs,\n"
		"     gives: {weight: moved, confidence: 0.5}}\n" POINT);
	assert_int_equal(side->evidence->len, 1);
	assert_string_equal(piece(side, 0)->rule, "gains");
}

static void a_vendors_wrapper_stands_for_its_call(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	added_file(&w, "hv.c");
	fact_set *f = file_of(w.tip, "hv.c");
	define(f, "hv_stop", 1, 9);
	uses(f, "hv_stop", 3, USE_CALL, "HV_halt", "0");
	touched_tip(&w, TOUCH_ADDED, "hv_stop", "hv.c", 1);
	touched_use(&w, TOUCH_ADDED, USE_CALL, "HV_halt", "0", "hv_stop", "hv.c", 3);
	touched_use(&w, TOUCH_ADDED, USE_CALL, "hv_stop", "", "idle", "hv.c", 40);
	touched_use(&w, TOUCH_ADDED, USE_CALL, "elsewhere", "", "idle", "hv.c", 41);
	const point_side *side = map(&w, "rules:\n"
					 "  - {id: via, find: use, via: calls, gives: {weight: "
					 "override, confidence: 0.6}}\n" POINT);
	assert_int_equal(side->evidence->len, 1);
	assert_int_equal(piece(side, 0)->line, 40);
	assert_string_equal(piece(side, 0)->symbol, "idle");
}

/* A compiler's reader and the text reader count tokens differently; the base may have been read by
 * only one of them. */
static void one_reader_that_knows_the_tokens_is_enough(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	native(&w);
	copy_of(&w, "asm/hv/stop.h", "asm/stop.h");
	fact_set *f = file_of(w.tip, "asm/hv/stop.h");
	define(f, "stop", 30, 1);
	define(f, "stop", 30, 77);
	const point_side *side = map(&w, OVERRIDE_RULES);
	assert_int_equal(side->state, POINT_TOUCHED);
	assert_int_equal(side->evidence->len, 1);
	assert_string_equal(piece(side, 0)->rule, "moved");
}

static void an_untouched_file_says_nothing(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	native(&w);
	fact_set *f = file_of(w.tip, "asm/stop.h");
	define(f, "stop", 10, 1);
	const point_side *side = map(&w, OVERRIDE_RULES);
	assert_int_equal(side->state, POINT_UNTOUCHED);
	assert_int_equal(side->evidence->len, 0);
	assert_float_equal(side->confidence, 1, 1e-9);
}

static void gone_means_nowhere_in_the_tip(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	native(&w);
	touched_base(&w, "stop", "asm/stop.h", 10);
	const point_side *side = map(&w, OVERRIDE_RULES);
	assert_int_equal(side->state, POINT_TOUCHED);
	assert_string_equal(piece(side, 0)->rule, "removed");
	assert_int_equal(piece(side, 0)->at, AT_BASE);

	g_auto(world) elsewhere;
	world_init(&elsewhere);
	native(&elsewhere);
	touched_base(&elsewhere, "stop", "asm/stop.h", 10);
	added_file(&elsewhere, "asm/default/stop.h");
	define(file_of(elsewhere.tip, "asm/default/stop.h"), "stop", 5, 1);
	touched_tip(&elsewhere, TOUCH_MOVED, "stop", "asm/default/stop.h", 5);
	side = map(&elsewhere, OVERRIDE_RULES);
	assert_int_equal(side->evidence->len, 1);
	assert_string_equal(piece(side, 0)->rule, "moved");
}

static void other_architectures_and_dead_code_do_not_count(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	native(&w);
	const char *const paths[] = {"arch/other/stop.c", "arch/this/stop.c"};
	for (unsigned i = 0; i < G_N_ELEMENTS(paths); i++) {
		added_file(&w, paths[i]);
		fact_set *f = file_of(w.tip, paths[i]);
		define_if(f, "stop", 30, 2, i ? "0" : "");
		uses(f, "stop", 33, USE_CALL, "HV_halt", "0");
		touched_tip(&w, TOUCH_ADDED, "stop", paths[i], 30);
	}
	assert_int_equal(map(&w, OVERRIDE_RULES)->evidence->len, 0);
}

#define USE_RULES                                                                                  \
	"rules:\n"                                                                                 \
	"  - {id: call, find: use, use: calls, gives: {weight: override, confidence: 0.7}}\n"      \
	"  - {id: dropped, find: use, use: instructions, change: removed,\n"                       \
	"     beside: {change: added, use: calls}, gives: {weight: through, confidence: 0.6}}\n"   \
	"  - {id: contrary, find: use, use: [{name: only_debug}],\n"                               \
	"     gives: {weight: against, confidence: 0.5}}\n" POINT

static void calls_count_where_they_are_added(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	file_of(w.base, "idle.c");
	file_of(w.tip, "idle.c");
	touched_use(&w, TOUCH_ADDED, USE_CALL, "HV_halt", "0", "idle", "idle.c", 7);
	touched_use(&w, TOUCH_REMOVED, USE_INSTRUCTION, "hlt", "", "idle", "idle.c", 6);
	const point_side *side = map(&w, USE_RULES);
	assert_int_equal(side->state, POINT_HOOKED);
	assert_int_equal(side->evidence->len, 2);
	assert_string_equal(piece(side, 0)->rule, "call");
	assert_string_equal(piece(side, 0)->symbol, "idle");
	assert_int_equal(piece(side, 0)->line, 7);
	assert_string_equal(piece(side, 1)->rule, "dropped");
	assert_int_equal(piece(side, 1)->at, AT_BASE);
}

static void a_use_is_named_after_what_surrounds_it(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	fact_set *f = file_of(w.tip, "idle.c");
	define(f, "before", 1, 1);
	define(f, "idle", 20, 2);
	touched_use(&w, TOUCH_ADDED, USE_CALL, "HV_halt", "0", "", "idle.c", 25);
	touched_use(&w, TOUCH_ADDED, USE_CALL, "HV_halt", "0", "", "idle.c", 15);
	const point_side *side = map(&w, USE_RULES);
	assert_int_equal(side->evidence->len, 2);
	assert_string_equal(piece(side, 0)->symbol, "HV_halt");
	assert_string_equal(piece(side, 1)->symbol, "idle");
}

static void beside_means_in_the_same_definition(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	file_of(w.base, "idle.c");
	file_of(w.tip, "idle.c");
	touched_use(&w, TOUCH_ADDED, USE_CALL, "HV_halt", "0", "other", "idle.c", 70);
	touched_use(&w, TOUCH_REMOVED, USE_INSTRUCTION, "hlt", "", "idle", "idle.c", 6);
	const point_side *side = map(&w, USE_RULES);
	assert_int_equal(side->evidence->len, 1);
	assert_string_equal(piece(side, 0)->rule, "call");
}

static void contrary_evidence_lowers(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	file_of(w.tip, "idle.c");
	touched_use(&w, TOUCH_ADDED, USE_CALL, "HV_halt", "0", "idle", "idle.c", 7);
	touched_use(&w, TOUCH_ADDED, USE_CALL, "only_debug", "", "idle", "idle.c", 8);
	const point_side *side = map(&w, USE_RULES);
	/* 0.7 * (1 - 0.5) is under the threshold */
	assert_int_equal(side->state, POINT_TOUCHED);
	assert_float_equal(side->confidence, 0.35, 1e-9);
}

/* Many hits of one rule are one argument. */
static void repetition_does_not_convince(void **state)
{
	(void)state;
	g_auto(world) w;
	world_init(&w);
	file_of(w.tip, "idle.c");
	for (unsigned i = 1; i <= 50; i++)
		touched_use(&w, TOUCH_ADDED, USE_CALL, "HV_halt", "0", "idle", "idle.c", i);
	const point_side *side = map(&w, USE_RULES);
	assert_int_equal(side->evidence->len, 50);
	assert_float_equal(side->confidence, 0.7, 1e-9);
}

static void slots_by_statement_and_by_macro(void **state)
{
	(void)state;
	static const char rules[] =
		"rules:\n"
		"  - {id: slot, find: use, change: [added, changed],\n"
		"     use: [{kind: slot, name: 'ops\\.{member}', not_detail: '^native_'}],\n"
		"     gives: {weight: override, kind: ops-table, confidence: 0.9}}\n"
		"  - {id: fill, find: use, use: [{kind: macro, name: para_fill, detail: "
		"'^{member}\\b'}],\n"
		"     gives: {weight: override, kind: ops-table, confidence: 0.9}}\n" POINT;
	g_auto(world) w;
	world_init(&w);
	file_of(w.tip, "vendor.c");
	touched_use(&w, TOUCH_ADDED, USE_SLOT, "ops.stop", "native_stop", "", "vendor.c", 1);
	touched_use(&w, TOUCH_ADDED, USE_SLOT, "ops.stop", "vendor_stop", "", "vendor.c", 2);
	touched_use(&w, TOUCH_ADDED, USE_SLOT, "ops.start", "vendor_start", "", "vendor.c", 3);
	touched_use(&w, TOUCH_ADDED, USE_MACRO, "para_fill", "stop, Halt", "setup", "vendor.c", 4);
	touched_use(
		&w, TOUCH_ADDED, USE_MACRO, "para_fill", "stopper, Halt", "setup", "vendor.c", 5);
	const point_side *side = map(&w, rules);
	assert_int_equal(side->evidence->len, 2);
	assert_string_equal(piece(side, 0)->rule, "slot");
	assert_int_equal(piece(side, 0)->line, 2);
	assert_string_equal(piece(side, 0)->kind, "ops-table");
	assert_string_equal(piece(side, 1)->rule, "fill");
	assert_int_equal(piece(side, 1)->line, 4);
}

/* Native code moved behind a hook of two definitions: the other one is the vendor's. */
static void another_definition_is_native(void **state)
{
	(void)state;
	static const char rules[] = "rules:\n"
				    "  - {id: other, find: definition, base: none, has: hv,\n"
				    "     other: {has: [names, instructions], lacks: hv},\n"
				    "     gives: {weight: override, confidence: 0.8}}\n" POINT;
	g_auto(world) w;
	world_init(&w);
	const char *const paths[] = {"default/stop.h", "hv/stop.h"};
	for (unsigned i = 0; i < G_N_ELEMENTS(paths); i++) {
		added_file(&w, paths[i]);
		fact_set *f = file_of(w.tip, paths[i]);
		define(f, "mach_stop", 10, i + 1);
		uses(f, "mach_stop", 12, i ? USE_CALL : USE_INSTRUCTION, i ? "HV_halt" : "hlt", "");
		touched_tip(&w, TOUCH_ADDED, "mach_stop", paths[i], 10);
	}
	const point_side *side = map(&w, rules);
	assert_int_equal(side->evidence->len, 1);
	assert_string_equal(piece(side, 0)->path, "hv/stop.h");
	assert_string_equal(piece(side, 0)->kind, "override");
}

static void rules_can_depend_on_the_base(void **state)
{
	(void)state;
	static const char rules[] = "rules:\n"
				    "  - {id: before, find: use, use: calls, base_lacks: [ops],\n"
				    "     gives: {weight: override, confidence: 0.7}}\n"
				    "  - {id: since, find: use, use: calls, base_has: [ops],\n"
				    "     gives: {weight: override, confidence: 0.6}}\n" POINT;
	g_auto(world) w;
	world_init(&w);
	define(file_of(w.base, "ops.h"), "ops", 1, 1);
	file_of(w.tip, "idle.c");
	touched_use(&w, TOUCH_ADDED, USE_CALL, "HV_halt", "0", "idle", "idle.c", 7);
	const point_side *side = map(&w, rules);
	assert_int_equal(side->evidence->len, 1);
	assert_string_equal(piece(side, 0)->rule, "since");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_changed_copy_overrides),
		cmocka_unit_test(an_unchanged_copy_is_touched),
		cmocka_unit_test(a_place_is_not_both_moved_and_own),
		cmocka_unit_test(a_vendors_wrapper_stands_for_its_call),
		cmocka_unit_test(one_reader_that_knows_the_tokens_is_enough),
		cmocka_unit_test(an_untouched_file_says_nothing),
		cmocka_unit_test(gone_means_nowhere_in_the_tip),
		cmocka_unit_test(other_architectures_and_dead_code_do_not_count),
		cmocka_unit_test(calls_count_where_they_are_added),
		cmocka_unit_test(a_use_is_named_after_what_surrounds_it),
		cmocka_unit_test(beside_means_in_the_same_definition),
		cmocka_unit_test(contrary_evidence_lowers),
		cmocka_unit_test(repetition_does_not_convince),
		cmocka_unit_test(slots_by_statement_and_by_macro),
		cmocka_unit_test(another_definition_is_native),
		cmocka_unit_test(rules_can_depend_on_the_base),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
