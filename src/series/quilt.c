/* A quilt directory: a series file and the patches it names. quilt(1), guards(1). */
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "series/folder.h"
#include "series/input.h"
#include "series/source.h"

/* One line of a series file. */
typedef struct entry {
	char *name;
	int strip;
	bool reverse;
	unsigned line;
	unsigned guards; /* how many it has */
	bool guarded;	 /* left out by them */
} entry;

static void entry_clear(gpointer data)
{
	g_free(((entry *)data)->name);
}

/* Where the series file may lie in the directory. */
static const char *const series_files[] = {"series", "patches/series"};

/* The one that is there, or NULL. */
static const char *find_series(const char *dir)
{
	for (size_t i = 0; i < G_N_ELEMENTS(series_files); i++) {
		g_autofree char *file = g_build_filename(dir, series_files[i], NULL);
		if (g_file_test(file, G_FILE_TEST_IS_REGULAR))
			return series_files[i];
	}
	return NULL;
}

/* Guards with no symbol defined, as guards(1) has it: +!x and -!x match, +x and -x do not; the last
 * one that matches decides. Where none does, a patch is in unless its first guard is a +. A '-'
 * alone takes it out. */
static bool read_guard(const char *word, entry *e)
{
	if (word[0] != '+' && word[0] != '-')
		return false;
	bool include = word[0] == '+';
	if (include && !word[1])
		return false;
	if (!e->guards++)
		e->guarded = include;
	if (!word[1] || word[1] == '!')
		e->guarded = !include;
	return true;
}

/* A guard of Mercurial queues: "+x" takes the patch out while x is not selected, whatever else it
 * has;
 * "-x" does nothing then. */
static bool read_queue_guard(const char *word, entry *e)
{
	if ((word[0] != '+' && word[0] != '-') || !word[1])
		return false;
	e->guarded = e->guarded || word[0] == '+';
	return true;
}

/* "name -p0 -R # words", "name #+guard #-guard", "+guard name". False when the line names none. */
static bool read_line(entry *e, char *line, unsigned number, bool *bad)
{
	*e = (entry){.strip = 1, .line = number};
	*bad = false;
	g_auto(GStrv) words = g_strsplit_set(line, " \t\r", -1);
	for (guint i = 0; words[i]; i++) {
		const char *w = words[i];
		if (!*w)
			continue;
		if (*w == '#') {
			/* Mercurial queues write guards as comments; any other word ends it. */
			if (!e->name || !read_queue_guard(w + 1, e))
				break;
		} else if (!e->name) {
			if (!read_guard(w, e))
				e->name = g_strdup(w);
		} else if (!strcmp(w, "-R")) {
			e->reverse = true;
		} else if (g_str_has_prefix(w, "-p")) {
			if (!w[2] && words[i + 1])
				w = words[++i] - 2;
			if (!strcmp(w + 2, "ab")) {
				e->strip = 1;
			} else if (g_ascii_isdigit(w[2]) && !w[3]) {
				e->strip = w[2] - '0';
			} else {
				*bad = true;
			}
		} else {
			*bad = true;
		}
	}
	return e->name != NULL;
}

/* Reads the series file `name` of `dir`. */
static bool read_series(
	GArray **out, const char *dir, const char *name, GPtrArray *notes, GError **err)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	g_autoptr(GBytes) text = NULL;
	if (!folder_read(&text, dir, name, LIMIT_YAML_BYTES, err))
		return false;
	gsize len;
	const char *data = g_bytes_get_data(text, &len);
	g_autofree char *copy = g_strndup(data ? data : "", len);
	g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
	g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(entry));
	g_array_set_clear_func(entries, entry_clear);
	for (guint i = 0; lines[i]; i++) {
		entry e;
		bool bad;
		bool named = read_line(&e, lines[i], i + 1, &bad);
		if (bad) {
			entry_clear(&e);
			g_autofree char *shown = text_printable(lines[i], strlen(lines[i]));
			return error_set(err, TRUCE_ERROR_INPUT,
				"a line is: NAME [-pN] [-R] [# comment]",
				"%s:%u: '%s' cannot be read", path, i + 1, shown);
		}
		if (!named)
			continue;
		if (e.guarded) {
			if (notes)
				g_ptr_array_add(
					notes, g_strdup_printf(
						       "%s left out by its guards (series line %u)",
						       e.name, e.line));
			entry_clear(&e);
			continue;
		}
		g_array_append_val(entries, e);
		if (entries->len > LIMIT_SERIES_PATCHES)
			return error_set(err, TRUCE_ERROR_LIMIT, NULL, "%s: more than %u patches",
				path, LIMIT_SERIES_PATCHES);
	}
	if (!entries->len)
		return error_set(err, TRUCE_ERROR_INPUT,
			"a line is: NAME [-pN] [-R] [# comment]; guards may have left out all",
			"%s: there is no patch to apply in it", path);
	*out = g_steal_pointer(&entries);
	return true;
}

