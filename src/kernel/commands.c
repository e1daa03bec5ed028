/* compile_commands.json. */
#include "kernel/commands.h"

#include <jansson.h>
#include <string.h>

#include "base/error.h"

#define SHAPE_HINT "it should be the array that clang's tools and scripts/clang-tools write"

typedef struct build_command {
	char *directory; /* absolute */
	char *file;	 /* absolute */
	char **words;	 /* as given, the compiler first */
	GPtrArray *kept; /* see kernel_commands_of; NULL until asked */
} build_command;

struct kernel_commands {
	GPtrArray *list; /* build_command *, in order */
	GHashTable
		*by_path; /* tree path -> build_command, borrowed; NULL until the root is known */
	char *root;	  /* where the tree lay, no slash at the end */
};

static void command_free(gpointer data)
{
	build_command *b = data;
	g_free(b->directory);
	g_free(b->file);
	g_strfreev(b->words);
	g_clear_pointer(&b->kept, g_ptr_array_unref);
	g_free(b);
}

void kernel_commands_free(kernel_commands *c)
{
	if (!c)
		return;
	g_ptr_array_unref(c->list);
	g_clear_pointer(&c->by_path, g_hash_table_unref);
	g_free(c->root);
	g_free(c);
}

/* `path` from `folder`, "." and ".." resolved. The caller's. */
static char *absolute(const char *folder, const char *path)
{
	g_autofree char *joined =
		g_path_is_absolute(path) ? g_strdup(path) : g_build_filename(folder, path, NULL);
	return g_canonicalize_filename(joined, "/");
}

static char **words_of(const json_t *entry)
{
	const json_t *list = json_object_get(entry, "arguments");
	const char *line = json_string_value(json_object_get(entry, "command"));
	g_autoptr(GStrvBuilder) words = g_strv_builder_new();
	char **split = NULL;
	if (!json_is_array(list)) {
		/* False, and nothing split, for quotes that do not end. */
		(void)(line && g_shell_parse_argv(line, NULL, &split, NULL));
		return split;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));
		if (word)
			g_strv_builder_add(words, word);
	}
	return g_strv_builder_end(words);
}

static void add_entry(kernel_commands *c, const json_t *entry)
{
	const char *directory = json_string_value(json_object_get(entry, "directory"));
	const char *file = json_string_value(json_object_get(entry, "file"));
	char **words = directory && file ? words_of(entry) : NULL;
	if (!words)
		return;
	build_command *b = g_new0(build_command, 1);
	b->directory = absolute("/", directory);
	b->file = absolute(b->directory, file);
	b->words = words;
	g_ptr_array_add(c->list, b);
}

bool kernel_commands_read(kernel_commands **out, const char *text, size_t len, GError **err)
{
	json_error_t problem;
	json_t *all = json_loadb(text, len, 0, &problem);
	if (!json_is_array(all)) {
		json_decref(all);
		return error_set(err, TRUCE_ERROR_INPUT, SHAPE_HINT,
			"no compile_commands.json: line %d: %s", all ? 1 : problem.line,
			all ? "it is no array" : problem.text);
	}
	kernel_commands *c = g_new0(kernel_commands, 1);
	c->list = g_ptr_array_new_with_free_func(command_free);
	for (size_t i = 0; i < json_array_size(all); i++)
		add_entry(c, json_array_get(all, i));
	json_decref(all);
	*out = c;
	return true;
}

/* ---- places ---- */

/* The part of `path` below `folder`; NULL when it is not. Borrowed. */
static const char *below(const char *path, const char *folder)
{
	size_t len = strlen(folder);
	return !strncmp(path, folder, len) && path[len] == '/' ? path + len + 1 : NULL;
}

/* Where the tree lay when this file of it was compiled: what is left of the file's path without the
 * longest end that is a file of the tree. The caller's, or NULL. */
static char *root_of(const char *file, kernel_commands_has has, void *data)
{
	for (const char *slash = file; (slash = strchr(slash, '/')); slash++)
		if (has(slash + 1, data))
			return g_strndup(file, (size_t)(slash - file));
	return NULL;
}

static void find_paths(kernel_commands *c, kernel_commands_has has, void *data)
{
	c->by_path = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < c->list->len; i++) {
		build_command *b = g_ptr_array_index(c->list, i);
		if (!c->root)
			c->root = root_of(b->file, has, data);
		const char *path = c->root ? below(b->file, c->root) : NULL;
		if (path && !g_hash_table_contains(c->by_path, path))
			g_hash_table_insert(c->by_path, (gpointer)path, b);
	}
}

/* A path of a command as a path of the tree. The caller's; NULL when it lies outside. */
static char *tree_path(const kernel_commands *c, const build_command *b, const char *path)
{
	g_autofree char *full = absolute(b->directory, path);
	const char *inside = !strcmp(full, c->root) ? "" : below(full, c->root);
	if (!inside)
		inside = !strcmp(full, b->directory) ? "" : below(full, b->directory);
	return g_strdup(inside);
}

/* An option that names a file or folder, in the same word or the next: its length; 0: none. */
static size_t path_option(const char *word)
{
	static const char *const options[] = {
		"-include", "-iquote", "-isystem", "-idirafter", "-I"};
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		if (g_str_has_prefix(word, options[i]))
			return strlen(options[i]);
	return 0;
}

/* The words that count, paths as the tree has them. */
static GPtrArray *keep_words(const kernel_commands *c, const build_command *b)
{
	GPtrArray *kept = g_ptr_array_new_with_free_func(g_free);
	char **w = b->words;
	for (w += *w != NULL; *w; w++) {
		size_t len = path_option(*w);
		bool next = len && !(*w)[len];
		if (len) {
			const char *path = next ? w[1] : *w + len;
			char *inside = path ? tree_path(c, b, path) : NULL;
			if (inside) {
				g_ptr_array_add(kept, g_strndup(*w, len));
				g_ptr_array_add(kept, inside);
			}
			if (next && !w[1])
				break;
			w += next;
			continue;
		}
		bool alone = (!strcmp(*w, "-D") || !strcmp(*w, "-U")) && w[1];
		if (alone) {
			g_ptr_array_add(kept, g_strconcat(*w, w[1], NULL));
			w++;
		} else if (**w == '-') {
			g_ptr_array_add(kept, g_strdup(*w));
		}
	}
	return kept;
}

const GPtrArray *kernel_commands_of(
	kernel_commands *c, const char *path, kernel_commands_has has, void *data)
{
	if (!c->by_path)
		find_paths(c, has, data);
	build_command *b = g_hash_table_lookup(c->by_path, path);
	if (b && !b->kept)
		b->kept = keep_words(c, b);
	return b ? b->kept : NULL;
}
