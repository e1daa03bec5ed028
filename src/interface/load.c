/* Reads a catalogue: from YAML to rules that can run. docs/rules.md describes the format. */
#include "interface/catalogue.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/limits.h"
#include "interface/loader.h"

static bool read_scope(loader *l, const yaml_node *n, GError **err)
{
	static const char *const keys[] = {"path", "not_path", "dead", NULL};
	if (!n)
		return true;
	return yaml_expect_map(l->tree, n, keys, err) &&
	       loader_texts(l, yaml_get(n, "path"), &l->c->paths, err) &&
	       loader_texts(l, yaml_get(n, "not_path"), &l->c->not_paths, err) &&
	       loader_pattern(l, yaml_get(n, "dead"), PATTERN_WITHIN, &l->c->dead, err);
}

static bool read_fit(loader *l, const yaml_node *n, GPtrArray *out, GError **err)
{
	static const char *const keys[] = {"file", "no_file", "has", "lacks", NULL};
	g_autoptr(fit_test) t = g_new0(fit_test, 1);
	if (!yaml_expect_map(l->tree, n, keys, err) || !loader_text(l, n, "file", &t->path, err))
		return false;
	if (!t->path) {
		t->absent = true;
		if (!loader_need_text(l, n, "no_file", &t->path, err))
			return false;
	}
	if (!loader_pattern(l, yaml_get(n, "has"), PATTERN_WITHIN, &t->has, err) ||
		!loader_pattern(l, yaml_get(n, "lacks"), PATTERN_WITHIN, &t->lacks, err))
		return false;
	g_ptr_array_add(out, g_steal_pointer(&t));
	return true;
}

bool loader_fits(loader *l, const yaml_node *n, GPtrArray *out, GError **err)
{
	if (!n)
		return true;
	if (!yaml_expect_list(l->tree, n, err))
		return false;
	for (unsigned i = 0; i < n->items->len; i++)
		if (!read_fit(l, yaml_item(n, i), out, err))
			return false;
	return true;
}

static bool read_thresholds(loader *l, const yaml_node *n, GError **err)
{
	static const char *const keys[] = {"hooked", "bypassed", "touched", NULL};
	thresholds *t = &l->c->limits;
	*t = (thresholds){0.5, 0.5, 0.3};
	double *const values[] = {&t->hooked, &t->bypassed, &t->touched};
	if (!n)
		return true;
	if (!yaml_expect_map(l->tree, n, keys, err))
		return false;
	for (unsigned i = 0; keys[i]; i++) {
		const yaml_node *value = yaml_get(n, keys[i]);
		if (value && !yaml_expect_number(l->tree, value, 0, 1, values[i], err))
			return false;
	}
	return true;
}

static bool read_groups(loader *l, const yaml_node *root, GError **err)
{
	const yaml_node *groups = yaml_get(root, "groups");
	if (!groups)
		return yaml_fail(l->tree, root, err, NULL, "key \"groups\" is missing");
	return yaml_expect_list(l->tree, groups, err) &&
	       loader_texts(l, groups, &l->c->info->groups, err);
}

static bool read_vocabulary(loader *l, const yaml_node *n, GError **err)
{
	if (n && n->kind != YAML_IS_MAP)
		return yaml_fail(l->tree, n, err, NULL, "words and what they mean expected");
	l->vocabulary = n;
	for (guint i = 0; n && i < n->keys->len; i++) {
		char *word = g_ptr_array_index(n->keys, i);
		if (g_strv_contains(loader_lists, word) || strcmp(word, "anything") == 0)
			return yaml_fail(l->tree, g_ptr_array_index(n->items, i), err,
				"take another word", "\"%s\" has a meaning of its own", word);
		g_ptr_array_add(l->words, word);
	}
	for (unsigned i = 0; loader_lists[i]; i++)
		g_ptr_array_add(l->words, (gpointer)loader_lists[i]);
	g_ptr_array_add(l->words, NULL);
	return true;
}

static bool read_catalogue(loader *l, GError **err)
{
	static const char *const keys[] = {"catalogue", "version", "title", "fits", "files",
		"structs", "versions", "scope", "groups", "thresholds", "vocabulary", "rules",
		"points", NULL};
	const yaml_node *root = l->tree->root;
	catalogue *c = l->c;
	return yaml_expect_map(l->tree, root, keys, err) &&
	       loader_need_text(l, root, "catalogue", &c->info->name, err) &&
	       loader_need_text(l, root, "version", &c->info->version, err) &&
	       loader_need_text(l, root, "title", &c->info->title, err) &&
	       loader_texts(l, yaml_get(root, "files"), &c->files, err) &&
	       loader_texts(l, yaml_get(root, "structs"), &c->structs, err) &&
	       read_groups(l, root, err) && read_scope(l, yaml_get(root, "scope"), err) &&
	       loader_fits(l, yaml_get(root, "fits"), c->fits, err) &&
	       read_thresholds(l, yaml_get(root, "thresholds"), err) &&
	       read_vocabulary(l, yaml_get(root, "vocabulary"), err) &&
	       loader_points(l, root, err) && versions_read(l, yaml_get(root, "versions"), err);
}

static char *digest_of(GBytes *text)
{
	g_auto(digest) d;
	digest_init(&d);
	gsize len;
	const void *bytes = g_bytes_get_data(text, &len);
	digest_add(&d, bytes, len);
	return digest_hex(&d);
}

static catalogue *catalogue_new(void)
{
	catalogue *c = g_new0(catalogue, 1);
	c->info = catalogue_info_new();
	c->specs = g_ptr_array_new_with_free_func((GDestroyNotify)point_spec_free);
	c->fits = g_ptr_array_new_with_free_func((GDestroyNotify)fit_test_free);
	c->files = g_ptr_array_new_with_free_func(g_free);
	c->structs = g_ptr_array_new_with_free_func(g_free);
	c->versions = g_ptr_array_new_with_free_func((GDestroyNotify)version_spec_free);
	c->idle = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	c->patterns = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)pattern_free);
	return c;
}

bool catalogue_read(catalogue **out, const char *name, GBytes *text, GError **err)
{
	g_autoptr(yaml_tree) tree = NULL;
	if (!yaml_tree_read(&tree, name, text, err))
		return false;
	g_autoptr(catalogue) c = catalogue_new();
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	loader l = {.tree = tree, .c = c, .words = words};
	if (!read_catalogue(&l, err))
		return false;
	g_ptr_array_add(c->files, NULL);
	g_ptr_array_add(c->structs, NULL);
	c->info->digest = digest_of(text);
	*out = g_steal_pointer(&c);
	return true;
}

bool catalogue_load(catalogue **out, const char *path, GError **err)
{
	GStatBuf st;
	if (g_stat(path, &st) != 0)
		return error_set(err, TRUCE_ERROR_IO, NULL, "%s: %s", path, g_strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, TRUCE_ERROR_IO, NULL, "%s: not a file", path);
	if ((guint64)st.st_size > LIMIT_YAML_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL,
			"%s: %" G_GUINT64_FORMAT " bytes; at most %zu are read", path,
			(guint64)st.st_size, LIMIT_YAML_BYTES);
	g_autoptr(GError) io = NULL;
	char *bytes;
	gsize len;
	if (!g_file_get_contents(path, &bytes, &len, &io))
		return error_set(err, TRUCE_ERROR_IO, NULL, "%s", io->message);
	g_autoptr(GBytes) text = g_bytes_new_take(bytes, len);
	return catalogue_read(out, path, text, err);
}
