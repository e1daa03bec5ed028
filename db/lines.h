/* Which patch each line of a hunk came from, in few bytes: patches add many lines in a row. */
#pragma once

#include <glib.h>
#include <stddef.h>

/* Pairs of LEB128 numbers (patch, lines). The caller's. */
GByteArray *lines_encode(const unsigned *by, unsigned count);
/* `count` numbers, the caller's; NULL for bytes that do not tell of exactly so many lines. */
unsigned *lines_decode(const guint8 *at, size_t len, unsigned count);
