/* The only door to libgit2: repositories, trees, blobs, commits, refs, differences, merges.
 *
 * A `repo` belongs to one thread; open another one for each thread or forked worker. Objects
 * written go to an in-memory store first and reach the disk as one pack by repo_flush: a run that
 * is killed leaves nothing behind but, at worst, an unreferenced pack. No function here touches a
 * work tree, an index, HEAD or any ref outside refs/truce/, repo_set_branch aside. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/oid.h"
#include "model/patch.h"
#include "model/series.h"

typedef struct repo repo;

/* Opens the repository that holds `path` (NULL: the current directory), as git finds it, linked
 * worktrees included. */
bool repo_open(repo **out, const char *path, GError **err);
void repo_free(repo *r);
/* The common git directory, shared by all worktrees; with a trailing slash. Borrowed. */
const char *repo_common_dir(const repo *r);
/* One setting of git config, system and user levels first, then the repository's own; never from
 * the tree. NULL when unset. The caller's. */
char *repo_config(const repo *r, const char *key);
/* The user's identity for decisions and commits: user.name and user.email, else a fixed one. */
void repo_identity(const repo *r, person *out);

/* For a repository that may not be written: packs go into `directory` (which must exist) and are
 * read from there too. Refs are then not written: repo_set_ref flushes, repo_delete_ref does
 * nothing. Call before anything is written. */
bool repo_keep_objects_in(repo *r, const char *directory, GError **err);

/* Another handle on the same repository, for another thread: it reads what `r` reads, pending
 * objects included, as long as nothing is written through `r` meanwhile. `r` must outlive it. */
bool repo_open_reader(repo **out, const repo *r, GError **err);
/* Says which objects (oid, in the order of use) will be read next: a thread reads them ahead. A
 * hint: results are the same without. Ends with repo_prefetch_stop, the next call, or the repo. */
void repo_prefetch(repo *r, const GArray *ids);
void repo_prefetch_stop(repo *r);

/* Resolves a revision to a commit (peeling tags). */
bool repo_resolve(repo *r, oid *commit, const char *rev, GError **err);
bool repo_commit_tree(repo *r, oid *tree, const oid *commit, GError **err);
/* Best common ancestor. False with TRUCE_ERROR_NOT_FOUND when there is none. */
bool repo_merge_base(repo *r, oid *out, const oid *a, const oid *b, GError **err);
/* Calls `each` for every tag and branch with the commit it leads to, by name ("refs/tags/v1"),
 * until it returns false. Refs that lead to no commit are passed over. */
typedef bool (*repo_ref_fn)(const char *name, const oid *commit, void *data);
bool repo_each_ref(repo *r, repo_ref_fn each, void *data, GError **err);
/* Calls `each` for the commits that `from` reaches and `without` (NULL: none) does not, newest
 * first, at most `limit`, until it returns false. */
typedef bool (*repo_commit_fn)(const oid *commit, void *data);
bool repo_walk_history(repo *r, const oid *from, const oid *without, unsigned limit,
	repo_commit_fn each, void *data, GError **err);
/* Commits of A..B, oldest first, without merges, appended to `out` (oid elements). */
bool repo_range(repo *r, GArray *out, const oid *from, const oid *to, GError **err);
/* Reads a commit's message, author, first parent (zero when none) and tree; outputs may be NULL. */
bool repo_read_commit(repo *r, const oid *commit, char **message, person *author, oid *parent,
	oid *tree, GError **err);
/* True when the object is in the repository (or pending). */
bool repo_has(repo *r, const oid *id);
/* Finds the blob whose id starts with `hex` (an index line); false with NOT_FOUND when none or
 * ambiguous. */
bool repo_find_blob(repo *r, oid *out, const char *hex, GError **err);

/* An entry of a tree. */
typedef struct tree_entry {
	oid id;
	unsigned mode; /* 0100644, 0100755, 0120000, 0160000, 040000 */
} tree_entry;

/* Looks `path` up. Returns false without error when it is not there (err untouched), so check
 * `err` only when an unreadable tree matters. */
bool repo_lookup(repo *r, const oid *tree, const char *path, tree_entry *out, GError **err);
/* The bytes of a blob, up to LIMIT_FILE_BYTES. The caller's, g_bytes_unref. */
bool repo_read_blob(repo *r, GBytes **out, const oid *blob, GError **err);
/* The same for those who read source code: *out is NULL when there are more than
 * LIMIT_SOURCE_BYTES, of which none is read then. */
bool repo_read_source(repo *r, GBytes **out, const oid *blob, GError **err);
/* lookup + read_blob; TRUCE_ERROR_NOT_FOUND when the path is not a file. */
bool repo_read_path(repo *r, GBytes **out, const oid *tree, const char *path, GError **err);
/* Calls `each` for every file below `prefix` ("" for all), in git's order. `each` returns false to
 * stop. Symlinks and submodules are reported too, by mode. */
typedef bool (*repo_walk_fn)(const char *path, const tree_entry *entry, void *data);
bool repo_walk(
	repo *r, const oid *tree, const char *prefix, repo_walk_fn each, void *data, GError **err);

/* Writing, to the in-memory store. */
bool repo_write_blob(repo *r, oid *out, const void *data, size_t len, GError **err);
/* The same for bytes that nobody changes: kept by reference. */
bool repo_write_bytes(repo *r, oid *out, GBytes *bytes, GError **err);
/* The id that the blob would have, zero for content that attacks SHA-1; nothing is written. */
void repo_hash_blob(const repo *r, oid *out, const void *data, size_t len);
/* Writes a commit with exactly this author (committer = author), message and parents. */
bool repo_write_commit(repo *r, oid *out, const oid *tree, const oid *parents, size_t n_parents,
	const person *author, const char *message, GError **err);
