/* The loader: what it reads, and where it says a mistake stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "interface/catalogue.h"
#include "interface/yamltree.h"

#define HEAD "catalogue: demo\nversion: \"1\"\ntitle: Demo\ngroups: [cpu]\n"
#define POINTS "points:\n  - id: cpu.halt\n    title: Halt\n    names: [halt]\n"

static bool read_text(catalogue **out, const char *text, GError **err)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	return catalogue_read(out, "demo.yaml", bytes, err);
}

/* The text must fail with exactly this message, and this hint unless NULL. */
static void assert_fails(const char *text, const char *message, const char *hint)
{
	g_autoptr(catalogue) c = NULL;
	g_autoptr(GError) err = NULL;
	assert_false(read_text(&c, text, &err));
	assert_null(c);
	g_autofree char *got = error_text(err);
	assert_string_equal(got, message);
	if (hint) {
		assert_non_null(error_hint(err));
		assert_string_equal(error_hint(err), hint);
	}
}

static void reads_a_small_one(void **state)
{
	(void)state;
	g_autoptr(catalogue) c = NULL;
	g_autoptr(GError) err = NULL;
	assert_true(read_text(&c,
		HEAD "points:\n  - id: cpu.halt\n    title: Halt\n    signature: void (void)\n"
		     "    contract: waits\n    native: hlt\n    aliases: [old_halt]\n",
		&err));
	assert_null(err);
	assert_int_equal(catalogue_length(c), 1);
	const point *p = catalogue_point(c, 0);
	assert_string_equal(p->id, "cpu.halt");
	assert_string_equal(p->group, "cpu");
	assert_string_equal(p->member, "halt");
	assert_string_equal(p->signature, "void (void)");
	assert_string_equal(p->native, "hlt");
	assert_string_equal(g_ptr_array_index(p->aliases, 0), "old_halt");
	g_autoptr(catalogue_info) info = catalogue_describe(c);
	assert_string_equal(info->name, "demo");
	assert_int_equal(strlen(info->digest), 64);
	assert_int_equal(info->groups->len, 1);
}

static void names_line_and_key(void **state)
{
	(void)state;
	assert_fails(HEAD "points:\n  - id: cpu.halt\n    titel: Halt\n",
		"demo.yaml:7: points[0].titel: unknown key", "did you mean \"title\"?");
	assert_fails("catalog: demo\n", "demo.yaml:1: catalog: unknown key",
		"did you mean \"catalogue\"?");
	assert_fails(HEAD "points:\n  - id: cpu.halt\n",
		"demo.yaml:6: points[0]: key \"title\" is missing", NULL);
	assert_fails(HEAD "points:\n  - id: halt\n    title: x\n",
		"demo.yaml:6: points[0].id: GROUP.MEMBER expected, not \"halt\"", NULL);
	assert_fails(HEAD "points:\n  - id: mmu.halt\n    title: x\n",
		"demo.yaml:6: points[0].id: unknown group \"mmu\"", "list it under \"groups\"");
	assert_fails(HEAD POINTS "  - id: cpu.halt\n    title: x\n",
		"demo.yaml:9: points[1].id: \"cpu.halt\" is the name of another point", NULL);
	assert_fails(HEAD POINTS "    names: [x]\n", "demo.yaml:9: key \"names\" stands here twice",
		NULL);
	assert_fails(HEAD "points: []\n", "demo.yaml:5: points: no points", NULL);
	assert_fails(HEAD, "demo.yaml:1: key \"points\" is missing", NULL);
}

