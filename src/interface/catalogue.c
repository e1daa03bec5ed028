/* A catalogue: what is in it, whether it fits a base, where it is found. */
#include "interface/catalogue.h"

#include <string.h>

#include "base/install.h"
#include "interface/rule.h"

void catalogue_free(catalogue *c)
{
	if (!c)
		return;
	catalogue_info_free(c->info);
	g_ptr_array_unref(c->specs);
	g_ptr_array_unref(c->fits);
	g_ptr_array_unref(c->files);
	if (c->paths)
		g_ptr_array_unref(c->paths);
	if (c->not_paths)
		g_ptr_array_unref(c->not_paths);
	g_hash_table_unref(c->patterns);
	g_free(c);
}

catalogue_info *catalogue_describe(const catalogue *c)
{
	catalogue_info *copy = catalogue_info_new();
	copy->name = g_strdup(c->info->name);
	copy->version = g_strdup(c->info->version);
	copy->title = g_strdup(c->info->title);
	copy->digest = g_strdup(c->info->digest);
	for (guint i = 0; i < c->info->groups->len; i++)
		g_ptr_array_add(copy->groups, g_strdup(g_ptr_array_index(c->info->groups, i)));
	return copy;
}

size_t catalogue_length(const catalogue *c)
{
	return c->specs->len;
}

const point *catalogue_point(const catalogue *c, size_t i)
{
	g_assert(i < c->specs->len);
	return ((const point_spec *)g_ptr_array_index(c->specs, i))->point;
}

const char *const *catalogue_native_files(const catalogue *c)
{
	return (const char *const *)c->files->pdata;
}

/* A NUL cannot hide the rest of a file: text files have none, and others fit nothing. */
static bool fit_holds(const fit_test *t, GBytes *content)
{
	if (t->absent)
		return content == NULL;
	if (!content)
		return false;
	if (!t->has && !t->lacks)
		return true;
	gsize len;
	const char *bytes = g_bytes_get_data(content, &len);
	g_autofree char *text = g_strndup(bytes, len);
	return (!t->has || pattern_match(t->has, text)) &&
	       (!t->lacks || !pattern_match(t->lacks, text));
}

unsigned catalogue_fits(const catalogue *c, catalogue_read_fn read, void *data)
{
	for (guint i = 0; i < c->fits->len; i++) {
		const fit_test *t = g_ptr_array_index(c->fits, i);
		g_autoptr(GBytes) content = read(t->path, data);
		if (!fit_holds(t, content))
			return 0;
	}
	return c->fits->len;
}

char **catalogue_dirs(void)
{
	g_autoptr(GStrvBuilder) dirs = g_strv_builder_new();
	const char *own = g_getenv("TRUCE_RULES");
	if (own && *own)
		g_strv_builder_add(dirs, own);
	g_autofree char *data = install_data_dir();
	g_autofree char *installed = g_build_filename(data, "rules", NULL);
	if (g_file_test(installed, G_FILE_TEST_IS_DIR)) {
		g_strv_builder_add(dirs, installed);
	} else {
		/* A program in its build tree reads its sources. */
		g_autofree char *source = g_build_filename(TRUCE_SOURCE_DIR, "rules", NULL);
		g_strv_builder_add(dirs, source);
	}
	return g_strv_builder_end(dirs);
}

static bool is_pack_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/');
}

char *catalogue_find(const char *name)
{
	if (is_pack_name(name)) {
		g_auto(GStrv) dirs = catalogue_dirs();
		g_autofree char *file = g_strconcat(name, ".yaml", NULL);
		for (char **dir = dirs; *dir; dir++) {
			g_autofree char *path = g_build_filename(*dir, file, NULL);
			if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
				return g_steal_pointer(&path);
		}
	}
	return g_file_test(name, G_FILE_TEST_IS_REGULAR) ? g_strdup(name) : NULL;
}
