/* SHA-256 over a list of framed parts. */
#include "base/digest.h"

#include <string.h>

void digest_init(digest *d)
{
	d->sum = g_checksum_new(G_CHECKSUM_SHA256);
}

void digest_clear(digest *d)
{
	g_clear_pointer(&d->sum, g_checksum_free);
}

void digest_add(digest *d, const void *data, size_t len)
{
	digest_add_number(d, len);
	g_checksum_update(d->sum, data, (gssize)len);
}

void digest_add_text(digest *d, const char *text)
{
	if (text)
		digest_add(d, text, strlen(text));
	else
		digest_add_number(d, G_MAXUINT64);
}

void digest_add_number(digest *d, guint64 number)
{
	guint64 little = GUINT64_TO_LE(number);
	g_checksum_update(d->sum, (const guchar *)&little, sizeof little);
}

char *digest_hex(digest *d)
{
	return g_strdup(g_checksum_get_string(d->sum));
}
