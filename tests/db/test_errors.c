/* Databases that cannot be opened or written: each with its own message and what to do. */
#include "support/scratch_db.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "db/schema.h"
#include "support/child.h"
#include "support/fault_vfs.h"
#include "support/mediation_compare.h"
#include "support/mediation_random.h"

/* The error of opening `path`, as "message|hint"; "opened" when it opens. The caller's. */
static char *open_error(const char *path, store_mode mode)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(store) db = NULL;
	if (store_open_waiting(&db, path, mode, 100, &error))
		return g_strdup("opened");
	g_autofree char *text = error_text(error);
	const char *hint = error_hint(error);
	return g_strdup_printf("%s|%s", text, hint ? hint : "");
}

static void assert_says(const char *text, const char *message, const char *hint)
{
	if (!strstr(text, message) || !strstr(strchr(text, '|') ? strchr(text, '|') : "", hint))
		fail_msg("'%s' should say '%s' and hint '%s'", text, message, hint);
}

static void expect_open(const scratch *s, store_mode mode, const char *message, const char *hint)
{
	g_autofree char *text = open_error(s->path, mode);
	assert_says(text, message, hint);
	assert_non_null(strstr(text, s->path));
}

static void close_store(scratch *s)
{
	store_free(g_steal_pointer(&s->db));
}

static void write_file(const char *path, const void *data, gsize len)
{
	assert_true(g_file_set_contents(path, data, (gssize)len, NULL));
}

static GBytes *read_file(const char *path)
{
	char *data;
	gsize len;
	assert_true(g_file_get_contents(path, &data, &len, NULL));
	return g_bytes_new_take(data, len);
}

/* Runs SQL on the file past the store. */
static void run_sql(const char *path, const char *text)
{
	sqlite3 *handle;
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
}

static mediation *fill(store *db, guint32 seed)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
	mediation *m = mediation_random(rand, &mediation_size_fixed);
	for (guint i = 0; i < m->series->len; i++)
		MUST(store_series_put(db, g_ptr_array_index(m->series, i), "digest", err));
	MUST(store_analysis_put(db, m, "key", NULL, err));
	return m;
}

static void assert_holds(store *db, const mediation *m)
{
	g_autoptr(mediation) back = NULL;
	MUST(store_analysis_get(db, &back, err));
	g_autofree char *difference = mediation_difference(m, back);
	if (difference)
		fail_msg("%s", difference);
}

static void test_newer(void **state)
{
	scratch *s = *state;
	close_store(s);
	run_sql(s->path, "PRAGMA user_version=99");
	g_autoptr(GBytes) before = read_file(s->path);
	expect_open(s, STORE_WRITE, "written by a newer truce (schema 99", "use that newer truce");
	expect_open(s, STORE_READ, "written by a newer truce", "--db");
	g_autoptr(GBytes) after = read_file(s->path);
	assert_true(g_bytes_equal(before, after));
}

static void test_not_a_database(void **state)
{
	scratch *s = *state;
	close_store(s);
	char text[5000];
	memset(text, 'x', sizeof text);
	write_file(s->path, text, sizeof text);
	expect_open(s, STORE_WRITE, "not a database of truce", "--db");
	expect_open(s, STORE_READ, "not a database of truce", "--db");
	write_file(s->path, "short", 5);
	expect_open(s, STORE_WRITE, "not a database of truce", "--db");
	g_autoptr(GBytes) after = read_file(s->path);
	assert_int_equal(g_bytes_get_size(after), 5);
}

static void test_another_program(void **state)
{
	scratch *s = *state;
	close_store(s);
	g_unlink(s->path);
	run_sql(s->path, "CREATE TABLE bookmarks (url TEXT)");
	g_autoptr(GBytes) before = read_file(s->path);
	expect_open(s, STORE_WRITE, "of another program", "--db");
	g_autoptr(GBytes) after = read_file(s->path);
	assert_true(g_bytes_equal(before, after));
	g_unlink(s->path);
	run_sql(s->path, "PRAGMA application_id=1; PRAGMA user_version=1");
	expect_open(s, STORE_WRITE, "of another program", "--db");
}

