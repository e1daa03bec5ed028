/* A diff as its text says it, before anyone knows which tree it is for.
 *
 * Parsing and placing are two steps: the parser needs no repository and keeps each name as it
 * stands in the text; diff_place then finds how many leading directories to strip (the -p of patch
 * and git apply) and fills old_path, new_path and change of every patch_file. Mails are parsed in
 * box order but placed in series order, since a patch may change a file that an earlier one made.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/patch.h"

/* One file of a diff. Names are unquoted, prefixes still on; NULL when the text has none. */
typedef struct diff_file {
	patch_file *file; /* everything but paths and, for plain diffs, change */
	bool git;	  /* has a "diff --git" header: renames and modes are explicit */
	bool old_null;	  /* old name is /dev/null, or its time stamp is the epoch */
	bool new_null;
	char *old_name, *new_name;   /* "---" and "+++" lines, else the "diff --git" line */
	char *moved_from, *moved_to; /* "rename from", "copy to": without the a/ b/ prefix */
	char *index_name;	     /* "Index:" line of cvs, svn and quilt */
} diff_file;

typedef struct diff {
	GPtrArray *files; /* diff_file * */
	GBytes *text;	  /* what the hunks point into */
	char *source;	  /* for messages */
	GPtrArray *notes; /* char *: what the diff says that it leaves out, one sentence each */
	gsize memory;	  /* that it takes, about, without the text */
} diff;

/* Reads all diffs in `text` from byte `offset` on; text before, between and behind them is
 * skipped. `first_line` is the line number of `offset` in the source. No diff at all is no error:
 * then files is empty. TRUCE_ERROR_INPUT names source and line; LIMIT for a binary claim beyond
 * LIMIT_FILE_BYTES, and for what takes more memory than LIMIT_PARSED_BYTES. Linear in the length of
 * text. Thread-safe. */
bool diff_parse(diff **out, GBytes *text, gsize offset, unsigned first_line, const char *source,
	GError **err);
void diff_free(diff *d);

/* Where diffs are placed: the base tree and what earlier patches made of it. */
typedef struct diff_place_state {
	repo *repo; /* NULL: no tree known, names alone decide */
	oid tree;
	GHashTable *known; /* path -> GINT_TO_POINTER(presence) */
	int last_strip;	   /* of the patch before, or -1 */
	bool remove_empty; /* as patch -E, which quilt uses: a file left empty is deleted */
} diff_place_state;

/* `r` may be NULL; `tree` may be NULL when the base is not known. */
void diff_place_init(diff_place_state *s, repo *r, const oid *tree);
void diff_place_clear(diff_place_state *s);

/* Gives every file its paths inside the tree. `strip` is the -p level, or -1 to find it: the level
 * at which most files to change exist, one level for the whole patch. The files move to `p` (a
 * PATCH_DIFF, whose text becomes the diff's). A name that leaves the tree is TRUCE_ERROR_INPUT. */
bool diff_place(patch *p, diff *d, int strip, bool reverse, diff_place_state *s, GError **err);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(diff, diff_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(diff_place_state, diff_place_clear)
