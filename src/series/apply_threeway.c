/* A whole patch by three-way merge. git am -3 does the same in fall_back_threeway: a "fake
 * ancestor" of only the files that the patch names, the patch on it, and a merge with the current
 * tree. */
#include "series/apply_threeway.h"

#include <string.h>

#include "base/error.h"
#include "series/apply_file.h"

/* Files offered to rename detection for one that the patch changes and the tree lacks. With more
 * libgit2 would look at none. */
#define RENAME_CANDIDATES_MAX 200u

typedef struct threeway {
	repo *r;
	tree_edit *edit;
	oid tree;
	const patch *p;
	GHashTable *paths; /* char *: paths that take part */
} threeway;

/* What the patch saw as `f`'s old file. False when that is not known. */
static bool old_entry(const threeway *t, const patch_file *f, tree_entry *out)
{
	const char *id = f->old_id;
	if (id && strspn(id, "0") != strlen(id)) {
		out->mode = f->old_mode ? f->old_mode : 0100644;
		if (out->mode == 0160000)
			return oid_parse(&out->id, id);
		return repo_find_blob(t->r, &out->id, id, NULL);
	}
	/* Without change of content there is no index line: the file is as it is. */
	return !f->hunks->len && f->forward.kind == PATCH_BINARY_NONE &&
	       tree_edit_lookup(t->edit, f->old_path, out, NULL) && out->mode != 0040000;
}

/* The files that the patch was made on. *known is false when one of them cannot be had. */
static bool make_base(const threeway *t, tree_edit *base, bool *known, GError **err)
{
	*known = true;
	for (guint i = 0; i < t->p->files->len && *known; i++) {
		const patch_file *f = g_ptr_array_index(t->p->files, i);
		tree_entry entry, there;
		if (f->change == PATCH_ADD || tree_edit_lookup(base, f->old_path, &there, NULL))
			continue;
		*known = old_entry(t, f, &entry);
		if (!*known)
			return true;
		GError *inner = NULL;
		if (tree_edit_set(base, f->old_path, &entry.id, entry.mode, &inner))
			continue;
		if (!g_error_matches(inner, TRUCE_ERROR, TRUCE_ERROR_INPUT)) {
			g_propagate_error(err, inner);
			return false;
		}
		g_error_free(inner); /* paths that cannot be in one tree */
		*known = false;
	}
	return true;
}

/* The patch on its base; *fits is false when it does not fit even there. */
static bool patch_base(const threeway *t, tree_edit *base, bool *fits, GError **err)
{
	g_autoptr(stage) s = stage_new(t->r, base);
	file_job job = {.r = t->r, .stage = s, .patch = t->p, .rules = TEXT_STRICT};
	apply_file_prepare(s, t->p);
	for (guint i = 0; i < t->p->files->len; i++)
		if (!apply_file(&job, g_ptr_array_index(t->p->files, i), err))
			return false;
	g_autofree char *blocked = NULL;
	g_autoptr(GArray) steps = path_steps_new();
	if (!job.failed && !stage_commit(s, steps, &blocked, err))
		return false;
	*fits = !job.failed && !blocked;
	return true;
}

static void add_path(const threeway *t, const char *path)
{
	if (path)
		g_hash_table_add(t->paths, g_strdup(path));
}

typedef struct candidates {
	const threeway *t;
	const char *missing;
	oid blob;
	bool nearby; /* the second round: other names in the same folder */
	unsigned found;
} candidates;

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool same_folder(const char *a, const char *b)
{
	size_t len = (size_t)(base_name(a) - a);
	return len == (size_t)(base_name(b) - b) && !memcmp(a, b, len);
}

/* A missing file may have been renamed: to the same name elsewhere, anywhere with the same content,
 * or, where there is room for more, to another name beside it. A folder may hold hundreds. */
static bool consider(const char *path, const tree_entry *entry, void *data)
{
	candidates *c = data;
	bool likely =
		oid_equal(&entry->id, &c->blob) || !strcmp(base_name(path), base_name(c->missing));
	if (c->nearby ? !likely && same_folder(path, c->missing) : likely) {
		add_path(c->t, path);
		c->found++;
	}
	return c->found < RENAME_CANDIDATES_MAX;
}

