/* Series: versions with their sources, patches, rejects, notes and changes. */
#include "db/internal.h"

#include "base/digest.h"
#include "base/error.h"

static const char *reject_reason_name(reject_reason reason)
{
	switch (reason) {
	case REJECT_HUNK:
		return "hunk";
	case REJECT_MISSING:
		return "missing";
	case REJECT_EXISTS:
		return "exists";
	case REJECT_BINARY:
		return "binary";
	case REJECT_COMMIT:
		return "commit";
	}
	g_assert_not_reached();
}
DEFINE_GET_ENUM(reject_reason, reject_reason_name, REJECT_COMMIT)

/* ------------------------------------------------------------------------------------- digests */

static void digest_oid(digest *d, const oid *id)
{
	digest_add(d, id->bytes, OID_BYTES);
}

static void digest_person(digest *d, const person *p)
{
	digest_add_text(d, p->name);
	digest_add_text(d, p->email);
	digest_add_number(d, (guint64)p->time);
	digest_add_number(d, (guint64)p->offset);
}

static void digest_texts(digest *d, GPtrArray *texts)
{
	digest_add_number(d, texts->len);
	for (guint i = 0; i < texts->len; i++)
		digest_add_text(d, g_ptr_array_index(texts, i));
}

static void digest_commit(digest *d, const series_commit *c)
{
	digest_add_number(d, c->n);
	digest_add_number(d, c->source);
	digest_oid(d, &c->commit);
	digest_oid(d, &c->tree);
	digest_add_text(d, c->subject);
	digest_add_text(d, c->message);
	digest_person(d, &c->author);
	digest_add_text(d, c->message_id);
	digest_add_text(d, c->origin);
	digest_add_text(d, c->patch_id);
	digest_add_number(d, c->applied);
	digest_add_number(d, c->fuzzy);
}

static void digest_reject(digest *d, const reject *r)
{
	digest_add_number(d, r->patch);
	digest_add_number(d, r->reason);
	digest_add_text(d, r->path);
	digest_add_text(d, r->origin);
	digest_add_number(d, r->source_line);
	digest_add_number(d, r->hunk);
	digest_add_number(d, r->near_line);
	digest_add_number(d, r->near_end);
	digest_add_text(d, r->difference);
}

/* Everything of a series but its id and its changes. */
static char *content_digest(const series *s)
{
	g_auto(digest) d = {0};
	digest_init(&d);
	digest_add_text(&d, s->name);
	digest_texts(&d, s->specs);
	digest_oid(&d, &s->base);
	digest_oid(&d, &s->base_tree);
	digest_oid(&d, &s->tip);
	digest_oid(&d, &s->tip_tree);
	digest_add_number(&d, s->files);
	digest_add_number(&d, s->insertions);
	digest_add_number(&d, s->deletions);
	digest_add_number(&d, s->commits->len);
	for (guint i = 0; i < s->commits->len; i++)
		digest_commit(&d, g_ptr_array_index(s->commits, i));
	digest_add_number(&d, s->rejects->len);
	for (guint i = 0; i < s->rejects->len; i++)
		digest_reject(&d, g_ptr_array_index(s->rejects, i));
	digest_texts(&d, s->notes);
	return digest_hex(&d);
}

/* ------------------------------------------------------------------------------------- writing */

