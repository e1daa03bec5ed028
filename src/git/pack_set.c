/* The packs of a repository and where an object stands in them. Files are read by position, not
 * mapped: what is mapped counts as this process's memory, and the index of Linux alone has 50 MB.
 */
#include "git/pack_set.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "git/pack_read.h"

/* Packs that are looked into; each costs two open files and a look for every object. git gc
 * joins packs from 50 on. */
#define PACKS_MAX 60u
/* Alternates of alternates: git follows five. */
#define ALTERNATES_DEPTH 5u
#define ALTERNATES_BYTES ((gsize)1 << 20)

#define CHECKSUM_BYTES 20u
#define INDEX_HEADER 8u
#define FANOUT_BYTES (256u * 4u)

/* Ids read at once when one is looked for. */
#define IDS_AT_ONCE 200u

bool pack_pread(int fd, void *to, size_t len, guint64 offset)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pread(fd, (char *)to + done, len - done, (off_t)(offset + done));
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static guint32 count_of(const pack_file *p)
{
	return p->fanout[255];
}

static guint64 ids_at(guint32 n)
{
	return INDEX_HEADER + FANOUT_BYTES + (guint64)n * OID_BYTES;
}

static guint64 offsets_at(const pack_file *p)
{
	return ids_at(count_of(p)) + (guint64)count_of(p) * 4;
}

static bool read_fanout(pack_file *p)
{
	guint32 raw[256];
	if (!pack_pread(p->index, raw, sizeof raw, INDEX_HEADER))
		return false;
	for (unsigned i = 0; i < 256; i++) {
		p->fanout[i] = GUINT32_FROM_BE(raw[i]);
		if (i && p->fanout[i] < p->fanout[i - 1])
			return false;
	}
	return true;
}

/* The index and the pack must be of the versions that git writes, and as large as they say. */
static bool check_files(pack_file *p)
{
	static const guint8 index_magic[] = {0xff, 't', 'O', 'c', 0, 0, 0, 2};
	static const guint8 pack_magic[] = {'P', 'A', 'C', 'K', 0, 0, 0, 2};
	guint8 header[INDEX_HEADER];
	struct stat index, data;
	if (fstat(p->index, &index) || fstat(p->data, &data) ||
		!pack_pread(p->index, header, sizeof header, 0) ||
		memcmp(header, index_magic, sizeof header) != 0 ||
		!pack_pread(p->data, header, sizeof header, 0) ||
		memcmp(header, pack_magic, sizeof header) != 0 || !read_fanout(p))
		return false;
	guint64 end = offsets_at(p) + (guint64)count_of(p) * 4 + 2 * CHECKSUM_BYTES;
	if ((guint64)index.st_size < end || data.st_size < (off_t)(12 + CHECKSUM_BYTES))
		return false;
	p->large_count = ((guint64)index.st_size - end) / 8;
	p->size = (guint64)data.st_size - CHECKSUM_BYTES;
	return true;
}

static void close_pack(gpointer pack)
{
	pack_file *p = pack;
	if (p->index >= 0)
		close(p->index);
	if (p->data >= 0)
		close(p->data);
}

static void add_pack(GArray *packs, const char *folder, const char *index_name)
{
	g_autofree char *stem = g_strndup(index_name, strlen(index_name) - strlen(".idx"));
	g_autofree char *index = g_strdup_printf("%s/%s.idx", folder, stem);
	g_autofree char *data = g_strdup_printf("%s/%s.pack", folder, stem);
	pack_file p = {.index = open(index, O_RDONLY | O_CLOEXEC),
		.data = open(data, O_RDONLY | O_CLOEXEC)};
	if (p.index >= 0 && p.data >= 0 && check_files(&p))
		g_array_append_val(packs, p);
	else
		close_pack(&p);
}

