/* Which .c file reaches a header: a textual graph of #include lines, all branches alike. */
#include "kernel/tree_priv.h"

#include <string.h>

#include "base/error.h"
#include "base/sort.h"

/* Headers between a header and the .c file that is named for it. */
#define INCLUDER_DEPTH 6u

/* The graph of the whole tree but for other architectures: read when the small one has no answer.
 */
#define EVERYTHING "*"
/* .c files looked at as includers; bounds the search of configurations for them. */
#define INCLUDER_TRIES 40u

/* a->includers: the last component of what an #include names -> GPtrArray of include_line. */
typedef struct include_line {
	const char *from; /* path of the file that holds it, in the tree's index */
	const char *name; /* as written */
	bool system;	  /* <name>: not looked for beside the file */
} include_line;

typedef struct include_graph {
	GHashTable *lines; /* last component -> GPtrArray of include_line * */
	GStringChunk *names;
} include_graph;

static void graph_free(gpointer data)
{
	include_graph *g = data;
	g_hash_table_unref(g->lines);
	g_string_chunk_free(g->names);
	g_free(g);
}

/* `name` as tree_includes gives it. */
static void add_line(include_graph *g, const char *from, const char *name)
{
	char *own = g_string_chunk_insert(g->names, name + 1);
	const char *slash = strrchr(own, '/');
	const char *last = slash ? slash + 1 : own;
	GPtrArray *list = g_hash_table_lookup(g->lines, last);
	if (!list) {
		list = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(g->lines, (char *)last, list);
	}
	include_line *line = g_new0(include_line, 1);
	line->from = from;
	line->name = own;
	line->system = *name == '<';
	g_ptr_array_add(list, line);
}

GPtrArray *tree_includes(GBytes *text)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	gsize len;
	const char *at = g_bytes_get_data(text, &len);
	const char *end = at + len;
	while (at && (at = memmem(at, (size_t)(end - at), "include", 7))) {
		const char *p = at + 7, *back = at;
		at = p;
		while (back > (const char *)g_bytes_get_data(text, NULL) &&
			(back[-1] == ' ' || back[-1] == '\t'))
			back--;
		if (back == (const char *)g_bytes_get_data(text, NULL) || back[-1] != '#')
			continue;
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (p == end || (*p != '"' && *p != '<'))
			continue;
		char closing = *p == '<' ? '>' : '"';
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline : end;
		const char *close = memchr(p + 1, closing, (size_t)(stop - p - 1));
		if (close)
			g_ptr_array_add(names, g_strndup(p, (size_t)(close - p)));
	}
	return names;
}

/* Read once a blob, for base and tips alike. */
static const GPtrArray *includes_of(kernel_tree *t, const tree_file *file)
{
	kernel_tree *root = t->base ? t->base : t;
	if (!root->includes)
		root->includes = g_hash_table_new_full(
			oid_hash, oid_equal_key, g_free, (GDestroyNotify)g_ptr_array_unref);
	GPtrArray *names = g_hash_table_lookup(root->includes, &file->id);
	if (names)
		return names;
	g_autoptr(GBytes) text = tree_read_source(t, file->path);
	if (!text)
		return NULL;
	names = tree_includes(text);
	g_hash_table_insert(root->includes, oid_copy(&file->id), names);
	return names;
}

const GPtrArray *tree_file_includes(kernel_tree *t, const char *path)
{
	const tree_file *file = tree_index_find(t->index, path);
	return file ? includes_of(t, file) : NULL;
}

/* Files that may lead to headers of this architecture: its own, generic headers, and the generic
 * code that every architecture builds. Drivers and file systems are read for their own headers
 * alone: there are too many of them to read for one answer. */