static bool climbs(const char *name)
{
	g_auto(GStrv) parts = g_strsplit(name, "/", -1);
	return g_strv_contains((const char *const *)parts, "..");
}

static bool check_entry(
	const entry *e, const char *dir, const char *series_file, char **path, GError **err)
{
	g_autofree char *full = g_build_filename(dir, e->name, NULL);
	g_autofree char *shown = text_printable(e->name, strlen(e->name));
	bool there = g_file_test(full, G_FILE_TEST_EXISTS);
	/* Whether a file elsewhere exists is nothing to tell. */
	if (g_path_is_absolute(e->name) || (there && !input_is_inside(dir, e->name)) ||
		(!there && climbs(e->name)))
		return error_set(err, TRUCE_ERROR_INPUT, NULL,
			"%s:%u: patch '%s' lies outside the directory", series_file, e->line,
			shown);
	if (!there)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"add the patch, or take its line out of the series file",
			"%s:%u: patch '%s' is not there", series_file, e->line, shown);
	*path = g_steal_pointer(&full);
	return true;
}

typedef struct quilt {
	char *dir, *series;
	GArray *entries;
} quilt;

static void quilt_clear(quilt *q)
{
	g_free(q->dir);
	g_free(q->series);
	if (q->entries)
		g_array_unref(q->entries);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(quilt, quilt_clear)

static bool open_quilt(quilt *q, const source *s, GPtrArray *notes, GError **err)
{
	const char *name = find_series(s->path);
	if (!name)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"a quilt directory has a file 'series'; use patches:DIR for one without",
			"%s: there is no series file", s->path);
	q->series = g_build_filename(s->path, name, NULL);
	q->dir = g_path_get_dirname(q->series);
	return read_series(&q->entries, s->path, name, notes, err);
}

static bool read_quilt(patch_list **out, const source *s, const source_context *c, GError **err)
{
	g_auto(quilt) q = {0};
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	if (!open_quilt(&q, s, notes, err))
		return false;
	g_autoptr(GPtrArray) letters = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free);
	for (guint i = 0; i < q.entries->len; i++) {
		const entry *e = &g_array_index(q.entries, entry, i);
		g_autofree char *path = NULL;
		g_autoptr(GBytes) text = NULL;
		if (!check_entry(e, q.dir, q.series, &path, err) ||
			!input_read(&text, path, LIMIT_PATCH_BYTES, err))
			return false;
		g_autofree char *folder = g_path_get_basename(q.dir);
		g_autofree char *where = g_build_filename(folder, e->name, NULL);
		g_autofree char *plain = input_base_name(e->name);
		letter *l = letter_read_file(text, where, plain);
		l->index = i;
		l->strip = e->strip;
		l->reverse = e->reverse;
		/* The series file orders them, not what a subject says. */
		l->numbered = l->reply = false;
		g_ptr_array_add(letters, l);
	}
	order_options options = {.keep_order = true};
	g_autoptr(patch_list) list = NULL;
	if (!source_finish(&list, letters, &options, true, s, c, err))
		return false;
	for (guint i = 0; i < notes->len; i++)
		g_ptr_array_add(list->notes, g_strdup(g_ptr_array_index(notes, i)));
	*out = g_steal_pointer(&list);
	return true;
}

static bool digest_quilt(digest *d, const source *s, const source_context *c, GError **err)
{
	(void)c;
	g_auto(quilt) q = {0};
	if (!open_quilt(&q, s, NULL, err) ||
		!source_digest_file(d, q.series, "series", LIMIT_YAML_BYTES, err))
		return false;
	for (guint i = 0; i < q.entries->len; i++) {
		const entry *e = &g_array_index(q.entries, entry, i);
		g_autofree char *path = NULL;
		if (!check_entry(e, q.dir, q.series, &path, err) ||
			!source_digest_file(d, path, e->name, LIMIT_PATCH_BYTES, err))
			return false;
	}
	return true;
}

const source_kind source_quilt = {"quilt", read_quilt, digest_quilt, 0};
