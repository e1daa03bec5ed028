/* What is put comes back: mediations, series, rulings, facts; and what stays when things change. */
#include "support/scratch_db.h"

#include "base/error.h"
#include "support/mediation_compare.h"
#include "support/mediation_random.h"

static const mediation_size small = {.series = 3,
	.patches = 8,
	.files = 6,
	.hunks = 4,
	.lines = 60,
	.points = 8,
	.evidence = 4,
	.findings = 12,
	.locations = 4,
	.steps = 6};
#define assert_same(a, b)                                                                          \
	do {                                                                                       \
		g_autofree char *difference_ = mediation_difference(a, b);                         \
		if (difference_)                                                                   \
			fail_msg("%s", difference_);                                               \
	} while (0)

static GRand *seeded(guint32 seed)
{
	return g_rand_new_with_seed(seed);
}

/* As the engine does: series first, so that they have their ids. */
static void put_all_series(store *db, mediation *m)
{
	for (guint i = 0; i < m->series->len; i++)
		MUST(store_series_put(db, g_ptr_array_index(m->series, i), "digest", err));
}

static void put(store *db, mediation *m, const char *key)
{
	put_all_series(db, m);
	MUST(store_analysis_put(db, m, key, NULL, err));
}

static mediation *get(store *db)
{
	mediation *m = NULL;
	MUST(store_analysis_get(db, &m, err));
	return m;
}

/* Rules on every second finding, in the database and in `m`. */
static void decide_some(store *db, GRand *rand, mediation *m)
{
	for (guint i = 0; i < m->findings->len; i += 2) {
		finding *f = g_ptr_array_index(m->findings, i);
		decision_free(f->decision);
		f->decision = decision_random(rand, f->fingerprint);
		MUST(store_decision_put(db, f->decision, err));
	}
}

