/* A git object id (SHA-1). */
#include "model/oid.h"

#include <string.h>

bool oid_is_zero(const oid *id)
{
	static const oid zero;
	return !memcmp(id, &zero, sizeof zero);
}

bool oid_equal(const oid *a, const oid *b)
{
	return !memcmp(a->bytes, b->bytes, OID_BYTES);
}

int oid_compare(const oid *a, const oid *b)
{
	return memcmp(a->bytes, b->bytes, OID_BYTES);
}

guint oid_hash(gconstpointer id)
{
	guint hash;
	memcpy(&hash, id, sizeof hash); /* already uniform */
	return hash;
}

gboolean oid_equal_key(gconstpointer a, gconstpointer b)
{
	return oid_equal(a, b);
}

bool oid_parse(oid *out, const char *hex)
{
	oid parsed;
	if (strlen(hex) != OID_HEX)
		return false;
	for (int i = 0; i < OID_BYTES; i++) {
		int high = g_ascii_xdigit_value(hex[2 * i]);
		int low = g_ascii_xdigit_value(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		parsed.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*out = parsed;
	return true;
}

char *oid_format(char hex[OID_HEX + 1], const oid *id)
{
	static const char digit[] = "0123456789abcdef";
	for (int i = 0; i < OID_BYTES; i++) {
		hex[2 * i] = digit[id->bytes[i] >> 4];
		hex[2 * i + 1] = digit[id->bytes[i] & 15];
	}
	hex[OID_HEX] = '\0';
	return hex;
}

oid *oid_copy(const oid *id)
{
	return g_memdup2(id, sizeof *id);
}
