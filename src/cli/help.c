/* Help: the overview, a command's page, the documentation and completion, all from the tables. */
#include "cli/help.h"

#include <string.h>

#include "report/sheet.h"
#include "report/tally.h"

#define INDENT 4u
/* Options longer than this put their help on the next line. */
#define TITLE 26u
/* With less room for it than this, help stands below what it is for. */
#define MIN_TEXT 24u
/* Longer lines are hard to read, however wide the terminal is. */
#define MAX_WIDTH 80u

const help_entry help_settings[] = {
	{"truce.rules", "the catalogue, as --rules"},
	{"truce.jobs", "how many jobs, as --jobs"},
	{"truce.parseSeconds",
		"seconds of processor time that one parse may take, 60 when not set"},
	{"truce.pager", "the pager; then GIT_PAGER, core.pager, PAGER, less"},
	{"color.truce", "always, never or auto; then color.ui"},
	{0},
};

const help_entry help_environment[] = {
	{"TRUCE_PAGER", "the pager, before truce.pager"},
	{"TRUCE_RULES", "a folder with catalogues, before those installed"},
	{"NO_COLOR", "no colour, when set and not empty"},
	{"TERM", "dumb or not set: no colour; of pagers only TRUCE_PAGER, truce.pager"},
	{"COLUMNS", "how wide the output is; else as the terminal, or 80"},
	{0},
};

const help_entry help_exit_status[] = {
	{"0", "the job is done; with --exit-code and in gate: nothing was found"},
	{"1", "findings at or above the threshold; of `truce interface` see each command"},
	{"2", "wrong use, or a failure"},
	{"130", "interrupted"},
	{0},
};

const help_entry help_specs[] = {
	{"A..B", "the commits of a range"},
	{"REF", "the commits of a branch since it left the base"},
	{"mbox:PATH", "a mailbox, plain or .gz or .xz"},
	{"maildir:DIR", "a maildir"},
	{"quilt:DIR", "a quilt directory with its series file"},
	{"patches:DIR", "one mail or diff a file, in the order of their names"},
	{"diff:PATH", "one plain diff"},
	{"overlay:DIR[=>PREFIX]", "files laid over the tree, below PREFIX"},
	{"PATH", "one of these, told by what it holds"},
	{0},
};

static void heading(sheet *s, const char *text)
{
	sheet_newline(s);
	sheet_put(s, STYLE_HEAD, text);
	sheet_newline(s);
}

static void entry(sheet *s, const char *title, const char *text, unsigned room)
{
	if (INDENT + room + MIN_TEXT > s->width)
		room = INDENT;
	sheet_blank(s, INDENT);
	sheet_put(s, STYLE_NAME, title);
	unsigned column = INDENT + sheet_columns(title);
	if (column + 2 > INDENT + room) {
		sheet_newline(s);
		column = 0;
	}
	sheet_blank(s, INDENT + room - column);
	sheet_wrap(s, STYLE_PLAIN, INDENT + room, INDENT + room, text);
}

static void block(sheet *s, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		sheet_blank(s, INDENT);
		sheet_put(s, STYLE_PLAIN, *line);
		sheet_newline(s);
	}
}

/* The columns that the longest title takes. */
static unsigned widest(const help_entry *entries)
{
	unsigned most = 0;
	for (; entries->title; entries++)
		most = MAX(most, (unsigned)strlen(entries->title));
	return most;
}

static void entries(sheet *s, const help_entry *list)
{
	unsigned room = widest(list) + 2;
	for (const help_entry *e = list; e->title; e++)
		entry(s, e->title, e->text, room);
}

char *help_option_text(const option *o)
{
	if (o->kind != OPTION_CHOICE)
		return g_strdup(o->help);
	g_autofree char *list = g_strjoinv(", ", (char **)o->choices);
	return g_strdup_printf("%s; one of %s", o->help, list);
}

static void option_entries(sheet *s, const option *options)
{
	for (const option *o = options; o->name; o++) {
		g_autofree char *title = option_title(o);
		g_autofree char *text = help_option_text(o);
		entry(s, title, text, TITLE);
	}
}

static void command_entries(sheet *s, const command *const *list)
{
	unsigned room = 0;
	for (const command *const *c = list; *c; c++)
		room = MAX(room, (unsigned)strlen((*c)->name) + 2);
	for (const command *const *c = list; *c; c++) {
		if (!(*c)->unlisted)
			entry(s, (*c)->name, (*c)->summary, room);
	}
}

void help_overview(GString *out, const report_options *look)
{
	sheet s = sheet_on(out, look);
	s.width = MIN(s.width, MAX_WIDTH);
	sheet_put(&s, STYLE_HEAD, "truce");
	sheet_blank(&s, 1);
	sheet_wrap(&s, STYLE_PLAIN, 6, 0, HELP_TAGLINE);
	heading(&s, "Usage");
	block(&s, "truce COMMAND [OPTIONS]\ntruce COMMAND --help");
	heading(&s, "Commands");
	command_entries(&s, commands);
	heading(&s, "Options of every command");
	option_entries(&s, common_option_table);
	heading(&s, "Begin with");
	block(&s, "truce mediate --base v6.1 --series one=mbox:one.mbox --series two=topic/two");
}