static bool put_commits(sql *db, gint64 id, GPtrArray *commits, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO kept_patch (series, n, source, \"commit\", tree, subject, message,"
		" author_name, author_email, author_time, author_offset, message_id, origin,"
		" patch_id, applied, fuzzy) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < commits->len; i++) {
		const series_commit *c = g_ptr_array_index(commits, i);
		stmt_put_int(q, id);
		stmt_put_int(q, c->n);
		stmt_put_int(q, c->source);
		stmt_put_oid(q, &c->commit);
		stmt_put_oid(q, &c->tree);
		stmt_put_text(q, c->subject);
		stmt_put_text(q, c->message);
		stmt_put_text(q, c->author.name);
		stmt_put_text(q, c->author.email);
		stmt_put_int(q, c->author.time);
		stmt_put_int(q, c->author.offset);
		stmt_put_text(q, c->message_id);
		stmt_put_text(q, c->origin);
		stmt_put_text(q, c->patch_id);
		stmt_put_int(q, c->applied);
		stmt_put_int(q, c->fuzzy);
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool put_rejects(sql *db, gint64 id, GPtrArray *rejects, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO kept_reject (series, patch, reason, path, origin, source_line, hunk,"
		" near_line, near_end, difference) VALUES (?,?,?,?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < rejects->len; i++) {
		const reject *r = g_ptr_array_index(rejects, i);
		stmt_put_int(q, id);
		stmt_put_int(q, r->patch);
		stmt_put_text(q, reject_reason_name(r->reason));
		stmt_put_text(q, r->path);
		stmt_put_text(q, r->origin);
		stmt_put_int(q, r->source_line);
		stmt_put_int(q, r->hunk);
		stmt_put_int(q, r->near_line);
		stmt_put_int(q, r->near_end);
		stmt_put_text(q, r->difference);
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool insert_version(sql *db, gint64 *id, const series *s, const char *content, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO kept_series (name, base, base_tree, tip, tip_tree, files, insertions,"
		" deletions, content) VALUES (?,?,?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	stmt_put_text(q, s->name);
	stmt_put_oid(q, &s->base);
	stmt_put_oid(q, &s->base_tree);
	stmt_put_oid(q, &s->tip);
	stmt_put_oid(q, &s->tip_tree);
	stmt_put_int(q, s->files);
	stmt_put_int(q, s->insertions);
	stmt_put_int(q, s->deletions);
	stmt_put_text(q, content);
	if (!stmt_run(q, err))
		return false;
	*id = stmt_inserted(q);
	return sql_insert_texts(db, "INSERT INTO kept_source (series, spec) VALUES (?,?)", *id,
		       s->specs, err) &&
	       put_commits(db, *id, s->commits, err) && put_rejects(db, *id, s->rejects, err) &&
	       sql_insert_texts(
		       db, "INSERT INTO kept_note (series, text) VALUES (?,?)", *id, s->notes, err);
}

/* A row with this content: that of s->id or the one in force. 0 when there is none. */
static bool find_version(
	sql *db, gint64 *id, char **changes, const series *s, const char *content, GError **err)
{
	static const char *const texts[] = {
		"SELECT id, content, changes FROM kept_series WHERE id = ?",
		"SELECT id, content, changes FROM kept_series WHERE name = ? AND position IS NOT "
		"NULL",
	};
	*id = 0;
	for (guint i = 0; i < G_N_ELEMENTS(texts) && !*id; i++) {
		g_autoptr(stmt) q = sql_prepare(db, texts[i], err);
		bool row;
		if (!q)
			return false;
		if (i)
			stmt_put_text(q, s->name);
		else
			stmt_put_int(q, s->id);
		if (!stmt_next(q, &row, err))
			return false;
		gint64 found = row ? stmt_get_int(q) : 0;
		if (row && !g_strcmp0(stmt_peek_text(q), content)) {
			*id = found;
			*changes = stmt_get_text(q);
		}
	}
	return true;
}

bool series_version_put(sql *db, gint64 *id, const series *s, GError **err)
{
	g_autofree char *content = content_digest(s), *changes = NULL;
	if (!find_version(db, id, &changes, s, content, err))
		return false;
	if (!*id && !insert_version(db, id, s, content, err))
		return false;
	return !s->changes || changes_put(db, *id, changes, s, err);
}

bool series_versions_prune(sql *db, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"DELETE FROM kept_series /* whole_table: of the superseded */"
		" WHERE position IS NULL AND NOT EXISTS"
		" (SELECT 1 FROM cache_analysed a WHERE a.series = kept_series.id)",
		err);
	return q && stmt_run(q, err);
}

static bool position_of(sql *db, gint64 *position, const char *name, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT position FROM kept_series WHERE name = ? AND position IS NOT NULL", err);
	bool row;
	if (!q)
		return false;
	stmt_put_text(q, name);
	if (!stmt_next(q, &row, err))
		return false;
	if (row)
		*position = stmt_get_int(q);
	else
		return sql_number(db, position,
			"SELECT coalesce(max(position), 0) + 1 FROM kept_series /* whole_table */",
			err);
	return true;
}

/* Takes the version in force out of force. *found says whether there was one. */
static bool supersede(sql *db, const char *name, bool *found, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"UPDATE kept_series SET position = NULL WHERE name = ? AND position IS NOT NULL",
		err);
	if (!q)
		return false;
	stmt_put_text(q, name);
	if (!stmt_run(q, err))
		return false;
	*found = sqlite3_changes(db->handle) > 0;
	return true;
}

bool store_series_put(store *s, series *put, const char *sources, GError **err)
{
	g_auto(transaction) t = {0};
	gint64 position, id;
	bool found;
	if (!transaction_begin(&t, s->db, true, err) ||
		!position_of(s->db, &position, put->name, err) ||
		!series_version_put(s->db, &id, put, err) ||
		!supersede(s->db, put->name, &found, err))
		return false;
	g_autoptr(stmt) q = sql_prepare(
		s->db, "UPDATE kept_series SET position = ?, digest = ? WHERE id = ?", err);
	if (!q)
		return false;
	stmt_put_int(q, position);
	stmt_put_text(q, sources);
	stmt_put_int(q, id);
	if (!stmt_run(q, err) || !series_versions_prune(s->db, err) || !transaction_commit(&t, err))
		return false;
	put->id = id;
	return true;
}

bool store_series_remove(store *s, const char *name, GError **err)
{
	g_auto(transaction) t = {0};
	bool found;
	if (!transaction_begin(&t, s->db, true, err) || !supersede(s->db, name, &found, err))
		return false;
	if (!found)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"`truce series list` shows those that there are.", "no series '%s'", name);
	return series_versions_prune(s->db, err) && transaction_commit(&t, err);
}

/* ------------------------------------------------------------------------------------- reading */

static bool get_texts(sql *db, const char *text, gint64 owner, GPtrArray *out, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db, text, err);
	bool row;
	if (!q)
		return false;
	stmt_put_int(q, owner);
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		g_ptr_array_add(out, g_strdup(stmt_need_text(q)));
	}
	return false;
}

