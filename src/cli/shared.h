/* Small things that several commands say alike. */
#pragma once

#include "cli/command.h"

/* What each series is made of, for standard error: sizes, and how many hunks found no place. */
void shared_note_series(const series *s);
/* The words of --severity and --threshold; NULL-terminated. */
extern const char *const shared_severities[];
/* The words of --format; NULL-terminated. */
extern const char *const shared_formats[];
