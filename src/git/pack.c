/* Writing a git pack with its index. libgit2's packbuilder searches for deltas and its indexer
 * inflates everything again; objects that were just made need neither. */
#include "git/pack.h"
#include "git/deflate.h"
#include "git/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <libdeflate.h>
#include <nettle/sha1.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHA1_BYTES 20
#define WRITE_BUFFER ((size_t)1 << 20)

/* A file being written, with the SHA-1 of everything so far. */
typedef struct sink {
	int fd;
	char *path; /* temporary; NULL once it has its name */
	struct sha1_ctx sum;
	GByteArray *buffer;
	guint64 size;
} sink;

static void sink_clear(sink *s)
{
	if (s->fd >= 0)
		close(s->fd);
	if (s->path)
		g_unlink(s->path);
	g_free(s->path);
	g_clear_pointer(&s->buffer, g_byte_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sink, sink_clear)

static bool io_error(GError **err, const char *path)
{
	int number = errno;
	return error_set(err, TRUCE_ERROR_IO,
		"truce needs to write objects and refs/truce/ into the repository",
		"%s cannot be written: %s", path, g_strerror(number));
}

static bool sink_open(sink *s, const char *folder, const char *name, GError **err)
{
	s->path = g_build_filename(folder, name, NULL);
	s->fd = g_mkstemp_full(s->path, O_RDWR | O_CLOEXEC, 0444);
	if (s->fd < 0) {
		io_error(err, s->path);
		g_clear_pointer(&s->path, g_free);
		return false;
	}
	sha1_init(&s->sum);
	s->buffer = g_byte_array_sized_new(WRITE_BUFFER);
	return true;
}

static bool sink_drain(sink *s, GError **err)
{
	for (size_t at = 0; at < s->buffer->len;) {
		ssize_t wrote = write(s->fd, s->buffer->data + at, s->buffer->len - at);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return io_error(err, s->path);
		at += (size_t)wrote;
	}
	g_byte_array_set_size(s->buffer, 0);
	return true;
}

static bool sink_put(sink *s, const void *data, size_t len, GError **err)
{
	sha1_update(&s->sum, len, data);
	s->size += len;
	g_byte_array_append(s->buffer, data, (guint)len);
	return s->buffer->len < WRITE_BUFFER || sink_drain(s, err);
}

static bool sink_put32(sink *s, guint32 number, GError **err)
{
	guint32 big = GUINT32_TO_BE(number);
	return sink_put(s, &big, sizeof big, err);
}

/* Ends the file with its own SHA-1, which comes back in `digest`. */
static bool sink_finish(sink *s, guint8 digest[SHA1_BYTES], GError **err)
{
	sha1_digest(&s->sum, SHA1_BYTES, digest);
	g_byte_array_append(s->buffer, digest, SHA1_BYTES);
	if (!sink_drain(s, err))
		return false;
	return !fsync(s->fd) || io_error(err, s->path);
}

static bool sink_rename(sink *s, const char *path, GError **err)
{
	if (g_rename(s->path, path))
		return io_error(err, path);
	g_clear_pointer(&s->path, g_free);
	return true;
}

typedef struct packed {
	const pending_object *object;
	guint64 offset;
	guint32 crc;
} packed;

static bool put_object(sink *pack, packed *p, GError **err)
{
	const pending_object *o = p->object;
	guint8 header[16];
	size_t len = 0, rest = o->size;
	header[len] = (guint8)((guint)o->type << 4 | (rest & 15));
	rest >>= 4;
	while (rest) {
		header[len++] |= 0x80;
		header[len] = rest & 0x7f;
		rest >>= 7;
	}
	len++;
	p->offset = pack->size;
	guint32 crc = libdeflate_crc32(0, header, len);
	p->crc = libdeflate_crc32(crc, o->deflated, o->deflated_size);
	return sink_put(pack, header, len, err) &&
	       sink_put(pack, o->deflated, o->deflated_size, err);
}

static int compare_packed(gconstpointer a, gconstpointer b)
{
	return oid_compare(&((const packed *)a)->object->id, &((const packed *)b)->object->id);
}

#define LARGE_OFFSET 0x80000000u

/* `entries` sorted by id. */
static bool put_index(
	sink *index, const GArray *entries, const guint8 pack_digest[SHA1_BYTES], GError **err)
{
	static const guint8 magic[8] = {0xff, 't', 'O', 'c', 0, 0, 0, 2};
	if (!sink_put(index, magic, sizeof magic, err))
		return false;
	guint at = 0;
	for (unsigned first = 0; first < 256; first++) {
		while (at < entries->len &&
			g_array_index(entries, packed, at).object->id.bytes[0] <= first)
			at++;
		if (!sink_put32(index, at, err))
			return false;
	}
	for (guint i = 0; i < entries->len; i++)
		if (!sink_put(index, g_array_index(entries, packed, i).object->id.bytes, OID_BYTES,
			    err))
			return false;
	for (guint i = 0; i < entries->len; i++)
		if (!sink_put32(index, g_array_index(entries, packed, i).crc, err))
			return false;
	guint32 large = 0;
	for (guint i = 0; i < entries->len; i++) {
		guint64 offset = g_array_index(entries, packed, i).offset;
		guint32 field = offset < LARGE_OFFSET ? (guint32)offset : LARGE_OFFSET | large++;
		if (!sink_put32(index, field, err))
			return false;
	}
	for (guint i = 0; i < entries->len; i++) {
		guint64 offset = g_array_index(entries, packed, i).offset;
		if (offset >= LARGE_OFFSET && (!sink_put32(index, (guint32)(offset >> 32), err) ||
						      !sink_put32(index, (guint32)offset, err)))
			return false;
	}
	return sink_put(index, pack_digest, SHA1_BYTES, err);
}

bool pack_write(const char *folder, const GPtrArray *objects, GError **err)
{
	deflate_objects((pending_object **)objects->pdata, objects->len);
	g_auto(sink) pack = {.fd = -1};
	g_auto(sink) index = {.fd = -1};
	if (g_mkdir_with_parents(folder, 0777))
		return io_error(err, folder);
	if (!sink_open(&pack, folder, "tmp_pack_XXXXXX", err) || !sink_put(&pack, "PACK", 4, err) ||
		!sink_put32(&pack, 2, err) || !sink_put32(&pack, objects->len, err))
		return false;
	g_autoptr(GArray) entries = g_array_sized_new(FALSE, FALSE, sizeof(packed), objects->len);
	for (guint i = 0; i < objects->len; i++) {
		packed p = {g_ptr_array_index(objects, i), 0, 0};
		if (!put_object(&pack, &p, err))
			return false;
		g_array_append_val(entries, p);
	}
	guint8 digest[SHA1_BYTES], unused[SHA1_BYTES];
	if (!sink_finish(&pack, digest, err))
		return false;
	g_array_sort(entries, compare_packed);
	if (!sink_open(&index, folder, "tmp_idx_XXXXXX", err) ||
		!put_index(&index, entries, digest, err) || !sink_finish(&index, unused, err))
		return false;
	oid name;
	memcpy(name.bytes, digest, SHA1_BYTES);
	char hex[OID_HEX + 1];
	g_autofree char *stem = g_strdup_printf("%s/pack-%s", folder, oid_format(hex, &name));
	g_autofree char *pack_path = g_strconcat(stem, ".pack", NULL);
	g_autofree char *index_path = g_strconcat(stem, ".idx", NULL);
	/* The same name means the same bytes: renaming over it changes nothing. */
	return sink_rename(&pack, pack_path, err) && sink_rename(&index, index_path, err);
}
