/* A repository for one test. */
#include "support/scratch_repo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <gio/gio.h>

/* g_strndup takes the NULL that empty bytes hold for no string. */
static char *bytes_text(GBytes *bytes)
{
	const char *data = g_bytes_get_data(bytes, NULL);
	return g_strndup(data ? data : "", g_bytes_get_size(bytes));
}

static char *run(const char *dir, const char *input, const char *args)
{
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
		G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
		G_SUBPROCESS_FLAGS_STDERR_SILENCE);
	g_subprocess_launcher_set_cwd(launcher, dir);
	/* The settings of whoever runs the test must not change what git says. */
	g_subprocess_launcher_setenv(launcher, "GIT_CONFIG_GLOBAL", "/dev/null", TRUE);
	g_subprocess_launcher_setenv(launcher, "GIT_CONFIG_NOSYSTEM", "1", TRUE);
	g_subprocess_launcher_setenv(launcher, "LC_ALL", "C", TRUE);
	g_autofree char *line = g_strconcat("git ", args, NULL);
	g_auto(GStrv) argv = g_strsplit(line, " ", -1);
	g_autoptr(GSubprocess) child =
		g_subprocess_launcher_spawnv(launcher, (const char *const *)argv, NULL);
	g_autoptr(GBytes) in = g_bytes_new(input ? input : "", input ? strlen(input) : 0);
	g_autoptr(GBytes) out = NULL;
	if (!child || !g_subprocess_communicate(child, in, NULL, &out, NULL, NULL) ||
		!g_subprocess_get_successful(child))
		return NULL;
	return bytes_text(out);
}

char *scratch_git(const scratch_repo *s, const char *input, const char *args, ...)
{
	va_list ap;
	va_start(ap, args);
	g_autofree char *line = g_strdup_vprintf(args, ap);
	va_end(ap);
	return run(s->dir, input, line);
}

void scratch_repo_reopen(scratch_repo *s)
{
	GError *err = NULL;
	repo_free(s->repo);
	s->repo = NULL;
	if (!repo_open(&s->repo, s->dir, &err))
		fail_msg("%s", err->message);
}

scratch_repo *scratch_repo_new(void)
{
	scratch_repo *s = g_new0(scratch_repo, 1);
	s->dir = g_dir_make_tmp("truce-repo-XXXXXX", NULL);
	assert_non_null(s->dir);
	g_autofree char *done = run(s->dir, NULL, "init -q -b main .");
	assert_non_null(done);
	scratch_repo_reopen(s);
	return s;
}

/* Removes what is below `path` and itself; links are not followed. */
static void remove_all(GFile *path)
{
	g_autoptr(GFileEnumerator) each = g_file_enumerate_children(path,
		G_FILE_ATTRIBUTE_STANDARD_NAME, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);
	GFile *child;
	while (each && g_file_enumerator_iterate(each, NULL, &child, NULL, NULL) && child)
		remove_all(child);
	g_file_delete(path, NULL, NULL);
}

void scratch_repo_free(scratch_repo *s)
{
	if (!s)
		return;
	repo_free(s->repo);
	g_autoptr(GFile) dir = g_file_new_for_path(s->dir);
	remove_all(dir);
	g_free(s->dir);
	g_free(s);
}

oid scratch_tree(const scratch_repo *s, const oid *onto, const char *path, ...)
{
	g_autoptr(tree_edit) e = NULL;
	assert_true(tree_edit_new(&e, s->repo, onto, NULL));
	va_list ap;
	va_start(ap, path);
	for (; path; path = va_arg(ap, const char *)) {
		const char *content = va_arg(ap, const char *);
		oid blob;
		if (*path == '-') {
			assert_true(tree_edit_remove(e, path + 1, NULL));
			continue;
		}
		assert_true(repo_write_blob(s->repo, &blob, content, strlen(content), NULL));
		assert_true(tree_edit_set(e, path, &blob, 0100644, NULL));
	}
	va_end(ap);
	oid tree;
	assert_true(tree_edit_write(e, &tree, NULL));
	return tree;
}

oid scratch_commit(const scratch_repo *s, const oid *tree, const oid *parent, const char *message)
{
	person who = {(char *)"A U Thor", (char *)"author@example.com", 1142208000, 60};
	oid commit;
	assert_true(repo_write_commit(
		s->repo, &commit, tree, parent, parent ? 1 : 0, &who, message, NULL));
	return commit;
}

char *scratch_file(const scratch_repo *s, const oid *tree, const char *path)
{
	g_autoptr(GBytes) bytes = NULL;
	if (!repo_read_path(s->repo, &bytes, tree, path, NULL))
		return NULL;
	return bytes_text(bytes);
}