static bool get_commits(sql *db, series *s, gint64 id, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT n, source, \"commit\", tree, subject, message, author_name, author_email,"
		" author_time, author_offset, message_id, origin, patch_id, applied, fuzzy"
		" FROM kept_patch WHERE series = ? ORDER BY n",
		err);
	bool row;
	if (!q)
		return false;
	stmt_put_int(q, id);
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		series_commit *c = series_commit_new();
		g_ptr_array_add(s->commits, c);
		c->n = stmt_get_unsigned(q);
		c->source = stmt_get_unsigned(q);
		stmt_get_oid(q, &c->commit);
		stmt_get_oid(q, &c->tree);
		c->subject = stmt_get_text(q);
		c->message = stmt_get_text(q);
		c->author.name = stmt_get_text(q);
		c->author.email = stmt_get_text(q);
		c->author.time = stmt_get_int(q);
		c->author.offset = (int)stmt_get_int(q);
		c->message_id = stmt_get_text(q);
		c->origin = stmt_get_text(q);
		c->patch_id = stmt_get_text(q);
		c->applied = stmt_get_bool(q);
		c->fuzzy = stmt_get_unsigned(q);
	}
	return false;
}

static bool get_rejects(sql *db, series *s, gint64 id, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT patch, reason, path, origin, source_line, hunk, near_line, near_end,"
		" difference FROM kept_reject WHERE series = ? ORDER BY id",
		err);
	bool row;
	if (!q)
		return false;
	stmt_put_int(q, id);
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		reject *r = reject_new();
		g_ptr_array_add(s->rejects, r);
		r->patch = stmt_get_unsigned(q);
		r->reason = get_reject_reason(q);
		r->path = stmt_get_text(q);
		r->origin = stmt_get_text(q);
		r->source_line = stmt_get_unsigned(q);
		r->hunk = stmt_get_unsigned(q);
		r->near_line = stmt_get_unsigned(q);
		r->near_end = stmt_get_unsigned(q);
		r->difference = stmt_get_text(q);
	}
	return false;
}

