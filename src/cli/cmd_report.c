/* truce report: for people and machines. */
#include "cli/commands.h"
#include "cli/shared.h"

typedef struct report_command_options {
	const char *format;
	const char *output;
	bool verbose;
} report_command_options;

static const option table[] = {
	{'f', "format", OPTION_CHOICE, "FORMAT",
		"when not given, by FILE's name, else markdown, without FILE text",
		G_STRUCT_OFFSET(report_command_options, format), shared_formats},
	{'o', "output", OPTION_TEXT, "FILE", "write to FILE instead of standard output",
		G_STRUCT_OFFSET(report_command_options, output), NULL},
	{'v', "verbose", OPTION_FLAG, NULL, "text: every finding and hunk, not the first few",
		G_STRUCT_OFFSET(report_command_options, verbose), NULL},
	{0},
};

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const report_command_options *o = options;
	(void)args;
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	return (!o->output || context_can_report(o->output, err)) && context_load(c, &e, &m, err) &&
	       context_report(c, e, m, o->format, o->output ? o->output : "-",
		       o->verbose || o->output, err);
}

const command cmd_report = {
	.name = "report",
	.summary = "the whole report, for people and machines",
	.usage = "[--format FORMAT] [-o FILE] [--verbose]",
	.description =
		"text is for a terminal, markdown and html (one page, with both sides' code) are "
		"complete for reviewers, json is complete for machines (truce-report/1, "
		"docs/truce-report-1.schema.json). mail is a mail to the authors, without From. "
		"For CI: sarif (2.1.0), github (annotations of Actions), junit, ktap. The same "
		"mediation gives the same bytes.",
	.examples = "truce report\n"
		    "truce report -o report.html\n"
		    "truce report --format json | jq '.findings[].title'",
	.options = table,
	.options_size = sizeof(report_command_options),
	.run = run,
};
