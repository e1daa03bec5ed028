/* Reads a catalogue: from YAML to rules that can run. docs/rules.md describes the format. */
#include "interface/catalogue.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/limits.h"
#include "interface/loader.h"
#include "interface/rule.h"
#include "interface/yamltree.h"
#include "model/function_type.h"

/* The lists that a point may have; rules name them. */
typedef enum point_list {
	LIST_NAMES,
	LIST_HOOKS,
	LIST_SITES,
	LIST_CALLS,
	LIST_INSTRUCTIONS,
	POINT_LISTS
} point_list;

static const char *const list_names[] = {"names", "hooks", "sites", "calls", "instructions", NULL};
static const char *const use_kinds[] = {"call", "macro", "reference", "field", "type",
	"instruction", "slot", "include", "config", NULL};
static const char *const entity_kinds[] = {"function", "macro", "struct", "union", "enum",
	"enumerator", "typedef", "field", "variable", "config-symbol", "build-object", "asm-label",
	"asm-macro", NULL};
static const char *const change_words[] = {"added", "changed", "removed", "moved", NULL};
static const char *const copy_words[] = {"in-place", "shadow", "new", NULL};
static const char *const base_words[] = {"none", "same", "differs", NULL};
static const char *const weight_words[] = {
	"override", "through", "moved", "removed", "bypass", "against", NULL};
static const char *const evidence_kinds[] = {"in-place", "shadow-copy", "override", "ops-table",
	"hypercall", "assembly", "macro", "call", NULL};

#define BIT(x) (1u << (x))
/* A name that is used: called, expanded, or its address taken. */
#define KINDS_NAMED (BIT(USE_CALL) | BIT(USE_MACRO) | BIT(USE_REFERENCE))
#define ENTITIES_CODE                                                                              \
	(BIT(ENTITY_FUNCTION) | BIT(ENTITY_MACRO) | BIT(ENTITY_VARIABLE) | BIT(ENTITY_ASM_LABEL) | \
		BIT(ENTITY_ASM_MACRO))
#define ALL_BITS 0xffffffffu

/* Points of one catalogue, and rules that stand at one place. The LSM hooks are 250. */
#define LIMIT_POINTS 5000u
#define LIMIT_RULES 200u
/* Patterns of a catalogue, and uses read while its words are spelled out: paravirt-i386 has 600 and
 * 40,000. Bounds words made of words made of words. */
#define LIMIT_PATTERNS 50000u
#define LIMIT_STEPS 5000000u

/* What is being loaded. `point` and below are those of the point at work. */
struct loader {
	const yaml_tree *tree;
	catalogue *c;
	const yaml_node *vocabulary;
	GPtrArray *words; /* char *, NULL-terminated: vocabulary words and list names */
	const point *point;
	const yaml_node *point_node;
	char *names;	 /* "(?:a|b)" */
	char *slot;	 /* the same of the member and its aliases */
	const char *arg; /* inside a vocabulary word with an argument */
	unsigned word_depth;
	unsigned steps;
};

const yaml_tree *loader_tree(const loader *l)
{
	return l->tree;
}

catalogue *loader_catalogue(const loader *l)
{
	return l->c;
}

static bool fail_unknown(const loader *l, const yaml_node *n, GError **err, const char *what,
	const char *text, const char *const *known)
{
	const char *near = yaml_nearest(text, known);
	g_autofree char *hint = near ? g_strdup_printf("Did you mean \"%s\"?", near) : NULL;
	return yaml_fail(l->tree, n, err, hint, "unknown %s \"%s\"", what, text);
}

/* --- patterns and their placeholders --- */

static const char *const placeholders[] = {"id", "group", "member", "names", "slot", "arg", NULL};

/* The value of {key}, or NULL when it has none here. */
static const char *placeholder_value(const loader *l, const char *key)
{
	if (strcmp(key, "arg") == 0)
		return l->arg;
	if (!l->point)
		return NULL;
	if (strcmp(key, "id") == 0)
		return l->point->id;
	if (strcmp(key, "group") == 0)
		return l->point->group;
	if (strcmp(key, "member") == 0)
		return l->point->member;
	if (strcmp(key, "slot") == 0)
		return l->slot;
	return strcmp(key, "names") == 0 ? l->names : NULL;
}

/* Replaces {member} and the like. A brace before anything but a small letter is the pattern's own
 * ("{2,3}"). */
