/* Makefiles of a tree, evaluated in a configuration: the architecture's, which tells include paths,
 * defines and links, and those of folders. */
#include "kernel/tree_priv.h"

#include <string.h>

#include "kernel/arch.h"

/* ---- the era's include paths ---- */

static const char *const *era_includes(const kernel_tree *t, bool own_folder)
{
	static const char *const linked[] = {
		"-Iinclude", "-I@link", "-include", "include/linux/autoconf.h", NULL};
	static const char *const linked_generated[] = {
		"-Iinclude", "-I@link", "-include", "include/generated/autoconf.h", NULL};
	static const char *const arch[] = {"-I@arch/include", "-I@arch/include/generated",
		"-Iinclude", "-I@link", "-include", "include/linux/autoconf.h", NULL};
	static const char *const arch_generated[] = {"-I@arch/include", "-I@arch/include/generated",
		"-Iinclude", "-I@link", "-include", "include/generated/autoconf.h", NULL};
	if (own_folder)
		return t->generated ? arch_generated : arch;
	return t->generated ? linked_generated : linked;
}

/* Since v3.7: user-space headers apart. kconfig.h takes autoconf.h in. */
static const char *const uapi_includes[] = {"-I@arch/include", "-I@arch/include/generated",
	"-Iinclude", "-I@arch/include/uapi", "-I@arch/include/generated/uapi", "-Iinclude/uapi",
	"-Iinclude/generated/uapi", "-include", "include/linux/compiler-version.h", "-include",
	"include/linux/kconfig.h", "-include", "include/linux/compiler_types.h", NULL};

/* LINUXINCLUDE as a makefile would see it; @link is where <asm/...> leads. */
static char *linux_include(tree_arch *a)
{
	kernel_tree *t = a->tree;
	g_autofree char *own = g_strdup_printf("arch/%s/include/asm", a->folder);
	bool own_folder = *a->folder && tree_index_has_folder(t->index, own);
	bool uapi = tree_index_has_folder(t->index, "include/uapi");
	GString *out = g_string_new(NULL);
	for (const char *const *w = uapi ? uapi_includes : era_includes(t, own_folder); *w; w++) {
		bool forced_header = w[0][0] != '-';
		if (forced_header && uapi && !tree_has(t, *w)) {
			/* not in this version: take its -include back */
			g_string_truncate(out, out->len - strlen("-include "));
			continue;
		}
		if (!strncmp(*w, "-I@arch", 7))
			g_string_append_printf(out, "-Iarch/%s%s ", a->folder, *w + 7);
		else if (strcmp(*w, "-I@link") != 0)
			g_string_append_printf(out, "%s ", *w);
		else if (a->asm_folder)
			g_string_append(out, "-I@link ");
	}
	return g_string_free(out, FALSE);
}

/* What every makefile is told. */
static void set_common(make *m, const tree_arch *a)
{
	make_set(m, "ARCH", arch_make_name(a->name));
	make_set(m, "SRCARCH", a->folder);
	make_set(m, "srctree", ".");
	make_set(m, "objtree", ".");
	/* um's makefile exports these. */
	if (a->subarch) {
		make_set(m, "SUBARCH", a->subarch);
		make_set(m, "OS", "Linux");
	}
	if (a->host)
		make_set(m, "HEADER_ARCH", a->host);
}

make *tree_arch_makefile(tree_arch *a, kconfig_values *values)
{
	make_source source = tree_make_source(a);
	g_autofree char *path = g_strdup_printf("arch/%s/Makefile", a->folder);
	g_autofree char *include = linux_include(a);
	make *m = make_new(&source);
	a->asking = values;
	set_common(m, a);
	make_set(m, "hdr-arch", a->folder);
	make_set(m, "CC", "clang");
	/* No values at all: a tree without Kconfig files. */
	kconfig_values *known = values ? values : a->defaults;
	make_set(m, "BITS", known && kconfig_tristate(known, "64BIT") ? "64" : "32");
	make_set(m, "LINUXINCLUDE", include);
	g_autofree char *cppflags = g_strconcat("-D__KERNEL__ ", include, NULL);
	make_set(m, TREE_GIVEN_CPPFLAGS, cppflags);
	make_set(m, "CPPFLAGS", cppflags);
	make_set(m, "KBUILD_CPPFLAGS", cppflags);
	g_autoptr(GBytes) text = tree_read(a->tree, path);
	if (text) {
		gsize len;
		const char *data = g_bytes_get_data(text, &len);
		g_autoptr(GPtrArray) statements = make_read(data, len);
		make_run(m, statements);
	}
	a->asking = NULL;
	return m;
}

char *tree_make_get(tree_arch *a, kconfig_values *values, make *m, const char *name)
{
	a->asking = values;
	char *value = make_get(m, name);
	a->asking = NULL;
	return value;
}

make *tree_folder_makefile_of(tree_arch *a, const make_source *source, const char *folder)
{
	const kbuild_makefile *file = kbuild_folder(a->build, folder);
	if (!file)
		return NULL;
	make *m = make_new(source);
	set_common(m, a);
	make_set(m, "obj", folder);
	make_set(m, "src", folder);
	make_run(m, file->statements);
	return m;
}

make *tree_folder_makefile(tree_arch *a, kconfig_values *values, const char *folder)
{
	make_source source = tree_make_source(a);
	a->asking = values;
	make *m = tree_folder_makefile_of(a, &source, folder);
	a->asking = NULL;
	return m;
}
