/* Which patch each line of a hunk came from, in few bytes. */
#include "db/lines.h"

#include <stdbool.h>

#include "base/limits.h"

/* Lines of one hunk: no file has more lines than bytes. */
#define HUNK_LINES_MAX LIMIT_FILE_BYTES

static void put_number(GByteArray *out, unsigned value)
{
	guint8 byte;
	do {
		byte = (guint8)(value & 0x7f);
		value >>= 7;
		if (value)
			byte |= 0x80;
		g_byte_array_append(out, &byte, 1);
	} while (value);
}

static bool get_number(const guint8 **at, const guint8 *end, unsigned *value)
{
	guint64 sum = 0;
	for (unsigned shift = 0; *at < end && shift < 35; shift += 7) {
		guint8 byte = *(*at)++;
		sum |= (guint64)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*value = (unsigned)sum;
			return sum <= G_MAXUINT;
		}
	}
	return false;
}

GByteArray *lines_encode(const unsigned *by, unsigned count)
{
	GByteArray *out = g_byte_array_new();
	for (unsigned i = 0; i < count;) {
		unsigned run = 1;
		while (i + run < count && by[i + run] == by[i])
			run++;
		put_number(out, by[i]);
		put_number(out, run);
		i += run;
	}
	return out;
}

/* One pair; false at bytes that are none. */
static bool get_run(const guint8 **at, const guint8 *end, unsigned *patch_n, unsigned *run)
{
	return get_number(at, end, patch_n) && get_number(at, end, run) && *run;
}

/* Looked at before memory is asked for, since a damaged count may claim any number of lines. */
static bool adds_up(const guint8 *at, const guint8 *end, unsigned count)
{
	guint64 sum = 0;
	while (at < end) {
		unsigned n, run;
		if (!get_run(&at, end, &n, &run))
			return false;
		sum += run;
	}
	return sum == count;
}

unsigned *lines_decode(const guint8 *at, size_t len, unsigned count)
{
	const guint8 *end = at + len;
	if (count > HUNK_LINES_MAX || !adds_up(at, end, count))
		return NULL;
	unsigned *by = g_new(unsigned, MAX(count, 1u));
	unsigned filled = 0, n, run;
	while (at < end && get_run(&at, end, &n, &run)) {
		for (; run; run--)
			by[filled++] = n;
	}
	return by;
}
