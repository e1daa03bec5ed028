/* Wrappers around asm-generic that scripts/Makefile.asm-generic makes. */
#include "kernel/generated.h"

#include <string.h>

/* The words of a list of one Kbuild file in this configuration. The caller's. */
static char **list_of(tree_arch *a, tree_config *c, const char *path, const char *name)
{
	g_autoptr(GBytes) text = tree_read(a->tree, path);
	if (!text)
		return g_new0(char *, 1);
	make_source source = tree_make_source(a);
	g_autoptr(make) m = make_new(&source);
	a->asking = c->values;
	make_set(m, "SRCARCH", a->folder);
	make_set(m, "srctree", ".");
	gsize len;
	const char *data = g_bytes_get_data(text, &len);
	g_autoptr(GPtrArray) statements = make_read(data, len);
	make_run(m, statements);
	g_autofree char *value = make_get(m, name);
	a->asking = NULL;
	return make_words(value);
}

static void add_wrapper(tree_arch *a, tree_config *c, const char *generated, const char *name)
{
	if (strchr(name, '/') || !g_str_has_suffix(name, ".h"))
		return;
	g_autofree char *path = g_strdup_printf("%s/%s", generated, name);
	generated_put(a, c, path, g_strdup_printf("#include <asm-generic/%s>\n", name));
}

/* One pair of an own Kbuild and the generic one (NULL: none), whose mandatory headers are wrapped
 * where the architecture has none. */
static void wrap(
	tree_arch *a, tree_config *c, const char *own, const char *generic, const char *generated)
{
	g_autofree char *kbuild_path = g_strdup_printf("%s/Kbuild", own);
	g_auto(GStrv) names = list_of(a, c, kbuild_path, "generic-y");
	for (char **n = names; *n; n++)
		add_wrapper(a, c, generated, *n);
	if (!generic)
		return;
	g_auto(GStrv) made = list_of(a, c, kbuild_path, "generated-y");
	g_auto(GStrv) mandatory = list_of(a, c, generic, "mandatory-y");
	for (char **n = mandatory; *n; n++) {
		g_autofree char *there = g_strdup_printf("%s/%s", own, *n);
		if (!tree_has(a->tree, there) && !g_strv_contains((const char *const *)made, *n) &&
			!g_strv_contains((const char *const *)names, *n))
			add_wrapper(a, c, generated, *n);
	}
}

static void wrap_folder(tree_arch *a, tree_config *c, const char *folder, bool mandatory)
{
	g_autofree char *own = g_strdup_printf("arch/%s/include/asm", folder);
	g_autofree char *generated = g_strdup_printf("arch/%s/include/generated/asm", folder);
	g_autofree char *uapi = g_strdup_printf("arch/%s/include/uapi/asm", folder);
	g_autofree char *uapi_generated =
		g_strdup_printf("arch/%s/include/generated/uapi/asm", folder);
	wrap(a, c, own, mandatory ? "include/asm-generic/Kbuild" : NULL, generated);
	wrap(a, c, uapi, mandatory ? "include/uapi/asm-generic/Kbuild" : NULL, uapi_generated);
}

void generated_wrappers(tree_arch *a, tree_config *c)
{
	if (!*a->folder)
		return;
	/* um borrows its host's headers. */
	wrap_folder(a, c, a->folder, !a->host);
	if (a->host)
		wrap_folder(a, c, a->host, true);
}