static void names_bad_rules(void **state)
{
	(void)state;
	assert_fails(HEAD
		"rules:\n  - id: r\n    find: definition\n    name: '{names}'\n"
		"    chnage: added\n    gives: {weight: override, confidence: 1}\n" POINTS,
		"demo.yaml:9: rules[0].chnage: unknown key", "did you mean \"change\"?");
	assert_fails(HEAD "rules:\n  - id: r\n    find: definition\n    name: 'a(b'\n"
			  "    gives: {weight: override, confidence: 1}\n" POINTS,
		"demo.yaml:8: rules[0].name: bad pattern \"a(b\": missing closing parenthesis (at "
		"character 4)",
		NULL);
	assert_fails(HEAD "rules:\n  - id: r\n    find: definition\n    name: '{nmaes}'\n"
			  "    gives: {weight: override, confidence: 1}\n" POINTS,
		"demo.yaml:8: rules[0].name: unknown placeholder \"nmaes\"",
		"did you mean \"names\"?");
	assert_fails(HEAD "rules:\n  - id: r\n    find: use\n    use: cals\n"
			  "    gives: {weight: override, confidence: 1}\n" POINTS,
		"demo.yaml:8: rules[0].use: unknown word \"cals\"", "did you mean \"calls\"?");
	assert_fails(HEAD "rules:\n  - id: r\n    find: definition\n    name: x\n"
			  "    gives: {weight: overide, confidence: 1}\n" POINTS,
		"demo.yaml:9: rules[0].gives.weight: unknown word \"overide\"",
		"did you mean \"override\"?");
	assert_fails(HEAD "rules:\n  - id: r\n    find: definition\n    name: x\n"
			  "    gives: {weight: override, confidence: 1.5}\n" POINTS,
		"demo.yaml:9: rules[0].gives.confidence: a number from 0 to 1 expected, not "
		"\"1.5\"",
		NULL);
	assert_fails(HEAD "rules:\n  - id: r\n    find: use\n    name: x\n    use: calls\n"
			  "    gives: {weight: override, confidence: 1}\n" POINTS,
		"demo.yaml:8: rules[0].name: means nothing of a use", NULL);
	assert_fails(HEAD "rules:\n  - id: r\n    find: use\n    use: [{kind: cal, name: x}]\n"
			  "    gives: {weight: override, confidence: 1}\n" POINTS,
		"demo.yaml:8: rules[0].use[0].kind: unknown word \"cal\"",
		"did you mean \"call\"?");
}

/* A mistake in a list or word that no rule uses must not wait for the day one does. */
static void names_mistakes_nobody_uses(void **state)
{
	(void)state;
	assert_fails(HEAD "points:\n  - id: cpu.halt\n    title: x\n    instructions: ['mov (']\n",
		"demo.yaml:8: points[0].instructions[0]: bad pattern \"(\": missing closing "
		"parenthesis (at character 2)",
		NULL);
	assert_fails(HEAD "vocabulary:\n  w:\n    - {kind: call, name: '['}\n" POINTS,
		"demo.yaml:7: vocabulary.w[0].name: bad pattern \"[\": missing terminating ] for "
		"character class (at character 2)",
		NULL);
	assert_fails(HEAD "vocabulary:\n  w: [w]\n" POINTS,
		"demo.yaml:6: vocabulary.w[0]: word \"w\" goes in circles", NULL);
}

#define USE(LIST)                                                                                  \
	HEAD "rules:\n  - id: r\n    find: use\n    use: " LIST "\n"                               \
	     "    gives: {weight: override, confidence: 1}\n" POINTS

static void says_what_to_write_instead(void **state)
{
	(void)state;
	assert_fails(USE("[macro]"),
		"demo.yaml:8: rules[0].use[0]: \"macro\" is a kind of use, no word of the "
		"vocabulary",
		"write {kind: macro}");
	assert_fails(USE("[{lsm_init: x}]"),
		"demo.yaml:8: rules[0].use[0]: unknown word \"lsm_init\"",
		"define it under \"vocabulary\"");
	assert_fails(USE("[{kind: call, name: '('}]"),
		"demo.yaml:8: rules[0].use[0].name: bad pattern \"(\": missing closing parenthesis "
		"(at "
		"character 2)",
		"patterns are PCRE2 (`man pcre2pattern`); write them in single quotes");
	assert_fails(HEAD "points:\n  - id: cpu.halt\n    title: x\n    signature: 'nonsense(('\n",
		"demo.yaml:8: points[0].signature: no type of a function: \"nonsense((\"",
		"as in C, without the name: 'void (int cpu)'");
}

