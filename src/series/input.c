/* Bytes from the file system: whole files, gzip and xz read through, sizes capped. */
#include "series/input.h"

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/error.h"
#include "base/text.h"

#define CHUNK ((size_t)1 << 20)
/* xz -9 needs 65 MB to unpack; more than this only a bomb asks for. */
#define XZ_MEMORY ((uint64_t)256 << 20)

static bool io_error(const char *path, int code, GError **err)
{
	bool missing = code == ENOENT || code == ENOTDIR;
	return error_set(err, missing ? TRUCE_ERROR_NOT_FOUND : TRUCE_ERROR_IO,
		missing ? "check the path; a relative one counts from where truce runs (-C DIR)"
			: NULL,
		"%s: %s", path, g_strerror(code));
}

static bool too_large(const char *path, size_t limit, GError **err)
{
	return error_set(err, TRUCE_ERROR_LIMIT, "split it, or check that it is what you meant",
		"%s: larger than the %zu bytes that are read", path, limit);
}

/* Reads the first `most` bytes of a file of at most `limit`. */
static bool read_part(GBytes **out, const char *path, size_t limit, size_t most, GError **err)
{
	/* O_NONBLOCK: opening a pipe must not wait for its writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return io_error(path, errno, err);
	struct stat st;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		bool folder = S_ISDIR(st.st_mode);
		return error_set(err, TRUCE_ERROR_IO,
			folder ? "name a file in it, or the directory as patches:DIR, quilt:DIR, "
				 "maildir:DIR or overlay:DIR"
			       : "write what it holds into a file, and name that",
			"%s: %s", path,
			folder ? "a directory, where a file is wanted" : "not a regular file");
	}
	if ((guint64)st.st_size > limit) {
		close(fd);
		return too_large(path, limit, err);
	}
	size_t size = MIN((size_t)st.st_size, most), have = 0;
	g_autofree char *data = g_malloc(size + 1);
	int code = 0;
	while (have < size) {
		ssize_t n = read(fd, data + have, size - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			code = n < 0 ? errno : 0;
			break;
		}
		have += (size_t)n;
	}
	close(fd);
	if (code)
		return io_error(path, code, err);
	*out = g_bytes_new_take(g_steal_pointer(&data), have);
	return true;
}

bool input_read_raw(GBytes **out, const char *path, size_t limit, GError **err)
{
	return read_part(out, path, limit, limit, err);
}

/* Grows `out` by up to a chunk; false at the limit. */
static bool make_room(GByteArray *out, size_t used, size_t limit)
{
	if (used >= limit)
		return false;
	size_t want = MIN(used + MAX(CHUNK, used / 2), limit);
	if (want > G_MAXUINT - CHUNK)
		return false;
	if (want > out->len)
		g_byte_array_set_size(out, (guint)want);
	return true;
}

/* What a decoder made: all of it, or with `partial` as much as was asked for. */
static bool take_made(GBytes **out, GByteArray **made, size_t used, size_t limit, bool whole,
	bool partial, const char *path, const char *kind, GError **err)
{
	if (used > limit && !partial)
		return too_large(path, limit, err);
	if (!whole && !partial)
		return error_set(err, TRUCE_ERROR_INPUT, "fetch the file again",
			"%s: the %s data is cut off or broken", path, kind);
	g_byte_array_set_size(*made, (guint)MIN(used, limit));
	*out = g_byte_array_free_to_bytes(g_steal_pointer(made));
	return true;
}

static bool gunzip(
	GBytes **out, GBytes *packed, const char *path, size_t limit, bool partial, GError **err)
{
	gsize len;
	const guint8 *data = g_bytes_get_data(packed, &len);
	g_autoptr(GByteArray) made = g_byte_array_new();
	size_t used = 0, taken = 0;
	z_stream z = {0};
	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL, "zlib does not start");
	int status = Z_OK;
	bool room = true;
	while (taken < len && room) {
		room = make_room(made, used, limit + 1);
		if (!room)
			break;
		uInt give = (uInt)MIN(len - taken, CHUNK),
		     space = (uInt)MIN(made->len - used, CHUNK);
		z.next_in = (Bytef *)(guintptr)(data + taken);
		z.avail_in = give;
		z.next_out = made->data + used;
		z.avail_out = space;
		status = inflate(&z, Z_NO_FLUSH);
		taken += give - z.avail_in;
		used += space - z.avail_out;
		if (status == Z_STREAM_END) {
			/* gzip files may be joined; zeros are padding. */
			while (taken < len && !data[taken])
				taken++;
			if (taken < len && inflateReset(&z) != Z_OK)
				break;
		} else if (status != Z_OK && !(status == Z_BUF_ERROR && space)) {
			break;
		}
	}
	inflateEnd(&z);
	return take_made(out, &made, room ? used : limit + 1, limit, status == Z_STREAM_END,
		partial, path, "gzip", err);
}

