/* A difference that is known before the texts are compared, because somebody made one of the other,
 * and when xdiff can find no other one.
 *
 * That is so when no line that went or came stands on the other side. xdiff then
 * - leaves out of its search all these lines, as they have no match (xdl_cleanup_records), and
 * finds that the rest is the same on both sides;
 * - leaves out lines that both sides have only where they stand often and between changed lines on
 *   either side with no rarer line (xdl_clean_mmatch), which is looked for here;
 * - slides no group of changed lines, as none of them is equal to a line beside its group.
 * Every third file of a mailbox of patches is like that. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/text.h"

/* `hunks` (change_hunk) lead from the old to the new text. True when repo_diff_texts makes the very
 * same; false when they do not lead there, when there may be another difference, and when finding
 * out would take long. */
bool diff_is_forced(span old_text, span new_text, const GArray *hunks);
