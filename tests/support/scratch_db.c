/* A directory for one test's database, and the store opened in it. */
#include "support/scratch_db.h"

#include "base/error.h"

void must(bool ok, GError **err)
{
	if (ok)
		assert_null(*err);
	else
		fail_msg("%s", *err ? (*err)->message : "failed without an error");
}

/* In memory where that can be: these tests end processes, not machines, and would otherwise spend
 * their time in waiting for a disk. */
static char *make_directory(void)
{
	char *in_memory = g_strdup("/dev/shm/truce-db-XXXXXX");
	if (g_mkdtemp(in_memory))
		return in_memory;
	g_free(in_memory);
	return g_dir_make_tmp("truce-db-XXXXXX", NULL);
}

int scratch_setup(void **state)
{
	scratch *s = g_new0(scratch, 1);
	s->directory = make_directory();
	s->path = g_build_filename(s->directory, "truce.db", NULL);
	MUST(store_open(&s->db, s->path, STORE_WRITE, err));
	*state = s;
	return 0;
}

int scratch_teardown(void **state)
{
	scratch *s = *state;
	store_free(s->db);
	remove_directory(s->directory);
	g_free(s->directory);
	g_free(s->path);
	g_free(s);
	return 0;
}

void scratch_reopen(scratch *s)
{
	store_free(g_steal_pointer(&s->db));
	MUST(store_open(&s->db, s->path, STORE_WRITE, err));
}

gint64 number_of(sql *db, const char *query)
{
	gint64 number = -1;
	MUST(sql_number(db, &number, query, err));
	return number;
}

void remove_directory(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;
	while (directory && (name = g_dir_read_name(directory))) {
		g_autofree char *inside = g_build_filename(path, name, NULL);
		if (g_file_test(inside, G_FILE_TEST_IS_DIR))
			remove_directory(inside);
		else
			g_unlink(inside);
	}
	g_rmdir(path);
}
