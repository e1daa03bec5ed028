/* Flat records: numbers and byte strings one after the other, for what goes between processes of
 * one machine and into caches. Self-describing containers cost ten times as much where records
 * are made by the thousands.
 *
 * Each value starts at a multiple of 8, so that what stands inside of a byte string is as aligned
 * as the record is. Numbers are the machine's. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Puts. Bytes are copied. */
void flat_put_number(GByteArray *to, guint64 number);
void flat_put_bytes(GByteArray *to, const void *data, gsize len);
/* With its NUL; NULL differs from "". */
void flat_put_text(GByteArray *to, const char *text);

/* Reads a record whose bytes may be anybody's: nothing outside of them is touched. After the first
 * thing that is not as asked, `bad` stays set and every answer is empty. */
typedef struct flat_reader {
	const guint8 *at, *end;
	bool bad;
} flat_reader;

void flat_reader_init(flat_reader *r, const void *data, gsize len);
guint64 flat_number(flat_reader *r);
/* Borrowed from the record; NULL when there are none. */
const void *flat_bytes(flat_reader *r, gsize *len);
/* Borrowed from the record; NULL when NULL was put, and when `bad`. */
const char *flat_text(flat_reader *r);
/* True when all was read and nothing was bad. */
bool flat_is_read(const flat_reader *r);
