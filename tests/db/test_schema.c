/* The schema: old databases come up to it, hot queries do not scan, docs and views agree. */
#include "support/scratch_db.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "db/schema.h"
#include "support/child.h"
#include "support/mediation_random.h"

/* The first column of a query, joined by newlines. The caller's. */
static char *column_of(sql *db, const char *query)
{
	g_autoptr(stmt) q = NULL;
	GString *text = g_string_new(NULL);
	bool row;
	GError *error = NULL;
	q = sql_prepare(db, query, &error);
	if (!q)
		fail_msg("%s", error->message);
	while (stmt_next(q, &row, NULL) && row)
		g_string_append_printf(text, "%s\n", stmt_peek_text(q));
	return g_string_free(text, FALSE);
}

/* ------------------------------------------------------------------------------ old databases */

#define SCHEMA_OBJECTS                                                                             \
	"SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema"                \
	" WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"

/* tests/db/old/N.sql, as sqlite3's .dump writes it, was made by the truce that wrote schema N. */
static void load_dump(const char *path, unsigned version)
{
	g_autofree char *name = g_strdup_printf("%s/db/old/%u.sql", TEST_DIR, version);
	g_autofree char *text = NULL;
	if (!g_file_get_contents(name, &text, NULL, NULL))
		fail_msg("%s: schema %u has no stored database", name, version);
	sqlite3 *handle;
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	char *why = NULL;
	if (sqlite3_exec(handle, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", name, why);
	g_autofree char *marks = g_strdup_printf(
		"PRAGMA application_id=%d;PRAGMA user_version=%u", 0x74726365, version);
	assert_int_equal(sqlite3_exec(handle, marks, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
}

/* What every stored database holds, in all schemas: the example of tests/db/old/README.md. */
static void assert_kept(store *db)
{
	g_autofree char *base = NULL;
	g_autoptr(GPtrArray) list = NULL;
	g_autoptr(GHashTable) decisions = NULL;
	MUST(store_get(db, "base.rev", &base, err));
	assert_string_equal(base, "v1.0");
	MUST(store_series_list(db, &list, err));
	assert_int_equal(list->len, 2);
	series *acme = g_ptr_array_index(list, 0), *bolt = g_ptr_array_index(list, 1);
	assert_string_equal(acme->name, "acme");
	assert_string_equal(bolt->name, "bolt");
	assert_int_equal(acme->commits->len, 2);
	const series_commit *c = g_ptr_array_index(acme->commits, 1);
	assert_string_equal(c->subject, "irq: it's acme's own flag");
	assert_string_equal(c->author.name, "J\xc3\xb6rg");
	assert_int_equal(bolt->rejects->len, 1);
	assert_int_equal(((const reject *)g_ptr_array_index(bolt->rejects, 0))->near_line, 17);
	MUST(store_series_changes(db, acme, err));
	assert_int_equal(file_change_patch_of_new(series_change(acme, "kernel/irq.c"), 12), 2);
	MUST(store_decisions(db, &decisions, err));
	assert_int_equal(g_hash_table_size(decisions), 1);
	GHashTableIter iter;
	gpointer ruling;
	g_hash_table_iter_init(&iter, decisions);
	g_hash_table_iter_next(&iter, NULL, &ruling);
	assert_int_equal(((decision *)ruling)->take, DECISION_TAKE);
	assert_string_equal(((decision *)ruling)->party, "acme");
	assert_int_equal(
		number_of(db->db, "SELECT count(*) FROM findings WHERE state = 'decided'"), 1);
	assert_int_equal(
		number_of(db->db, "SELECT count(*) FROM findings WHERE state = 'closed'"), 1);
	assert_int_equal(number_of(db->db, "SELECT count(*) FROM steps"), 1);
	assert_int_equal(number_of(db->db, "SELECT count(*) FROM plan_hunks"), 2);
}

/* Opens it to read where it cannot be written: "opened" or why not. */
static char *read_in_place(void *data)
{
	g_autoptr(store) db = NULL;
	g_autoptr(GError) error = NULL;
	return g_strdup(store_open(&db, data, STORE_READ, &error) ? "opened" : error->message);
}

static void assert_reader_refuses(const scratch *s, unsigned version)
{
	assert_int_equal(chmod(s->path, 0444), 0);
	assert_int_equal(chmod(s->directory, 0555), 0);
	g_autofree char *answer = child_answer(read_in_place, s->path, true);
	assert_int_equal(chmod(s->directory, 0755), 0);
	assert_int_equal(chmod(s->path, 0644), 0);
	if (version == schema_version)
		assert_string_equal(answer, "opened");
	else
		assert_non_null(strstr(answer, "written by an older truce"));
}

static void test_old_databases(void **state)
{
	scratch *s = *state;
	g_autofree char *fresh = column_of(s->db->db, SCHEMA_OBJECTS);
	for (unsigned version = 1; version <= schema_version; version++) {
		store_free(g_steal_pointer(&s->db));
		g_unlink(s->path);
		load_dump(s->path, version);
		assert_reader_refuses(s, version);
		/* A reader brings it up to date where it can. */
		MUST(store_open(&s->db, s->path, version % 2 ? STORE_READ : STORE_WRITE, err));
		g_autofree char *objects = column_of(s->db->db, SCHEMA_OBJECTS);
		assert_string_equal(objects, fresh);
		assert_int_equal(number_of(s->db->db, "PRAGMA user_version"), schema_version);
		g_autofree char *sound = column_of(s->db->db, "PRAGMA integrity_check");
		assert_string_equal(sound, "ok\n");
		assert_int_equal(
			number_of(s->db->db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
		assert_kept(s->db);
	}
}

/* A migration that fails leaves the database as it was. */
static void test_failed_migration(void **state)
{
	scratch *s = *state;
	store_free(g_steal_pointer(&s->db));
	g_unlink(s->path);
	sql *db;
	/* In the way of the first migration. */
	MUST(sql_open(&db, s->path, true, 100, err));
	MUST(sql_script(db, "PRAGMA application_id=0x74726365; CREATE TABLE kept_note (x)", err));
	sql_close(db);
	g_autoptr(GError) error = NULL;
	assert_false(store_open(&s->db, s->path, STORE_WRITE, &error));
	assert_non_null(strstr(error->message, "migration 1"));
	MUST(sql_open(&db, s->path, false, 100, err));
	assert_int_equal(number_of(db, "SELECT count(*) FROM sqlite_schema"), 1);
	assert_int_equal(number_of(db, "PRAGMA user_version"), 0);
	sql_close(db);
}

/* Views that differ from this program's are made anew, without a migration. */
static void test_stale_views(void **state)
{
	scratch *s = *state;
	MUST(sql_script(s->db->db,
		"DROP VIEW notes; CREATE VIEW notes AS SELECT 1; CREATE VIEW old AS SELECT 1;"
		"UPDATE kept_setting SET value = 'older' WHERE key = 'schema.views'",
		err));
	scratch_reopen(s);
	assert_int_equal(number_of(s->db->db, "SELECT count(*) FROM notes"), 0);
	assert_int_equal(
		number_of(s->db->db, "SELECT count(*) FROM sqlite_schema WHERE name = 'old'"), 0);
}

/* ------------------------------------------------------------------------------------ the guard */

/* One of everything, so that every statement of the store is prepared. */
static void use_everything(scratch *s)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	for (guint i = 0; i < 2; i++) {
		g_autofree char *key = g_strdup_printf("%u", i), *text = NULL, *digest = NULL;
		g_autoptr(mediation) m = mediation_random(rand, &mediation_size_fixed), back = NULL;
		g_autoptr(GPtrArray) list = NULL;
		g_autoptr(GHashTable) decisions = NULL;
		g_autoptr(GBytes) data = g_bytes_new("x", 1), facts = NULL;
		random_readings readings;
		readings_random(&readings, rand, m, 2);
		for (guint k = 0; k < m->series->len; k++)
			MUST(store_series_put(s->db, g_ptr_array_index(m->series, k), "d", err));
		finding *f = g_ptr_array_index(m->findings, 0);
		g_autoptr(decision) d = decision_random(rand, f->fingerprint);
		MUST(store_set(s->db, "key", i ? NULL : "value", err));
		MUST(store_get(s->db, "key", &text, err));
		MUST(store_facts_put(s->db, key, "a.c", data, err));
		MUST(store_facts_get(s->db, key, &facts, err));
		MUST(store_analysis_put(s->db, m, key, readings.list, err));
		MUST(store_plan_put(s->db, m, err));
		MUST(store_decision_put(s->db, d, err));
		MUST(store_decisions(s->db, &decisions, err));
		MUST(store_analysis_get(s->db, &back, err));
		MUST(store_series_list(s->db, &list, err));
		MUST(store_series_changes(s->db, g_ptr_array_index(list, 0), err));
		MUST(store_series_digest(s->db, "vendor0", &digest, err));
		MUST(store_series_remove(s->db, "vendor1", err));
		MUST(store_decision_remove(s->db, f->fingerprint, err));
		readings_random_clear(&readings);
	}
}

/* How SQLite means to run the statement, a line a loop. */
static char *plan_of(sql *db, const char *text)
{
	g_autofree char *explain = g_strconcat("EXPLAIN QUERY PLAN ", text, NULL);
	GString *plan_text = g_string_new(NULL);
	sqlite3_stmt *q;
	if (sqlite3_prepare_v2(db->handle, explain, -1, &q, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db->handle));
	while (sqlite3_step(q) == SQLITE_ROW)
		g_string_append_printf(plan_text, "%s\n", sqlite3_column_text(q, 3));
	sqlite3_finalize(q);
	return g_string_free(plan_text, FALSE);
}

/* A statement may walk or sort a whole table only where it says that it means to. */
static void test_no_scans(void **state)
{
	scratch *s = *state;
	use_everything(s);
	GHashTableIter iter;
	gpointer text;
	guint checked = 0, scans = 0;
	g_hash_table_iter_init(&iter, s->db->db->seen);
	while (g_hash_table_iter_next(&iter, &text, NULL)) {
		if (g_str_has_prefix(text, "PRAGMA") || strstr(text, "sqlite_schema") ||
			strstr(text, "pragma_"))
			continue;
		g_autofree char *how = plan_of(s->db->db, text);
		bool whole = strstr(text, "whole_table") != NULL;
		/* The right part of an order is sorted within one owner: a handful of rows. */
		bool sorted = strstr(text, "sorted") != NULL;
		if ((!whole && strstr(how, "SCAN ")) ||
			(!sorted && strstr(how, "TEMP B-TREE FOR ORDER")))
			fail_msg("%s\n%s", (char *)text, how);
		checked++;
		scans += whole;
	}
	assert_true(checked > 60 && scans > 10 && scans < checked / 2);
}

/* Whoever removes a row makes SQLite look for those that refer to it: that wants an index on every
 * reference, but on those whose rows go first. */
static void test_references_are_indexed(void **state)
{
	scratch *s = *state;
	g_autofree char *missing = column_of(s->db->db,
		"SELECT t.name || '.' || f.\"from\" FROM pragma_table_list t"
		" JOIN pragma_foreign_key_list(t.name) f WHERE f.seq = 0 AND NOT EXISTS ("
		" SELECT 1 FROM pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c"
		"  WHERE c.seqno = 0 AND c.name = f.\"from\")"
		" AND NOT EXISTS (SELECT 1 FROM pragma_table_info(t.name) p"
		"  WHERE p.pk = 1 AND p.name = f.\"from\") ORDER BY 1");
	assert_string_equal(missing, "cache_touch.base_file\ncache_touch.tip_file\n"
				     "kept_finding.first_run\nkept_finding.last_run\n");
}

/* Caches can go: nothing that is kept refers to them, and what is kept can still be read. */
static void test_caches_can_go(void **state)
{
	scratch *s = *state;
	use_everything(s);
	g_autofree char *backwards = column_of(s->db->db,
		"SELECT t.name || ' -> ' || f.\"table\" FROM pragma_table_list t"
		" JOIN pragma_foreign_key_list(t.name) f"
		" WHERE t.name LIKE 'kept%' AND f.\"table\" NOT LIKE 'kept%'");
	assert_string_equal(backwards, "");
	g_autofree char *tables =
		column_of(s->db->db, "SELECT 'DELETE FROM ' || name || ';' FROM pragma_table_list "
				     "WHERE name LIKE 'cache%'");
	gint64 findings = number_of(s->db->db, "SELECT count(*) FROM findings");
	MUST(sql_script(s->db->db, tables, err));
	assert_int_equal(number_of(s->db->db, "SELECT count(*) FROM findings"), findings);
	g_autoptr(mediation) m = NULL;
	g_autoptr(GError) error = NULL;
	assert_false(store_analysis_get(s->db, &m, &error));
	assert_true(g_error_matches(error, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND));
}

/* --------------------------------------------------------------------------------- the manual */

/* The section of a view in docs/database.md: "### name" up to the next heading. */
static char *section_of(const char *manual, const char *view)
{
	g_autofree char *heading = g_strdup_printf("\n### %s\n", view);
	const char *at = strstr(manual, heading);
	if (!at)
		fail_msg("docs/database.md does not describe the view %s", view);
	const char *end = strstr(at + strlen(heading), "\n### ");
	return end ? g_strndup(at, (gsize)(end - at)) : g_strdup(at);
}

/* Every view and every column of it is described, and every example runs. */
static void test_manual(void **state)
{
	scratch *s = *state;
	g_autofree char *manual = NULL;
	assert_true(g_file_get_contents(TRUCE_SOURCE_DIR "/docs/database.md", &manual, NULL, NULL));
	g_autofree char *views = column_of(
		s->db->db, "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY 1");
	g_auto(GStrv) names = g_strsplit(g_strstrip(views), "\n", -1);
	assert_true(g_strv_length(names) > 15);
	for (char **name = names; *name; name++) {
		g_autofree char *section = section_of(manual, *name);
		g_autofree char *query =
			g_strdup_printf("SELECT name FROM pragma_table_info('%s')", *name);
		g_autofree char *columns = column_of(s->db->db, query);
		g_auto(GStrv) each = g_strsplit(g_strstrip(columns), "\n", -1);
		for (char **column = each; *column; column++) {
			g_autofree char *quoted = g_strdup_printf("`%s`", *column);
			if (!strstr(section, quoted))
				fail_msg(
					"docs/database.md: %s lacks its column %s", *name, *column);
		}
	}
}

static bool ignore_row(int columns, const char *const *values, bool header, void *data)
{
	(void)columns;
	(void)values;
	(void)header;
	(void)data;
	return true;
}

static void test_manual_examples(void **state)
{
	scratch *s = *state;
	use_everything(s);
	g_autofree char *manual = NULL;
	assert_true(g_file_get_contents(TRUCE_SOURCE_DIR "/docs/database.md", &manual, NULL, NULL));
	guint n = 0;
	for (const char *at = manual; (at = strstr(at, "```sql\n"));) {
		at += strlen("```sql\n");
		const char *end = strstr(at, "```");
		g_autofree char *query = g_strndup(at, (gsize)(end - at));
		MUST(store_query(s->db, query, ignore_row, NULL, err));
		at = end + 3;
		n++;
	}
	assert_true(n >= 8);
}

/* ------------------------------------------------------------------- the story of db/old/README.md
 */

static series *acme_series(void)
{
	series *s = series_new("acme");
	g_ptr_array_add(s->specs, g_strdup("quilt:acme/patches"));
	oid_parse(&s->base, "1111111111111111111111111111111111111111");
	oid_parse(&s->tip, "2222222222222222222222222222222222222222");
	for (unsigned n = 1; n <= 2; n++) {
		series_commit *c = series_commit_new();
		c->n = n;
		c->applied = true;
		c->subject = g_strdup(n == 1 ? "irq: a flag" : "irq: it's acme's own flag");
		c->message = g_strdup_printf("%s\n", c->subject);
		c->author.name = g_strdup("J\xc3\xb6rg");
		c->author.email = g_strdup("joerg@acme.example");
		g_ptr_array_add(s->commits, c);
	}
	file_change *c = file_change_new("kernel/irq.c");
	change_hunk h = {.old_start = 10, .new_start = 11, .new_count = 3};
	h.old_patch = g_new0(unsigned, 1);
	h.new_patch = g_new(unsigned, 3);
	h.new_patch[0] = h.new_patch[2] = 1;
	h.new_patch[1] = 2;
	g_array_append_val(c->hunks, h);
	c->insertions = s->insertions = 3;
	s->files = 1;
	s->changes = g_ptr_array_new_with_free_func((GDestroyNotify)file_change_free);
	g_ptr_array_add(s->changes, c);
	return s;
}

static series *bolt_series(void)
{
	series *s = series_new("bolt");
	g_ptr_array_add(s->specs, g_strdup("mbox:bolt.mbox"));
	oid_parse(&s->base, "1111111111111111111111111111111111111111");
	series_commit *c = series_commit_new();
	c->n = 1;
	c->subject = g_strdup("irq: bolt's flag");
	g_ptr_array_add(s->commits, c);
	reject *r = reject_new();
	r->patch = 1;
	r->path = g_strdup("kernel/irq.c");
	r->near_line = 17;
	g_ptr_array_add(s->rejects, r);
	s->changes = g_ptr_array_new_with_free_func((GDestroyNotify)file_change_free);
	return s;
}

static void add_finding(mediation *m, const char *kind, char digit)
{
	finding *f = finding_new(kind);
	f->fingerprint = g_strnfill(64, digit);
	f->id = g_strnfill(8, digit);
	f->title = g_strdup("kernel/irq.c");
	g_ptr_array_add(f->parties, g_strdup("acme"));
	g_ptr_array_add(f->parties, g_strdup("bolt"));
	location *l = location_new();
	l->series = 0;
	l->at = AT_TIP;
	l->path = g_strdup("kernel/irq.c");
	l->line = l->end_line = 12;
	g_ptr_array_add(f->locations, l);
	g_ptr_array_add(m->findings, f);
}

static void add_plan(mediation *m)
{
	m->plan = plan_new();
	step *s = step_new(STEP_TAKE);
	s->n = 1;
	s->title = g_strdup("Take acme's flag");
	g_ptr_array_add(s->hunks, plan_hunk_new(0, "kernel/irq.c", 1));
	g_ptr_array_add(m->plan->steps, s);
	undecided *u = undecided_new("Whose flag?");
	g_ptr_array_add(u->hunks, plan_hunk_new(1, "kernel/irq.c", 1));
	g_ptr_array_add(m->plan->undecided, u);
}

static int tell_story(const char *path)
{
	store *db;
	g_autoptr(mediation) m = mediation_new();
	m->base_rev = g_strdup("v1.0");
	g_ptr_array_add(m->series, acme_series());
	g_ptr_array_add(m->series, bolt_series());
	add_finding(m, "text.conflict", 'a');
	add_finding(m, "text.adjacent", 'b');
	add_finding(m, "code.same-entity", 'c');
	add_plan(m);
	g_autoptr(decision) d = decision_new();
	d->fingerprint = g_strnfill(64, 'a');
	d->take = DECISION_TAKE;
	d->party = g_strdup("acme");
	bool ok =
		store_open(&db, path, STORE_WRITE, NULL) && store_set(db, "base.rev", "v1.0", NULL);
	for (guint i = 0; ok && i < m->series->len; i++)
		ok = store_series_put(db, g_ptr_array_index(m->series, i), "digest", NULL);
	ok = ok && store_analysis_put(db, m, "one", NULL, NULL) && store_decision_put(db, d, NULL);
	g_ptr_array_set_size(m->findings, 2);
	ok = ok && store_analysis_put(db, m, "two", NULL, NULL);
	store_free(db);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--tell-story"))
		return tell_story(argv[2]);
#define WITH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_old_databases),
		WITH(test_failed_migration),
		WITH(test_stale_views),
		WITH(test_no_scans),
		WITH(test_references_are_indexed),
		WITH(test_caches_can_go),
		WITH(test_manual),
		WITH(test_manual_examples),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
