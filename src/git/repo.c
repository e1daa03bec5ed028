/* Opening a repository, its settings and the user's identity. */
#include "git/internal.h"

#include <string.h>

#include <git2/sys/repository.h>

/* libgit2 asks backends by priority, highest first; its own have 1 and 2. */
#define PENDING_PRIORITY 1000

/* How much of the repository's packs is mapped, and in which pieces. Measured on Linux: smaller
 * pieces cost time, larger ones memory. */
#define PACK_WINDOW_BYTES ((size_t)4 << 20)
#define PACK_MAPPED_BYTES ((size_t)64 << 20)

/* Fewer objects than this are read before another thread has opened the repository. */
#define PREFETCH_WORTH 32u

static gpointer init_library(gpointer data)
{
	(void)data;
	if (git_libgit2_init() < 0)
		return NULL;
	/* git itself does not hash what it reads again; it costs more than inflating. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	/* Packs are read through windows; libgit2 would map a whole 500 MB pack, which then counts
	 * as this process's memory. */
	git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, PACK_WINDOW_BYTES);
	git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, PACK_MAPPED_BYTES);
	/* Trees and blobs are kept by our own cache, which is bounded. */
	git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)8 << 20);
	return GINT_TO_POINTER(1);
}

bool git_library_init(GError **err)
{
	static GOnce once = G_ONCE_INIT;
	if (g_once(&once, init_library, NULL))
		return true;
	return error_set(err, TRUCE_ERROR_GIT, NULL, "libgit2 does not start");
}

bool git_fail(GError **err, truce_error code, const char *hint, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	g_autofree char *text = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	const git_error *last = git_error_last();
	if (last && last->message && last->klass != GIT_ERROR_NONE)
		return error_set(err, code, hint, "%s: %s", text, last->message);
	return error_set(err, code, hint, "%s", text);
}

/* The one that GIT_DIR names (`git --git-dir=X truce`), else the one around `path`, as git does. */
static int find_git(git_repository **out, const char *path)
{
	const char *named = path ? NULL : g_getenv("GIT_DIR");
	if (named && *named)
		return git_repository_open_ext(out, named, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
	return git_repository_open_ext(out, path ? path : ".", 0, NULL);
}

/* libgit2 1.5 has no repositories with other ids, and says only that it lacks an extension. */
static const char *open_hint(void)
{
	const git_error *last = git_error_last();
	return last && last->message && strstr(last->message, "objectformat")
		       ? "truce needs a repository with SHA-1 ids; this one has others (git "
			 "rev-parse "
			 "--show-object-format)"
		       : NULL;
}

static bool open_git(repo *r, const char *path, GError **err)
{
	int status = find_git(&r->git, path);
	if (status == GIT_ENOTFOUND)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"run truce inside a git repository, or name one with -C DIR",
			"%s is not in a git repository",
			path		      ? path
			: g_getenv("GIT_DIR") ? g_getenv("GIT_DIR")
					      : "the current directory");
	if (status == GIT_EOWNER)
		return git_fail(err, TRUCE_ERROR_GIT,
			"git config --global --add safe.directory DIR trusts it",
			"the repository belongs to someone else");
	if (status)
		return git_fail(err, TRUCE_ERROR_GIT, open_hint(),
			"the repository at %s cannot be opened", path ? path : ".");
	return true;
}

static bool open_objects(repo *r, GError **err)
{
	if (git_repository_odb(&r->odb, r->git))
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "the object database cannot be opened");
	pending_store *pending = pending_store_new(r->cache, r->packs);
	if (git_odb_add_backend(r->odb, &pending->parent, PENDING_PRIORITY)) {
		pending->parent.free(&pending->parent);
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "the in-memory store cannot be added");
	}
	r->pending = pending;
	git_config *empty = NULL;
	int status = git_repository_wrap_odb(&r->detached, r->odb);
	if (!status)
		status = git_config_new(&empty);
	if (!status)
		status = git_repository_set_config(r->detached, empty);
	git_config_free(empty);
	if (status)
		return git_fail(
			err, TRUCE_ERROR_GIT, NULL, "the object database cannot be wrapped");
	return true;
}

static bool open_config(repo *r, GError **err)
{
	git_config *live = NULL;
	int status = git_repository_config(&live, r->git);
	if (!status)
		status = git_config_snapshot(&r->config, live);
	git_config_free(live);
	if (status)
		return git_fail(err, TRUCE_ERROR_GIT, "git config --list shows what is wrong",
			"git config cannot be read");
	return true;
}

/* Reads from `packs` from now on (taken over). */
static void use_packs(repo *r, pack_set *packs)
{
	pack_reader_free(r->packs);
	pack_set_unref(r->pack_set);
	r->pack_set = packs;
	r->packs = pack_reader_new(packs);
	if (r->pending)
		r->pending->packs = r->packs;
}

static pack_set *own_packs(const repo *r)
{
	g_autofree char *objects = g_build_filename(r->common_dir, "objects", NULL);
	return pack_set_open(objects);
}

void repo_look_for_packs(repo *r)
{
	use_packs(r, own_packs(r));
}

