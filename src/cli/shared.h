/* Small things that several commands say alike. */
#pragma once

#include "cli/command.h"

/* What each series is made of, for standard error: sizes, how many hunks found no place, and what
 * its reader noticed. */
void shared_note_series(const series *s);
/* The same of a series that is not under mediation, so that no command shows more of it. */
void shared_note_incoming(const series *s);
/* How much was parsed, and how much of it was known; nothing when no file was read. */
void shared_note_work(const engine *e);
/* What the reader noticed alone: letters left out, numbers missing. */
void shared_note_reading(const series *s);
/* The base that was found for patches when none was given; `how`, NULL when one was. */
void shared_note_base(engine *e, const char *how);
/* The finding whose fingerprint begins so. Borrowed. NULL and TRUCE_ERROR_NOT_FOUND, or
 * TRUCE_ERROR_USAGE with those that it could be. For commands that take points as well. */
finding *shared_finding(const mediation *m, const char *id, GError **err);
/* TRUCE_ERROR_NOT_FOUND with the nearest point's name. `what` is what was looked for. Returns
 * false. */
bool shared_no_point(const mediation *m, const char *name, const char *what, GError **err);
/* How many findings without a ruling the plan waits for; *first is the one that most hunks wait for
 * (as in report_text_summary), NULL when there is none. Borrowed. */
unsigned shared_waiting(const mediation *m, const char **first);
/* What the last analysis found that the one before had not, and the other way round: ids (char *).
 * After the first analysis all are new. Either may be NULL. */
bool shared_changes(engine *e, GPtrArray **appeared, GPtrArray **gone, GError **err);
/* "truce" with the options that name another place (-C, --db), so that a command that is shown can
 * be typed. The caller's. */
char *shared_typed(const context *c);
/* What changed since the analysis before, and what a mediator does next, as it is typed with this
 * -C and --db: the last part of a summary. */
bool shared_next(GString *out, const context *c, engine *e, const mediation *m,
	const report_options *look, GError **err);
/* Keeps what --config (const char *; NULL: nothing) and --compile-commands give: all or nothing. */
bool shared_give_build(engine *e, GPtrArray *configs, const char *built, GError **err);
/* The words of --severity and --threshold; NULL-terminated. */
extern const char *const shared_severities[];
/* The words of --format; NULL-terminated. */
extern const char *const shared_formats[];
