/* Flat records. */
#include "base/flat.h"

#include <string.h>

#define ALIGNMENT 8u
/* The length of a text that is NULL. */
#define NO_TEXT G_MAXUINT64

void flat_put_number(GByteArray *to, guint64 number)
{
	g_byte_array_append(to, (const guint8 *)&number, sizeof number);
}

void flat_put_bytes(GByteArray *to, const void *data, gsize len)
{
	static const guint8 padding[ALIGNMENT] = {0};
	flat_put_number(to, len);
	if (len)
		g_byte_array_append(to, data, (guint)len);
	g_byte_array_append(to, padding, (guint)(ALIGNMENT - len % ALIGNMENT) % ALIGNMENT);
}

void flat_put_text(GByteArray *to, const char *text)
{
	if (text)
		flat_put_bytes(to, text, strlen(text) + 1);
	else
		flat_put_number(to, NO_TEXT);
}

void flat_reader_init(flat_reader *r, const void *data, gsize len)
{
	r->at = data;
	r->end = r->at + (data ? len : 0);
	r->bad = !data && len;
}

guint64 flat_number(flat_reader *r)
{
	guint64 number = 0;
	if (r->bad || (gsize)(r->end - r->at) < sizeof number) {
		r->bad = true;
		return 0;
	}
	memcpy(&number, r->at, sizeof number);
	r->at += sizeof number;
	return number;
}

static const void *take(flat_reader *r, guint64 len)
{
	gsize left = (gsize)(r->end - r->at);
	if (r->bad || len > left || (ALIGNMENT - len % ALIGNMENT) % ALIGNMENT > left - len) {
		r->bad = true;
		return NULL;
	}
	const guint8 *data = r->at;
	r->at += len + (ALIGNMENT - len % ALIGNMENT) % ALIGNMENT;
	return data;
}

const void *flat_bytes(flat_reader *r, gsize *len)
{
	guint64 count = flat_number(r);
	const void *data = take(r, count);
	*len = data ? (gsize)count : 0;
	return *len ? data : NULL;
}

const char *flat_text(flat_reader *r)
{
	guint64 count = flat_number(r);
	if (r->bad || count == NO_TEXT)
		return NULL;
	const char *text = take(r, count);
	if (!text || !count || memchr(text, 0, (gsize)count) != text + count - 1) {
		r->bad = true;
		return NULL;
	}
	return text;
}

bool flat_is_read(const flat_reader *r)
{
	return !r->bad && r->at == r->end;
}
