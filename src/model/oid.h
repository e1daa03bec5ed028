/* A git object id (SHA-1), without any of git's library behind it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define OID_BYTES 20
#define OID_HEX 40

typedef struct oid {
	uint8_t bytes[OID_BYTES];
} oid;

/* All zero: "no object", as git writes it on index lines. */
bool oid_is_zero(const oid *id);
bool oid_equal(const oid *a, const oid *b);
int oid_compare(const oid *a, const oid *b);
guint oid_hash(gconstpointer id);             /* GHashFunc */
gboolean oid_equal_key(gconstpointer a, gconstpointer b); /* GEqualFunc */
/* Exactly 40 hex digits, upper or lower case. *out untouched on failure. */
bool oid_parse(oid *out, const char *hex);
/* Writes 40 digits and a NUL; returns `hex`. */
char *oid_format(char hex[OID_HEX + 1], const oid *id);
oid *oid_copy(const oid *id); /* the caller's, g_free */
