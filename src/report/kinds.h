/* What each kind of finding is, in one line: for formats that list the rules of a tool. */
#pragma once

#include "model/finding.h"

/* One line, as docs/findings/README.md has it; "" for a kind that is not known. Borrowed. */
const char *kind_summary(const char *kind);
