/* What one patch does to a tree, held back until the whole patch is known to fit.
 *
 * git patches name the state before the patch in copies and renames, and the state so far in
 * changes: both can be asked for. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/patch.h"
#include "model/series.h"
#include "series/apply_text.h"

/* A file as the stage sees it. */
typedef struct staged_file {
	unsigned mode;
	oid id;	      /* zero while only `data` is known */
	GBytes *data; /* or NULL: not read yet; submodules: the line that git diff shows for them */
	GBytes *before; /* what the path held before the patch, when that was read; or NULL */
	bool edited;	/* `edit` says how it came from the blob `from` (zero: from nothing) */
	oid from;
	text_edit edit;
} staged_file;

typedef struct stage stage;

/* `edit` is borrowed and unchanged until stage_commit. */
stage *stage_new(repo *r, tree_edit *edit);
void stage_free(stage *s);

/* The file at `path` after what is staged; false when there is none (a directory is none). *out is
 * the caller's (staged_file_clear). */
bool stage_get(stage *s, const char *path, staged_file *out);
/* The file as it was before the patch. */
bool stage_get_before(stage *s, const char *path, staged_file *out);
/* Reads the content into f->data. */
bool stage_load(stage *s, staged_file *f, GError **err);
void staged_file_clear(staged_file *f);

/* A path that some file of the patch moves or deletes is free for another to take. */
void stage_expect_gone(stage *s, const char *path);
bool stage_is_free(stage *s, const char *path);

/* True when the patch has done something to `path` already. */
bool stage_touches(const stage *s, const char *path);

/* Copies of the content are kept by reference; f->before while there is room. */
void stage_put(stage *s, const char *path, const staged_file *f);
/* `before` as in staged_file. */
void stage_remove(stage *s, const char *path, GBytes *before);
/* Removes what was renamed, unless another file of the patch has taken the path meanwhile. */
void stage_move_away(stage *s, const char *path);

/* Brings everything into the edit: removals first. `steps` (path_steps_new) gets what it did, by
 * path. True with *blocked set (the caller's) when a path cannot stand there because a file or
 * directory is in the way; the rest is done then, and `steps` says too much. */
bool stage_commit(stage *s, GArray *steps, char **blocked, GError **err);

/* What `path` held and holds, as far as that is in memory (borrowed, NULL when not). */
void stage_texts(stage *s, const char *path, GBytes **before, GBytes **after);

/* Calls `each` for every staged path, sorted. */
typedef void (*stage_each_fn)(const char *path, void *data);
void stage_each(stage *s, stage_each_fn each, void *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(stage, stage_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(staged_file, staged_file_clear)
