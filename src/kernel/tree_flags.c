/* Compiler arguments of a tree's era, architecture, configuration and file. */
#include "kernel/tree_priv.h"

#include <string.h>

#include "kernel/arch.h"

static void add(GPtrArray *args, const char *arg)
{
	g_ptr_array_add(args, g_strdup(arg));
}

static void add_include(GPtrArray *args, const char *root, const char *path)
{
	g_ptr_array_add(args, g_strdup("-I"));
	g_ptr_array_add(args, *path ? g_build_filename(root, path, NULL) : g_strdup(root));
}

/* The compiler's own headers (stdarg.h): of the libclang that truce was built with, else of
 * Debian's usual places. */
char *kernel_compiler_headers(void)
{
	static const char *const places[] = {TRUCE_CLANG_INCLUDE,
		"/usr/lib/llvm-14/lib/clang/14.0.6/include",
		"/usr/lib/llvm-14/lib/clang/14/include", "/usr/lib/clang/14/include"};
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
		if (g_file_test(places[i], G_FILE_TEST_IS_DIR))
			return g_strdup(places[i]);
	return NULL;
}

/* Flags that decide what the compiler reads or how the language is; the rest is for code
 * generation and for warnings. */
static bool matters(const char *flag)
{
	static const char *const known[] = {"-fshort-wchar", "-fms-extensions", "-funsigned-char",
		"-fsigned-char", "-fshort-enums", "-fwrapv", "-mno-sse", "-mno-mmx", "-mno-sse2",
		"-mno-3dnow", "-msoft-float", "-mregparm=3"};
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (!strcmp(flag, known[i]))
			return true;
	return g_str_has_prefix(flag, "-D") || g_str_has_prefix(flag, "-U");
}

/* A path of a makefile as a tree path: relative to the root, include/asm meaning the link. NULL
 * when it leads out of the tree. The caller's. */
static char *tree_path(tree_arch *a, const char *path)
{
	if (*path == '/')
		return NULL;
	char *resolved = layout_resolve("", path);
	const char *link = "include/asm";
	size_t len = strlen(link);
	if (resolved && a->asm_folder && g_str_has_prefix(resolved, link) &&
		(!resolved[len] || resolved[len] == '/')) {
		char *real = g_strconcat(a->asm_folder, resolved + len, NULL);
		g_free(resolved);
		return real;
	}
	return resolved;
}

void tree_take_flags(GPtrArray *args, tree_arch *a, const char *text)
{
	const char *root = layout_root(a->tree->layout);
	g_auto(GStrv) words = NULL;
	if (!g_shell_parse_argv(text, NULL, &words, NULL))
		return; /* nothing but white space, or quotes that do not end */
	for (char **w = words; *w; w++) {
		bool include = g_str_has_prefix(*w, "-I") || !strcmp(*w, "-iquote") ||
			       !strcmp(*w, "-idirafter") || !strcmp(*w, "-isystem");
		bool forced = !strcmp(*w, "-include");
		if (include || forced) {
			const char *path = g_str_has_prefix(*w, "-I") && (*w)[2] ? *w + 2 : w[1];
			if (!path)
				return;
			g_autofree char *inside = tree_path(a, path);
			if (path == w[1])
				w++;
			if (!inside)
				continue;
			if (forced) {
				add(args, "-include");
				g_ptr_array_add(args, g_build_filename(root, inside, NULL));
			} else {
				add_include(args, root, inside);
				/* The group may hold headers that nobody else needs. */
				g_autofree char *file = g_strconcat(inside, "/x.h", NULL);
				layout_need(a->tree->layout, file, NULL);
			}
		} else if (matters(*w)) {
			add(args, *w);
		}
	}
}

/* What the architecture's makefile makes of the flags that it is given. */
static char *arch_flags(tree_arch *a, kconfig_values *values)
{
	g_autoptr(make) m = tree_arch_makefile(a, values);
	g_autofree char *given = make_get(m, TREE_GIVEN_CPPFLAGS);
	g_autofree char *cpp = tree_make_get(a, values, m, "CPPFLAGS");
	g_autofree char *kcpp = tree_make_get(a, values, m, "KBUILD_CPPFLAGS");
	g_autofree char *cc = tree_make_get(a, values, m, "CFLAGS");
	g_autofree char *kcc = tree_make_get(a, values, m, "KBUILD_CFLAGS");
	bool old = strcmp(cpp, given) != 0 || !strcmp(kcpp, given);
	return g_strjoin(" ", old ? cpp : kcpp, cc, kcc, NULL);
}

/* clang traces functions by calls at their entry (-mfentry) on x86 and s390. */
static bool is_traced(const tree_config *c)
{
	return c->values && kconfig_tristate(c->values, "FUNCTION_TRACER") != TRI_N &&
	       kconfig_tristate(c->values, "HAVE_FENTRY") != TRI_N;
}

/* What the top makefile asks for: of its flags these alone are about more than code and warnings.
 * -fshort-wchar since v4.15, the define since v3.7, -funsigned-char since v6.2. */
