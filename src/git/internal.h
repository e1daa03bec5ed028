/* What the files of src/git share. Nothing outside this folder includes it. */
#pragma once

#include <git2.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "git/diff_ahead.h"
#include "git/objects.h"
#include "git/prefetch.h"
#include "git/repo.h"

struct repo {
	git_repository *git;	  /* as the user opened it: refs, revisions, config */
	git_repository *detached; /* the same objects without config, refs or work tree, so that no
				   * .gitattributes or setting changes what a merge yields */
	git_odb *odb;
	git_config *config; /* a snapshot: one state for the whole run */
	char *common_dir;
	char *objects_dir;	/* where packs go instead of the repository; NULL: the repository */
	pending_store *pending; /* owned by odb, as its first backend */
	pack_set *pack_set;	/* shared with readers */
	pack_reader *packs;
	object_cache *cache;
	prefetch *prefetch; /* running, or NULL */
	diff_ahead *ahead;  /* differences made already; a reader's is that of its lender; or NULL */
	bool ahead_is_lent;
	guint64 parts_lent; /* for ids of parts of texts, see lend_part */
	char *path;	    /* of the git directory, for opening it again */
};

/* Initialises libgit2 once a process, with the settings that truce relies on. */
bool git_library_init(GError **err);

/* Reads from the packs that the repository has now. */
void repo_look_for_packs(repo *r);

/* As error_set, with libgit2's own words appended. Always false. */
bool git_fail(GError **err, truce_error code, const char *hint, const char *fmt, ...)
	G_GNUC_PRINTF(4, 5);

/* The raw bytes of an object of the given type (GIT_OBJECT_ANY: any), through the cache. The
 * caller's, g_bytes_unref. NOT_FOUND when the repository lacks it. */
bool object_read(repo *r, GBytes **out, git_object_t type, const oid *id, GError **err);
/* A blob; *out NULL when it has more than `most` bytes, which its header tells. */
bool object_read_most(repo *r, GBytes **out, const oid *id, size_t most, GError **err);
/* The same for any type, which comes back in *type. */
bool object_read_type(repo *r, GBytes **out, git_object_t *type, const oid *id, GError **err);
/* Adds an object to the pending store, unless the repository has it already. */
bool object_write(repo *r, oid *out, git_object_t type, GBytes *data, GError **err);

static inline const git_oid *to_git(const oid *id)
{
	return (const git_oid *)(const void *)id->bytes;
}

static inline void from_git(oid *out, const git_oid *id)
{
	memcpy(out->bytes, id->id, OID_BYTES);
}

/* One entry of a raw tree object. `name` points into the object and is not NUL-terminated for
 * len, but is followed by a NUL. */
typedef struct raw_entry {
	const char *name;
	size_t len;
	unsigned mode; /* as stored: old trees hold 0100664 */
	const uint8_t *id;
} raw_entry;

typedef struct raw_tree {
	GBytes *bytes; /* NULL: an empty tree */
	const char *at, *end;
	bool damaged; /* set by raw_tree_next when the object is not a tree */
} raw_tree;

/* Starts reading tree `id`; NULL or a zero id is an empty tree. */
bool raw_tree_open(raw_tree *t, repo *r, const oid *id, GError **err);
/* The next entry; false at the end (or on damage: raw_tree_check tells). */
bool raw_tree_next(raw_tree *t, raw_entry *entry);
bool raw_tree_check(const raw_tree *t, const oid *id, GError **err);
void raw_tree_close(raw_tree *t);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(raw_tree, raw_tree_close)

/* 0100644, 0100755, 0120000, 0160000 or 040000, as git reads what old trees hold. */
unsigned mode_canonical(unsigned mode);
/* git's order of tree entries: directories compare as if their name ended in '/'. */
int tree_name_compare(
	const char *a, size_t a_len, bool a_dir, const char *b, size_t b_len, bool b_dir);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(git_commit, git_commit_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(git_blob, git_blob_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(git_tree, git_tree_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(git_index, git_index_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(git_revwalk, git_revwalk_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(git_reference, git_reference_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(git_index_conflict_iterator, git_index_conflict_iterator_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(git_buf, git_buf_dispose)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(git_merge_file_result, git_merge_file_result_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(git_object, git_object_free)
