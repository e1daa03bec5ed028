/* Rule packs: which there are, and which one fits a tree. */
#include "engine/packs.h"

#include <string.h>

#include "base/error.h"

typedef struct base_reader {
	repo *repo;
	const oid *tree;
} base_reader;

static GBytes *read_base(const char *path, void *data)
{
	const base_reader *r = data;
	GBytes *bytes = NULL;
	return repo_read_path(r->repo, &bytes, r->tree, path, NULL) ? bytes : NULL;
}

static char *pack_name(const char *path)
{
	g_autofree char *file = g_path_get_basename(path);
	return g_strndup(file, strcspn(file, "."));
}

static gint compare_packs(gconstpointer a, gconstpointer b)
{
	g_autofree char *x = pack_name(*(const char *const *)a);
	g_autofree char *y = pack_name(*(const char *const *)b);
	return strcmp(x, y);
}

static bool has_pack(const GPtrArray *list, const char *path)
{
	g_autofree char *name = pack_name(path);
	for (guint i = 0; i < list->len; i++) {
		g_autofree char *other = pack_name(g_ptr_array_index(list, i));
		if (strcmp(name, other) == 0)
			return true;
	}
	return false;
}

GPtrArray *packs_list(void)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) dirs = catalogue_dirs();
	for (char **dir = dirs; *dir; dir++) {
		g_autoptr(GDir) open = g_dir_open(*dir, 0, NULL);
		for (const char *file; open && (file = g_dir_read_name(open));) {
			g_autofree char *path = g_build_filename(*dir, file, NULL);
			if (g_str_has_suffix(file, ".yaml") && !has_pack(list, path))
				g_ptr_array_add(list, g_steal_pointer(&path));
		}
	}
	g_ptr_array_sort(list, compare_packs);
	return list;
}

/* "give the path of a YAML file, or one of: a, b". The caller's. */
static char *packs_hint(void)
{
	g_autoptr(GPtrArray) list = packs_list();
	g_autoptr(GString) out = g_string_new("give the path of a YAML file, or one of: ");
	for (guint i = 0; i < list->len; i++) {
		g_autofree char *name = pack_name(g_ptr_array_index(list, i));
		g_string_append_printf(out, "%s%s", i ? ", " : "", name);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

bool packs_open(catalogue **out, char **path, const char *name, GError **err)
{
	g_autofree char *found = catalogue_find(name);
	if (!found) {
		g_autofree char *hint = packs_hint();
		return error_set(err, TRUCE_ERROR_NOT_FOUND, hint, "no catalogue '%s'", name);
	}
	if (!catalogue_load(out, found, err))
		return false;
	if (path)
		*path = g_steal_pointer(&found);
	return true;
}

unsigned packs_fit(const catalogue *c, repo *r, const oid *tree)
{
	base_reader reader = {r, tree};
	return catalogue_fits(c, read_base, &reader);
}

const char *packs_version(const catalogue *c, repo *r, const oid *tree)
{
	base_reader reader = {r, tree};
	return catalogue_version_of(c, read_base, &reader);
}

void packs_take_judged(catalogue *c, repo *r, const oid *tree)
{
	const char *version = catalogue_judged_as(c, packs_version(c, r, tree));
	if (version)
		catalogue_take_version(c, version);
}

bool packs_fitting(catalogue **out, char **path, repo *r, const oid *tree, GError **err)
{
	g_autoptr(GPtrArray) list = packs_list();
	g_autoptr(catalogue) best = NULL;
	const char *best_path = NULL;
	unsigned best_fit = 0;
	for (guint i = 0; i < list->len; i++) {
		g_autoptr(catalogue) c = NULL;
		if (!catalogue_load(&c, g_ptr_array_index(list, i), err))
			return false;
		unsigned fit = packs_fit(c, r, tree);
		if (fit <= best_fit)
			continue;
		best_fit = fit;
		best_path = g_ptr_array_index(list, i);
		catalogue_free(best);
		best = g_steal_pointer(&c);
	}
	if (path)
		*path = g_strdup(best_path);
	*out = g_steal_pointer(&best);
	return true;
}