static void take_top_flags(GPtrArray *args, tree_arch *a, tree_config *c)
{
	const char *flags[] = {
		"-fshort-wchar", "-funsigned-char", is_traced(c) ? "-DCC_USING_FENTRY" : NULL};
	g_autoptr(GBytes) bytes = tree_read(a->tree, "Makefile");
	gsize len = 0;
	const char *text = bytes ? g_bytes_get_data(bytes, &len) : NULL;
	for (size_t i = 0; text && i < G_N_ELEMENTS(flags); i++)
		if (flags[i] && memmem(text, len, flags[i], strlen(flags[i])))
			add(args, flags[i]);
}

/* Drops a second mention of the same argument (-I has two words). */
static void drop_repeated(GPtrArray *args)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < args->len;) {
		const char *arg = g_ptr_array_index(args, i);
		bool pair = !strcmp(arg, "-I") || !strcmp(arg, "-include") ||
			    !strcmp(arg, "-target") || !strcmp(arg, "-isystem");
		guint n = pair && i + 1 < args->len ? 2 : 1;
		const char *second = n == 2 ? g_ptr_array_index(args, i + 1) : "";
		if (g_hash_table_add(seen, g_strconcat(arg, " ", second, NULL)))
			i += n;
		else
			g_ptr_array_remove_range(args, i, n);
	}
}

bool tree_flags(GPtrArray *args, tree_arch *a, tree_config *c, GError **err)
{
	kernel_tree *t = a->tree;
	const char *root = layout_root(t->layout);
	const char *target = arch_target(a->folder, c->values);
	const char *groups[] = {"include/x", NULL, NULL};
	g_autofree char *own = g_strdup_printf("arch/%s/x", a->folder);
	groups[1] = *a->folder ? own : "include/x";
	for (size_t i = 0; i < 2; i++)
		if (!layout_need(t->layout, groups[i], err))
			return false;
	add(args, "-target");
	add(args, target ? target : "x86_64-linux-gnu");
	const char *const *macros = arch_macros(a->folder);
	for (; macros && *macros; macros++)
		add(args, *macros);
	add(args, t->gnu11 ? "-std=gnu11" : "-std=gnu89");
	add(args, "-fno-builtin");
	add(args, "-nostdinc");
	add(args, "-w");
	add(args, "-ferror-limit=0");
	g_autofree char *resource = kernel_compiler_headers();
	if (resource) {
		add(args, "-isystem");
		add(args, resource);
	}
	c->fixed = args->len;
	g_autofree char *link = NULL;
	if (a->asm_folder) {
		if (!layout_link(t->layout, &link, a->folder, a->asm_folder, err))
			return false;
		g_hash_table_insert(c->aliases, g_strconcat(link, "/asm/", NULL),
			g_strconcat(a->asm_folder, "/", NULL));
	}
	/* The link is no tree path: cut the line at it. */
	g_autofree char *line = arch_flags(a, c->values);
	g_auto(GStrv) parts = g_strsplit(line, "-I@link", -1);
	for (char **p = parts; *p; p++) {
		tree_take_flags(args, a, *p);
		if (p[1] && link) {
			add(args, "-I");
			add(args, link);
		}
	}
	take_top_flags(args, a, c);
	if (!*a->folder)
		add_include(args, root, "");
	drop_repeated(args);
	return true;
}

/* ---- the user's own build ---- */

static bool tree_file_cb(const char *path, void *data)
{
	return tree_has(data, path);
}

/* The architecture whose headers a folder of the command line has; NULL for none. The caller's. */
static char *arch_of_folder(const char *folder)
{
	bool new = g_str_has_prefix(folder, "arch/") && strstr(folder, "/include");
	bool old = g_str_has_prefix(folder, "include/asm-");
	const char *name = new ? folder + strlen("arch/") : folder + strlen("include/asm-");
	return new || old ? g_strndup(name, strcspn(name, "/")) : NULL;
}

static bool is_of_another(const tree_arch *a, const GPtrArray *words)
{
	for (guint i = 0; i < words->len; i++) {
		g_autofree char *arch = arch_of_folder(g_ptr_array_index(words, i));
		if (arch && strcmp(arch, a->folder) != 0 && strcmp(arch, "generic") != 0)
			return true;
	}
	return false;
}

