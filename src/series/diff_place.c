/* Where the files of a diff lie in the tree: how many leading directories to strip, and what a
 * plain diff does to a file (adds, changes, deletes).
 *
 * Sources: git-apply(1) and git's apply.c for -p and for new and deleted files of plain diffs, GNU
 * patch's manual ("Multiple Patches in a File") for the choice between names. Unlike either, the
 * level is found: the one at which most files to change exist in the tree, one for a patch. */
#include <string.h>

#include "base/error.h"
#include "series/diff.h"

/* Deeper prefixes than this do not occur: /home/user/src/kernel/linux-2.6/ has six. */
#define MAX_STRIP 12
/* The level of git and of nearly everyone else. */
#define USUAL_STRIP 1

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

static bool exists(diff_place_state *s, const char *path)
{
	return path && *path && look(s, path) != ABSENT;
}

/* The name behind `level` slashes (a run of them counts as one, as in patch(1)); NULL when it has
 * fewer. Borrowed from `name`. */
static const char *strip_name(const char *name, int level)
{
	if (!name)
		return NULL;
	for (int i = 0; i < level; i++) {
		name = strchr(name, '/');
		if (!name)
			return NULL;
		name += strspn(name, "/");
	}
	return *name ? name : NULL;
}

/* "drivers" exists for "drivers/net/new.c": weak evidence that a new file belongs here. */
static bool has_known_top(diff_place_state *s, const char *path)
{
	const char *slash = path ? strchr(path, '/') : NULL;
	if (!slash || !s->repo)
		return false;
	g_autofree char *top = g_strndup(path, (gsize)(slash - path));
	tree_entry e;
	return repo_path_is_safe(top) && repo_lookup(s->repo, &s->tree, top, &e, NULL) &&
	       e.mode == 040000;
}

/* New for sure, or new unless the tree says that an empty file is there. */
static bool may_be_new(const diff_file *d)
{
	if (d->git || d->file->change != PATCH_MODIFY)
		return d->file->change == PATCH_ADD;
	const hunk *h = d->file->hunks->len == 1 ? g_ptr_array_index(d->file->hunks, 0) : NULL;
	return h && !h->old_count && !h->old_start;
}

/* Both names cut at `level`; renames and copies carry no prefix, so one level less is cut there. */
static void names_at(const diff_file *d, int level, const char **old_name, const char **new_name)
{
	if (d->moved_from) {
		*old_name = strip_name(d->moved_from, MAX(level - 1, 0));
		*new_name = strip_name(d->moved_to, MAX(level - 1, 0));
	} else {
		*old_name = strip_name(d->old_name, level);
		*new_name = strip_name(d->new_name, level);
	}
}

/* The name without what tools append to the old file's ("foo.c.orig", "foo.c~"). NULL when there is
 * nothing to cut. The caller's. */
static char *without_suffix(const char *name)
{
	static const char *const suffixes[] = {".orig", ".old", "~"};
	for (size_t i = 0; name && i < G_N_ELEMENTS(suffixes); i++)
		if (g_str_has_suffix(name, suffixes[i]) && strlen(name) > strlen(suffixes[i]))
			return g_strndup(name, strlen(name) - strlen(suffixes[i]));
	return NULL;
}

typedef struct score {
	unsigned strong; /* files to change that exist */
	unsigned weak;	 /* new files whose top directory exists */
	bool possible;	 /* every file still has a name */
} score;

static score score_level(diff_place_state *s, const diff *d, int level)
{
	score sc = {.possible = true};
	for (guint i = 0; i < d->files->len; i++) {
		const diff_file *f = g_ptr_array_index(d->files, i);
		const char *old_name, *new_name;
		names_at(f, level, &old_name, &new_name);
		if (!old_name && !new_name && !f->index_name) {
			sc.possible = false;
			continue;
		}
		if (may_be_new(f)) {
			/* Parts that climb out of a directory are no evidence. */
			const char *raw = f->new_name ? f->new_name : f->old_name;
			if (raw && !strstr(raw, "../") && has_known_top(s, new_name))
				sc.weak++;
			continue;
		}
		if (f->moved_from) {
			sc.strong += exists(s, old_name);
			continue;
		}
		g_autofree char *cut = without_suffix(old_name);
		sc.strong += exists(s, new_name) || exists(s, old_name) || exists(s, cut) ||
			     exists(s, strip_name(f->index_name, level));
	}
	return sc;
}

/* Without a tree that knows the files: where the old and the new name become the same. */
static int level_by_names(const diff *d)
{
	int level = 0;
	for (guint i = 0; i < d->files->len; i++) {
		const diff_file *f = g_ptr_array_index(d->files, i);
		if (f->moved_from || (!f->old_name && !f->new_name))
			continue;
		if (!f->old_name || !f->new_name) {
			/* One name only: "a/" and "b/" are git's, else -p1 is what people use. */
			level = MAX(level, USUAL_STRIP);
			continue;
		}
		g_autofree char *cut = without_suffix(f->old_name);
		for (int p = 0; p <= MAX_STRIP; p++) {
			const char *a = strip_name(f->old_name, p), *b = strip_name(f->new_name, p);
			const char *c = strip_name(cut, p);
			if (!a || !b)
				break;
			if (!strcmp(a, b) || (c && !strcmp(c, b))) {
				level = MAX(level, p);
				break;
			}
		}
	}
	return level;
}

