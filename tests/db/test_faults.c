/* A disk that fails or fills up in the middle, and memory that runs out: each call says so, nothing
 * is half done, and afterwards it goes on. */
#include "support/scratch_db.h"

#include <string.h>

#include "support/fault_vfs.h"
#include "support/mediation_compare.h"
#include "support/mediation_random.h"

static const mediation_size size = {.exact = true,
	.series = 2,
	.patches = 4,
	.files = 6,
	.hunks = 2,
	.lines = 20,
	.points = 4,
	.evidence = 2,
	.findings = 8,
	.locations = 2,
	.steps = 3};

/* ------------------------------------------------------------------ memory: SQLite's alone */

static struct {
	sqlite3_mem_methods real;
	guint fail_at, count; /* 0: never */
} memory;

static bool memory_is_out(void)
{
	return memory.fail_at && ++memory.count >= memory.fail_at &&
	       memory.count < memory.fail_at + 3;
}

static void *failing_malloc(int n)
{
	return memory_is_out() ? NULL : memory.real.xMalloc(n);
}

static void *failing_realloc(void *at, int n)
{
	return memory_is_out() ? NULL : memory.real.xRealloc(at, n);
}

/* Before anything else of SQLite, and without the small-block store that would hide failures. */
static void wrap_memory(void)
{
	g_assert(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory.real) == SQLITE_OK);
	sqlite3_mem_methods wrapped = memory.real;
	wrapped.xMalloc = failing_malloc;
	wrapped.xRealloc = failing_realloc;
	g_assert(sqlite3_config(SQLITE_CONFIG_MALLOC, &wrapped) == SQLITE_OK);
	g_assert(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK);
}

/* ------------------------------------------------------------------------------------- attempts */

static bool put_parts(store *db, mediation *m, const char *key, GError **err)
{
	g_autoptr(GBytes) facts = bytes_random(9000);
	for (guint i = 0; i < m->series->len; i++) {
		if (!store_series_put(db, g_ptr_array_index(m->series, i), key, err))
			return false;
	}
	return store_set(db, "state", key, err) && store_facts_put(db, key, NULL, facts, err) &&
	       store_analysis_put(db, m, key, NULL, err);
}

/* One whole change of state, rolled back when a part of it fails. */
static bool put_state(store *db, mediation *m, const char *key, GError **err)
{
	if (!store_begin(db, err))
		return false;
	if (put_parts(db, m, key, err))
		return store_commit(db, err);
	store_rollback(db);
	return false;
}

/* Opens, puts both states and reads back. How far it came: 0 to 4; *err is set when not to the end.
 */
static guint attempt(const char *path, mediation *const states[2], GError **err)
{
	g_autoptr(store) db = NULL;
	g_autoptr(mediation) back = NULL;
	if (!store_open_waiting(&db, path, STORE_WRITE, 100, err))
		return 0;
	if (!put_state(db, states[0], "0", err))
		return 1;
	if (!put_state(db, states[1], "1", err))
		return 2;
	return store_analysis_get(db, &back, err) ? 4 : 3;
}

/* Whole, and no older than what was said to be done. */
static void assert_state(store *db, mediation *const states[2], guint came)
{
	g_autofree char *set = NULL, *key = NULL;
	assert_int_equal(number_of(db->db, "SELECT count(*) FROM pragma_integrity_check"
					   " WHERE integrity_check <> 'ok'"),
		0);
	MUST(store_get(db, "state", &set, err));
	MUST(store_analysis_key(db, &key, err));
	assert_true(!g_strcmp0(set, key));
	if (!set) {
		assert_true(came <= 1);
		return;
	}
	guint which = (guint)(set[0] - '0');
	assert_true(which + 2 >= came || which == 1);
	g_autoptr(mediation) m = NULL;
	MUST(store_analysis_get(db, &m, err));
	for (guint i = 0; i < m->series->len; i++)
		((series *)g_ptr_array_index(states[which]->series, i))->id =
			((series *)g_ptr_array_index(m->series, i))->id;
	g_autofree char *difference = mediation_difference(states[which], m);
	if (difference)
		fail_msg("%s", difference);
}

static void make_states(mediation *states[2])
{
	for (guint i = 0; i < 2; i++) {
		g_autoptr(GRand) rand = g_rand_new_with_seed(200 + i);
		states[i] = mediation_random(rand, &size);
	}
}

static void forget_ids(mediation *const states[2])
{
	for (guint i = 0; i < 2; i++) {
		for (guint k = 0; k < states[i]->series->len; k++)
			((series *)g_ptr_array_index(states[i]->series, k))->id = 0;
	}
}

static void remove_database(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
		g_autofree char *name = g_strconcat(path, ends[i], NULL);
		g_unlink(name);
	}
}

/* Lets `arm` make it go wrong at the n-th chance, for n from 1 up by `stride` until all goes well.
 */
static guint try_faults(scratch *s, void (*arm)(guint at), guint stride)
{
	mediation *states[2];
	guint failed = 0;
	make_states(states);
	store_free(g_steal_pointer(&s->db));
	for (guint at = 1;; at += at < 40 ? 1 : stride) {
		g_autoptr(GError) error = NULL;
		remove_database(s->path);
		forget_ids(states);
		arm(at);
		guint came = attempt(s->path, states, &error);
		arm(0);
		if (came == 4)
			assert_null(error);
		else if (!error)
			fail_msg("fault %u: came to %u without a reason", at, came);
		failed += came != 4;
		MUST(store_open(&s->db, s->path, STORE_WRITE, err));
		assert_state(s->db, states, came);
		MUST(store_set(s->db, "goes", "on", err));
		store_free(g_steal_pointer(&s->db));
		/* Late faults may hit what can be done without (a checkpoint); long after the last
		 * failure the end is reached. */
		if (came == 4 && at > 40 && failed + 400 / stride < at / stride)
			break;
	}
	mediation_free(states[0]);
	mediation_free(states[1]);
	return failed;
}

static void arm_error(guint at)
{
	fault_vfs_arm(at ? FAULT_ERROR : FAULT_NONE, at);
}

static void arm_full(guint at)
{
	fault_vfs_arm(at ? FAULT_FULL : FAULT_NONE, at);
}

static void arm_memory(guint at)
{
	memory.fail_at = at;
	memory.count = 0;
}

static void test_disk_errors(void **state)
{
	fault_vfs_install(true);
	guint failed = try_faults(*state, arm_error, 17);
	fault_vfs_remove();
	print_message("%u failures\n", failed);
	assert_true(failed > 40);
}

static void test_disk_full(void **state)
{
	fault_vfs_install(true);
	guint failed = try_faults(*state, arm_full, 17);
	fault_vfs_remove();
	print_message("%u failures\n", failed);
	assert_true(failed > 40);
}

static void test_no_memory(void **state)
{
	guint failed = try_faults(*state, arm_memory, 173);
	print_message("%u failures\n", failed);
	assert_true(failed > 100);
}

int main(void)
{
	wrap_memory();
	/* An error set over another one is a mistake, too. */
	g_log_set_always_fatal(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR);
#define WITH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_disk_errors),
		WITH(test_disk_full),
		WITH(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
