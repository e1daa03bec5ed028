/* From a .c file to the symbols under which it is built: object, composite, folder, and so up to
 * the root of the tree. */
#include "kernel/kbuild.h"

#include <string.h>

#include "kernel/layout.h"

/* Ways kept of one file, and folders or composites followed: both bound what a hostile tree costs.
 */
#define WAYS 16u
#define WAY_DEPTH 24u
#define WAY_STEPS 5000u

struct kbuild {
	make_source source;
	char *arch_folder;
	GHashTable *variables;
	GHashTable *files; /* path -> kbuild_makefile, or NULL for none */
	struct kbuild
		*base; /* has read the makefiles that are the `same`; NULL: nothing is shared */
	bool (*same)(const char *path, void *data);
	GHashTable *leading; /* path -> whether its text has ".."; see leads_out */
	/* Object path -> foreign_rule: objects that a makefile names by a path that leads out of
	 * its folder ("../arch/i386/kernel/x.o"). NULL until asked. */
	GHashTable *foreign;
	/* The same of this architecture's makefiles alone, folders too. NULL until asked. */
	GHashTable *lent;
	unsigned steps; /* lists gone through for the file asked for */
};

typedef struct foreign_rule {
	const kbuild_makefile *file;
	const char *object; /* as written */
	const GArray *guards;
} foreign_rule;

static void makefile_unref(gpointer data)
{
	kbuild_makefile_free(data);
}

kbuild *kbuild_new(
	const make_source *source, const char *arch, const char *srcarch, const char *subarch)
{
	kbuild *b = g_new0(kbuild, 1);
	b->source = *source;
	b->arch_folder = g_strconcat("arch/", srcarch, NULL);
	b->variables = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	g_hash_table_insert(b->variables, "ARCH", g_strdup(arch));
	g_hash_table_insert(b->variables, "SRCARCH", g_strdup(srcarch));
	g_hash_table_insert(b->variables, "srctree", g_strdup("."));
	if (subarch) {
		g_hash_table_insert(b->variables, "SUBARCH", g_strdup(subarch));
		g_hash_table_insert(b->variables, "OS", g_strdup("Linux"));
	}
	b->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, makefile_unref);
	b->leading = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return b;
}

void kbuild_free(kbuild *b)
{
	if (!b)
		return;
	g_clear_pointer(&b->foreign, g_hash_table_unref);
	g_clear_pointer(&b->lent, g_hash_table_unref);
	g_hash_table_unref(b->files);
	g_hash_table_unref(b->leading);
	g_hash_table_unref(b->variables);
	g_free(b->arch_folder);
	g_free(b);
}

void kbuild_share(kbuild *b, kbuild *base, bool (*same)(const char *path, void *data))
{
	b->base = base;
	b->same = same;
}

static const kbuild_makefile *read_file(kbuild *b, const char *path);

/* What the base has read, when the makefile and those that it includes are the same here; NULL when
 * they are not. */
static const kbuild_makefile *shared_file(kbuild *b, const char *path)
{
	if (!b->base || !b->same(path, b->source.data))
		return NULL;
	const kbuild_makefile *file = read_file(b->base, path);
	for (guint i = 0; file && file->included && i < file->included->len; i++) {
		const char *included = g_ptr_array_index(file->included, i);
		bool any = b->source.exists(included, b->source.data) ||
			   b->base->source.exists(included, b->base->source.data);
		if (any && !b->same(included, b->source.data))
			return NULL;
	}
	return file;
}

static const kbuild_makefile *read_file(kbuild *b, const char *path)
{
	gpointer known;
	const kbuild_makefile *shared = shared_file(b, path);
	if (shared)
		return shared;
	if (g_hash_table_lookup_extended(b->files, path, NULL, &known))
		return known;
	kbuild_makefile *file = NULL;
	g_autoptr(GBytes) bytes = b->source.read(path, b->source.data);
	if (bytes) {
		gsize len;
		const char *text = g_bytes_get_data(bytes, &len);
		/* The architecture's may leave a machine's folders to makefiles that it includes.
		 */
		bool whole = g_str_has_prefix(path, b->arch_folder) &&
			     !strcmp(path + strlen(b->arch_folder), "/Makefile");
		file = kbuild_read_whole(
			path, text ? text : "", len, b->variables, whole ? &b->source : NULL);
	}
	g_hash_table_insert(b->files, g_strdup(path), file);
	return file;
}

const kbuild_makefile *kbuild_folder(kbuild *b, const char *folder)
{
	const char *slash = *folder ? "/" : "";
	g_autofree char *first = g_strconcat(folder, slash, "Kbuild", NULL);
	g_autofree char *second = g_strconcat(folder, slash, "Makefile", NULL);
	const kbuild_makefile *file = read_file(b, first);
	return file ? file : read_file(b, second);
}

