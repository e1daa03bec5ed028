/* truce: the command line. Finds the command, parses by its table, runs it, says what went wrong.
 */
#include <errno.h>
#include <locale.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/suggest.h"
#include "cli/terminal.h"

#define EXIT_FAILED 2
#define EXIT_INTERRUPTED 130

const command *command_find(const command *const *list, const char *name)
{
	for (; *list; list++) {
		/* A subcommand's name holds its parent's. */
		const char *last = strrchr((*list)->name, ' ');
		if (!strcmp(last ? last + 1 : (*list)->name, name))
			return *list;
	}
	return NULL;
}

bool command_unknown(
	const command *const *list, const command *parent, const char *name, GError **err)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (const command *const *c = list; *c; c++) {
		const char *last = strrchr((*c)->name, ' ');
		g_ptr_array_add(names, (gpointer)(last ? last + 1 : (*c)->name));
	}
	const char *near = suggest(name, (const char *const *)names->pdata, names->len);
	g_autofree char *begin =
		parent ? g_strdup_printf("truce %s", parent->name) : g_strdup("truce");
	g_autofree char *hint = near ? g_strdup_printf("did you mean `%s %s`?", begin, near)
				     : g_strdup_printf("`%s --help` lists what there is", begin);
	return error_set(err, TRUCE_ERROR_USAGE, hint, "'%s %s' is no command", begin, name);
}

static int say_error(const context *c, const GError *err)
{
	g_autofree char *text = error_text(err);
	g_autofree char *shown = text_printable(text, strlen(text));
	const char *hint = error_hint(err);
	if (g_error_matches(err, TRUCE_ERROR, TRUCE_ERROR_CANCELLED)) {
		g_printerr("truce: interrupted; what was stored is kept\n");
		return EXIT_INTERRUPTED;
	}
	g_printerr("truce: error: %s\n", shown);
	if (hint) {
		g_autofree char *printable = text_printable(hint, strlen(hint));
		g_auto(GStrv) lines = g_strsplit(printable, "\n", -1);
		for (char **line = lines; *line; line++)
			g_printerr("hint: %s\n", *line);
	} else if (g_error_matches(err, TRUCE_ERROR, TRUCE_ERROR_USAGE)) {
		g_printerr("hint: see `truce %s%s--help`\n", c->command ? c->command->name : "",
			c->command ? " " : "");
	}
	return EXIT_FAILED;
}

static bool check_count(const command *cmd, guint n, GError **err)
{
	const char *end = strchrnul(cmd->usage, '\n');
	g_autofree char *usage = g_strndup(cmd->usage, (gsize)(end - cmd->usage));
	g_autofree char *hint = g_strdup_printf("usage: truce %s %s", cmd->name, usage);
	if (n < cmd->min_args)
		return error_set(err, TRUCE_ERROR_USAGE, hint, "`truce %s` wants %s", cmd->name,
			n ? "more arguments" : "an argument");
	if (n > cmd->max_args)
		return error_set(err, TRUCE_ERROR_USAGE, hint, "`truce %s` takes %s", cmd->name,
			cmd->max_args ? "fewer arguments" : "no arguments");
	return true;
}

static bool show_help(context *c, GError **err)
{
	g_autoptr(GString) out = g_string_new(NULL);
	report_options look = context_look(c, false);
	if (c->command)
		help_command(out, c->command, &look);
	else
		help_overview(out, &look);
	return context_page(c, out, err);
}

static bool enter_directory(const context *c, GError **err)
{
	if (!c->common.directory || !chdir(c->common.directory))
		return true;
	return error_set(err, TRUCE_ERROR_USAGE, "give a directory that is there with -C DIR",
		"cannot change to '%s': %s", c->common.directory, g_strerror(errno));
}

/* The last command named: descends into subcommands. */
static bool find_command(context *c, char *const **argv, GError **err)
{
	const command *const *list = commands;
	while (list) {
		const char *name = **argv;
		if (!name || name[0] == '-')
			return true;
		const command *found = command_find(list, name);
		if (!found)
			return command_unknown(list, c->command, name, err);
		c->command = found;
		++*argv;
		list = found->subcommands;
	}
	return true;
}

static bool no_subcommand(const command *cmd, GError **err)
{
	g_autoptr(GString) hint = g_string_new(NULL);
	for (const command *const *sub = cmd->subcommands; *sub; sub++)
		g_string_append_printf(
			hint, "%struce %s", sub == cmd->subcommands ? "" : ", ", (*sub)->name);
	g_string_append_printf(hint, "; see `truce %s --help`", cmd->name);
	return error_set(
		err, TRUCE_ERROR_USAGE, hint->str, "which command of `truce %s`?", cmd->name);
}

static bool run_command(context *c, char *const *argv, GError **err)
{
	static const option none[] = {{0}};
	const command *cmd = c->command;
	g_autofree void *options = g_malloc0(MAX(cmd->options_size, 1));
	option_set own = {cmd->options ? cmd->options : none, options};
	option_set sets[] = {own, {common_option_table, &c->common}};
	g_autoptr(GPtrArray) args = g_ptr_array_new();
	bool ok = options_parse(sets, G_N_ELEMENTS(sets), argv, false, args, NULL, err);
	if (ok && c->common.help)
		ok = show_help(c, err);
	else if (ok && cmd->subcommands)
		ok = no_subcommand(cmd, err);
	else if (ok)
		ok = check_count(cmd, args->len, err) && enter_directory(c, err) &&
		     cmd->run(c, options, args, err);
	options_clear(&own);
	return ok;
}

static bool run(context *c, char *const *argv, GError **err)
{
	option_set common = {common_option_table, &c->common};
	size_t used;
	if (!options_parse(&common, 1, argv, true, NULL, &used, err))
		return false;
	argv += used;
	if (c->common.version) {
		g_autoptr(GString) out = g_string_new("truce " TRUCE_VERSION "\n");
		return context_print(c, out, err);
	}
	if (!find_command(c, &argv, err))
		return false;
	if (c->command)
		return run_command(c, argv, err);
	if (c->common.help)
		return show_help(c, err);
	g_autoptr(GString) out = g_string_new(NULL);
	help_overview(out, NULL);
	fputs(out->str, stderr);
	c->status = EXIT_FAILED;
	return true;
}

/* A heap for each thread that applies, reads ahead, compares and finishes, and some: threads that
 * share one wait for it 4,000 times in a thousand patches, a seventh of the time. Large blocks are
 * given back when they are freed: a thousand patches stay some 20 MB smaller. */
#define HEAPS_MAX 8
#define LARGE_BLOCK_BYTES (1 << 20)

static void bound_heaps(void)
{
#ifdef __GLIBC__
	mallopt(M_ARENA_MAX, HEAPS_MAX);
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES);
#endif
}

int main(int argc, char **argv)
{
	(void)argc;
	bound_heaps();
	setlocale(LC_ALL, "");
	cancel_install();
	context c = {0};
	g_autoptr(GError) err = NULL;
	bool ok = run(&c, argv + 1, &err);
	int status = ok ? c.status : say_error(&c, err);
	repo_free(c.settings);
	return status;
}
