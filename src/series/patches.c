/* A directory of patches, one mail or bare diff a file, and a single diff. */
#include <string.h>

#include "base/limits.h"
#include "series/folder.h"
#include "series/input.h"
#include "series/source.h"

/* What editors, patch and quilt leave beside patches. */
static bool is_leftover(const char *name)
{
	static const char *const endings[] = {"~", ".orig", ".rej", ".swp", ".bak"};
	for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
		if (g_str_has_suffix(name, endings[i]))
			return true;
	return false;
}

/* The files to read, in natural order; notes may be NULL. */
static bool list_patches(GPtrArray **files, const char *dir, GPtrArray *notes, GError **err)
{
	g_autoptr(GPtrArray) names = NULL;
	if (!input_list(&names, dir, err))
		return false;
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_build_filename(dir, name, NULL);
		if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
			continue;
		if (!is_leftover(name))
			g_ptr_array_add(list, g_strdup(name));
		else if (notes)
			g_ptr_array_add(notes, g_strdup_printf("%s left out: a backup", name));
	}
	*files = list;
	return true;
}

static bool make_letter(letter **out, GBytes *text, const char *dir, const char *name, GError **err)
{
	(void)err;
	g_autofree char *plain = input_base_name(name);
	g_autofree char *folder = g_path_get_basename(dir);
	g_autofree char *where = g_build_filename(folder, name, NULL);
	*out = letter_read_file(text, where, plain);
	return true;
}

static bool read_patches(patch_list **out, const source *s, const source_context *c, GError **err)
{
	g_autoptr(GPtrArray) names = NULL;
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	if (!list_patches(&names, s->path, notes, err))
		return false;
	g_autoptr(GPtrArray) letters = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free);
	if (!folder_read_letters(letters, s->path, names, make_letter, err))
		return false;
	order_options options = {.keep_order = true, .version = s->version};
	g_autoptr(patch_list) list = NULL;
	if (!source_finish(&list, letters, &options, false, s, c, err))
		return false;
	for (guint i = 0; i < notes->len; i++)
		g_ptr_array_add(list->notes, g_strdup(g_ptr_array_index(notes, i)));
	*out = g_steal_pointer(&list);
	return true;
}

static bool digest_patches(digest *d, const source *s, const source_context *c, GError **err)
{
	(void)c;
	g_autoptr(GPtrArray) names = NULL;
	return list_patches(&names, s->path, NULL, err) && folder_digest(d, s->path, names, err);
}

const source_kind source_patches = {"patches", read_patches, digest_patches, 0};

static bool read_diff(patch_list **out, const source *s, const source_context *c, GError **err)
{
	g_autoptr(GBytes) text = NULL;
	if (!source_text(&text, s, LIMIT_PATCH_BYTES, err))
		return false;
	g_autofree char *name = input_base_name(s->path);
	g_autoptr(GPtrArray) letters = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free);
	g_ptr_array_add(letters, letter_read_file(text, name, name));
	/* It was named: what its subject says about replies or numbers does not matter. */
	letter *l = g_ptr_array_index(letters, 0);
	l->reply = l->numbered = false;
	order_options options = {.keep_order = true};
	return source_finish(out, letters, &options, false, s, c, err);
}

static bool digest_diff(digest *d, const source *s, const source_context *c, GError **err)
{
	(void)c;
	(void)err;
	g_autofree char *name = input_base_name(s->path);
	source_digest_raw(d, s, name);
	return true;
}

const source_kind source_diff = {"diff", read_diff, digest_diff, LIMIT_PATCH_BYTES};
