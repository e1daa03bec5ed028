/* Three-way merges of trees and of texts. */
#include "git/internal.h"

static void merge_conflict_free(gpointer data)
{
	merge_conflict *c = data;
	g_free(c->path);
	g_free(c);
}

/* ---- texts ---- */

static void set_input(git_merge_file_input *input, GBytes *bytes)
{
	size_t size = 0;
	const char *text = bytes ? g_bytes_get_data(bytes, &size) : NULL;
	git_merge_file_input_init(input, GIT_MERGE_FILE_INPUT_VERSION);
	input->ptr = text ? text : "";
	input->size = size;
}

bool repo_merge_texts(GBytes **out, bool *clean, GBytes *base, GBytes *ours, GBytes *theirs,
	const char *our_label, const char *their_label, GError **err)
{
	if (!git_library_init(err))
		return false;
	git_merge_file_input inputs[3];
	set_input(&inputs[0], base);
	set_input(&inputs[1], ours);
	set_input(&inputs[2], theirs);
	git_merge_file_options options;
	git_merge_file_options_init(&options, GIT_MERGE_FILE_OPTIONS_VERSION);
	options.our_label = our_label;
	options.their_label = their_label;
	g_auto(git_merge_file_result) result = {0};
	if (git_merge_file(&result, &inputs[0], &inputs[1], &inputs[2], &options))
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "three texts cannot be merged");
	*out = g_bytes_new(result.ptr, result.len);
	*clean = result.automergeable;
	return true;
}

/* ---- trees ---- */

/* Paths that either side changed. Everything else is the same in all three trees: libgit2 then
 * walks hundreds of entries instead of the whole kernel, three times. */
typedef struct narrowing {
	GHashTable *paths; /* char * -> itself */
} narrowing;

static bool collect_path(const char *path, const tree_entry *old_entry, const tree_entry *new_entry,
	void *data, GError **err)
{
	(void)old_entry;
	(void)new_entry;
	(void)err;
	g_hash_table_add(((narrowing *)data)->paths, g_strdup(path));
	return true;
}

/* The files of `tree` among `paths`, as a tree of their own. */
static bool narrow_tree(repo *r, oid *out, const oid *tree, const GPtrArray *paths, GError **err)
{
	g_autoptr(tree_edit) e = NULL;
	if (!tree_edit_new(&e, r, NULL, err))
		return false;
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		tree_entry entry;
		GError *inner = NULL;
		if (repo_lookup(r, tree, path, &entry, &inner)) {
			if (entry.mode != 0040000 &&
				!tree_edit_set(e, path, &entry.id, entry.mode, err))
				return false;
		} else if (inner) {
			g_propagate_error(err, inner);
			return false;
		}
	}
	return tree_edit_write(e, out, err);
}

static int compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool narrow_all(repo *r, oid narrow[3], GPtrArray *sorted, const oid *const full[3],
	GHashTable *paths, GError **err)
{
	narrowing n = {paths};
	if (!repo_compare(r, full[0], full[1], collect_path, &n, err) ||
		!repo_compare(r, full[0], full[2], collect_path, &n, err))
		return false;
	GHashTableIter iter;
	gpointer path;
	g_hash_table_iter_init(&iter, paths);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		g_ptr_array_add(sorted, path);
	g_ptr_array_sort(sorted, compare_paths);
	for (int i = 0; i < 3; i++)
		if (!narrow_tree(r, &narrow[i], full[i], sorted, err))
			return false;
	return true;
}

static bool merge_narrow(repo *r, git_index **out, const oid narrow[3], GError **err)
{
	g_autoptr(git_tree) base = NULL;
	g_autoptr(git_tree) ours = NULL;
	g_autoptr(git_tree) theirs = NULL;
	git_merge_options options;
	git_merge_options_init(&options, GIT_MERGE_OPTIONS_VERSION);
	options.flags = GIT_MERGE_FIND_RENAMES | GIT_MERGE_SKIP_REUC;
	if (git_tree_lookup(&base, r->detached, to_git(&narrow[0])) ||
		git_tree_lookup(&ours, r->detached, to_git(&narrow[1])) ||
		git_tree_lookup(&theirs, r->detached, to_git(&narrow[2])) ||
		git_merge_trees(out, r->detached, base, ours, theirs, &options))
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "the trees cannot be merged");
	return true;
}

