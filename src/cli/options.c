/* Options of a command: parsing. */
#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/suggest.h"

/* An option found in one of the sets. */
typedef struct match {
	const option *o;
	void *into;
} match;

static match find_letter(const option_set *sets, size_t n, char letter)
{
	for (size_t s = 0; s < n; s++) {
		for (const option *o = sets[s].options; o->name; o++) {
			if (o->letter && o->letter == letter)
				return (match){o, sets[s].into};
		}
	}
	return (match){0};
}

/* The option of that name, or the only one that begins so; *count says how many do. */
static match find_name(
	const option_set *sets, size_t n, const char *name, size_t len, unsigned *count)
{
	match found = {0};
	*count = 0;
	for (size_t s = 0; s < n; s++) {
		for (const option *o = sets[s].options; o->name; o++) {
			if (strncmp(o->name, name, len))
				continue;
			if (!o->name[len]) {
				*count = 1;
				return (match){o, sets[s].into};
			}
			found = (match){o, sets[s].into};
			++*count;
		}
	}
	return *count == 1 ? found : (match){0};
}

static bool unknown_name(const option_set *sets, size_t n, const char *name, size_t len,
	unsigned count, GError **err)
{
	g_autofree char *given = g_strndup(name, len);
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (size_t s = 0; s < n; s++) {
		for (const option *o = sets[s].options; o->name; o++) {
			if (count < 2 || g_str_has_prefix(o->name, given))
				g_ptr_array_add(names, (gpointer)o->name);
		}
	}
	if (count > 1) {
		g_ptr_array_add(names, NULL);
		g_autofree char *list = g_strjoinv(", --", (char **)names->pdata);
		g_autofree char *hint = g_strdup_printf("it could be --%s", list);
		return error_set(err, TRUCE_ERROR_USAGE, hint, "option '--%s' is ambiguous", given);
	}
	const char *near = suggest(given, (const char *const *)names->pdata, names->len);
	g_autofree char *hint = near ? g_strdup_printf("did you mean '--%s'?", near) : NULL;
	return error_set(err, TRUCE_ERROR_USAGE, hint, "unknown option '--%s'", given);
}

static bool store_number(unsigned *to, const option *o, const char *value, GError **err)
{
	char *end;
	errno = 0;
	unsigned long number = strtoul(value, &end, 10);
	if (errno || *end || !g_ascii_isdigit(*value) || !number || number > G_MAXINT)
		return error_set(err, TRUCE_ERROR_USAGE, NULL,
			"option '--%s' wants a number from 1, not '%s'", o->name, value);
	*to = (unsigned)number;
	return true;
}

static bool store_choice(const char **to, const option *o, const char *value, GError **err)
{
	guint count = g_strv_length((char **)o->choices);
	if (g_strv_contains(o->choices, value)) {
		*to = value;
		return true;
	}
	const char *near = suggest(value, o->choices, count);
	g_autofree char *list = g_strjoinv(", ", (char **)o->choices);
	g_autofree char *hint =
		near ? g_strdup_printf("did you mean '%s'? There are %s", near, list)
		     : g_strdup_printf("there are %s", list);
	return error_set(
		err, TRUCE_ERROR_USAGE, hint, "option '--%s' does not know '%s'", o->name, value);
}

static bool store_value(const match *m, const char *value, GError **err)
{
	void *at = (char *)m->into + m->o->at;
	switch (m->o->kind) {
	case OPTION_FLAG:
		*(bool *)at = true;
		return true;
	case OPTION_TEXT:
		*(const char **)at = value;
		return true;
	case OPTION_TEXTS: {
		GPtrArray **list = at;
		if (!*list)
			*list = g_ptr_array_new();
		g_ptr_array_add(*list, (gpointer)value);
		return true;
	}
	case OPTION_CHOICE:
		return store_choice(at, m->o, value, err);
	case OPTION_NUMBER:
		return store_number(at, m->o, value, err);
	}
	g_assert_not_reached();
}

static bool no_value(const option *o, GError **err)
{
	g_autofree char *hint = g_strdup_printf("write --%s %s", o->name, o->argument);
	return error_set(err, TRUCE_ERROR_USAGE, hint, "option '--%s' needs a value", o->name);
}

/* One "--name", "--name=value" or "--name value" at argv[*i]. */
static bool parse_long(const option_set *sets, size_t n, char *const *argv, size_t *i, GError **err)
{
	const char *name = argv[*i] + 2;
	const char *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	unsigned count;
	match m = find_name(sets, n, name, len, &count);
	if (!m.o)
		return unknown_name(sets, n, name, len, count, err);
	if (m.o->kind == OPTION_FLAG && equals)
		return error_set(
			err, TRUCE_ERROR_USAGE, NULL, "option '--%s' takes no value", m.o->name);
	if (m.o->kind == OPTION_FLAG || equals)
		return store_value(&m, equals ? equals + 1 : NULL, err);
	if (!argv[*i + 1])
		return no_value(m.o, err);
	return store_value(&m, argv[++*i], err);
}

/* One "-abc", "-o FILE" or "-oFILE" at argv[*i]. */
static bool parse_short(
	const option_set *sets, size_t n, char *const *argv, size_t *i, GError **err)
{
	for (const char *p = argv[*i] + 1; *p; p++) {
		match m = find_letter(sets, n, *p);
		if (!m.o)
			return error_set(err, TRUCE_ERROR_USAGE, NULL, "unknown option '-%c'", *p);
		if (m.o->kind == OPTION_FLAG) {
			if (!store_value(&m, NULL, err))
				return false;
			continue;
		}
		if (p[1])
			return store_value(&m, p + 1, err);
		if (!argv[*i + 1])
			return no_value(m.o, err);
		return store_value(&m, argv[++*i], err);
	}
	return true;
}

bool options_parse(const option_set *sets, size_t n, char *const *argv, bool stop_early,
	GPtrArray *rest, size_t *used, GError **err)
{
	size_t i = 0;
	bool options_end = false;
	for (; argv[i]; i++) {
		const char *word = argv[i];
		if (options_end || word[0] != '-' || !word[1]) {
			if (stop_early)
				break;
			g_ptr_array_add(rest, (gpointer)word);
		} else if (!strcmp(word, "--")) {
			options_end = true;
		} else if (word[1] == '-') {
			if (!parse_long(sets, n, argv, &i, err))
				return false;
		} else if (!parse_short(sets, n, argv, &i, err)) {
			return false;
		}
	}
	if (used)
		*used = i;
	return true;
}

void options_clear(const option_set *set)
{
	for (const option *o = set->options; o->name; o++) {
		GPtrArray **list = (GPtrArray **)(void *)((char *)set->into + o->at);
		if (o->kind == OPTION_TEXTS)
			g_clear_pointer(list, g_ptr_array_unref);
	}
}

char *option_title(const option *o)
{
	char letter[] = {'-', o->letter, ',', ' ', 0};
	return g_strdup_printf("%s--%s%s%s", o->letter ? letter : "", o->name,
		o->argument ? " " : "", o->argument ? o->argument : "");
}
