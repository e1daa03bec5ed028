/* SELinux' flask.h and av_permissions.h, as scripts/selinux/genheaders makes them: numbers for the
 * classes, permissions and initial identifiers that classmap.h and initial_sid_to_string.h list.
 * Before v2.6.33 trees bring both headers. */
#include "kernel/generated.h"

#include <string.h>

#define CLASS_MAP "security/selinux/include/classmap.h"
#define IDENTIFIERS "security/selinux/include/initial_sid_to_string.h"
#define PROGRAM "scripts/selinux/genheaders/genheaders.c"

/* Macros within macros: 6.1 has two levels. */
#define MACRO_DEPTH 8u
/* Words of one list after its macros: 6.1's map has 2,000. */
#define WORDS_MOST 100000u

/* ---- words ---- */

/* A string, a name, or one character. */
typedef struct word {
	char kind; /* '"', 'a', or the character itself */
	char *text;
} word;

static void word_clear(gpointer data)
{
	g_free(((word *)data)->text);
}

static GArray *words_new(void)
{
	GArray *words = g_array_new(FALSE, FALSE, sizeof(word));
	g_array_set_clear_func(words, word_clear);
	return words;
}

static const char *skip_comment(const char *at, const char *end)
{
	const char *close = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);
	return close ? close + 2 : end;
}