static void refuses_yaml_that_is_not_plain(void **state)
{
	(void)state;
	assert_fails("a: &x [1]\nb: *x\n", "demo.yaml:1: anchors (&name) are not read", NULL);
	assert_fails("a: !!binary x\n", "demo.yaml:1: tags (!name) are not read", NULL);
	assert_fails("a: 1\n---\nb: 2\n", "demo.yaml:2: a second document", NULL);
	assert_fails("a: [1\n", "demo.yaml:2: not YAML: did not find expected ',' or ']'", NULL);
	assert_fails("a:\n\t- 1\n",
		"demo.yaml:2: not YAML: found character that cannot start any token", NULL);
	assert_fails("", "demo.yaml: the file is empty", NULL);
	assert_fails("a: \"x\\0y\"\n", "demo.yaml:1: a text holds a NUL byte", NULL);
	assert_fails("[a, b]\n", "demo.yaml:1: keys and values expected (KEY: VALUE)", NULL);
}

static void refuses_too_much(void **state)
{
	(void)state;
	g_autofree char *deep = g_strnfill(100, '[');
	assert_fails(deep, "demo.yaml:1: nested deeper than 32 levels", NULL);

	g_autoptr(GString) keys = g_string_new(NULL);
	for (unsigned i = 0; i < 1001; i++)
		g_string_append_printf(keys, "k%u: 1\n", i);
	assert_fails(keys->str, "demo.yaml:1001: more than 1000 keys", NULL);

	/* eight words of thirty words each: 30^7 uses when spelled out */
	g_autoptr(GString) bomb = g_string_new(HEAD "vocabulary:\n");
	for (unsigned i = 0; i < 7; i++) {
		g_string_append_printf(bomb, "  w%u: [", i);
		for (unsigned k = 0; k < 30; k++)
			g_string_append_printf(bomb, "%sw%u", k ? ", " : "", i + 1);
		g_string_append(bomb, "]\n");
	}
	g_string_append(bomb, "  w7: []\n" POINTS);
	g_autoptr(catalogue) c = NULL;
	g_autoptr(GError) err = NULL;
	assert_false(read_text(&c, bomb->str, &err));
	assert_non_null(strstr(err->message, "more than 5000000 uses"));

	g_autofree char *zeros = g_malloc0(LIMIT_YAML_BYTES + 1);
	g_autoptr(GBytes) big = g_bytes_new_static(zeros, LIMIT_YAML_BYTES + 1);
	g_autoptr(GError) limit = NULL;
	assert_false(catalogue_read(&c, "demo.yaml", big, &limit));
	assert_int_equal(limit->code, TRUCE_ERROR_LIMIT);
}

/* A name typed by a person: the nearest key, and none when nothing is near. */
static void suggests_only_what_is_near(void **state)
{
	(void)state;
	static const char *const words[] = {"instructions", "names", "calls", NULL};
	assert_string_equal(yaml_nearest("instrutcions", words), "instructions");
	assert_string_equal(yaml_nearest("name", words), "names");
	assert_null(yaml_nearest("zebra", words));
	g_autofree char *endless = g_strnfill(10000, 'a');
	assert_null(yaml_nearest(endless, words));
}

static GBytes *one_file(const char *path, void *data)
{
	const char *const *tree = data;
	for (; *tree; tree += 2)
		if (strcmp(*tree, path) == 0)
			return g_bytes_new_static(tree[1], strlen(tree[1]));
	return NULL;
}

static void fits_by_files_and_texts(void **state)
{
	(void)state;
	g_autoptr(catalogue) c = NULL;
	g_autoptr(GError) err = NULL;
	assert_true(read_text(&c,
		HEAD
		"fits:\n  - {file: Makefile, has: 'PATCHLEVEL = 6'}\n  - {no_file: new.h}\n" POINTS,
		&err));
	const char *const good[] = {"Makefile", "VERSION = 2\nPATCHLEVEL = 6\n", NULL};
	const char *const other[] = {"Makefile", "PATCHLEVEL = 7\n", NULL};
	const char *const newer[] = {"Makefile", "PATCHLEVEL = 6\n", "new.h", "", NULL};
	const char *const empty[] = {NULL};
	assert_int_equal(catalogue_fits(c, one_file, (void *)good), 2);
	assert_int_equal(catalogue_fits(c, one_file, (void *)other), 0);
	assert_int_equal(catalogue_fits(c, one_file, (void *)newer), 0);
	assert_int_equal(catalogue_fits(c, one_file, (void *)empty), 0);
}

