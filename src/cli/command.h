/* A command, and what it is given. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "cli/options.h"
#include "engine/engine.h"
#include "report/report.h"

typedef struct command command;

/* Options that every command takes. */
typedef struct common_options {
	const char *directory; /* -C; main has changed to it */
	const char *db;
	unsigned jobs;
	bool no_pager;
	const char *color; /* always, never, auto; NULL: by settings */
	bool help;
	bool version;
} common_options;

extern const option common_option_table[];

/* One run of the program. */
typedef struct context {
	common_options common;
	const command *command;
	repo *settings; /* the repository that git config is read of; NULL outside of one */
	bool settings_tried;
	int status; /* exit status when the command succeeds: 0, or 1 for findings */
} context;

struct command {
	const char *name;		   /* "points", "series add" */
	const char *summary;		   /* one line, lower case, without full stop */
	const char *usage;		   /* what follows the name, a line each */
	const char *description;	   /* paragraphs for --help; may be NULL */
	const char *examples;		   /* command lines, a line each; may be NULL */
	const option *options;		   /* of this command alone */
	size_t options_size;		   /* of the struct that they fill, zeroed first */
	unsigned min_args, max_args;	   /* of what is no option; G_MAXUINT for any number */
	const command *const *subcommands; /* NULL-terminated; then `run` is NULL */
	/* `args` are char *. False: the program ends with 2 (130 when interrupted) after saying
	 * err. */
	bool (*run)(context *c, const void *options, GPtrArray *args, GError **err);
	bool unlisted; /* not in the overview: for scripts */
};

/* In the order of the overview; NULL-terminated. */
extern const command *const commands[];
/* The command of that name, NULL when there is none. */
const command *command_find(const command *const *list, const char *name);
/* TRUCE_ERROR_USAGE that names the nearest command. `parent` may be NULL. Returns false. */
bool command_unknown(
	const command *const *list, const command *parent, const char *name, GError **err);

/* A setting of git config ("truce.jobs"), NULL when unset or outside a repository. The caller's. */
char *context_setting(context *c, const char *key);
/* Opens the engine with the common options and settings. */
bool context_open(context *c, engine **out, bool read_only, GError **err);
/* TRUCE_ERROR_NOT_FOUND with the way to begin, when no series is stored. */
bool context_need_series(engine *e, GError **err);
/* Says on standard error that series changed since the analysis `m` was made, if so. */
void context_note_stale(engine *e, const mediation *m);
/* context_open for reading, and what is stored; notes when that is out of date. */
bool context_load(context *c, engine **e, mediation **m, GError **err);
/* How text looks on this standard output. */
report_options context_look(context *c, bool verbose);
/* Writes text to standard output, through the pager when that is a terminal. A reader that went
 * away is no error. */
bool context_page(context *c, const GString *text, GError **err);
/* The same without the pager. */
bool context_print(context *c, const GString *text, GError **err);
/* A line on standard error, made printable: "truce: ...". */
void context_note(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
/* Writes text to the file `path`: whole or not at all where it is a regular one; "-" is standard
 * output. */
bool context_write(context *c, const char *path, const GString *text, GError **err);
/* False when a report could not be written to `path`: to know it before an hour's work. */
bool context_can_report(const char *path, GError **err);
/* Writes a report to `path` ("-": standard output). `format` NULL: by the file's name, else
 * markdown in a file and text on the terminal. Code is read from the engine's repository. */
bool context_report(context *c, engine *e, const mediation *m, const char *format, const char *path,
	bool verbose, GError **err);