bool tree_given_flags(GPtrArray *args, tree_arch *a, tree_config *c, const char *path)
{
	kernel_tree *root = a->tree->base ? a->tree->base : a->tree;
	const GPtrArray *words =
		root->commands ? kernel_commands_of(root->commands, path, tree_file_cb, root)
			       : NULL;
	if (!words || is_of_another(a, words))
		return false;
	for (guint i = 0; i < c->fixed; i++)
		g_ptr_array_add(args, g_strdup(g_ptr_array_index(c->args, i)));
	GString *line = g_string_new(NULL);
	for (guint i = 0; i < words->len; i++) {
		const char *word = g_ptr_array_index(words, i);
		g_autofree char *quoted = g_shell_quote(word);
		g_string_append_printf(line, "%s ", quoted);
		if (g_str_has_prefix(word, "-std="))
			add(args, word);
	}
	tree_take_flags(args, a, line->str);
	g_string_free(line, TRUE);
	if (a->asm_folder) { /* what a build's link include/asm leads to */
		g_autofree char *link =
			g_build_filename(layout_root(a->tree->layout), ".link", a->folder, NULL);
		add(args, "-I");
		add(args, link);
	}
	drop_repeated(args);
	return true;
}

/* ---- the file's own ---- */

/* The folder whose makefile builds what lies in `folder`: itself, or the nearest above that has one
 * (obj-y += sub/x.o). The caller's. */
static char *building_folder(tree_arch *a, const char *folder)
{
	g_autofree char *at = g_strdup(folder);
	while (*at && !kbuild_folder(a->build, at)) {
		char *slash = strrchr(at, '/');
		if (!slash)
			return g_strdup(folder);
		*slash = 0;
	}
	return g_steal_pointer(&at);
}

static void take_variable(GPtrArray *args, tree_arch *a, tree_config *c, make *m, const char *name)
{
	g_autofree char *value = tree_make_get(a, c->values, m, name);
	tree_take_flags(args, a, value);
}

static char *default_module(const char *path)
{
	char *name = g_path_get_basename(path);
	char *dot = strrchr(name, '.');
	if (dot)
		*dot = 0;
	return g_strdelimit(name, "-,", '_');
}

void tree_name_flags(GPtrArray *args, const kernel_tree *t, const char *folder, const char *object,
	const char *module)
{
	g_autofree char *base = g_strdelimit(g_strdup(object), "-,", '_');
	const char *form = t->kbuild_str      ? "-DKBUILD_%s=KBUILD_STR(%s)"
			   : t->kbuild_quoted ? "-DKBUILD_%s=\"%s\""
					      : "-DKBUILD_%s=%s";
	if (t->kbuild_str)
		add(args, "-DKBUILD_STR(s)=#s");
	const char *names[] = {"BASENAME", base, "MODNAME", module};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i += 2) {
		GString *text = g_string_new(form);
		g_string_replace(text, "%s", names[i], 1);
		g_string_replace(text, "%s", names[i + 1], 1);
		g_ptr_array_add(args, g_string_free(text, FALSE));
	}
	/* Since v5.4: the module's object, which modules name in their info. */
	if (t->kbuild_modfile)
		g_ptr_array_add(args, g_strdup_printf("-DKBUILD_MODFILE=\"%s%s%s\"", folder,
					      *folder ? "/" : "", module));
	if (t->kbuild_quoted)
		g_ptr_array_add(args, g_strdup_printf("-D__KBUILD_MODNAME=kmod_%s", module));
}

void tree_file_flags(
	GPtrArray *args, tree_arch *a, tree_config *c, const char *path, const kbuild_way *way)
{
	g_autofree char *module = way ? g_strdup(way->module) : default_module(path);
	g_autofree char *own_folder = g_path_get_dirname(path);
	g_autofree char *object = g_path_get_basename(path);
	char *dot = strrchr(object, '.');
	bool assembly = g_str_has_suffix(path, ".S");
	if (!strcmp(own_folder, "."))
		*own_folder = 0;
	if (dot)
		*dot = 0;
	g_autofree char *folder =
		way && way->folder ? g_strdup(way->folder) : building_folder(a, own_folder);
	/* subdir-ccflags-y of every folder above, then the folder's own, then the file's. */
	for (const char *slash = strchr(folder, '/'); slash; slash = strchr(slash + 1, '/')) {
		g_autofree char *above = g_strndup(folder, (size_t)(slash - folder));
		make *m = tree_folder_makefile(a, c->values, above);
		if (m)
			take_variable(args, a, c, m, "subdir-ccflags-y");
		make_free(m);
	}
	make *m = tree_folder_makefile(a, c->values, folder);
	if (m) {
		const char *below = own_folder + strlen(own_folder);
		if (g_str_has_prefix(own_folder, folder)) {
			below = own_folder + strlen(folder);
			below += *below == '/' && *folder;
		}
		g_autofree char *own = g_strdup_printf("%s_%s%s%s.o",
			assembly ? "AFLAGS" : "CFLAGS", below, *below ? "/" : "", object);
		take_variable(args, a, c, m, "subdir-ccflags-y");
		take_variable(args, a, c, m, assembly ? "asflags-y" : "ccflags-y");
		take_variable(args, a, c, m, assembly ? "EXTRA_AFLAGS" : "EXTRA_CFLAGS");
		take_variable(args, a, c, m, own);
	}
	make_free(m);
	if (assembly) {
		add(args, "-D__ASSEMBLY__");
		return;
	}
	tree_name_flags(args, a->tree, folder, object, module);
}
