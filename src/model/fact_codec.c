/* Fact sets as records of bytes, for caches and worker processes.
 *
 * A head of numbers, the strings (each once, ended by NUL), then rows of 32-bit numbers; a string
 * is told by its place among the strings. Numbers are the machine's. A kernel tree's facts are
 * encoded and decoded by the ten thousands: rows of plain numbers cost a tenth of what
 * self-describing containers do. */
#include "model/fact.h"

#include <string.h>

/* Raise when the encoding below changes: older cache records are then read again. */
#define FACT_FORMAT 0x54460002u

#define ENTITY_NUMBERS 15u
#define USE_NUMBERS 8u
#define SEEN_NUMBERS 2u
#define DIAGNOSTIC_NUMBERS 4u

/* The head: where which number stands. */
enum head {
	HEAD_FORMAT,
	HEAD_BLOB, /* and the four behind it */
	HEAD_STRINGS = HEAD_BLOB + OID_BYTES / 4,
	HEAD_STRING_WORDS, /* bytes of all strings, rounded up, / 4 */
	HEAD_ENTITIES,
	HEAD_USES,
	HEAD_SEEN,
	HEAD_DIAGNOSTICS,
	HEAD_CLEAN,
	HEAD_UNITS,
	HEAD_NUMBERS
};

G_STATIC_ASSERT(sizeof(guint32) == 4 && OID_BYTES % 4 == 0);

/* --- encoding --- */

typedef struct encoder {
	GHashTable *places; /* string -> its place + 1 */
	GByteArray *strings;
	GArray *rows; /* guint32 */
} encoder;

static void put(encoder *e, guint32 number)
{
	g_array_append_val(e->rows, number);
}

static void put_text(encoder *e, const char *text)
{
	guint place = GPOINTER_TO_UINT(g_hash_table_lookup(e->places, text));
	if (!place) {
		place = g_hash_table_size(e->places) + 1;
		g_hash_table_insert(e->places, (gpointer)text, GUINT_TO_POINTER(place));
		g_byte_array_append(e->strings, (const guint8 *)text, (guint)strlen(text) + 1);
	}
	put(e, place - 1);
}

static void put_long(encoder *e, guint64 number)
{
	put(e, (guint32)number);
	put(e, (guint32)(number >> 32));
}

static void put_rows(encoder *e, const fact_set *f)
{
	for (guint i = 0; i < f->entities->len; i++) {
		const entity *n = &g_array_index(f->entities, entity, i);
		put(e, n->kind);
		put(e, n->reader);
		put(e, n->flags);
		put(e, n->line);
		put(e, n->end_line);
		put_text(e, n->name);
		put_text(e, n->parent);
		put_text(e, n->signature);
		put_text(e, n->value);
		put_text(e, n->condition);
		put_long(e, n->body[0]);
		put_long(e, n->body[1]);
		put(e, n->tokens);
	}
	for (guint i = 0; i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		put(e, u->kind);
		put(e, u->reader);
		put(e, u->line);
		put(e, u->column);
		put_text(e, u->name);
		put_text(e, u->detail);
		put_text(e, u->in);
		put_text(e, u->condition);
	}
	for (guint i = 0; i < f->seen->len; i++) {
		put(e, g_array_index(f->seen, line_range, i).first);
		put(e, g_array_index(f->seen, line_range, i).last);
	}
	for (guint i = 0; i < f->diagnostics->len; i++) {
		const diagnostic *d = &g_array_index(f->diagnostics, diagnostic, i);
		put(e, d->level);
		put_text(e, d->path);
		put(e, d->line);
		put_text(e, d->text);
	}
}

GBytes *fact_set_encode(const fact_set *f)
{
	encoder e = {g_hash_table_new(g_str_hash, g_str_equal), g_byte_array_new(),
		g_array_new(FALSE, FALSE, sizeof(guint32))};
	put_text(&e, f->path); /* the first string; its row number goes unused */
	g_array_set_size(e.rows, 0);
	put_rows(&e, f);
	static const guint8 padding[4] = {0};
	g_byte_array_append(e.strings, padding, (4 - e.strings->len % 4) % 4);
	guint32 head[HEAD_NUMBERS] = {
		[HEAD_FORMAT] = FACT_FORMAT,
		[HEAD_STRINGS] = g_hash_table_size(e.places),
		[HEAD_STRING_WORDS] = e.strings->len / 4,
		[HEAD_ENTITIES] = f->entities->len,
		[HEAD_USES] = f->uses->len,
		[HEAD_SEEN] = f->seen->len,
		[HEAD_DIAGNOSTICS] = f->diagnostics->len,
		[HEAD_CLEAN] = f->clean,
		[HEAD_UNITS] = f->units,
	};
	memcpy(&head[HEAD_BLOB], f->blob.bytes, OID_BYTES);
	gsize rows = (gsize)e.rows->len * sizeof(guint32);
	gsize total = sizeof head + e.strings->len + rows;
	guint8 *out = g_malloc(total);
	memcpy(out, head, sizeof head);
	memcpy(out + sizeof head, e.strings->data, e.strings->len);
	if (rows)
		memcpy(out + sizeof head + e.strings->len, e.rows->data, rows);
	g_hash_table_unref(e.places);
	g_byte_array_unref(e.strings);
	g_array_unref(e.rows);
	return g_bytes_new_take(out, total);
}

