/* Findings with their history, and the rulings on them. */
#include "db/internal.h"

#include "base/error.h"

DEFINE_GET_ENUM(severity, severity_name, SEVERITY_ERROR)
DEFINE_GET_ENUM(tree_at, tree_at_name, AT_MERGED)
DEFINE_GET_ENUM(decision_take, decision_take_name, DECISION_DISMISS)

/* ------------------------------------------------------------------------------------- writing */

/* The row of a fingerprint, new or from an earlier run. */
static bool put_finding(
	sql *db, gint64 *id, const finding *f, guint ordinal, gint64 run, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO kept_finding (fingerprint, short, kind, severity, confidence, title,"
		" explanation, suggestion, ordinal, first_run, last_run)"
		" VALUES (?,?,?,?,?,?,?,?,?,?10,?10) ON CONFLICT (fingerprint) DO UPDATE SET"
		" short = excluded.short, kind = excluded.kind, severity = excluded.severity,"
		" confidence = excluded.confidence, title = excluded.title,"
		" explanation = excluded.explanation, suggestion = excluded.suggestion,"
		" ordinal = excluded.ordinal, last_run = excluded.last_run RETURNING id",
		err);
	bool row;
	if (!q)
		return false;
	stmt_put_text(q, f->fingerprint);
	stmt_put_text(q, f->id);
	stmt_put_text(q, f->kind);
	stmt_put_text(q, severity_name(f->severity));
	stmt_put_real(q, f->confidence);
	stmt_put_text(q, f->title);
	stmt_put_text(q, f->explanation);
	stmt_put_text(q, f->suggestion);
	stmt_put_int(q, ordinal);
	stmt_put_int(q, run);
	if (!stmt_next(q, &row, err))
		return false;
	*id = stmt_get_int(q);
	return stmt_next(q, &row, err);
}

/* Replaces a list of names of a finding. */
static bool put_names(
	sql *db, const char *clear, const char *insert, gint64 id, GPtrArray *names, GError **err)
{
	return sql_run_for(db, clear, id, err) && sql_insert_texts(db, insert, id, names, err);
}

static bool put_locations(
	sql *db, const mediation *m, gint64 id, GPtrArray *locations, GError **err)
{
	if (!sql_run_for(db, "DELETE FROM kept_location WHERE finding = ?", id, err))
		return false;
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO kept_location (finding, series, at, blob, path, line, end_line, "
		"symbol,"
		" patch) VALUES (?,?,?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < locations->len; i++) {
		const location *l = g_ptr_array_index(locations, i);
		const char *name;
		if (!series_name_at(m, &name, l->series, err))
			return false;
		stmt_put_int(q, id);
		stmt_put_text(q, name);
		stmt_put_text(q, tree_at_name(l->at));
		stmt_put_oid(q, &l->blob);
		stmt_put_text(q, l->path);
		stmt_put_int(q, l->line);
		stmt_put_int(q, l->end_line);
		stmt_put_text(q, l->symbol);
		stmt_put_int(q, l->patch);
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool close_all(sql *db, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(
		db, "UPDATE kept_finding SET ordinal = NULL WHERE ordinal IS NOT NULL", err);
	return q && stmt_run(q, err);
}

bool findings_put(sql *db, const mediation *m, gint64 run, GError **err)
{
	g_autoptr(GHashTable) prints = g_hash_table_new(g_str_hash, g_str_equal);
	if (!close_all(db, err))
		return false;
	for (guint i = 0; i < m->findings->len; i++) {
		const finding *f = g_ptr_array_index(m->findings, i);
		if (!f->fingerprint || !g_hash_table_add(prints, f->fingerprint))
			return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
				"finding %s (%s) has no fingerprint of its own", f->id, f->kind);
		gint64 id;
		if (!put_finding(db, &id, f, i, run, err) ||
			!put_names(db, "DELETE FROM kept_finding_party WHERE finding = ?",
				"INSERT INTO kept_finding_party (finding, name) VALUES (?,?)", id,
				f->parties, err) ||
			!put_names(db, "DELETE FROM kept_finding_point WHERE finding = ?",
				"INSERT INTO kept_finding_point (finding, point) VALUES (?,?)", id,
				f->points, err) ||
			!put_locations(db, m, id, f->locations, err))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------- reading */

/* Each query below walks the open findings in their order and reads their lists alongside. */
#define OPEN_FINDINGS " FROM kept_finding f INDEXED BY kept_finding_open /* whole_table */"
#define IN_ORDER " WHERE f.ordinal IS NOT NULL ORDER BY f.ordinal"

/* A kind that this program does not know comes from a newer one with the same schema. */
static finding *start_finding(stmt *q)
{
	const char *kind = stmt_peek_text(q);
	if (kind && g_strv_contains(finding_kinds, kind))
		return finding_new(kind);
	stmt_refuse(q, "an unknown kind of finding");
	return NULL;
}

static bool get_rows(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT f.kind, f.fingerprint, f.short, f.severity, f.confidence, f.title,"
		" f.explanation, f.suggestion" OPEN_FINDINGS IN_ORDER,
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		finding *f = start_finding(q);
		if (!f)
			continue;
		g_ptr_array_add(m->findings, f);
		f->fingerprint = g_strdup(stmt_need_text(q));
		f->id = stmt_get_text(q);
		f->severity = get_severity(q);
		f->confidence = stmt_get_real(q);
		f->title = stmt_get_text(q);
		f->explanation = stmt_get_text(q);
		f->suggestion = stmt_get_text(q);
	}
	return false;
}

/* The finding whose ordinal stands in the next column. */
static finding *get_owner(stmt *q, const mediation *m)
{
	unsigned ordinal = stmt_get_unsigned(q);
	if (ordinal < m->findings->len)
		return g_ptr_array_index(m->findings, ordinal);
	stmt_refuse(q, "a finding out of order");
	return NULL;
}

static bool get_names(sql *db, mediation *m, const char *text, bool parties, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db, text, err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		finding *f = get_owner(q, m);
		if (f)
			g_ptr_array_add(
				parties ? f->parties : f->points, g_strdup(stmt_need_text(q)));
	}
	return false;
}

static bool get_locations(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT f.ordinal, l.series, l.at, l.blob, l.path, l.line, l.end_line, l.symbol,"
		" l.patch" OPEN_FINDINGS " CROSS JOIN kept_location l ON l.finding = f.id" IN_ORDER
		", l.id",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		finding *f = get_owner(q, m);
		if (!f)
			continue;
		location *l = location_new();
		g_ptr_array_add(f->locations, l);
		if (stmt_get_null(q)) {
			(void)stmt_peek_text(q);
			l->series = -1;
		} else {
			l->series = (int)stmt_get_series(q, m);
		}
		l->at = get_tree_at(q);
		stmt_get_oid(q, &l->blob);
		l->path = stmt_get_text(q);
		l->line = stmt_get_unsigned(q);
		l->end_line = stmt_get_unsigned(q);
		l->symbol = stmt_get_text(q);
		l->patch = stmt_get_unsigned(q);
	}
	return false;
}