static void test_not_there(void **state)
{
	scratch *s = *state;
	close_store(s);
	g_unlink(s->path);
	expect_open(s, STORE_READ, "No such file", "truce mediate");
	assert_false(g_file_test(s->path, G_FILE_TEST_EXISTS));
	write_file(s->path, "", 0);
	expect_open(s, STORE_READ, "is empty", "truce mediate");
	g_autofree char *opened = open_error(s->path, STORE_WRITE);
	assert_string_equal(opened, "opened");

	g_autofree char *far = g_build_filename(s->directory, "a", "b", "truce.db", NULL);
	g_autofree char *text = open_error(far, STORE_WRITE);
	assert_says(text, "No such file", "--db");
	g_autofree char *near = g_build_filename(s->directory, "a", "truce.db", NULL);
	g_autofree char *made = open_error(near, STORE_WRITE);
	assert_string_equal(made, "opened");
	g_autofree char *directory = open_error(s->directory, STORE_WRITE);
	assert_says(directory, "cannot be opened", "--db");
}

/* Whatever is cut off or turned over, truce says so or works; it never crashes or hangs. */
static char *open_and_use(void *data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(store) db = NULL;
	g_autoptr(mediation) m = NULL;
	g_autoptr(GPtrArray) list = NULL;
	g_autoptr(GHashTable) decisions = NULL;
	if (!store_open_waiting(&db, data, STORE_WRITE, 100, &error))
		return g_strdup(error->message);
	bool ok = store_series_list(db, &list, &error) && store_decisions(db, &decisions, &error) &&
		  store_analysis_get(db, &m, &error) &&
		  store_analysis_put(db, m, "again", NULL, &error);
	if (!ok && !error)
		return g_strdup("no reason given");
	return g_strdup(ok ? "used" : error->message);
}

static void test_truncated(void **state)
{
	scratch *s = *state;
	g_autoptr(mediation) m = fill(s->db, 1);
	close_store(s);
	g_autoptr(GBytes) whole = read_file(s->path);
	gsize len = g_bytes_get_size(whole);
	assert_true(len > 40 * 1024);
	guint refused = 0;
	for (guint part = 1; part < 16; part++) {
		write_file(s->path, g_bytes_get_data(whole, NULL), len * part / 16);
		g_autofree char *answer = child_answer(open_and_use, s->path, false);
		assert_false(g_str_has_prefix(answer, "signal"));
		refused += strstr(answer, "damaged") || strstr(answer, "not a database");
	}
	assert_int_equal(refused, 15);
}

static void test_damaged(void **state)
{
	scratch *s = *state;
	g_autoptr(mediation) m = fill(s->db, 2);
	close_store(s);
	g_autoptr(GBytes) whole = read_file(s->path);
	gsize len = g_bytes_get_size(whole);
	g_autoptr(GRand) rand = g_rand_new_with_seed(3);
	guint refused = 0;
	for (guint round = 0; round < 150; round++) {
		g_autofree guint8 *bytes = g_memdup2(g_bytes_get_data(whole, NULL), len);
		for (guint n = 0; n < 1 + round / 3; n++)
			bytes[g_rand_int_range(rand, 100, (gint32)len)] = (guint8)g_rand_int(rand);
		write_file(s->path, bytes, len);
		g_autofree char *answer = child_answer(open_and_use, s->path, false);
		if (g_str_has_prefix(answer, "signal") || strstr(answer, "no reason"))
			fail_msg("round %u: %s", round, answer);
		refused += strcmp(answer, "used") != 0;
		g_autofree char *log = g_strconcat(s->path, "-wal", NULL);
		g_unlink(log);
	}
	assert_true(refused > 20);
}

/* ----------------------------------------------------------------------------------- read-only */

static char *open_to_write(void *data)
{
	return open_error(data, STORE_WRITE);
}

/* "read N findings", or the error. */
static char *open_to_read(void *data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(store) db = NULL;
	g_autoptr(mediation) m = NULL;
	if (!store_open_waiting(&db, data, STORE_READ, 100, &error) ||
		!store_analysis_get(db, &m, &error)) {
		g_autofree char *text = error_text(error);
		return g_strdup_printf("%s|%s", text, error_hint(error) ? error_hint(error) : "");
	}
	if (store_set(db, "key", "value", &error))
		return g_strdup("wrote what it should only read");
	return g_strdup_printf("read %u findings", m->findings->len);
}

static guint files_in(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	guint n = 0;
	while (g_dir_read_name(directory))
		n++;
	return n;
}

