/* Files laid over the tree. Symlinks are content, never followed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#include "base/limits.h"
#include "base/sort.h"
#include "series/source.h"

/* Deeper than this a path would be longer than LIMIT_PATH_BYTES anyway. */
#define MAX_DEPTH 256

typedef struct walk {
	GPtrArray *files; /* overlay_file * */
	GPtrArray *notes;
	const char *root; /* for messages */
	guint64 bytes;
} walk;

static bool fail_io(const walk *w, const char *path, int code, GError **err)
{
	return error_set(err, TRUCE_ERROR_IO, NULL, "%s/%s: %s", w->root, path, g_strerror(code));
}

static bool read_file(
	const walk *w, int dir, const char *name, const char *path, GBytes **out, GError **err)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return fail_io(w, path, errno, err);
	struct stat st;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || (guint64)st.st_size > LIMIT_FILE_BYTES) {
		close(fd);
		return error_set(err, TRUCE_ERROR_LIMIT, NULL,
			"%s/%s: larger than the %zu bytes that a file may have", w->root, path,
			LIMIT_FILE_BYTES);
	}
	size_t size = (size_t)st.st_size, have = 0;
	g_autofree char *data = g_malloc(size + 1);
	ssize_t n = 1;
	while (have < size && n > 0) {
		n = read(fd, data + have, size - have);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			have += (size_t)n;
	}
	int code = errno;
	close(fd);
	if (n < 0)
		return fail_io(w, path, code, err);
	*out = g_bytes_new_take(g_steal_pointer(&data), have);
	return true;
}

static bool read_link(
	const walk *w, int dir, const char *name, const char *path, GBytes **out, GError **err)
{
	char target[LIMIT_PATH_BYTES];
	ssize_t n = readlinkat(dir, name, target, sizeof target);
	if (n < 0)
		return fail_io(w, path, errno, err);
	*out = g_bytes_new(target, (gsize)n);
	return true;
}

static GPtrArray *list_names(DIR *d)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			g_ptr_array_add(names, g_strdup(e->d_name));
	g_ptr_array_sort(names, sort_by_text);
	return names;
}

static bool walk_directory(
	walk *w, int parent, const char *name, const char *path, int depth, GError **err);

static bool walk_entry(
	walk *w, int dir, const char *name, const char *path, int depth, GError **err)
{
	struct stat st;
	if (!strcmp(name, ".git")) {
		g_ptr_array_add(w->notes, g_strdup_printf("%s left out: git's own", path));
		return true;
	}
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return fail_io(w, path, errno, err);
	if (S_ISDIR(st.st_mode))
		return walk_directory(w, dir, name, path, depth + 1, err);
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) {
		g_ptr_array_add(
			w->notes, g_strdup_printf("%s left out: neither a file nor a link", path));
		return true;
	}
	if (!repo_path_is_safe(path)) {
		g_autofree char *shown = text_printable(path, strlen(path));
		return error_set(err, TRUCE_ERROR_INPUT, "rename the file, or take it out",
			"%s: path '%s' cannot stand in a tree", w->root, shown);
	}
	if (w->files->len >= LIMIT_OVERLAY_FILES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL, "%s: more than %u files", w->root,
			LIMIT_OVERLAY_FILES);
	g_autoptr(GBytes) data = NULL;
	bool link = S_ISLNK(st.st_mode);
	if (link ? !read_link(w, dir, name, path, &data, err)
		 : !read_file(w, dir, name, path, &data, err))
		return false;
	w->bytes += g_bytes_get_size(data);
	if (w->bytes > LIMIT_MAILBOX_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL, "%s: more than %zu bytes", w->root,
			LIMIT_MAILBOX_BYTES);
	unsigned mode = link ? 0120000 : st.st_mode & S_IXUSR ? 0100755 : 0100644;
	g_ptr_array_add(w->files, overlay_file_new(path, mode, data));
	return true;
}