static decision *decision_copy(const decision *from)
{
	decision *d = decision_new();
	d->fingerprint = g_strdup(from->fingerprint);
	d->take = from->take;
	d->party = g_strdup(from->party);
	d->note = g_strdup(from->note);
	d->by = g_strdup(from->by);
	d->time = from->time;
	return d;
}

static bool attach_decisions(sql *db, mediation *m, GError **err)
{
	g_autoptr(GHashTable) decisions = NULL;
	if (!decisions_get(db, &decisions, err))
		return false;
	for (guint i = 0; i < m->findings->len; i++) {
		finding *f = g_ptr_array_index(m->findings, i);
		const decision *d = g_hash_table_lookup(decisions, f->fingerprint);
		if (d)
			f->decision = decision_copy(d);
	}
	return true;
}

bool findings_get(sql *db, mediation *m, GError **err)
{
	return get_rows(db, m, err) &&
	       get_names(db, m,
		       "SELECT f.ordinal, p.name" OPEN_FINDINGS
		       " CROSS JOIN kept_finding_party p ON p.finding = f.id" IN_ORDER ", p.id",
		       true, err) &&
	       get_names(db, m,
		       "SELECT f.ordinal, p.point" OPEN_FINDINGS
		       " CROSS JOIN kept_finding_point p ON p.finding = f.id" IN_ORDER ", p.id",
		       false, err) &&
	       get_locations(db, m, err) && attach_decisions(db, m, err);
}

/* ----------------------------------------------------------------------------------- decisions */

bool decisions_get(sql *db, GHashTable **out, GError **err)
{
	g_autoptr(GHashTable) decisions =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)decision_free);
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT fingerprint, take, party, note, by, time FROM kept_decision /* whole_table "
		"*/",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row) {
			*out = g_steal_pointer(&decisions);
			return true;
		}
		decision *d = decision_new();
		d->fingerprint = g_strdup(stmt_need_text(q));
		d->take = get_decision_take(q);
		d->party = stmt_get_text(q);
		d->note = stmt_get_text(q);
		d->by = stmt_get_text(q);
		d->time = stmt_get_int(q);
		g_hash_table_insert(decisions, d->fingerprint, d);
	}
	return false;
}

bool store_decisions(store *s, GHashTable **out, GError **err)
{
	return decisions_get(s->db, out, err);
}

bool store_decision_put(store *s, const decision *d, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(s->db,
		"REPLACE INTO kept_decision (fingerprint, take, party, note, by, time)"
		" VALUES (?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	stmt_put_text(q, d->fingerprint);
	stmt_put_text(q, decision_take_name(d->take));
	stmt_put_text(q, d->party);
	stmt_put_text(q, d->note);
	stmt_put_text(q, d->by);
	stmt_put_int(q, d->time);
	return stmt_run(q, err);
}

bool store_decision_remove(store *s, const char *fingerprint, GError **err)
{
	g_autoptr(stmt) q =
		sql_prepare(s->db, "DELETE FROM kept_decision WHERE fingerprint = ?", err);
	if (!q)
		return false;
	stmt_put_text(q, fingerprint);
	return stmt_run(q, err);
}