static void test_read_only_directory(void **state)
{
	scratch *s = *state;
	g_autoptr(mediation) m = fill(s->db, 4);
	close_store(s);
	assert_int_equal(files_in(s->directory), 1);
	assert_int_equal(chmod(s->path, 0666), 0);
	assert_int_equal(chmod(s->directory, 0555), 0);
	g_autofree char *written = child_answer(open_to_write, s->path, true);
	assert_says(written, "cannot be written", "--db");
	assert_non_null(strstr(written, "Permission denied"));
	g_autofree char *read = child_answer(open_to_read, s->path, true);
	assert_string_equal(read, "read 6 findings");

	assert_int_equal(chmod(s->directory, 0777), 0);
	assert_int_equal(chmod(s->path, 0444), 0);
	g_autofree char *file = child_answer(open_to_write, s->path, true);
	assert_says(file, "cannot be written", "--db");
	g_autofree char *again = child_answer(open_to_read, s->path, true);
	assert_string_equal(again, "read 6 findings");
	assert_int_equal(chmod(s->path, 0000), 0);
	g_autofree char *closed = child_answer(open_to_read, s->path, true);
	assert_says(closed, "cannot be opened", "--db");
	assert_int_equal(chmod(s->path, 0644), 0);

	g_autofree char *fresh = g_build_filename(s->directory, "new", "truce.db", NULL);
	assert_int_equal(chmod(s->directory, 0555), 0);
	g_autofree char *none = child_answer(open_to_write, fresh, true);
	assert_says(none, "Permission denied", "--db");
	assert_int_equal(chmod(s->directory, 0755), 0);
}

/* A process that was killed left its log, and now the place cannot be written: what it wrote must
 * not be passed over in silence. */
static char *leave_a_log(void *data)
{
	store *db;
	if (!store_open(&db, data, STORE_WRITE, NULL) || !store_set(db, "left", "1", NULL))
		return g_strdup("failed");
	return g_strdup("left"); /* and never closes */
}

static void test_read_only_with_log(void **state)
{
	scratch *s = *state;
	g_autoptr(mediation) m = fill(s->db, 5);
	close_store(s);
	g_autofree char *left = child_answer(leave_a_log, s->path, false);
	assert_string_equal(left, "left");
	g_autofree char *shared = g_strconcat(s->path, "-shm", NULL);
	g_unlink(shared);
	assert_int_equal(chmod(s->directory, 0555), 0);
	g_autofree char *read = child_answer(open_to_read, s->path, true);
	assert_int_equal(chmod(s->directory, 0755), 0);
	assert_says(read, "unfinished log", "Open it once where it can be written");
	g_autofree char *now = open_to_read(s->path);
	assert_string_equal(now, "read 6 findings");
	assert_int_equal(files_in(s->directory), 1);
}

/* --------------------------------------------------------------------------------------- locks */

typedef struct holder {
	const char *path;
	int ready[2], done[2];
} holder;

/* Holds the write lock until told to end. */
static void hold_lock(void *data)
{
	holder *h = data;
	store *db;
	char byte = 'r';
	close(h->done[1]);
	if (!store_open(&db, h->path, STORE_WRITE, NULL) || !store_begin(db, NULL) ||
		write(h->ready[1], &byte, 1) != 1 || read(h->done[0], &byte, 1) < 0)
		_exit(1);
	store_rollback(db);
	store_free(db);
}

static void test_locked(void **state)
{
	scratch *s = *state;
	g_autoptr(mediation) m = fill(s->db, 6);
	close_store(s);
	holder h = {.path = s->path};
	char byte;
	assert_int_equal(pipe(h.ready), 0);
	assert_int_equal(pipe(h.done), 0);
	pid_t child = child_start(hold_lock, &h);
	assert_int_equal(read(h.ready[0], &byte, 1), 1);

	g_autoptr(store) db = NULL;
	g_autoptr(GError) error = NULL;
	MUST(store_open_waiting(&db, s->path, STORE_WRITE, 300, err));
	assert_holds(db, m);
	gint64 start = g_get_monotonic_time();
	assert_false(store_set(db, "key", "value", &error));
	gint64 waited = (g_get_monotonic_time() - start) / 1000;
	assert_true(waited >= 250); /* how long more is the machine's affair */
	g_autofree char *text = error_text(error);
	assert_non_null(strstr(text, "in use by another truce"));
	assert_non_null(error_hint(error));
	g_clear_error(&error);
	assert_false(store_begin(db, &error));
	assert_non_null(strstr(error->message, "in use by another truce"));

	close(h.done[1]);
	assert_int_equal(child_wait(child), 0);
	MUST(store_set(db, "key", "value", err));
	for (guint i = 0; i < 2; i++)
		close(h.ready[i]);
	close(h.done[0]);
}

