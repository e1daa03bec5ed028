/* Reading objects out of git's packs: delta chains and inflating. */
#include "git/pack_read.h"

#include <libdeflate.h>
#include <string.h>

#include "base/limits.h"
#include "git/pack_set.h"

/* Git makes chains of 50 and allows 4,095. */
#define CHAIN_MAX 4096u
/* Inflated deltas of one chain. */
#define CHAIN_BYTES ((size_t)64 << 20)
/* Bytes of a pack read at once. Git writes the objects of a chain next to each other, what they
 * are made from first, so that most of the window lies before what is asked for. */
#define WINDOW_BYTES ((size_t)4 << 10)
#define WINDOW_BEFORE ((guint64)1 << 10)
/* The least that is of use of an object: its header and all of a small delta. */
#define LOOK_BYTES ((size_t)2 << 10)
/* Scratch memory that is kept for the next object. */
#define SCRATCH_KEEP ((size_t)1 << 20)

/* Types in packs beside git_object_t. */
#define OFS_DELTA 6u
#define REF_DELTA 7u

typedef struct scratch {
	guint8 *at;
	size_t size;
} scratch;

struct pack_reader {
	pack_set *set;
	struct libdeflate_decompressor *inflater;
	guint last; /* the pack of the last hit */
	guint8 *window;
	const pack_file *window_of; /* NULL: nothing read */
	guint64 window_at;
	size_t window_len;
	scratch far;	  /* an object that is larger than the window */
	scratch deltas;	  /* of the chain, one behind the other */
	scratch texts[2]; /* what the chain's objects are made in, by turns */
	GArray *chain;	  /* link */
};

/* One delta of a chain. */
typedef struct chain_link {
	size_t at, len; /* in deltas */
} chain_link;

pack_reader *pack_reader_new(pack_set *s)
{
	pack_reader *r = g_new0(pack_reader, 1);
	r->set = pack_set_ref(s);
	r->inflater = libdeflate_alloc_decompressor();
	r->window = g_malloc(WINDOW_BYTES);
	r->chain = g_array_new(FALSE, FALSE, sizeof(chain_link));
	return r;
}

void pack_reader_free(pack_reader *r)
{
	if (!r)
		return;
	libdeflate_free_decompressor(r->inflater);
	g_free(r->window);
	g_free(r->far.at);
	g_free(r->deltas.at);
	g_free(r->texts[0].at);
	g_free(r->texts[1].at);
	g_array_unref(r->chain);
	pack_set_unref(r->set);
	g_free(r);
}

/* Room for `size` bytes; what is there stays. */
static guint8 *scratch_room(scratch *s, size_t size)
{
	if (!s->at || s->size < size) {
		s->size = size + size / 2 + 1;
		s->at = g_realloc(s->at, s->size);
	}
	return s->at;
}

static void scratch_trim(scratch *s)
{
	if (s->size <= SCRATCH_KEEP)
		return;
	g_clear_pointer(&s->at, g_free);
	s->size = 0;
}

/* At least `want` bytes of the pack from `offset`, or all that there are; *len tells. They stay
 * until the next call. */
static const guint8 *look(
	pack_reader *r, const pack_file *p, guint64 offset, size_t want, size_t *len)
{
	guint64 rest = offset < p->size ? p->size - offset : 0;
	want = (size_t)MIN((guint64)want, rest);
	if (!rest)
		return NULL;
	if (r->window_of != p || offset < r->window_at ||
		offset + want > r->window_at + r->window_len) {
		if (want > WINDOW_BYTES) {
			*len = want;
			return pack_pread(p->data, scratch_room(&r->far, want), want, offset)
				       ? r->far.at
				       : NULL;
		}
		guint64 before =
			want <= WINDOW_BYTES - WINDOW_BEFORE ? MIN(offset, WINDOW_BEFORE) : 0;
		r->window_of = NULL;
		r->window_at = offset - before;
		r->window_len = (size_t)MIN((guint64)WINDOW_BYTES, p->size - r->window_at);
		if (!pack_pread(p->data, r->window, r->window_len, r->window_at))
			return NULL;
		r->window_of = p;
	}
	*len = (size_t)(r->window_at + r->window_len - offset);
	return r->window + (offset - r->window_at);
}

/* What stands in front of an object in a pack. */
typedef struct object_head {
	unsigned type;
	size_t size;	/* inflated */
	guint64 data;	/* where the deflated bytes begin */
	guint64 parent; /* of a delta: where its base is */
} object_head;

