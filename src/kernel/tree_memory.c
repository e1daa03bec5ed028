/* What a compiler reads that no file of the layout holds: headers that a build makes; and files
 * included under names that are no header's. */
#include "kernel/generated.h"

#include <string.h>

/* Chains of .c files that include .c files. */
#define INCLUDE_DEPTH 12u

static void put(tree_arch *a, tree_config *c, const char *path, GBytes *bytes)
{
	g_autofree char *full = g_build_filename(layout_root(a->tree->layout), path, NULL);
	g_ptr_array_add(c->memory, memory_file_new(full, bytes));
}

/* The same file by the way that <asm/x.h> takes. */
static void put_alias(tree_arch *a, tree_config *c, const char *path, GBytes *bytes)
{
	size_t len = a->asm_folder ? strlen(a->asm_folder) : 0;
	if (!len || strncmp(path, a->asm_folder, len) != 0 || path[len] != '/')
		return;
	g_autofree char *full = g_strdup_printf(
		"%s/.link/%s/asm%s", layout_root(a->tree->layout), a->folder, path + len);
	g_ptr_array_add(c->memory, memory_file_new(full, bytes));
}

void generated_put(tree_arch *a, tree_config *c, const char *path, char *text)
{
	if (!text)
		return;
	g_autoptr(GBytes) bytes = g_bytes_new_take(text, strlen(text));
	if (tree_has(a->tree, path))
		return; /* the tree brings its own */
	put(a, c, path, bytes);
	put_alias(a, c, path, bytes);
}

static char *version_text(const kernel_tree *t)
{
	bool with_release = t->version == 2 && t->patchlevel == 6 && t->sublevel < 18;
	g_autofree char *release =
		with_release ? g_strdup_printf("#define UTS_RELEASE \"%s\"\n", t->release)
			     : g_strdup("");
	return g_strdup_printf("%s#define LINUX_VERSION_CODE %u\n"
			       "#define KERNEL_VERSION(a,b,c) (((a) << 16) + ((b) << 8) + (c))\n"
			       "#define LINUX_VERSION_MAJOR %u\n"
			       "#define LINUX_VERSION_PATCHLEVEL %u\n"
			       "#define LINUX_VERSION_SUBLEVEL %u\n",
		release, (t->version << 16) + (t->patchlevel << 8) + MIN(t->sublevel, 255u),
		t->version, t->patchlevel, t->sublevel);
}

static void put_timeconst(tree_arch *a, tree_config *c)
{
	const char *value = c->values ? kconfig_value(c->values, "HZ") : NULL;
	/* Without CONFIG_HZ, asm/param.h says 100. */
	unsigned hz = value ? (unsigned)g_ascii_strtoull(value, NULL, 10) : 100;
	if (tree_has(a->tree, "kernel/time/timeconst.bc"))
		generated_put(a, c, "include/generated/timeconst.h", generated_timeconst(hz));
	else if (tree_has(a->tree, "kernel/timeconst.pl"))
		generated_put(a, c, "kernel/timeconst.h", generated_timeconst(hz));
}

static void put_generated(tree_arch *a, tree_config *c)
{
	kernel_tree *t = a->tree;
	const char *folder = t->generated ? "include/generated" : "include/linux";
	g_autofree char *autoconf = g_strconcat(folder, "/autoconf.h", NULL);
	generated_put(a, c, autoconf, c->values ? kconfig_autoconf(c->values) : g_strdup(""));
	if (t->version) {
		bool uapi = tree_index_has_folder(t->index, "include/uapi");
		generated_put(a, c,
			uapi ? "include/generated/uapi/linux/version.h" : "include/linux/version.h",
			version_text(t));
	}
	g_autofree char *utsrelease = g_strconcat(folder, "/utsrelease.h", NULL);
	g_autofree char *compile = g_strconcat(folder, "/compile.h", NULL);
	generated_put(
		a, c, utsrelease, g_strdup_printf("#define UTS_RELEASE \"%s\"\n", t->release));
	generated_put(a, c, compile,
		g_strdup_printf("#define UTS_MACHINE \"%s\"\n#define UTS_VERSION \"#1\"\n"
				"#define LINUX_COMPILE_TIME \"00:00:00\"\n"
				"#define LINUX_COMPILE_BY \"truce\"\n"
				"#define LINUX_COMPILE_HOST \"truce\"\n"
				"#define LINUX_COMPILE_DOMAIN \"\"\n"
				"#define LINUX_COMPILER \"clang\"\n",
			a->folder));
	put_timeconst(a, c);
	generated_wrappers(a, c);
	generated_syscalls(a, c);
	generated_tables(a, c);
	generated_by_rules(a, c);
	tree_put_links(a, c);
}