/* ------------------------------------------------------------------------------------ no space */

static void test_full(void **state)
{
	scratch *s = *state;
	g_autoptr(mediation) m = fill(s->db, 7);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) big = bytes_random(1 << 20);
	number_of(s->db->db, "PRAGMA max_page_count=1");
	assert_false(store_facts_put(s->db, "aa", "a.c", big, &error));
	g_autofree char *text = error_text(error);
	assert_non_null(strstr(text, "no space left"));
	assert_non_null(strstr(error_hint(error), "make room"));

	/* Inside a transaction: SQLite may have rolled it back, and nothing after may slip in. */
	MUST(store_begin(s->db, err));
	MUST(store_set(s->db, "before", "1", err));
	g_clear_error(&error);
	assert_false(store_facts_put(s->db, "aa", "a.c", big, &error));
	store_rollback(s->db);
	char *value;
	MUST(store_get(s->db, "before", &value, err));
	assert_null(value);
	assert_holds(s->db, m);
	number_of(s->db->db, "PRAGMA max_page_count=1000000");
	MUST(store_facts_put(s->db, "aa", "a.c", big, err));
}

/* A disk that is really full: a small tmpfs, where the system lets the test mount one. */
static char *fill_small_disk(void *data)
{
	const char *directory = data;
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("tmpfs", directory, "tmpfs", 0, "size=1m") != 0)
		return g_strdup("cannot mount");
	g_autofree char *path = g_build_filename(directory, "truce.db", NULL);
	g_autoptr(GBytes) data_bytes = bytes_random(64 << 10);
	g_autoptr(GError) error = NULL;
	store *db;
	if (!store_open(&db, path, STORE_WRITE, &error) || !store_set(db, "kept", "1", &error))
		return g_strdup(error->message);
	for (guint i = 0; !error && i < 100; i++) {
		g_autofree char *key = g_strdup_printf("%u", i);
		store_facts_put(db, key, NULL, data_bytes, &error);
	}
	store_free(db);
	if (!error)
		return g_strdup("the disk never filled up");
	g_autofree char *kept = NULL;
	if (!store_open(&db, path, STORE_READ, NULL) || !store_get(db, "kept", &kept, NULL) ||
		!kept)
		return g_strdup("lost what was there");
	store_free(db);
	return g_strdup(error->message);
}

static void test_disk_full(void **state)
{
	scratch *s = *state;
	close_store(s);
	g_autofree char *answer = child_answer(fill_small_disk, s->directory, false);
	if (!strcmp(answer, "cannot mount")) {
		print_message("a tmpfs cannot be mounted here\n");
		skip();
	}
	assert_non_null(strstr(answer, "no space left"));
}

/* ------------------------------------------------------------- file systems that fall short */

static void test_without_wal(void **state)
{
	scratch *s = *state;
	g_autoptr(mediation) m = fill(s->db, 8);
	/* At rest in WAL mode, and then on a file system that cannot have it. */
	close_store(s);
	fault_vfs_install(false);
	MUST(store_open(&s->db, s->path, STORE_READ, err));
	assert_holds(s->db, m);
	close_store(s);
	MUST(store_open(&s->db, s->path, STORE_WRITE, err));
	assert_holds(s->db, m);
	MUST(store_set(s->db, "there", "1", err));
	close_store(s);
	g_unlink(s->path);
	/* And a new one. */
	MUST(store_open(&s->db, s->path, STORE_WRITE, err));
	g_autoptr(mediation) other = fill(s->db, 9);
	scratch_reopen(s);
	assert_holds(s->db, other);
	close_store(s);
	assert_int_equal(files_in(s->directory), 1);
	fault_vfs_remove();
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_newer),
		WITH(test_not_a_database),
		WITH(test_another_program),
		WITH(test_not_there),
		WITH(test_truncated),
		WITH(test_damaged),
		WITH(test_read_only_directory),
		WITH(test_read_only_with_log),
		WITH(test_locked),
		WITH(test_full),
		WITH(test_disk_full),
		WITH(test_without_wal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
