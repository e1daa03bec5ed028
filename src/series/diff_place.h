/* What the placing of diffs shares. Private to diff_place.c and diff_level.c. */
#pragma once

#include "series/diff.h"

/* True when the file is there, in the base tree or by an earlier patch. NULL and "" never are. */
bool diff_place_exists(diff_place_state *s, const char *path);

/* The name behind `level` slashes (a run of them counts as one, as in patch(1)); NULL when it has
 * fewer. Borrowed from `name`. */
const char *diff_strip_name(const char *name, int level);
/* Both names cut at `level`; renames and copies carry no prefix, so one level less is cut there. */
void diff_names_at(const diff_file *d, int level, const char **old_name, const char **new_name);
/* The name without what tools other than git append to the old file's ("foo.c.orig", "foo.c~"). NULL
 * when there is nothing to cut. The caller's. */
char *diff_without_suffix(const diff_file *d, const char *name);
/* New for sure, or new unless the tree says that an empty file is there. */
bool diff_may_be_new(const diff_file *d);

/* How many leading directories to strip from the names of a diff: the level at which most files to
 * change exist. */
int diff_find_level(diff_place_state *s, const diff *d);

/* Turns a placed file of the diff round. INPUT when that cannot be done. */
bool diff_reverse_file(const diff *d, patch_file *f, GError **err);
