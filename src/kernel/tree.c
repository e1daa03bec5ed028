/* A kernel tree, told without building it: what is asked from outside. */
#include "kernel/tree_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/sort.h"
#include "kernel/arch.h"
#include "kernel/generated.h"
#include "kernel/scene.h"

/* ---- the tree ---- */

static GBytes *read_file(kernel_tree *t, const tree_file *file)
{
	g_autoptr(GError) why = NULL;
	GBytes *bytes = NULL;
	if (!repo_read_source(t->r, &bytes, &file->id, &why)) {
		t->unreadable |= !g_error_matches(why, TRUCE_ERROR, TRUCE_ERROR_LIMIT);
		return NULL;
	}
	return bytes;
}

GBytes *tree_read(kernel_tree *t, const char *path)
{
	const tree_file *file = tree_index_find(t->index, path);
	if (file)
		ground_note_read(t, file);
	return file ? read_file(t, file) : NULL;
}

GBytes *tree_read_source(kernel_tree *t, const char *path)
{
	const tree_file *file = tree_index_find(t->index, path);
	return file ? read_file(t, file) : NULL;
}

bool tree_has(kernel_tree *t, const char *path)
{
	return tree_index_find(t->index, path) != NULL;
}

static bool contains(GBytes *bytes, const char *needle)
{
	gsize len;
	const char *text = bytes ? g_bytes_get_data(bytes, &len) : NULL;
	return text && memmem(text, len, needle, strlen(needle)) != NULL;
}

bool kernel_tree_blob(const kernel_tree *t, const char *path, oid *out)
{
	const tree_file *file = tree_index_find(t->index, path);
	if (file)
		*out = file->id;
	return file != NULL;
}

cache_hold *kernel_tree_hold(const kernel_tree *t)
{
	return cache_hold_ref(layout_hold(t->layout));
}

const char *kernel_tree_root(const kernel_tree *t)
{
	return layout_root(t->layout);
}

/* The era of a tree, read off its own makefiles. */
static void read_era(kernel_tree *t)
{
	g_autoptr(GBytes) top = tree_read(t, "Makefile");
	g_autoptr(GString) release = g_string_new(NULL);
	if (top) {
		gsize len;
		const char *text = g_bytes_get_data(top, &len);
		g_autoptr(GPtrArray) statements = make_read(text, len);
		static const char *const names[] = {
			"VERSION", "PATCHLEVEL", "SUBLEVEL", "EXTRAVERSION"};
		unsigned numbers[3] = {0};
		bool known[4] = {false};
		for (guint i = 0; i < statements->len; i++) {
			const make_statement *s = g_ptr_array_index(statements, i);
			for (guint n = 0; n < 4 && s->kind == MAKE_ASSIGN; n++) {
				if (known[n] || strcmp(s->name, names[n]) != 0)
					continue;
				known[n] = true;
				g_autofree char *value = g_strstrip(g_strdup(s->value));
				if (n < 3)
					numbers[n] = (unsigned)strtoul(value, NULL, 10);
				g_string_append_printf(
					release, "%s%s", n == 1 || n == 2 ? "." : "", value);
			}
		}
		t->version = numbers[0];
		t->patchlevel = numbers[1];
		t->sublevel = numbers[2];
	}
	t->release = g_strdup(release->str);
	t->generated = contains(top, "include/generated/autoconf.h") ||
		       tree_has(t, "include/linux/kconfig.h");
	t->gnu11 = contains(top, "-std=gnu11");
	g_autoptr(GBytes) machines = tree_read(t, "scripts/subarch.include");
	t->one_x86 = contains(machines ? machines : top, "s/x86_64/x86/");
	g_autoptr(GBytes) lib = tree_read(t, "scripts/Makefile.lib");
	t->kbuild_str = contains(lib, "KBUILD_STR(");
	t->kbuild_modfile = contains(lib, "KBUILD_MODFILE");
	t->kbuild_quoted = !t->kbuild_str && contains(lib, "name-fix-token");
}

