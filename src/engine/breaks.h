/* merge.breaks: what git merges clean and no compiler reads any more. */
#pragma once

#include "engine/reading.h"
#include "model/mediation.h"

/* For each pair of series: parses the files that both change and git merges without a conflict, as
 * they stand in the merge of the two tips (headers through a file that includes them), and appends
 * a finding for each that has errors which it has in neither tip. Where other files conflict, the
 * merge has one side of them: an error counts when it is there with either side. */
bool breaks_find(mediation *m, engine *e, facts_reader *f, GError **err);
