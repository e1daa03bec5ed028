/* Headers that a build makes in a folder of sources: which there are in a tree, and who gets them.
 *
 * Most are asked for by one file. To give them all to every file would be a few hundred KB with
 * each task for a worker, and make every change of one a change of all. */
#include "kernel/generated.h"

#include <string.h>

#include "kernel/header_rules.h"

typedef enum reach {
	REACH_FILE,   /* files that name it */
	REACH_FOLDER, /* every file below its folder: other headers name it */
} reach;

typedef struct maker {
	const char *named_in; /* the file of the tree that has it made: must name it */
	const char *path;     /* of the header; NULL: by `sources` */
	/* Of each file with this beginning and end ("" for any) a header: its path without the end,
	 * and with `suffix` ... */
	const char *sources, *end;
	/* ... in this folder (NULL: its own). */
	const char *folder, *suffix;
	generated_maker *make;
	reach reach;
	bool by_config; /* the configuration decides what it holds */
} maker;

#define RADEON "drivers/gpu/drm/radeon/"
static const maker makers[] = {
	{.sources = "", .end = ".asn1", .suffix = ".asn1.h", .make = generated_grammar},
	{.sources = "",
		.end = ".h_shipped",
		.suffix = ".h",
		.make = generated_shipped,
		.reach = REACH_FOLDER},
	{.sources = "",
		.end = ".inc_shipped",
		.suffix = ".inc",
		.make = generated_shipped,
		.reach = REACH_FOLDER},
	{.named_in = "security/selinux/Makefile",
		.path = "security/selinux/flask.h",
		.make = generated_classes,
		.reach = REACH_FOLDER},
	{.named_in = "security/selinux/Makefile",
		.path = "security/selinux/av_permissions.h",
		.make = generated_permissions,
		.reach = REACH_FOLDER},
	{.named_in = RADEON "Makefile",
		.sources = RADEON "reg_srcs/",
		.end = "",
		.folder = RADEON,
		.suffix = "_reg_safe.h",
		.make = generated_registers},
	{.named_in = "lib/Makefile",
		.path = "lib/crc32table.h",
		.make = generated_crc32,
		.by_config = true},
	{.named_in = "lib/Makefile", .path = "lib/crc64table.h", .make = generated_crc64},
	{.named_in = "lib/Makefile",
		.path = "lib/oid_registry_data.c",
		.make = generated_identifiers},
	{.named_in = "arch/x86/boot/Makefile",
		.path = "arch/x86/boot/cpustr.h",
		.make = generated_features},
	{.named_in = "security/tomoyo/Makefile",
		.path = "security/tomoyo/builtin-policy.h",
		.make = generated_policy},
};

/* One such header of a tree. */
typedef struct local_header {
	char *path;
	char *folder; /* with a slash at its end */
	const maker *maker;
	const header_rule *rule; /* instead of a maker */
	bool tried;
	GBytes *text; /* NULL: not made; never kept when the configuration decides */
} local_header;

static void local_header_free(gpointer data)
{
	local_header *l = data;
	g_free(l->path);
	g_free(l->folder);
	g_clear_pointer(&l->text, g_bytes_unref);
	g_free(l);
}

static void add(kernel_tree *t, char *path, const maker *m, const header_rule *rule)
{
	local_header *l = g_new0(local_header, 1);
	const char *slash = strrchr(path, '/');
	l->path = path;
	l->folder = g_strndup(path, slash ? (size_t)(slash - path) + 1 : 0);
	l->maker = m;
	l->rule = rule;
	g_ptr_array_add(t->local_headers, l);
}