static void usage_lines(sheet *s, const command *c)
{
	g_auto(GStrv) lines = g_strsplit(c->usage, "\n", -1);
	for (char **line = lines; *line; line++) {
		sheet_blank(s, INDENT);
		sheet_put(s, STYLE_PLAIN, "truce ");
		sheet_put(s, STYLE_NAME, c->name);
		unsigned column = INDENT + 7 + (unsigned)strlen(c->name);
		sheet_blank(s, **line ? 1 : 0);
		sheet_wrap(s, STYLE_PLAIN, column, INDENT + 14, *line);
	}
}

void help_command(GString *out, const command *c, const report_options *look)
{
	sheet s = sheet_on(out, look);
	s.width = MIN(s.width, MAX_WIDTH);
	g_autofree char *title = g_strdup_printf("truce %s", c->name);
	sheet_put(&s, STYLE_HEAD, title);
	sheet_put(&s, STYLE_PLAIN, ": ");
	sheet_wrap(&s, STYLE_PLAIN, (unsigned)strlen(title) + 2, INDENT, c->summary);
	heading(&s, "Usage");
	if (c->subcommands) {
		for (const command *const *sub = c->subcommands; *sub; sub++)
			usage_lines(&s, *sub);
	} else {
		usage_lines(&s, c);
	}
	if (c->description) {
		sheet_newline(&s);
		sheet_wrap(&s, STYLE_PLAIN, 0, 0, c->description);
	}
	if (c->subcommands) {
		heading(&s, "Commands");
		command_entries(&s, c->subcommands);
	}
	if (c->options && c->options->name) {
		heading(&s, "Options");
		option_entries(&s, c->options);
	}
	if (c->usage && strstr(c->usage, "SPEC")) {
		heading(&s, "SPEC is one of");
		entries(&s, help_specs);
	}
	heading(&s, "Options of every command");
	option_entries(&s, common_option_table);
	if (c->examples) {
		heading(&s, "Examples");
		block(&s, c->examples);
	}
}

static void markdown_options(GString *out, const option *options)
{
	g_string_append(out, "\n| option | |\n| --- | --- |\n");
	for (const option *o = options; o->name; o++) {
		g_autofree char *title = option_title(o);
		g_autofree char *text = help_option_text(o);
		g_auto(GStrv) title_parts = g_strsplit(title, "|", -1);
		g_autofree char *title_cell = g_strjoinv("\\|", title_parts);
		g_string_append_printf(out, "| `%s` | %s |\n", title_cell, text);
	}
}

static void markdown_block(GString *out, const char *title, const char *text)
{
	g_string_append_printf(out, "\n%s\n\n```\n%s\n```\n", title, text);
}

static void markdown_entries(GString *out, const char *title, const help_entry *list)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (const help_entry *e = list; e->title; e++)
		g_string_append_printf(text, "%s%-*s  %s", e == list ? "" : "\n", (int)widest(list),
			e->title, e->text);
	markdown_block(out, title, text->str);
}

static void markdown_command(GString *out, const command *c, const char *level)
{
	g_string_append_printf(out, "\n%s truce %s\n\n", level, c->name);
	g_autofree char *summary = g_strdup(c->summary);
	summary[0] = g_ascii_toupper(summary[0]);
	g_string_append_printf(out, "%s.\n", summary);
	if (c->usage && !c->subcommands) {
		g_string_append(out, "\n```\n");
		g_auto(GStrv) lines = g_strsplit(c->usage, "\n", -1);
		for (char **line = lines; *line; line++)
			g_string_append_printf(
				out, "truce %s%s%s\n", c->name, **line ? " " : "", *line);
		g_string_append(out, "```\n");
	}
	if (c->description)
		g_string_append_printf(out, "\n%s\n", c->description);
	if (c->options && c->options->name)
		markdown_options(out, c->options);
	if (c->examples)
		markdown_block(out, "Examples:", c->examples);
	for (const command *const *sub = c->subcommands; sub && *sub; sub++)
		markdown_command(out, *sub, "###");
}

void help_markdown(GString *out)
{
	g_string_append(out,
		"# The commands of truce\n\n"
		"<!-- Made by `truce help --markdown` from the tables that drive parsing and "
		"--help; a test compares. -->\n\n"
		"truce works like git: inside a repository, with subcommands. Results go to "
		"standard output,\nprogress, notes and errors to standard error. A pager and "
		"colour are used on a terminal only.\n");
	markdown_entries(out, "Settings of git config:", help_settings);
	markdown_entries(out, "Environment:", help_environment);
	markdown_entries(out, "Exit status:", help_exit_status);
	markdown_entries(out, "A series comes from a SPEC:", help_specs);
	g_string_append(out, "\nOptions of every command:\n");
	markdown_options(out, common_option_table);
	for (const command *const *c = commands; *c; c++) {
		if (!(*c)->unlisted)
			markdown_command(out, *c, "##");
	}
}

static void option_words(GString *out, const option *options)
{
	for (const option *o = options; o && o->name; o++) {
		g_string_append_printf(out, "--%s", o->name);
		for (const char *const *choice = o->choices; choice && *choice; choice++)
			g_string_append_printf(out, " %s", *choice);
		g_string_append_c(out, '\n');
	}
}

void help_words(GString *out, const command *c)
{
	const command *const *list = c ? c->subcommands : commands;
	for (; list && *list; list++) {
		/* "series add" completes as "add" after "series". */
		const char *last = strrchr((*list)->name, ' ');
		if (!(*list)->unlisted)
			g_string_append_printf(out, "%s\n", last ? last + 1 : (*list)->name);
	}
	if (c)
		option_words(out, c->options);
	option_words(out, common_option_table);
}