bool series_version_get(sql *db, series **out, gint64 id, bool with_changes, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT name, base, base_tree, tip, tip_tree, files, insertions, deletions,"
		" changes IS NOT NULL FROM kept_series WHERE id = ?",
		err);
	bool row;
	if (!q)
		return false;
	stmt_put_int(q, id);
	if (!stmt_next(q, &row, err))
		return false;
	if (!row)
		return error_set(
			err, TRUCE_ERROR_NOT_FOUND, NULL, "%s: the series was replaced", db->path);
	g_autoptr(series) s = series_new(stmt_need_text(q));
	s->id = id;
	stmt_get_oid(q, &s->base);
	stmt_get_oid(q, &s->base_tree);
	stmt_get_oid(q, &s->tip);
	stmt_get_oid(q, &s->tip_tree);
	s->files = stmt_get_unsigned(q);
	s->insertions = stmt_get_unsigned(q);
	s->deletions = stmt_get_unsigned(q);
	bool has_changes = stmt_get_bool(q);
	if (!stmt_next(q, &row, err) ||
		!get_texts(db, "SELECT spec FROM kept_source WHERE series = ? ORDER BY id", id,
			s->specs, err) ||
		!get_commits(db, s, id, err) || !get_rejects(db, s, id, err) ||
		!get_texts(db, "SELECT text FROM kept_note WHERE series = ? ORDER BY id", id,
			s->notes, err))
		return false;
	if (with_changes && has_changes && !changes_get(db, s, id, err))
		return false;
	*out = g_steal_pointer(&s);
	return true;
}

static bool ids_in_force(sql *db, GArray *ids, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT id FROM kept_series /* whole_table, sorted */ WHERE position IS NOT NULL"
		" ORDER BY position",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		gint64 id = stmt_get_int(q);
		g_array_append_val(ids, id);
	}
	return false;
}

bool store_series_list(store *s, GPtrArray **out, GError **err)
{
	g_auto(transaction) t = {0};
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)series_free);
	if (!transaction_begin(&t, s->db, false, err) || !ids_in_force(s->db, ids, err))
		return false;
	for (guint i = 0; i < ids->len; i++) {
		series *one;
		if (!series_version_get(s->db, &one, g_array_index(ids, gint64, i), false, err))
			return false;
		g_ptr_array_add(list, one);
	}
	*out = g_steal_pointer(&list);
	return transaction_commit(&t, err);
}

bool store_series_changes(store *s, series *of, GError **err)
{
	g_auto(transaction) t = {0};
	g_autoptr(series) stored = NULL;
	if (!transaction_begin(&t, s->db, false, err) ||
		!series_version_get(s->db, &stored, of->id, true, err) ||
		!transaction_commit(&t, err))
		return false;
	g_clear_pointer(&of->changes, g_ptr_array_unref);
	of->changes = g_steal_pointer(&stored->changes);
	return true;
}

bool store_series_digest(store *s, const char *name, char **out, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(s->db,
		"SELECT digest FROM kept_series WHERE name = ? AND position IS NOT NULL", err);
	bool row;
	if (!q)
		return false;
	stmt_put_text(q, name);
	if (!stmt_next(q, &row, err))
		return false;
	*out = row ? stmt_get_text(q) : NULL;
	return true;
}