static bool open_tree(kernel_tree **out, repo *r, kernel_tree *base, const oid *tree,
	const char *cache_dir, GError **err)
{
	g_autoptr(kernel_tree) t = g_new0(kernel_tree, 1);
	t->r = r;
	t->tree = *tree;
	t->cache_dir = g_strdup(cache_dir);
	t->archs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, tree_arch_free);
	if (base ? !tree_index_tip(&t->index, r, base->index, &base->tree, tree, err)
		 : !tree_index_new(&t->index, r, tree, err))
		return false;
	read_era(t);
	*out = g_steal_pointer(&t);
	return true;
}

bool kernel_tree_open(
	kernel_tree **out, repo *r, const oid *base_tree, const char *cache_dir, GError **err)
{
	g_autoptr(kernel_tree) t = NULL;
	if (!open_tree(&t, r, NULL, base_tree, cache_dir, err))
		return false;
	if (!layout_open(&t->layout, r, base_tree, t->index, cache_dir, NULL, err))
		return false;
	*out = g_steal_pointer(&t);
	return true;
}

/* Whether a path is read for an architecture's configuration. The top makefile counts for the
 * version that it tells, an architecture's for the defconfig that it names. */
static bool is_configuration(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	return g_str_has_prefix(name, "Kconfig") || g_str_has_prefix(name, "Config.") ||
	       g_str_has_suffix(name, "defconfig") || strstr(path, "/configs/") ||
	       !strcmp(path, "Makefile") ||
	       (g_str_has_prefix(path, "arch/") && !strcmp(name, "Makefile"));
}

/* What matters to a configuration and is not as in `before`, as a digest; "" when all of it is. The
 * caller's. */
static char *configuration_of(const tree_index *before, const tree_index *now)
{
	g_auto(digest) d = {0};
	bool same = true;
	guint i = 0, k = 0;
	digest_init(&d);
	while (i < before->files->len || k < now->files->len) {
		const tree_file *x =
			i < before->files->len ? &g_array_index(before->files, tree_file, i) : NULL;
		const tree_file *y =
			k < now->files->len ? &g_array_index(now->files, tree_file, k) : NULL;
		int order = !x ? 1 : !y ? -1 : tree_file_order(x, y);
		i += order <= 0;
		k += order >= 0;
		if (order == 0 && oid_equal(&x->id, &y->id))
			continue;
		if (!is_configuration(order <= 0 ? x->path : y->path))
			continue;
		same = false;
		digest_add_text(&d, order <= 0 ? x->path : y->path);
		if (order >= 0)
			digest_add(&d, y->id.bytes, OID_BYTES);
	}
	return same ? g_strdup("") : digest_hex(&d);
}

bool kernel_tree_tip(kernel_tree **out, kernel_tree *base, const oid *tip_tree, GError **err)
{
	g_autoptr(kernel_tree) t = NULL;
	if (!open_tree(&t, base->r, base, tip_tree, base->cache_dir, err))
		return false;
	t->base = base;
	t->configuration = configuration_of(base->index, t->index);
	if (!layout_open(
		    &t->layout, base->r, tip_tree, t->index, base->cache_dir, base->layout, err))
		return false;
	*out = g_steal_pointer(&t);
	return true;
}

