/* Headers that a build has the compiler work out from a C file: bounds.h, asm-offsets.h. Here they
 * are named with what stands in for them; who parses computes them (analyzers/c/constants.h). */
#include "kernel/generated.h"

#include <string.h>

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

/* What stands in for bounds.h should it not be computed: zones by the configuration, page flags as
 * many as fit all (they only bound what else page->flags holds), the rest by NR_CPUS. */
static void put_bounds(tree_arch *a, tree_config *c, const char *place)
{
	static const char *const zones[] = {"ZONE_DMA", "ZONE_DMA32", "HIGHMEM", "ZONE_DEVICE"};
	unsigned n = 2; /* normal and movable */
	for (size_t i = 0; i < G_N_ELEMENTS(zones); i++)
		n += kconfig_tristate(c->values, zones[i]) != TRI_N ? 1u : 0u;
	const char *number = kconfig_value(c->values, "NR_CPUS");
	unsigned cpus = number ? (unsigned)g_ascii_strtoull(number, NULL, 10) : 1, bits = 0;
	bool generations = kconfig_tristate(c->values, "LRU_GEN") != TRI_N;
	while (bits < 31 && (1u << bits) < cpus)
		bits++;
	generated_put(a, c, place,
		g_strdup_printf("#define NR_PAGEFLAGS 23\n"
				"#define MAX_NR_ZONES %u\n"
				"#define NR_CPUS_BITS %u\n"
				"#define SPINLOCK_SIZE %u\n"
				"#define LRU_GEN_WIDTH %u\n"
				"#define __LRU_REFS_WIDTH %u\n",
			n, bits, spinlock_size(c->values), generations ? 3u : 0u,
			generations ? 2u : 0u));
}

/* The header's C file, with the arguments that every file of the configuration gets. Its places are
 * those of the memory files from `first` on. */
static bool add_computed(
	tree_arch *a, tree_config *c, const char *source, guint first, bool always, GError **err)
{
	kernel_tree *t = a->tree;
	g_autoptr(GBytes) text = first < c->memory->len ? tree_read(t, source) : NULL;
	if (!text)
		return true; /* the tree brings the header, or its source is too large */
	if (!layout_make_folder(t->layout, source, err) ||
		!tree_place_includes(a, source, text, c->args, err))
		return false;
	computed_header *h = computed_header_new(source, text);
	g_autofree char *folder = g_path_get_dirname(source);
	g_autofree char *object = g_path_get_basename(source);
	*strrchr(object, '.') = 0;
	g_autofree char *module = g_strdelimit(g_strdup(object), "-,", '_');
	h->always = always;
	for (guint i = first; i < c->memory->len; i++) {
		const memory_file *m = g_ptr_array_index(c->memory, i);
		g_ptr_array_add(h->places, g_strdup(m->path));
	}
	for (guint i = 0; i < c->args->len; i++)
		g_ptr_array_add(h->args, g_strdup(g_ptr_array_index(c->args, i)));
	tree_name_flags(h->args, t, folder, object, module);
	g_ptr_array_add(c->computed, h);
	return true;
}

/* Another file of the tree that holds what is asked, or the macros that ask it. */
static void add_part(tree_arch *a, computed_header *h, const char *path)
{
	g_autoptr(GBytes) text = tree_read(a->tree, path);
	g_autofree char *full = g_build_filename(layout_root(a->tree->layout), path, NULL);
	if (text)
		g_ptr_array_add(h->parts, memory_file_new(full, text));
}

/* kbuild.h has the macros since v2.6.26; x86 has a file for each width, which the first includes.
 */
static void add_parts(tree_arch *a, tree_config *c, guint from)
{
	const GArray *files = a->tree->index->files;
	for (; from < c->computed->len; from++) {
		computed_header *h = g_ptr_array_index(c->computed, from);
		g_autofree char *stem = g_strndup(h->path, strlen(h->path) - strlen(".c"));
		add_part(a, h, "include/linux/kbuild.h");
		for (guint i = tree_index_lower(a->tree->index, stem); i < files->len; i++) {
			const char *path = g_array_index(files, tree_file, i).path;
			if (!g_str_has_prefix(path, stem))
				break;
			if (g_str_has_suffix(path, ".c") && strcmp(path, h->path) != 0)
				add_part(a, h, path);
		}
	}
}

/* Where assembly finds its offsets: since v2.6.33 in include/generated/, before that beside the
 * architecture's headers. Trees without a Kbuild file at the root have other names by architecture.
 */
static void put_offsets(tree_arch *a, tree_config *c)
{
	static const char *const older[] = {
		"asm_offsets.h", "offsets.h", "offset.h", "constants.h"};
	static const char nothing[] = "/* not computed */\n";
	if (a->tree->generated) {
		generated_put(a, c, "include/generated/asm-offsets.h", g_strdup(nothing));
		return;
	}
	g_autofree char *folder = a->asm_folder ? g_strdup(a->asm_folder)
						: g_strdup_printf("arch/%s/include/asm", a->folder);
	g_autofree char *place = g_strconcat(folder, "/asm-offsets.h", NULL);
	generated_put(a, c, place, g_strdup(nothing));
	for (size_t i = 0; i < G_N_ELEMENTS(older) && !tree_has(a->tree, "Kbuild"); i++) {
		g_autofree char *other = g_strdup_printf("%s/%s", folder, older[i]);
		generated_put(a, c, other, g_strdup(nothing));
	}
}

bool generated_constants(tree_arch *a, tree_config *c, GError **err)
{
	guint first = c->memory->len, from = c->computed->len;
	if (c->values && tree_has(a->tree, "kernel/bounds.c")) {
		put_bounds(a, c,
			a->tree->generated ? "include/generated/bounds.h"
					   : "include/linux/bounds.h");
		if (!add_computed(a, c, "kernel/bounds.c", first, true, err))
			return false;
	}
	if (!*a->folder)
		return true;
	g_autofree char *source = g_strdup_printf("arch/%s/kernel/asm-offsets.c", a->folder);
	first = c->memory->len;
	put_offsets(a, c);
	if (!add_computed(a, c, source, first, false, err))
		return false;
	add_parts(a, c, from);
	return true;
}