typedef struct walk {
	kbuild *b;
	GPtrArray *found; /* GArray of guards that reach the root */
	GArray *reached;  /* bool for each: false when no makefile leads there */
	unsigned steps;
} walk;

static GArray *joined(const GArray *a, const GArray *b)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(kbuild_guard));
	g_array_append_vals(out, a->data, a->len);
	for (guint i = 0; i < b->len; i++) {
		const kbuild_guard *g = &g_array_index(b, kbuild_guard, i);
		bool known = false;
		for (guint j = 0; j < out->len && !known; j++) {
			const kbuild_guard *h = &g_array_index(out, kbuild_guard, j);
			known = h->on == g->on && !strcmp(h->name, g->name);
		}
		if (!known)
			g_array_append_val(out, *g);
	}
	return out;
}

/* A set of guards that asks for a symbol both on and off is no way. */
static bool consistent(const GArray *guards)
{
	for (guint i = 0; i < guards->len; i++)
		for (guint j = i + 1; j < guards->len; j++) {
			const kbuild_guard *a = &g_array_index(guards, kbuild_guard, i);
			const kbuild_guard *b = &g_array_index(guards, kbuild_guard, j);
			if (a->on != b->on && !strcmp(a->name, b->name))
				return false;
		}
	return true;
}

/* "./a//b/" -> "a/b/" */
static char *tidy(const char *object)
{
	const char *p = object;
	while (g_str_has_prefix(p, "./"))
		p += 2;
	return g_strdup(p);
}

static void reach_folder(walk *w, const char *folder, const GArray *guards, unsigned depth);

static void add_found(walk *w, const GArray *guards, bool reached)
{
	g_ptr_array_add(w->found, joined(guards, guards));
	g_array_append_val(w->reached, reached);
}

/* Follows the rules of `file` (objects relative to `base`) that descend into `folder`. */
static bool descend(walk *w, const kbuild_makefile *file, const char *base, const char *folder,
	const GArray *guards, unsigned depth)
{
	bool any = false;
	for (guint i = 0; file && i < file->rules->len && w->found->len < WAYS; i++) {
		const kbuild_rule *rule = g_ptr_array_index(file->rules, i);
		if (rule->kind != 'd')
			continue;
		g_autofree char *object = tidy(rule->object);
		g_autofree char *full =
			*base ? g_strdup_printf("%s/%s", base, object) : g_strdup(object);
		size_t len = strlen(full);
		if (len && full[len - 1] == '/')
			full[len - 1] = 0;
		if (strcmp(full, folder) != 0)
			continue;
		any = true;
		g_autoptr(GArray) sum = joined(guards, rule->guards);
		if (consistent(sum))
			reach_folder(w, base, sum, depth + 1);
	}
	return any;
}

/* Whether a makefile's text has a way out of its folder: 69 of 2.6.16's 836 have, and only those
 * need their rules read. */
static bool leads_out(kbuild *b, const char *path)
{
	gpointer known;
	if (b->base && b->same(path, b->source.data))
		return leads_out(b->base, path);
	if (g_hash_table_lookup_extended(b->leading, path, NULL, &known))
		return known != NULL;
	g_autoptr(GBytes) bytes = b->source.read(path, b->source.data);
	gsize len = 0;
	const char *text = bytes ? g_bytes_get_data(bytes, &len) : NULL;
	bool leads = text && memmem(text, len, "..", 2) != NULL;
	g_hash_table_insert(b->leading, g_strdup(path), GINT_TO_POINTER(leads));
	return leads;
}

/* What makefiles below `start` name by a path that leads out of their folder; `folders` among it.
 */
static GHashTable *index_foreign(kbuild *b, const char *start, bool folders)
{
	GHashTable *out = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(GPtrArray) paths =
		b->source.makefiles ? b->source.makefiles(b->source.data) : NULL;
	for (guint i = 0; paths && i < paths->len; i++) {
		if (!g_str_has_prefix(g_ptr_array_index(paths, i), start) ||
			!leads_out(b, g_ptr_array_index(paths, i)))
			continue;
		const kbuild_makefile *file = read_file(b, g_ptr_array_index(paths, i));
		g_autofree char *folder = g_path_get_dirname(g_ptr_array_index(paths, i));
		for (guint n = 0; file && n < file->rules->len; n++) {
			const kbuild_rule *rule = g_ptr_array_index(file->rules, n);
			if (!g_str_has_prefix(rule->object, "../") || rule->kind == 'i' ||
				(rule->kind == 'd' && !folders))
				continue;
			char *path = layout_resolve(folder, rule->object);
			if (!path || g_hash_table_contains(out, path)) {
				g_free(path);
				continue;
			}
			foreign_rule *f = g_new0(foreign_rule, 1);
			f->file = file;
			f->object = rule->object;
			f->guards = rule->guards;
			g_hash_table_insert(out, path, f);
		}
	}
	return out;
}

