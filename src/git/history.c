/* Looking around in history: refs with their commits, and bounded walks. */
#include "git/internal.h"

typedef struct ref_entry {
	char *name;
	oid commit;
} ref_entry;

static void ref_entry_clear(gpointer data)
{
	g_free(((ref_entry *)data)->name);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(((const ref_entry *)a)->name, ((const ref_entry *)b)->name);
}

static int collect_ref(git_reference *ref, void *data)
{
	GArray *found = data;
	g_autoptr(git_reference) owned = ref;
	g_autoptr(git_object) commit = NULL;
	const char *name = git_reference_name(owned);
	if (!g_str_has_prefix(name, "refs/tags/") && !g_str_has_prefix(name, "refs/heads/") &&
		!g_str_has_prefix(name, "refs/remotes/"))
		return 0;
	/* Tags of blobs and dangling refs are passed over: they name no commit. */
	if (git_reference_peel(&commit, owned, GIT_OBJECT_COMMIT))
		return 0;
	ref_entry e = {.name = g_strdup(name)};
	from_git(&e.commit, git_object_id(commit));
	g_array_append_val(found, e);
	return 0;
}

bool repo_each_ref(repo *r, repo_ref_fn each, void *data, GError **err)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(ref_entry));
	g_array_set_clear_func(found, ref_entry_clear);
	if (git_reference_foreach(r->git, collect_ref, found))
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "the refs cannot be listed");
	g_array_sort(found, by_name);
	for (guint i = 0; i < found->len; i++) {
		const ref_entry *e = &g_array_index(found, ref_entry, i);
		if (!each(e->name, &e->commit, data))
			break;
	}
	return true;
}

bool repo_walk_history(repo *r, const oid *from, const oid *without, unsigned limit,
	repo_commit_fn each, void *data, GError **err)
{
	g_autoptr(git_revwalk) walk = NULL;
	int status = git_revwalk_new(&walk, r->git);
	if (!status)
		status = git_revwalk_sorting(walk, GIT_SORT_TIME);
	if (!status)
		status = git_revwalk_push(walk, to_git(from));
	if (!status && without)
		status = git_revwalk_hide(walk, to_git(without));
	git_oid id;
	for (unsigned n = 0; !status && n < limit; n++) {
		status = git_revwalk_next(&id, walk);
		if (status)
			break;
		oid copy;
		from_git(&copy, &id);
		if (!each(&copy, data))
			return true;
	}
	return !status || status == GIT_ITEROVER ||
	       git_fail(err, TRUCE_ERROR_GIT, "a shallow clone may need git fetch --unshallow",
		       "the history cannot be read");
}
