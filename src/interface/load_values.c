/* Values of a catalogue: texts, words that stand for bits, patterns with their placeholders. */
#include <string.h>

#include "interface/loader.h"

/* Patterns of a catalogue; paravirt-i386 has 600. */
#define LIMIT_PATTERNS 50000u

bool loader_fail_unknown(const loader *l, const yaml_node *n, GError **err, const char *what,
	const char *text, const char *const *known)
{
	const char *near = yaml_nearest(text, known);
	g_autofree char *hint = near ? g_strdup_printf("did you mean \"%s\"?", near) : NULL;
	return yaml_fail(l->tree, n, err, hint, "unknown %s \"%s\"", what, text);
}

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
char *loader_fill(const loader *l, const yaml_node *n, const char *text, GError **err)
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
			loader_fail_unknown(l, n, err, "placeholder", key, placeholders);
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
const pattern *loader_compile(
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
			"patterns are PCRE2 (`man pcre2pattern`); write them in single quotes",
			"bad pattern \"%s\": %s", text, why);
		return NULL;
	}
	g_hash_table_insert(l->c->patterns, g_steal_pointer(&key), made);
	return made;
}

bool loader_pattern(
	loader *l, const yaml_node *n, pattern_mode mode, const pattern **out, GError **err)
{
	if (!n)
		return true;
	const char *raw = yaml_expect_text(l->tree, n, err);
	if (!raw)
		return false;
	g_autofree char *text = loader_fill(l, n, raw, err);
	if (!text)
		return false;
	*out = loader_compile(l, n, text, mode, err);
	return *out != NULL;
}

bool loader_text(loader *l, const yaml_node *map, const char *key, char **out, GError **err)
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

bool loader_need_text(loader *l, const yaml_node *map, const char *key, char **out, GError **err)
{
	if (!yaml_get(map, key))
		return yaml_fail(l->tree, map, err, NULL, "key \"%s\" is missing", key);
	return loader_text(l, map, key, out, err);
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
bool loader_bits(
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