static bool walk_directory(
	walk *w, int parent, const char *name, const char *path, int depth, GError **err)
{
	if (depth > MAX_DEPTH)
		return error_set(
			err, TRUCE_ERROR_LIMIT, NULL, "%s/%s: nested too deeply", w->root, path);
	/* Only the root, which the user named, may be a link. */
	int fd =
		openat(parent, name, O_RDONLY | O_CLOEXEC | O_DIRECTORY | (depth ? O_NOFOLLOW : 0));
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		int code = errno;
		if (fd >= 0)
			close(fd);
		return error_set(err,
			code == ENOENT || code == ENOTDIR ? TRUCE_ERROR_NOT_FOUND : TRUCE_ERROR_IO,
			code == ENOTDIR ? "an overlay is a directory of files; one file with "
					  "patches is mbox:PATH or diff:PATH"
					: "check the path, and that you may read it",
			"%s%s%s: %s", w->root, depth ? "/" : "", depth ? path : "",
			g_strerror(code));
	}
	g_autoptr(GPtrArray) names = list_names(d);
	bool ok = true;
	for (guint i = 0; i < names->len && ok; i++) {
		const char *entry = g_ptr_array_index(names, i);
		g_autofree char *below =
			*path ? g_strconcat(path, "/", entry, NULL) : g_strdup(entry);
		ok = walk_entry(w, dirfd(d), entry, below, depth, err);
	}
	closedir(d);
	return ok;
}

static int by_path(gconstpointer a, gconstpointer b)
{
	return strcmp((*(overlay_file *const *)a)->path, (*(overlay_file *const *)b)->path);
}

static bool read_files(GPtrArray **files, GPtrArray *notes, const source *s, GError **err)
{
	g_autoptr(GPtrArray) list =
		g_ptr_array_new_with_free_func((GDestroyNotify)overlay_file_free);
	walk w = {.files = list, .notes = notes, .root = s->path};
	if (*s->prefix && !repo_path_is_safe(s->prefix))
		return error_set(err, TRUCE_ERROR_INPUT,
			"the part behind => is a directory inside the tree",
			"%s: path '%s' leaves the tree", s->spec, s->prefix);
	if (!walk_directory(&w, AT_FDCWD, s->path, s->prefix, 0, err))
		return false;
	g_ptr_array_sort(list, by_path);
	*files = g_steal_pointer(&list);
	return true;
}

static bool read_overlay(patch_list **out, const source *s, const source_context *c, GError **err)
{
	(void)c;
	g_autoptr(patch_list) list = patch_list_new();
	g_autoptr(GPtrArray) files = NULL;
	if (!read_files(&files, list->notes, s, err))
		return false;
	if (!files->len)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"name a directory that holds patches, or files to lay over the tree",
			"%s: there are no files in it", s->path);
	g_autofree char *real = realpath(s->path, NULL);
	g_autofree char *name = g_path_get_basename(real ? real : s->path);
	patch *p = patch_new(PATCH_OVERLAY, name);
	p->subject = *s->prefix ? g_strdup_printf("overlay %s on %s", name, s->prefix)
				: g_strdup_printf("overlay %s", name);
	p->message = g_strconcat(p->subject, "\n", NULL);
	g_ptr_array_unref(p->files);
	p->files = g_steal_pointer(&files);
	g_ptr_array_add(list->patches, p);
	*out = g_steal_pointer(&list);
	return true;
}

static bool digest_overlay(digest *d, const source *s, const source_context *c, GError **err)
{
	(void)c;
	g_autoptr(GPtrArray) files = NULL;
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	if (!read_files(&files, notes, s, err))
		return false;
	for (guint i = 0; i < files->len; i++) {
		const overlay_file *f = g_ptr_array_index(files, i);
		gsize len;
		const void *data = g_bytes_get_data(f->data, &len);
		digest_add_text(d, f->path);
		digest_add_number(d, f->mode);
		digest_add(d, data, len);
	}
	return true;
}

const source_kind source_overlay = {"overlay", read_overlay, digest_overlay, 0};
