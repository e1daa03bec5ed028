/* What to do about a finding, for the reader it is meant for. */
#pragma once

#include "model/finding.h"

/* For who has the database: commands as they can be typed, with the finding's id in them. "" when
 * nothing is suggested. The caller's. */
char *advice_commands(const finding *f);
/* For who has not, as readers of a mail: rulings by their names ("both", "take NAME"), no commands.
 * The caller's. */
char *advice_words(const finding *f);