static bool read_size(object_head *h, const guint8 *at, size_t len, size_t *used)
{
	unsigned shift = 4;
	size_t i = 0;
	h->type = at[0] >> 4 & 7;
	h->size = at[0] & 15;
	while (at[i] & 0x80) {
		if (++i >= len || shift > 46)
			return false;
		h->size |= (size_t)(at[i] & 0x7f) << shift;
		shift += 7;
	}
	*used = i + 1;
	return true;
}

/* How far before the delta its base stands. */
static bool read_distance(guint64 *distance, const guint8 *at, size_t len, size_t *used)
{
	size_t i = *used;
	if (i >= len)
		return false;
	guint64 value = at[i] & 0x7f;
	while (at[i] & 0x80) {
		if (++i >= len || value >> 50)
			return false;
		value = (value + 1) << 7 | (at[i] & 0x7f);
	}
	*used = i + 1;
	*distance = value;
	return true;
}

static bool read_head(pack_reader *r, const pack_file *p, guint64 offset, object_head *h)
{
	size_t len, used;
	const guint8 *at = look(r, p, offset, LOOK_BYTES, &len);
	if (!at || !read_size(h, at, len, &used) || h->size > LIMIT_FILE_BYTES)
		return false;
	if (h->type == OFS_DELTA) {
		guint64 distance;
		if (!read_distance(&distance, at, len, &used) || !distance || distance > offset)
			return false;
		h->parent = offset - distance;
	} else if (h->type == REF_DELTA) {
		oid id;
		if (len - used < OID_BYTES)
			return false;
		memcpy(id.bytes, at + used, OID_BYTES);
		used += OID_BYTES;
		if (!pack_find(p, &id, &h->parent))
			return false;
	}
	h->data = offset + used;
	return true;
}

/* The most that zlib makes of `size` bytes: stored blocks. A stream can be longer on purpose;
 * libgit2 reads that. */
static size_t deflated_most(size_t size)
{
	return size + size / 1000 + 64;
}

static bool inflate_from(
	pack_reader *r, const pack_file *p, const object_head *h, guint8 *to, size_t deflated)
{
	size_t len;
	const guint8 *from = look(r, p, h->data, deflated, &len);
	size_t used, made;
	return from &&
	       libdeflate_zlib_decompress_ex(r->inflater, from, len, to, h->size, &used, &made) ==
		       LIBDEFLATE_SUCCESS &&
	       made == h->size;
}

/* How many bytes there are to inflate is written nowhere. Text shrinks to less than half. */
static bool inflate_at(pack_reader *r, const pack_file *p, const object_head *h, guint8 *to)
{
	size_t most = deflated_most(h->size);
	return (most > WINDOW_BYTES && inflate_from(r, p, h, to, most / 2)) ||
	       inflate_from(r, p, h, to, most);
}

/* The numbers at the begin of a delta: seven bits a byte, least first. */
static bool delta_number(const guint8 **at, const guint8 *end, size_t *out)
{
	size_t value = 0;
	for (unsigned shift = 0; *at < end && shift < 49; shift += 7) {
		guint8 byte = *(*at)++;
		value |= (size_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*out = value;
			return true;
		}
	}
	return false;
}

typedef struct text {
	const guint8 *at;
	size_t len;
} text;

/* The size of what a delta makes; false when it is not made for a base of this size. */
static bool delta_size(text delta, size_t base_len, size_t *out)
{
	const guint8 *at = delta.at;
	size_t from;
	return delta_number(&at, delta.at + delta.len, &from) && from == base_len &&
	       delta_number(&at, delta.at + delta.len, out) && *out <= LIMIT_FILE_BYTES;
}

/* Offset (4 bytes at most) or length (3) of a copy: only bytes that are not zero are there. */
static bool copy_number(
	const guint8 **at, const guint8 *end, unsigned present, unsigned bytes, size_t *out)
{
	*out = 0;
	for (unsigned i = 0; i < bytes; i++) {
		if (!(present >> i & 1))
			continue;
		if (*at >= end)
			return false;
		*out |= (size_t) * (*at)++ << (8 * i);
	}
	return true;
}

/* `to` has room for the size that the delta says. */
static bool delta_apply(text delta, text base, guint8 *to, size_t to_len)
{
	const guint8 *at = delta.at, *end = delta.at + delta.len;
	size_t skipped, offset, len;
	guint8 *to_end = to + to_len;
	if (!delta_number(&at, end, &skipped) || !delta_number(&at, end, &skipped))
		return false;
	while (at < end) {
		guint8 op = *at++;
		const guint8 *from = at;
		if (op & 0x80) {
			if (!copy_number(&at, end, op, 4, &offset) ||
				!copy_number(&at, end, op >> 4 & 7, 3, &len))
				return false;
			len = len ? len : 0x10000;
			if (offset > base.len || len > base.len - offset)
				return false;
			from = base.at + offset;
		} else {
			len = op;
			if (!len || len > (size_t)(end - at))
				return false;
			at += len;
		}
		if (len > (size_t)(to_end - to))
			return false;
		memcpy(to, from, len);
		to += len;
	}
	return to == to_end;
}

