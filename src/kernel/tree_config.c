/* Configurations of a tree: its architecture's defconfig and Kconfig defaults, with the symbols
 * switched that a file's build asks for. */
#include "kernel/tree_priv.h"

#include <string.h>

#include "kernel/arch.h"

/* Languages of tips kept for trees that are still to come. One takes 2 MB (6.1: 20), with a solver
 * around it ten times that. */
#define LANGUAGES_KEPT 32u

static GBytes *read_cb(const char *path, void *data)
{
	tree_arch *a = data;
	GBytes *bytes = tree_read(a->tree, path);
	g_autofree char *linked = bytes ? NULL : tree_linked(a, path);
	return linked ? tree_read(a->tree, linked) : bytes;
}

static bool exists_cb(const char *path, void *data)
{
	return tree_has(((tree_arch *)data)->tree, path);
}

/* As auto.conf says it: strings keep their quotes, what is off is empty. */
static const char *config_cb(const char *name, void *data)
{
	tree_arch *a = data;
	const char *value = a->asking ? kconfig_value(a->asking, name) : NULL;
	return value && strcmp(value, "n") ? value : NULL;
}

static GPtrArray *makefiles_cb(void *data)
{
	const GArray *files = ((tree_arch *)data)->tree->index->files;
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < files->len; i++) {
		const char *path = g_array_index(files, tree_file, i).path;
		if (g_str_has_suffix(path, "/Makefile") || g_str_has_suffix(path, "/Kbuild"))
			g_ptr_array_add(out, g_strdup(path));
	}
	return out;
}

make_source tree_make_source(tree_arch *a)
{
	return (make_source){config_cb, read_cb, exists_cb, makefiles_cb, a};
}

static GPtrArray *list_cb(const char *glob, void *data)
{
	kernel_tree *t = ((tree_arch *)data)->tree;
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *prefix = g_strndup(glob, strcspn(glob, "*?["));
	for (guint i = tree_index_lower(t->index, prefix); i < t->index->files->len; i++) {
		const char *path = g_array_index(t->index->files, tree_file, i).path;
		if (!g_str_has_prefix(path, prefix))
			break;
		if (text_glob_match(glob, path))
			g_ptr_array_add(out, g_strdup(path));
	}
	return out;
}

static bool has_folder_cb(const char *name, void *data)
{
	g_autofree char *folder = g_strconcat("arch/", name, NULL);
	return tree_index_has_folder(((kernel_tree *)data)->index, folder);
}

static void set_environment(tree_arch *a)
{
	a->environment = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	g_hash_table_insert(a->environment, "ARCH", g_strdup(arch_make_name(a->name)));
	g_hash_table_insert(a->environment, "SRCARCH", g_strdup(a->folder));
	g_hash_table_insert(a->environment, "HEADER_ARCH", g_strdup(a->host ? a->host : a->folder));
	g_hash_table_insert(
		a->environment, "SUBARCH", g_strdup(a->subarch ? a->subarch : "x86_64"));
	g_hash_table_insert(a->environment, "srctree", g_strdup("."));
	g_hash_table_insert(a->environment, "objtree", g_strdup("."));
	g_hash_table_insert(a->environment, "KERNELVERSION", g_strdup(a->tree->release));
	g_hash_table_insert(a->environment, "KERNELRELEASE", g_strdup(a->tree->release));
	g_hash_table_insert(a->environment, "UNAME_RELEASE", g_strdup(a->tree->release));
	g_hash_table_insert(a->environment, "CC", g_strdup("clang"));
	g_hash_table_insert(a->environment, "LD", g_strdup("ld.lld"));
	g_hash_table_insert(a->environment, "CC_VERSION_TEXT", g_strdup("clang version 14.0.6"));
	g_hash_table_insert(a->environment, "PAHOLE_VERSION", g_strdup("0"));
}

static GBytes *given_config(const tree_arch *a)
{
	const kernel_tree *root = a->tree->base ? a->tree->base : a->tree;
	return root->given ? g_hash_table_lookup(root->given, a->folder) : NULL;
}

bool tree_is_given(const tree_arch *a)
{
	return given_config(a) != NULL;
}

