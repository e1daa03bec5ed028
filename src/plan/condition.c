/* Reads #if and Kconfig expressions for the configuration symbols that they need. */
#include "plan/condition.h"

#include <stdbool.h>
#include <string.h>

#define SYMBOL_PREFIX "CONFIG_"
#define MODULE_SUFFIX "_MODULE"

static bool is_name_start(char c)
{
	return g_ascii_isalpha(c) || c == '_';
}

static size_t name_length(const char *p, const char *end)
{
	size_t len = 0;
	while (p + len < end && (g_ascii_isalnum(p[len]) || p[len] == '_'))
		len++;
	return len;
}

const char *condition_symbol(const char *p, const char *end, GStringChunk *strings)
{
	size_t len = name_length(p, end);
	size_t prefix = strlen(SYMBOL_PREFIX), suffix = strlen(MODULE_SUFFIX);
	if (len <= prefix || memcmp(p, SYMBOL_PREFIX, prefix))
		return NULL;
	p += prefix;
	len -= prefix;
	if (len > suffix && !memcmp(p + len - suffix, MODULE_SUFFIX, suffix))
		len -= suffix;
	g_autofree char *name = g_strndup(p, len);
	return g_string_chunk_insert_const(strings, name);
}

/* defined(X), IS_ENABLED(X): the name that counts follows. */
static bool is_asking(const char *p, size_t len)
{
	static const char *const words[] = {
		"defined", "IS_ENABLED", "IS_BUILTIN", "IS_MODULE", "IS_REACHABLE"};
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		if (strlen(words[i]) == len && !memcmp(p, words[i], len))
			return true;
	}
	return false;
}

/* Terms joined by &&. */
static GPtrArray *conjunction(
	const char *p, const char *end, GStringChunk *strings, const char **off)
{
	GPtrArray *on = g_ptr_array_new();
	const char *negated = NULL;
	unsigned names = 0;
	bool not = false;
	while (p < end) {
		size_t len = is_name_start(*p) ? name_length(p, end) : 0;
		if (!len) {
			if (*p == '!' && !(p + 1 < end && p[1] == '='))
				not = !not ;
			p++;
			continue;
		}
		const char *symbol = condition_symbol(p, end, strings);
		if (symbol && not )
			negated = symbol;
		else if (symbol && !g_ptr_array_find(on, symbol, NULL))
			g_ptr_array_add(on, (gpointer)symbol);
		if (!is_asking(p, len)) {
			names++;
			not = false;
		}
		p += len;
	}
	*off = names == 1 ? negated : NULL;
	return on;
}

static void keep_common(GPtrArray *all, const GPtrArray *other)
{
	for (guint i = all->len; i-- > 0;) {
		if (!g_ptr_array_find((GPtrArray *)other, g_ptr_array_index(all, i), NULL))
			g_ptr_array_remove_index(all, i);
	}
}

/* The first || at or after `p`, or `end`. *nested: there is one inside parentheses before it. */
static const char *find_or(const char *p, const char *end, bool *nested)
{
	int depth = 0;
	for (; p < end; p++) {
		depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
		if (p[0] != '|' || p + 1 >= end || p[1] != '|')
			continue;
		if (depth <= 0)
			return p;
		*nested = true;
	}
	return end;
}

/* ?: and the ! of a parenthesis say too little about one symbol. */
static bool is_simple(const char *p, const char *end)
{
	for (; p < end; p++) {
		if (*p == '?')
			return false;
		if (*p != '!')
			continue;
		const char *next = p + 1;
		while (next < end && *next == ' ')
			next++;
		if (next < end && *next == '(')
			return false;
	}
	return true;
}

GPtrArray *condition_needs(const char *p, const char *end, GStringChunk *strings, const char **off)
{
	*off = NULL;
	GPtrArray *all = NULL;
	bool nested = !is_simple(p, end);
	for (bool more = true; more;) {
		const char *bar = find_or(p, end, &nested), *one = NULL;
		g_autoptr(GPtrArray) on = conjunction(p, bar, strings, &one);
		*off = all ? NULL : one;
		if (all)
			keep_common(all, on);
		else
			all = g_steal_pointer(&on);
		more = bar < end;
		p = bar + 2;
	}
	if (nested) {
		g_ptr_array_set_size(all, 0);
		*off = NULL;
	}
	return all;
}

static bool is_symbol_name(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (g_ascii_isupper(p[i]))
			return true;
	}
	return false; /* y, m, n, numbers */
}

GPtrArray *condition_kconfig(const char *expr, GStringChunk *strings)
{
	GPtrArray *on = g_ptr_array_new();
	const char *end = expr + strcspn(expr, "#\n");
	bool not = false;
	while (expr < end) {
		if (*expr == '"' || *expr == '\'') {
			const char *close = memchr(expr + 1, *expr, (size_t)(end - expr - 1));
			expr = close ? close + 1 : end;
			not = false;
			continue;
		}
		size_t len = name_length(expr, end);
		if (!len) {
			if (*expr != ' ')
				not = *expr == '!' && expr[1] != '=';
			expr++;
			continue;
		}
		g_autofree char *name = g_strndup(expr, len);
		if (!not &&is_symbol_name(expr, len))
			g_ptr_array_add(on, g_string_chunk_insert_const(strings, name));
		not = false;
		expr += len;
	}
	return on;
}
