/* The points of the interface with each series' side and its evidence. */
#include "db/internal.h"

#include "base/error.h"

DEFINE_GET_ENUM(tree_at, tree_at_name, AT_MERGED)
DEFINE_GET_ENUM(point_state, point_state_name, POINT_HOOKED)
DEFINE_GET_ENUM(point_verdict, point_verdict_name, VERDICT_CONTESTED)
DEFINE_GET_ENUM(evidence_weight, evidence_weight_name, EVIDENCE_AGAINST)

static bool put_point(sql *db, const point_result *r, guint at, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO cache_point (id, name, \"group\", member, title, signature, contract,"
		" native, verdict) VALUES (?,?,?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	const point *p = r->point;
	stmt_put_int(q, at);
	stmt_put_text(q, p->id);
	stmt_put_text(q, p->group);
	stmt_put_text(q, p->member);
	stmt_put_text(q, p->title);
	stmt_put_text(q, p->signature);
	stmt_put_text(q, p->contract);
	stmt_put_text(q, p->native);
	stmt_put_text(q, point_verdict_name(r->verdict));
	return stmt_run(q, err) &&
	       sql_insert_texts(db, "INSERT INTO cache_point_alias (point, name) VALUES (?,?)", at,
		       p->aliases, err);
}

static bool put_evidence(sql *db, const point_side *s, guint at, guint analysed, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO cache_evidence (point, analysed, weight, kind, rule, symbol, note, at,"
		" blob, path, line, end_line, patch, confidence)"
		" VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < s->evidence->len; i++) {
		const evidence *e = g_ptr_array_index(s->evidence, i);
		if (e->series != analysed || e->point != at)
			return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
				"evidence of rule %s names another side than it stands at",
				e->rule);
		stmt_put_int(q, at);
		stmt_put_int(q, analysed);
		stmt_put_text(q, evidence_weight_name(e->weight));
		stmt_put_text(q, e->kind);
		stmt_put_text(q, e->rule);
		stmt_put_text(q, e->symbol);
		stmt_put_text(q, e->note);
		stmt_put_text(q, tree_at_name(e->at));
		stmt_put_oid(q, &e->blob);
		stmt_put_text(q, e->path);
		stmt_put_int(q, e->line);
		stmt_put_int(q, e->end_line);
		stmt_put_int(q, e->patch);
		stmt_put_real(q, e->confidence);
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool put_sides(sql *db, const point_result *r, guint at, guint n_series, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO cache_side (point, analysed, state, confidence) VALUES (?,?,?,?)",
		err);
	if (!q)
		return false;
	if (r->sides->len > n_series)
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
			"point %s has more sides than there are series", r->point->id);
	for (guint i = 0; i < r->sides->len; i++) {
		const point_side *s = g_ptr_array_index(r->sides, i);
		stmt_put_int(q, at);
		stmt_put_int(q, i);
		stmt_put_text(q, point_state_name(s->state));
		stmt_put_real(q, s->confidence);
		if (!stmt_run(q, err) || !put_evidence(db, s, at, i, err))
			return false;
	}
	return true;
}

bool points_put(sql *db, const mediation *m, GError **err)
{
	for (guint i = 0; i < m->points->len; i++) {
		const point_result *r = g_ptr_array_index(m->points, i);
		if (!put_point(db, r, i, err) || !put_sides(db, r, i, m->series->len, err))
			return false;
	}
	return true;
}

static point_result *get_owner(stmt *q, const mediation *m)
{
	unsigned at = stmt_get_unsigned(q);
	if (at < m->points->len)
		return g_ptr_array_index(m->points, at);
	stmt_refuse(q, "a point out of order");
	return NULL;
}

static bool get_points(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT name, \"group\", member, title, signature, contract, native, verdict"
		" FROM cache_point /* whole_table */ ORDER BY id",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		point_result *r = point_result_new();
		g_ptr_array_add(m->points, r);
		r->point = point_new();
		r->point->id = stmt_get_text(q);
		r->point->group = stmt_get_text(q);
		r->point->member = stmt_get_text(q);
		r->point->title = stmt_get_text(q);
		r->point->signature = stmt_get_text(q);
		r->point->contract = stmt_get_text(q);
		r->point->native = stmt_get_text(q);
		r->verdict = get_point_verdict(q);
	}
	return false;
}

static bool get_aliases(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(
		db, "SELECT point, name FROM cache_point_alias /* whole_table */ ORDER BY id", err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		point_result *r = get_owner(q, m);
		if (r)
			g_ptr_array_add(r->point->aliases, g_strdup(stmt_need_text(q)));
	}
	return false;
}

static bool get_sides(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT point, analysed, state, confidence FROM cache_side /* whole_table */"
		" ORDER BY point, analysed",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		point_result *r = get_owner(q, m);
		if (!r)
			continue;
		if (stmt_get_unsigned(q) != r->sides->len)
			stmt_refuse(q, "a side out of order");
		point_side *s = point_side_new();
		g_ptr_array_add(r->sides, s);
		s->state = get_point_state(q);
		s->confidence = stmt_get_real(q);
	}
	return false;
}

static bool get_evidence(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT point, analysed, weight, kind, rule, symbol, note, at, blob, path, line,"
		" end_line, patch, confidence FROM cache_evidence /* whole_table */ ORDER BY id",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		point_result *r = get_owner(q, m);
		unsigned analysed = stmt_get_unsigned(q);
		if (!r || analysed >= r->sides->len) {
			stmt_refuse(q, "evidence without a side");
			continue;
		}
		evidence *e = evidence_new();
		point_side *s = g_ptr_array_index(r->sides, analysed);
		g_ptr_array_add(s->evidence, e);
		e->series = analysed;
		e->weight = get_evidence_weight(q);
		e->kind = stmt_get_text(q);
		e->rule = stmt_get_text(q);
		e->symbol = stmt_get_text(q);
		e->note = stmt_get_text(q);
		e->at = get_tree_at(q);
		stmt_get_oid(q, &e->blob);
		e->path = stmt_get_text(q);
		e->line = stmt_get_unsigned(q);
		e->end_line = stmt_get_unsigned(q);
		e->patch = stmt_get_unsigned(q);
		e->confidence = stmt_get_real(q);
	}
	return false;
}

/* Evidence says which point it belongs to by index. */
static void number_evidence(mediation *m)
{
	for (guint i = 0; i < m->points->len; i++) {
		const point_result *r = g_ptr_array_index(m->points, i);
		for (guint k = 0; k < r->sides->len; k++) {
			const point_side *s = g_ptr_array_index(r->sides, k);
			for (guint n = 0; n < s->evidence->len; n++)
				((evidence *)g_ptr_array_index(s->evidence, n))->point = i;
		}
	}
}

bool points_get(sql *db, mediation *m, GError **err)
{
	if (!get_points(db, m, err) || !get_aliases(db, m, err) || !get_sides(db, m, err) ||
		!get_evidence(db, m, err))
		return false;
	number_evidence(m);
	return true;
}
