/* SHA-256 over a list of framed parts. */
#include "base/digest.h"

#include <string.h>

void digest_init(digest *d)
{
	sha256_init(&d->sum);
}

void digest_clear(digest *d)
{
	memset(d, 0, sizeof *d);
}

void digest_add(digest *d, const void *data, size_t len)
{
	digest_add_number(d, len);
	sha256_update(&d->sum, len, data);
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
	sha256_update(&d->sum, sizeof little, (const guint8 *)&little);
}

char *digest_hex(digest *d)
{
	static const char digits[] = "0123456789abcdef";
	guint8 bytes[SHA256_DIGEST_SIZE];
	sha256_digest(&d->sum, sizeof bytes, bytes);
	char *hex = g_malloc(DIGEST_HEX_LEN + 1);
	for (guint i = 0; i < sizeof bytes; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[DIGEST_HEX_LEN] = 0;
	return hex;
}