void kernel_tree_free(kernel_tree *t)
{
	if (!t)
		return;
	g_hash_table_unref(t->archs);
	g_clear_pointer(&t->languages, g_hash_table_unref);
	g_clear_pointer(&t->given, g_hash_table_unref);
	kernel_commands_free(t->commands);
	g_clear_pointer(&t->includes, g_hash_table_unref);
	g_clear_pointer(&t->macro_names, g_hash_table_unref);
	g_clear_pointer(&t->borrowed, g_hash_table_unref);
	g_clear_pointer(&t->lenders, g_hash_table_unref);
	g_clear_pointer(&t->local_headers, g_ptr_array_unref);
	g_clear_pointer(&t->header_rules, g_ptr_array_unref);
	g_clear_pointer(&t->shapes, g_hash_table_unref);
	g_clear_pointer(&t->reads, g_hash_table_unref);
	g_free(t->ground);
	g_free(t->ground_includes);
	g_free(t->ground_sources);
	layout_free(t->layout);
	tree_index_free(t->index);
	g_free(t->configuration);
	g_free(t->cache_dir);
	g_free(t->release);
	g_free(t);
}

/* ---- architectures ---- */

static bool has_arch_folder(const char *name, void *data)
{
	kernel_tree *t = data;
	g_autofree char *folder = g_strconcat("arch/", name, NULL);
	return *name && tree_index_has_folder(t->index, folder);
}

static void add_arch(GPtrArray *list, kernel_tree *t, const char *name)
{
	const char *folder = arch_folder(name, has_arch_folder, t);
	if (!arch_target(folder, NULL) || !has_arch_folder(folder, t))
		return;
	for (guint i = 0; i < list->len; i++)
		if (!strcmp(g_ptr_array_index(list, i), folder))
			return;
	g_ptr_array_add(list, g_strdup(folder));
}

/* ARCH=um: of an i386 and of an x86_64 where these are two. */
static void add_um(GPtrArray *list, kernel_tree *t, const char *path)
{
	static const char *const one[] = {"um", NULL};
	for (const char *const *n = t->one_x86 ? one : arch_um_names(path); *n; n++)
		g_ptr_array_add(list, g_strdup(*n));
}

static void add_given(GPtrArray *list, kernel_tree *t)
{
	GHashTable *given = t->base ? t->base->given : t->given;
	g_autoptr(GList) names = given ? g_hash_table_get_keys(given) : NULL;
	names = g_list_sort(names, (GCompareFunc)(void *)strcmp);
	for (GList *n = names; n; n = n->next)
		add_arch(list, t, n->data);
}

/* The architectures that the tree has. */
static void add_all_archs(GPtrArray *list, kernel_tree *t)
{
	const GArray *files = t->index->files;
	g_autofree char *last = g_strdup("");
	for (guint i = tree_index_lower(t->index, "arch/"); i < files->len; i++) {
		const char *path = g_array_index(files, tree_file, i).path;
		if (!g_str_has_prefix(path, "arch/"))
			break;
		char *name = arch_of_path(path);
		/* um is no machine. */
		if (!name || !strcmp(name, "um") || !strcmp(name, last)) {
			g_free(name);
			continue;
		}
		add_arch(list, t, name);
		g_free(last);
		last = name;
	}
}

char **kernel_tree_archs(kernel_tree *t, const char *path, const char *const *prefer)
{
	GPtrArray *list = g_ptr_array_new();
	g_autofree char *own = arch_of_path(path);
	if (!tree_index_has_folder(t->index, "arch")) {
		g_ptr_array_add(list, g_strdup(""));
	} else if (own && !strcmp(own, "um") && has_arch_folder(own, t)) {
		add_um(list, t, path);
	} else if (own) {
		add_arch(list, t, own);
		const GPtrArray *more = tree_borrowers(t, path);
		for (guint i = 0; more && i < more->len; i++)
			add_arch(list, t, g_ptr_array_index(more, i));
	} else {
		/* Who gives a configuration wants the code read in it. */
		add_given(list, t);
		for (; prefer && *prefer; prefer++)
			add_arch(list, t, *prefer);
		/* Nobody prefers anything: what the most readers have. */
		static const char *const usual[] = {"i386", "x86_64"};
		for (size_t i = 0; !list->len && i < G_N_ELEMENTS(usual); i++)
			add_arch(list, t, usual[i]);
		if (!list->len)
			add_all_archs(list, t);
	}
	g_ptr_array_add(list, NULL);
	return (char **)g_ptr_array_free(list, FALSE);
}

