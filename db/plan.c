/* The plan, and what the merge resolved by itself. */
#include "db/internal.h"

#include "base/error.h"

DEFINE_GET_ENUM(step_action, step_action_name, STEP_DECIDED)
DEFINE_GET_ENUM(step_verified, step_verified_name, VERIFIED_WORSE)
DEFINE_GET_ENUM(hunk_fate, hunk_fate_name, HUNK_WAITS)

/* In the table, what hunk_fate_name says, or this for a step's parts. */
#define PART "part"

/* ------------------------------------------------------------------------------------- writing */

static bool put_items(sql *db, gint64 at, const char *kind, GPtrArray *values, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(
		db, "INSERT INTO kept_step_item (step, kind, value) VALUES (?,?,?)", err);
	if (!q)
		return false;
	for (guint i = 0; i < values->len; i++) {
		stmt_put_int(q, at);
		stmt_put_text(q, kind);
		stmt_put_text(q, g_ptr_array_index(values, i));
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool put_patches(sql *db, const mediation *m, gint64 at, GArray *patches, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(
		db, "INSERT INTO kept_step_patch (step, series, n) VALUES (?,?,?)", err);
	if (!q)
		return false;
	for (guint i = 0; i < patches->len; i++) {
		const step_patch *p = &g_array_index(patches, step_patch, i);
		const char *name;
		if (!series_name_at(m, &name, (int)p->series, err))
			return false;
		stmt_put_int(q, at);
		stmt_put_text(q, name);
		stmt_put_int(q, p->n);
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool put_after(sql *db, gint64 at, GArray *numbers, GError **err)
{
	g_autoptr(stmt) q =
		sql_prepare(db, "INSERT INTO kept_step_after (step, n) VALUES (?,?)", err);
	if (!q)
		return false;
	for (guint i = 0; i < numbers->len; i++) {
		stmt_put_int(q, at);
		stmt_put_int(q, g_array_index(numbers, unsigned, i));
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

/* The hunks (or parts) of a step or of an open decision; the other of the two rows is 0. */
static bool put_hunks(sql *db, const mediation *m, gint64 of_step, gint64 of_undecided,
	GPtrArray *hunks, bool parts, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO kept_plan_hunk (step, undecided, series, path, hunk, fate)"
		" VALUES (nullif(?, 0), nullif(?, 0), ?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < hunks->len; i++) {
		const plan_hunk *h = g_ptr_array_index(hunks, i);
		const char *name;
		if (!series_name_at(m, &name, (int)h->series, err))
			return false;
		stmt_put_int(q, of_step);
		stmt_put_int(q, of_undecided);
		stmt_put_text(q, name);
		stmt_put_text(q, h->path);
		stmt_put_int(q, h->hunk);
		stmt_put_text(q, parts ? PART : hunk_fate_name(h->fate));
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool put_step(sql *db, const mediation *m, const step *s, gint64 at, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO kept_step (id, n, action, title, tree, verified, detail, whole)"
		" VALUES (?,?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	stmt_put_int(q, at);
	stmt_put_int(q, s->n);
	stmt_put_text(q, step_action_name(s->action));
	stmt_put_text(q, s->title);
	stmt_put_oid(q, &s->tree);
	stmt_put_text(q, step_verified_name(s->verified));
	stmt_put_text(q, s->detail);
	stmt_put_int(q, s->whole);
	return stmt_run(q, err) && put_items(db, at, "series", s->series, err) &&
	       put_items(db, at, "point", s->points, err) &&
	       put_items(db, at, "finding", s->findings, err) &&
	       put_items(db, at, "owner", s->owners, err) &&
	       put_patches(db, m, at, s->patches, err) && put_after(db, at, s->depends_on, err) &&
	       put_hunks(db, m, at, 0, s->hunks, false, err) &&
	       put_hunks(db, m, at, 0, s->parts, true, err);
}

static bool put_undecided(sql *db, const mediation *m, const undecided *u, gint64 at, GError **err)
{
	g_autoptr(stmt) q =
		sql_prepare(db, "INSERT INTO kept_undecided (id, title) VALUES (?,?)", err);
	if (!q)
		return false;
	stmt_put_int(q, at);
	stmt_put_text(q, u->title);
	return stmt_run(q, err) &&
	       sql_insert_texts(db,
		       "INSERT INTO kept_undecided_finding (undecided, finding) VALUES (?,?)", at,
		       u->findings, err) &&
	       put_hunks(db, m, 0, at, u->hunks, false, err);
}

static bool put_resolutions(sql *db, GPtrArray *resolutions, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO kept_resolution (path, line, end_line, method, confidence, verified)"
		" VALUES (?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < resolutions->len; i++) {
		const resolution *r = g_ptr_array_index(resolutions, i);
		stmt_put_text(q, r->path);
		stmt_put_int(q, r->line);
		stmt_put_int(q, r->end_line);
		stmt_put_text(q, r->method);
		stmt_put_real(q, r->confidence);
		stmt_put_int(q, r->verified);
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool clear_plan(sql *db, GError **err)
{
	/* What refers comes before what it refers to, so that no row is looked up twice. */
	return sql_script(db,
		"DELETE FROM kept_plan_hunk; DELETE FROM kept_step_item;"
		"DELETE FROM kept_step_patch; DELETE FROM kept_step_after;"
		"DELETE FROM kept_undecided_finding; DELETE FROM kept_undecided;"
		"DELETE FROM kept_step; DELETE FROM kept_plan; DELETE FROM kept_resolution",
		err);
}

bool plan_put(sql *db, const mediation *m, GError **err)
{
	if (!clear_plan(db, err) || !put_resolutions(db, m->resolutions, err))
		return false;
	if (!m->plan)
		return true;
	if (!sql_script(db, "INSERT INTO kept_plan (id) VALUES (1)", err))
		return false;
	for (guint i = 0; i < m->plan->steps->len; i++) {
		if (!put_step(db, m, g_ptr_array_index(m->plan->steps, i), i + 1, err))
			return false;
	}
	for (guint i = 0; i < m->plan->undecided->len; i++) {
		if (!put_undecided(db, m, g_ptr_array_index(m->plan->undecided, i), i + 1, err))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------- reading */

/* The step or open decision whose number, from 1, stands in the next column. */
static void *get_owner(stmt *q, GPtrArray *owners)
{
	unsigned at = stmt_get_unsigned(q);
	if (at && at <= owners->len)
		return g_ptr_array_index(owners, at - 1);
	stmt_refuse(q, "a row without its step");
	return NULL;
}

static bool get_steps(sql *db, plan *p, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT n, action, title, tree, verified, detail, whole"
		" FROM kept_step /* whole_table */ ORDER BY id",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		step *s = step_new(STEP_TAKE);
		g_ptr_array_add(p->steps, s);
		s->n = stmt_get_unsigned(q);
		s->action = get_step_action(q);
		s->title = stmt_get_text(q);
		stmt_get_oid(q, &s->tree);
		s->verified = get_step_verified(q);
		s->detail = stmt_get_text(q);
		s->whole = stmt_get_bool(q);
	}
	return false;
}

static GPtrArray *list_of_kind(stmt *q, const step *s)
{
	const char *kind = stmt_peek_text(q);
	if (!g_strcmp0(kind, "series"))
		return s->series;
	if (!g_strcmp0(kind, "point"))
		return s->points;
	if (!g_strcmp0(kind, "finding"))
		return s->findings;
	if (!g_strcmp0(kind, "owner"))
		return s->owners;
	stmt_refuse(q, "an unknown kind of item");
	return NULL;
}

static bool get_items(sql *db, plan *p, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT step, kind, value FROM kept_step_item /* whole_table */ ORDER BY id", err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		step *s = get_owner(q, p->steps);
		GPtrArray *list = s ? list_of_kind(q, s) : NULL;
		if (list)
			g_ptr_array_add(list, g_strdup(stmt_need_text(q)));
	}
	return false;
}

static bool get_patches(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT step, series, n FROM kept_step_patch /* whole_table */ ORDER BY id", err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		step *s = get_owner(q, m->plan->steps);
		step_patch p = {0};
		p.series = stmt_get_series(q, m);
		p.n = stmt_get_unsigned(q);
		if (s)
			g_array_append_val(s->patches, p);
	}
	return false;
}

static bool get_after(sql *db, plan *p, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(
		db, "SELECT step, n FROM kept_step_after /* whole_table */ ORDER BY id", err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		step *s = get_owner(q, p->steps);
		unsigned n = stmt_get_unsigned(q);
		if (s)
			g_array_append_val(s->depends_on, n);
	}
	return false;
}

static bool get_undecided(sql *db, plan *p, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(
		db, "SELECT title FROM kept_undecided /* whole_table */ ORDER BY id", err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		g_ptr_array_add(p->undecided, undecided_new(stmt_peek_text(q)));
	}
	return false;
}

static bool get_undecided_findings(sql *db, plan *p, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT undecided, finding FROM kept_undecided_finding /* whole_table */ ORDER BY "
		"id",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		undecided *u = get_owner(q, p->undecided);
		if (u)
			g_ptr_array_add(u->findings, g_strdup(stmt_need_text(q)));
	}
	return false;
}

static bool get_hunks(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT step IS NULL, coalesce(step, undecided), fate = '" PART "',"
		" series, path, hunk, CASE fate WHEN '" PART "' THEN 'taken' ELSE fate END"
		" FROM kept_plan_hunk /* whole_table */ ORDER BY id",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		bool open = stmt_get_bool(q);
		void *owner = get_owner(q, open ? m->plan->undecided : m->plan->steps);
		bool part = stmt_get_bool(q);
		unsigned of = stmt_get_series(q, m);
		plan_hunk *h = plan_hunk_new(of, stmt_need_text(q), 0);
		h->hunk = stmt_get_unsigned(q);
		h->fate = get_hunk_fate(q);
		if (owner)
			g_ptr_array_add(open   ? ((undecided *)owner)->hunks
					: part ? ((step *)owner)->parts
					       : ((step *)owner)->hunks,
				h);
		else
			plan_hunk_free(h);
	}
	return false;
}

static bool get_resolutions(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT path, line, end_line, method, confidence, verified"
		" FROM kept_resolution /* whole_table */ ORDER BY id",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		resolution *r = resolution_new();
		g_ptr_array_add(m->resolutions, r);
		r->path = stmt_get_text(q);
		r->line = stmt_get_unsigned(q);
		r->end_line = stmt_get_unsigned(q);
		r->method = stmt_get_text(q);
		r->confidence = stmt_get_real(q);
		r->verified = stmt_get_bool(q);
	}
	return false;
}

bool plan_get(sql *db, mediation *m, GError **err)
{
	gint64 plans;
	if (!get_resolutions(db, m, err) ||
		!sql_number(db, &plans, "SELECT id FROM kept_plan WHERE id = 1", err))
		return false;
	if (!plans)
		return true;
	m->plan = plan_new();
	return get_steps(db, m->plan, err) && get_items(db, m->plan, err) &&
	       get_patches(db, m, err) && get_after(db, m->plan, err) &&
	       get_undecided(db, m->plan, err) && get_undecided_findings(db, m->plan, err) &&
	       get_hunks(db, m, err);
}