/* `packs` (taken over): those of another handle on the repository, or NULL. */
static bool open_with_packs(repo **out, const char *path, pack_set *packs, GError **err)
{
	g_autoptr(repo) r = g_new0(repo, 1);
	r->pack_set = packs;
	if (!git_library_init(err) || !open_git(r, path, err))
		return false;
	r->cache = object_cache_new(OBJECT_CACHE_BYTES);
	r->common_dir = g_strdup(git_repository_commondir(r->git));
	r->path = g_strdup(git_repository_path(r->git));
	use_packs(r, packs ? pack_set_ref(packs) : own_packs(r));
	if (!open_objects(r, err) || !open_config(r, err))
		return false;
	*out = g_steal_pointer(&r);
	return true;
}

bool repo_open(repo **out, const char *path, GError **err)
{
	return open_with_packs(out, path, NULL, err);
}

bool repo_open_reader(repo **out, const repo *r, GError **err)
{
	g_autoptr(repo) reader = NULL;
	if (!open_with_packs(&reader, r->path, pack_set_ref(r->pack_set), err) ||
		(r->objects_dir && !repo_keep_objects_in(reader, r->objects_dir, err)))
		return false;
	object_cache_set_limit(reader->cache, READER_CACHE_BYTES);
	reader->pending->lender = r->pending;
	reader->ahead = r->ahead;
	reader->ahead_is_lent = true;
	*out = g_steal_pointer(&reader);
	return true;
}

void repo_prefetch(repo *r, const GArray *ids)
{
	repo_prefetch_stop(r);
	repo *reader;
	/* Nothing is lost without it but time. */
	if (ids->len < PREFETCH_WORTH || g_get_num_processors() < 2 ||
		!repo_open_reader(&reader, r, NULL))
		return;
	/* The thread runs while `r` writes: it must not look at what is pending. */
	reader->pending->lender = NULL;
	r->prefetch = prefetch_start(reader, ids);
}

void repo_prefetch_stop(repo *r)
{
	prefetch_stop(g_steal_pointer(&r->prefetch));
}

/* A handle for comparing while `r` writes: it must not look at what is pending, and what it reads
 * is lent to it. */
static repo *open_comparer(const repo *r)
{
	repo *reader = NULL;
	if (repo_open_reader(&reader, r, NULL))
		reader->pending->lender = NULL;
	return reader;
}

static diff_ahead *start_ahead(const repo *r)
{
	if (g_get_num_processors() < 2)
		return NULL;
	g_autoptr(repo) reader = open_comparer(r);
	g_autoptr(repo) helper = open_comparer(r);
	return reader && helper ? diff_ahead_new(g_steal_pointer(&reader), g_steal_pointer(&helper))
				: NULL;
}

void repo_diff_ahead(repo *r, const oid *old_id, GBytes *old_text, const oid *new_id,
	GBytes *new_text, GArray *known)
{
	if (r->ahead && diff_ahead_has_ended(r->ahead))
		repo_diff_ahead_forget(r);
	if (!r->ahead)
		r->ahead = start_ahead(r);
	if (!r->ahead)
		return;
	diff_job *job = g_new0(diff_job, 1);
	job->old_id = *old_id;
	job->new_id = *new_id;
	job->old_text = old_text ? g_bytes_ref(old_text) : NULL;
	job->new_text = new_text ? g_bytes_ref(new_text) : NULL;
	job->known = known ? g_array_ref(known) : NULL;
	diff_ahead_add(r->ahead, job);
}

void repo_diff_ahead_end(repo *r)
{
	if (r->ahead)
		diff_ahead_end(r->ahead);
}

void repo_diff_ahead_forget(repo *r)
{
	g_clear_pointer(&r->ahead, diff_ahead_free);
}

void repo_free(repo *r)
{
	if (!r)
		return;
	repo_prefetch_stop(r);
	if (!r->ahead_is_lent)
		repo_diff_ahead_forget(r);
	g_free(r->path);
	git_config_free(r->config);
	git_repository_free(r->detached);
	git_odb_free(r->odb);
	git_repository_free(r->git);
	pack_reader_free(r->packs);
	pack_set_unref(r->pack_set);
	object_cache_free(r->cache);
	g_free(r->common_dir);
	g_free(r->objects_dir);
	g_free(r);
}

const char *repo_common_dir(const repo *r)
{
	return r->common_dir;
}

char *repo_config(const repo *r, const char *key)
{
	const char *value = NULL;
	if (git_config_get_string(&value, r->config, key))
		return NULL;
	return g_strdup(value);
}

void repo_identity(const repo *r, person *out)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	out->name = repo_config(r, "user.name");
	out->email = repo_config(r, "user.email");
	if (!out->name || !*out->name) {
		g_free(out->name);
		out->name = g_strdup("truce");
	}
	if (!out->email || !*out->email) {
		g_free(out->email);
		out->email = g_strdup("truce@localhost");
	}
	out->time = g_date_time_to_unix(now);
	out->offset = (int)(g_date_time_get_utc_offset(now) / G_TIME_SPAN_MINUTE);
}
