/* Members that a record has by a list of macros. */
#include "interface/ops_list.h"

#include <string.h>

#include "model/function_type.h"

static bool is_word_char(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

/* "a, (b, c)" of "(a, (b, c))" at commas outside of brackets; NULL when it does not close. */
static GPtrArray *split_arguments(const char *at, const char *end)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	const char *from = at + 1;
	unsigned depth = 0;
	for (const char *limit = MIN(end, at + FUNCTION_TYPE_LIMIT_BYTES); at < limit; at++) {
		bool close = *at == ')' && depth == 1;
		if (close || (*at == ',' && depth == 1)) {
			g_ptr_array_add(list, g_strstrip(g_strndup(from, (gsize)(at - from))));
			from = at + 1;
		}
		if (close)
			return list;
		depth += *at == '(';
		depth -= *at == ')';
	}
	g_ptr_array_unref(list);
	return NULL;
}

/* The arguments from `first` on, as __VA_ARGS__ has them. The caller's. */
static char *rest_of(const GPtrArray *arguments, guint first)
{
	GString *out = g_string_new(NULL);
	for (guint i = first; i < arguments->len; i++)
		g_string_append_printf(out, "%s%s", i > first ? ", " : "",
			(char *)g_ptr_array_index(arguments, i));
	return g_string_free(out, FALSE);
}

/* The macro's body with its parameters replaced, names whole. The caller's. */
static char *substitute(const char *body, const GPtrArray *parameters, const GPtrArray *arguments)
{
	GString *out = g_string_new(NULL);
	for (const char *at = body; *at && out->len < FUNCTION_TYPE_LIMIT_BYTES;) {
		size_t len = 0;
		while (is_word_char(at[len]))
			len++;
		if (!len) {
			g_string_append_c(out, *at++);
			continue;
		}
		g_autofree char *word = g_strndup(at, len);
		g_autofree char *value = NULL;
		for (guint i = 0; i < parameters->len; i++) {
			const char *name = g_ptr_array_index(parameters, i);
			if (strcmp(name, "...") == 0 && strcmp(word, "__VA_ARGS__") == 0)
				value = rest_of(arguments, i);
			else if (strcmp(name, word) == 0 && i < arguments->len)
				value = g_strdup(g_ptr_array_index(arguments, i));
		}
		g_string_append(out, value ? value : word);
		at += len;
	}
	return g_string_free(out, FALSE);
}

/* The name in "TYPE (*NAME)(...)"; NULL when it is no such thing. The caller's. */
static char *pointer_name(const char *text)
{
	const char *star = strstr(text, "(*");
	if (!star)
		return NULL;
	star += 2;
	star += strspn(star, " \t");
	size_t len = 0;
	while (is_word_char(star[len]))
		len++;
	const char *after = star + len + strspn(star + len, " \t");
	return len && *after == ')' ? g_strndup(star, len) : NULL;
}

static const char *line_start(GBytes *text, unsigned line)
{
	gsize len;
	const char *at = g_bytes_get_data(text, &len), *end = at + len;
	for (unsigned i = 1; i < line && at < end; i++) {
		const char *next = memchr(at, '\n', (size_t)(end - at));
		at = next ? next + 1 : end;
	}
	return at;
}

void ops_list_expand(
	const entity *macro, const fact_set *facts, GBytes *text, ops_list_fn each, void *data)
{
	gsize len;
	const char *begin = g_bytes_get_data(text, &len), *end = begin + len;
	const char *open = macro->signature;
	g_autoptr(GPtrArray) parameters =
		*open == '(' ? split_arguments(open, open + strlen(open)) : NULL;
	for (guint i = 0; parameters && i < facts->uses->len; i++) {
		const use *u = &g_array_index(facts->uses, use, i);
		if ((u->kind != USE_CALL && u->kind != USE_MACRO) || *u->in ||
			strcmp(u->name, macro->name) != 0)
			continue;
		const char *at = line_start(text, u->line) + (u->column ? u->column - 1 : 0);
		at = at < end ? memchr(at, '(', (size_t)(end - at)) : NULL;
		g_autoptr(GPtrArray) arguments = at ? split_arguments(at, end) : NULL;
		if (!arguments)
			continue;
		g_autofree char *made = substitute(macro->value, parameters, arguments);
		g_autofree char *name = pointer_name(made);
		g_autoptr(function_type) type = name ? function_type_parse(made) : NULL;
		if (type)
			each(name, function_type_text(type, true), u->condition, u->line, data);
	}
}