static bool unxz(
	GBytes **out, GBytes *packed, const char *path, size_t limit, bool partial, GError **err)
{
	gsize len;
	const guint8 *data = g_bytes_get_data(packed, &len);
	g_autoptr(GByteArray) made = g_byte_array_new();
	lzma_stream z = LZMA_STREAM_INIT;
	if (lzma_stream_decoder(&z, XZ_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL, "liblzma does not start");
	size_t used = 0;
	bool room = true;
	lzma_ret status = LZMA_OK;
	z.next_in = data;
	z.avail_in = len;
	while (status == LZMA_OK && room) {
		room = make_room(made, used, limit + 1);
		if (!room)
			break;
		z.next_out = made->data + used;
		z.avail_out = made->len - used;
		status = lzma_code(&z, LZMA_FINISH);
		used = made->len - z.avail_out;
	}
	lzma_end(&z);
	return take_made(out, &made, room ? used : limit + 1, limit, status == LZMA_STREAM_END,
		partial, path, "xz", err);
}

static bool unpack(
	GBytes **out, GBytes *raw, const char *path, size_t limit, bool partial, GError **err)
{
	gsize len;
	const char *data = g_bytes_get_data(raw, &len);
	if (len >= 3 && !memcmp(data, "\x1f\x8b\x08", 3))
		return gunzip(out, raw, path, limit, partial, err);
	if (len >= 6 && !memcmp(data, "\xfd\x37zXZ\0", 6))
		return unxz(out, raw, path, limit, partial, err);
	*out = g_bytes_ref(raw);
	return true;
}

/* Editors of other systems put a byte order mark in front of text; git skips it in mails, too. */
static bool skip_mark(GBytes **text, const char *path, GError **err)
{
	gsize len;
	const char *data = g_bytes_get_data(*text, &len);
	if (len >= 2 && (!memcmp(data, "\xff\xfe", 2) || !memcmp(data, "\xfe\xff", 2)))
		return error_set(err, TRUCE_ERROR_INPUT,
			"convert it: iconv -f UTF-16 -t UTF-8 FILE", "%s: text in UTF-16", path);
	if (len >= 3 && !memcmp(data, "\xef\xbb\xbf", 3)) {
		GBytes *rest = g_bytes_new_from_bytes(*text, 3, len - 3);
		g_bytes_unref(*text);
		*text = rest;
	}
	return true;
}

bool input_unpack(GBytes **out, GBytes *raw, const char *path, size_t limit, GError **err)
{
	g_autoptr(GBytes) text = NULL;
	if (!unpack(&text, raw, path, limit, false, err) || !skip_mark(&text, path, err))
		return false;
	*out = g_steal_pointer(&text);
	return true;
}

bool input_read(GBytes **out, const char *path, size_t limit, GError **err)
{
	g_autoptr(GBytes) raw = NULL;
	return input_read_raw(&raw, path, limit, err) && input_unpack(out, raw, path, limit, err);
}

bool input_read_head(GBytes **out, const char *path, size_t limit, GError **err)
{
	g_autoptr(GBytes) raw = NULL;
	g_autoptr(GBytes) text = NULL;
	if (!read_part(&raw, path, SIZE_MAX, limit, err) ||
		!unpack(&text, raw, path, limit, true, err) || !skip_mark(&text, path, err))
		return false;
	*out = g_steal_pointer(&text);
	return true;
}

char *input_base_name(const char *path)
{
	char *name = g_path_get_basename(path);
	if (g_str_has_suffix(name, ".gz") || g_str_has_suffix(name, ".xz"))
		name[strlen(name) - 3] = '\0';
	return name;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
	return text_natural_compare(*(const char *const *)a, *(const char *const *)b);
}

bool input_list(GPtrArray **names, const char *path, GError **err)
{
	GError *failure = NULL;
	GDir *dir = g_dir_open(path, 0, &failure);
	if (!dir) {
		bool missing = g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
			       g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
		error_set(err, missing ? TRUCE_ERROR_NOT_FOUND : TRUCE_ERROR_IO, NULL, "%s",
			failure->message);
		g_error_free(failure);
		return false;
	}
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir))
		if (name[0] != '.')
			g_ptr_array_add(list, g_strdup(name));
	g_dir_close(dir);
	g_ptr_array_sort(list, compare_names);
	*names = list;
	return true;
}

bool input_is_inside(const char *dir, const char *name)
{
	g_autofree char *joined = g_build_filename(dir, name, NULL);
	char *real_dir = realpath(dir, NULL), *real = realpath(joined, NULL);
	bool inside = false;
	if (real_dir && real) {
		size_t n = strlen(real_dir);
		inside = !strncmp(real, real_dir, n) && (real[n] == '/' || !strcmp(real_dir, "/"));
	}
	free(real_dir);
	free(real);
	return inside;
}

GBytes *input_without_cr(GBytes *text)
{
	gsize len;
	const char *p = g_bytes_get_data(text, &len), *end = p + len;
	char *made = g_malloc(len + 1), *to = made;
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t n = newline ? (size_t)(newline - p) + 1 : (size_t)(end - p);
		memcpy(to, p, n);
		to += n;
		if (n >= 2 && to[-1] == '\n' && to[-2] == '\r') {
			to[-2] = '\n';
			to--;
		}
		p += n;
	}
	return g_bytes_new_take(made, (gsize)(to - made));
}
