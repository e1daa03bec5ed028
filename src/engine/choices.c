/* Choices: answers of src/kernel about how files are compiled, kept by all that they stand on. */
#include "engine/choices.h"

#include <string.h>

#include "base/flat.h"
#include "base/limits.h"
#include "base/sort.h"
#include "kernel/ground.h"

/* Raise when what is kept below has another form or meaning. */
#define CHOICES_FORMAT G_GUINT64_CONSTANT(0x5452434843000001)

/* ---- keys ---- */

void choices_key_begin(digest *d, const char *what, const char *given, kernel_tree *t)
{
	digest_init(d);
	digest_add_text(d, "choice");
	digest_add_number(d, CHOICES_FORMAT);
	digest_add_text(d, what);
	digest_add_text(d, given);
	digest_add_text(d, kernel_ground(t));
}

void choices_key_ranges(digest *d, const GArray *ranges)
{
	digest_add_number(d, ranges->len);
	for (guint i = 0; i < ranges->len; i++) {
		const line_range *r = &g_array_index(ranges, line_range, i);
		digest_add_number(d, r->first);
		digest_add_number(d, r->last);
	}
}

void choices_key_texts(digest *d, const char *const *texts)
{
	digest_add_number(d, texts ? g_strv_length((char **)texts) : 0);
	for (; texts && *texts; texts++)
		digest_add_text(d, *texts);
}

/* ---- what an answer stands on ---- */

/* What the sight shows of other headers to these files (char *, sorted). The caller's. */
static char *sight_digest(kernel_tree *t, const choice_sight *sight, const GPtrArray *files)
{
	g_auto(digest) d = {0};
	digest_init(&d);
	for (guint i = 0; i < files->len; i++) {
		const char *file = g_ptr_array_index(files, i);
		digest_add_text(&d, file);
		for (guint k = 0; sight && sight->others && k < sight->others->len; k++) {
			const kernel_lines *l = g_ptr_array_index(sight->others, k);
			if (!sight->reaches(file, l->path, sight->data))
				continue;
			digest_add_text(&d, l->path);
			digest_add_text(&d, kernel_lines_shape(t, l->path));
			choices_key_ranges(&d, l->ranges);
		}
	}
	return digest_hex(&d);
}

static void put_oid(GByteArray *to, const oid *id)
{
	flat_put_bytes(to, id->bytes, OID_BYTES);
}

static bool take_oid(flat_reader *r, oid *id)
{
	gsize len;
	const void *bytes = flat_bytes(r, &len);
	r->bad |= len != OID_BYTES;
	if (!r->bad)
		memcpy(id->bytes, bytes, OID_BYTES);
	return !r->bad;
}

static void put_place(GByteArray *to, kernel_tree *t, const char *path)
{
	oid id = {0};
	(void)kernel_tree_blob(t, path, &id);
	flat_put_text(to, path);
	put_oid(to, &id);
}

/* Whether the tree has at this place what it had then. */
static bool place_holds(flat_reader *r, kernel_tree *t)
{
	oid then, now = {0};
	const char *path = flat_text(r);
	if (!take_oid(r, &then) || !path)
		return false;
	(void)kernel_tree_blob(t, path, &now);
	return oid_equal(&then, &now);
}

static GPtrArray *sorted_files(const choice_sight *sight)
{
	GPtrArray *out = g_ptr_array_new();
	GHashTableIter it;
	gpointer path;
	if (sight && sight->files) {
		g_hash_table_iter_init(&it, sight->files);
		while (g_hash_table_iter_next(&it, &path, NULL))
			g_ptr_array_add(out, path);
	}
	g_ptr_array_sort(out, sort_by_text);
	return out;
}

static void put_ground(GByteArray *to, kernel_tree *t, const choice_sight *sight,
	const GPtrArray *reads, const kernel_units *answer)
{
	flat_put_text(to, answer->by_includes ? kernel_ground_includes(t) : NULL);
	flat_put_number(to, reads->len);
	for (guint i = 0; i < reads->len; i++)
		put_place(to, t, g_ptr_array_index(reads, i));
	g_autoptr(GPtrArray) files = sorted_files(sight);
	flat_put_number(to, files->len);
	for (guint i = 0; i < files->len; i++)
		flat_put_text(to, g_ptr_array_index(files, i));
	g_autofree char *seen = sight_digest(t, sight, files);
	flat_put_text(to, seen);
}

static bool ground_holds(flat_reader *r, kernel_tree *t, const choice_sight *sight)
{
	const char *includes = flat_text(r);
	bool holds = !r->bad && (!includes || !strcmp(includes, kernel_ground_includes(t)));
	for (guint64 n = flat_number(r); n && holds; n--)
		holds = place_holds(r, t);
	if (!holds)
		return false;
	g_autoptr(GPtrArray) files = g_ptr_array_new();
	for (guint64 n = flat_number(r); n && !r->bad; n--)
		g_ptr_array_add(files, (gpointer)flat_text(r));
	const char *seen = flat_text(r);
	if (r->bad || !seen)
		return false;
	for (guint i = 0; i < files->len; i++)
		if (!g_ptr_array_index(files, i))
			return false;
	g_autofree char *now = sight_digest(t, sight, files);
	return !strcmp(seen, now);
}

/* ---- answers ---- */

static void put_ranges(GByteArray *to, const GArray *ranges)
{
	flat_put_bytes(to, ranges->data, ranges->len * sizeof(line_range));
}

static GArray *take_ranges(flat_reader *r)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(line_range));
	gsize len;
	const void *data = flat_bytes(r, &len);
	r->bad |= len % sizeof(line_range) != 0;
	if (!r->bad)
		g_array_append_vals(out, data, (guint)(len / sizeof(line_range)));
	return out;
}