bool tree_memory(tree_arch *a, tree_config *c, GError **err)
{
	put_generated(a, c);
	return generated_constants(a, c, err);
}

/* ---- included files that are no headers ---- */

typedef struct placing {
	tree_arch *a;
	GPtrArray *folders; /* char *: tree paths where includes are looked for */
	GHashTable *done;
} placing;

static bool place_text(placing *p, const char *path, GBytes *text, unsigned depth, GError **err);

/* The file of the tree that is meant: beside the one that names it, or in a folder of the command
 * line. The caller's; NULL when there is none. */
static char *included_file(const placing *p, const char *from, const char *name)
{
	g_autofree char *folder = g_path_get_dirname(from);
	char *beside = layout_resolve(strcmp(folder, ".") ? folder : "", name);
	if (beside && tree_has(p->a->tree, beside))
		return beside;
	g_free(beside);
	/* Headers are laid out with their folders, and where they are found is the compiler's to
	 * say. */
	guint last = g_str_has_suffix(name, ".h") ? 1 : p->folders->len;
	for (guint i = 0; i < last; i++) {
		char *there = layout_resolve(g_ptr_array_index(p->folders, i), name);
		if (there && tree_has(p->a->tree, there))
			return there;
		g_free(there);
	}
	return NULL;
}

static bool place_one(placing *p, const char *from, const char *name, unsigned depth, GError **err)
{
	kernel_tree *t = p->a->tree;
	g_autofree char *target = included_file(p, from, name);
	if (!target || g_hash_table_contains(p->done, target))
		return true;
	g_hash_table_add(p->done, g_strdup(target));
	if (!layout_place(t->layout, target, err))
		return false;
	if (g_str_has_suffix(target, ".h"))
		return true;
	g_autoptr(GBytes) text = tree_read_source(t, target);
	return !text || place_text(p, target, text, depth + 1, err);
}

static bool place_text(placing *p, const char *path, GBytes *text, unsigned depth, GError **err)
{
	gsize len;
	const char *at = g_bytes_get_data(text, &len);
	const char *end = at + len;
	while (depth < INCLUDE_DEPTH && at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;
		const char *s = at;
		at = newline ? newline + 1 : end;
		while (s < stop && (*s == ' ' || *s == '\t'))
			s++;
		if (s == stop || *s != '#')
			continue;
		const char *word = memmem(s, (size_t)(stop - s), "include", 7);
		const char *quote = word ? memchr(word, '"', (size_t)(stop - word)) : NULL;
		if (!quote && word)
			quote = memchr(word, '<', (size_t)(stop - word));
		if (!quote)
			continue;
		char closing = *quote == '<' ? '>' : '"';
		const char *close = memchr(quote + 1, closing, (size_t)(stop - quote - 1));
		if (!close)
			continue;
		g_autofree char *name = g_strndup(quote + 1, (size_t)(close - quote - 1));
		if (!place_one(p, path, name, depth, err))
			return false;
	}
	return true;
}

/* include/, then the folders of -I that lie in the tree. */
static GPtrArray *include_folders(const kernel_tree *t, const GPtrArray *args)
{
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *root = g_strconcat(layout_root(t->layout), "/", NULL);
	g_ptr_array_add(out, g_strdup("include"));
	for (guint i = 0; i + 1 < args->len; i++) {
		const char *folder = g_ptr_array_index(args, i + 1);
		if (!strcmp(g_ptr_array_index(args, i), "-I") && g_str_has_prefix(folder, root))
			g_ptr_array_add(out, g_strdup(folder + strlen(root)));
	}
	return out;
}

bool tree_place_includes(
	tree_arch *a, const char *path, GBytes *text, const GPtrArray *args, GError **err)
{
	g_autoptr(GPtrArray) folders = include_folders(a->tree, args);
	placing p = {a, folders, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
	bool done = place_text(&p, path, text, 0, err);
	g_hash_table_unref(p.done);
	return done;
}