static void test_round_trip(void **state)
{
	scratch *s = *state;
	for (guint32 seed = 0; seed < 300; seed++) {
		g_autoptr(GRand) rand = seeded(seed);
		g_autoptr(mediation) m = mediation_random(rand, &small);
		g_autofree char *key = g_strdup_printf("key %u", seed);
		put(s->db, m, key);
		decide_some(s->db, rand, m);
		if (seed % 16 == 0)
			scratch_reopen(s);
		g_autoptr(mediation) back = get(s->db);
		g_autofree char *difference = mediation_difference(m, back);
		if (difference)
			fail_msg("seed %u: %s", seed, difference);
		g_autofree char *stored = NULL;
		MUST(store_analysis_key(s->db, &stored, err));
		assert_string_equal(stored, key);
	}
	assert_int_equal(number_of(s->db->db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

/* The comparison is worth something only if it sees a change in any field that matters. */
static void test_comparison_sees(void **state)
{
	(void)state;
	g_autoptr(GRand) rand = seeded(1), same = seeded(1);
	g_autoptr(mediation) a = mediation_random(rand, &mediation_size_fixed),
			     b = mediation_random(same, &mediation_size_fixed);
	assert_same(a, b);
	series *last = g_ptr_array_index(b->series, 1);
	file_change *c = g_ptr_array_index(last->changes, 3);
	change_hunk *h = &g_array_index(c->hunks, change_hunk, 1);
	if (!h->new_patch)
		h->new_patch = g_new0(unsigned, MAX(h->new_count, 1u));
	else
		h->new_patch[h->new_count - 1]++;
	g_autofree char *difference = mediation_difference(a, b);
	assert_non_null(difference);
	assert_true(g_str_has_prefix(difference, "series[1].changes[3].hunks[1]"));
	point_result *r = g_ptr_array_index(b->points, 0);
	r->verdict = (point_verdict)((r->verdict + 1) % 3);
	g_ptr_array_set_size(b->series, 0);
	g_ptr_array_set_size(a->series, 0);
	g_free(difference);
	difference = mediation_difference(a, b);
	assert_non_null(strstr(difference, "points[0].verdict"));
}

static void test_nothing_yet(void **state)
{
	scratch *s = *state;
	g_autoptr(GError) error = NULL;
	mediation *m = NULL;
	char *text = NULL;
	assert_false(store_analysis_get(s->db, &m, &error));
	assert_true(g_error_matches(error, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND));
	assert_non_null(error_hint(error));
	assert_null(m);
	MUST(store_analysis_key(s->db, &text, err));
	assert_null(text);
	MUST(store_get(s->db, "base.rev", &text, err));
	assert_null(text);
	MUST(store_series_digest(s->db, "xen", &text, err));
	assert_null(text);
	GBytes *facts = NULL;
	MUST(store_facts_get(s->db, "0123", &facts, err));
	assert_null(facts);
}

static void test_settings(void **state)
{
	scratch *s = *state;
	g_autofree char *first = NULL, *second = NULL, *gone = NULL;
	MUST(store_set(s->db, "base.rev", "v2.6.16-rc5", err));
	MUST(store_get(s->db, "base.rev", &first, err));
	assert_string_equal(first, "v2.6.16-rc5");
	MUST(store_set(s->db, "base.rev", "it's \"v2\"", err));
	scratch_reopen(s);
	MUST(store_get(s->db, "base.rev", &second, err));
	assert_string_equal(second, "it's \"v2\"");
	MUST(store_set(s->db, "base.rev", NULL, err));
	MUST(store_get(s->db, "base.rev", &gone, err));
	assert_null(gone);
}

static void test_facts(void **state)
{
	scratch *s = *state;
	g_autoptr(GBytes) data = g_bytes_new("\0facts\0", 7), other = g_bytes_new("", 0);
	g_autoptr(GBytes) back = NULL, again = NULL;
	MUST(store_facts_put(s->db, "aa", "kernel/a.c", data, err));
	MUST(store_facts_put(s->db, "bb", NULL, other, err));
	MUST(store_facts_get(s->db, "aa", &back, err));
	assert_true(g_bytes_equal(data, back));
	MUST(store_facts_put(s->db, "aa", "kernel/a.c", other, err));
	scratch_reopen(s);
	MUST(store_facts_get(s->db, "aa", &again, err));
	assert_non_null(again);
	assert_int_equal(g_bytes_get_size(again), 0);
}

/* Facts that are damaged are facts to read anew, no failure. */
static void test_facts_damaged(void **state)
{
	scratch *s = *state;
	g_autoptr(GBytes) data = g_bytes_new_take(g_strnfill(5000, 'f'), 5000);
	static const char *const damages[] = {"UPDATE cache_facts SET data = x'00ff'",
		"UPDATE cache_facts SET size = 4000", "UPDATE cache_facts SET size = 6000",
		"UPDATE cache_facts SET size = -1", "UPDATE cache_facts SET size = 1 << 50",
		"UPDATE cache_facts SET data = substr(data, 1, length(data) - 3)"};
	for (guint i = 0; i < G_N_ELEMENTS(damages); i++) {
		g_autoptr(GBytes) back = NULL, gone = NULL;
		MUST(store_facts_put(s->db, "aa", "kernel/a.c", data, err));
		MUST(store_facts_get(s->db, "aa", &back, err));
		assert_true(g_bytes_equal(data, back));
		MUST(sql_script(s->db->db, damages[i], err));
		MUST(store_facts_get(s->db, "aa", &gone, err));
		assert_null(gone);
	}
}

/* Facts that no run asks for go after some runs; those in use stay. */
static void test_facts_age(void **state)
{
	scratch *s = *state;
	g_autoptr(GRand) rand = seeded(3);
	g_autoptr(mediation) m = mediation_random(rand, &mediation_size_fixed);
	g_autoptr(GBytes) data = g_bytes_new("facts", 5);
	MUST(store_facts_put(s->db, "used", NULL, data, err));
	MUST(store_facts_put(s->db, "forgotten", NULL, data, err));
	bool forgotten = false;
	for (guint run = 0; run < 20; run++) {
		g_autofree char *key = g_strdup_printf("run %u", run);
		g_autoptr(GBytes) used = NULL;
		scratch_reopen(s);
		MUST(store_facts_get(s->db, "used", &used, err));
		assert_non_null(used);
		put(s->db, m, key);
		forgotten = !number_of(
			s->db->db, "SELECT count(*) FROM cache_facts WHERE key = 'forgotten'");
		assert_true(!forgotten || run >= 8);
	}
	assert_true(forgotten);
}

static void test_series_list(void **state)
{
	scratch *s = *state;
	g_autoptr(GRand) rand = seeded(5);
	g_autoptr(mediation) m = mediation_random(rand, &mediation_size_fixed);
	put_all_series(s->db, m);
	g_autoptr(GPtrArray) list = NULL;
	g_autofree char *stored = NULL;
	MUST(store_series_list(s->db, &list, err));
	assert_int_equal(list->len, 2);
	for (guint i = 0; i < 2; i++) {
		series *one = g_ptr_array_index(list, i);
		assert_null(one->changes);
		g_autofree char *but_changes =
			series_difference(g_ptr_array_index(m->series, i), one, false);
		assert_null(but_changes);
		MUST(store_series_changes(s->db, one, err));
		g_autofree char *difference =
			series_difference(g_ptr_array_index(m->series, i), one, true);
		assert_null(difference);
	}
	MUST(store_series_digest(s->db, "vendor1", &stored, err));
	assert_string_equal(stored, "digest");
}

/* A new version takes the place of the old in the order; the analysis of the old one stays whole
 * until the next. */
static void test_series_replaced(void **state)
{
	scratch *s = *state;
	g_autoptr(GRand) rand = seeded(7);
	g_autoptr(mediation) m = mediation_random(rand, &mediation_size_fixed);
	g_autoptr(mediation) next = mediation_random(rand, &mediation_size_fixed);
	put(s->db, m, "first");
	series *again = g_ptr_array_index(next->series, 0);
	gint64 old = ((series *)g_ptr_array_index(m->series, 0))->id;
	MUST(store_series_put(s->db, again, "other", err));
	assert_true(again->id > old);

	g_autoptr(GPtrArray) list = NULL;
	MUST(store_series_list(s->db, &list, err));
	assert_int_equal(list->len, 2);
	assert_string_equal(((series *)g_ptr_array_index(list, 0))->name, "vendor0");
	assert_int_equal(((series *)g_ptr_array_index(list, 0))->id, again->id);
	g_autoptr(mediation) back = get(s->db);
	assert_same(m, back);

	put(s->db, next, "second");
	g_autoptr(mediation) new = get(s->db);
	assert_same(next, new);
	assert_int_equal(number_of(s->db->db, "SELECT count(*) FROM kept_series"), 2);
	assert_int_equal(number_of(s->db->db, "SELECT count(*) FROM kept_patch"), 10);
	series stale = {.id = old};
	g_autoptr(GError) error = NULL;
	assert_false(store_series_changes(s->db, &stale, &error));
	assert_true(g_error_matches(error, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND));
}

/* The same series put again is the same version: nothing is written twice. */
static void test_series_same(void **state)
{
	scratch *s = *state;
	g_autoptr(GRand) rand = seeded(9), twin = seeded(9);
	g_autoptr(mediation) m = mediation_random(rand, &mediation_size_fixed),
			     same = mediation_random(twin, &mediation_size_fixed);
	put(s->db, m, "first");
	put(s->db, same, "second");
	for (guint i = 0; i < 2; i++)
		assert_int_equal(((series *)g_ptr_array_index(m->series, i))->id,
			((series *)g_ptr_array_index(same->series, i))->id);
	assert_int_equal(number_of(s->db->db, "SELECT max(id) FROM kept_series"), 2);
}

static void test_series_removed(void **state)
{
	scratch *s = *state;
	g_autoptr(GRand) rand = seeded(11);
	g_autoptr(mediation) m = mediation_random(rand, &mediation_size_fixed);
	g_autoptr(GPtrArray) list = NULL;
	put(s->db, m, "first");
	MUST(store_series_remove(s->db, "vendor0", err));
	MUST(store_series_list(s->db, &list, err));
	assert_int_equal(list->len, 1);
	g_autoptr(mediation) back = get(s->db);
	assert_same(m, back);
	g_autoptr(GError) error = NULL;
	assert_false(store_series_remove(s->db, "vendor0", &error));
	assert_true(g_error_matches(error, TRUCE_ERROR, TRUCE_ERROR_NOT_FOUND));
}

/* Findings that are gone are closed and keep the run they were seen in; the ruling on one that
 * comes back is there again. */
static void test_findings_history(void **state)
{
	scratch *s = *state;
	g_autoptr(GRand) rand = seeded(13);
	g_autoptr(mediation) m = mediation_random(rand, &mediation_size_fixed);
	put(s->db, m, "run one");
	finding *gone = g_ptr_array_index(m->findings, 0);
	g_autofree char *query =
		g_strdup_printf("SELECT CASE WHEN ordinal IS NULL THEN last_run ELSE -last_run END"
				" FROM kept_finding WHERE fingerprint = '%s'",
			gone->fingerprint);
	assert_int_equal(number_of(s->db->db, query), -1);
	g_autoptr(decision) ruling = decision_random(rand, gone->fingerprint);
	MUST(store_decision_put(s->db, ruling, err));

	finding *kept_aside = g_ptr_array_steal_index(m->findings, 0);
	put(s->db, m, "run two");
	put(s->db, m, "run three");
	put(s->db, m, "run three");
	assert_int_equal(number_of(s->db->db, query), 1);
	assert_int_equal(number_of(s->db->db, "SELECT count(*) FROM findings"), 6);
	assert_int_equal(
		number_of(s->db->db, "SELECT count(*) FROM findings WHERE state = 'closed'"), 1);
	assert_int_equal(number_of(s->db->db, "SELECT max(last_run) FROM findings"), 3);
	g_autoptr(mediation) without = get(s->db);
	assert_int_equal(without->findings->len, 5);

	g_ptr_array_insert(m->findings, 2, kept_aside);
	put(s->db, m, "run four");
	g_autoptr(mediation) back = get(s->db);
	finding *returned = g_ptr_array_index(back->findings, 2);
	assert_string_equal(returned->fingerprint, ruling->fingerprint);
	assert_non_null(returned->decision);
	assert_int_equal(returned->decision->take, ruling->take);
	assert_int_equal(number_of(s->db->db, query), -4);
	assert_int_equal(number_of(s->db->db, "SELECT min(first_run) FROM findings"), 1);
}

static void test_decisions(void **state)
{
	scratch *s = *state;
	g_autoptr(GRand) rand = seeded(15);
	g_autoptr(mediation) m = mediation_random(rand, &mediation_size_fixed);
	g_autoptr(GHashTable) some = NULL, none = NULL;
	put(s->db, m, "key");
	decide_some(s->db, rand, m);
	decide_some(s->db, rand, m);
	MUST(store_decisions(s->db, &some, err));
	assert_int_equal(g_hash_table_size(some), 3);
	for (guint i = 0; i < m->findings->len; i++) {
		finding *f = g_ptr_array_index(m->findings, i);
		assert_int_equal(g_hash_table_contains(some, f->fingerprint), i % 2 == 0);
		MUST(store_decision_remove(s->db, f->fingerprint, err));
	}
	MUST(store_decisions(s->db, &none, err));
	assert_int_equal(g_hash_table_size(none), 0);
}

static void test_plan_alone(void **state)
{
	scratch *s = *state;
	g_autoptr(GRand) rand = seeded(17);
	g_autoptr(mediation) m = mediation_random(rand, &mediation_size_fixed);
	g_autoptr(mediation) other = mediation_random(rand, &mediation_size_fixed);
	put(s->db, m, "key");
	plan *swap = m->plan;
	GPtrArray *resolutions = m->resolutions;
	m->plan = other->plan;
	m->resolutions = other->resolutions;
	other->plan = swap;
	other->resolutions = resolutions;
	MUST(store_plan_put(s->db, m, err));
	g_autoptr(mediation) back = get(s->db);
	assert_same(m, back);
}

/* All or nothing: a mediation that breaks its promises changes nothing. */
static void test_refused_whole(void **state)
{
	scratch *s = *state;
	g_autoptr(GRand) rand = seeded(19);
	g_autoptr(mediation) m = mediation_random(rand, &mediation_size_fixed);
	g_autoptr(mediation) broken = mediation_random(rand, &mediation_size_fixed);
	put(s->db, m, "good");
	finding *last = g_ptr_array_index(broken->findings, 5);
	location *l = g_ptr_array_index(last->locations, 0);
	l->series = 2;
	g_autoptr(GError) error = NULL;
	assert_false(store_analysis_put(s->db, broken, "bad", NULL, &error));
	assert_true(g_error_matches(error, TRUCE_ERROR, TRUCE_ERROR_INTERNAL));
	g_autoptr(mediation) back = get(s->db);
	assert_same(m, back);
	l->series = 1;
	g_free(last->fingerprint);
	last->fingerprint =
		g_strdup(((finding *)g_ptr_array_index(broken->findings, 0))->fingerprint);
	g_clear_error(&error);
	assert_false(store_analysis_put(s->db, broken, "bad", NULL, &error));
	g_autofree char *key = NULL;
	MUST(store_analysis_key(s->db, &key, err));
	assert_string_equal(key, "good");
}

static void test_transactions_nest(void **state)
{
	scratch *s = *state;
	g_autofree char *outer = NULL, *inner = NULL, *kept = NULL;
	MUST(store_begin(s->db, err));
	MUST(store_set(s->db, "outer", "1", err));
	MUST(store_begin(s->db, err));
	MUST(store_set(s->db, "inner", "1", err));
	store_rollback(s->db);
	MUST(store_begin(s->db, err));
	MUST(store_set(s->db, "kept", "1", err));
	MUST(store_commit(s->db, err));
	MUST(store_commit(s->db, err));
	scratch_reopen(s);
	MUST(store_get(s->db, "outer", &outer, err));
	MUST(store_get(s->db, "inner", &inner, err));
	MUST(store_get(s->db, "kept", &kept, err));
	assert_non_null(outer);
	assert_null(inner);
	assert_non_null(kept);

	MUST(store_begin(s->db, err));
	MUST(store_set(s->db, "outer", NULL, err));
	MUST(store_begin(s->db, err));
	MUST(store_set(s->db, "kept", NULL, err));
	MUST(store_commit(s->db, err));
	store_rollback(s->db);
	g_autofree char *still = NULL;
	MUST(store_get(s->db, "kept", &still, err));
	assert_non_null(still);
}

/* Readings fill the views; a put without them leaves those of before. */
static void test_readings(void **state)
{
	scratch *s = *state;
	g_autoptr(GRand) rand = seeded(21);
	g_autoptr(mediation) m = mediation_random(rand, &mediation_size_fixed);
	random_readings readings;
	readings_random(&readings, rand, m, 5);
	put_all_series(s->db, m);
	MUST(store_analysis_put(s->db, m, "one", readings.list, err));
	/* 2 series of 4 files with 5 touches each; of each file the tip, and two in the base. */
	assert_int_equal(number_of(s->db->db, "SELECT count(*) FROM touches"), 40);
	assert_int_equal(number_of(s->db->db, "SELECT count(*) FROM entities"), 50);
	assert_int_equal(
		number_of(s->db->db, "SELECT count(*) FROM entities WHERE series IS NULL"), 10);
	assert_int_equal(number_of(s->db->db, "SELECT count(*) FROM shadows"), 2);
	assert_int_equal(
		number_of(s->db->db,
			"SELECT count(*) FROM touches t JOIN files f USING (series, path)"),
		40);
	MUST(store_analysis_put(s->db, m, "two", NULL, err));
	assert_int_equal(number_of(s->db->db, "SELECT count(*) FROM touches"), 40);
	g_ptr_array_remove_index(readings.list, 1);
	MUST(store_analysis_put(s->db, m, "three", readings.list, err));
	assert_int_equal(number_of(s->db->db, "SELECT count(*) FROM touches"), 20);
	readings_random_clear(&readings);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_round_trip),
		cmocka_unit_test(test_comparison_sees),
		WITH(test_nothing_yet),
		WITH(test_settings),
		WITH(test_facts),
		WITH(test_facts_damaged),
		WITH(test_facts_age),
		WITH(test_series_list),
		WITH(test_series_replaced),
		WITH(test_series_same),
		WITH(test_series_removed),
		WITH(test_findings_history),
		WITH(test_decisions),
		WITH(test_plan_alone),
		WITH(test_refused_whole),
		WITH(test_transactions_nest),
		WITH(test_readings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
