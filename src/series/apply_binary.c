/* Binary content out of a patch: literals, and git's delta format (gitformat-pack, "Deltified
 * representation"). */
#include "series/apply_binary.h"

#include <string.h>

#include "base/limits.h"

/* A cursor in the instructions. Every read checks the end. */
typedef struct cursor {
	const guint8 *at, *end;
} cursor;

static bool read_byte(cursor *c, guint8 *out)
{
	if (c->at >= c->end)
		return false;
	*out = *c->at++;
	return true;
}

/* Seven bits a byte, lowest first. */
static bool read_size(cursor *c, guint64 *out)
{
	guint64 size = 0;
	guint8 byte = 0x80;
	for (unsigned shift = 0; byte & 0x80; shift += 7) {
		if (shift > 56 || !read_byte(c, &byte))
			return false;
		size |= (guint64)(byte & 0x7f) << shift;
	}
	*out = size;
	return true;
}

/* A copy instruction's offset and size: the flags in `op` say which bytes follow. */
static bool read_copy(cursor *c, guint8 op, size_t *offset, size_t *size)
{
	size_t value[2] = {0, 0};
	for (unsigned bit = 0; bit < 7; bit++) {
		guint8 byte;
		if (!(op & 1u << bit))
			continue;
		if (!read_byte(c, &byte))
			return false;
		value[bit / 4] |= (size_t)byte << 8 * (bit % 4);
	}
	*offset = value[0];
	*size = value[1] ? value[1] : 0x10000;
	return true;
}

static bool run_delta(cursor *c, const guint8 *old, size_t old_size, guint8 *new, size_t new_size)
{
	size_t made = 0;
	guint8 op;
	while (read_byte(c, &op)) {
		const guint8 *from = c->at;
		size_t offset, size = op;
		if (op & 0x80) {
			if (!read_copy(c, op, &offset, &size) || offset > old_size ||
				size > old_size - offset)
				return false;
			from = old + offset;
		} else {
			if (!op || size > (size_t)(c->end - c->at))
				return false;
			c->at += size;
		}
		if (size > new_size - made)
			return false;
		memcpy(new + made, from, size);
		made += size;
	}
	return made == new_size;
}

static bool apply_delta(GBytes **out, GBytes *delta, GBytes *old)
{
	size_t delta_size, old_size = 0;
	const guint8 *data = g_bytes_get_data(delta, &delta_size);
	const guint8 *source = old ? g_bytes_get_data(old, &old_size) : NULL;
	cursor c = {data, data + delta_size};
	guint64 from_size, to_size;
	if (!read_size(&c, &from_size) || !read_size(&c, &to_size) || from_size != old_size ||
		to_size > LIMIT_FILE_BYTES)
		return false;
	guint8 *made = g_malloc(to_size ? to_size : 1);
	if (!run_delta(&c, source, old_size, made, to_size)) {
		g_free(made);
		return false;
	}
	*out = g_bytes_new_take(made, to_size);
	return true;
}

bool binary_apply(GBytes **out, const patch_binary *half, GBytes *old)
{
	switch (half->kind) {
	case PATCH_BINARY_LITERAL:
		*out = g_bytes_ref(half->data);
		return true;
	case PATCH_BINARY_DELTA:
		return apply_delta(out, half->data, old);
	case PATCH_BINARY_NONE:
	case PATCH_BINARY_OMITTED:
		break;
	}
	return false;
}
