/* The result of an analysis, whole. */
#include "db/internal.h"

#include <string.h>

#include "base/error.h"

DEFINE_GET_ENUM(tree_at, tree_at_name, AT_MERGED)

/* Runs for which a fact set is kept that nobody asked for: going back and forth between a few
 * versions of a series stays quick, and the cache does not grow for ever. */
#define FACTS_KEEP_RUNS 8

/* ------------------------------------------------------------------------------- series by name */

bool series_name_at(const mediation *m, const char **name, int index, GError **err)
{
	if (index == -1) {
		*name = NULL;
		return true;
	}
	if (index < 0 || (guint)index >= m->series->len)
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL, "a row names series %d of %u",
			index, m->series->len);
	*name = ((const series *)g_ptr_array_index(m->series, (guint)index))->name;
	return true;
}

unsigned stmt_get_series(stmt *q, const mediation *m)
{
	const char *name = stmt_peek_text(q);
	int index = name ? mediation_series(m, name) : -1;
	if (index < 0)
		stmt_refuse(q, "a series that was not analysed");
	return index < 0 ? 0 : (unsigned)index;
}

/* ------------------------------------------------------------------------------------- writing */

/* The run of `key`: the last one if it was the same, else a new one. */
static bool start_run(sql *db, gint64 *run, const char *key, GError **err)
{
	g_autoptr(stmt) last = sql_prepare(
		db, "SELECT id, key FROM kept_run WHERE id = (SELECT max(id) FROM kept_run)", err);
	bool row;
	if (!last || !stmt_next(last, &row, err))
		return false;
	*run = row ? stmt_get_int(last) : 0;
	if (row && !g_strcmp0(stmt_peek_text(last), key))
		return true;
	stmt_done(g_steal_pointer(&last));
	g_autoptr(stmt) q = sql_prepare(db, "INSERT INTO kept_run (key, time) VALUES (?,?)", err);
	if (!q)
		return false;
	stmt_put_text(q, key);
	stmt_put_int(q, g_get_real_time() / G_USEC_PER_SEC);
	if (!stmt_run(q, err))
		return false;
	*run = stmt_inserted(q);
	return true;
}

static bool clear_analysis(sql *db, GError **err)
{
	/* What refers comes before what it refers to, so that no row is looked up twice. */
	return sql_script(db,
		"DELETE FROM cache_evidence; DELETE FROM cache_side; DELETE FROM cache_point_alias;"
		"DELETE FROM cache_point; DELETE FROM cache_unparsed; DELETE FROM cache_cause;"
		"DELETE FROM cache_coverage;"
		"DELETE FROM cache_analysed; DELETE FROM cache_group; DELETE FROM cache_analysis",
		err);
}