static bool is_scanned(tree_arch *a, const char *path, const char *header_folder)
{
	static const char *const generic[] = {"include/", "kernel/", "mm/", "init/", "lib/", "ipc/",
		"block/", "security/", "crypto/", "net/core/", "net/ipv4/"};
	if (!g_str_has_suffix(path, ".c") && !g_str_has_suffix(path, ".h") &&
		!g_str_has_suffix(path, ".S"))
		return false;
	if (!strcmp(header_folder, EVERYTHING)) {
		static const char *const left_out[] = {
			"arch/", "include/asm-", "scripts/", "tools/", "Documentation/"};
		for (size_t i = 0; i < G_N_ELEMENTS(left_out); i++)
			if (g_str_has_prefix(path, left_out[i]))
				header_folder = "";
		if (*header_folder)
			return true;
	}
	if (*header_folder && g_str_has_prefix(path, header_folder))
		return true;
	if (g_str_has_prefix(path, "include/asm-"))
		return (a->asm_folder && g_str_has_prefix(path, a->asm_folder)) ||
		       g_str_has_prefix(path, "include/asm-generic/");
	for (size_t i = 0; i < G_N_ELEMENTS(generic); i++)
		if (g_str_has_prefix(path, generic[i]))
			return true;
	g_autofree char *own = g_strdup_printf("arch/%s/", a->folder);
	g_autofree char *hosted = a->host ? g_strdup_printf("arch/%s/um/", a->host) : NULL;
	return g_str_has_prefix(path, own) || (hosted && g_str_has_prefix(path, hosted)) ||
	       (!*a->folder) || tree_borrows(a, path);
}

/* The folder whose files are read beside the usual ones: of a header outside include/ and arch/. */
static char *header_group(const char *header)
{
	if (g_str_has_prefix(header, "include/")) {
		/* include/net/x.h, include/scsi/x.h ... are used by the folder of that name. */
		const char *first = header + strlen("include/");
		const char *slash = strchr(first, '/');
		if (!slash || g_str_has_prefix(first, "asm-") || g_str_has_prefix(first, "linux/"))
			return g_strdup("");
		return g_strdup_printf("drivers/%.*s/", (int)(slash - first), first);
	}
	if (g_str_has_prefix(header, "arch/"))
		return g_strdup("");
	g_autofree char *folder = g_path_get_dirname(header);
	return strcmp(folder, ".") ? g_strconcat(folder, "/", NULL) : g_strdup("");
}

static include_graph *graph_get(tree_arch *a, const char *name)
{
	g_autofree char *group = g_strdup(name);
	if (!a->includers)
		a->includers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, graph_free);
	include_graph *g = g_hash_table_lookup(a->includers, group);
	if (g)
		return g;
	g = g_new0(include_graph, 1);
	g->lines = g_hash_table_new_full(
		g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
	g->names = g_string_chunk_new(1 << 16);
	const GArray *files = a->tree->index->files;
	for (guint i = 0; i < files->len; i++) {
		const tree_file *file = &g_array_index(files, tree_file, i);
		const GPtrArray *names =
			is_scanned(a, file->path, group) ? includes_of(a->tree, file) : NULL;
		for (guint n = 0; names && n < names->len; n++) {
			add_line(g, file->path, g_ptr_array_index(names, n));
		}
	}
	g_hash_table_insert(a->includers, g_steal_pointer(&group), g);
	return g;
}

/* Whether an include written as `name` in `from` may mean `header`. */
static bool may_mean(const tree_arch *a, const include_line *line, const char *header)
{
	g_autofree char *folder = g_path_get_dirname(line->from);
	g_autofree char *beside =
		line->system ? NULL : layout_resolve(strcmp(folder, ".") ? folder : "", line->name);
	if (beside && !strcmp(beside, header))
		return true;
	if (beside && tree_has(a->tree, beside))
		return false; /* the file beside it is meant */
	if (g_str_has_prefix(line->name, "asm/") && a->asm_folder &&
		g_str_has_prefix(header, a->asm_folder)) {
		const char *rest = header + strlen(a->asm_folder);
		g_autofree char *inner = g_strconcat("/", line->name, NULL);
		/* include/asm-X/y.h, and include/asm-X/mach-z/asm/y.h of a sub-architecture. */
		return !strcmp(rest, line->name + strlen("asm")) || g_str_has_suffix(rest, inner);
	}
	size_t header_len = strlen(header), name_len = strlen(line->name);
	return header_len > name_len && header[header_len - name_len - 1] == '/' &&
	       !strcmp(header + header_len - name_len, line->name);
}

/* The lines that may mean `header`, by its path or by that of a link to it, of files that were not
 * `seen`. The caller's (include_line *). */
