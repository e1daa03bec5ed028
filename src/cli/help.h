/* Help: the overview, a command's page, the documentation and completion, all from the tables. */
#pragma once

#include <glib.h>

#include "cli/command.h"

/* What `truce` alone and `truce help` show. */
void help_overview(GString *out, const report_options *look);
/* What `truce COMMAND --help` shows. */
void help_command(GString *out, const command *c, const report_options *look);
/* docs/commands.md, whole. */
void help_markdown(GString *out);
/* The words that may follow, one a line: commands for NULL, else subcommands and options. */
void help_words(GString *out, const command *c);
