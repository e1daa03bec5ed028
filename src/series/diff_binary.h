/* The content of a binary file in a diff. Private to the reading of diffs. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/patch.h"
#include "series/diff_reader.h"

/* Reads the blocks behind "GIT binary patch", which stands at the reader: f->forward, and
 * f->reverse when it is there. LIMIT when a size claimed is beyond LIMIT_FILE_BYTES (asked before
 * any memory is), INPUT when the data is broken or of another size. */
bool diff_read_binary(diff_reader *r, patch_file *f, GError **err);
