/* What answers stand on, as digests. */
#include "kernel/ground.h"

#include <string.h>

#include "base/digest.h"
#include "base/sort.h"
#include "kernel/branch.h"
#include "kernel/header_rules.h"
#include "kernel/tree_priv.h"

/* The code that answers: see CMakeLists.txt. */
extern const char *const kernel_code_digest;

/* What choosing reads of one blob. */
typedef struct shape {
	char *lines, *includes;
} shape;

static void shape_free(gpointer data)
{
	shape *s = data;
	g_free(s->lines);
	g_free(s->includes);
	g_free(s);
}

/* ---- one file ---- */

static guint64 number_of(GHashTable *numbers, const branch *b)
{
	return b ? GPOINTER_TO_UINT(g_hash_table_lookup(numbers, b)) : 0;
}

/* All conditions of a file, each after those that it joins. Numbers them, from 1. */
static void add_conditions(digest *d, const branch_file *f, GHashTable *numbers)
{
	for (guint i = 0; i < f->nodes->len; i++) {
		const branch *b = g_ptr_array_index(f->nodes, i);
		digest_add_number(d, b->kind);
		digest_add_number(d, b->kind == BRANCH_COMPARE ? b->comparison : 0);
		digest_add_number(d, (guint64)b->number);
		digest_add_text(d, b->name);
		digest_add_number(d, number_of(numbers, b->left));
		digest_add_number(d, number_of(numbers, b->right));
		g_hash_table_insert(numbers, (gpointer)b, GUINT_TO_POINTER(i + 1));
	}
}

static char *lines_of(const branch_file *f)
{
	g_autoptr(GHashTable) numbers = g_hash_table_new(NULL, NULL);
	g_auto(digest) d = {0};
	digest_init(&d);
	add_conditions(&d, f, numbers);
	for (guint i = 0; i < f->lines->len; i++) {
		const branch_lines *l = &g_array_index(f->lines, branch_lines, i);
		digest_add_number(&d, l->first);
		digest_add_number(&d, l->last);
		digest_add_number(&d, number_of(numbers, l->condition));
		digest_add_number(&d, l->error);
		digest_add_text(&d, l->text);
	}
	return digest_hex(&d);
}

static char *includes_of(const branch_file *f, const GPtrArray *named)
{
	g_autoptr(GHashTable) numbers = g_hash_table_new(NULL, NULL);
	g_auto(digest) d = {0};
	digest_init(&d);
	add_conditions(&d, f, numbers);
	for (guint i = 0; i < f->includes->len; i++) {
		const branch_include *include = &g_array_index(f->includes, branch_include, i);
		digest_add_text(&d, include->name);
		digest_add_number(&d, include->system);
		digest_add_number(&d, number_of(numbers, include->condition));
	}
	/* By text alone, whatever comments say: what the search for includers goes by. */
	for (guint i = 0; named && i < named->len; i++)
		digest_add_text(&d, g_ptr_array_index(named, i));
	return digest_hex(&d);
}

/* Of a file of the tree. Read once a blob, for base and tips alike. Borrowed. */
static const shape *shape_of(kernel_tree *t, const tree_file *file)
{
	kernel_tree *root = t->base ? t->base : t;
	if (!root->shapes)
		root->shapes = g_hash_table_new_full(oid_hash, oid_equal_key, g_free, shape_free);
	shape *known = g_hash_table_lookup(root->shapes, &file->id);
	if (known)
		return known;
	g_autoptr(GBytes) text = tree_read_source(t, file->path);
	gsize len = 0;
	const char *data = text ? g_bytes_get_data(text, &len) : "";
	g_autoptr(branch_file) f = branch_read(data ? data : "", len);
	shape *made = g_new0(shape, 1);
	made->lines = lines_of(f);
	made->includes = includes_of(f, tree_file_includes(t, file->path));
	g_hash_table_insert(root->shapes, oid_copy(&file->id), made);
	return made;
}

const char *kernel_lines_shape(kernel_tree *t, const char *path)
{
	const tree_file *file = tree_index_find(t->index, path);
	return file ? shape_of(t, file)->lines : NULL;
}

/* ---- a tree ---- */

static bool is_source(const char *path)
{
	return g_str_has_suffix(path, ".c") || g_str_has_suffix(path, ".h") ||
	       g_str_has_suffix(path, ".S");
}