static void take_side(oid *id, unsigned *mode, const char **path, const git_index_entry *entry)
{
	if (!entry)
		return;
	from_git(id, &entry->id);
	*mode = entry->mode;
	*path = entry->path;
}

static bool collect_conflicts(GPtrArray *conflicts, git_index *index, GError **err)
{
	g_autoptr(git_index_conflict_iterator) iter = NULL;
	if (!git_index_has_conflicts(index))
		return true;
	int status = git_index_conflict_iterator_new(&iter, index);
	const git_index_entry *base, *ours, *theirs;
	while (!status && !(status = git_index_conflict_next(&base, &ours, &theirs, iter))) {
		merge_conflict *c = g_new0(merge_conflict, 1);
		const char *path = NULL;
		take_side(&c->base, &c->base_mode, &path, base);
		take_side(&c->theirs, &c->their_mode, &path, theirs);
		take_side(&c->ours, &c->our_mode, &path, ours);
		c->path = g_strdup(path);
		g_ptr_array_add(conflicts, c);
	}
	if (status != GIT_ITEROVER)
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "the conflicts cannot be read");
	return true;
}

static int compare_conflicts(gconstpointer a, gconstpointer b)
{
	return strcmp((*(merge_conflict *const *)a)->path, (*(merge_conflict *const *)b)->path);
}

static bool has_conflict(const GPtrArray *conflicts, const char *path)
{
	for (guint i = 0; i < conflicts->len; i++)
		if (!strcmp(((merge_conflict *)g_ptr_array_index(conflicts, i))->path, path))
			return true;
	return false;
}

/* Brings `e` (our tree) to what the index says about the narrowed paths. */
static bool lay_over(tree_edit *e, git_index *index, const GPtrArray *paths,
	const GPtrArray *conflicts, GError **err)
{
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		tree_entry there;
		if (git_index_get_bypath(index, path, 0) || has_conflict(conflicts, path) ||
			!tree_edit_lookup(e, path, &there, NULL) || there.mode == 0040000)
			continue;
		if (!tree_edit_remove(e, path, err))
			return false;
	}
	for (size_t i = 0; i < git_index_entrycount(index); i++) {
		const git_index_entry *entry = git_index_get_byindex(index, i);
		if (git_index_entry_stage(entry))
			continue;
		oid id;
		from_git(&id, &entry->id);
		tree_entry there;
		if (tree_edit_lookup(e, entry->path, &there, NULL) && there.mode == entry->mode &&
			oid_equal(&there.id, &id))
			continue;
		if (!tree_edit_set(e, entry->path, &id, entry->mode, err))
			return false;
	}
	return true;
}

bool repo_merge(repo *r, oid *tree, GPtrArray **conflicts, const oid *base, const oid *ours,
	const oid *theirs, GError **err)
{
	const oid *const full[3] = {base, ours, theirs};
	oid narrow[3], merged;
	g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(merge_conflict_free);
	g_autoptr(git_index) index = NULL;
	g_autoptr(tree_edit) e = NULL;
	/* Only the narrowed trees are scratch; what the merge writes belongs to its result. */
	r->pending->level++;
	bool ok = narrow_all(r, narrow, sorted, full, paths, err);
	r->pending->level--;
	ok = ok && merge_narrow(r, &index, narrow, err) && collect_conflicts(found, index, err) &&
	     tree_edit_new(&e, r, ours, err) && lay_over(e, index, sorted, found, err) &&
	     tree_edit_write(e, &merged, err);
	pending_drop(r->pending, r->pending->level + 1);
	if (!ok)
		return false;
	g_ptr_array_sort(found, compare_conflicts);
	*tree = merged;
	*conflicts = g_steal_pointer(&found);
	return true;
}
