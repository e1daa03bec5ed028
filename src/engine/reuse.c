/* Reuse: answers of a compiler's reader, kept by the content of all that was read for them. */
#include "engine/reuse.h"

#include <string.h>

#include "base/digest.h"
#include "base/limits.h"
#include "base/sort.h"

/* The list behind a unit key: for each occasion the places of the tree, the paths that the answer
 * has facts of, and the answer's key. A place is the id of the blob that stood there (zero: none),
 * then its path, ended by NUL: hundreds are compared for each parse that may be saved. */
#define OCCASION_VARIANT "(ayaays)"
#define LIST_VARIANT "a" OCCASION_VARIANT

/* Raise when what an answer or a list is made of changes. */
#define REUSE_VERSION 1u

static char *list_key(const char *unit_key)
{
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_text(&d, "reads");
	digest_add_number(&d, REUSE_VERSION);
	digest_add_text(&d, unit_key);
	return digest_hex(&d);
}

/* *list NULL when there is none, or what is there is damaged. */
static bool read_list(GVariant **list, store *s, const char *key, GError **err)
{
	g_autoptr(GBytes) bytes = NULL;
	if (!store_facts_get(s, key, &bytes, err))
		return false;
	g_autoptr(GVariant) v = bytes ? g_variant_ref_sink(g_variant_new_from_bytes(
						G_VARIANT_TYPE(LIST_VARIANT), bytes, FALSE))
				      : NULL;
	/* What is damaged has empty parts, and no answer: to look through all of it costs more than
	 * what is read of it. */
	*list = g_steal_pointer(&v);
	return true;
}

/* What stands at a place of the tree: a blob, or zero. */
static oid state_of(const reuse_place *where, const char *path)
{
	oid id = {0};
	if (!*path)
		return where->tree;
	return kernel_tree_blob(where->kernel, path, &id) ? id : (oid){0};
}

/* The next place of a list of them; NULL at the end. */
static const char *next_place(const guint8 **at, const guint8 *end, const guint8 **id)
{
	if (end - *at <= OID_BYTES)
		return NULL;
	const char *path = (const char *)*at + OID_BYTES;
	const guint8 *stop = memchr(path, 0, (size_t)(end - (const guint8 *)path));
	if (!stop)
		return NULL;
	*id = *at;
	*at = stop + 1;
	return path;
}

/* The answer holds: each place has what it had, and files that are wanted and were read were
 * reported. */
static bool holds(GVariant *places, GVariant *reported, const reuse_place *where)
{
	gsize len;
	g_autofree const char **paths = g_variant_get_bytestring_array(reported, NULL);
	const guint8 *at = g_variant_get_fixed_array(places, &len, 1), *end = at + len, *id;
	const char *path;
	while ((path = next_place(&at, end, &id))) {
		oid now = state_of(where, path);
		if (memcmp(now.bytes, id, OID_BYTES) != 0)
			return false;
		if (!oid_is_zero(&now) && where->wanted &&
			g_hash_table_contains(where->wanted, path) && !g_strv_contains(paths, path))
			return false;
	}
	return at == end;
}

static GPtrArray *places_paths(GVariant *places)
{
	gsize len;
	const guint8 *at = g_variant_get_fixed_array(places, &len, 1), *end = at + len, *id;
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	for (const char *path; (path = next_place(&at, end, &id));)
		g_ptr_array_add(paths, g_strdup(path));
	return paths;
}

bool reuse_find(GBytes **answer, GPtrArray **reads, store *s, const char *unit_key,
	const reuse_place *where, GError **err)
{
	g_autofree char *key = list_key(unit_key);
	g_autoptr(GVariant) list = NULL;
	*answer = NULL;
	if (!read_list(&list, s, key, err))
		return false;
	gsize occasions = list ? g_variant_n_children(list) : 0;
	for (gsize i = 0; i < occasions && !*answer; i++) {
		g_autoptr(GVariant) places = NULL;
		g_autoptr(GVariant) reported = NULL;
		const char *result;
		g_variant_get_child(list, i, "(@ay@aay&s)", &places, &reported, &result);
		if (holds(places, reported, where) && !store_facts_get(s, result, answer, err))
			return false;
		if (*answer && reads)
			*reads = places_paths(places);
	}
	return true;
}

static GVariant *paths_variant(GPtrArray *paths)
{
	g_ptr_array_sort(paths, sort_by_text);
	return g_variant_new_bytestring_array(
		(const char *const *)paths->pdata, (gssize)paths->len);
}

static GVariant *occasion_new(const char *unit_key, const reuse_place *where, GPtrArray *reads,
	GPtrArray *reported, char **answer_key)
{
	g_autoptr(GByteArray) places = g_byte_array_new();
	g_ptr_array_sort(reads, sort_by_text);
	for (guint i = 0; i < reads->len; i++) {
		const char *path = g_ptr_array_index(reads, i);
		oid id = state_of(where, path);
		g_byte_array_append(places, id.bytes, OID_BYTES);
		g_byte_array_append(places, (const guint8 *)path, (guint)strlen(path) + 1);
	}
	g_autoptr(GVariant) names = g_variant_ref_sink(paths_variant(reported));
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_text(&d, unit_key);
	digest_add(&d, places->data, places->len);
	digest_add(&d, g_variant_get_data(names), g_variant_get_size(names));
	*answer_key = digest_hex(&d);
	return g_variant_new("(@ay@aays)",
		g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, places->data, places->len, 1), names,
		*answer_key);
}

/* The list with `fresh` in front; beyond LIMIT_REUSE_OCCASIONS the oldest go. */
static GVariant *list_with(GVariant *list, GVariant *fresh, const char *fresh_key)
{
	GVariantBuilder b;
	g_variant_builder_init(&b, G_VARIANT_TYPE(LIST_VARIANT));
	g_variant_builder_add_value(&b, fresh);
	gsize old = list ? g_variant_n_children(list) : 0;
	for (gsize i = 0, kept = 1; i < old && kept < LIMIT_REUSE_OCCASIONS; i++) {
		g_autoptr(GVariant) one = g_variant_get_child_value(list, i);
		const char *key;
		g_variant_get_child(one, 2, "&s", &key);
		if (strcmp(key, fresh_key) != 0) {
			g_variant_builder_add_value(&b, one);
			kept++;
		}
	}
	return g_variant_builder_end(&b);
}

bool reuse_keep(store *s, const char *unit_key, const char *path, const reuse_place *where,
	GPtrArray *reads, GPtrArray *reported, GBytes *answer, GError **err)
{
	g_autofree char *key = list_key(unit_key);
	g_autofree char *answer_key = NULL;
	g_autoptr(GVariant) list = NULL;
	g_autoptr(GVariant) fresh =
		g_variant_ref_sink(occasion_new(unit_key, where, reads, reported, &answer_key));
	if (!store_facts_put(s, answer_key, path, answer, err) || !read_list(&list, s, key, err))
		return false;
	g_autoptr(GVariant) grown = g_variant_ref_sink(list_with(list, fresh, answer_key));
	g_autoptr(GBytes) bytes = g_variant_get_data_as_bytes(grown);
	return store_facts_put(s, key, path, bytes, err);
}
