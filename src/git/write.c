/* Blobs, the flush, and the refs under refs/truce/. */
#include <errno.h>
#include <unistd.h>

#include "git/hash.h"
#include "git/internal.h"
#include "git/pack.h"

static bool check_size(size_t len, GError **err)
{
	return len <= LIMIT_FILE_BYTES ||
	       error_set(err, TRUCE_ERROR_LIMIT, NULL,
		       "a file of %zu bytes is larger than the %zu that truce makes", len,
		       (size_t)LIMIT_FILE_BYTES);
}

bool repo_write_bytes(repo *r, oid *out, GBytes *bytes, GError **err)
{
	return check_size(g_bytes_get_size(bytes), err) &&
	       object_write(r, out, GIT_OBJECT_BLOB, bytes, err);
}

bool repo_write_blob(repo *r, oid *out, const void *data, size_t len, GError **err)
{
	if (!check_size(len, err))
		return false;
	g_autoptr(GBytes) bytes = g_bytes_new(data, len);
	return object_write(r, out, GIT_OBJECT_BLOB, bytes, err);
}

void repo_hash_blob(const repo *r, oid *out, const void *data, size_t len)
{
	(void)r;
	if (!object_hash(out, GIT_OBJECT_BLOB, data, len))
		*out = (oid){{0}};
}

void repo_scratch_begin(repo *r)
{
	r->pending->level++;
}

void repo_scratch_end(repo *r)
{
	g_assert(r->pending->level);
	pending_drop(r->pending, r->pending->level--);
}

bool repo_keep_objects_in(repo *r, const char *directory, GError **err)
{
	g_autofree char *packs = g_build_filename(directory, "pack", NULL);
	if (g_mkdir_with_parents(packs, 0777))
		return error_set(
			err, TRUCE_ERROR_IO, NULL, "cannot make %s: %s", packs, g_strerror(errno));
	if (git_odb_add_disk_alternate(r->odb, directory))
		return git_fail(
			err, TRUCE_ERROR_GIT, NULL, "%s cannot hold git objects", directory);
	r->objects_dir = g_strdup(directory);
	return true;
}

bool repo_flush(repo *r, GError **err)
{
	g_assert(!r->pending->level);
	if (!r->pending->order->len)
		return true;
	g_autofree char *folder =
		r->objects_dir ? g_build_filename(r->objects_dir, "pack", NULL)
			       : g_build_filename(r->common_dir, "objects", "pack", NULL);
	bool ok = pack_write(folder, r->pending->order, err);
	/* Written or not, all are deflated now. */
	r->pending->next_raw = r->pending->order->len;
	r->pending->raw_bytes = 0;
	if (!ok)
		return false;
	pending_clear(r->pending);
	repo_look_for_packs(r);
	if (git_odb_refresh(r->odb))
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "the new pack cannot be read");
	return true;
}

/* truce owns refs/truce/ and nothing else. */
static bool check_ref_name(const char *name, GError **err)
{
	int valid = 0;
	if (g_str_has_prefix(name, "refs/truce/") && !git_reference_name_is_valid(&valid, name) &&
		valid)
		return true;
	return error_set(err, TRUCE_ERROR_USAGE, "refs of truce start with refs/truce/",
		"'%s' is not a ref that truce may write", name);
}

/* Nobody but truce writes its refs, and a lock on one is held for microseconds: one that stays this
 * long was left by a run that was killed. */
#define STALE_LOCK_US (G_USEC_PER_SEC)
#define LOCK_POLL_US (G_USEC_PER_SEC / 20)

/* After GIT_ELOCKED: waits a little, or takes a stale lock away. False when it is no use. */
static bool may_try_again(const repo *r, const char *name, gint64 begin, bool *dropped)
{
	if (*dropped)
		return false;
	if (g_get_monotonic_time() - begin < STALE_LOCK_US) {
		g_usleep(LOCK_POLL_US);
		return true;
	}
	g_autofree char *lock = g_strconcat(repo_common_dir(r), name, ".lock", NULL);
	*dropped = true;
	return !unlink(lock) || errno == ENOENT;
}

/* Creates, moves or (`commit` NULL) deletes a ref of truce. A code of libgit2. */
static int change_own_ref(repo *r, const char *name, const git_oid *commit)
{
	gint64 begin = g_get_monotonic_time();
	for (bool dropped = false;;) {
		g_autoptr(git_reference) ref = NULL;
		int status = commit ? git_reference_create(&ref, r->git, name, commit, 1, "truce")
				    : git_reference_lookup(&ref, r->git, name);
		if (!status && !commit)
			status = git_reference_delete(ref);
		if (status != GIT_ELOCKED || !may_try_again(r, name, begin, &dropped))
			return status;
	}
}

bool repo_set_ref(repo *r, const char *name, const oid *commit, GError **err)
{
	if (!check_ref_name(name, err) || !repo_flush(r, err))
		return false;
	if (r->objects_dir)
		return true;
	if (change_own_ref(r, name, to_git(commit)))
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "ref %s cannot be written", name);
	return true;
}

bool repo_set_branch(repo *r, const char *name, const oid *commit, bool force, GError **err)
{
	int valid = 0;
	if (!g_str_has_prefix(name, "refs/heads/") || git_reference_name_is_valid(&valid, name) ||
		!valid)
		return error_set(err, TRUCE_ERROR_USAGE, "give a branch, as in refs/heads/merged",
			"'%s' is not the name of a branch", name);
	if (r->objects_dir)
		return error_set(err, TRUCE_ERROR_USAGE,
			"mediate in a clone of it that you may write (git clone --shared)",
			"the repository cannot be written: no branch can be made in it");
	if (!repo_flush(r, err))
		return false;
	g_autoptr(git_reference) old = NULL;
	int status = git_reference_lookup(&old, r->git, name);
	if (status && status != GIT_ENOTFOUND)
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "ref %s cannot be read", name);
	if (old && !force)
		return error_set(err, TRUCE_ERROR_USAGE,
			"choose another name, or give --force to move it", "%s exists already",
			name);
	if (old && git_branch_is_checked_out(old))
		return error_set(err, TRUCE_ERROR_USAGE, "choose another name",
			"%s is checked out and stays where it is", name);
	g_autoptr(git_reference) ref = NULL;
	if (git_reference_create(&ref, r->git, name, to_git(commit), force, "truce"))
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "ref %s cannot be written", name);
	return true;
}

bool repo_get_ref(repo *r, oid *out, const char *name, GError **err)
{
	git_oid id;
	int status = git_reference_name_to_id(&id, r->git, name);
	if (status == GIT_ENOTFOUND)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, NULL, "there is no ref %s", name);
	if (status)
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "ref %s cannot be read", name);
	from_git(out, &id);
	return true;
}

bool repo_delete_ref(repo *r, const char *name, GError **err)
{
	if (!check_ref_name(name, err))
		return false;
	if (r->objects_dir)
		return true;
	int status = change_own_ref(r, name, NULL);
	if (status == GIT_ENOTFOUND)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, NULL, "there is no ref %s", name);
	if (status)
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "ref %s cannot be deleted", name);
	return true;
}