/* Below arch/, and not of this architecture. */
static bool is_of_another(const kbuild *b, const char *path)
{
	size_t len = strlen(b->arch_folder);
	return g_str_has_prefix(path, "arch/") && b->arch_folder[strlen("arch/")] &&
	       (strncmp(path, b->arch_folder, len) != 0 || path[len] != '/');
}

/* The rule of this architecture for an object or folder of another; NULL when there is none. */
static const foreign_rule *lent_rule(kbuild *b, const char *path)
{
	if (!is_of_another(b, path))
		return NULL;
	if (!b->lent) {
		g_autofree char *start = g_strconcat(b->arch_folder, "/", NULL);
		b->lent = index_foreign(b, start, true);
	}
	return g_hash_table_lookup(b->lent, path);
}

/* Notes the guards under which `folder` is entered from the root. */
static void reach_folder(walk *w, const char *folder, const GArray *guards, unsigned depth)
{
	if (depth > WAY_DEPTH || w->found->len >= WAYS || w->steps++ > 2000)
		return;
	bool top = !*folder;
	if (top) {
		add_found(w, guards, true);
		return;
	}
	bool any = false;
	const foreign_rule *lent = lent_rule(w->b, folder);
	if (lent) {
		g_autoptr(GArray) sum = joined(guards, lent->guards);
		g_autofree char *from = g_path_get_dirname(lent->file->path);
		if (consistent(sum))
			reach_folder(w, from, sum, depth + 1);
		return;
	}
	/* The root's and the architecture's makefiles name folders from the root. */
	const char *names[] = {"Makefile", "Kbuild"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *arch = g_strdup_printf("%s/%s", w->b->arch_folder, names[i]);
		any |= descend(w, read_file(w->b, names[i]), "", folder, guards, depth);
		any |= descend(w, read_file(w->b, arch), "", folder, guards, depth);
	}
	g_autofree char *parent = g_strdup(folder);
	for (char *slash; (slash = strrchr(parent, '/')) && !any;) {
		*slash = 0;
		const kbuild_makefile *file = kbuild_folder(w->b, parent);
		any |= descend(w, file, parent, folder, guards, depth);
	}
	/* A folder that nothing names (arch/X itself): as if it were entered always. */
	if (!any)
		add_found(w, guards, false);
}

static bool same_object(const char *object, const char *base, const char *name)
{
	g_autofree char *tidied = tidy(object);
	if (!strcmp(tidied, name))
		return true;
	g_autofree char *full = *base ? g_strdup_printf("%s/%s", base, name) : g_strdup(name);
	return !strcmp(tidied, full);
}

static void add_way(walk *w, GPtrArray *ways, const char *module)
{
	for (guint i = 0; i < w->found->len && ways->len < WAYS; i++) {
		kbuild_way *way = g_new0(kbuild_way, 1);
		way->guards = g_array_ref(g_ptr_array_index(w->found, i));
		way->reached = g_array_index(w->reached, bool, i);
		way->module = g_strdelimit(g_strdup(module), "-,", '_');
		g_ptr_array_add(ways, way);
	}
}

static void find_object(kbuild *b, const kbuild_makefile *file, const char *folder,
	const char *rules_base, const char *object, const GArray *guards, GPtrArray *ways,
	unsigned depth)
{
	if (b->steps++ > WAY_STEPS)
		return;
	for (guint i = 0; file && i < file->rules->len && ways->len < WAYS && depth < WAY_DEPTH;
		i++) {
		const kbuild_rule *rule = g_ptr_array_index(file->rules, i);
		if (rule->kind == 'd' || rule->kind == 'i' ||
			!same_object(rule->object, rules_base, object))
			continue;
		/* A composite is an object of a list, never itself a part: file-mmu-y := a.o beside
		 * x-y += file-mmu.o says nothing of a.o. */
		if (depth && rule->kind == 'p')
			continue;
		g_autoptr(GArray) sum = joined(guards, rule->guards);
		if (!consistent(sum))
			continue;
		g_autofree char *composite = g_strconcat(rule->base, ".o", NULL);
		if (rule->kind == 'p') {
			if (strcmp(composite, object) != 0)
				find_object(b, file, folder, rules_base, composite, sum, ways,
					depth + 1);
			continue;
		}
		g_autofree char *name = g_path_get_basename(object);
		name[strlen(name) - 2] = 0;
		walk w = {.b = b};
		w.found = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
		w.reached = g_array_new(FALSE, FALSE, sizeof(bool));
		reach_folder(&w, folder, sum, 0);
		add_way(&w, ways, name);
		g_ptr_array_unref(w.found);
		g_array_unref(w.reached);
	}
}

