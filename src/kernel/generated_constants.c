/* Headers that a build has the compiler work out from a C file: bounds.h, asm-offsets.h. Here they
 * are named with what stands in for them; who parses computes them (analyzers/c/constants.h). */
#include "kernel/generated.h"

#include <string.h>

#include "kernel/header_rules.h"

/* Headers with questions that include each other; um's are two. */
#define OFFSETS_DEPTH 4u

/* Stands in for what is not computed yet. */
static const char not_computed[] = "/* not computed */\n";

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

/* The header's C file, with these arguments. Its places are those of the memory files from `first`
 * on. */
static bool add_computed(tree_arch *a, tree_config *c, const char *source, const GPtrArray *args,
	guint first, bool always, GError **err)
{
	kernel_tree *t = a->tree;
	g_autoptr(GBytes) text = first < c->memory->len ? tree_read(t, source) : NULL;
	if (!text)
		return true; /* the tree brings the header, or its source is too large */
	if (!layout_make_folder(t->layout, source, err) ||
		!tree_place_includes(a, source, text, args, err))
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
	for (guint i = 0; i < args->len; i++)
		g_ptr_array_add(h->args, g_strdup(g_ptr_array_index(args, i)));
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

/* Where a file includes another: beside it, through a link, or in a folder of the include path. The
 * caller's; NULL when the tree has none. */
static char *included_file(tree_arch *a, const GPtrArray *args, const char *from, const char *name)
{
	g_autofree char *folder = g_path_get_dirname(from);
	g_autofree char *root = g_strconcat(layout_root(a->tree->layout), "/", NULL);
	char *beside = layout_resolve(folder, name);
	if (beside && tree_has(a->tree, beside))
		return beside;
	g_free(beside);
	for (guint i = 0; i + 1 < args->len; i++) {
		const char *in = g_ptr_array_index(args, i + 1);
		if (strcmp(g_ptr_array_index(args, i), "-I") != 0 || !g_str_has_prefix(in, root))
			continue;
		char *there = layout_resolve(in + strlen(root), name);
		char *linked = there ? tree_linked(a, there) : NULL;
		if (linked) {
			g_free(there);
			there = linked;
		}
		if (there && tree_has(a->tree, there))
			return there;
		g_free(there);
	}
	return NULL;
}

/* Headers that hold what is asked: um's asm-offsets.c includes sysdep/kernel-offsets.h, and that
 * common-offsets.h. */
static void add_headers(
	tree_arch *a, computed_header *h, const char *from, GBytes *text, unsigned depth)
{
	g_autoptr(GPtrArray) names = tree_includes(text);
	for (guint i = 0; i < names->len && depth < OFFSETS_DEPTH; i++) {
		const char *name = (const char *)g_ptr_array_index(names, i) + 1;
		if (!g_str_has_suffix(name, "-offsets.h"))
			continue;
		g_autofree char *path = included_file(a, h->args, from, name);
		g_autoptr(GBytes) own = path ? tree_read(a->tree, path) : NULL;
		if (!own)
			continue;
		add_part(a, h, path);
		add_headers(a, h, path, own, depth + 1);
	}
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
		add_headers(a, h, h->path, h->text, 0);
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
	if (a->tree->generated) {
		generated_put(a, c, "include/generated/asm-offsets.h", g_strdup(not_computed));
		return;
	}
	g_autofree char *folder = a->asm_folder ? g_strdup(a->asm_folder)
						: g_strdup_printf("arch/%s/include/asm", a->folder);
	g_autofree char *place = g_strconcat(folder, "/asm-offsets.h", NULL);
	generated_put(a, c, place, g_strdup(not_computed));
	for (size_t i = 0; i < G_N_ELEMENTS(older) && !tree_has(a->tree, "Kbuild"); i++) {
		g_autofree char *other = g_strdup_printf("%s/%s", folder, older[i]);
		generated_put(a, c, other, g_strdup(not_computed));
	}
}

/* The first of a rule's C files that the tree has, with the variables of its makefile. The
 * caller's; NULL when there is none. */
static char *rule_source(tree_arch *a, tree_config *c, const header_rule *rule)
{
	g_autoptr(make) m = tree_arch_makefile(a, c->values);
	for (char **s = rule->compute; *s; s++) {
		char *source = make_expand(m, *s);
		if (tree_has(a->tree, source))
			return source;
		g_free(source);
	}
	return NULL;
}

/* What rules say to compute, of files that are compiled as programs on the host: other headers need
 * it, so every unit gets it. */
static bool compute_by_rules(tree_arch *a, tree_config *c, GError **err)
{
	const GPtrArray *rules = header_rules_of(a->tree);
	for (guint i = 0; i < rules->len; i++) {
		const header_rule *rule = g_ptr_array_index(rules, i);
		if (!rule->compute || !header_rule_holds(rule, a))
			continue;
		g_autofree char *source = rule_source(a, c, rule);
		g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func(g_free);
		guint first = c->memory->len;
		if (!source)
			continue;
		generated_put(a, c, rule->path, g_strdup(not_computed));
		if (!tree_program_flags(args, a, c, rule->flags, err) ||
			!add_computed(a, c, source, args, first, true, err))
			return false;
	}
	return true;
}

bool generated_constants(tree_arch *a, tree_config *c, GError **err)
{
	guint from = c->computed->len;
	if (!compute_by_rules(a, c, err))
		return false;
	guint first = c->memory->len;
	if (c->values && tree_has(a->tree, "kernel/bounds.c")) {
		put_bounds(a, c,
			a->tree->generated ? "include/generated/bounds.h"
					   : "include/linux/bounds.h");
		if (!add_computed(a, c, "kernel/bounds.c", c->args, first, true, err))
			return false;
	}
	if (!*a->folder)
		return true;
	g_autofree char *source = g_strdup_printf("arch/%s/kernel/asm-offsets.c", a->folder);
	first = c->memory->len;
	put_offsets(a, c);
	if (!add_computed(a, c, source, c->args, first, false, err))
		return false;
	add_parts(a, c, from);
	return true;
}