static void put_unit(GByteArray *to, const kernel_unit *u)
{
	flat_put_text(to, u->unit->path);
	put_oid(to, &u->unit->blob);
	flat_put_text(to, u->unit->how);
	put_ranges(to, u->ranges);
	flat_put_number(to, u->shared ? u->shared->len : 0);
	for (guint i = 0; u->shared && i < u->shared->len; i++) {
		const kernel_lines *l = g_ptr_array_index(u->shared, i);
		flat_put_text(to, l->path);
		put_ranges(to, l->ranges);
	}
}

static void put_answer(GByteArray *to, const kernel_units *answer)
{
	flat_put_number(to, answer->units->len);
	for (guint i = 0; i < answer->units->len; i++)
		put_unit(to, g_ptr_array_index(answer->units, i));
	flat_put_number(to, answer->unreached->len);
	for (guint i = 0; i < answer->unreached->len; i++) {
		const kernel_unreached *u = g_ptr_array_index(answer->unreached, i);
		flat_put_number(to, u->lines.first);
		flat_put_number(to, u->lines.last);
		flat_put_text(to, u->reason);
	}
}

static void free_lines(gpointer lines)
{
	kernel_lines_free(lines);
}

static GPtrArray *take_shared(flat_reader *r)
{
	guint64 n = flat_number(r);
	GPtrArray *out = n ? g_ptr_array_new_with_free_func(free_lines) : NULL;
	for (; n && !r->bad; n--) {
		kernel_lines *l = g_new0(kernel_lines, 1);
		l->path = g_strdup(flat_text(r));
		l->ranges = take_ranges(r);
		r->bad |= !l->path;
		g_ptr_array_add(out, l);
	}
	return out;
}

/* False: the compiled file is another one than then, which may show in what it is given. */
static bool take_unit(kernel_units *to, flat_reader *r, kernel_tree *t)
{
	kernel_unit *u = kernel_unit_new();
	g_ptr_array_add(to->units, u);
	u->unit = g_new0(analysis_unit, 1);
	u->unit->path = g_strdup(flat_text(r));
	take_oid(r, &u->unit->blob);
	u->unit->how = g_strdup(flat_text(r));
	g_array_unref(u->ranges);
	u->ranges = take_ranges(r);
	u->shared = take_shared(r);
	oid now;
	return !r->bad && u->unit->path && u->unit->how &&
	       kernel_tree_blob(t, u->unit->path, &now) && oid_equal(&now, &u->unit->blob);
}

/* NULL when it does not hold, or is damaged. */
static kernel_units *take_answer(flat_reader *r, kernel_tree *t)
{
	g_autoptr(kernel_units) out = kernel_units_new();
	for (guint64 n = flat_number(r); n; n--)
		if (!take_unit(out, r, t))
			return NULL;
	for (guint64 n = flat_number(r); n && !r->bad; n--) {
		kernel_unreached *u = g_new0(kernel_unreached, 1);
		u->lines.first = (unsigned)flat_number(r);
		u->lines.last = (unsigned)flat_number(r);
		u->reason = g_strdup(flat_text(r));
		g_ptr_array_add(out->unreached, u);
	}
	return flat_is_read(r) ? g_steal_pointer(&out) : NULL;
}

/* ---- occasions ---- */

/* Each occasion behind a key is one byte string; newest first. */
static bool next_occasion(flat_reader *list, flat_reader *one)
{
	gsize len;
	const void *bytes = list->at < list->end ? flat_bytes(list, &len) : NULL;
	if (!bytes || list->bad)
		return false;
	flat_reader_init(one, bytes, len);
	return true;
}

/* What is kept under the key. The list reads `bytes` (the caller's; NULL: nothing). */
static bool open_list(flat_reader *list, GBytes **bytes, store *s, const char *key, GError **err)
{
	*bytes = NULL;
	if (!store_choice_get(s, key, bytes, err))
		return false;
	gsize len = 0;
	const void *data = *bytes ? g_bytes_get_data(*bytes, &len) : NULL;
	flat_reader_init(list, data, len);
	if (flat_number(list) != CHOICES_FORMAT)
		list->at = list->end;
	return true;
}

bool choices_find(kernel_units **out, store *s, const char *key, kernel_tree *t,
	const choice_sight *sight, GError **err)
{
	g_autoptr(GBytes) bytes = NULL;
	flat_reader list, one;
	*out = NULL;
	if (!open_list(&list, &bytes, s, key, err))
		return false;
	while (!*out && next_occasion(&list, &one)) {
		if (ground_holds(&one, t, sight))
			*out = take_answer(&one, t);
	}
	return true;
}

bool choices_keep(store *s, const char *key, const char *path, kernel_tree *t,
	const choice_sight *sight, const kernel_units *answer, GError **err)
{
	g_autoptr(GPtrArray) reads = kernel_tree_reads(t);
	if (!reads)
		return true;
	g_autoptr(GBytes) before = NULL;
	flat_reader list;
	if (!open_list(&list, &before, s, key, err))
		return false;
	g_autoptr(GByteArray) fresh = g_byte_array_new();
	put_ground(fresh, t, sight, reads, answer);
	put_answer(fresh, answer);
	GByteArray *grown = g_byte_array_new();
	flat_put_number(grown, CHOICES_FORMAT);
	flat_put_bytes(grown, fresh->data, fresh->len);
	gsize len;
	const void *old;
	for (guint n = 1; n < LIMIT_CHOICE_OCCASIONS && list.at < list.end; n++) {
		if (!(old = flat_bytes(&list, &len)) || list.bad)
			break;
		if (len != fresh->len || memcmp(old, fresh->data, len) != 0)
			flat_put_bytes(grown, old, len);
	}
	g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(grown);
	return store_choice_put(s, key, path, bytes, err);
}
