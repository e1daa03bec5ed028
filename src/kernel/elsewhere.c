/* Which other architecture may show what those that were asked do not. */
#include "kernel/elsewhere.h"

#include <string.h>

#include "kernel/scene_reason.h"

/* The texts of the architecture's own Kconfig files, one behind the other. The caller's. */
static GString *own_kconfig(kernel_tree *t, const char *folder)
{
	GString *all = g_string_new("\n");
	g_autofree char *prefix = g_strdup_printf("arch/%s/", folder);
	const GArray *files = t->index->files;
	for (guint i = tree_index_lower(t->index, prefix); i < files->len; i++) {
		const char *path = g_array_index(files, tree_file, i).path;
		if (!g_str_has_prefix(path, prefix))
			break;
		const char *slash = strrchr(path, '/');
		g_autoptr(GBytes) bytes =
			g_str_has_prefix(slash, "/Kconfig") ? tree_read(t, path) : NULL;
		gsize len = 0;
		const char *text = bytes ? g_bytes_get_data(bytes, &len) : NULL;
		/* A NUL ends the text for strstr; no Kconfig file has one. */
		g_string_append_len(all, text ? text : "", (gssize)len);
	}
	return all;
}

/* What follows the line "config NAME"; NULL when there is none. */
static const char *definition(const GString *texts, const char *name)
{
	g_autofree char *line = g_strdup_printf("\nconfig %s\n", name);
	const char *at = strstr(texts->str, line);
	return at ? at + strlen(line) : NULL;
}

/* Whether the definition gives the symbol the value y by itself. */
static bool is_always_on(const char *text)
{
	for (const char *line = text; *line == '\t' || *line == ' ';) {
		const char *word = line + strspn(line, "\t ");
		if (!strncmp(word, "def_bool y", strlen("def_bool y")) ||
			!strncmp(word, "default y", strlen("default y")))
			return true;
		const char *newline = strchr(line, '\n');
		if (!newline)
			break;
		line = newline + 1;
	}
	return false;
}

bool elsewhere_hinted(kernel_tree *t, const char *path, const char *folder, GHashTable *missing)
{
	g_autofree char *part = g_strdup_printf("/%s/", folder);
	if (strstr(path, part))
		return true;
	g_autoptr(GString) texts = own_kconfig(t, folder);
	GHashTableIter iter;
	gpointer key;
	g_hash_table_iter_init(&iter, missing);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		const char *name = key;
		const char *found = definition(texts, *name == '!' ? name + 1 : name);
		bool hinted = *name == '!' ? !found || !is_always_on(found)
					   : found || scene_target_has(folder, name);
		if (hinted)
			return true;
	}
	return false;
}