static char *fill(const loader *l, const yaml_node *n, const char *text, GError **err)
{
	g_autoptr(GString) out = g_string_new(NULL);
	for (const char *at = text; *at;) {
		size_t len = *at == '{' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz") : 0;
		if (!len || at[len + 1] != '}') {
			g_string_append_c(out, *at++);
			continue;
		}
		g_autofree char *key = g_strndup(at + 1, len);
		const char *value = placeholder_value(l, key);
		if (!g_strv_contains(placeholders, key)) {
			fail_unknown(l, n, err, "placeholder", key, placeholders);
			return NULL;
		}
		if (!value) {
			yaml_fail(l->tree, n, err, NULL, "{%s} has no value here", key);
			return NULL;
		}
		g_string_append(out, value);
		at += len + 2;
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* The compiled pattern, shared by all who write the same. */
static const pattern *compile(
	loader *l, const yaml_node *n, const char *text, pattern_mode mode, GError **err)
{
	g_autofree char *key = g_strdup_printf("%d %s", (int)mode, text);
	pattern *known = g_hash_table_lookup(l->c->patterns, key);
	if (known)
		return known;
	if (g_hash_table_size(l->c->patterns) == LIMIT_PATTERNS) {
		yaml_fail(l->tree, n, err, NULL, "more than %u patterns", LIMIT_PATTERNS);
		return NULL;
	}
	g_autofree char *why = NULL;
	pattern *made = pattern_new(text, mode, &why);
	if (!made) {
		yaml_fail(l->tree, n, err,
			"Patterns are PCRE2 (`man pcre2pattern`); write them in single quotes.",
			"bad pattern \"%s\": %s", text, why);
		return NULL;
	}
	g_hash_table_insert(l->c->patterns, g_steal_pointer(&key), made);
	return made;
}

static bool read_pattern(
	loader *l, const yaml_node *n, pattern_mode mode, const pattern **out, GError **err)
{
	if (!n)
		return true;
	const char *raw = yaml_expect_text(l->tree, n, err);
	if (!raw)
		return false;
	g_autofree char *text = fill(l, n, raw, err);
	if (!text)
		return false;
	*out = compile(l, n, text, mode, err);
	return *out != NULL;
}

/* --- small values --- */

static bool read_text(loader *l, const yaml_node *map, const char *key, char **out, GError **err)
{
	const yaml_node *n = yaml_get(map, key);
	if (!n)
		return true;
	const char *text = yaml_expect_text(l->tree, n, err);
	if (!text)
		return false;
	*out = g_strdup(text);
	g_strchomp(*out);
	return true;
}

static bool need_text(loader *l, const yaml_node *map, const char *key, char **out, GError **err)
{
	if (!yaml_get(map, key))
		return yaml_fail(l->tree, map, err, NULL, "key \"%s\" is missing", key);
	return read_text(l, map, key, out, err);
}

/* A list of texts, or one text. *out is made when it is NULL. */
bool loader_texts(loader *l, const yaml_node *n, GPtrArray **out, GError **err)
{
	if (!n)
		return true;
	if (!*out)
		*out = g_ptr_array_new_with_free_func(g_free);
	for (unsigned i = 0; i < yaml_count(n); i++) {
		const char *text = yaml_expect_text(l->tree, yaml_item(n, i), err);
		if (!text)
			return false;
		g_ptr_array_add(*out, g_strdup(text));
	}
	return true;
}

/* Words that stand for bits; *bits stays when there is no node. */
static bool read_bits(
	loader *l, const yaml_node *n, const char *const *words, unsigned *bits, GError **err)
{
	if (!n)
		return true;
	*bits = 0;
	for (unsigned i = 0; i < yaml_count(n); i++) {
		unsigned at;
		if (!yaml_expect_word(l->tree, yaml_item(n, i), words, &at, err))
			return false;
		*bits |= BIT(at);
	}
	return true;
}

/* --- uses --- */

static bool read_uses(loader *l, const yaml_node *n, GPtrArray **out, GError **err);

static void add_use(GPtrArray *out, unsigned kinds, const pattern *name, const pattern *detail,
	const pattern *not_detail)
{
	use_test *t = g_new0(use_test, 1);
	*t = (use_test){kinds, name, detail, not_detail};
	g_ptr_array_add(out, t);
}

/* {kind: call, name: PATTERN, detail: PATTERN, not_detail: PATTERN} */
static bool read_inline_use(loader *l, const yaml_node *n, GPtrArray *out, GError **err)
{
	static const char *const keys[] = {"kind", "name", "detail", "not_detail", NULL};
	use_test t = {.kinds = KINDS_NAMED};
	const char *word =
		n->kind == YAML_IS_MAP && n->keys->len == 1 ? g_ptr_array_index(n->keys, 0) : NULL;
	if (word && !g_strv_contains(keys, word) && !yaml_nearest(word, keys))
		return yaml_fail(l->tree, n, err, "Define it under \"vocabulary\".",
			"unknown word \"%s\"", word);
	if (!yaml_expect_map(l->tree, n, keys, err) ||
		!read_bits(l, yaml_get(n, "kind"), use_kinds, &t.kinds, err) ||
		!read_pattern(l, yaml_get(n, "name"), PATTERN_WHOLE, &t.name, err) ||
		!read_pattern(l, yaml_get(n, "detail"), PATTERN_WITHIN, &t.detail, err) ||
		!read_pattern(l, yaml_get(n, "not_detail"), PATTERN_WITHIN, &t.not_detail, err))
		return false;
	add_use(out, t.kinds, t.name, t.detail, t.not_detail);
	return true;
}

/* "MNEMONIC" or "MNEMONIC OPERANDS", both patterns: the mnemonic whole, the operands within. */
static bool read_instruction(loader *l, const yaml_node *n, GPtrArray *out, GError **err)
{
	const char *text = yaml_expect_text(l->tree, n, err);
	if (!text)
		return false;
	const char *blank = strchr(text, ' ');
	g_autofree char *mnemonic = blank ? g_strndup(text, (gsize)(blank - text)) : g_strdup(text);
	const pattern *name = compile(l, n, mnemonic, PATTERN_WHOLE, err);
	const pattern *operands = NULL;
	if (!name)
		return false;
	if (blank && !(operands = compile(l, n, blank + 1, PATTERN_WITHIN, err)))
		return false;
	add_use(out, BIT(USE_INSTRUCTION), name, operands, NULL);
	return true;
}

static bool read_name_use(loader *l, const yaml_node *n, GPtrArray *out, GError **err)
{
	const pattern *name = NULL;
	if (!read_pattern(l, n, PATTERN_WHOLE, &name, err))
		return false;
	add_use(out, KINDS_NAMED, name, NULL, NULL);
	return true;
}

/* Words may use words; a circle is caught by depth. */
#define WORD_DEPTH 8u

static bool read_word(loader *l, const yaml_node *at, const char *word, const char *arg,
	GPtrArray *out, GError **err)
{
	const yaml_node *meaning = yaml_get(l->vocabulary, word);
	unsigned kind = 0;
	while (use_kinds[kind] && strcmp(use_kinds[kind], word) != 0)
		kind++;
	if (!meaning && use_kinds[kind]) {
		g_autofree char *hint = g_strdup_printf("Write {kind: %s}.", word);
		return yaml_fail(l->tree, at, err, hint,
			"\"%s\" is a kind of use, no word of the vocabulary", word);
	}
	if (!meaning)
		return fail_unknown(l, at, err, "word", word, (const char *const *)l->words->pdata);
	if (l->word_depth == WORD_DEPTH)
		return yaml_fail(l->tree, at, err, NULL, "word \"%s\" goes in circles", word);
	const char *outer = l->arg;
	l->arg = arg;
	l->word_depth++;
	bool ok = read_uses(l, meaning, &out, err);
	l->word_depth--;
	l->arg = outer;
	return ok;
}

/* {WORD: ARGUMENT} or {WORD: [ARGUMENT, ...]} */
static bool read_word_use(loader *l, const yaml_node *n, GPtrArray *out, GError **err)
{
	const char *word = g_ptr_array_index(n->keys, 0);
	const yaml_node *args = g_ptr_array_index(n->items, 0);
	for (unsigned i = 0; i < yaml_count(args); i++) {
		const yaml_node *arg = yaml_item(args, i);
		const char *raw = yaml_expect_text(l->tree, arg, err);
		if (!raw)
			return false;
		g_autofree char *text = fill(l, arg, raw, err);
		if (!text || !read_word(l, n, word, text, out, err))
			return false;
	}
	return true;
}

/* A list of the point at work. */
static bool read_point_list(loader *l, point_list which, GPtrArray *out, GError **err)
{
	const yaml_node *n = yaml_get(l->point_node, list_names[which]);
	for (unsigned i = 0; i < yaml_count(n); i++) {
		const yaml_node *item = yaml_item(n, i);
		bool ok = which == LIST_INSTRUCTIONS  ? read_instruction(l, item, out, err)
			  : item->kind == YAML_IS_MAP ? read_uses(l, item, &out, err)
						      : read_name_use(l, item, out, err);
		if (!ok)
			return false;
	}
	return true;
}

/* A scalar in a rule's or a word's list of uses: "anything", a list of the point, or a word. */
static bool read_named_list(loader *l, const yaml_node *n, GPtrArray *out, GError **err)
{
	const char *text = yaml_expect_text(l->tree, n, err);
	if (!text)
		return false;
	if (strcmp(text, "anything") == 0) {
		add_use(out, KINDS_NAMED, NULL, NULL, NULL);
		return true;
	}
	for (unsigned i = 0; list_names[i]; i++)
		if (strcmp(text, list_names[i]) == 0)
			return read_point_list(l, (point_list)i, out, err);
	return read_word(l, n, text, l->arg, out, err);
}

/* Everything that a list of uses can hold. *out is made when it is NULL. */
static bool read_uses(loader *l, const yaml_node *n, GPtrArray **out, GError **err)
{
	if (!n)
		return true;
	if (!*out)
		*out = g_ptr_array_new_with_free_func(g_free);
	for (unsigned i = 0; i < yaml_count(n); i++) {
		const yaml_node *item = yaml_item(n, i);
		if (++l->steps > LIMIT_STEPS)
			return yaml_fail(l->tree, item, err, NULL,
				"the words of this file spell out to more than %u uses",
				LIMIT_STEPS);
		bool word = item->kind == YAML_IS_MAP && item->keys->len == 1 &&
			    yaml_get(l->vocabulary, g_ptr_array_index(item->keys, 0));
		bool ok = item->kind == YAML_IS_SCALAR ? read_named_list(l, item, *out, err)
			  : word		       ? read_word_use(l, item, *out, err)
						       : read_inline_use(l, item, *out, err);
		if (!ok)
			return false;
	}
	return true;
}

/* --- rules --- */

static const char *const rule_keys[] = {"id", "find", "base_has", "base_lacks", "change", "copy",
	"path", "not_path", "condition", "not_condition", "entity", "name", "base", "has", "lacks",
	"gains", "loses", "other", "gone", "use", "via", "in", "not_in", "beside", "gives", NULL};

/* `name: '{names}'` and lists of patterns. A name that is exactly {names}, {hooks} or {sites} takes
 * the point's list item by item, so that plain names are looked up, not tried. */
static bool read_rule_names(loader *l, const yaml_node *n, GPtrArray **out, GError **err)
{
	if (!n)
		return true;
	if (!*out)
		*out = g_ptr_array_new();
	for (unsigned i = 0; i < yaml_count(n); i++) {
		const yaml_node *item = yaml_item(n, i);
		const char *text = yaml_expect_text(l->tree, item, err);
		if (!text)
			return false;
		const yaml_node *list = NULL;
		bool is_list = false;
		for (unsigned k = LIST_NAMES; k <= LIST_SITES; k++) {
			g_autofree char *word = g_strdup_printf("{%s}", list_names[k]);
			if (strcmp(text, word) != 0)
				continue;
			is_list = true;
			list = yaml_get(l->point_node, list_names[k]);
		}
		if (is_list) {
			if (!read_rule_names(l, list, out, err))
				return false;
			continue;
		}
		const pattern *p = NULL;
		if (!read_pattern(l, item, PATTERN_WHOLE, &p, err))
			return false;
		g_ptr_array_add(*out, (gpointer)p);
	}
	return true;
}

static bool read_gives(loader *l, const yaml_node *n, rule *r, GError **err)
{
	static const char *const keys[] = {"weight", "confidence", "kind", "note", NULL};
	if (!yaml_expect_map(l->tree, n, keys, err))
		return false;
	const yaml_node *weight = yaml_get(n, "weight");
	const yaml_node *confidence = yaml_get(n, "confidence");
	const yaml_node *kind = yaml_get(n, "kind");
	unsigned at = 0;
	if (!weight || !confidence)
		return yaml_fail(l->tree, n, err, NULL, "weight and confidence are needed");
	if (!yaml_expect_word(l->tree, weight, weight_words, &at, err) ||
		!yaml_expect_number(l->tree, confidence, 0, 1, &r->confidence, err))
		return false;
	r->weight = (evidence_weight)at;
	if (kind && !yaml_expect_word(l->tree, kind, evidence_kinds, &at, err))
		return false;
	if (kind)
		r->kind = g_strdup(evidence_kinds[at]);
	return read_text(l, n, "note", &r->note, err);
}

static bool read_other(loader *l, const yaml_node *n, rule *r, GError **err)
{
	static const char *const keys[] = {"has", "lacks", NULL};
	if (!n)
		return true;
	r->has_other = true;
	return yaml_expect_map(l->tree, n, keys, err) &&
	       read_uses(l, yaml_get(n, "has"), &r->other.has, err) &&
	       read_uses(l, yaml_get(n, "lacks"), &r->other.lacks, err);
}

static bool read_beside(loader *l, const yaml_node *n, rule *r, GError **err)
{
	static const char *const keys[] = {"change", "use", NULL};
	if (!n)
		return true;
	r->beside_changes = ALL_BITS;
	if (!yaml_expect_map(l->tree, n, keys, err) ||
		!read_bits(l, yaml_get(n, "change"), change_words, &r->beside_changes, err))
		return false;
	if (!yaml_get(n, "use"))
		return yaml_fail(l->tree, n, err, NULL, "key \"use\" is missing");
	return read_uses(l, yaml_get(n, "use"), &r->beside, err);
}

static bool read_definition_tests(loader *l, const yaml_node *n, rule *r, GError **err)
{
	const yaml_node *gone = yaml_get(n, "gone");
	static const char *const yes[] = {"true", NULL};
	unsigned at;
	if (gone && !yaml_expect_word(l->tree, gone, yes, &at, err))
		return false;
	r->gone = gone != NULL;
	r->entities = ENTITIES_CODE;
	r->bases = ALL_BITS;
	return read_bits(l, yaml_get(n, "entity"), entity_kinds, &r->entities, err) &&
	       read_bits(l, yaml_get(n, "base"), base_words, &r->bases, err) &&
	       read_rule_names(l, yaml_get(n, "name"), &r->names, err) &&
	       read_uses(l, yaml_get(n, "has"), &r->body.has, err) &&
	       read_uses(l, yaml_get(n, "lacks"), &r->body.lacks, err) &&
	       read_uses(l, yaml_get(n, "gains"), &r->gains, err) &&
	       read_uses(l, yaml_get(n, "loses"), &r->loses, err) &&
	       read_other(l, yaml_get(n, "other"), r, err);
}

static bool read_use_tests(loader *l, const yaml_node *n, rule *r, GError **err)
{
	if (!yaml_get(n, "use") == !yaml_get(n, "via"))
		return yaml_fail(l->tree, n, err, NULL,
			"a rule that finds a use needs \"use\" or \"via\", and not both");
	return read_uses(l, yaml_get(n, "use"), &r->uses, err) &&
	       read_uses(l, yaml_get(n, "via"), &r->via, err) &&
	       read_pattern(l, yaml_get(n, "in"), PATTERN_WHOLE, &r->in, err) &&
	       read_pattern(l, yaml_get(n, "not_in"), PATTERN_WHOLE, &r->not_in, err) &&
	       read_beside(l, yaml_get(n, "beside"), r, err);
}

/* Keys that mean nothing on the rule's subject are mistakes, not decoration. */
static bool check_subject(loader *l, const yaml_node *n, rule_subject on, GError **err)
{
	static const char *const definition_only[] = {
		"entity", "name", "base", "has", "lacks", "gains", "loses", "other", "gone", NULL};
	static const char *const use_only[] = {"use", "via", "in", "not_in", "beside", NULL};
	const char *const *wrong = on == RULE_ON_USE ? definition_only : use_only;
	for (; *wrong; wrong++)
		if (yaml_get(n, *wrong))
			return yaml_fail(l->tree, yaml_get(n, *wrong), err, NULL,
				"means nothing of a %s", on == RULE_ON_USE ? "use" : "definition");
	return true;
}

static bool is_empty(const GPtrArray *list)
{
	return list && list->len == 0;
}

/* A rule that asks for a list which this point does not have can never hold here. The key that
 * asks, or NULL when it can hold. */
static const char *idle_key(const rule *r)
{
	const struct {
		const GPtrArray *list;
		const char *key;
	} lists[] = {{r->names, "name"}, {r->uses, "use"}, {r->via, "via"}, {r->body.has, "has"},
		{r->gains, "gains"}, {r->loses, "loses"}, {r->other.has, "other"},
		{r->beside, "beside"}};
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
		if (is_empty(lists[i].list))
			return lists[i].key;
	return NULL;
}

static bool read_rule_body(loader *l, const yaml_node *n, rule *r, GError **err)
{
	static const char *const subjects[] = {"definition", "use", NULL};
	unsigned on;
	const yaml_node *subject = yaml_get(n, "find");
	if (!subject)
		return yaml_fail(l->tree, n, err, NULL, "key \"find\" is missing");
	if (!yaml_expect_word(l->tree, subject, subjects, &on, err))
		return false;
	r->on = (rule_subject)on;
	r->changes = BIT(TOUCH_ADDED) | BIT(TOUCH_CHANGED);
	r->copies = ALL_BITS;
	if (!check_subject(l, n, r->on, err) ||
		!read_bits(l, yaml_get(n, "change"), change_words, &r->changes, err) ||
		!read_bits(l, yaml_get(n, "copy"), copy_words, &r->copies, err) ||
		!loader_texts(l, yaml_get(n, "base_has"), &r->base_has, err) ||
		!loader_texts(l, yaml_get(n, "base_lacks"), &r->base_lacks, err) ||
		!loader_texts(l, yaml_get(n, "path"), &r->paths, err) ||
		!loader_texts(l, yaml_get(n, "not_path"), &r->not_paths, err) ||
		!read_pattern(l, yaml_get(n, "condition"), PATTERN_WITHIN, &r->condition, err) ||
		!read_pattern(
			l, yaml_get(n, "not_condition"), PATTERN_WITHIN, &r->not_condition, err))
		return false;
	return r->on == RULE_ON_USE ? read_use_tests(l, n, r, err)
				    : read_definition_tests(l, n, r, err);
}

static bool read_rule(loader *l, const yaml_node *n, rule **out, GError **err)
{
	g_autoptr(rule) r = g_new0(rule, 1);
	if (!yaml_expect_map(l->tree, n, rule_keys, err) || !need_text(l, n, "id", &r->id, err) ||
		!read_rule_body(l, n, r, err))
		return false;
	const yaml_node *gives = yaml_get(n, "gives");
	if (!gives)
		return yaml_fail(l->tree, n, err, NULL, "key \"gives\" is missing");
	if (!read_gives(l, gives, r, err))
		return false;
	*out = g_steal_pointer(&r);
	return true;
}

static bool read_rules(loader *l, const yaml_node *n, GPtrArray *out, GError **err)
{
	if (!n)
		return true;
	if (!yaml_expect_list(l->tree, n, err))
		return false;
	if (n->items->len > LIMIT_RULES)
		return yaml_fail(l->tree, n, err, NULL, "more than %u rules", LIMIT_RULES);
	for (unsigned i = 0; i < yaml_count(n); i++) {
		g_autoptr(rule) r = NULL;
		if (!read_rule(l, yaml_item(n, i), &r, err))
			return false;
		const char *idle = idle_key(r);
		if (idle)
			g_hash_table_insert(l->c->idle, g_strdup(r->id), (gpointer)idle);
		else
			g_ptr_array_add(out, g_steal_pointer(&r));
	}
	return true;
}

/* --- points --- */

static const char *const point_keys[] = {"id", "title", "signature", "variants", "contract",
	"required", "native", "aliases", "names", "hooks", "sites", "calls", "instructions",
	"no_slot", "rules", NULL};

static bool is_id(const char *text)
{
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
					   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")];
}

/* A word, or two with a dot between. */
static bool is_name(const char *text)
{
	const char *dot = strchr(text, '.');
	g_autofree char *first = dot ? g_strndup(text, (gsize)(dot - text)) : g_strdup(text);
	return is_id(first) && (!dot || is_id(dot + 1));
}

static bool read_id(loader *l, const yaml_node *n, point *p, GError **err)
{
	const yaml_node *id = yaml_get(n, "id");
	if (!need_text(l, n, "id", &p->id, err))
		return false;
	const char *dot = strchr(p->id, '.');
	if (!dot)
		return yaml_fail(
			l->tree, id, err, NULL, "GROUP.MEMBER expected, not \"%s\"", p->id);
	p->group = g_strndup(p->id, (gsize)(dot - p->id));
	p->member = g_strdup(dot + 1);
	if (!is_id(p->group) || !is_id(p->member))
		return yaml_fail(
			l->tree, id, err, NULL, "GROUP.MEMBER expected, not \"%s\"", p->id);
	for (guint i = 0; i < l->c->info->groups->len; i++)
		if (strcmp(g_ptr_array_index(l->c->info->groups, i), p->group) == 0)
			return true;
	return yaml_fail(
		l->tree, id, err, "List it under \"groups\".", "unknown group \"%s\"", p->group);
}

static bool is_taken(const loader *l, const char *name)
{
	for (guint i = 0; i < l->c->specs->len; i++) {
		const point *p = ((point_spec *)g_ptr_array_index(l->c->specs, i))->point;
		if (strcmp(p->id, name) == 0)
			return true;
		for (guint k = 0; k < p->aliases->len; k++)
			if (strcmp(g_ptr_array_index(p->aliases, k), name) == 0)
				return true;
	}
	return false;
}

/* --- contracts --- */

/* A word of a contract: what two catalogues, or two sides, can be compared by. */
static bool read_term_word(loader *l, const yaml_node *n, contract_aspect aspect, const char *of,
	point *p, GError **err)
{
	const char *text = yaml_expect_text(l->tree, n, err);
	if (!text)
		return false;
	if (text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		return yaml_fail(l->tree, n, err, NULL,
			"a word of small letters, digits and '-' expected, not \"%s\"", text);
	g_ptr_array_add(p->terms, contract_term_new(aspect, of, text));
	return true;
}

static bool read_term_words(
	loader *l, const yaml_node *n, contract_aspect aspect, point *p, GError **err)
{
	for (unsigned i = 0; i < yaml_count(n); i++)
		if (!read_term_word(l, yaml_item(n, i), aspect, "", p, err))
			return false;
	return true;
}

/* units: {return: ns, pfn: guest-frames} */
static bool read_units(loader *l, const yaml_node *n, point *p, GError **err)
{
	if (!n)
		return true;
	if (n->kind != YAML_IS_MAP)
		return yaml_fail(l->tree, n, err, NULL, "parameters and their units expected");
	for (guint i = 0; i < n->keys->len; i++)
		if (!read_term_word(l, g_ptr_array_index(n->items, i), CONTRACT_UNITS,
			    g_ptr_array_index(n->keys, i), p, err))
			return false;
	return true;
}

static bool read_contract(loader *l, const yaml_node *n, point *p, GError **err)
{
	static const char *const keys[] = {
		"says", "units", "convention", "context", "returns", NULL};
	const yaml_node *contract = yaml_get(n, "contract");
	if (!contract || contract->kind == YAML_IS_SCALAR)
		return read_text(l, n, "contract", &p->contract, err);
	g_autofree char *returns = NULL;
	if (!yaml_expect_map(l->tree, contract, keys, err) ||
		!read_text(l, contract, "says", &p->contract, err) ||
		!read_units(l, yaml_get(contract, "units"), p, err) ||
		!read_term_words(
			l, yaml_get(contract, "convention"), CONTRACT_CONVENTION, p, err) ||
		!read_term_words(l, yaml_get(contract, "context"), CONTRACT_CONTEXT, p, err) ||
		!read_text(l, contract, "returns", &returns, err))
		return false;
	if (returns)
		g_ptr_array_add(p->terms, contract_term_new(CONTRACT_RETURNS, "", returns));
	return true;
}

/* "always", "never", or "when SYMBOL" (a Kconfig symbol, with or without CONFIG_). */
static bool read_required(loader *l, const yaml_node *n, point *p, GError **err)
{
	static const char *const words[] = {"always", "never", NULL};
	static const point_required means[] = {REQUIRED_ALWAYS, REQUIRED_NEVER};
	if (!n)
		return true;
	const char *text = yaml_expect_text(l->tree, n, err);
	if (!text)
		return false;
	if (g_str_has_prefix(text, "when ")) {
		const char *symbol = text + strlen("when ");
		symbol += g_str_has_prefix(symbol, "CONFIG_") ? strlen("CONFIG_") : 0;
		if (!is_id(symbol))
			return yaml_fail(l->tree, n, err, NULL,
				"a Kconfig symbol expected, not \"%s\"", symbol);
		p->required = REQUIRED_WHEN;
		p->required_when = g_strdup(symbol);
		return true;
	}
	for (unsigned i = 0; words[i]; i++)
		if (strcmp(text, words[i]) == 0) {
			p->required = means[i];
			return true;
		}
	return yaml_fail(l->tree, n, err, NULL,
		"always, never or \"when SYMBOL\" expected, not \"%s\"", text);
}

static bool read_signature(loader *l, const yaml_node *n, point *p, GError **err)
{
	if (!read_text(l, n, "signature", &p->signature, err))
		return false;
	g_autoptr(function_type) type = p->signature ? function_type_parse(p->signature) : NULL;
	return !p->signature || type ||
	       yaml_fail(l->tree, yaml_get(n, "signature"), err,
		       "As in C, without the name: 'void (int cpu)'.",
		       "no type of a function: \"%s\"", p->signature);
}

static bool read_point_texts(loader *l, const yaml_node *n, point *p, GError **err)
{
	if (!read_id(l, n, p, err) || !need_text(l, n, "title", &p->title, err) ||
		!read_signature(l, n, p, err) || !read_contract(l, n, p, err) ||
		!read_required(l, yaml_get(n, "required"), p, err) ||
		!loader_texts(l, yaml_get(n, "variants"), &p->variants, err) ||
		!read_text(l, n, "native", &p->native, err) ||
		!loader_texts(l, yaml_get(n, "aliases"), &p->aliases, err))
		return false;
	if (is_taken(l, p->id))
		return yaml_fail(l->tree, yaml_get(n, "id"), err, NULL,
			"\"%s\" is the name of another point", p->id);
	for (guint i = 0; i < p->aliases->len; i++)
		if (!is_name(g_ptr_array_index(p->aliases, i)))
			return yaml_fail(l->tree, yaml_get(n, "aliases"), err, NULL,
				"NAME or GROUP.NAME expected, not \"%s\"",
				(char *)g_ptr_array_index(p->aliases, i));
	for (guint i = 0; i < p->aliases->len; i++)
		if (is_taken(l, g_ptr_array_index(p->aliases, i)))
			return yaml_fail(l->tree, yaml_get(n, "aliases"), err, NULL,
				"\"%s\" is the name of another point",
				(char *)g_ptr_array_index(p->aliases, i));
	return true;
}

/* "(?:a|b)" of the point's names, its member's name when it has none. */
static char *join_names(const point *p, const yaml_node *n)
{
	const yaml_node *names = yaml_get(n, "names");
	g_autoptr(GString) out = g_string_new("(?:");
	for (unsigned i = 0; i < yaml_count(names); i++) {
		const yaml_node *item = yaml_item(names, i);
		if (item->kind == YAML_IS_SCALAR)
			g_string_append_printf(out, "%s%s", out->len > 3 ? "|" : "", item->text);
	}
	if (out->len == 3)
		g_string_append(out, p->member);
	g_string_append_c(out, ')');
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* Spells every word out once, so that a mistake in one that nobody uses is seen too. */
static bool check_vocabulary(loader *l, GError **err)
{
	for (guint i = 0; l->vocabulary && i < l->vocabulary->items->len; i++) {
		g_autoptr(GPtrArray) uses = g_ptr_array_new_with_free_func(g_free);
		if (!read_word(l, l->vocabulary, g_ptr_array_index(l->vocabulary->keys, i), "x",
			    uses, err))
			return false;
	}
	return true;
}

/* "(?:member|alias)": what the slot was called in one version or another. An alias may be a whole
 * id. */
static char *join_slots(const point *p)
{
	g_autoptr(GString) out = g_string_new("(?:");
	g_string_append(out, p->member);
	for (guint i = 0; i < p->aliases->len; i++) {
		const char *alias = g_ptr_array_index(p->aliases, i);
		const char *dot = strchr(alias, '.');
		g_string_append_printf(out, "|%s", dot ? dot + 1 : alias);
	}
	g_string_append_c(out, ')');
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static bool read_point(loader *l, const yaml_node *n, const yaml_node *general, GError **err)
{
	g_autoptr(point_spec) s = g_new0(point_spec, 1);
	s->point = point_new();
	s->rules = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
	if (!yaml_expect_map(l->tree, n, point_keys, err) || !read_point_texts(l, n, s->point, err))
		return false;
	g_autofree char *names = join_names(s->point, n);
	g_autofree char *slot = join_slots(s->point);
	const yaml_node *no_slot = yaml_get(n, "no_slot");
	static const char *const yes[] = {"true", NULL};
	unsigned at;
	if (no_slot && !yaml_expect_word(l->tree, no_slot, yes, &at, err))
		return false;
	s->no_slot = no_slot != NULL;
	l->point = s->point;
	l->point_node = n;
	l->names = names;
	l->slot = slot;
	/* Read all lists once, so that a mistake in one that no rule uses is seen too. */
	g_autoptr(GPtrArray) lists = g_ptr_array_new_with_free_func(g_free);
	bool ok = true;
	for (unsigned i = 0; ok && i < POINT_LISTS; i++)
		ok = read_point_list(l, (point_list)i, lists, err);
	if (ok && !l->c->specs->len)
		ok = check_vocabulary(l, err);
	ok = ok && read_rules(l, general, s->rules, err) &&
	     read_rules(l, yaml_get(n, "rules"), s->rules, err);
	l->point = NULL;
	l->point_node = NULL;
	l->names = NULL;
	l->slot = NULL;
	if (ok)
		g_ptr_array_add(l->c->specs, g_steal_pointer(&s));
	return ok;
}

static bool read_points(loader *l, const yaml_node *root, GError **err)
{
	const yaml_node *points = yaml_get(root, "points");
	if (!points)
		return yaml_fail(l->tree, root, err, NULL, "key \"points\" is missing");
	if (!yaml_expect_list(l->tree, points, err))
		return false;
	if (!points->items->len)
		return yaml_fail(l->tree, points, err, NULL, "no points");
	if (points->items->len > LIMIT_POINTS)
		return yaml_fail(l->tree, points, err, NULL, "more than %u points", LIMIT_POINTS);
	for (unsigned i = 0; i < points->items->len; i++)
		if (!read_point(l, yaml_item(points, i), yaml_get(root, "rules"), err))
			return false;
	return true;
}

/* --- the rest of the file --- */

static bool read_scope(loader *l, const yaml_node *n, GError **err)
{
	static const char *const keys[] = {"path", "not_path", "dead", NULL};
	if (!n)
		return true;
	return yaml_expect_map(l->tree, n, keys, err) &&
	       loader_texts(l, yaml_get(n, "path"), &l->c->paths, err) &&
	       loader_texts(l, yaml_get(n, "not_path"), &l->c->not_paths, err) &&
	       read_pattern(l, yaml_get(n, "dead"), PATTERN_WITHIN, &l->c->dead, err);
}

static bool read_fit(loader *l, const yaml_node *n, GPtrArray *out, GError **err)
{
	static const char *const keys[] = {"file", "no_file", "has", "lacks", NULL};
	g_autoptr(fit_test) t = g_new0(fit_test, 1);
	if (!yaml_expect_map(l->tree, n, keys, err) || !read_text(l, n, "file", &t->path, err))
		return false;
	if (!t->path) {
		t->absent = true;
		if (!need_text(l, n, "no_file", &t->path, err))
			return false;
	}
	if (!read_pattern(l, yaml_get(n, "has"), PATTERN_WITHIN, &t->has, err) ||
		!read_pattern(l, yaml_get(n, "lacks"), PATTERN_WITHIN, &t->lacks, err))
		return false;
	g_ptr_array_add(out, g_steal_pointer(&t));
	return true;
}

bool loader_fits(loader *l, const yaml_node *n, GPtrArray *out, GError **err)
{
	if (!n)
		return true;
	if (!yaml_expect_list(l->tree, n, err))
		return false;
	for (unsigned i = 0; i < n->items->len; i++)
		if (!read_fit(l, yaml_item(n, i), out, err))
			return false;
	return true;
}

static bool read_thresholds(loader *l, const yaml_node *n, GError **err)
{
	static const char *const keys[] = {"hooked", "bypassed", "touched", NULL};
	thresholds *t = &l->c->limits;
	*t = (thresholds){0.5, 0.5, 0.3};
	double *const values[] = {&t->hooked, &t->bypassed, &t->touched};
	if (!n)
		return true;
	if (!yaml_expect_map(l->tree, n, keys, err))
		return false;
	for (unsigned i = 0; keys[i]; i++) {
		const yaml_node *value = yaml_get(n, keys[i]);
		if (value && !yaml_expect_number(l->tree, value, 0, 1, values[i], err))
			return false;
	}
	return true;
}

static bool read_groups(loader *l, const yaml_node *root, GError **err)
{
	const yaml_node *groups = yaml_get(root, "groups");
	if (!groups)
		return yaml_fail(l->tree, root, err, NULL, "key \"groups\" is missing");
	return yaml_expect_list(l->tree, groups, err) &&
	       loader_texts(l, groups, &l->c->info->groups, err);
}

static bool read_vocabulary(loader *l, const yaml_node *n, GError **err)
{
	if (n && n->kind != YAML_IS_MAP)
		return yaml_fail(l->tree, n, err, NULL, "words and what they mean expected");
	l->vocabulary = n;
	for (guint i = 0; n && i < n->keys->len; i++) {
		char *word = g_ptr_array_index(n->keys, i);
		if (g_strv_contains(list_names, word) || strcmp(word, "anything") == 0)
			return yaml_fail(l->tree, g_ptr_array_index(n->items, i), err,
				"Take another word.", "\"%s\" has a meaning of its own", word);
		g_ptr_array_add(l->words, word);
	}
	for (unsigned i = 0; list_names[i]; i++)
		g_ptr_array_add(l->words, (gpointer)list_names[i]);
	g_ptr_array_add(l->words, NULL);
	return true;
}

static bool read_catalogue(loader *l, GError **err)
{
	static const char *const keys[] = {"catalogue", "version", "title", "fits", "files",
		"structs", "versions", "scope", "groups", "thresholds", "vocabulary", "rules",
		"points", NULL};
	const yaml_node *root = l->tree->root;
	catalogue *c = l->c;
	return yaml_expect_map(l->tree, root, keys, err) &&
	       need_text(l, root, "catalogue", &c->info->name, err) &&
	       need_text(l, root, "version", &c->info->version, err) &&
	       need_text(l, root, "title", &c->info->title, err) &&
	       loader_texts(l, yaml_get(root, "files"), &c->files, err) &&
	       loader_texts(l, yaml_get(root, "structs"), &c->structs, err) &&
	       read_groups(l, root, err) && read_scope(l, yaml_get(root, "scope"), err) &&
	       loader_fits(l, yaml_get(root, "fits"), c->fits, err) &&
	       read_thresholds(l, yaml_get(root, "thresholds"), err) &&
	       read_vocabulary(l, yaml_get(root, "vocabulary"), err) && read_points(l, root, err) &&
	       versions_read(l, yaml_get(root, "versions"), err);
}

static char *digest_of(GBytes *text)
{
	g_auto(digest) d;
	digest_init(&d);
	gsize len;
	const void *bytes = g_bytes_get_data(text, &len);
	digest_add(&d, bytes, len);
	return digest_hex(&d);
}

static catalogue *catalogue_new(void)
{
	catalogue *c = g_new0(catalogue, 1);
	c->info = catalogue_info_new();
	c->specs = g_ptr_array_new_with_free_func((GDestroyNotify)point_spec_free);
	c->fits = g_ptr_array_new_with_free_func((GDestroyNotify)fit_test_free);
	c->files = g_ptr_array_new_with_free_func(g_free);
	c->structs = g_ptr_array_new_with_free_func(g_free);
	c->versions = g_ptr_array_new_with_free_func((GDestroyNotify)version_spec_free);
	c->idle = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	c->patterns = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)pattern_free);
	return c;
}

bool catalogue_read(catalogue **out, const char *name, GBytes *text, GError **err)
{
	g_autoptr(yaml_tree) tree = NULL;
	if (!yaml_tree_read(&tree, name, text, err))
		return false;
	g_autoptr(catalogue) c = catalogue_new();
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	loader l = {.tree = tree, .c = c, .words = words};
	if (!read_catalogue(&l, err))
		return false;
	g_ptr_array_add(c->files, NULL);
	g_ptr_array_add(c->structs, NULL);
	c->info->digest = digest_of(text);
	*out = g_steal_pointer(&c);
	return true;
}

bool catalogue_load(catalogue **out, const char *path, GError **err)
{
	GStatBuf st;
	if (g_stat(path, &st) != 0)
		return error_set(err, TRUCE_ERROR_IO, NULL, "%s: %s", path, g_strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, TRUCE_ERROR_IO, NULL, "%s: not a file", path);
	if ((guint64)st.st_size > LIMIT_YAML_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL,
			"%s: %" G_GUINT64_FORMAT " bytes; at most %zu are read", path,
			(guint64)st.st_size, LIMIT_YAML_BYTES);
	g_autoptr(GError) io = NULL;
	char *bytes;
	gsize len;
	if (!g_file_get_contents(path, &bytes, &len, &io))
		return error_set(err, TRUCE_ERROR_IO, NULL, "%s", io->message);
	g_autoptr(GBytes) text = g_bytes_new_take(bytes, len);
	return catalogue_read(out, path, text, err);
}
