/* Killed at any moment, the database opens, is whole, and holds the old state or the new. And
 * several processes at once take turns. */
#include "support/scratch_db.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "support/child.h"
#include "support/fault_vfs.h"
#include "support/mediation_compare.h"
#include "support/mediation_random.h"

/* Sanitizers make a process of every kill slow; what they look for shows in fewer. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 5
#else
#define SLOWER 1
#endif

/* Two states that differ in everything, in turns. */
static const mediation_size sizes[] = {
	{.exact = true,
		.series = 2,
		.patches = 6,
		.files = 12,
		.hunks = 2,
		.lines = 30,
		.points = 6,
		.evidence = 3,
		.findings = 20,
		.locations = 2,
		.steps = 4},
	{.exact = true,
		.series = 3,
		.patches = 3,
		.files = 5,
		.hunks = 3,
		.lines = 10,
		.points = 9,
		.evidence = 2,
		.findings = 9,
		.locations = 3,
		.steps = 7},
};

static mediation *make_state(guint which)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(100 + which);
	return mediation_random(rand, &sizes[which]);
}

/* One whole change of state: series, analysis, ruling and facts in one transaction. */
static bool put_state(store *db, mediation *m, guint which)
{
	g_autofree char *key = g_strdup_printf("%u", which);
	g_autoptr(GBytes) facts = bytes_random(20000);
	if (!store_begin(db, NULL))
		return false;
	for (guint i = 0; i < m->series->len; i++) {
		if (!store_series_put(db, g_ptr_array_index(m->series, i), key, NULL))
			return false;
	}
	return store_set(db, "state", key, NULL) && store_facts_put(db, key, "a.c", facts, NULL) &&
	       store_analysis_put(db, m, key, NULL, NULL) && store_commit(db, NULL);
}

typedef struct put_job {
	const char *path;
	mediation *states[2];
	guint rounds; /* 0: for ever */
} put_job;

static void put_in_turns(void *data)
{
	put_job *job = data;
	store *db;
	if (!store_open(&db, job->path, STORE_WRITE, NULL))
		_exit(1);
	for (guint round = 0; !job->rounds || round < job->rounds; round++) {
		if (!put_state(db, job->states[round % 2], round % 2))
			_exit(2);
	}
	store_free(db);
}