/* A file that base and tip do not have alike: NULL where it is not there. */
typedef void (*difference_fn)(
	kernel_tree *t, const tree_file *before, const tree_file *now, digest *d);

static void each_difference(kernel_tree *t, difference_fn each, digest *d)
{
	const GArray *old = t->base->index->files, *new = t->index->files;
	guint i = 0, k = 0;
	while (i < old->len || k < new->len) {
		const tree_file *x = i < old->len ? &g_array_index(old, tree_file, i) : NULL;
		const tree_file *y = k < new->len ? &g_array_index(new, tree_file, k) : NULL;
		int order = !x ? 1 : !y ? -1 : tree_file_order(x, y);
		i += order <= 0;
		k += order >= 0;
		if (order == 0 && oid_equal(&x->id, &y->id) && x->mode == y->mode)
			continue;
		each(t, order <= 0 ? x : NULL, order >= 0 ? y : NULL, d);
	}
}

static void add_built(kernel_tree *t, const tree_file *before, const tree_file *now, digest *d)
{
	(void)t;
	bool both = before && now, source = is_source(before ? before->path : now->path);
	if (both && source && before->mode == now->mode)
		return;
	digest_add_text(d, before ? before->path : NULL);
	digest_add_text(d, now ? now->path : NULL);
	if (now) {
		digest_add_number(d, now->mode);
		digest_add(d, now->id.bytes, source ? 0 : OID_BYTES);
	}
}

static void add_included(kernel_tree *t, const tree_file *before, const tree_file *now, digest *d)
{
	if (!now || !is_source(now->path))
		return;
	const char *includes = shape_of(t, now)->includes;
	if (before && !strcmp(includes, shape_of(t->base, before)->includes))
		return;
	digest_add_text(d, now->path);
	digest_add_text(d, includes);
}

const char *kernel_ground(kernel_tree *t)
{
	if (t->ground)
		return t->ground;
	const kernel_tree *root = t->base ? t->base : t;
	g_autofree char *compiler = kernel_compiler_headers();
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_text(&d, kernel_code_digest);
	digest_add_text(&d, header_rules_text);
	digest_add_text(&d, sat_library());
	digest_add_text(&d, compiler);
	digest_add(&d, root->tree.bytes, OID_BYTES);
	if (t->base)
		each_difference(t, add_built, &d);
	t->ground = digest_hex(&d);
	return t->ground;
}

const char *kernel_ground_includes(kernel_tree *t)
{
	if (t->ground_includes)
		return t->ground_includes;
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_text(&d, kernel_ground(t));
	if (t->base)
		each_difference(t, add_included, &d);
	t->ground_includes = digest_hex(&d);
	return t->ground_includes;
}

static void add_text(kernel_tree *t, const tree_file *before, const tree_file *now, digest *d)
{
	(void)t;
	(void)before;
	if (!now || !is_source(now->path))
		return;
	digest_add_text(d, now->path);
	digest_add(d, now->id.bytes, OID_BYTES);
}

const char *kernel_ground_sources(kernel_tree *t)
{
	if (t->ground_sources)
		return t->ground_sources;
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_text(&d, kernel_ground(t));
	if (t->base)
		each_difference(t, add_text, &d);
	t->ground_sources = digest_hex(&d);
	return t->ground_sources;
}

/* ---- what was read ---- */

void ground_note_read(kernel_tree *t, const tree_file *file)
{
	if (!is_source(file->path))
		return;
	if (!t->reads)
		t->reads = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_add(t->reads, (gpointer)file->path);
}

/* Whether a search for a configuration of the tree gave up. */
static bool any_gave_up(const kernel_tree *t)
{
	GHashTableIter it;
	gpointer a;
	g_hash_table_iter_init(&it, t->archs);
	while (g_hash_table_iter_next(&it, NULL, &a)) {
		kconfig_solver *solver = ((tree_arch *)a)->shared->solver;
		if (solver && sat_gave_up(kconfig_solver_sat(solver)))
			return true;
	}
	return false;
}

GPtrArray *kernel_tree_reads(const kernel_tree *t)
{
	if (t->unreadable || any_gave_up(t))
		return NULL;
	GPtrArray *out = g_ptr_array_new();
	GHashTableIter it;
	gpointer path;
	if (t->reads) {
		g_hash_table_iter_init(&it, t->reads);
		while (g_hash_table_iter_next(&it, &path, NULL))
			g_ptr_array_add(out, path);
	}
	g_ptr_array_sort(out, sort_by_text);
	return out;
}
