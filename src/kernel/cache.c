/* The room that laid-out trees take on disk. */
#include "kernel/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"

/* Between two looks at the sizes, which read each file's: a tenth of a second for ten trees. */
#define LOOK_EVERY_SECONDS 3600
/* A use within this time of the one before is not written down: a plan uses a file in each step. */
#define USE_EVERY_SECONDS 3600
/* How often a folder is made again that another process throws away meanwhile. */
#define HOLD_TRIES 100u
/* What a base's folder is called while it is removed; no base is called so. */
#define GONE ".gone-"

struct cache_hold {
	char *root;
	guint owners;
	int layout, overlay; /* locked folders; -1: none */
};

/* --- looking --- */

typedef struct kept {
	char *path;
	guint64 bytes;
	struct timespec used;
} kept;

static void kept_clear(gpointer data)
{
	g_free(((kept *)data)->path);
}

static gint by_use(gconstpointer va, gconstpointer vb)
{
	const kept *a = va, *b = vb;
	if (a->used.tv_sec != b->used.tv_sec)
		return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
	if (a->used.tv_nsec != b->used.tv_nsec)
		return a->used.tv_nsec < b->used.tv_nsec ? -1 : 1;
	return strcmp(a->path, b->path);
}

static GArray *kept_new(void)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(kept));
	g_array_set_clear_func(list, kept_clear);
	return list;
}

/* Calls `act` with each entry's path and state. */
static void each_entry(const char *folder,
	void (*act)(const char *path, const struct stat *st, void *data), void *data)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		struct stat st;
		if (!lstat(path, &st))
			act(path, &st, data);
	}
}

static guint64 bytes_of(const struct stat *st)
{
	return (guint64)st->st_blocks * 512; /* st_blocks has this unit everywhere */
}

static void add_bytes(const char *path, const struct stat *st, void *data)
{
	guint64 *bytes = data;
	*bytes += bytes_of(st);
	if (S_ISDIR(st->st_mode))
		each_entry(path, add_bytes, bytes);
}

static guint64 sum(const GArray *list)
{
	guint64 bytes = 0;
	for (guint i = 0; i < list->len; i++)
		bytes += g_array_index(list, kept, i).bytes;
	return bytes;
}

/* --- removing --- */

static void remove_entry(const char *path, const struct stat *st, void *data)
{
	(void)data;
	if (S_ISDIR(st->st_mode))
		cache_remove_folder(path);
	else
		g_unlink(path);
}

void cache_remove_folder(const char *path)
{
	each_entry(path, remove_entry, NULL);
	g_rmdir(path);
}

/* --- locks --- */