static void way_free(gpointer data)
{
	kbuild_way *way = data;
	g_array_unref(way->guards);
	g_free(way->module);
	g_free(way->folder);
	g_free(way);
}

/* The tree path of an include path, include/asm meaning the link. NULL when it leaves the tree. */
static char *include_folder(const char *path, const char *asm_folder)
{
	char *resolved = *path == '/' ? NULL : layout_resolve("", path);
	const char *link = "include/asm/";
	if (resolved && asm_folder && g_str_has_prefix(resolved, link)) {
		char *real = g_strconcat(asm_folder, resolved + strlen(link) - 1, NULL);
		g_free(resolved);
		return real;
	}
	return resolved;
}

/* The rule that puts the deepest folder above `header` into the include path; NULL: none does.
 * *folder is the caller's. */
static const kbuild_rule *include_rule(
	char **folder, kbuild *b, const char *header, const char *asm_folder)
{
	g_autofree char *arch = g_strconcat(b->arch_folder, "/Makefile", NULL);
	const kbuild_makefile *file = read_file(b, arch);
	const kbuild_rule *best = NULL;
	size_t best_len = 0;
	*folder = NULL;
	for (guint i = 0; file && i < file->rules->len; i++) {
		const kbuild_rule *rule = g_ptr_array_index(file->rules, i);
		if (rule->kind != 'i')
			continue;
		char *named = include_folder(rule->object, asm_folder);
		size_t len = named ? strlen(named) : 0;
		if (len > best_len && !strncmp(header, named, len) && header[len] == '/') {
			best = rule;
			best_len = len;
			g_free(*folder);
			*folder = g_steal_pointer(&named);
		}
		g_free(named);
	}
	return best;
}

char *kbuild_include_folder(kbuild *b, const char *header, const char *asm_folder)
{
	char *folder;
	include_rule(&folder, b, header, asm_folder);
	return folder;
}

GArray *kbuild_include_guards(kbuild *b, const char *header, const char *asm_folder)
{
	g_autofree char *folder = NULL;
	const kbuild_rule *best = include_rule(&folder, b, header, asm_folder);
	GArray *guards = g_array_new(FALSE, FALSE, sizeof(kbuild_guard));
	if (best)
		g_array_append_vals(guards, best->guards->data, best->guards->len);
	return guards;
}

static void follow_foreign(kbuild *b, const foreign_rule *f, const GArray *none, GPtrArray *ways)
{
	g_autofree char *folder = g_path_get_dirname(f->file->path);
	find_object(b, f->file, folder, folder, f->object, none, ways, 0);
	for (guint i = 0; i < ways->len; i++) {
		kbuild_way *way = g_ptr_array_index(ways, i);
		if (!way->folder)
			way->folder = g_strdup(folder);
	}
}

/* Objects that only a makefile of another folder names. */
static void find_foreign(kbuild *b, const char *object, const GArray *none, GPtrArray *ways)
{
	if (!b->foreign)
		b->foreign = index_foreign(b, "", false);
	const foreign_rule *f = g_hash_table_lookup(b->foreign, object);
	if (f)
		follow_foreign(b, f, none, ways);
}

GPtrArray *kbuild_ways(kbuild *b, const char *path, GHashTable **asked)
{
	GPtrArray *ways = g_ptr_array_new_with_free_func(way_free);
	b->steps = 0;
	const char *dot = strrchr(path, '.');
	g_autofree char *stem = g_strndup(path, dot ? (size_t)(dot - path) : strlen(path));
	g_autofree char *object = g_strconcat(stem, ".o", NULL);
	g_autofree char *folder = g_path_get_dirname(path);
	if (!strcmp(folder, "."))
		*folder = 0;
	g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(kbuild_guard));
	const foreign_rule *lent = lent_rule(b, object);
	if (lent)
		follow_foreign(b, lent, none, ways);
	if (ways->len)
		return ways;
	/* Some objects are named from a folder above: obj-y += foo/bar.o. */
	g_autofree char *above = g_strdup(folder);
	for (;;) {
		const kbuild_makefile *file = kbuild_folder(b, above);
		const char *relative = *above ? object + strlen(above) + 1 : object;
		if (file && asked && !strcmp(above, folder))
			*asked = file->asked;
		find_object(b, file, above, above, relative, none, ways, 0);
		char *slash = strrchr(above, '/');
		if (ways->len || !*above)
			break;
		if (slash)
			*slash = 0;
		else
			*above = 0;
	}
	/* head-y of the architecture's makefile names objects from the root. */
	if (!ways->len && g_str_has_prefix(path, b->arch_folder)) {
		g_autofree char *arch = g_strconcat(b->arch_folder, "/Makefile", NULL);
		find_object(b, read_file(b, arch), "", "", object, none, ways, 0);
	}
	if (!ways->len)
		find_foreign(b, object, none, ways);
	return ways;
}