/* The file that an unconfigured build of this architecture starts from. The caller's, or NULL. */
static GBytes *default_config(tree_arch *a)
{
	kernel_tree *t = a->tree;
	GBytes *given = given_config(a);
	if (given)
		return g_bytes_ref(given);
	g_autofree char *plain = g_strdup_printf("arch/%s/defconfig", a->folder);
	GBytes *bytes = tree_read(t, plain);
	if (bytes)
		return bytes;
	g_autoptr(make) m = tree_arch_makefile(a, NULL);
	g_autofree char *named = g_strstrip(make_get(m, "KBUILD_DEFCONFIG"));
	const char *candidates[] = {*named ? named : NULL, "defconfig", "x86_64_defconfig"};
	for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++) {
		if (!candidates[i])
			continue;
		g_autofree char *path =
			g_strdup_printf("arch/%s/configs/%s", a->folder, candidates[i]);
		bytes = tree_read(t, path);
		if (bytes)
			return bytes;
	}
	g_autofree char *folder = g_strdup_printf("arch/%s/configs/", a->folder);
	guint at = tree_index_lower(t->index, folder);
	if (at < t->index->files->len) {
		const tree_file *first = &g_array_index(t->index->files, tree_file, at);
		if (g_str_has_prefix(first->path, folder))
			return tree_read(t, first->path);
	}
	return NULL;
}

/* What um's makefile names instead of its own folder's Kconfig, v2.6.27 to v3.1. The caller's. */
static char *named_kconfig(tree_arch *a)
{
	if (!a->subarch)
		return g_strdup("");
	g_autoptr(make) m = tree_arch_makefile(a, NULL);
	return g_strstrip(make_get(m, "KBUILD_KCONFIG"));
}

/* The folder of the machine that um is a program of, which its makefile tells since v2.6.24. */
static void find_host(tree_arch *a)
{
	if (!a->subarch)
		return;
	g_autoptr(make) m = tree_arch_makefile(a, NULL);
	g_autofree char *told = g_strstrip(make_get(m, "HEADER_ARCH"));
	bool name = *told && !told[strspn(told, "abcdefghijklmnopqrstuvwxyz0123456789_")];
	a->host = g_strdup(name ? told : a->subarch);
}

/* Where the language starts: the root's Kconfig since it chooses the architecture, before that
 * the architecture's own. */
static tree_language *read_language(tree_arch *a)
{
	g_autofree char *own = g_strdup_printf("arch/%s/Kconfig", a->folder);
	g_autofree char *named = named_kconfig(a);
	const char *starts[] = {"Kconfig", named, own};
	kconfig_source source = {read_cb, list_cb, a};
	tree_language *l = g_new0(tree_language, 1);
	l->users = 1;
	for (size_t i = 0; i < G_N_ELEMENTS(starts) && !l->language; i++)
		if (tree_has(a->tree, starts[i]) &&
			!kconfig_read(&l->language, starts[i], &source, a->environment, NULL))
			l->language = NULL;
	if (!l->language)
		return l;
	l->defaults = kconfig_values_new(l->language);
	g_autoptr(GBytes) config = default_config(a);
	if (config)
		kconfig_values_load(
			l->defaults, g_bytes_get_data(config, NULL), g_bytes_get_size(config));
	const char *const *settings = arch_settings(a->folder);
	for (; settings && settings[0]; settings += 2)
		kconfig_require(l->defaults, settings[0], TRI_Y);
	return l;
}

static tree_language *language_ref(tree_language *l)
{
	l->users++;
	return l;
}

static void language_unref(gpointer data)
{
	tree_language *l = data;
	if (--l->users)
		return;
	kconfig_solver_free(l->solver);
	kconfig_values_free(l->defaults);
	kconfig_free(l->language);
	g_free(l);
}

/* A tip that changes nothing of Kconfig has the base's language, and so its configurations; tips
 * that change it alike (the trees of a plan's steps) share one too. The caller's. */
static tree_language *get_language(tree_arch *a)
{
	kernel_tree *base = a->tree->base;
	if (!base)
		return read_language(a);
	if (!*a->tree->configuration)
		return language_ref(tree_arch_get(base, a->name)->shared);
	if (!base->languages)
		base->languages =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, language_unref);
	g_autofree char *key =
		g_strdup_printf("%s\n%s\n%s", a->name, a->folder, a->tree->configuration);
	tree_language *l = g_hash_table_lookup(base->languages, key);
	if (l)
		return language_ref(l);
	if (g_hash_table_size(base->languages) >= LANGUAGES_KEPT)
		g_hash_table_remove_all(base->languages);
	l = read_language(a);
	g_hash_table_insert(base->languages, g_steal_pointer(&key), language_ref(l));
	return l;
}

