/* The changes of a series: paths and their hunks. */
#include "db/internal.h"

#include <string.h>

#include "base/digest.h"
#include "db/lines.h"

static void put_lines(stmt *q, const unsigned *by, unsigned count, GByteArray **hold)
{
	if (!by) {
		stmt_put_null(q);
		return;
	}
	*hold = lines_encode(by, count);
	stmt_put_bytes(q, (*hold)->data, (*hold)->len);
}

static unsigned *get_lines(stmt *q, unsigned count)
{
	size_t len;
	const guint8 *data = stmt_peek_bytes(q, &len);
	if (!data)
		return NULL;
	unsigned *by = lines_decode(data, len, count);
	if (!by)
		stmt_refuse(q, "line runs that do not add up");
	return by;
}

static void digest_oid(digest *d, const oid *id)
{
	digest_add(d, id->bytes, OID_BYTES);
}

static void digest_lines(digest *d, const unsigned *by, unsigned count)
{
	g_autoptr(GByteArray) runs = by ? lines_encode(by, count) : NULL;
	digest_add_number(d, by != NULL);
	if (runs)
		digest_add(d, runs->data, runs->len);
}

static void digest_change(digest *d, const file_change *c)
{
	digest_add_text(d, c->path);
	digest_add_number(d, c->status);
	digest_oid(d, &c->old_oid);
	digest_oid(d, &c->new_oid);
	digest_add_number(d, c->old_mode);
	digest_add_number(d, c->new_mode);
	digest_add_number(d, c->binary);
	digest_add_number(d, c->insertions);
	digest_add_number(d, c->deletions);
	digest_add_number(d, c->hunks->len);
	for (guint i = 0; i < c->hunks->len; i++) {
		const change_hunk *h = &g_array_index(c->hunks, change_hunk, i);
		digest_add_number(d, h->old_start);
		digest_add_number(d, h->old_count);
		digest_add_number(d, h->new_start);
		digest_add_number(d, h->new_count);
		digest_lines(d, h->old_patch, h->old_count);
		digest_lines(d, h->new_patch, h->new_count);
	}
}

static char *changes_digest(GPtrArray *changes)
{
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_number(&d, changes->len);
	for (guint i = 0; i < changes->len; i++)
		digest_change(&d, g_ptr_array_index(changes, i));
	return digest_hex(&d);
}

static bool put_hunks(sql *db, gint64 change, GArray *hunks, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO kept_hunk (change, old_start, old_count, new_start, new_count,"
		" old_patch, new_patch) VALUES (?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < hunks->len; i++) {
		const change_hunk *h = &g_array_index(hunks, change_hunk, i);
		g_autoptr(GByteArray) removed = NULL, added = NULL;
		stmt_put_int(q, change);
		stmt_put_int(q, h->old_start);
		stmt_put_int(q, h->old_count);
		stmt_put_int(q, h->new_start);
		stmt_put_int(q, h->new_count);
		put_lines(q, h->old_patch, h->old_count, &removed);
		put_lines(q, h->new_patch, h->new_count, &added);
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool put_changes(sql *db, gint64 id, GPtrArray *changes, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO kept_change (series, path, status, old_oid, new_oid, old_mode, "
		"new_mode,"
		" binary, insertions, deletions) VALUES (?,?,?,?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < changes->len; i++) {
		const file_change *c = g_ptr_array_index(changes, i);
		const char status[] = {(char)c->status, '\0'};
		stmt_put_int(q, id);
		stmt_put_text(q, c->path);
		stmt_put_text(q, status);
		stmt_put_oid(q, &c->old_oid);
		stmt_put_oid(q, &c->new_oid);
		stmt_put_int(q, c->old_mode);
		stmt_put_int(q, c->new_mode);
		stmt_put_int(q, c->binary);
		stmt_put_int(q, c->insertions);
		stmt_put_int(q, c->deletions);
		if (!stmt_run(q, err) || !put_hunks(db, stmt_inserted(q), c->hunks, err))
			return false;
	}
	return true;
}

/* Replaces the changes of a version unless they are the same. */
bool changes_put(sql *db, gint64 id, const char *stored, const series *s, GError **err)
{
	g_autofree char *now = changes_digest(s->changes);
	if (!g_strcmp0(stored, now))
		return true;
	g_autoptr(stmt) q = sql_prepare(db, "UPDATE kept_series SET changes = ? WHERE id = ?", err);
	if (!q || !sql_run_for(db, "DELETE FROM kept_change WHERE series = ?", id, err))
		return false;
	stmt_put_text(q, now);
	stmt_put_int(q, id);
	return stmt_run(q, err) && put_changes(db, id, s->changes, err);
}

static change_status get_status(stmt *q)
{
	const char *text = stmt_peek_text(q);
	if (!text || !*text || text[1] || !strchr("AMDT", *text)) {
		stmt_refuse(q, "an unknown status");
		return CHANGE_MODIFIED;
	}
	return (change_status)*text;
}

/* The hunks of all changes of a series in one query; `owners` holds the row of each change. */
static bool get_hunks(sql *db, series *s, GArray *owners, gint64 id, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT h.change, h.old_start, h.old_count, h.new_start, h.new_count, h.old_patch,"
		" h.new_patch FROM kept_change c CROSS JOIN kept_hunk h ON h.change = c.id"
		" WHERE c.series = ? ORDER BY c.id, h.id",
		err);
	bool row;
	if (!q)
		return false;
	stmt_put_int(q, id);
	guint at = 0;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		gint64 owner = stmt_get_int(q);
		while (at < owners->len && g_array_index(owners, gint64, at) != owner)
			at++;
		if (at == owners->len) {
			stmt_refuse(q, "a hunk without its path");
			continue;
		}
		file_change *c = g_ptr_array_index(s->changes, at);
		change_hunk h = {0};
		h.old_start = stmt_get_unsigned(q);
		h.old_count = stmt_get_unsigned(q);
		h.new_start = stmt_get_unsigned(q);
		h.new_count = stmt_get_unsigned(q);
		h.old_patch = get_lines(q, h.old_count);
		h.new_patch = get_lines(q, h.new_count);
		g_array_append_val(c->hunks, h);
	}
	return false;
}

bool changes_get(sql *db, series *s, gint64 id, GError **err)
{
	g_autoptr(GArray) owners = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT id, path, status, old_oid, new_oid, old_mode, new_mode, binary, insertions,"
		" deletions FROM kept_change WHERE series = ? ORDER BY id",
		err);
	bool row;
	if (!q)
		return false;
	s->changes = g_ptr_array_new_with_free_func((GDestroyNotify)file_change_free);
	stmt_put_int(q, id);
	while (stmt_next(q, &row, err)) {
		if (!row)
			return get_hunks(db, s, owners, id, err);
		gint64 owner = stmt_get_int(q);
		g_array_append_val(owners, owner);
		file_change *c = file_change_new(stmt_need_text(q));
		g_ptr_array_add(s->changes, c);
		c->status = get_status(q);
		stmt_get_oid(q, &c->old_oid);
		stmt_get_oid(q, &c->new_oid);
		c->old_mode = stmt_get_unsigned(q);
		c->new_mode = stmt_get_unsigned(q);
		c->binary = stmt_get_bool(q);
		c->insertions = stmt_get_unsigned(q);
		c->deletions = stmt_get_unsigned(q);
	}
	return false;
}