/* Inflates the deltas from the object at `offset` down to the whole object that its chain begins
 * with, whose head comes back. */
static bool collect_chain(pack_reader *r, const pack_file *p, guint64 offset, object_head *h)
{
	size_t filled = 0;
	g_array_set_size(r->chain, 0);
	for (;;) {
		if (!read_head(r, p, offset, h))
			return false;
		if (h->type != OFS_DELTA && h->type != REF_DELTA)
			return h->type >= GIT_OBJECT_COMMIT && h->type <= GIT_OBJECT_TAG;
		chain_link l = {filled, h->size};
		if (r->chain->len == CHAIN_MAX || h->size > CHAIN_BYTES - filled)
			return false;
		scratch_room(&r->deltas, filled + h->size);
		if (!inflate_at(r, p, h, r->deltas.at + filled))
			return false;
		filled += h->size;
		g_array_append_val(r->chain, l);
		offset = h->parent;
	}
}

/* What a reader wants, and whether an object is too long for it. */
typedef struct reader_limit {
	size_t most;
	bool longer;
} reader_limit;

/* Applies the chain's deltas, last one first, to `base`. The caller's, with room for a byte more.
 */
static guint8 *run_chain(pack_reader *r, text base, size_t *size, reader_limit *limit)
{
	for (guint i = r->chain->len; i-- > 0;) {
		const chain_link *l = &g_array_index(r->chain, chain_link, i);
		const text delta = {r->deltas.at + l->at, l->len};
		if (!delta_size(delta, base.len, size))
			return NULL;
		limit->longer = !i && *size > limit->most;
		if (limit->longer)
			return NULL;
		guint8 *to = i ? scratch_room(&r->texts[i & 1], *size) : g_malloc(*size + 1);
		if (!delta_apply(delta, base, to, *size)) {
			if (!i)
				g_free(to);
			return NULL;
		}
		if (!i)
			return to;
		base = (text){to, *size};
	}
	return NULL;
}

static GBytes *read_at(
	pack_reader *r, const pack_file *p, guint64 offset, git_object_t *type, reader_limit *limit)
{
	object_head h;
	if (!collect_chain(r, p, offset, &h))
		return NULL;
	size_t size = h.size;
	bool whole = !r->chain->len;
	limit->longer = whole && size > limit->most;
	if (limit->longer)
		return NULL;
	guint8 *base =
		whole ? g_malloc(size + 1) : scratch_room(&r->texts[r->chain->len & 1], size);
	guint8 *made = NULL;
	if (inflate_at(r, p, &h, base))
		made = whole ? base : run_chain(r, (text){base, size}, &size, limit);
	if (whole && !made)
		g_free(base);
	if (!made)
		return NULL;
	*type = (git_object_t)h.type;
	made[size] = 0;
	return g_bytes_new_take(made, size);
}

/* The pack that holds the object, and where; NULL for `offset`: that is not asked. */
static const pack_file *find(pack_reader *r, const oid *id, guint64 *offset)
{
	for (guint i = 0; i < r->set->packs->len; i++) {
		guint n = (r->last + i) % r->set->packs->len;
		const pack_file *p = &g_array_index(r->set->packs, pack_file, n);
		if (!(offset ? pack_find(p, id, offset) : pack_has(p, id)))
			continue;
		r->last = n;
		return p;
	}
	return NULL;
}

bool pack_reader_has(pack_reader *r, const oid *id)
{
	return find(r, id, NULL) != NULL;
}

GBytes *pack_reader_read_most(
	pack_reader *r, const oid *id, git_object_t *type, size_t most, bool *longer)
{
	guint64 offset;
	reader_limit limit = {.most = most};
	const pack_file *p = find(r, id, &offset);
	GBytes *data = p ? read_at(r, p, offset, type, &limit) : NULL;
	scratch_trim(&r->far);
	scratch_trim(&r->deltas);
	scratch_trim(&r->texts[0]);
	scratch_trim(&r->texts[1]);
	*longer = limit.longer;
	return data;
}

GBytes *pack_reader_read(pack_reader *r, const oid *id, git_object_t *type)
{
	bool longer;
	return pack_reader_read_most(r, id, type, LIMIT_FILE_BYTES, &longer);
}
