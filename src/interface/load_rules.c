/* The rules of a catalogue, each for the point at work. */
#include <string.h>

#include "interface/loader.h"

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

#define ENTITIES_CODE                                                                              \
	(BIT(ENTITY_FUNCTION) | BIT(ENTITY_MACRO) | BIT(ENTITY_VARIABLE) | BIT(ENTITY_ASM_LABEL) | \
		BIT(ENTITY_ASM_MACRO))
#define ALL_BITS 0xffffffffu

/* Rules that stand at one place. */
#define LIMIT_RULES 200u

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
			g_autofree char *word = g_strdup_printf("{%s}", loader_lists[k]);
			if (strcmp(text, word) != 0)
				continue;
			is_list = true;
			list = yaml_get(l->point_node, loader_lists[k]);
		}
		if (is_list) {
			if (!read_rule_names(l, list, out, err))
				return false;
			continue;
		}
		const pattern *p = NULL;
		if (!loader_pattern(l, item, PATTERN_WHOLE, &p, err))
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
	return loader_text(l, n, "note", &r->note, err);
}

static bool read_other(loader *l, const yaml_node *n, rule *r, GError **err)
{
	static const char *const keys[] = {"has", "lacks", NULL};
	if (!n)
		return true;
	r->has_other = true;
	return yaml_expect_map(l->tree, n, keys, err) &&
	       loader_uses(l, yaml_get(n, "has"), &r->other.has, err) &&
	       loader_uses(l, yaml_get(n, "lacks"), &r->other.lacks, err);
}

static bool read_beside(loader *l, const yaml_node *n, rule *r, GError **err)
{
	static const char *const keys[] = {"change", "use", NULL};
	if (!n)
		return true;
	r->beside_changes = ALL_BITS;
	if (!yaml_expect_map(l->tree, n, keys, err) ||
		!loader_bits(l, yaml_get(n, "change"), change_words, &r->beside_changes, err))
		return false;
	if (!yaml_get(n, "use"))
		return yaml_fail(l->tree, n, err, NULL, "key \"use\" is missing");
	return loader_uses(l, yaml_get(n, "use"), &r->beside, err);
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
	return loader_bits(l, yaml_get(n, "entity"), entity_kinds, &r->entities, err) &&
	       loader_bits(l, yaml_get(n, "base"), base_words, &r->bases, err) &&
	       read_rule_names(l, yaml_get(n, "name"), &r->names, err) &&
	       loader_uses(l, yaml_get(n, "has"), &r->body.has, err) &&
	       loader_uses(l, yaml_get(n, "lacks"), &r->body.lacks, err) &&
	       loader_uses(l, yaml_get(n, "gains"), &r->gains, err) &&
	       loader_uses(l, yaml_get(n, "loses"), &r->loses, err) &&
	       read_other(l, yaml_get(n, "other"), r, err);
}

static bool read_use_tests(loader *l, const yaml_node *n, rule *r, GError **err)
{
	if (!yaml_get(n, "use") == !yaml_get(n, "via"))
		return yaml_fail(l->tree, n, err, NULL,
			"a rule that finds a use needs \"use\" or \"via\", and not both");
	return loader_uses(l, yaml_get(n, "use"), &r->uses, err) &&
	       loader_uses(l, yaml_get(n, "via"), &r->via, err) &&
	       loader_pattern(l, yaml_get(n, "in"), PATTERN_WHOLE, &r->in, err) &&
	       loader_pattern(l, yaml_get(n, "not_in"), PATTERN_WHOLE, &r->not_in, err) &&
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
		!loader_bits(l, yaml_get(n, "change"), change_words, &r->changes, err) ||
		!loader_bits(l, yaml_get(n, "copy"), copy_words, &r->copies, err) ||
		!loader_texts(l, yaml_get(n, "base_has"), &r->base_has, err) ||
		!loader_texts(l, yaml_get(n, "base_lacks"), &r->base_lacks, err) ||
		!loader_texts(l, yaml_get(n, "path"), &r->paths, err) ||
		!loader_texts(l, yaml_get(n, "not_path"), &r->not_paths, err) ||
		!loader_pattern(l, yaml_get(n, "condition"), PATTERN_WITHIN, &r->condition, err) ||
		!loader_pattern(
			l, yaml_get(n, "not_condition"), PATTERN_WITHIN, &r->not_condition, err))
		return false;
	return r->on == RULE_ON_USE ? read_use_tests(l, n, r, err)
				    : read_definition_tests(l, n, r, err);
}

static bool read_rule(loader *l, const yaml_node *n, rule **out, GError **err)
{
	g_autoptr(rule) r = g_new0(rule, 1);
	if (!yaml_expect_map(l->tree, n, rule_keys, err) ||
		!loader_need_text(l, n, "id", &r->id, err) || !read_rule_body(l, n, r, err))
		return false;
	const yaml_node *gives = yaml_get(n, "gives");
	if (!gives)
		return yaml_fail(l->tree, n, err, NULL, "key \"gives\" is missing");
	if (!read_gives(l, gives, r, err))
		return false;
	*out = g_steal_pointer(&r);
	return true;
}

bool loader_rules(loader *l, const yaml_node *n, GPtrArray *out, GError **err)
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
