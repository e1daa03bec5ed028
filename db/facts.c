/* The caches of encoded fact sets and of choices, deflated. */
#include "db/internal.h"

#include <zlib.h>

#include "base/error.h"

/* zlib's quickest: the slower levels save a seventh more and take three times as long. */
#define FACTS_LEVEL 1
/* Bytes of one fact set when inflated; the largest of a kernel tree is under 1 MB. A damaged size
 * must not ask for more memory than that. */
#define FACTS_BYTES_MAX (256u << 20)

/* NULL when the stream is damaged: facts that cannot be read are facts to read anew. */
static GBytes *inflate_facts(const void *data, size_t len, gint64 size)
{
	if (size < 0 || size > FACTS_BYTES_MAX)
		return NULL;
	g_autofree guint8 *out = g_malloc((gsize)MAX(size, 1));
	uLongf got = (uLongf)size;
	if (uncompress(out, &got, data, len) != Z_OK || got != (uLongf)size)
		return NULL;
	return g_bytes_new_take(g_steal_pointer(&out), got);
}

/* Takes what `select` finds under the key. */
static bool get(store *s, const char *select, const char *key, GBytes **out, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(s->db, select, err);
	if (!q)
		return false;
	stmt_put_text(q, key);
	bool row;
	if (!stmt_next(q, &row, err))
		return false;
	*out = NULL;
	if (!row)
		return true;
	size_t len;
	gint64 size = stmt_get_int(q);
	const void *data = stmt_peek_bytes(q, &len);
	*out = data ? inflate_facts(data, len, size) : NULL;
	if (*out)
		g_hash_table_add(s->used, g_strdup(key));
	return true;
}

/* Deflates the facts; *len is the size of what it returns, the caller's. */
static guint8 *deflate_facts(GBytes *facts, uLongf *len)
{
	gsize size;
	const void *bytes = g_bytes_get_data(facts, &size);
	*len = compressBound(size);
	guint8 *out = g_malloc(*len);
	/* Fails only for want of memory, which GLib has just given. */
	int code = compress2(out, len, bytes ? bytes : (const void *)"", size, FACTS_LEVEL);
	g_assert(code == Z_OK);
	return out;
}

/* Of both tables: what stands behind the table's name. */
#define PUT_ROW                                                                                    \
	" (key, path, used, size, data)"                                                           \
	" VALUES (?, ?, (SELECT coalesce(max(id), 0) FROM kept_run), ?, ?)"                        \
	" ON CONFLICT (key) DO UPDATE SET path = excluded.path, used = excluded.used,"             \
	" size = excluded.size, data = excluded.data"

static bool put(
	store *s, const char *insert, const char *key, const char *path, GBytes *data, GError **err)
{
	gsize size = g_bytes_get_size(data);
	if (size > FACTS_BYTES_MAX)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL, "%s: %zu bytes of facts, at most %u",
			path ? path : key, size, FACTS_BYTES_MAX);
	g_autoptr(stmt) q = sql_prepare(s->db, insert, err);
	if (!q)
		return false;
	uLongf len;
	g_autofree guint8 *deflated = deflate_facts(data, &len);
	stmt_put_text(q, key);
	stmt_put_text(q, path);
	stmt_put_int(q, (gint64)size);
	stmt_put_bytes(q, deflated, len);
	if (!stmt_run(q, err))
		return false;
	g_hash_table_add(s->used, g_strdup(key));
	return true;
}

bool store_facts_get(store *s, const char *key, GBytes **out, GError **err)
{
	return get(s, "SELECT size, data FROM cache_facts WHERE key = ?", key, out, err);
}

bool store_facts_put(store *s, const char *key, const char *path, GBytes *data, GError **err)
{
	return put(s, "INSERT INTO cache_facts" PUT_ROW, key, path, data, err);
}

bool store_choice_get(store *s, const char *key, GBytes **out, GError **err)
{
	return get(s, "SELECT size, data FROM cache_choice WHERE key = ?", key, out, err);
}

bool store_choice_put(store *s, const char *key, const char *path, GBytes *data, GError **err)
{
	return put(s, "INSERT INTO cache_choice" PUT_ROW, key, path, data, err);
}
