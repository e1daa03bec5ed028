/* The files of a directory that a SPEC names. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/digest.h"
#include "series/letter.h"

/* Reads `name`, a path below `dir`, unpacked. A link that leads out of `dir` is an error: whoever
 * made the directory shall not have other files of this machine read. */
bool folder_read(GBytes **out, const char *dir, const char *name, size_t limit, GError **err);

/* Makes a letter of a file's text. */
typedef bool (*folder_letter_fn)(
	letter **out, GBytes *text, const char *dir, const char *name, GError **err);
/* Reads all of `names` (char *), in order, and appends their letters. LIMIT for too many. */
bool folder_read_letters(GPtrArray *letters, const char *dir, const GPtrArray *names,
	folder_letter_fn make, GError **err);
/* Adds names and bytes of what folder_read_letters would read. */
bool folder_digest(digest *d, const char *dir, const GPtrArray *names, GError **err);