static bool is_name(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

/* Appends the words of at..end: no directives in it. */
static void split(GArray *words, const char *at, const char *end)
{
	while (at < end) {
		const char *start = at;
		word w = {*at, NULL};
		if (end - at > 1 && at[0] == '/' && at[1] == '*') {
			at = skip_comment(at, end);
			continue;
		}
		if (g_ascii_isspace(*at) || *at == '\\') {
			at++;
			continue;
		}
		at++;
		if (*start == '"') {
			while (at < end && *at != '"')
				at++;
			w.text = g_strndup(start + 1, (size_t)(at - start) - 1);
			at += at < end;
		} else if (is_name(*start)) {
			while (at < end && is_name(*at))
				at++;
			w.kind = 'a';
			w.text = g_strndup(start, (size_t)(at - start));
		}
		g_array_append_val(words, w);
	}
}

/* Where the line that starts here ends, with those that a backslash or a comment joins to it. */
static const char *end_of_line(const char *at, const char *end)
{
	while (at < end && *at != '\n') {
		if (end - at > 1 && at[0] == '/' && at[1] == '*')
			at = skip_comment(at, end);
		else
			at += *at == '\\' && end - at > 1 ? 2 : 1;
	}
	return at;
}

typedef struct source {
	GArray *words;	    /* outside of directives */
	GHashTable *macros; /* name -> GArray of words */
} source;

static void source_clear(source *s)
{
	g_array_unref(s->words);
	g_hash_table_unref(s->macros);
}

static void take_directive(source *s, const char *at, const char *end)
{
	g_autoptr(GArray) words = words_new();
	split(words, at + 1, end);
	const word *w = (const word *)(void *)words->data;
	if (words->len < 2 || w[0].kind != 'a' || strcmp(w[0].text, "define") != 0 ||
		w[1].kind != 'a')
		return;
	g_autofree char *name = g_strdup(w[1].text);
	g_array_remove_range(words, 0, 2);
	g_hash_table_replace(s->macros, g_steal_pointer(&name), g_array_ref(words));
}

/* False when the tree has no such file. */
static bool source_read(source *s, tree_arch *a, const char *path)
{
	g_autoptr(GBytes) bytes = tree_read(a->tree, path);
	if (!bytes)
		return false;
	s->words = words_new();
	s->macros = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
	gsize len;
	const char *at = g_bytes_get_data(bytes, &len);
	const char *end = at ? at + len : NULL;
	while (at < end) {
		const char *stop = end_of_line(at, end), *start = at;
		while (start < stop && g_ascii_isspace(*start))
			start++;
		if (start < stop && *start == '#')
			take_directive(s, start, stop);
		else
			split(s->words, start, stop);
		at = stop < end ? stop + 1 : end;
	}
	return true;
}

/* ---- lists ---- */

typedef struct lists {
	GPtrArray *names;  /* char *: first strings of inner braces, or of the list itself; NULL for
			    * NULL */
	GPtrArray *inside; /* GPtrArray * of char *, one a name: strings one brace deeper */
} lists;

static void lists_init(lists *l)
{
	l->names = g_ptr_array_new_with_free_func(g_free);
	l->inside = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
}

static void lists_clear(lists *l)
{
	g_ptr_array_unref(l->names);
	g_ptr_array_unref(l->inside);
}

typedef struct walk {
	const source *s;
	lists *l;
	unsigned first; /* the depth of names */
	unsigned depth, words;
	bool over;
} walk;

static void meet(walk *k, const word *w)
{
	bool is_null = w->kind == 'a' && !strcmp(w->text, "NULL");
	if (w->kind != '"' && !is_null)
		return;
	if (k->depth == k->first) {
		g_ptr_array_add(k->l->names, is_null ? NULL : g_strdup(w->text));
		g_ptr_array_add(k->l->inside, g_ptr_array_new_with_free_func(g_free));
	} else if (k->depth == k->first + 1 && !is_null && k->l->inside->len) {
		g_ptr_array_add(
			g_ptr_array_index(k->l->inside, k->l->inside->len - 1), g_strdup(w->text));
	}
}

static void walk_words(walk *k, const GArray *words, guint from, unsigned macros)
{
	for (guint i = from; i < words->len && !k->over && k->words < WORDS_MOST; i++) {
		const word *w = &g_array_index(words, word, i);
		const GArray *macro =
			w->kind == 'a' ? g_hash_table_lookup(k->s->macros, w->text) : NULL;
		k->words++;
		if (macro && macros < MACRO_DEPTH)
			walk_words(k, macro, 0, macros + 1);
		else if (w->kind == '{')
			k->depth++;
		else if (w->kind == '}')
			k->over = !k->depth || --k->depth == 0;
		else
			meet(k, w);
	}
}

/* The initializer of `variable`; names stand at this depth of braces. False when there is none. */
static bool read_list(lists *l, const source *s, const char *variable, unsigned depth)
{
	guint at = 0;
	while (at < s->words->len) {
		const word *w = &g_array_index(s->words, word, at++);
		if (w->kind == 'a' && !strcmp(w->text, variable))
			break;
	}
	while (at < s->words->len && g_array_index(s->words, word, at).kind != '{')
		at++;
	walk k = {.s = s, .l = l, .first = depth};
	walk_words(&k, s->words, at, 0);
	return l->names->len > 0;
}

static bool read_file(
	lists *l, tree_arch *a, const char *path, const char *variable, unsigned depth)
{
	source s;
	if (!source_read(&s, a, path))
		return false;
	bool any = read_list(l, &s, variable, depth);
	source_clear(&s);
	return any;
}

/* ---- the headers ---- */

static char *upper(const char *name)
{
	return name ? g_ascii_strup(name, -1) : NULL;
}

/* The class of a socket: later versions have a function that knows them. */
static void append_sockets(GString *out, const lists *classes)
{
	g_string_append(out, "static inline bool security_is_socket_class(u16 kern_tclass)\n{\n"
			     "\tbool sock = false;\n\n\tswitch (kern_tclass) {\n");
	for (guint i = 0; i < classes->names->len; i++) {
		g_autofree char *name = upper(g_ptr_array_index(classes->names, i));
		if (name && g_str_has_suffix(name, "SOCKET"))
			g_string_append_printf(out, "\tcase SECCLASS_%s:\n", name);
	}
	g_string_append(out, "\t\tsock = true;\n\t\tbreak;\n\tdefault:\n\t\tbreak;\n"
			     "\t}\n\n\treturn sock;\n}\n");
}

static bool program_writes(tree_arch *a, const char *name)
{
	g_autoptr(GBytes) bytes = tree_read(a->tree, PROGRAM);
	gsize len = 0;
	const char *text = bytes ? g_bytes_get_data(bytes, &len) : NULL;
	return text && memmem(text, len, name, strlen(name));
}

char *generated_classes(tree_arch *a, tree_config *c, const char *path)
{
	(void)c;
	(void)path;
	lists classes, sids;
	lists_init(&classes);
	lists_init(&sids);
	GString *out = g_string_new("#ifndef _SELINUX_FLASK_H_\n#define _SELINUX_FLASK_H_\n\n");
	bool made = read_file(&classes, a, CLASS_MAP, "secclass_map", 2) &&
		    read_file(&sids, a, IDENTIFIERS, "initial_sid_to_string", 1);
	for (guint i = 0; i < classes.names->len && g_ptr_array_index(classes.names, i); i++) {
		g_autofree char *name = upper(g_ptr_array_index(classes.names, i));
		g_string_append_printf(out, "#define SECCLASS_%s %u\n", name, i + 1);
	}
	for (guint i = 1; i < sids.names->len; i++) {
		g_autofree char *name = upper(g_ptr_array_index(sids.names, i));
		if (name)
			g_string_append_printf(out, "#define SECINITSID_%s %u\n", name, i);
	}
	g_string_append_printf(
		out, "\n#define SECINITSID_NUM %u\n\n", sids.names->len ? sids.names->len - 1 : 0);
	if (program_writes(a, "security_is_socket_class"))
		append_sockets(out, &classes);
	g_string_append(out, "\n#endif\n");
	lists_clear(&classes);
	lists_clear(&sids);
	return g_string_free(out, !made);
}

char *generated_permissions(tree_arch *a, tree_config *c, const char *path)
{
	(void)c;
	(void)path;
	lists classes;
	lists_init(&classes);
	GString *out = g_string_new("#ifndef _SELINUX_AV_PERMISSIONS_H_\n"
				    "#define _SELINUX_AV_PERMISSIONS_H_\n\n");
	bool made = read_file(&classes, a, CLASS_MAP, "secclass_map", 2);
	for (guint i = 0; i < classes.names->len && g_ptr_array_index(classes.names, i); i++) {
		g_autofree char *name = upper(g_ptr_array_index(classes.names, i));
		const GPtrArray *inside = g_ptr_array_index(classes.inside, i);
		/* An access vector has a bit for each. */
		for (guint k = 0; k < MIN(inside->len, 32u); k++) {
			g_autofree char *permission = upper(g_ptr_array_index(inside, k));
			g_string_append_printf(
				out, "#define %s__%s 0x%08xU\n", name, permission, 1u << k);
		}
	}
	g_string_append(out, "\n#endif\n");
	lists_clear(&classes);
	return g_string_free(out, !made);
}