static bool names(kernel_tree *t, const char *file, const char *name)
{
	g_autoptr(GBytes) bytes = tree_read(t, file);
	gsize len = 0;
	const char *text = bytes ? g_bytes_get_data(bytes, &len) : NULL;
	return text && memmem(text, len, name, strlen(name));
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* A header for each source of a maker. */
static void add_sources(kernel_tree *t, const maker *m)
{
	const GArray *files = t->index->files;
	for (guint i = tree_index_lower(t->index, m->sources); i < files->len; i++) {
		const char *path = g_array_index(files, tree_file, i).path;
		if (!g_str_has_prefix(path, m->sources))
			return;
		if (!g_str_has_suffix(path, m->end) || g_str_has_prefix(path, "scripts/"))
			continue;
		g_autofree char *stem = g_strndup(path, strlen(path) - strlen(m->end));
		const char *folder = m->folder ? m->folder : "";
		add(t, g_strconcat(folder, m->folder ? base_of(stem) : stem, m->suffix, NULL), m,
			NULL);
	}
}

/* What lies in an include path is given to all (generated_by_rules). */
static bool is_local(const header_rule *rule)
{
	return rule->parts->len && !g_str_has_prefix(rule->path, "include/") &&
	       !strstr(rule->path, "/include/");
}

static const GPtrArray *local_headers(kernel_tree *t)
{
	if (t->local_headers)
		return t->local_headers;
	t->local_headers = g_ptr_array_new_with_free_func(local_header_free);
	for (size_t i = 0; i < G_N_ELEMENTS(makers); i++) {
		const maker *m = &makers[i];
		if (!m->path && (!m->named_in || tree_has(t, m->named_in)))
			add_sources(t, m);
		else if (m->path && names(t, m->named_in, base_of(m->path)))
			add(t, g_strdup(m->path), m, NULL);
	}
	const GPtrArray *rules = header_rules_of(t);
	for (guint i = 0; i < rules->len; i++) {
		const header_rule *rule = g_ptr_array_index(rules, i);
		if (is_local(rule))
			add(t, g_strdup(rule->path), NULL, rule);
	}
	return t->local_headers;
}

static bool is_asked(const local_header *l, const char *path, GBytes *text)
{
	if (l->maker && l->maker->reach == REACH_FOLDER)
		return g_str_has_prefix(path, l->folder);
	gsize len;
	const char *data = g_bytes_get_data(text, &len);
	const char *name = base_of(l->path);
	return data && memmem(data, len, name, strlen(name));
}

/* The header's text; NULL when it is not made of this tree. The caller's. */
static GBytes *text_of(local_header *l, tree_arch *a, tree_config *c)
{
	if (l->tried)
		return l->text ? g_bytes_ref(l->text) : NULL;
	char *made = l->rule ? header_rule_make(l->rule, a, c) : l->maker->make(a, c, l->path);
	GBytes *text = made ? g_bytes_new_take(made, strlen(made)) : NULL;
	/* A rule may ask for the architecture. */
	if (!l->maker || l->maker->by_config)
		return text;
	l->tried = true;
	l->text = text ? g_bytes_ref(text) : NULL;
	return text;
}

/* A header that a file asks for, at one of the paths by which a compiler looks for it. */
typedef struct asked_header {
	local_header *header;
	char *place; /* in the tree; spelled "x/../y.h" where the file includes "../y.h" */
} asked_header;

static void asked_clear(gpointer data)
{
	g_free(((asked_header *)data)->place);
}

static void ask(GArray *asked, GString *key, local_header *l, char *place)
{
	asked_header one = {l, place};
	g_array_append_val(asked, one);
	g_string_append_printf(key, "%s ", place);
}

/* clang finds files from memory by the spelling of their path alone. */
static void ask_as_spelled(
	GArray *asked, GString *key, local_header *l, const char *path, const GPtrArray *includes)
{
	g_autofree char *folder = g_path_get_dirname(path);
	for (guint i = 0; i < includes->len; i++) {
		const char *name = g_ptr_array_index(includes, i);
		if (*name != '"' || !strstr(name, "../"))
			continue;
		g_autofree char *meant = layout_resolve(folder, name + 1);
		if (!g_strcmp0(meant, l->path))
			ask(asked, key, l, g_strdup_printf("%s/%s", folder, name + 1));
	}
}

static void find_asked(GArray *asked, GString *key, kernel_tree *t, const char *path, GBytes *text)
{
	const GPtrArray *all = local_headers(t);
	g_autoptr(GPtrArray) includes = NULL;
	for (guint i = 0; i < all->len; i++) {
		local_header *l = g_ptr_array_index(all, i);
		if (!is_asked(l, path, text) || tree_has(t, l->path))
			continue;
		if (!includes)
			includes = tree_includes(text);
		ask(asked, key, l, g_strdup(l->path));
		ask_as_spelled(asked, key, l, path, includes);
	}
}

const GPtrArray *generated_local(tree_arch *a, tree_config *c, const char *path, GBytes *text)
{
	kernel_tree *t = a->tree;
	g_autoptr(GArray) asked = g_array_new(FALSE, FALSE, sizeof(asked_header));
	g_autoptr(GString) key = g_string_new(NULL);
	g_array_set_clear_func(asked, asked_clear);
	find_asked(asked, key, t, path, text);
	if (!asked->len)
		return c->memory;
	GPtrArray *memory = g_hash_table_lookup(c->with_local, key->str);
	if (memory)
		return memory;
	memory = g_ptr_array_new_with_free_func((GDestroyNotify)memory_file_free);
	for (guint i = 0; i < c->memory->len; i++) {
		const memory_file *m = g_ptr_array_index(c->memory, i);
		g_ptr_array_add(memory, memory_file_new(m->path, m->data));
	}
	for (guint i = 0; i < asked->len; i++) {
		const asked_header *one = &g_array_index(asked, asked_header, i);
		g_autoptr(GBytes) made = text_of(one->header, a, c);
		g_autofree char *full = g_build_filename(layout_root(t->layout), one->place, NULL);
		if (made)
			g_ptr_array_add(memory, memory_file_new(full, made));
	}
	g_hash_table_insert(c->with_local, g_strdup(key->str), memory);
	return memory;
}

void generated_by_rules(tree_arch *a, tree_config *c)
{
	const GPtrArray *rules = header_rules_of(a->tree);
	for (guint i = 0; i < rules->len; i++) {
		const header_rule *rule = g_ptr_array_index(rules, i);
		if (!is_local(rule) && !tree_has(a->tree, rule->path))
			generated_put(a, c, rule->path, header_rule_make(rule, a, c));
	}
}