static void add_folder(GArray *packs, const char *objects_dir)
{
	g_autofree char *folder = g_build_filename(objects_dir, "pack", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;
	while (dir && packs->len < PACKS_MAX && (name = g_dir_read_name(dir)))
		if (g_str_has_prefix(name, "pack-") && g_str_has_suffix(name, ".idx"))
			add_pack(packs, folder, name);
}

static void add_all(GArray *packs, const char *objects_dir, unsigned depth)
{
	add_folder(packs, objects_dir);
	g_autofree char *path = g_build_filename(objects_dir, "info", "alternates", NULL);
	g_autofree char *text = NULL;
	gsize len;
	if (depth == ALTERNATES_DEPTH || !g_file_get_contents(path, &text, &len, NULL) ||
		len > ALTERNATES_BYTES)
		return;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (unsigned i = 0; lines[i]; i++) {
		/* A quoted path is for libgit2 to read. */
		if (!*lines[i] || *lines[i] == '#' || *lines[i] == '"')
			continue;
		g_autofree char *other = g_path_is_absolute(lines[i])
						 ? g_strdup(lines[i])
						 : g_build_filename(objects_dir, lines[i], NULL);
		add_all(packs, other, depth + 1);
	}
}

static int larger_first(gconstpointer a, gconstpointer b)
{
	guint32 x = count_of(a), y = count_of(b);
	return (x < y) - (x > y);
}

pack_set *pack_set_open(const char *objects_dir)
{
	pack_set *s = g_new0(pack_set, 1);
	s->refs = 1;
	s->packs = g_array_new(FALSE, FALSE, sizeof(pack_file));
	g_array_set_clear_func(s->packs, close_pack);
	add_all(s->packs, objects_dir, 0);
	g_array_sort(s->packs, larger_first);
	return s;
}

pack_set *pack_set_ref(pack_set *s)
{
	g_atomic_int_inc(&s->refs);
	return s;
}

void pack_set_unref(pack_set *s)
{
	if (!s || !g_atomic_int_dec_and_test(&s->refs))
		return;
	g_array_unref(s->packs);
	g_free(s);
}

static bool read_offset(const pack_file *p, guint32 n, guint64 *offset)
{
	guint32 small;
	guint64 large;
	if (!pack_pread(p->index, &small, sizeof small, offsets_at(p) + (guint64)n * 4))
		return false;
	*offset = GUINT32_FROM_BE(small);
	if (!(*offset & 0x80000000u))
		return true;
	guint64 k = *offset & 0x7fffffffu;
	if (k >= p->large_count || !pack_pread(p->index, &large, sizeof large,
					   offsets_at(p) + (guint64)count_of(p) * 4 + k * 8))
		return false;
	*offset = GUINT64_FROM_BE(large);
	return true;
}

static int compare_ids(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, OID_BYTES);
}

/* Which of the pack's ids it is, from 0. */
static bool find_id(const pack_file *p, const oid *id, guint32 *n)
{
	guint8 ids[IDS_AT_ONCE][OID_BYTES];
	guint32 low = id->bytes[0] ? p->fanout[id->bytes[0] - 1] : 0;
	guint32 high = p->fanout[id->bytes[0]];
	/* Ids are spread evenly: the next bytes say how far into the range this one stands, and
	 * mostly the first look finds it. */
	guint32 spread;
	memcpy(&spread, id->bytes + 1, sizeof spread);
	guint64 part = GUINT32_FROM_BE(spread);
	while (low < high) {
		guint32 guess = low + (guint32)(((guint64)(high - low) * part) >> 32);
		guint32 first = guess > low + IDS_AT_ONCE / 2 ? guess - IDS_AT_ONCE / 2 : low;
		guint32 count = MIN(IDS_AT_ONCE, high - first);
		if (!pack_pread(p->index, ids, (size_t)count * OID_BYTES, ids_at(first)))
			return false;
		if (memcmp(id->bytes, ids[0], OID_BYTES) < 0) {
			high = first;
		} else if (memcmp(id->bytes, ids[count - 1], OID_BYTES) > 0) {
			low = first + count;
		} else {
			const guint8 *hit = bsearch(id->bytes, ids, count, OID_BYTES, compare_ids);
			if (hit)
				*n = first + (guint32)(hit - ids[0]) / OID_BYTES;
			return hit != NULL;
		}
		part = G_GUINT64_CONSTANT(1) << 31; /* from now on the middle */
	}
	return false;
}

bool pack_find(const pack_file *p, const oid *id, guint64 *offset)
{
	guint32 n;
	return find_id(p, id, &n) && read_offset(p, n, offset);
}

bool pack_has(const pack_file *p, const oid *id)
{
	guint32 n;
	return find_id(p, id, &n);
}