static bool put_groups(sql *db, GPtrArray *groups, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db, "INSERT INTO cache_group (name) VALUES (?)", err);
	if (!q)
		return false;
	for (guint i = 0; i < groups->len; i++) {
		stmt_put_text(q, g_ptr_array_index(groups, i));
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool put_head(sql *db, const mediation *m, const char *key, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO cache_analysis (id, key, base_rev, base, base_tree, catalogue,"
		" catalogue_name, catalogue_version, catalogue_title, catalogue_digest)"
		" VALUES (1, ?,?,?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	const catalogue_info *c = m->catalogue;
	stmt_put_text(q, key);
	stmt_put_text(q, m->base_rev);
	stmt_put_oid(q, &m->base);
	stmt_put_oid(q, &m->base_tree);
	stmt_put_int(q, c != NULL);
	stmt_put_text(q, c ? c->name : NULL);
	stmt_put_text(q, c ? c->version : NULL);
	stmt_put_text(q, c ? c->title : NULL);
	stmt_put_text(q, c ? c->digest : NULL);
	return stmt_run(q, err) && (!c || put_groups(db, c->groups, err));
}

static bool put_series(sql *db, const mediation *m, GError **err)
{
	g_autoptr(stmt) q =
		sql_prepare(db, "INSERT INTO cache_analysed (id, series) VALUES (?,?)", err);
	if (!q)
		return false;
	for (guint i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		gint64 id;
		if (mediation_series(m, s->name) != (int)i)
			return error_set(err, TRUCE_ERROR_INTERNAL, NULL,
				"two series are named '%s'", s->name);
		if (!series_version_put(db, &id, s, err))
			return false;
		stmt_put_int(q, i);
		stmt_put_int(q, id);
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool put_unparsed(sql *db, guint analysed, GPtrArray *ranges, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO cache_unparsed (analysed, path, at, line, end_line, reason)"
		" VALUES (?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < ranges->len; i++) {
		const unparsed_range *u = g_ptr_array_index(ranges, i);
		stmt_put_int(q, analysed);
		stmt_put_text(q, u->path);
		stmt_put_text(q, tree_at_name(u->at));
		stmt_put_int(q, u->line);
		stmt_put_int(q, u->end_line);
		stmt_put_text(q, u->reason);
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool put_causes(sql *db, guint analysed, GPtrArray *causes, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO cache_cause (analysed, path, line, text, files) VALUES (?,?,?,?,?)",
		err);
	if (!q)
		return false;
	for (guint i = 0; i < causes->len; i++) {
		const coverage_cause *c = g_ptr_array_index(causes, i);
		stmt_put_int(q, analysed);
		stmt_put_text(q, c->path);
		stmt_put_int(q, c->line);
		stmt_put_text(q, c->text);
		stmt_put_int(q, c->files);
		if (!stmt_run(q, err))
			return false;
	}
	return true;
}

static bool put_coverage(sql *db, const mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"INSERT INTO cache_coverage (analysed, c_files, c_files_clean, c_lines_changed,"
		" c_lines_parsed, other_files, other_lines_changed) VALUES (?,?,?,?,?,?,?)",
		err);
	if (!q)
		return false;
	if (m->coverage->len > m->series->len)
		return error_set(
			err, TRUCE_ERROR_INTERNAL, NULL, "coverage of more than the series");
	for (guint i = 0; i < m->coverage->len; i++) {
		const coverage *c = g_ptr_array_index(m->coverage, i);
		stmt_put_int(q, i);
		stmt_put_int(q, c->c_files);
		stmt_put_int(q, c->c_files_clean);
		stmt_put_int(q, c->c_lines_changed);
		stmt_put_int(q, c->c_lines_parsed);
		stmt_put_int(q, c->other_files);
		stmt_put_int(q, c->other_lines_changed);
		if (!stmt_run(q, err) || !put_unparsed(db, i, c->unparsed, err) ||
			!put_causes(db, i, c->causes, err))
			return false;
	}
	return true;
}

/* Notes in a cache what this run used, and drops what none of the last runs did. */
static bool age(store *s, const char *update, const char *drop, gint64 run, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(s->db, update, err);
	if (!q)
		return false;
	GHashTableIter iter;
	gpointer key;
	g_hash_table_iter_init(&iter, s->used);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		stmt_put_int(q, run);
		stmt_put_text(q, key);
		if (!stmt_run(q, err))
			return false;
	}
	return sql_run_for(s->db, drop, run - FACTS_KEEP_RUNS, err);
}

static bool age_facts(store *s, gint64 run, GError **err)
{
	return age(s, "UPDATE cache_facts SET used = ? WHERE key = ? AND used <> ?1",
		       "DELETE FROM cache_facts WHERE used < ?", run, err) &&
	       age(s, "UPDATE cache_choice SET used = ? WHERE key = ? AND used <> ?1",
		       "DELETE FROM cache_choice WHERE used < ?", run, err);
}

bool store_analysis_put(
	store *s, const mediation *m, const char *key, GPtrArray *readings, GError **err)
{
	g_auto(transaction) t = {0};
	gint64 run;
	return transaction_begin(&t, s->db, true, err) && start_run(s->db, &run, key, err) &&
	       clear_analysis(s->db, err) && put_head(s->db, m, key, err) &&
	       put_series(s->db, m, err) && series_versions_prune(s->db, err) &&
	       put_coverage(s->db, m, err) && points_put(s->db, m, err) &&
	       findings_put(s->db, m, run, err) && plan_put(s->db, m, err) &&
	       (!readings || readings_put(s->db, readings, err)) && age_facts(s, run, err) &&
	       transaction_commit(&t, err);
}

bool store_plan_put(store *s, const mediation *m, GError **err)
{
	g_auto(transaction) t = {0};
	return transaction_begin(&t, s->db, true, err) && plan_put(s->db, m, err) &&
	       transaction_commit(&t, err);
}

/* ------------------------------------------------------------------------------------- reading */

bool store_analysis_key(store *s, char **key, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(s->db, "SELECT key FROM cache_analysis WHERE id = 1", err);
	bool row;
	if (!q || !stmt_next(q, &row, err))
		return false;
	*key = row ? stmt_get_text(q) : NULL;
	return true;
}

static bool get_groups(sql *db, GPtrArray *groups, GError **err)
{
	g_autoptr(stmt) q =
		sql_prepare(db, "SELECT name FROM cache_group /* whole_table */ ORDER BY id", err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		g_ptr_array_add(groups, g_strdup(stmt_need_text(q)));
	}
	return false;
}

static bool get_head(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT base_rev, base, base_tree, catalogue, catalogue_name, catalogue_version,"
		" catalogue_title, catalogue_digest FROM cache_analysis WHERE id = 1",
		err);
	bool row;
	if (!q || !stmt_next(q, &row, err))
		return false;
	if (!row)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, "run `truce analyze` first",
			"nothing has been analysed yet");
	m->base_rev = stmt_get_text(q);
	stmt_get_oid(q, &m->base);
	stmt_get_oid(q, &m->base_tree);
	if (!stmt_get_bool(q))
		return stmt_next(q, &row, err);
	m->catalogue = catalogue_info_new();
	m->catalogue->name = stmt_get_text(q);
	m->catalogue->version = stmt_get_text(q);
	m->catalogue->title = stmt_get_text(q);
	m->catalogue->digest = stmt_get_text(q);
	return stmt_next(q, &row, err) && get_groups(db, m->catalogue->groups, err);
}

