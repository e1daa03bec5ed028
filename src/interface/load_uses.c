/* What a rule asks of code, spelled out: names, instructions, lists of the point, and words of the
 * vocabulary, which may hold all of these. */
#include <string.h>

#include "interface/loader.h"

const char *const loader_lists[] = {"names", "hooks", "sites", "calls", "instructions", NULL};
static const char *const use_kinds[] = {"call", "macro", "reference", "field", "type",
	"instruction", "slot", "include", "config", NULL};

/* A name that is used: called, expanded, or its address taken. */
#define KINDS_NAMED (BIT(USE_CALL) | BIT(USE_MACRO) | BIT(USE_REFERENCE))

/* Uses read while words are spelled out; paravirt-i386 has 40,000. Bounds words made of words made
 * of words. */
#define LIMIT_STEPS 5000000u

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
		return yaml_fail(l->tree, n, err, "define it under \"vocabulary\"",
			"unknown word \"%s\"", word);
	if (!yaml_expect_map(l->tree, n, keys, err) ||
		!loader_bits(l, yaml_get(n, "kind"), use_kinds, &t.kinds, err) ||
		!loader_pattern(l, yaml_get(n, "name"), PATTERN_WHOLE, &t.name, err) ||
		!loader_pattern(l, yaml_get(n, "detail"), PATTERN_WITHIN, &t.detail, err) ||
		!loader_pattern(l, yaml_get(n, "not_detail"), PATTERN_WITHIN, &t.not_detail, err))
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
	const pattern *name = loader_compile(l, n, mnemonic, PATTERN_WHOLE, err);
	const pattern *operands = NULL;
	if (!name)
		return false;
	if (blank && !(operands = loader_compile(l, n, blank + 1, PATTERN_WITHIN, err)))
		return false;
	add_use(out, BIT(USE_INSTRUCTION), name, operands, NULL);
	return true;
}

static bool read_name_use(loader *l, const yaml_node *n, GPtrArray *out, GError **err)
{
	const pattern *name = NULL;
	if (!loader_pattern(l, n, PATTERN_WHOLE, &name, err))
		return false;
	add_use(out, KINDS_NAMED, name, NULL, NULL);
	return true;
}

/* Words may use words; a circle is caught by depth. */
#define WORD_DEPTH 8u

bool loader_word(loader *l, const yaml_node *at, const char *word, const char *arg, GPtrArray *out,
	GError **err)
{
	const yaml_node *meaning = yaml_get(l->vocabulary, word);
	unsigned kind = 0;
	while (use_kinds[kind] && strcmp(use_kinds[kind], word) != 0)
		kind++;
	if (!meaning && use_kinds[kind]) {
		g_autofree char *hint = g_strdup_printf("write {kind: %s}", word);
		return yaml_fail(l->tree, at, err, hint,
			"\"%s\" is a kind of use, no word of the vocabulary", word);
	}
	if (!meaning)
		return loader_fail_unknown(
			l, at, err, "word", word, (const char *const *)l->words->pdata);
	if (l->word_depth == WORD_DEPTH)
		return yaml_fail(l->tree, at, err, NULL, "word \"%s\" goes in circles", word);
	const char *outer = l->arg;
	l->arg = arg;
	l->word_depth++;
	bool ok = loader_uses(l, meaning, &out, err);
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
		g_autofree char *text = loader_fill(l, arg, raw, err);
		if (!text || !loader_word(l, n, word, text, out, err))
			return false;
	}
	return true;
}

/* A list of the point at work. */
bool loader_point_list(loader *l, point_list which, GPtrArray *out, GError **err)
{
	const yaml_node *n = yaml_get(l->point_node, loader_lists[which]);
	for (unsigned i = 0; i < yaml_count(n); i++) {
		const yaml_node *item = yaml_item(n, i);
		bool ok = which == LIST_INSTRUCTIONS  ? read_instruction(l, item, out, err)
			  : item->kind == YAML_IS_MAP ? loader_uses(l, item, &out, err)
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
	for (unsigned i = 0; loader_lists[i]; i++)
		if (strcmp(text, loader_lists[i]) == 0)
			return loader_point_list(l, (point_list)i, out, err);
	return loader_word(l, n, text, l->arg, out, err);
}

/* Everything that a list of uses can hold. *out is made when it is NULL. */
bool loader_uses(loader *l, const yaml_node *n, GPtrArray **out, GError **err)
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
