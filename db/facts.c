/* The cache of encoded fact sets. */
#include "db/internal.h"

bool store_facts_get(store *s, const char *key, GBytes **out, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(s->db, "SELECT data FROM cache_facts WHERE key = ?", err);
	if (!q)
		return false;
	stmt_put_text(q, key);
	bool row;
	if (!stmt_next(q, &row, err))
		return false;
	*out = row ? stmt_get_bytes(q) : NULL;
	if (row)
		g_hash_table_add(s->used, g_strdup(key));
	return true;
}

bool store_facts_put(store *s, const char *key, const char *path, GBytes *data, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(s->db,
		"INSERT INTO cache_facts (key, path, used, data)"
		" VALUES (?, ?, (SELECT coalesce(max(id), 0) FROM kept_run), ?)"
		" ON CONFLICT (key) DO UPDATE SET path = excluded.path, used = excluded.used,"
		" data = excluded.data",
		err);
	if (!q)
		return false;
	gsize len;
	const void *bytes = g_bytes_get_data(data, &len);
	stmt_put_text(q, key);
	stmt_put_text(q, path);
	stmt_put_bytes(q, bytes, len);
	if (!stmt_run(q, err))
		return false;
	g_hash_table_add(s->used, g_strdup(key));
	return true;
}
