/* Help: the overview, a command's page, the documentation and completion, all from the tables. */
#pragma once

#include <glib.h>

#include "cli/command.h"

#define HELP_TAGLINE "mediates between competing patch-sets for one kernel"

/* A word and what it means. Lists end with title NULL. */
typedef struct help_entry {
	const char *title, *text;
} help_entry;

extern const help_entry help_settings[];    /* of git config */
extern const help_entry help_environment[]; /* variables */
extern const help_entry help_exit_status[];
extern const help_entry help_specs[]; /* what a series comes from */

/* The help of an option, its choices included. The caller's. */
char *help_option_text(const option *o);

/* What `truce` alone and `truce help` show. */
void help_overview(GString *out, const report_options *look);
/* What `truce COMMAND --help` shows. */
void help_command(GString *out, const command *c, const report_options *look);
/* docs/commands.md, whole. */
void help_markdown(GString *out);
/* The manual page of a command (with its subcommands), or truce(1) for NULL: roff for man(7). */
void help_man(GString *out, const command *c);
/* The words that may follow, one a line: commands for NULL, else subcommands and options. An
 * option's choices stand behind it. */
void help_words(GString *out, const command *c);
