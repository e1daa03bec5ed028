/* What was read, for `truce sql`: files, entities, touches and shadow copies. Written, never read
 * back: the facts themselves live in the cache of facts. */
#include "db/internal.h"

#include <string.h>

#include "base/error.h"

/* Rows of files by path, of the base and of one tip. */
typedef struct file_rows {
	sql *db;
	GHashTable *base; /* path -> row */
	GHashTable *tip;
	gint64 reading;
} file_rows;

static const char *reader_name(fact_reader reader)
{
	return reader == READER_CLANG ? "clang" : "text";
}

static bool clear_readings(sql *db, GError **err)
{
	/* What refers comes before what it refers to, so that no row is looked up twice. */
	return sql_script(db,
		"DELETE FROM cache_touch; DELETE FROM cache_shadow; DELETE FROM cache_entity;"
		"DELETE FROM cache_file; DELETE FROM cache_reading",
		err);
}

static bool put_file(file_rows *rows, bool tip, gint64 *id, const char *path, const oid *blob,
	const fact_set *facts, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(rows->db,
		"INSERT INTO cache_file (reading, path, blob, units, clean) VALUES (?,?,?,?,?)",
		err);
	if (!q)
		return false;
	if (tip)
		stmt_put_int(q, rows->reading);
	else
		stmt_put_null(q);
	stmt_put_text(q, path);
	stmt_put_oid(q, blob);
	stmt_put_int(q, facts ? facts->units : 0);
	stmt_put_int(q, facts ? facts->clean : 0);
	if (!stmt_run(q, err))
		return false;
	*id = stmt_inserted(q);
	g_hash_table_insert(
		tip ? rows->tip : rows->base, g_strdup(path), g_memdup2(id, sizeof *id));
	return true;
}

static bool put_entities(sql *db, gint64 file, const fact_set *facts, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO cache_entity (file, kind, reader, flags, line, end_line, name, parent,"
		" signature, value, condition) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < facts->entities->len; i++) {
		const entity *e = &g_array_index(facts->entities, entity, i);
		stmt_put_int(q, file);
		stmt_put_text(q, entity_kind_name(e->kind));
		stmt_put_text(q, reader_name(e->reader));
		stmt_put_int(q, e->flags);
		stmt_put_int(q, e->line);
		stmt_put_int(q, e->end_line);
		stmt_put_text(q, e->name);
		stmt_put_text(q, e->parent);
		stmt_put_text(q, e->signature);
		stmt_put_text(q, e->value);
		stmt_put_text(q, e->condition);
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

/* The files of one tree in path order, those that are not there yet. */
static bool put_files(file_rows *rows, bool tip, GHashTable *sets, GError **err)
{
	if (!sets)
		return true;
	g_autoptr(GList) paths = g_list_sort(g_hash_table_get_keys(sets), (GCompareFunc)strcmp);
	for (GList *l = paths; l; l = l->next) {
		const fact_set *facts = g_hash_table_lookup(sets, l->data);
		gint64 id;
		if (g_hash_table_contains(tip ? rows->tip : rows->base, l->data))
			continue;
		if (!put_file(rows, tip, &id, l->data, &facts->blob, facts, err) ||
			!put_entities(rows->db, id, facts, err))
			return false;
	}
	return true;
}

/* Binds the row of the place's file, which is made when no facts came with it, and its lines. */
static bool bind_place(stmt *q, file_rows *rows, bool tip, const place *p, GError **err)
{
	const gint64 *known =
		p->path ? g_hash_table_lookup(tip ? rows->tip : rows->base, p->path) : NULL;
	gint64 id = known ? *known : 0;
	if (p->path && !known && !put_file(rows, tip, &id, p->path, &p->blob, NULL, err))
		return false;
	if (p->path)
		stmt_put_int(q, id);
	else
		stmt_put_null(q);
	stmt_put_int(q, p->line);
	stmt_put_int(q, p->end_line);
	return true;
}

static bool put_touch(stmt *q, file_rows *rows, const touch *t, GError **err)
{
	stmt_put_int(q, rows->reading);
	stmt_put_text(q, touch_change_name(t->change));
	stmt_put_int(q, t->is_use);
	stmt_put_text(q, t->is_use ? use_kind_name(t->use) : entity_kind_name(t->entity));
	stmt_put_text(q, reader_name(t->reader));
	stmt_put_int(q, t->flags);
	stmt_put_text(q, t->name);
	stmt_put_text(q, t->detail);
	stmt_put_text(q, t->in);
	stmt_put_text(q, t->condition);
	stmt_put_text(q, t->signature_base);
	stmt_put_text(q, t->signature_tip);
	if (!bind_place(q, rows, false, &t->base, err) || !bind_place(q, rows, true, &t->tip, err))
		return false;
	stmt_put_text(q, t->origin);
	stmt_put_int(q, t->patch);
	return stmt_run(q, err);
}

static bool put_touches(file_rows *rows, GArray *touches, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(rows->db,
		"INSERT INTO cache_touch (reading, change, use, kind, reader, flags, name, detail,"
		" \"in\", condition, signature_base, signature_tip, base_file, base_line, base_end,"
		" tip_file, tip_line, tip_end, origin, patch)"
		" VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < touches->len; i++) {
		if (!put_touch(q, rows, &g_array_index(touches, touch, i), err))
			return false;
	}
	return true;
}

static bool put_shadows(file_rows *rows, GArray *shadows, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(rows->db,
		"INSERT INTO cache_shadow (reading, path, origin, similarity) VALUES (?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < shadows->len; i++) {
		const shadow_copy *c = &g_array_index(shadows, shadow_copy, i);
		stmt_put_int(q, rows->reading);
		stmt_put_text(q, c->path);
		stmt_put_text(q, c->origin);
		stmt_put_int(q, c->similarity);
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool put_reading(file_rows *rows, const series_reading *reading, GError **err)
{
	g_autoptr(stmt) q =
		sql_prepare(rows->db, "INSERT INTO cache_reading (series) VALUES (?)", err);
	if (!q)
		return false;
	stmt_put_text(q, reading->series->name);
	if (!stmt_run(q, err))
		return false;
	rows->reading = stmt_inserted(q);
	g_hash_table_remove_all(rows->tip);
	if (!put_files(rows, false, reading->base, err) ||
		!put_files(rows, true, reading->tip, err))
		return false;
	return !reading->touches || (put_shadows(rows, reading->touches->shadows, err) &&
					    put_touches(rows, reading->touches->touches, err));
}

bool readings_put(sql *db, GPtrArray *readings, GError **err)
{
	if (!clear_readings(db, err))
		return false;
	g_autoptr(GHashTable) base = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(GHashTable) tip = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	file_rows rows = {.db = db, .base = base, .tip = tip};
	for (guint i = 0; i < readings->len; i++) {
		if (!put_reading(&rows, g_ptr_array_index(readings, i), err))
			return false;
	}
	return true;
}
