/* A series after it was applied: commits on the base, what they change, and what found no place. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/oid.h"
#include "model/patch.h"

/* What one patch did to one path. Mode 0, id zero: not there. */
typedef struct path_step {
	char *path;
	oid before, after;
	unsigned before_mode, after_mode;
	GArray *hunks;	    /* change_hunk without patches: the lines that the patch took and gave, when
			     * that is known; or NULL: compare the two */
	unsigned old_lines; /* with hunks: of the whole old text */
} path_step;

/* One patch of a series: a commit, or a patch that did not apply at all. */
typedef struct series_commit {
	unsigned n;	  /* from 1, in the series */
	unsigned source;  /* index into series.specs */
	oid commit;	  /* zero when !applied */
	oid tree;	  /* the tree after this patch */
	char *subject;
	char *message;
	person author;
	char *message_id; /* or NULL */
	char *origin;	  /* patch.source, for messages */
	char *patch_id;	  /* hex of git's stable patch id, or NULL (empty or binary) */
	bool applied;	  /* every hunk found its place */
	unsigned fuzzy;	  /* hunks placed by offset, reduced context or three-way */
	GArray *steps;	  /* path_step, sorted by path, while the applier's knowledge lasts; NULL: the
			   * trees tell. Not stored. */
} series_commit;

typedef enum reject_reason {
	REJECT_HUNK,	    /* the hunk's old lines are nowhere */
	REJECT_MISSING,	    /* the file to change is not in the tree */
	REJECT_EXISTS,	    /* the file to add is already there, with other content */
	REJECT_BINARY,	    /* binary content does not match, or is not in the patch */
	REJECT_COMMIT,	    /* a commit of a range that conflicts on the base */
} reject_reason;

/* A hunk (or whole file) that found no place: becomes the finding series.unapplied. */
typedef struct reject {
	unsigned patch;	     /* series_commit.n */
	reject_reason reason;
	char *path;
	char *origin;	     /* mail or file */
	unsigned source_line;/* of the hunk in origin, from 1 */
	unsigned hunk;	     /* from 1 within the file; 0 for the whole file */
	unsigned near_line;  /* the nearest place that nearly matches, in the tree then; 0 none */
	unsigned near_end;
	char *difference;    /* what differs there, a few lines of unified text; or NULL */
} reject;

/* One hunk of the difference from base to tip, without context lines. */
typedef struct change_hunk {
	unsigned old_start, old_count; /* git's numbering: with old_count 0 the lines follow old_start */
	unsigned new_start, new_count;
	unsigned *old_patch; /* old_count entries: the patch (n) that removed the line; 0 unknown */
	unsigned *new_patch; /* new_count entries: the patch (n) that added the line */
} change_hunk;

typedef enum change_status {
	CHANGE_ADDED = 'A',
	CHANGE_MODIFIED = 'M',
	CHANGE_DELETED = 'D',
	CHANGE_TYPE = 'T', /* file to symlink or the like */
} change_status;

/* One path that differs between base and tip (renames are a deletion and an addition). */
typedef struct file_change {
	char *path;
	change_status status;
	oid old_oid, new_oid;
	unsigned old_mode, new_mode;
	bool binary;
	unsigned insertions, deletions; /* as git diff --numstat --no-renames counts */
	GArray *hunks; /* change_hunk, in order; empty for binary and mode-only changes.
			* An added or deleted text file is one hunk. */
} file_change;

typedef struct series {
	gint64 id; /* in the database; 0 before it is stored */
	char *name;
	GPtrArray *specs;   /* char *: the SPECs, in the order given */
	oid base;	    /* commit */
	oid base_tree;
	oid tip;	    /* commit */
	oid tip_tree;
	GPtrArray *commits; /* series_commit * */
	GPtrArray *rejects; /* reject * */
	GPtrArray *notes;   /* char * */
	GPtrArray *changes; /* file_change *, sorted by path; NULL until asked for */
	unsigned files, insertions, deletions; /* git diff --shortstat --no-renames base tip */
} series;

series *series_new(const char *name);
void series_free(series *s);
series_commit *series_commit_new(void);
void series_commit_free(series_commit *c);
GArray *path_steps_new(void); /* frees what the steps hold */
reject *reject_new(void);
void reject_free(reject *r);
file_change *file_change_new(const char *path);
void file_change_free(file_change *c);

/* The change of `path`, or NULL. Borrowed. Needs s->changes. */
const file_change *series_change(const series *s, const char *path);
/* The patch that added line `line` of the tip's `path` / removed line `line` of the base's;
 * 0 when the series did not touch it. */
unsigned file_change_patch_of_new(const file_change *c, unsigned line);
unsigned file_change_patch_of_old(const file_change *c, unsigned line);
/* True when a line in first..last of the tip (new) or base (old) is part of a hunk. For a pure
 * deletion the tip's lines on both sides of the gap do not count. */
bool file_change_touches_new(const file_change *c, unsigned first, unsigned last);
bool file_change_touches_old(const file_change *c, unsigned first, unsigned last);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(series, series_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(series_commit, series_commit_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(reject, reject_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(file_change, file_change_free)
