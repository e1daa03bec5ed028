/* The commands, in the order of the overview. */
#include "cli/commands.h"

#include "cli/command.h"

static const char *const colour_choices[] = {"always", "never", "auto", NULL};

const option common_option_table[] = {
	{'C', "directory", OPTION_TEXT, "DIR", "run as if started in DIR",
		G_STRUCT_OFFSET(common_options, directory), NULL},
	{0, "db", OPTION_TEXT, "PATH",
		"the database, instead of truce/truce.db in the git directory",
		G_STRUCT_OFFSET(common_options, db), NULL},
	{'j', "jobs", OPTION_NUMBER, "N",
		"work on N files at a time; as many as cores if not given",
		G_STRUCT_OFFSET(common_options, jobs), NULL},
	{0, "no-pager", OPTION_FLAG, NULL, "write straight to the terminal",
		G_STRUCT_OFFSET(common_options, no_pager), NULL},
	{0, "color", OPTION_CHOICE, "WHEN", "when to use colour",
		G_STRUCT_OFFSET(common_options, color), colour_choices},
	{0, "version", OPTION_FLAG, NULL, "show the version",
		G_STRUCT_OFFSET(common_options, version), NULL},
	{'h', "help", OPTION_FLAG, NULL, "show this help", G_STRUCT_OFFSET(common_options, help),
		NULL},
	{0},
};

const command *const commands[] = {
	&cmd_mediate,
	&cmd_series,
	&cmd_analyze,
	&cmd_points,
	&cmd_findings,
	&cmd_show,
	&cmd_decide,
	&cmd_plan,
	&cmd_report,
	&cmd_gate,
	&cmd_interface,
	&cmd_sql,
	&cmd_help,
	NULL,
};