/* A makefile that stands in tip and base alike. */
static bool same_as_base_cb(const char *path, void *data)
{
	const kernel_tree *t = ((tree_arch *)data)->tree;
	const tree_file *own = tree_index_find(t->index, path);
	const tree_file *before = tree_index_find(t->base->index, path);
	return own && before && oid_equal(&own->id, &before->id);
}

tree_arch *tree_arch_get(kernel_tree *t, const char *name)
{
	tree_arch *a = g_hash_table_lookup(t->archs, name);
	if (a)
		return a;
	a = g_new0(tree_arch, 1);
	a->tree = t;
	a->name = g_strdup(name);
	a->folder = g_strdup(*name ? arch_folder(name, has_folder_cb, t) : "");
	g_autofree char *old = g_strconcat("include/asm-", a->folder, NULL);
	if (*name && tree_index_has_folder(t->index, old))
		a->asm_folder = g_steal_pointer(&old);
	a->configs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, tree_config_free);
	a->awake = g_ptr_array_new();
	a->subarch = arch_subarch(name, t->one_x86);
	find_host(a);
	set_environment(a);
	make_source source = tree_make_source(a);
	a->build = kbuild_new(&source, arch_make_name(name), a->folder, a->subarch);
	if (t->base)
		kbuild_share(a->build, tree_arch_get(t->base, name)->build, same_as_base_cb);
	a->shared = get_language(a);
	a->language = a->shared->language;
	a->defaults = a->shared->defaults;
	g_hash_table_insert(t->archs, g_strdup(name), a);
	return a;
}

void tree_arch_free(gpointer data)
{
	tree_arch *a = data;
	g_ptr_array_unref(a->awake);
	g_hash_table_unref(a->configs);
	g_clear_pointer(&a->includers, g_hash_table_unref);
	language_unref(a->shared);
	kbuild_free(a->build);
	g_hash_table_unref(a->environment);
	g_free(a->name);
	g_free(a->folder);
	g_free(a->asm_folder);
	g_free(a->host);
	g_clear_pointer(&a->links, g_ptr_array_unref);
	g_free(a);
}

void tree_config_free(gpointer data)
{
	tree_config *c = data;
	kconfig_values_free(c->values);
	g_ptr_array_unref(c->computed);
	g_ptr_array_unref(c->memory);
	g_hash_table_unref(c->with_local);
	g_ptr_array_unref(c->args);
	g_hash_table_unref(c->aliases);
	g_free(c);
}

/* Configurations of an architecture that keep what was calculated. Files are asked for by their
 * paths, and those of a folder share theirs; one takes 0.7 MB in v2.6.34. */
#define CONFIGS_AWAKE 16u

/* Hands out a configuration; one that was not asked for in a while is put to rest. */
static tree_config *use_config(tree_arch *a, tree_config *c)
{
	if (!c->values)
		return c;
	if (!g_ptr_array_remove(a->awake, c) && a->awake->len == CONFIGS_AWAKE) {
		tree_config *oldest = g_ptr_array_steal_index(a->awake, 0);
		kconfig_values_rest(oldest->values, a->defaults);
	}
	g_ptr_array_add(a->awake, c);
	return c;
}

static bool holds(kconfig_values *v, const kbuild_guard *g)
{
	return (kconfig_tristate(v, g->name) != TRI_N) == g->on;
}

/* Times that the guards are gone through: switching one on may take another's ground away, which
 * then needs something more (a copy for a vendor's machine that hides half of the menu). */
#define GUARD_PASSES 3

guint tree_guards_held(kconfig_values *v, const GArray *guards)
{
	guint held = 0;
	for (int pass = 0; pass < GUARD_PASSES && held < guards->len; pass++) {
		/* Built in where that is possible, else as a module. */
		for (guint i = 0; i < guards->len; i++) {
			const kbuild_guard *g = &g_array_index(guards, kbuild_guard, i);
			if (holds(v, g))
				continue;
			if (!g->on)
				kconfig_require(v, g->name, TRI_N);
			else if (!kconfig_require(v, g->name, TRI_Y))
				kconfig_require(v, g->name, TRI_M);
		}
		held = 0;
		for (guint i = 0; i < guards->len; i++)
			held += holds(v, &g_array_index(guards, kbuild_guard, i)) ? 1u : 0u;
	}
	return held;
}

/* Guards that all hold by themselves need no configuration of their own. Otherwise every one
 * counts: switching one on may take another's ground away, so what holds now may have to be asked
 * for then. So does their order, in which they are switched. */