/* --- decoding: nothing of the bytes is believed --- */

typedef struct decoder {
	const guint8 *at; /* the next number of the rows */
	const char **strings;
	guint32 count;
	bool sound;
} decoder;

static guint32 take(decoder *d)
{
	guint32 number;
	memcpy(&number, d->at, sizeof number);
	d->at += sizeof number;
	return number;
}

static const char *take_text(decoder *d)
{
	guint32 place = take(d);
	if (place < d->count)
		return d->strings[place];
	d->sound = false;
	return "";
}

static guint64 take_long(decoder *d)
{
	guint64 low = take(d);
	return low | (guint64)take(d) << 32;
}

static void take_rows(decoder *d, fact_set *f, const guint32 *head)
{
	for (guint32 i = 0; i < head[HEAD_ENTITIES] && d->sound; i++) {
		entity n;
		guint32 kind = take(d), reader = take(d);
		d->sound = kind < ENTITY_KINDS && reader <= READER_TEXT;
		n.kind = (entity_kind)kind;
		n.reader = (fact_reader)reader;
		n.flags = take(d);
		n.line = take(d);
		n.end_line = take(d);
		n.name = take_text(d);
		n.parent = take_text(d);
		n.signature = take_text(d);
		n.value = take_text(d);
		n.condition = take_text(d);
		n.body[0] = take_long(d);
		n.body[1] = take_long(d);
		n.tokens = take(d);
		g_array_append_val(f->entities, n);
	}
	for (guint32 i = 0; i < head[HEAD_USES] && d->sound; i++) {
		use u;
		guint32 kind = take(d), reader = take(d);
		d->sound = kind < USE_KINDS && reader <= READER_TEXT;
		u.kind = (use_kind)kind;
		u.reader = (fact_reader)reader;
		u.line = take(d);
		u.column = take(d);
		u.name = take_text(d);
		u.detail = take_text(d);
		u.in = take_text(d);
		u.condition = take_text(d);
		g_array_append_val(f->uses, u);
	}
	for (guint32 i = 0; i < head[HEAD_SEEN] && d->sound; i++) {
		guint32 first = take(d), last = take(d);
		d->sound = first && first <= last;
		fact_set_add_seen(f, first, last);
	}
	for (guint32 i = 0; i < head[HEAD_DIAGNOSTICS] && d->sound; i++) {
		diagnostic g = {take(d) ? DIAGNOSTIC_ERROR : DIAGNOSTIC_WARNING, NULL, 0, NULL};
		g.path = take_text(d);
		g.line = take(d);
		g.text = take_text(d);
		g_array_append_val(f->diagnostics, g);
	}
}

/* True when the record is exactly as long as its head says. */
static bool lengths_fit(const guint32 *head, gsize len)
{
	guint64 numbers =
		(guint64)head[HEAD_STRING_WORDS] + (guint64)head[HEAD_ENTITIES] * ENTITY_NUMBERS +
		(guint64)head[HEAD_USES] * USE_NUMBERS + (guint64)head[HEAD_SEEN] * SEEN_NUMBERS +
		(guint64)head[HEAD_DIAGNOSTICS] * DIAGNOSTIC_NUMBERS + HEAD_NUMBERS;
	return numbers * 4 == len && head[HEAD_STRINGS] &&
	       head[HEAD_STRINGS] <= (guint64)head[HEAD_STRING_WORDS] * 4;
}

/* The strings of the record, each ended by NUL; NULL when they are not all there. */
static const char **find_strings(const guint32 *head, const char *text)
{
	const char *end = text + (gsize)head[HEAD_STRING_WORDS] * 4;
	g_autofree const char **strings = g_new(const char *, head[HEAD_STRINGS]);
	for (guint32 i = 0; i < head[HEAD_STRINGS]; i++) {
		const char *stop = text < end ? memchr(text, 0, (size_t)(end - text)) : NULL;
		if (!stop)
			return NULL;
		strings[i] = text;
		text = stop + 1;
	}
	return g_steal_pointer(&strings);
}

fact_set *fact_set_decode(GBytes *bytes)
{
	gsize len;
	const guint8 *data = g_bytes_get_data(bytes, &len);
	guint32 head[HEAD_NUMBERS];
	if (len < sizeof head)
		return NULL;
	memcpy(head, data, sizeof head);
	if (head[HEAD_FORMAT] != FACT_FORMAT || !lengths_fit(head, len))
		return NULL;
	g_autofree const char **strings = find_strings(head, (const char *)data + sizeof head);
	if (!strings)
		return NULL;
	oid id;
	memcpy(id.bytes, &head[HEAD_BLOB], OID_BYTES);
	g_autoptr(fact_set) f = fact_set_new(strings[0], &id);
	for (guint32 i = 0; i < head[HEAD_STRINGS]; i++)
		strings[i] = fact_set_string(f, strings[i]);
	decoder d = {data + sizeof head + (gsize)head[HEAD_STRING_WORDS] * 4, strings,
		head[HEAD_STRINGS], true};
	take_rows(&d, f, head);
	f->clean = head[HEAD_CLEAN];
	f->units = head[HEAD_UNITS];
	return d.sound ? g_steal_pointer(&f) : NULL;
}
