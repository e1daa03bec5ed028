/* The hunks of one file of a diff. Private to the reading of diffs. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/patch.h"
#include "series/diff_reader.h"

/* Reads the hunks that stand at the reader, if any, into f->hunks. INPUT when counts and lines do
 * not agree. */
bool diff_read_hunks(diff_reader *r, patch_file *f, GError **err);
