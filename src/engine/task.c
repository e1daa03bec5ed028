/* Tasks and answers as bytes. */
#include "engine/task.h"

#include <string.h>

#include "analyzers/list.h"
#include "base/flat.h"

/* What is kept by the thousand in caches: raise when the encoding below changes. */
#define ANSWER_FORMAT G_GUINT64_CONSTANT(0x5452414e53000002)

/* Configurations whose headers a process keeps at most: some MB; a run has some dozens. */
#define TASKS_KEPT 64u

/* --- tasks --- */

static void put_blob(GByteArray *to, const oid *id)
{
	flat_put_bytes(to, id->bytes, OID_BYTES);
}

static bool take_blob(flat_reader *r, oid *id)
{
	gsize len;
	const void *bytes = flat_bytes(r, &len);
	if (len != OID_BYTES)
		return false;
	memcpy(id->bytes, bytes, OID_BYTES);
	return true;
}

static void put_data(GByteArray *to, GBytes *bytes)
{
	gsize len;
	const void *data = g_bytes_get_data(bytes, &len);
	flat_put_bytes(to, data, len);
}

static GBytes *take_data(flat_reader *r)
{
	gsize len;
	const void *data = flat_bytes(r, &len);
	return g_bytes_new_static(data ? data : "", len);
}

static void put_args(GByteArray *to, const GPtrArray *args)
{
	flat_put_number(to, args ? args->len : 0);
	for (guint i = 0; args && i < args->len; i++)
		flat_put_text(to, g_ptr_array_index(args, i));
}

static void put_memory(GByteArray *to, const GPtrArray *memory)
{
	flat_put_number(to, memory ? memory->len : 0);
	for (guint i = 0; memory && i < memory->len; i++) {
		const memory_file *m = g_ptr_array_index(memory, i);
		flat_put_text(to, m->path);
		put_data(to, m->data);
	}
}

static void put_wanted(GByteArray *to, GHashTable *wanted)
{
	GHashTableIter it;
	gpointer path, id;
	flat_put_number(to, wanted ? g_hash_table_size(wanted) : 0);
	if (!wanted)
		return;
	g_hash_table_iter_init(&it, wanted);
	while (g_hash_table_iter_next(&it, &path, &id)) {
		flat_put_text(to, path);
		put_blob(to, id);
	}
}

static void put_aliases(GByteArray *to, GHashTable *aliases)
{
	GHashTableIter it;
	gpointer prefix, real;
	flat_put_number(to, aliases ? g_hash_table_size(aliases) : 0);
	if (!aliases)
		return;
	g_hash_table_iter_init(&it, aliases);
	while (g_hash_table_iter_next(&it, &prefix, &real)) {
		flat_put_text(to, prefix);
		flat_put_text(to, real);
	}
}

static void put_computed(GByteArray *to, const GPtrArray *computed)
{
	flat_put_number(to, computed ? computed->len : 0);
	for (guint i = 0; computed && i < computed->len; i++) {
		const computed_header *h = g_ptr_array_index(computed, i);
		flat_put_text(to, h->path);
		put_data(to, h->text);
		put_args(to, h->places);
		put_memory(to, h->parts);
		put_args(to, h->args);
		flat_put_number(to, h->always);
	}
}

GBytes *task_encode(const analyzer *reader, const analysis_unit *unit)
{
	GByteArray *to = g_byte_array_new();
	flat_put_text(to, reader->name);
	flat_put_text(to, unit->path);
	put_blob(to, &unit->blob);
	put_data(to, unit->text);
	flat_put_text(to, unit->arch);
	flat_put_number(to, unit->bodies);
	flat_put_number(to, reader->needs_layout);
	if (reader->needs_layout) {
		flat_put_text(to, unit->root);
		flat_put_text(to, unit->map);
		put_args(to, unit->args);
		/* What headers are computed from, in one piece: see take_computed. */
		g_autoptr(GByteArray) part = g_byte_array_new();
		flat_put_text(part, unit->map);
		put_memory(part, unit->memory);
		put_computed(part, unit->computed);
		flat_put_bytes(to, part->data, part->len);
		put_wanted(to, unit->wanted);
		put_aliases(to, unit->aliases);
	}
	return g_byte_array_free_to_bytes(to);
}

static GPtrArray *take_args(flat_reader *r)
{
	GPtrArray *args = g_ptr_array_new_with_free_func(g_free);
	for (guint64 n = flat_number(r); n && !r->bad; n--)
		g_ptr_array_add(args, g_strdup(flat_text(r)));
	return args;
}

static GPtrArray *take_memory(flat_reader *r)
{
	GPtrArray *memory = g_ptr_array_new_with_free_func((GDestroyNotify)memory_file_free);
	for (guint64 n = flat_number(r); n && !r->bad; n--) {
		const char *path = flat_text(r);
		g_autoptr(GBytes) data = take_data(r);
		if (path)
			g_ptr_array_add(memory, memory_file_new(path, data));
	}
	return memory;
}

static GPtrArray *take_computed(flat_reader *r)
{
	GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)computed_header_free);
	for (guint64 n = flat_number(r); n && !r->bad; n--) {
		const char *path = flat_text(r);
		g_autoptr(GBytes) text = take_data(r);
		computed_header *h = computed_header_new(path, text);
		g_ptr_array_unref(h->places);
		g_ptr_array_unref(h->parts);
		g_ptr_array_unref(h->args);
		h->places = take_args(r);
		h->parts = take_memory(r);
		h->args = take_args(r);
		h->always = flat_number(r) != 0;
		g_ptr_array_add(list, h);
	}
	return list;
}