static GPtrArray *lines_to(
	tree_arch *a, const include_graph *g, const char *header, GHashTable *seen)
{
	const char *paths[] = {header, tree_link_to(a, header)};
	GPtrArray *out = g_ptr_array_new();
	for (size_t i = 0; i < G_N_ELEMENTS(paths) && paths[i]; i++) {
		const char *slash = strrchr(paths[i], '/');
		const GPtrArray *lines =
			g_hash_table_lookup(g->lines, slash ? slash + 1 : paths[i]);
		for (guint n = 0; lines && n < lines->len; n++) {
			const include_line *line = g_ptr_array_index(lines, n);
			if (!g_hash_table_contains(seen, line->from) && may_mean(a, line, paths[i]))
				g_ptr_array_add(out, (gpointer)line);
		}
	}
	return out;
}

/* Whether this .c file is built as part of the kernel, in some configuration that can be had and
 * in which `more` holds too. */
static bool is_built(tree_arch *a, const char *path, const GArray *more)
{
	if (tree_is_program(a, path))
		return false;
	g_autoptr(GPtrArray) ways = kbuild_ways(a->build, path, NULL);
	for (guint i = 0; i < ways->len; i++) {
		const kbuild_way *way = g_ptr_array_index(ways, i);
		if (!way->reached)
			continue;
		if (!a->defaults)
			return true;
		g_autoptr(GArray) guards = g_array_new(FALSE, FALSE, sizeof(kbuild_guard));
		g_array_append_vals(guards, way->guards->data, way->guards->len);
		g_array_append_vals(guards, more->data, more->len);
		g_autoptr(kconfig_values) v = kconfig_values_copy(a->defaults);
		if (tree_guards_held(v, guards) == guards->len)
			return true;
	}
	return false;
}

/* The files that include one of `level` and were not `seen`, by path. The caller's. */
static GPtrArray *includers_of(
	tree_arch *a, const include_graph *g, const GPtrArray *level, GHashTable *seen)
{
	GPtrArray *next = g_ptr_array_new();
	for (guint i = 0; i < level->len; i++) {
		g_autoptr(GPtrArray) lines = lines_to(a, g, g_ptr_array_index(level, i), seen);
		for (guint n = 0; n < lines->len; n++) {
			const include_line *line = g_ptr_array_index(lines, n);
			if (g_hash_table_add(seen, (char *)line->from))
				g_ptr_array_add(next, (char *)line->from);
		}
	}
	g_ptr_array_sort(next, sort_by_text);
	return next;
}

/* Goes from the header to those that include it, nearest first. The caller's, or NULL. */
static char *find_includer(tree_arch *a, const char *header, const char *group, const GArray *more)
{
	include_graph *g = graph_get(a, group);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) level = g_ptr_array_new();
	unsigned tries = 0;
	g_ptr_array_add(level, (char *)header);
	for (unsigned depth = 0; depth < INCLUDER_DEPTH && level->len; depth++) {
		g_autoptr(GPtrArray) next = includers_of(a, g, level, seen);
		g_ptr_array_set_size(level, 0);
		for (guint i = 0; i < next->len; i++) {
			const char *path = g_ptr_array_index(next, i);
			if (!g_str_has_suffix(path, ".c"))
				g_ptr_array_add(level, (char *)path);
			else if (tries++ < INCLUDER_TRIES && is_built(a, path, more))
				return g_strdup(path);
		}
	}
	return NULL;
}

/* ---- chains ---- */

/* A file on the way: what it includes, and who that was found from. */
typedef struct ascent {
	const char *from;
	const char *included;
	const struct ascent *below; /* NULL: the header asked for */
} ascent;

static gint compare_links(gconstpointer a, gconstpointer b)
{
	return strcmp((*(const ascent *const *)a)->from, (*(const ascent *const *)b)->from);
}

/* The files that include what `level` (ascent *) stands for and were not `seen`, by path. Links are
 * kept in `all`. The caller's. */
