/* How many leading directories to strip from the names of a diff.
 *
 * Sources: git-apply(1) and patch(1) for -p. Unlike either, the level is found: the one at which
 * most files to change exist in the tree, one for a patch. */
#include <string.h>

#include "series/diff_place.h"

/* Deeper prefixes than this do not occur: /home/user/src/kernel/linux-2.6/ has six. */
#define MAX_STRIP 12
/* The level of git and of nearly everyone else. */
#define USUAL_STRIP 1

const char *diff_strip_name(const char *name, int level)
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

void diff_names_at(const diff_file *d, int level, const char **old_name, const char **new_name)
{
	if (d->moved_from) {
		*old_name = diff_strip_name(d->moved_from, MAX(level - 1, 0));
		*new_name = diff_strip_name(d->moved_to, MAX(level - 1, 0));
	} else {
		*old_name = diff_strip_name(d->old_name, level);
		*new_name = diff_strip_name(d->new_name, level);
	}
}

char *diff_without_suffix(const diff_file *d, const char *name)
{
	static const char *const suffixes[] = {".orig", ".old", "~"};
	for (size_t i = 0; name && !d->git && i < G_N_ELEMENTS(suffixes); i++)
		if (g_str_has_suffix(name, suffixes[i]) && strlen(name) > strlen(suffixes[i]))
			return g_strndup(name, strlen(name) - strlen(suffixes[i]));
	return NULL;
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

bool diff_may_be_new(const diff_file *d)
{
	if (d->git || d->file->change != PATCH_MODIFY)
		return d->file->change == PATCH_ADD;
	const hunk *h = d->file->hunks->len == 1 ? g_ptr_array_index(d->file->hunks, 0) : NULL;
	return h && !h->old_count && !h->old_start;
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
		diff_names_at(f, level, &old_name, &new_name);
		if (!old_name && !new_name && !f->index_name) {
			sc.possible = false;
			continue;
		}
		if (diff_may_be_new(f)) {
			/* Parts that climb out of a directory are no evidence. */
			const char *raw = f->new_name ? f->new_name : f->old_name;
			if (raw && !strstr(raw, "../") && has_known_top(s, new_name))
				sc.weak++;
			continue;
		}
		if (f->moved_from) {
			sc.strong += diff_place_exists(s, old_name);
			continue;
		}
		g_autofree char *cut = diff_without_suffix(f, old_name);
		sc.strong += diff_place_exists(s, new_name) || diff_place_exists(s, old_name) ||
			     diff_place_exists(s, cut) ||
			     diff_place_exists(s, diff_strip_name(f->index_name, level));
	}
	return sc;
}

/* Where the old and the new name of a file become the same; 0 when they never do. */
static int level_of_file(const diff_file *f)
{
	g_autofree char *cut = diff_without_suffix(f, f->old_name);
	for (int level = 0; level <= MAX_STRIP; level++) {
		const char *a = diff_strip_name(f->old_name, level),
			   *b = diff_strip_name(f->new_name, level);
		const char *c = diff_strip_name(cut, level);
		if (!a || !b)
			break;
		if (!strcmp(a, b) || (c && !strcmp(c, b)))
			return level;
	}
	return 0;
}

/* Without a tree that knows the files: where the old and the new name become the same. */
static int level_by_names(const diff *d)
{
	int level = 0;
	for (guint i = 0; i < d->files->len; i++) {
		const diff_file *f = g_ptr_array_index(d->files, i);
		/* One name only: "a/" and "b/" are git's, else -p1 is what people use. */
		if (!f->moved_from && (f->old_name || f->new_name))
			level = MAX(
				level, f->old_name && f->new_name ? level_of_file(f) : USUAL_STRIP);
	}
	return level;
}

/* The level that git's header lines show, below which git would have written a rename: the two
 * names of a file that stays are the same but for the prefixes. -1 when they show none. */
static int level_of_git(const diff *d)
{
	int level = -1;
	for (guint i = 0; i < d->files->len; i++) {
		const diff_file *f = g_ptr_array_index(d->files, i);
		if (f->git && !f->moved_from && f->old_name && f->new_name)
			level = MAX(level, level_of_file(f));
	}
	return level;
}

int diff_find_level(diff_place_state *s, const diff *d)
{
	int by_names = level_by_names(d), least = level_of_git(d);
	bool told = by_names || least >= 0;
	int usual = s->last_strip >= 0 ? s->last_strip : told ? by_names : USUAL_STRIP;
	int preferred = MAX(usual, least);
	unsigned changes = 0;
	for (guint i = 0; i < d->files->len; i++)
		changes += !diff_may_be_new(g_ptr_array_index(d->files, i));
	score best = {0};
	int best_level = -1, possible = -1;
	for (int i = -1; i <= MAX_STRIP; i++) {
		int level = i < 0 ? preferred : i;
		if (i == preferred || level < least)
			continue;
		score sc = score_level(s, d, level);
		/* A folder's name is nothing against git's own prefixes: tools/arch/ may be new. */
		if (least >= 0)
			sc.weak = 0;
		if (sc.possible && possible < 0)
			possible = level;
		if (sc.possible && (sc.strong > best.strong ||
					   (sc.strong == best.strong && sc.weak > best.weak))) {
			best = sc;
			best_level = level;
		}
		/* Nothing can be better: the usual case, found at once. */
		if (best_level >= 0 && changes && best.strong == changes)
			break;
	}
	if (best_level >= 0)
		return best_level;
	/* The tree tells nothing. */
	int blind = MAX(s->last_strip >= 0 ? s->last_strip : by_names, least);
	return possible < 0 || score_level(s, d, blind).possible ? blind : possible;
}
