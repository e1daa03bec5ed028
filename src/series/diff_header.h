/* The values of a diff's header lines. Private to the reading of diffs. All lines come without
 * their newline. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/text.h"
#include "model/patch.h"
#include "series/diff.h"

/* What is behind the first n bytes. */
static inline span diff_after(span line, size_t n)
{
	return (span){line.at + n, line.len - n};
}

/* A header value that is one name, quoted by git's rules or not. The caller's; NULL when it cannot
 * be a name. */
char *diff_whole_name(span s);
/* What follows "--- " or "+++ ": a name, and mostly a time stamp. *epoch: the stamp says that the
 * file is absent. The caller's; NULL as above. */
char *diff_header_name(span s, bool *epoch);
/* The two names of a "diff --git" line into f->old_name and new_name; NULL where they cannot be
 * told. */
void diff_split_git_line(diff_file *f, span s);
/* "100644": one of the modes that git knows. */
bool diff_read_mode(span s, unsigned *mode);
/* "1234567..89abcde 100644", into ids and, where nothing said them before, modes. */
bool diff_read_index(patch_file *f, span s);
/* A number up to a billion; *p moves behind it. */
bool diff_read_number(const char **p, const char *end, unsigned *out);
/* "@@ -1,2 +3,4 @@ heading" */
bool diff_read_hunk_header(hunk *h, span line);