static GPtrArray *links_above(tree_arch *a, const include_graph *g, const GPtrArray *level,
	const char *header, GHashTable *seen, GPtrArray *all)
{
	GPtrArray *next = g_ptr_array_new();
	for (guint i = 0; i < level->len; i++) {
		const ascent *below = g_ptr_array_index(level, i);
		g_autoptr(GPtrArray) lines = lines_to(a, g, below ? below->from : header, seen);
		for (guint n = 0; n < lines->len; n++) {
			const include_line *line = g_ptr_array_index(lines, n);
			if (!g_hash_table_add(seen, (char *)line->from))
				continue;
			ascent *made = g_new0(ascent, 1);
			*made = (ascent){line->from, line->name, below};
			g_ptr_array_add(all, made);
			g_ptr_array_add(next, made);
		}
	}
	g_ptr_array_sort(next, compare_links);
	return next;
}

static void chain_free(gpointer data)
{
	tree_chain *c = data;
	g_array_unref(c->steps);
	g_free(c);
}

static tree_chain *chain_of(const ascent *top)
{
	tree_chain *c = g_new0(tree_chain, 1);
	c->steps = g_array_new(FALSE, FALSE, sizeof(tree_step));
	for (; top; top = top->below) {
		tree_step step = {top->from, top->included};
		g_array_prepend_val(c->steps, step);
	}
	return c;
}

/* Compiled files found above the header, in order of distance, then path. */
static void find_chains(tree_arch *a, const char *header, const char *group, bool assembly,
	const char *const *parsed, guint most, GPtrArray *first, GPtrArray *rest)
{
	include_graph *g = graph_get(a, group);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) level = g_ptr_array_new();
	const char *suffix = assembly ? ".S" : ".c";
	g_ptr_array_add(level, NULL);
	for (unsigned depth = 0; depth < INCLUDER_DEPTH && level->len; depth++) {
		g_autoptr(GPtrArray) next = links_above(a, g, level, header, seen, all);
		g_ptr_array_set_size(level, 0);
		for (guint i = 0; i < next->len; i++) {
			const ascent *l = g_ptr_array_index(next, i);
			bool header_file = !g_str_has_suffix(l->from, ".c") &&
					   !g_str_has_suffix(l->from, ".S");
			if (header_file)
				g_ptr_array_add(level, (gpointer)l);
			if (!g_str_has_suffix(l->from, suffix) || tree_is_program(a, l->from))
				continue;
			bool preferred = parsed && g_strv_contains(parsed, l->from);
			GPtrArray *list = preferred ? first : rest;
			if (list->len < most)
				g_ptr_array_add(list, chain_of(l));
		}
		if (first->len + rest->len >= most && (!parsed || depth))
			break;
	}
}

GPtrArray *tree_includers(
	tree_arch *a, const char *header, const char *const *parsed, bool assembly, guint most)
{
	g_autofree char *group = header_group(header);
	GPtrArray *first = g_ptr_array_new_with_free_func(chain_free);
	GPtrArray *rest = g_ptr_array_new_with_free_func(chain_free);
	find_chains(a, header, group, assembly, parsed, most, first, rest);
	if (!first->len && !rest->len)
		find_chains(a, header, EVERYTHING, assembly, parsed, most, first, rest);
	while (rest->len && first->len < most)
		g_ptr_array_add(first, g_ptr_array_steal_index(rest, 0));
	g_ptr_array_unref(rest);
	return first;
}

bool kernel_tree_includer(
	char **c_path, kernel_tree *t, const char *header, const char *arch, GError **err)
{
	tree_arch *a = tree_arch_get(t, arch);
	g_autofree char *group = header_group(header);
	g_autoptr(GArray) more = kbuild_include_guards(a->build, header, a->asm_folder);
	char *found = find_includer(a, header, group, more);
	if (!found)
		found = find_includer(a, header, EVERYTHING, more);
	if (!found)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, NULL,
			"%s: no .c file of %s includes it", header, arch);
	*c_path = found;
	return true;
}

bool kernel_tree_header_unit(
	analysis_unit **out, kernel_tree *t, const char *header, const char *arch, GError **err)
{
	tree_arch *a = tree_arch_get(t, arch);
	g_autofree char *path = NULL;
	if (!kernel_tree_includer(&path, t, header, arch, err))
		return false;
	g_autoptr(GArray) more = kbuild_include_guards(a->build, header, a->asm_folder);
	return tree_unit(out, a, path, more, err);
}
