/* SHA-256 over a list of parts, each framed by its length so that ("ab","c") and ("a","bc") differ.
 * Used where an identity must last across runs: fingerprints, cache keys, catalogue digests. */
#pragma once

#include <glib.h>
#include <nettle/sha2.h>
#include <stddef.h>

typedef struct digest {
	struct sha256_ctx sum;
} digest;

#define DIGEST_HEX_LEN 64

void digest_init(digest *d);
void digest_clear(digest *d);
void digest_add(digest *d, const void *data, size_t len);
void digest_add_text(digest *d, const char *text); /* NULL differs from "" */
void digest_add_number(digest *d, guint64 number);
/* 64 lower-case hex digits; the caller's. Ends the digest: only digest_clear may follow. */
char *digest_hex(digest *d);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(digest, digest_clear)