/* What is shipped loads, and describes every point. */
static void reads_the_shipped_catalogues(void **state)
{
	(void)state;
	g_autoptr(GDir) dir = g_dir_open(TRUCE_SOURCE_DIR "/rules", 0, NULL);
	assert_non_null(dir);
	for (const char *name; (name = g_dir_read_name(dir));) {
		if (!g_str_has_suffix(name, ".yaml"))
			continue;
		g_autofree char *path = g_build_filename(TRUCE_SOURCE_DIR, "rules", name, NULL);
		g_autoptr(catalogue) c = NULL;
		g_autoptr(GError) err = NULL;
		if (!catalogue_load(&c, path, &err))
			fail_msg("%s", err->message);
	}
	g_autofree char *path = catalogue_find("paravirt-i386");
	assert_non_null(path);
	g_autoptr(catalogue) c = NULL;
	g_autoptr(GError) err = NULL;
	assert_true(catalogue_load(&c, path, &err));
	catalogue_take_version(c, "v2.6.23");
	assert_int_equal(catalogue_length(c), 89);
	for (size_t i = 0; i < catalogue_length(c); i++) {
		assert_non_null(catalogue_point(c, i)->signature);
		assert_non_null(catalogue_point(c, i)->native);
	}
	assert_null(catalogue_find("no-such-pack"));
}

static void reads_contracts(void **state)
{
	(void)state;
	g_autoptr(catalogue) c = NULL;
	g_autoptr(GError) err = NULL;
	assert_true(read_text(&c,
		HEAD POINTS
		"    required: when CONFIG_SMP\n    variants: [int (void)]\n"
		"    contract:\n      says: waits\n      units: {return: ns, '1': frames}\n"
		"      convention: jump\n      context: [boot, may-sleep]\n"
		"      returns: 0 or less\n",
		&err));
	assert_null(err);
	const point *p = catalogue_point(c, 0);
	assert_string_equal(p->contract, "waits");
	assert_int_equal(p->required, REQUIRED_WHEN);
	assert_string_equal(p->required_when, "SMP");
	assert_string_equal(g_ptr_array_index(p->variants, 0), "int (void)");
	assert_int_equal(p->terms->len, 6);
	assert_string_equal(point_term(p, CONTRACT_UNITS, "return"), "ns");
	assert_string_equal(point_term(p, CONTRACT_UNITS, "1"), "frames");
	assert_string_equal(point_term(p, CONTRACT_CONVENTION, NULL), "jump");
	assert_string_equal(point_term(p, CONTRACT_CONTEXT, NULL), "boot");
	assert_null(point_term(p, CONTRACT_UNITS, "x"));
	assert_fails(HEAD POINTS "    required: sometimes\n",
		"demo.yaml:9: points[0].required: always, never or \"when SYMBOL\" expected, not "
		"\"sometimes\"",
		NULL);
	assert_fails(HEAD POINTS "    contract: {units: {return: Nano seconds}}\n",
		"demo.yaml:9: points[0].contract.units.return: a word of small letters, digits and "
		"'-' expected, not \"Nano seconds\"",
		NULL);
	assert_fails(HEAD POINTS "    contract: {unit: {return: ns}}\n",
		"demo.yaml:9: points[0].contract.unit: unknown key", "did you mean \"units\"?");
}

#define TWO_POINTS                                                                                 \
	"points:\n  - {id: cpu.halt, title: Halt, signature: int (void)}\n"                        \
	"  - {id: cpu.spin, title: Spin}\n"

