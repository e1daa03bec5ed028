/* Files in one architecture's folder that another one's makefiles build: x86_64 took many of i386's
 * ("obj-$(CONFIG_MTRR) += ../../i386/kernel/cpu/mtrr/"), um takes its host's. */
#include "kernel/tree_priv.h"

#include <string.h>

#include "base/sort.h"

/* "arch/X/" of a path below arch/; NULL for others. The caller's. */
static char *arch_of(const char *path)
{
	const char *start = path + strlen("arch/");
	const char *slash = g_str_has_prefix(path, "arch/") ? strchr(start, '/') : NULL;
	return slash ? g_strndup(start, (size_t)(slash - start)) : NULL;
}

static void add_borrower(kernel_tree *t, char *path, const char *borrower)
{
	g_autofree char *own = path;
	GPtrArray *list = g_hash_table_lookup(t->borrowed, own);
	if (!list) {
		list = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(t->borrowed, g_steal_pointer(&own), list);
	}
	for (guint i = 0; i < list->len; i++)
		if (!strcmp(g_ptr_array_index(list, i), borrower))
			return;
	g_ptr_array_add(list, g_strdup(borrower));
	g_ptr_array_sort(list, sort_by_text);
}

/* Takes what a makefile names in the folders of other architectures. */
static void read_makefile(kernel_tree *t, const char *path)
{
	/* What the base has too was looked through there. */
	const tree_file *own = tree_index_find(t->index, path);
	const tree_file *before = t->base ? tree_index_find(t->base->index, path) : NULL;
	if (before && oid_equal(&own->id, &before->id) &&
		!g_hash_table_contains(t->base->lenders, before->path))
		return;
	g_autoptr(GBytes) text = tree_read(t, path);
	gsize len = 0;
	const char *data = text ? g_bytes_get_data(text, &len) : NULL;
	if (!data || !memmem(data, len, "../", 3))
		return;
	g_hash_table_add(t->lenders, (gpointer)own->path);
	g_autofree char *arch = arch_of(path);
	g_autofree char *folder = g_path_get_dirname(path);
	g_autoptr(GHashTable) variables = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(variables, "ARCH", arch);
	g_hash_table_insert(variables, "SRCARCH", arch);
	g_autoptr(kbuild_makefile) file = kbuild_read(path, data, len, variables);
	for (guint i = 0; i < file->rules->len; i++) {
		const kbuild_rule *rule = g_ptr_array_index(file->rules, i);
		char *named = rule->kind != 'i' && g_str_has_prefix(rule->object, "../")
				      ? layout_resolve(folder, rule->object)
				      : NULL;
		g_autofree char *of = named ? arch_of(named) : NULL;
		if (of && strcmp(of, arch) != 0)
			add_borrower(t, named, arch);
		else
			g_free(named);
	}
}

static void read_makefiles(kernel_tree *t)
{
	if (t->base && !t->base->borrowed)
		read_makefiles(t->base);
	t->lenders = g_hash_table_new(g_str_hash, g_str_equal);
	t->borrowed = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	const GArray *files = t->index->files;
	for (guint i = tree_index_lower(t->index, "arch/"); i < files->len; i++) {
		const char *path = g_array_index(files, tree_file, i).path;
		if (!g_str_has_prefix(path, "arch/"))
			break;
		g_autofree char *arch = arch_of(path);
		if (arch &&
			(g_str_has_suffix(path, "/Makefile") || g_str_has_suffix(path, "/Kbuild")))
			read_makefile(t, path);
	}
}

const GPtrArray *tree_borrowers(kernel_tree *t, const char *path)
{
	if (!g_str_has_prefix(path, "arch/"))
		return NULL;
	if (!t->borrowed)
		read_makefiles(t);
	const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
	if (!dot || dot < slash || (strcmp(dot, ".c") != 0 && strcmp(dot, ".S") != 0))
		return NULL;
	g_autofree char *name = g_strdup_printf("%.*s.o", (int)(dot - path), path);
	const GPtrArray *list = g_hash_table_lookup(t->borrowed, name);
	/* Or a folder above it. */
	for (char *cut = strrchr(name, '/'); !list && cut; cut = strrchr(name, '/')) {
		*cut = 0;
		list = g_hash_table_lookup(t->borrowed, name);
	}
	return list;
}

bool tree_borrows(tree_arch *a, const char *path)
{
	const GPtrArray *list = tree_borrowers(a->tree, path);
	for (guint i = 0; list && i < list->len; i++)
		if (!strcmp(g_ptr_array_index(list, i), a->folder))
			return true;
	return false;
}
