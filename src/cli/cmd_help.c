/* truce help: the overview, a command's page, and the same for documentation and completion. */
#include "base/error.h"
#include "cli/commands.h"
#include "cli/help.h"

typedef struct help_options {
	bool markdown, man, words;
} help_options;

static const option table[] = {
	{0, "markdown", OPTION_FLAG, NULL, "all of it, as docs/commands.md",
		G_STRUCT_OFFSET(help_options, markdown), NULL},
	{0, "man", OPTION_FLAG, NULL, "the manual page, for man(1)",
		G_STRUCT_OFFSET(help_options, man), NULL},
	{0, "words", OPTION_FLAG, NULL, "commands and options alone, a line each, for completion",
		G_STRUCT_OFFSET(help_options, words), NULL},
	{0},
};

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const help_options *o = options;
	const command *const *list = commands;
	const command *found = NULL;
	for (guint i = 0; i < args->len; i++) {
		const char *name = g_ptr_array_index(args, i);
		const command *next = list ? command_find(list, name) : NULL;
		/* Completion asks for whatever was typed. */
		if (!next && o->words)
			break;
		if (!next && list)
			return command_unknown(list, found, name, err);
		if (!next)
			return error_set(err, TRUCE_ERROR_USAGE, NULL, "'truce %s' has no commands",
				found->name);
		found = next;
		list = next->subcommands;
	}
	g_autoptr(GString) out = g_string_new(NULL);
	report_options look = context_look(c, false);
	if (o->words)
		help_words(out, found);
	else if (o->markdown)
		help_markdown(out);
	else if (o->man)
		help_man(out, found);
	else if (found)
		help_command(out, found, &look);
	else
		help_overview(out, &look);
	return o->words || o->man ? context_print(c, out, err) : context_page(c, out, err);
}

const command cmd_help = {
	.name = "help",
	.summary = "help on a command",
	.usage = "[COMMAND] [OPTIONS]",
	.examples = "truce help series add",
	.options = table,
	.options_size = sizeof(help_options),
	.max_args = G_MAXUINT,
	.run = run,
};
