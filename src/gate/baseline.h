/* A baseline: known findings that the gate lets pass, one line and one reason each.
 *
 *	# comment
 *	0123456789ab point.bypass why this one is right as it is
 *
 * The first word is a finding's fingerprint, or the beginning of it (12 digits or more); it names
 * the kind, the point and the names, never lines, so that it holds while code moves. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/mediation.h"

#define BASELINE_DIGITS 12u
/* Lines of one baseline: a tree with more known debts than this has no interface. */
#define BASELINE_LIMIT_LINES 100000u

typedef struct baseline_entry {
	char *fingerprint; /* hex, BASELINE_DIGITS or more */
	char *kind;
	char *reason;
	unsigned line;
	bool used; /* some finding has it */
} baseline_entry;

/* Reads entries (baseline_entry *) from text; `name` stands for the file in errors, which tell the
 * line: a word that is no fingerprint, an unknown kind, a missing reason, the same twice. */
bool baseline_parse(GPtrArray **out, const char *name, const char *text, gsize len, GError **err);
/* Rules every finding that an entry names as dismissed, with the reason as its note; marks the
 * entries used. Returns how many findings it ruled. */
guint baseline_apply(GPtrArray *entries, GPtrArray *findings, const char *name);
/* Appends a line for each finding that no decision rules, without reasons: those are for people to
 * write, and a line without one is refused. */
void baseline_write(GString *out, GPtrArray *findings);
void baseline_entry_free(baseline_entry *e);