static bool get_series(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(
		db, "SELECT series FROM cache_analysed /* whole_table */ ORDER BY id", err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		series *s;
		if (!series_version_get(db, &s, stmt_get_int(q), true, err))
			return false;
		g_ptr_array_add(m->series, s);
	}
	return false;
}

static bool get_coverage(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT c_files, c_files_clean, c_lines_changed, c_lines_parsed, other_files,"
		" other_lines_changed FROM cache_coverage /* whole_table */ ORDER BY analysed",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		coverage *c = coverage_new();
		g_ptr_array_add(m->coverage, c);
		c->c_files = stmt_get_unsigned(q);
		c->c_files_clean = stmt_get_unsigned(q);
		c->c_lines_changed = stmt_get_unsigned(q);
		c->c_lines_parsed = stmt_get_unsigned(q);
		c->other_files = stmt_get_unsigned(q);
		c->other_lines_changed = stmt_get_unsigned(q);
	}
	return false;
}

static bool get_unparsed(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT analysed, path, at, line, end_line, reason"
		" FROM cache_unparsed /* whole_table */ ORDER BY id",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		unsigned analysed = stmt_get_unsigned(q);
		unparsed_range *u = unparsed_range_new(stmt_peek_text(q), AT_BASE, 0, 0, NULL);
		u->at = get_tree_at(q);
		u->line = stmt_get_unsigned(q);
		u->end_line = stmt_get_unsigned(q);
		u->reason = stmt_get_text(q);
		if (analysed < m->coverage->len) {
			g_ptr_array_add(
				((coverage *)g_ptr_array_index(m->coverage, analysed))->unparsed,
				u);
		} else {
			unparsed_range_free(u);
			stmt_refuse(q, "a range without its series");
		}
	}
	return false;
}

static bool get_causes(sql *db, mediation *m, GError **err)
{
	g_autoptr(stmt) q = sql_prepare(db,
		"SELECT analysed, path, line, text, files"
		" FROM cache_cause /* whole_table */ ORDER BY id",
		err);
	bool row;
	if (!q)
		return false;
	while (stmt_next(q, &row, err)) {
		if (!row)
			return true;
		unsigned analysed = stmt_get_unsigned(q);
		coverage_cause *c = coverage_cause_new(NULL, 0, NULL, 0);
		c->path = stmt_get_text(q);
		c->line = stmt_get_unsigned(q);
		c->text = stmt_get_text(q);
		c->files = stmt_get_unsigned(q);
		if (analysed < m->coverage->len) {
			g_ptr_array_add(
				((coverage *)g_ptr_array_index(m->coverage, analysed))->causes, c);
		} else {
			coverage_cause_free(c);
			stmt_refuse(q, "a cause without its series");
		}
	}
	return false;
}

bool store_analysis_get(store *s, mediation **out, GError **err)
{
	g_auto(transaction) t = {0};
	g_autoptr(mediation) m = mediation_new();
	if (!transaction_begin(&t, s->db, false, err) || !get_head(s->db, m, err) ||
		!get_series(s->db, m, err) || !get_coverage(s->db, m, err) ||
		!get_unparsed(s->db, m, err) || !get_causes(s->db, m, err) ||
		!points_get(s->db, m, err) || !findings_get(s->db, m, err) ||
		!plan_get(s->db, m, err) || !transaction_commit(&t, err))
		return false;
	*out = g_steal_pointer(&m);
	return true;
}
