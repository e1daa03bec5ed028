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

/* sizeof(spinlock_t): all that is asked of it is whether it is larger than a long, for then page
 * tables hold a pointer to theirs. Debugging adds owner and names to a word. */
static unsigned spinlock_size(kconfig_values *v)
{
	bool wide = kconfig_tristate(v, "64BIT") != TRI_N;
	if (kconfig_tristate(v, "DEBUG_LOCK_ALLOC") != TRI_N ||
		kconfig_tristate(v, "PREEMPT_RT") != TRI_N)
		return wide ? 72 : 44;
	if (kconfig_tristate(v, "DEBUG_SPINLOCK") != TRI_N)
		return wide ? 24 : 16;
	return 4;
}

/* bounds.h (v2.6.26 on), which a build computes with the compiler: zones by the configuration, page
 * flags as many as fit all (they only bound what else page->flags holds), the rest by NR_CPUS. */
static void put_bounds(tree_arch *a, tree_config *c)
{
	static const char *const zones[] = {"ZONE_DMA", "ZONE_DMA32", "HIGHMEM", "ZONE_DEVICE"};
	kernel_tree *t = a->tree;
	if (!tree_has(t, "kernel/bounds.c") || !c->values)
		return;
	unsigned n = 2; /* normal and movable */
	for (size_t i = 0; i < G_N_ELEMENTS(zones); i++)
		n += kconfig_tristate(c->values, zones[i]) != TRI_N ? 1u : 0u;
	const char *number = kconfig_value(c->values, "NR_CPUS");
	unsigned cpus = number ? (unsigned)g_ascii_strtoull(number, NULL, 10) : 1, bits = 0;
	bool generations = kconfig_tristate(c->values, "LRU_GEN") != TRI_N;
	while (bits < 31 && (1u << bits) < cpus)
		bits++;
	generated_put(a, c, t->generated ? "include/generated/bounds.h" : "include/linux/bounds.h",
		g_strdup_printf("#define NR_PAGEFLAGS 23\n"
				"#define MAX_NR_ZONES %u\n"
				"#define NR_CPUS_BITS %u\n"
				"#define SPINLOCK_SIZE %u\n"
				"#define LRU_GEN_WIDTH %u\n"
				"#define __LRU_REFS_WIDTH %u\n",
			n, bits, spinlock_size(c->values), generations ? 3u : 0u,
			generations ? 2u : 0u));
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
	put_bounds(a, c);
	put_timeconst(a, c);
	generated_wrappers(a, c);
	generated_tables(a, c);
	/* Offsets of structs: C files include it for nothing, assembly needs its numbers. */
	if (t->generated)
		generated_put(
			a, c, "include/generated/asm-offsets.h", g_strdup("/* not computed */\n"));
	if (a->asm_folder) {
		g_autofree char *offsets = g_strconcat(a->asm_folder, "/asm-offsets.h", NULL);
		g_autofree char *older = g_strconcat(a->asm_folder, "/asm_offsets.h", NULL);
		generated_put(a, c, offsets, g_strdup("/* not computed */\n"));
		generated_put(a, c, older, g_strdup("/* not computed */\n"));
	}
}

void tree_memory(tree_arch *a, tree_config *c)
{
	put_generated(a, c);
}

/* ---- included files that are no headers ---- */

typedef struct placing {
	tree_arch *a;
	GHashTable *done;
} placing;

static bool place_text(placing *p, const char *path, GBytes *text, unsigned depth, GError **err);

static bool place_one(placing *p, const char *from, const char *name, unsigned depth, GError **err)
{
	kernel_tree *t = p->a->tree;
	g_autofree char *folder = g_path_get_dirname(from);
	g_autofree char *target = layout_resolve(strcmp(folder, ".") ? folder : "", name);
	if (!target || !tree_has(t, target)) {
		g_free(target);
		target = layout_resolve("include", name);
	}
	if (!target || !tree_has(t, target) || g_hash_table_contains(p->done, target))
		return true;
	g_hash_table_add(p->done, g_strdup(target));
	if (!layout_place(t->layout, target, err))
		return false;
	if (g_str_has_suffix(target, ".h"))
		return true;
	g_autoptr(GBytes) text = tree_read(t, target);
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

bool tree_place_includes(tree_arch *a, const char *path, GBytes *text, GError **err)
{
	placing p = {a, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
	bool done = place_text(&p, path, text, 0, err);
	g_hash_table_unref(p.done);
	return done;
}