static int open_folder(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool lock(int fd, int how)
{
	int failed;
	do {
		failed = flock(fd, how);
	} while (failed && errno == EINTR);
	return !failed;
}

/* The folder may have been renamed, and made anew, before it was locked. */
static bool is_same(int fd, const char *path)
{
	struct stat a, b;
	return !fstat(fd, &a) && !lstat(path, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool hold_folder(int *out, const char *path, GError **err)
{
	for (unsigned i = 0; i < HOLD_TRIES; i++) {
		if (g_mkdir_with_parents(path, 0777))
			break;
		int fd = open_folder(path);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0)
			break;
		(void)lock(fd, LOCK_SH);
		if (is_same(fd, path)) {
			*out = fd;
			return true;
		}
		close(fd);
		errno = EBUSY;
	}
	return error_set(err, TRUCE_ERROR_IO, "name another place with --db, or free space",
		"cannot make %s: %s", path, g_strerror(errno));
}

/* A lock that no one else has, or -1. */
static int seize_folder(const char *path)
{
	int fd = open_folder(path);
	if (fd >= 0 && lock(fd, LOCK_EX | LOCK_NB) && is_same(fd, path))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* --- too much --- */

/* A base's folder; what a killed run left of one is removed at once. */
static void note_layout(const char *path, const struct stat *st, void *data)
{
	g_autofree char *name = g_path_get_basename(path);
	if (!S_ISDIR(st->st_mode))
		return;
	if (g_str_has_prefix(name, GONE)) {
		cache_remove_folder(path);
		return;
	}
	kept k = {.path = g_strdup(path), .used = st->st_mtim};
	add_bytes(path, st, &k.bytes);
	g_array_append_val((GArray *)data, k);
}

static bool throw_layout(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *gone = g_strdup_printf("%s/" GONE "%d-%s", folder, (int)getpid(), name);
	int fd = seize_folder(path);
	if (fd < 0)
		return false;
	bool renamed = !g_rename(path, gone);
	/* Who waits for the folder makes another. */
	close(fd);
	if (renamed)
		cache_remove_folder(gone);
	return renamed;
}

static bool throw_file(const char *path)
{
	return !g_unlink(path);
}

static void throw_oldest(GArray *list, guint64 most, bool (*throw)(const char *path))
{
	guint64 bytes = sum(list);
	g_array_sort(list, by_use);
	for (guint i = 0; i < list->len && bytes > most; i++) {
		const kept *k = &g_array_index(list, kept, i);
		if (throw(k->path))
			bytes -= k->bytes;
	}
}

/* A file of the overlay; what a killed run was writing is removed at once: nobody writes now. */
static void note_file(const char *path, const struct stat *st, void *data)
{
	if (!S_ISREG(st->st_mode))
		return;
	if (g_str_has_suffix(path, ".new")) {
		g_unlink(path);
		return;
	}
	kept k = {g_strdup(path), bytes_of(st), st->st_mtim};
	g_array_append_val((GArray *)data, k);
}

void cache_trim(const char *cache_dir, guint64 layout, guint64 overlay)
{
	g_autofree char *layouts = g_build_filename(cache_dir, "layout", NULL);
	g_autofree char *overlays = g_build_filename(cache_dir, "overlay", NULL);
	g_autofree char *files = g_build_filename(overlays, "files", NULL);
	g_autofree char *maps = g_build_filename(overlays, "maps", NULL);
	g_autoptr(GArray) folders = kept_new();
	each_entry(layouts, note_layout, folders);
	throw_oldest(folders, layout, throw_layout);
	/* Maps are written anew with the files that they name: neither needs the other. */
	int fd = seize_folder(overlays);
	if (fd < 0)
		return;
	g_autoptr(GArray) list = kept_new();
	each_entry(files, note_file, list);
	each_entry(maps, note_file, list);
	throw_oldest(list, overlay, throw_file);
	close(fd);
}

/* --- using --- */

bool cache_use(const char *path)
{
	struct stat st;
	if (lstat(path, &st))
		return false;
	/* Of another user's cache no use is noted. */
	if (g_get_real_time() / G_USEC_PER_SEC - st.st_mtime > USE_EVERY_SECONDS)
		(void)utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
	return true;
}

/* Whether nobody has looked for a while; if so, this process does. */
static bool begin_look(const char *cache_dir)
{
	g_autofree char *path = g_build_filename(cache_dir, "looked", NULL);
	struct stat st;
	if (!lstat(path, &st) &&
		ABS(g_get_real_time() / G_USEC_PER_SEC - st.st_mtime) < LOOK_EVERY_SECONDS)
		return false;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (fd < 0)
		return true;
	(void)futimens(fd, NULL);
	close(fd);
	return true;
}

bool cache_hold_new(cache_hold **out, const char *cache_dir, const char *name, GError **err)
{
	g_autoptr(cache_hold) h = g_new0(cache_hold, 1);
	g_autofree char *absolute = g_canonicalize_filename(cache_dir, NULL);
	g_autofree char *overlay = g_build_filename(absolute, "overlay", NULL);
	h->root = g_build_filename(absolute, "layout", name, NULL);
	h->owners = 1;
	h->layout = h->overlay = -1;
	bool fresh = !g_file_test(h->root, G_FILE_TEST_IS_DIR);
	if (!hold_folder(&h->layout, h->root, err))
		return false;
	(void)futimens(h->layout, NULL); /* used now; of another user's cache none is noted */
	if (begin_look(absolute) || fresh)
		cache_trim(absolute, LIMIT_LAYOUT_BYTES, LIMIT_OVERLAY_BYTES);
	if (!hold_folder(&h->overlay, overlay, err))
		return false;
	*out = g_steal_pointer(&h);
	return true;
}

cache_hold *cache_hold_ref(cache_hold *h)
{
	h->owners++;
	return h;
}

void cache_hold_free(cache_hold *h)
{
	if (!h || --h->owners)
		return;
	if (h->layout >= 0)
		close(h->layout);
	if (h->overlay >= 0)
		close(h->overlay);
	g_free(h->root);
	g_free(h);
}

const char *cache_hold_root(const cache_hold *h)
{
	return h->root;
}