static void kept_free(gpointer data)
{
	task_kept *k = data;
	g_ptr_array_unref(k->memory);
	g_ptr_array_unref(k->computed);
	g_bytes_unref(k->bytes);
	g_free(k);
}

GHashTable *task_kept_new(void)
{
	return g_hash_table_new_full(g_bytes_hash, g_bytes_equal, NULL, kept_free);
}

/* The headers from memory and those to be computed, of all units that have the same: what was
 * computed for one is there for the next. */
static const task_kept *take_kept(GHashTable *kept, flat_reader *r)
{
	gsize len;
	const void *part = flat_bytes(r, &len);
	g_autoptr(GBytes) asked = g_bytes_new_static(part ? part : "", len);
	task_kept *k = g_hash_table_lookup(kept, asked);
	if (k)
		return k;
	if (g_hash_table_size(kept) >= TASKS_KEPT)
		g_hash_table_remove_all(kept);
	k = g_new0(task_kept, 1);
	k->bytes = g_bytes_new(part, len);
	flat_reader own;
	flat_reader_init(&own, g_bytes_get_data(k->bytes, NULL), len);
	(void)flat_text(&own); /* the map: part of what is the same */
	k->memory = take_memory(&own);
	k->computed = take_computed(&own);
	r->bad |= !flat_is_read(&own);
	g_hash_table_insert(kept, k->bytes, k);
	return k;
}

static void take_layout(task *t, flat_reader *r, GHashTable *kept)
{
	analysis_unit *u = t->unit;
	u->root = g_strdup(flat_text(r));
	u->map = g_strdup(flat_text(r));
	u->args = take_args(r);
	const task_kept *own = take_kept(kept, r);
	t->wanted = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	for (guint64 n = flat_number(r); n && !r->bad; n--) {
		const char *path = flat_text(r);
		oid id;
		if (take_blob(r, &id) && path)
			g_hash_table_insert(t->wanted, (gpointer)path, oid_copy(&id));
	}
	t->aliases = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint64 n = flat_number(r); n && !r->bad; n--) {
		const char *prefix = flat_text(r), *real = flat_text(r);
		if (prefix && real)
			g_hash_table_insert(t->aliases, (gpointer)prefix, (gpointer)real);
	}
	u->memory = own->memory;
	u->computed = own->computed;
	u->wanted = t->wanted;
	u->aliases = t->aliases;
}

bool task_decode(task *t, GBytes *bytes, GHashTable *kept)
{
	flat_reader r;
	gsize len;
	const void *data = g_bytes_get_data(bytes, &len);
	flat_reader_init(&r, data, len);
	*t = (task){.reader = analyzer_named(flat_text(&r))};
	analysis_unit *u = t->unit = g_new0(analysis_unit, 1);
	u->path = g_strdup(flat_text(&r));
	(void)take_blob(&r, &u->blob);
	u->text = take_data(&r);
	u->arch = g_strdup(flat_text(&r));
	u->bodies = flat_number(&r) != 0;
	if (flat_number(&r))
		take_layout(t, &r, kept);
	return t->reader && flat_is_read(&r);
}

void task_clear(task *t)
{
	g_clear_pointer(&t->unit, analysis_unit_free);
	g_clear_pointer(&t->wanted, g_hash_table_unref);
	g_clear_pointer(&t->aliases, g_hash_table_unref);
}

/* --- answers --- */

GBytes *answer_encode(const fact_sink *sink)
{
	GByteArray *to = g_byte_array_new();
	flat_put_number(to, ANSWER_FORMAT);
	flat_put_number(to, sink->sets->len);
	for (guint i = 0; i < sink->sets->len; i++) {
		g_autoptr(GBytes) one = fact_set_encode(g_ptr_array_index(sink->sets, i));
		put_data(to, one);
	}
	GHashTableIter it;
	gpointer path;
	g_hash_table_iter_init(&it, sink->reads);
	while (g_hash_table_iter_next(&it, &path, NULL))
		flat_put_text(to, path);
	return g_byte_array_free_to_bytes(to);
}

GPtrArray *answer_decode(GBytes *bytes, GPtrArray **reads, gsize *kept)
{
	flat_reader r;
	gsize len;
	const guint8 *data = g_bytes_get_data(bytes, &len);
	g_autoptr(GPtrArray) places = g_ptr_array_new();
	g_autoptr(GPtrArray) sets = g_ptr_array_new_with_free_func((GDestroyNotify)fact_set_free);
	flat_reader_init(&r, data, len);
	if (flat_number(&r) != ANSWER_FORMAT)
		return NULL;
	for (guint64 n = flat_number(&r); n && !r.bad; n--) {
		gsize size;
		const guint8 *one = flat_bytes(&r, &size);
		g_autoptr(GBytes) part =
			one ? g_bytes_new_from_bytes(bytes, (gsize)(one - data), size) : NULL;
		fact_set *set = part ? fact_set_decode(part) : NULL;
		if (!set)
			return NULL;
		g_ptr_array_add(sets, set);
	}
	if (kept)
		*kept = (gsize)(r.at - data);
	while (!r.bad && r.at != r.end) {
		const char *path = flat_text(&r);
		if (path)
			g_ptr_array_add(places, (gpointer)path);
	}
	if (r.bad)
		return NULL;
	if (reads)
		*reads = g_steal_pointer(&places);
	return g_steal_pointer(&sets);
}