static int find_level(diff_place_state *s, const diff *d)
{
	int by_names = level_by_names(d);
	int preferred = s->last_strip >= 0 ? s->last_strip : by_names ? by_names : USUAL_STRIP;
	unsigned changes = 0;
	for (guint i = 0; i < d->files->len; i++)
		changes += !may_be_new(g_ptr_array_index(d->files, i));
	score best = {0};
	int best_level = -1;
	for (int i = -1; i <= MAX_STRIP; i++) {
		int level = i < 0 ? preferred : i;
		if (i == preferred)
			continue;
		score sc = score_level(s, d, level);
		if (sc.possible && (sc.strong > best.strong ||
					   (sc.strong == best.strong && sc.weak > best.weak))) {
			best = sc;
			best_level = level;
		}
		/* Nothing can be better: the usual case, found at once. */
		if (best_level >= 0 && changes && best.strong == changes)
			break;
	}
	return best_level >= 0 ? best_level : s->last_strip >= 0 ? s->last_strip : by_names;
}

/* Among two names of a plain diff: the one that exists; of two the one that the other merely
 * extends ("foo.c" before "foo.c.orig"), else the new one. As git and patch choose. */
static const char *choose_name(diff_place_state *s, const char *old_name, const char *new_name)
{
	if (!old_name || !new_name)
		return new_name ? new_name : old_name;
	if (!strcmp(old_name, new_name))
		return new_name;
	bool old_there = exists(s, old_name), new_there = exists(s, new_name);
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
	names_at(f, level, &old_name, &new_name);
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
	if (may_be_new(f)) {
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
	names_at(f, level, &old_name, &new_name);
	/* A name of /dev/null's partner that marks nothing: only the other counts. */
	if (f->git && file->change == PATCH_DELETE && old_name)
		new_name = NULL;
	else if (f->git && file->change == PATCH_ADD && new_name)
		old_name = NULL;
	const char *path = choose_name(s, old_name, new_name);
	g_autofree char *cut = without_suffix(path);
	const char *index = strip_name(f->index_name, level);
	if (path && !exists(s, path)) {
		if (cut && (exists(s, cut) || (index && !strcmp(index, cut))))
			path = cut;
		else if (exists(s, index))
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

static void reverse_hunk(hunk *h)
{
	unsigned start = h->old_start, count = h->old_count;
	h->old_start = h->new_start;
	h->old_count = h->new_count;
	h->new_start = start;
	h->new_count = count;
	/* Deleted lines stand before added ones in every run of changes. */
	GArray *lines = g_array_sized_new(FALSE, FALSE, sizeof(hunk_line), h->lines->len);
	for (guint i = 0; i < h->lines->len;) {
		guint end = i;
		while (end < h->lines->len &&
			g_array_index(h->lines, hunk_line, end).kind != HUNK_CONTEXT)
			end++;
		for (int pass = 0; pass < 2; pass++)
			for (guint k = i; k < end; k++) {
				hunk_line l = g_array_index(h->lines, hunk_line, k);
				if (l.kind != (pass ? HUNK_DELETE : HUNK_ADD))
					continue;
				l.kind = pass ? HUNK_ADD : HUNK_DELETE;
				g_array_append_val(lines, l);
			}
		if (end < h->lines->len)
			g_array_append_val(lines, g_array_index(h->lines, hunk_line, end));
		i = end + 1;
	}
	g_array_unref(h->lines);
	h->lines = lines;
}

#define SWAP(type, a, b)                                                                           \
	do {                                                                                       \
		type swapped = (a);                                                                \
		(a) = (b);                                                                         \
		(b) = swapped;                                                                     \
	} while (0)

static bool reverse_file(const diff *d, patch_file *f, GError **err)
{
	if (f->forward.kind != PATCH_BINARY_NONE && f->reverse.kind == PATCH_BINARY_NONE)
		return error_set(err, TRUCE_ERROR_INPUT, NULL,
			"%s:%u: binary patch that cannot be reversed: it holds only one direction",
			d->source, f->source_line);
	if (f->change == PATCH_COPY)
		return error_set(err, TRUCE_ERROR_INPUT, NULL, "%s:%u: a copy cannot be reversed",
			d->source, f->source_line);
	if (f->change == PATCH_ADD)
		f->change = PATCH_DELETE;
	else if (f->change == PATCH_DELETE)
		f->change = PATCH_ADD;
	SWAP(char *, f->old_path, f->new_path);
	SWAP(char *, f->old_id, f->new_id);
	SWAP(unsigned, f->old_mode, f->new_mode);
	SWAP(patch_binary, f->forward, f->reverse);
	for (guint i = 0; i < f->hunks->len; i++)
		reverse_hunk(g_ptr_array_index(f->hunks, i));
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
	int level = strip >= 0 ? strip : find_level(s, d);
	for (guint i = 0; i < d->files->len; i++) {
		diff_file *f = g_ptr_array_index(d->files, i);
		if (!place_file(d, f, level, s, err) || (reverse && !reverse_file(d, f->file, err)))
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