/* Between begin and end everything written serves a computation: it can be read, and end forgets
 * it. Calls nest. What is written again outside is kept. No flush in between. */
void repo_scratch_begin(repo *r);
void repo_scratch_end(repo *r);
/* Writes everything pending to disk as one pack. */
bool repo_flush(repo *r, GError **err);
/* Points a ref under refs/truce/ at a commit (flushes first) or deletes it. */
bool repo_set_ref(repo *r, const char *name, const oid *commit, GError **err);
/* Points a branch (refs/heads/...) at a commit, flushing first: for `truce plan --apply` and alike,
 * on the user's word. An existing one is moved only with `force`, and never while it is checked
 * out. */
bool repo_set_branch(repo *r, const char *name, const oid *commit, bool force, GError **err);
bool repo_get_ref(repo *r, oid *out, const char *name, GError **err); /* NOT_FOUND */
bool repo_delete_ref(repo *r, const char *name, GError **err);

/* A tree under change: paths set and removed on top of a base tree; only changed subtrees are
 * written. Lookups see the pending changes. */
typedef struct tree_edit tree_edit;
bool tree_edit_new(tree_edit **out, repo *r, const oid *tree, GError **err);
void tree_edit_free(tree_edit *e);
/* As repo_lookup, pending changes included. */
bool tree_edit_lookup(tree_edit *e, const char *path, tree_entry *out, GError **err);
/* Adds or replaces a file; parents are made, a file in the way of a directory is an error. */
bool tree_edit_set(tree_edit *e, const char *path, const oid *blob, unsigned mode, GError **err);
/* Removes a file and the directories it leaves empty; NOT_FOUND when it is not there. */
bool tree_edit_remove(tree_edit *e, const char *path, GError **err);
/* Writes what changed and returns the root. The edit stays usable. */
bool tree_edit_write(tree_edit *e, oid *tree, GError **err);

/* Called for each path that differs between two trees, in path order; mode 0 stands for "not
 * there". Returns false (with *err) to stop. */
typedef bool (*repo_compare_fn)(const char *path, const tree_entry *old_entry,
	const tree_entry *new_entry, void *data, GError **err);
/* Compares two trees without reading a file; a zero id is an empty tree. */
bool repo_compare(repo *r, const oid *old_tree, const oid *new_tree, repo_compare_fn each,
	void *data, GError **err);
/* The difference of two trees as file_change (sorted by path, renames off, hunks without context,
 * git's default heuristics so that numbers equal git diff --numstat). Patches stay 0. */
bool repo_diff(
	repo *r, GPtrArray **changes, const oid *old_tree, const oid *new_tree, GError **err);
/* repo_diff in two steps, for doing the second one on several threads: the paths that differ, then
 * for one of them whether it is binary, its hunks and its counts. */
bool repo_changes(
	repo *r, GPtrArray **changes, const oid *old_tree, const oid *new_tree, GError **err);
bool repo_diff_change(repo *r, file_change *c, GError **err);
/* One version of a text to the next: the hunks, found by comparing only what stands between an
 * equal begin and an equal end. Quicker than repo_diff_change, and sometimes another choice among
 * equal lines. */
typedef struct text_step {
	unsigned old_lines; /* of the whole old text */
	GArray *hunks;	    /* change_hunk, patch arrays NULL */
} text_step;
/* A zero id stands for an empty text. The caller's, text_step_clear. */
bool repo_diff_step(repo *r, text_step *out, const oid *old_id, const oid *new_id, GError **err);
void text_step_clear(text_step *s);
/* Says that repo_diff_change will be asked for the difference of two blobs, whose bytes are at hand
 * (NULL and zero: not there): a thread makes it now. `known` (or NULL) are change_hunk that lead
 * from one to the other: where no other difference can come out, it is taken. A hint: results are
 * the same without. repo_diff_ahead_end waits until all are made; it comes before anything is asked
 * for and before a fork. What nobody took is dropped by repo_diff_ahead_forget, or when the next
 * round begins. */
void repo_diff_ahead(repo *r, const oid *old_id, GBytes *old_text, const oid *new_id,
	GBytes *new_text, GArray *known);
void repo_diff_ahead_end(repo *r);
void repo_diff_ahead_forget(repo *r);
/* The hunks of two texts, as repo_diff makes them (change_hunk, patch arrays NULL). */
bool repo_diff_texts(GArray **hunks, const char *old_text, size_t old_len, const char *new_text,
	size_t new_len, GError **err);

/* A path that merges with conflict. Zero oid: not on that side. */
typedef struct merge_conflict {
	char *path;
	oid base, ours, theirs;
	unsigned base_mode, our_mode, their_mode;
} merge_conflict;

/* Merges two trees over a base, as git's merge-ort does (renames on). *tree holds the merged tree
 * with conflicted files left as `ours`; conflicts are merge_conflict *, sorted by path. */
bool repo_merge(repo *r, oid *tree, GPtrArray **conflicts, const oid *base, const oid *ours,
	const oid *theirs, GError **err);
/* Three-way merge of texts; conflict markers with the labels when *clean comes back false. */
bool repo_merge_texts(GBytes **out, bool *clean, GBytes *base, GBytes *ours, GBytes *theirs,
	const char *our_label, const char *their_label, GError **err);

/* True when `path` may stand in a tree: relative, no empty, ".", ".." or ".git" component (in any
 * case or disguise that git refuses), no NUL, at most LIMIT_PATH_BYTES. */
bool repo_path_is_safe(const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(repo, repo_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(text_step, text_step_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tree_edit, tree_edit_free)
