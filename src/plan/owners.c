/* The MAINTAINERS file: sections of "M: person" and "F: pattern" lines. */
#include "plan/owners.h"

#include <string.h>

#include "base/text.h"

/* Persons named for one step: more is nobody in particular. */
#define OWNERS_SHOWN 12u

typedef struct section {
	char *title;
	GPtrArray *people;   /* char * */
	GPtrArray *patterns; /* char *: F: */
	GPtrArray *excluded; /* char *: X: */
} section;

struct owners {
	GPtrArray *sections; /* section * */
};

static void section_free(gpointer data)
{
	section *s = data;
	g_free(s->title);
	g_ptr_array_unref(s->people);
	g_ptr_array_unref(s->patterns);
	g_ptr_array_unref(s->excluded);
	g_free(s);
}

static section *add_section(owners *o, const char *title)
{
	section *s = g_new0(section, 1);
	s->title = g_strdup(title);
	s->people = g_ptr_array_new_with_free_func(g_free);
	s->patterns = g_ptr_array_new_with_free_func(g_free);
	s->excluded = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(o->sections, s);
	return s;
}

static void take_line(section *s, char field, const char *value)
{
	if (field == 'M')
		g_ptr_array_add(s->people, g_strdup(value));
	else if (field == 'F')
		g_ptr_array_add(s->patterns, g_strdup(value));
	else if (field == 'X')
		g_ptr_array_add(s->excluded, g_strdup(value));
}

owners *owners_read(const char *text, size_t len)
{
	owners *o = g_new0(owners, 1);
	o->sections = g_ptr_array_new_with_free_func(section_free);
	section *s = NULL;
	line_index ix;
	line_index_init(&ix, text, len);
	for (size_t n = 1; n <= ix.count; n++) {
		span l = line_index_get(&ix, n);
		g_autofree char *line = g_strchomp(g_strndup(l.at, l.len));
		bool field = g_ascii_isupper(line[0]) && line[1] == ':';
		if (field && s) {
			g_autofree char *value = g_strstrip(g_strdup(line + 2));
			take_line(s, line[0], value);
		} else if (*line && !field && !g_ascii_isspace(*line)) {
			s = add_section(o, line);
		}
	}
	line_index_clear(&ix);
	return o;
}

void owners_free(owners *o)
{
	if (!o)
		return;
	g_ptr_array_unref(o->sections);
	g_free(o);
}

/* A pattern that ends in / owns the directory; others are globs of whole paths. */
static bool is_match(const char *pattern, const char *path)
{
	if (g_str_has_suffix(pattern, "/") && !strpbrk(pattern, "*?["))
		return g_str_has_prefix(path, pattern);
	if (text_glob_match(pattern, path))
		return true;
	g_autofree char *below =
		g_strconcat(pattern, g_str_has_suffix(pattern, "/") ? "**" : "/**", NULL);
	return text_glob_match(below, path);
}

static bool any_match(const GPtrArray *patterns, const char *path)
{
	for (guint i = 0; i < patterns->len; i++) {
		const char *pattern = g_ptr_array_index(patterns, i);
		if (strcmp(pattern, "*") && strcmp(pattern, "*/") && is_match(pattern, path))
			return true;
	}
	return false;
}

void owners_of(const owners *o, const char *path, GPtrArray *out)
{
	for (guint i = 0; i < o->sections->len; i++) {
		const section *s = g_ptr_array_index(o->sections, i);
		if (!any_match(s->patterns, path) || any_match(s->excluded, path))
			continue;
		for (guint k = 0; k < s->people->len && out->len < OWNERS_SHOWN; k++) {
			g_autofree char *owner = g_strdup_printf(
				"%s (%s)", (const char *)g_ptr_array_index(s->people, k), s->title);
			if (!g_ptr_array_find_with_equal_func(out, owner, g_str_equal, NULL))
				g_ptr_array_add(out, g_steal_pointer(&owner));
		}
	}
}