void kernel_tree_give_config(kernel_tree *t, const char *arch, const char *text, size_t len)
{
	if (!t->given)
		t->given = g_hash_table_new_full(
			g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
	const char *folder = arch_folder(arch, has_arch_folder, t);
	g_hash_table_replace(t->given, g_strdup(folder), g_bytes_new(text, len));
}

void kernel_tree_give_commands(kernel_tree *t, kernel_commands *c)
{
	kernel_commands_free(t->commands);
	t->commands = c;
}

/* ---- units ---- */

/* Copies picked by the build under a symbol ("traps-NAME.c" for "traps.c" under CONFIG_NAME): the
 * guards of the origin plus that symbol, when its makefile asks for a symbol of the suffix's name.
 */
static GPtrArray *ways_of_copy(tree_arch *a, const char *path, GHashTable *asked)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
	const char *dash = NULL;
	for (const char *p = slash ? slash : path; p && p < dot; p++)
		if (*p == '-' || *p == '_')
			dash = p;
	if (!dash || !dot || !asked)
		return NULL;
	g_autofree char *suffix = g_ascii_strup(dash + 1, dot - dash - 1);
	gpointer name;
	if (!g_hash_table_lookup_extended(asked, suffix, &name, NULL))
		return NULL;
	g_autofree char *origin = g_strdup_printf("%.*s%s", (int)(dash - path), path, dot);
	GPtrArray *ways = kbuild_ways(a->build, origin, NULL);
	for (guint i = 0; i < ways->len; i++) {
		kbuild_way *way = g_ptr_array_index(ways, i);
		kbuild_guard g = {name, true};
		g_array_append_val(way->guards, g);
	}
	return ways;
}

/* Picks the way whose symbols can be switched on best: all of them, else most. */
static const kbuild_way *best_way(tree_arch *a, const GPtrArray *ways)
{
	const kbuild_way *best = NULL;
	guint best_missing = G_MAXUINT;
	for (guint i = 0; i < ways->len && a->language; i++) {
		const kbuild_way *way = g_ptr_array_index(ways, i);
		g_autoptr(kconfig_values) v = kconfig_values_copy(a->defaults);
		guint missing = way->guards->len - tree_guards_held(v, way->guards);
		if (missing < best_missing) {
			best = way;
			best_missing = missing;
		}
		if (!missing)
			break;
	}
	return best || !ways->len ? best : g_ptr_array_index(ways, 0);
}

GPtrArray *tree_ways(tree_arch *a, const char *path)
{
	GHashTable *asked = NULL;
	GPtrArray *ways = kbuild_ways(a->build, path, &asked);
	GPtrArray *copied = ways->len ? NULL : ways_of_copy(a, path, asked);
	if (!copied)
		return ways;
	g_ptr_array_unref(ways);
	return copied;
}

bool tree_unit_in(analysis_unit **out, tree_arch *a, const char *path, const kbuild_way *way,
	tree_config *config, char **defines, GError **err)
{
	kernel_tree *t = a->tree;
	const tree_file *file = tree_index_find(t->index, path);
	if (!file)
		return error_set(
			err, TRUCE_ERROR_NOT_FOUND, NULL, "%s: no such file in the tree", path);
	g_autoptr(GBytes) text = NULL;
	if (!repo_read_blob(t->r, &text, &file->id, err))
		return false;
	if (!layout_make_folder(t->layout, path, err))
		return false;
	g_autoptr(analysis_unit) u = g_new0(analysis_unit, 1);
	u->path = g_strdup(path);
	u->blob = file->id;
	u->text = g_steal_pointer(&text);
	u->arch = g_strdup(a->name);
	u->root = g_strdup(layout_root(t->layout));
	u->bodies = true;
	u->memory = (GPtrArray *)generated_local(a, config, path, u->text);
	u->computed = config->computed;
	u->aliases = config->aliases;
	u->args = g_ptr_array_new_with_free_func(g_free);
	if (!tree_given_flags(u->args, a, config, path)) {
		for (guint i = 0; i < config->args->len; i++)
			g_ptr_array_add(u->args, g_strdup(g_ptr_array_index(config->args, i)));
		tree_file_flags(u->args, a, config, path, way);
	}
	for (; defines && *defines; defines++)
		g_ptr_array_add(u->args, g_strconcat("-D", *defines, NULL));
	const char *map;
	if (!tree_place_includes(a, path, u->text, u->args, err) ||
		!layout_map(t->layout, &map, err))
		return false;
	u->map = g_strdup(map);
	*out = g_steal_pointer(&u);
	return true;
}