static char *config_key(tree_arch *a, const GArray *guards)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	bool all_hold = true;
	for (guint i = 0; guards && a->defaults && i < guards->len; i++) {
		const kbuild_guard *g = &g_array_index(guards, kbuild_guard, i);
		all_hold &= holds(a->defaults, g);
		g_ptr_array_add(names, g_strconcat(g->on ? "" : "!", g->name, NULL));
	}
	if (all_hold)
		return g_strdup("");
	g_ptr_array_add(names, NULL);
	return g_strjoinv(" ", (char **)names->pdata);
}

/* Makes the configuration of these values (taken; NULL without Kconfig) and keeps it under `key`
 * (taken). */
static bool add_config(
	tree_config **out, tree_arch *a, char *key, kconfig_values *values, GError **err)
{
	g_autofree char *own = key;
	tree_config *c = g_new0(tree_config, 1);
	c->memory = g_ptr_array_new_with_free_func((GDestroyNotify)memory_file_free);
	c->with_local = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	c->computed = g_ptr_array_new_with_free_func((GDestroyNotify)computed_header_free);
	c->args = g_ptr_array_new_with_free_func(g_free);
	c->aliases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	c->values = values;
	if (!tree_flags(c->args, a, c, err)) {
		tree_config_free(c);
		return false;
	}
	if (!tree_memory(a, c, err)) {
		tree_config_free(c);
		return false;
	}
	g_hash_table_insert(a->configs, g_steal_pointer(&own), c);
	*out = use_config(a, c);
	return true;
}

static bool check_guards(kconfig_values *v, void *data)
{
	const GArray *guards = data;
	for (guint i = 0; i < guards->len; i++)
		if (!holds(v, &g_array_index(guards, kbuild_guard, i)))
			return false;
	return true;
}

/* A configuration in which the guards hold, by the solver: built in when that can be, else as
 * modules. NULL when there is none. */
static kconfig_values *solve_guards(tree_arch *a, const GArray *guards)
{
	static const tristate wanted[] = {TRI_Y, TRI_M};
	kconfig_solver *solver = tree_solver(a);
	for (size_t n = 0; n < G_N_ELEMENTS(wanted); n++) {
		g_autoptr(GArray) literals = g_array_new(FALSE, FALSE, sizeof(int));
		kconfig_values *v = NULL;
		g_autoptr(GPtrArray) settings = NULL;
		for (guint i = 0; i < guards->len; i++) {
			const kbuild_guard *g = &g_array_index(guards, kbuild_guard, i);
			int literal =
				kconfig_solver_literal(solver, g->name, g->on ? wanted[n] : TRI_M);
			literal = g->on ? literal : -literal;
			g_array_append_val(literals, literal);
		}
		if (kconfig_solver_find(solver, &v, &settings, (const int *)literals->data,
			    literals->len, check_guards, (void *)guards) == SAT_FOUND)
			return v;
	}
	return NULL;
}

bool tree_config_get(tree_config **out, tree_arch *a, const GArray *guards, GError **err)
{
	g_autofree char *key = config_key(a, guards);
	tree_config *c = g_hash_table_lookup(a->configs, key);
	if (c) {
		*out = use_config(a, c);
		return true;
	}
	kconfig_values *values = NULL;
	if (a->defaults) {
		values = kconfig_values_copy(a->defaults);
		bool held = !guards || tree_guards_held(values, guards) == guards->len;
		kconfig_values *solved = held ? NULL : solve_guards(a, guards);
		if (solved) {
			kconfig_values_free(values);
			values = solved;
		}
	}
	return add_config(out, a, g_steal_pointer(&key), values, err);
}

bool tree_config_settled(tree_config **out, tree_arch *a, const GPtrArray *settings,
	const kconfig_values *v, GError **err)
{
	g_autoptr(GString) key = g_string_new(NULL);
	for (guint i = 0; i < settings->len; i++)
		g_string_append_printf(
			key, "%s%s", i ? " " : "=", (char *)g_ptr_array_index(settings, i));
	tree_config *c = g_hash_table_lookup(a->configs, key->str);
	if (c) {
		*out = use_config(a, c);
		return true;
	}
	return add_config(out, a, g_strdup(key->str), v ? kconfig_values_copy(v) : NULL, err);
}

kconfig_solver *tree_solver(tree_arch *a)
{
	tree_language *l = a->shared;
	if (!l->solver && l->defaults)
		l->solver = kconfig_solver_new(l->defaults);
	return l->solver;
}