/* Version 1 has halt under another name and type, 2 both, 3 spin alone. */
static void tells_versions_apart(void **state)
{
	(void)state;
	static const char text[] = HEAD TWO_POINTS
		"versions:\n"
		"  - {version: one, fits: [{file: Makefile, has: '1'}], judged_as: "
		"two, adds: [cpu.halt], names: {cpu.halt: stop}, types: {cpu.halt: "
		"'void (void)'}}\n"
		"  - {version: two, fits: [{file: Makefile, has: '2'}], adds: "
		"[cpu.spin], names: {cpu.halt: halt}, types: {cpu.halt: 'int (void)'}}\n"
		"  - {version: three, fits: [{file: Makefile, has: '3'}], drops: "
		"[cpu.halt]}\n";
	static const char *const one[] = {"Makefile", "V = 1\n", NULL};
	static const char *const three[] = {"Makefile", "V = 3\n", NULL};
	static const char *const four[] = {"Makefile", "V = 4\n", NULL};
	g_autoptr(catalogue) c = NULL;
	assert_true(read_text(&c, text, NULL));
	assert_int_equal(catalogue_length(c), 2);
	assert_int_equal(catalogue_fits(c, one_file, (void *)one), 1);
	assert_int_equal(catalogue_fits(c, one_file, (void *)four), 0);
	assert_string_equal(catalogue_version_of(c, one_file, (void *)one), "one");
	assert_string_equal(catalogue_judged_as(c, "one"), "two");
	assert_string_equal(catalogue_judged_as(c, "three"), "three");
	assert_null(catalogue_judged_as(c, catalogue_version_of(c, one_file, (void *)four)));
	g_autoptr(GPtrArray) history = catalogue_history(c);
	assert_int_equal(history->len, 7);
	const point_event *first = g_ptr_array_index(history, 1);
	assert_string_equal(first->point, "cpu.halt");
	assert_string_equal(first->version, "one");
	assert_string_equal(first->what, "is called stop");
	catalogue_take_version(c, "one");
	assert_int_equal(catalogue_length(c), 1);
	assert_string_equal(catalogue_slot(c, 0), "stop");
	assert_string_equal(catalogue_point(c, 0)->signature, "void (void)");

	g_autoptr(catalogue) d = NULL;
	assert_true(read_text(&d, text, NULL));
	catalogue_take_version(d, catalogue_version_of(d, one_file, (void *)three));
	assert_int_equal(catalogue_length(d), 1);
	assert_string_equal(catalogue_point(d, 0)->id, "cpu.spin");
	assert_string_equal(catalogue_slot(d, 0), "spin");

	g_autoptr(catalogue) e = NULL;
	assert_true(read_text(&e, text, NULL));
	catalogue_take_version(e, "two");
	assert_int_equal(catalogue_length(e), 2);
	assert_string_equal(catalogue_slot(e, 0), "halt");
	assert_string_equal(catalogue_point(e, 0)->signature, "int (void)");

	assert_fails(HEAD TWO_POINTS "versions: [{version: one, adds: [cpu.hlat]}]\n",
		"demo.yaml:8: versions[0].adds[0]: unknown point \"cpu.hlat\"",
		"did you mean \"cpu.halt\"?");
	assert_fails(HEAD TWO_POINTS "versions: [{version: one, judged_as: two}]\n",
		"demo.yaml:8: versions[0].judged_as: no version \"two\"", NULL);
	assert_fails(HEAD TWO_POINTS "versions: [{version: one}, {version: one}]\n",
		"demo.yaml:8: versions[1].version: \"one\" stands here twice", NULL);
	assert_fails(HEAD TWO_POINTS "versions: [{adds: [cpu.halt]}]\n",
		"demo.yaml:8: versions[0]: key \"version\" is missing", NULL);
}

