/* A mediation made by hand, for tests of what shows and what keeps one. */
#pragma once

#include "model/mediation.h"

/* Two series, "xen" and "vmi", on v2.6.16-rc5, with a little of everything: an unplaced hunk, an
 * unread range, points in every state, findings of every severity (one decided), a resolution, a
 * plan with steps and an open decision. Texts that come from patches hold an escape sequence, a
 * Latin-1 byte, a bar and an underscore. The same bytes at every call. The caller's. */
mediation *sample_mediation(void);

/* The text of the blob `id` names in the sample, a few lines of C; NULL for others. A
 * report_read_fn. */
GBytes *sample_read(const oid *id, void *data);