static bool collect_candidates(
	const threeway *t, const char *missing, const oid *blob, GError **err)
{
	candidates c = {.t = t, .missing = missing, .blob = *blob};
	if (!repo_walk(t->r, &t->tree, "", consider, &c, err))
		return false;
	c.nearby = true;
	return c.found == RENAME_CANDIDATES_MAX || repo_walk(t->r, &t->tree, "", consider, &c, err);
}

static bool collect_paths(const threeway *t, tree_edit *base, GError **err)
{
	for (guint i = 0; i < t->p->files->len; i++) {
		const patch_file *f = g_ptr_array_index(t->p->files, i);
		tree_entry entry;
		add_path(t, f->old_path);
		add_path(t, f->new_path);
		if (!f->old_path || tree_edit_lookup(t->edit, f->old_path, &entry, NULL) ||
			!tree_edit_lookup(base, f->old_path, &entry, NULL))
			continue;
		if (!collect_candidates(t, f->old_path, &entry.id, err))
			return false;
	}
	return true;
}

static int compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *sorted_keys(GHashTable *paths)
{
	GPtrArray *sorted = g_ptr_array_new();
	GHashTableIter iter;
	gpointer path;
	g_hash_table_iter_init(&iter, paths);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		g_ptr_array_add(sorted, path);
	g_ptr_array_sort(sorted, compare_paths);
	return sorted;
}

/* The current files among the paths, as a tree. */
static bool make_ours(const threeway *t, const GPtrArray *paths, oid *out, GError **err)
{
	g_autoptr(tree_edit) ours = NULL;
	if (!tree_edit_new(&ours, t->r, NULL, err))
		return false;
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		tree_entry entry;
		if (tree_edit_lookup(t->edit, path, &entry, NULL) && entry.mode != 0040000 &&
			!tree_edit_set(ours, path, &entry.id, entry.mode, err))
			return false;
	}
	return tree_edit_write(ours, out, err);
}

/* Stages what the merge made of the paths. */
static bool take_merge(
	const threeway *t, stage *s, const oid *ours, const oid *merged, GError **err)
{
	g_autoptr(GPtrArray) changes = NULL;
	if (!repo_diff(t->r, &changes, ours, merged, err))
		return false;
	for (guint i = 0; i < changes->len; i++) {
		const file_change *c = g_ptr_array_index(changes, i);
		g_auto(staged_file) f = {.mode = c->new_mode, .id = c->new_oid};
		if (c->status == CHANGE_DELETED) {
			stage_remove(s, c->path, NULL);
			continue;
		}
		/* The merge's objects are scratch: the stage takes the bytes and writes them. */
		if (!stage_load(s, &f, err))
			return false;
		f.id = (oid){{0}};
		stage_put(s, c->path, &f);
	}
	return true;
}

static bool merge_all(threeway *t, bool *done, stage *s, GError **err)
{
	g_autoptr(tree_edit) edit = NULL;
	g_autoptr(GPtrArray) conflicts = NULL;
	oid base, ours, theirs, merged;
	bool usable;
	*done = false;
	if (!tree_edit_new(&edit, t->r, NULL, err) || !make_base(t, edit, &usable, err))
		return false;
	if (!usable)
		return true;
	if (!collect_paths(t, edit, err))
		return false;
	g_autoptr(GPtrArray) paths = sorted_keys(t->paths);
	if (!tree_edit_write(edit, &base, err) || !patch_base(t, edit, &usable, err))
		return false;
	if (!usable)
		return true;
	if (!tree_edit_write(edit, &theirs, err) || !make_ours(t, paths, &ours, err) ||
		!repo_merge(t->r, &merged, &conflicts, &base, &ours, &theirs, err))
		return false;
	if (conflicts->len)
		return true;
	*done = true;
	return take_merge(t, s, &ours, &merged, err);
}

bool threeway_apply(bool *done, repo *r, stage *s, tree_edit *edit, const oid *tree, const patch *p,
	GError **err)
{
	g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	threeway t = {r, edit, *tree, p, paths};
	repo_scratch_begin(r);
	bool ok = merge_all(&t, done, s, err);
	repo_scratch_end(r);
	return ok;
}
