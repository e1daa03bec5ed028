/* Programs of user space among a kernel's files: what ARCH=um is made of beside kernel code runs on
 * the host's C library, whose headers are not the tree's. */
#include "kernel/tree_priv.h"

#include <string.h>

#include "kernel/generated.h"

/* Folders of the layout where a program finds <x.h>: what stands in for the C library's, then the
 * kernel's own headers of the host as programs see them. */
bool tree_program_flags(
	GPtrArray *args, tree_arch *a, tree_config *c, const char *variable, GError **err)
{
	kernel_tree *t = a->tree;
	const char *host = a->host ? a->host : a->folder;
	g_autofree char *linked = g_strdup_printf("include/asm-%s", host);
	for (guint i = 0; i < c->fixed; i++)
		g_ptr_array_add(args, g_strdup(g_ptr_array_index(c->args, i)));
	tree_take_flags(args, a, "-I" GENERATED_HOST);
	if (tree_index_has_folder(t->index, linked)) {
		g_autofree char *link = NULL;
		if (!layout_link(t->layout, &link, host, linked, err))
			return false;
		g_ptr_array_add(args, g_strdup("-I"));
		g_ptr_array_add(args, g_steal_pointer(&link));
	}
	bool uapi = tree_index_has_folder(t->index, "include/uapi");
	const char *form = uapi ? "-Iarch/%s/include/uapi -Iarch/%s/include/generated/uapi "
				  "-Iinclude/uapi -Iinclude/generated/uapi"
				: "-Iarch/%s/include -Iinclude";
	GString *headers = g_string_new(form);
	g_string_replace(headers, "%s", host, 0);
	tree_take_flags(args, a, headers->str);
	g_string_free(headers, TRUE);
	g_autoptr(make) m = tree_arch_makefile(a, c->values);
	g_autofree char *told = tree_make_get(a, c->values, m, variable);
	tree_take_flags(args, a, told);
	g_autofree char *made = g_strdup_printf("-Iarch/%s/include/generated", host);
	tree_take_flags(args, a, made);
	return true;
}

/* ---- which they are ---- */

static const char *all_on(const char *name, void *data)
{
	(void)name;
	(void)data;
	return "y";
}

static const char *all_off(const char *name, void *data)
{
	(void)name;
	(void)data;
	return NULL;
}

/* Lists of objects that arch/um/scripts/Makefile.rules compiles with USER_CFLAGS. */
static const char *const user_lists[] = {"USER_OBJS", "UNPROFILE_OBJS"};

/* Whether the folder's makefile lists what is made of `stem` (no suffix) as one of user space, with
 * every symbol on or off. */
static bool lists(tree_arch *a, const char *folder, const char *stem, bool on)
{
	make_source source = tree_make_source(a);
	source.config = on ? all_on : all_off;
	g_autoptr(make) m = tree_folder_makefile_of(a, &source, folder);
	for (size_t i = 0; m && i < G_N_ELEMENTS(user_lists); i++) {
		g_autofree char *listed = make_get(m, user_lists[i]);
		g_auto(GStrv) names = make_words(listed);
		for (char **n = names; *n; n++) {
			const char *slash = strrchr(*n, '/'), *dot = strrchr(*n, '.');
			const char *name = slash ? slash + 1 : *n;
			if (dot > name && strlen(stem) == (size_t)(dot - name) &&
				!strncmp(name, stem, (size_t)(dot - name)))
				return true;
		}
	}
	return false;
}

bool tree_is_program(tree_arch *a, const char *path)
{
	const char *dot = strrchr(path, '.');
	if (!a->subarch || !dot || strcmp(dot, ".c") != 0)
		return false;
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *stem = g_path_get_basename(path);
	*strrchr(stem, '.') = 0;
	return lists(a, folder, stem, true) || lists(a, folder, stem, false);
}
