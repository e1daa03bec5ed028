/* Where the files of a diff lie in the tree, and what a plain diff does to a file (adds, changes,
 * deletes).
 *
 * Sources: git's apply.c for new and deleted files of plain diffs, GNU patch's manual ("Multiple
 * Patches in a File") for the choice between names. */
#include <string.h>

#include "base/error.h"
#include "series/diff_place.h"

typedef enum presence {
	PRESENT = 1,
	PRESENT_EMPTY,
	ABSENT,
} presence;

/* git's id of a blob without bytes. */
static const char empty_blob_hex[] = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

void diff_place_init(diff_place_state *s, repo *r, const oid *tree)
{
	*s = (diff_place_state){.repo = tree ? r : NULL, .last_strip = -1};
	if (tree)
		s->tree = *tree;
	s->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void diff_place_clear(diff_place_state *s)
{
	g_clear_pointer(&s->known, g_hash_table_unref);
}

static void note(diff_place_state *s, const char *path, presence p)
{
	g_hash_table_insert(s->known, g_strdup(path), GINT_TO_POINTER(p));
}

static presence look(diff_place_state *s, const char *path)
{
	presence p = (presence)GPOINTER_TO_INT(g_hash_table_lookup(s->known, path));
	if (p)
		return p;
	p = ABSENT;
	tree_entry e;
	if (s->repo && repo_path_is_safe(path) && repo_lookup(s->repo, &s->tree, path, &e, NULL) &&
		e.mode != 040000) {
		oid empty;
		oid_parse(&empty, empty_blob_hex);
		p = oid_equal(&e.id, &empty) ? PRESENT_EMPTY : PRESENT;
	}
	note(s, path, p);
	return p;
}

bool diff_place_exists(diff_place_state *s, const char *path)
{
	return path && *path && look(s, path) != ABSENT;
}

/* Among two names of a plain diff: the one that exists; of two the one that the other merely
 * extends ("foo.c" before "foo.c.orig"), else the new one. As git and patch choose. */
static const char *choose_name(diff_place_state *s, const char *old_name, const char *new_name)
{
	if (!old_name || !new_name)
		return new_name ? new_name : old_name;
	if (!strcmp(old_name, new_name))
		return new_name;
	bool old_there = diff_place_exists(s, old_name), new_there = diff_place_exists(s, new_name);
	if (old_there != new_there)
		return old_there ? old_name : new_name;
	if (g_str_has_prefix(new_name, old_name))
		return old_name;
	return new_name;
}

static const char *skip_dot(const char *name)
{
	while (name && g_str_has_prefix(name, "./"))
		name += 2 + strspn(name + 2, "/");
	return name;
}

static bool check_path(const diff *d, const diff_file *f, const char *path, GError **err)
{
	if (path && repo_path_is_safe(path))
		return true;
	const char *raw = f->moved_to ? f->moved_to : f->new_name ? f->new_name : f->old_name;
	g_autofree char *shown = text_printable(path  ? path
						: raw ? raw
						      : "",
		strlen(path   ? path
			: raw ? raw
			      : ""));
	return error_set(err, TRUCE_ERROR_INPUT,
		"a patch may only change files inside the tree; check the patch and its -p level",
		"%s:%u: path '%s' leaves the tree or cannot stand in one", d->source,
		f->file->source_line, shown);
}

/* A ".." below the leading run of them is never an honest name: a/../../etc/passwd. */
static bool climbs(const char *name)
{
	if (!name)
		return false;
	while (g_str_has_prefix(name, "../"))
		name += 3 + strspn(name + 3, "/");
	return strstr(name, "/../") || g_str_has_suffix(name, "/..");
}

static bool check_raw(const diff *d, const diff_file *f, GError **err)
{
	const char *names[] = {f->old_name, f->new_name, f->moved_from, f->moved_to};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (climbs(names[i]))
			return check_path(d, f, names[i], err);
	return true;
}

static bool place_moved(const diff *d, diff_file *f, int level, GError **err)
{
	const char *old_name, *new_name;
	diff_names_at(f, level, &old_name, &new_name);
	if (!check_path(d, f, old_name, err) || !check_path(d, f, new_name, err))
		return false;
	f->file->old_path = g_strdup(old_name);
	f->file->new_path = g_strdup(new_name);
	return true;
}

/* What a plain diff without any mark does: git's rules for its hunks' counts. */
static void judge_change(diff_place_state *s, const diff_file *f, const char *path)
{
	patch_file *file = f->file;
	if (diff_may_be_new(f)) {
		presence p = look(s, path);
		/* An epoch stamp or /dev/null on a file that is there but empty: still a change. */
		file->change = p == PRESENT_EMPTY && !f->git ? PATCH_MODIFY : PATCH_ADD;
	} else if (s->remove_empty && !f->git && file->change == PATCH_MODIFY &&
		   file->hunks->len == 1) {
		const hunk *h = g_ptr_array_index(file->hunks, 0);
		if (!h->new_count && !h->new_start)
			file->change = PATCH_DELETE;
	}
}

static bool place_file(const diff *d, diff_file *f, int level, diff_place_state *s, GError **err)
{
	patch_file *file = f->file;
	if (!check_raw(d, f, err))
		return false;
	if (f->moved_from)
		return place_moved(d, f, level, err);
	const char *old_name, *new_name;
	diff_names_at(f, level, &old_name, &new_name);
	/* A name of /dev/null's partner that marks nothing: only the other counts. */
	if (f->git && file->change == PATCH_DELETE && old_name)
		new_name = NULL;
	else if (f->git && file->change == PATCH_ADD && new_name)
		old_name = NULL;
	const char *path = choose_name(s, old_name, new_name);
	g_autofree char *cut = diff_without_suffix(f, path);
	const char *index = diff_strip_name(f->index_name, level);
	if (path && !diff_place_exists(s, path)) {
		if (cut && (diff_place_exists(s, cut) || (index && !strcmp(index, cut))))
			path = cut;
		else if (diff_place_exists(s, index))
			path = index;
	}
	if (!path)
		path = index;
	path = skip_dot(path);
	if (!check_path(d, f, path, err))
		return false;
	judge_change(s, f, path);
	if (file->change != PATCH_ADD)
		file->old_path = g_strdup(path);
	if (file->change != PATCH_DELETE)
		file->new_path = g_strdup(path);
	return true;
}

/* Leaves no new lines behind: then the file that is there after the patch is empty. */
static bool adds_nothing(const patch_file *f)
{
	for (guint i = 0; i < f->hunks->len; i++)
		if (((const hunk *)g_ptr_array_index(f->hunks, i))->new_count)
			return false;
	return f->forward.kind == PATCH_BINARY_NONE;
}

static void remember(diff_place_state *s, const patch_file *f)
{
	if (f->old_path && (f->change == PATCH_DELETE || f->change == PATCH_RENAME))
		note(s, f->old_path, ABSENT);
	if (f->new_path && f->change != PATCH_MODIFY)
		note(s, f->new_path,
			f->change == PATCH_ADD && adds_nothing(f) ? PRESENT_EMPTY : PRESENT);
	else if (f->new_path && f->hunks->len && look(s, f->new_path) == PRESENT_EMPTY)
		note(s, f->new_path, PRESENT);
}

/* A reversed new file is one that must be there: levels are found as for the other way round. */
bool diff_place(patch *p, diff *d, int strip, bool reverse, diff_place_state *s, GError **err)
{
	int level = strip >= 0 ? strip : diff_find_level(s, d);
	for (guint i = 0; i < d->files->len; i++) {
		diff_file *f = g_ptr_array_index(d->files, i);
		if (!place_file(d, f, level, s, err) ||
			(reverse && !diff_reverse_file(d, f->file, err)))
			return false;
	}
	s->last_strip = level;
	g_clear_pointer(&p->text, g_bytes_unref);
	p->text = g_bytes_ref(d->text);
	for (guint i = 0; i < d->files->len; i++) {
		diff_file *f = g_ptr_array_index(d->files, i);
		remember(s, f->file);
		g_ptr_array_add(p->files, g_steal_pointer(&f->file));
	}
	return true;
}
