/* What one patch does to a tree, held back until the whole patch is known to fit. */
#include "series/apply_stage.h"

#include <string.h>

#include "base/error.h"

/* Bytes of files as they were before the patch, kept for comparing: all of them but for the largest
 * patches. */
#define STAGE_BEFORE_BYTES ((size_t)12 << 20)

struct stage {
	repo *r;
	tree_edit *edit;
	GHashTable *files; /* char * -> staged_file *; mode 0: removed */
	GHashTable *gone;  /* char *: paths that the patch moves away */
	size_t before_bytes;
};

void staged_file_clear(staged_file *f)
{
	g_clear_pointer(&f->data, g_bytes_unref);
	g_clear_pointer(&f->before, g_bytes_unref);
	text_edit_clear(&f->edit);
}

static void staged_file_free(gpointer data)
{
	staged_file_clear(data);
	g_free(data);
}

stage *stage_new(repo *r, tree_edit *edit)
{
	stage *s = g_new0(stage, 1);
	s->r = r;
	s->edit = edit;
	s->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, staged_file_free);
	s->gone = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return s;
}

void stage_free(stage *s)
{
	if (!s)
		return;
	g_hash_table_unref(s->files);
	g_hash_table_unref(s->gone);
	g_free(s);
}

bool stage_get_before(stage *s, const char *path, staged_file *out)
{
	tree_entry entry;
	if (!tree_edit_lookup(s->edit, path, &entry, NULL) || entry.mode == 0040000)
		return false;
	*out = (staged_file){.mode = entry.mode, .id = entry.id};
	return true;
}

bool stage_get(stage *s, const char *path, staged_file *out)
{
	const staged_file *f = g_hash_table_lookup(s->files, path);
	if (!f)
		return stage_get_before(s, path, out);
	if (!f->mode)
		return false;
	*out = (staged_file){.mode = f->mode, .id = f->id};
	if (f->data)
		out->data = g_bytes_ref(f->data);
	return true;
}

bool stage_load(stage *s, staged_file *f, GError **err)
{
	if (f->data)
		return true;
	if (f->mode != 0160000)
		return repo_read_blob(s->r, &f->data, &f->id, err);
	char hex[OID_HEX + 1];
	char *line = g_strdup_printf("Subproject commit %s\n", oid_format(hex, &f->id));
	f->data = g_bytes_new_take(line, strlen(line));
	return true;
}

void stage_expect_gone(stage *s, const char *path)
{
	g_hash_table_add(s->gone, g_strdup(path));
}

bool stage_is_free(stage *s, const char *path)
{
	const staged_file *f = g_hash_table_lookup(s->files, path);
	if (f)
		return !f->mode;
	tree_entry entry;
	if (g_hash_table_contains(s->gone, path) || !tree_edit_lookup(s->edit, path, &entry, NULL))
		return true;
	/* A directory may be emptied by the same patch: stage_commit finds out. */
	return entry.mode == 0040000;
}

bool stage_touches(const stage *s, const char *path)
{
	return g_hash_table_contains(s->files, path);
}

/* A reference to `before`, or NULL when there is no more room. */
static GBytes *keep_before(stage *s, GBytes *before)
{
	size_t size = before ? g_bytes_get_size(before) : 0;
	if (!before || s->before_bytes + size > STAGE_BEFORE_BYTES)
		return NULL;
	s->before_bytes += size;
	return g_bytes_ref(before);
}

void stage_put(stage *s, const char *path, const staged_file *f)
{
	staged_file *copy = g_new(staged_file, 1);
	*copy = *f;
	if (copy->data)
		g_bytes_ref(copy->data);
	copy->before = keep_before(s, f->before);
	if (copy->edit.hunks)
		g_array_ref(copy->edit.hunks);
	g_hash_table_insert(s->files, g_strdup(path), copy);
}

void stage_remove(stage *s, const char *path, GBytes *before)
{
	staged_file *f = g_new0(staged_file, 1);
	f->before = keep_before(s, before);
	g_hash_table_insert(s->files, g_strdup(path), f);
}

