/* Directories of mails and patches. */
#include "series/folder.h"

#include "base/error.h"
#include "base/limits.h"
#include "series/input.h"
#include "series/source.h"

static bool check_inside(const char *dir, const char *name, GError **err)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	/* What is not there is told by whoever opens it. */
	if (input_is_inside(dir, name) || !g_file_test(path, G_FILE_TEST_EXISTS))
		return true;
	return error_set(err, TRUCE_ERROR_INPUT, "copy the file into the directory",
		"%s: is a link that leads out of the directory", path);
}

bool folder_read(GBytes **out, const char *dir, const char *name, size_t limit, GError **err)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	return check_inside(dir, name, err) && input_read(out, path, limit, err);
}

static bool check_count(const char *dir, const GPtrArray *names, GError **err)
{
	if (names->len <= LIMIT_SERIES_PATCHES)
		return true;
	return error_set(
		err, TRUCE_ERROR_LIMIT, NULL, "%s: more than %u files", dir, LIMIT_SERIES_PATCHES);
}

bool folder_read_letters(GPtrArray *letters, const char *dir, const GPtrArray *names,
	folder_letter_fn make, GError **err)
{
	if (!check_count(dir, names, err))
		return false;
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autoptr(GBytes) text = NULL;
		letter *l = NULL;
		if (!folder_read(&text, dir, name, LIMIT_PATCH_BYTES, err) ||
			!make(&l, text, dir, name, err))
			return false;
		l->index = letters->len;
		g_ptr_array_add(letters, l);
	}
	return true;
}

bool folder_digest(digest *d, const char *dir, const GPtrArray *names, GError **err)
{
	if (!check_count(dir, names, err))
		return false;
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_build_filename(dir, name, NULL);
		if (!check_inside(dir, name, err) ||
			!source_digest_file(d, path, name, LIMIT_PATCH_BYTES, err))
			return false;
	}
	return true;
}