bool tree_unit(
	analysis_unit **out, tree_arch *a, const char *path, const GArray *more, GError **err)
{
	if (!tree_has(a->tree, path))
		return error_set(
			err, TRUCE_ERROR_NOT_FOUND, NULL, "%s: no such file in the tree", path);
	if (tree_is_program(a, path))
		return error_set(err, TRUCE_ERROR_NOT_FOUND, NULL, "%s: " TREE_PROGRAM, path);
	g_autoptr(GPtrArray) ways = tree_ways(a, path);
	const kbuild_way *way = best_way(a, ways);
	g_autoptr(GArray) guards = g_array_new(FALSE, FALSE, sizeof(kbuild_guard));
	if (way)
		g_array_append_vals(guards, way->guards->data, way->guards->len);
	if (more)
		g_array_append_vals(guards, more->data, more->len);
	tree_config *config;
	if (!tree_config_get(&config, a, guards, err))
		return false;
	char *module[] = {"MODULE", NULL};
	bool as_module =
		way && !g_str_has_suffix(path, ".S") && scene_is_module(way, config->values);
	return tree_unit_in(out, a, path, way, config, as_module ? module : NULL, err);
}

bool kernel_tree_unit(
	analysis_unit **out, kernel_tree *t, const char *path, const char *arch, GError **err)
{
	return tree_unit(out, tree_arch_get(t, arch), path, NULL, err);
}

bool kernel_tree_unit_with(analysis_unit **out, kernel_tree *t, const char *path, const char *arch,
	const char *const *symbols, bool *held, GError **err)
{
	tree_arch *a = tree_arch_get(t, arch);
	g_autoptr(GArray) more = g_array_new(FALSE, FALSE, sizeof(kbuild_guard));
	for (; *symbols; symbols++) {
		bool on = **symbols != '!';
		kbuild_guard g = {(char *)*symbols + (on ? 0 : 1), on};
		g_array_append_val(more, g);
	}
	if (held) {
		g_autoptr(kconfig_values) v = a->defaults ? kconfig_values_copy(a->defaults) : NULL;
		*held = v ? tree_guards_held(v, more) == more->len : !more->len;
	}
	return tree_unit(out, a, path, more, err);
}

char **kernel_tree_new_symbols(kernel_tree *t, const char *arch)
{
	GPtrArray *out = g_ptr_array_new();
	const kconfig *new = tree_arch_get(t, arch)->language;
	const kconfig *old = t->base ? tree_arch_get(t->base, arch)->language : new;
	const GPtrArray *symbols = new ? kconfig_symbols(new) : NULL;
	for (guint i = 0; symbols && i < symbols->len; i++) {
		const kconfig_symbol *s = g_ptr_array_index(symbols, i);
		const kconfig_symbol *before = old && s->name ? kconfig_find(old, s->name) : NULL;
		if (s->name && !s->constant && s->entries && !(before && before->entries))
			g_ptr_array_add(out, g_strdup(s->name));
	}
	g_ptr_array_sort(out, sort_by_text);
	g_ptr_array_add(out, NULL);
	return (char **)g_ptr_array_free(out, FALSE);
}