void stage_move_away(stage *s, const char *path)
{
	if (!g_hash_table_contains(s->files, path))
		stage_remove(s, path, NULL);
}

void stage_texts(stage *s, const char *path, GBytes **before, GBytes **after)
{
	const staged_file *f = g_hash_table_lookup(s->files, path);
	*before = f ? f->before : NULL;
	*after = f ? f->data : NULL;
}

static int compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *sorted_paths(stage *s)
{
	GPtrArray *paths = g_ptr_array_sized_new(g_hash_table_size(s->files));
	GHashTableIter iter;
	gpointer path;
	g_hash_table_iter_init(&iter, s->files);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		g_ptr_array_add(paths, path);
	g_ptr_array_sort(paths, compare_paths);
	return paths;
}

void stage_each(stage *s, stage_each_fn each, void *data)
{
	g_autoptr(GPtrArray) paths = sorted_paths(s);
	for (guint i = 0; i < paths->len; i++)
		each(g_ptr_array_index(paths, i), data);
}

/* The object behind a staged file: written now, unless it was there before. */
static bool make_object(stage *s, staged_file *f, GError **err)
{
	if (!oid_is_zero(&f->id))
		return true;
	static const char prefix[] = "Subproject commit ";
	if (f->mode != 0160000)
		return repo_write_bytes(s->r, &f->id, f->data, err);
	size_t size;
	const char *data = g_bytes_get_data(f->data, &size);
	g_autofree char *line = g_strndup(data ? data : "", size);
	g_strchomp(line);
	if (g_str_has_prefix(line, prefix) && oid_parse(&f->id, line + strlen(prefix)))
		return true;
	return error_set(err, TRUCE_ERROR_INPUT, NULL, "a submodule that names no commit");
}

/* What becomes of a path in the edit, before it does. */
static void note_step(const stage *s, GArray *steps, const char *path, const staged_file *f)
{
	tree_entry there;
	path_step step = {.after = f->id, .after_mode = f->mode};
	if (tree_edit_lookup(s->edit, path, &there, NULL)) {
		step.before = there.id;
		step.before_mode = there.mode;
	}
	if (step.before_mode == step.after_mode && oid_equal(&step.before, &step.after))
		return;
	step.path = g_strdup(path);
	if (f->edited && f->edit.hunks && oid_equal(&f->from, &step.before)) {
		step.hunks = g_array_ref(f->edit.hunks);
		step.old_lines = f->edit.old_lines;
	}
	g_array_append_val(steps, step);
}

static int compare_steps(gconstpointer a, gconstpointer b)
{
	return strcmp(((const path_step *)a)->path, ((const path_step *)b)->path);
}

bool stage_commit(stage *s, GArray *steps, char **blocked, GError **err)
{
	g_autoptr(GPtrArray) paths = sorted_paths(s);
	g_autofree char *first_blocked = NULL;
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		staged_file *f = g_hash_table_lookup(s->files, path);
		tree_entry there;
		if (f->mode || !tree_edit_lookup(s->edit, path, &there, NULL))
			continue;
		note_step(s, steps, path, f);
		if (!tree_edit_remove(s->edit, path, err))
			return false;
	}
	for (guint i = 0; i < paths->len; i++) {
		const char *path = g_ptr_array_index(paths, i);
		staged_file *f = g_hash_table_lookup(s->files, path);
		GError *inner = NULL;
		if (!f->mode)
			continue;
		if (!make_object(s, f, err)) {
			error_prefix(err, "%s", path);
			return false;
		}
		note_step(s, steps, path, f);
		if (tree_edit_set(s->edit, path, &f->id, f->mode, &inner))
			continue;
		if (!g_error_matches(inner, TRUCE_ERROR, TRUCE_ERROR_INPUT)) {
			g_propagate_error(err, inner);
			return false;
		}
		g_error_free(inner);
		if (!first_blocked)
			first_blocked = g_strdup(path);
	}
	g_array_sort(steps, compare_steps);
	*blocked = g_steal_pointer(&first_blocked);
	return true;
}