/* One rule is left of one point, and a near name is offered. */
static void keeps_one_rule(void **state)
{
	(void)state;
	static const char text[] = HEAD
		"rules:\n  - {id: all, find: definition, gives: {weight: moved, confidence: 1}}\n"
		"points:\n  - {id: cpu.halt, title: Halt, aliases: [stop], rules: [{id: own, find: "
		"definition, gives: {weight: moved, confidence: 1}}]}\n"
		"  - {id: cpu.spin, title: Spin}\n";
	unsigned kept;
	g_autoptr(catalogue) c = NULL;
	assert_true(read_text(&c, text, NULL));
	assert_true(catalogue_keep_rule(c, "all", NULL, &kept, NULL));
	assert_int_equal(kept, 2);
	assert_true(catalogue_keep_rule(c, "all", "stop", &kept, NULL));
	assert_int_equal(kept, 1);
	g_autoptr(catalogue) d = NULL;
	g_autoptr(GError) err = NULL;
	assert_true(read_text(&d, text, NULL));
	assert_false(catalogue_keep_rule(d, "own", "cpu.spin", &kept, &err));
	assert_true(g_str_has_prefix(err->message, "the catalogue has no rule 'own'"));
	assert_string_equal(error_hint(err), "there are all");
	g_clear_error(&err);
	assert_false(catalogue_keep_rule(d, "own", "cpu.halp", &kept, &err));
	assert_string_equal(error_hint(err), "did you mean 'cpu.halt'?");
	assert_true(catalogue_keep_rule(d, "own", NULL, &kept, NULL));
	assert_int_equal(kept, 1);
}

/* The first YAML block of docs/rules.md. */
static char *example_of_the_page(void)
{
	g_autofree char *page = NULL;
	assert_true(g_file_get_contents(TRUCE_SOURCE_DIR "/docs/rules.md", &page, NULL, NULL));
	char *start = strstr(page, "```yaml\n");
	assert_non_null(start);
	start += strlen("```yaml\n");
	char *end = strstr(start, "```");
	assert_non_null(end);
	return g_strndup(start, (gsize)(end - start));
}

/* The page must not teach what the loader refuses. */
static void reads_the_example_of_the_page(void **state)
{
	(void)state;
	g_autofree char *example = example_of_the_page();
	g_autoptr(catalogue) c = NULL;
	g_autoptr(GError) err = NULL;
	if (!read_text(&c, example, &err))
		fail_msg("%s", err->message);
}

/* One byte wrong at every place: it is read or refused with a place, and memory is whole (the
 * sanitizers' run looks at that). */
static void survives_damage(void **state)
{
	(void)state;
	g_autofree char *example = example_of_the_page();
	static const char damage[] = "{}[]:'\"\n*&!|>-# \t\x01\xff()\\";
	unsigned refused = 0;
	for (size_t i = 0; example[i]; i++) {
		char whole = example[i];
		example[i] = damage[i % (sizeof(damage) - 1)];
		g_autoptr(catalogue) c = NULL;
		g_autoptr(GError) err = NULL;
		if (!read_text(&c, example, &err)) {
			refused++;
			assert_non_null(err);
			assert_true(g_str_has_prefix(err->message, "demo.yaml:"));
		}
		example[i] = whole;
	}
	assert_true(refused > 100);
}

static void refuses_what_is_no_file(void **state)
{
	(void)state;
	g_autoptr(catalogue) c = NULL;
	g_autoptr(GError) missing = NULL, device = NULL;
	assert_false(catalogue_load(&c, "/nonexistent/x.yaml", &missing));
	assert_int_equal(missing->code, TRUCE_ERROR_IO);
	assert_false(catalogue_load(&c, "/dev/zero", &device));
	assert_string_equal(device->message, "/dev/zero: not a file");
	g_autoptr(GBytes) nothing = g_bytes_new(NULL, 0);
	g_autoptr(GError) empty = NULL;
	assert_false(catalogue_read(&c, "none.yaml", nothing, &empty));
	assert_string_equal(empty->message, "none.yaml: the file is empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_small_one),
		cmocka_unit_test(names_line_and_key),
		cmocka_unit_test(names_bad_rules),
		cmocka_unit_test(names_mistakes_nobody_uses),
		cmocka_unit_test(says_what_to_write_instead),
		cmocka_unit_test(refuses_yaml_that_is_not_plain),
		cmocka_unit_test(refuses_too_much),
		cmocka_unit_test(suggests_only_what_is_near),
		cmocka_unit_test(fits_by_files_and_texts),
		cmocka_unit_test(reads_contracts),
		cmocka_unit_test(tells_versions_apart),
		cmocka_unit_test(keeps_one_rule),
		cmocka_unit_test(reads_the_shipped_catalogues),
		cmocka_unit_test(reads_the_example_of_the_page),
		cmocka_unit_test(survives_damage),
		cmocka_unit_test(refuses_what_is_no_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