static void assert_sound(store *db)
{
	g_autoptr(stmt) q = sql_prepare(db->db, "PRAGMA integrity_check", NULL);
	bool row;
	assert_non_null(q);
	assert_true(stmt_next(q, &row, NULL) && row);
	assert_string_equal(stmt_peek_text(q), "ok");
	assert_int_equal(number_of(db->db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

/* Series get their rows when they are put, which a killed process cannot tell. */
static void take_ids(mediation *to, const mediation *from)
{
	for (guint i = 0; i < MIN(to->series->len, from->series->len); i++)
		((series *)g_ptr_array_index(to->series, i))->id =
			((const series *)g_ptr_array_index(from->series, i))->id;
}

/* Which state the database holds: 0, 1, or 2 for none; whole, or the test fails. */
static guint state_of(store *db, mediation *const states[2])
{
	g_autofree char *set = NULL, *key = NULL;
	assert_sound(db);
	MUST(store_get(db, "state", &set, err));
	MUST(store_analysis_key(db, &key, err));
	if (!set) {
		assert_null(key);
		return 2;
	}
	assert_string_equal(set, key);
	guint which = (guint)(set[0] - '0');
	g_autoptr(mediation) m = NULL;
	MUST(store_analysis_get(db, &m, err));
	take_ids(states[which], m);
	g_autofree char *difference = mediation_difference(states[which], m);
	if (difference)
		fail_msg("neither the old nor the new: %s", difference);
	g_autofree char *digest = NULL;
	MUST(store_series_digest(db, "vendor0", &digest, err));
	assert_string_equal(digest, set);
	return which;
}

static void assert_goes_on(scratch *s, mediation *const states[2])
{
	MUST(store_open(&s->db, s->path, STORE_WRITE, err));
	guint before = state_of(s->db, states);
	assert_true(put_state(s->db, states[before != 1], before != 1));
	assert_int_equal(state_of(s->db, states), before != 1);
	store_free(g_steal_pointer(&s->db));
	/* One file at rest. */
	g_autofree char *log = g_strconcat(s->path, "-wal", NULL);
	assert_false(g_file_test(log, G_FILE_TEST_EXISTS));
}

static void free_states(put_job *job)
{
	mediation_free(job->states[0]);
	mediation_free(job->states[1]);
}

/* Killed from outside, at moments spread over some rounds of puts. */
static void test_killed_while_putting(void **state)
{
	scratch *s = *state;
	store_free(g_steal_pointer(&s->db));
	put_job job = {.path = s->path, .states = {make_state(0), make_state(1)}};
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	for (guint kills = 0; kills < 100 / SLOWER; kills++) {
		pid_t child = child_start(put_in_turns, &job);
		g_usleep((gulong)g_rand_int_range(rand, 0, 40000));
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(child_wait(child), -SIGKILL);
		assert_goes_on(s, job.states);
	}
	free_states(&job);
}

typedef struct crash_job {
	put_job put;
	unsigned at;
} crash_job;

static void crash_at(void *data)
{
	crash_job *job = data;
	fault_vfs_install(true);
	fault_vfs_arm(FAULT_KILL, job->at);
	put_in_turns(&job->put);
	_exit(fault_vfs_count() >= job->at ? 3 : 0);
}

/* The first moments, when file, journal and log come to be, are tried one by one; then one in some.
 */
#define EVERY_ONE_UNTIL 60
#define ONE_IN (4 * SLOWER)

/* Killed at a change of a file, half of the write done: from a fresh directory through the first
 * migration and two states, until nothing is left to be killed at. */
static void test_killed_at_writes(void **state)
{
	scratch *s = *state;
	store_free(g_steal_pointer(&s->db));
	crash_job job = {
		.put = {.path = s->path, .states = {make_state(0), make_state(1)}, .rounds = 2}};
	guint crashes = 0, seen[3] = {0};
	int status;
	for (job.at = 1;; job.at += job.at < EVERY_ONE_UNTIL ? 1 : ONE_IN) {
		g_autofree char *log = g_strconcat(s->path, "-wal", NULL);
		g_autofree char *shared = g_strconcat(s->path, "-shm", NULL);
		g_unlink(s->path);
		g_unlink(log);
		g_unlink(shared);
		status = child_wait(child_start(crash_at, &job));
		if (status != -SIGKILL)
			break;
		crashes++;
		MUST(store_open(&s->db, s->path, STORE_WRITE, err));
		seen[state_of(s->db, job.put.states)]++;
		store_free(g_steal_pointer(&s->db));
		if (crashes % 8 == 0)
			assert_goes_on(s, job.put.states);
	}
	assert_int_equal(status, 0);
	print_message("%u crashes: %u before any state, %u in the first, %u in the second\n",
		crashes, seen[2], seen[0], seen[1]);
	assert_true(seen[0] && seen[1] && seen[2]);
	free_states(&job.put);
}

/* The same from outside, in the first moments of a new database. */
static void open_new(void *data)
{
	store *db;
	if (!store_open(&db, data, STORE_WRITE, NULL))
		_exit(1);
	store_free(db);
}

static void test_killed_while_opening(void **state)
{
	scratch *s = *state;
	store_free(g_steal_pointer(&s->db));
	g_autoptr(GRand) rand = g_rand_new_with_seed(2);
	guint killed = 0;
	for (guint round = 0; round < 60 / SLOWER; round++) {
		g_unlink(s->path);
		pid_t child = child_start(open_new, s->path);
		g_usleep((gulong)g_rand_int_range(rand, 0, 8000));
		kill(child, SIGKILL);
		killed += child_wait(child) == -SIGKILL;
		MUST(store_open(&s->db, s->path, STORE_WRITE, err));
		assert_sound(s->db);
		MUST(store_set(s->db, "key", "value", err));
		store_free(g_steal_pointer(&s->db));
	}
	assert_true(killed > 2);
}

/* --------------------------------------------------------------------------- several at once */

#define PROCESSES 4
#define TURNS 25

/* Adds one, reading and writing in one transaction. */
static bool count_up(store *db)
{
	g_autofree char *text = NULL;
	if (!store_begin(db, NULL) || !store_get(db, "count", &text, NULL))
		return false;
	g_autofree char *next =
		g_strdup_printf("%d", (int)(text ? g_ascii_strtoll(text, NULL, 10) : 0) + 1);
	return store_set(db, "count", next, NULL) && store_commit(db, NULL);
}

static void take_turns(void *data)
{
	put_job *job = data;
	for (guint i = 0; i < TURNS; i++) {
		store *db;
		g_autoptr(mediation) m = NULL;
		if (!store_open(&db, job->path, STORE_WRITE, NULL))
			_exit(1);
		if (!count_up(db))
			_exit(2);
		if (i % 5 == 0 && !put_state(db, job->states[i % 2], i % 2))
			_exit(3);
		if (i % 5 == 1 && !store_analysis_get(db, &m, NULL))
			_exit(4);
		store_free(db);
	}
}

static void test_several_processes(void **state)
{
	scratch *s = *state;
	store_free(g_steal_pointer(&s->db));
	put_job job = {.path = s->path, .states = {make_state(0), make_state(1)}};
	for (guint round = 0; round < 3; round++) {
		pid_t children[PROCESSES];
		/* Also the first opening is a race. */
		g_unlink(s->path);
		for (guint i = 0; i < PROCESSES; i++)
			children[i] = child_start(take_turns, &job);
		for (guint i = 0; i < PROCESSES; i++)
			assert_int_equal(child_wait(children[i]), 0);
		MUST(store_open(&s->db, s->path, STORE_WRITE, err));
		assert_true(state_of(s->db, job.states) != 2);
		g_autofree char *text = NULL;
		MUST(store_get(s->db, "count", &text, err));
		assert_int_equal(g_ascii_strtoll(text, NULL, 10), PROCESSES * TURNS);
		store_free(g_steal_pointer(&s->db));
	}
	free_states(&job);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_killed_while_putting),
		WITH(test_killed_at_writes),
		WITH(test_killed_while_opening),
		WITH(test_several_processes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
