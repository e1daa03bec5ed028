/* The manual pages, from the same tables as --help: roff with the macros of man(7). */
#include <string.h>

#include "cli/help.h"

/* --- roff --- */

/* Text of a line that begins somewhere inside: `code` in bold, hyphens as minus signs (commands are
 * copied from manuals), and nothing that roff could take for a request. */
static void append_text(GString *out, const char *text)
{
	bool bold = false;
	for (const char *p = text; *p; p++) {
		bool start = p == text || p[-1] == '\n';
		if (start && (*p == '.' || *p == '\''))
			g_string_append(out, "\\&");
		if (*p == '`') {
			bold = !bold;
			g_string_append(out, bold ? "\\fB" : "\\fR");
		} else if (*p == '\\') {
			g_string_append(out, "\\e");
		} else if (*p == '-') {
			g_string_append(out, "\\-");
		} else if (*p == '~') {
			g_string_append(out, "\\(ti");
		} else if (*p == '^') {
			g_string_append(out, "\\(ha");
		} else if (*p == '\'') {
			g_string_append(out, "\\(aq");
		} else {
			g_string_append_c(out, *p);
		}
	}
	if (bold)
		g_string_append(out, "\\fR");
}

static void line(GString *out, const char *text)
{
	append_text(out, text);
	g_string_append_c(out, '\n');
}

static void section(GString *out, const char *title)
{
	g_string_append_printf(out, ".SH \"%s\"\n", title);
}

static void sentence(GString *out, const char *summary)
{
	g_autofree char *text = g_strconcat(summary, ".", NULL);
	text[0] = g_ascii_toupper(text[0]);
	line(out, text);
}

/* Paragraphs, separated by empty lines. */
static void paragraphs(GString *out, const char *text)
{
	g_auto(GStrv) parts = g_strsplit(text, "\n\n", -1);
	for (char **part = parts; *part; part++) {
		g_string_append(out, ".PP\n");
		line(out, *part);
	}
}

static void tagged(GString *out, const char *title, const char *text)
{
	g_string_append(out, ".TP\n.B \"");
	append_text(out, title);
	g_string_append(out, "\"\n");
	line(out, text);
}

static void verbatim(GString *out, const char *text)
{
	g_string_append(out, ".PP\n.RS 4\n.nf\n");
	line(out, text);
	g_string_append(out, ".fi\n.RE\n");
}

static void entries(GString *out, const char *title, const help_entry *list)
{
	section(out, title);
	for (const help_entry *e = list; e->title; e++)
		tagged(out, e->title, e->text);
}

/* --- pages --- */

/* .TH NAME: no date, so that the same sources give the same page. */
static void head(GString *out, const char *name, const char *summary)
{
	g_autofree char *upper = g_ascii_strup(name, -1);
	g_string_append_printf(out,
		".TH \"%s\" \"1\" \"\" \"truce " TRUCE_VERSION "\" \"Manual of truce\"\n", upper);
	section(out, "NAME");
	g_autofree char *text = g_strdup_printf("%s - %s", name, summary);
	line(out, text);
}

static void usage(GString *out, const command *c)
{
	g_auto(GStrv) lines = g_strsplit(c->usage, "\n", -1);
	for (char **usage_line = lines; *usage_line; usage_line++) {
		g_string_append(out, ".PP\n.B truce ");
		line(out, c->name);
		line(out, *usage_line);
	}
}

static void options(GString *out, const option *list)
{
	for (const option *o = list; o->name; o++) {
		g_autofree char *title = option_title(o);
		g_autofree char *text = help_option_text(o);
		tagged(out, title, text);
	}
}

static bool takes_spec(const command *c)
{
	if (c->usage && strstr(c->usage, "SPEC"))
		return true;
	for (const command *const *sub = c->subcommands; sub && *sub; sub++) {
		if (takes_spec(*sub))
			return true;
	}
	return false;
}

static void see_also(GString *out, const command *but)
{
	section(out, "SEE ALSO");
	g_string_append(out, but ? ".BR truce (1)" : ".BR git (1)");
	for (const command *const *c = commands; *c; c++) {
		if (*c != but && !(*c)->unlisted)
			g_string_append_printf(out, ",\n.BR truce\\-%s (1)", (*c)->name);
	}
	g_string_append_c(out, '\n');
}

static void subcommand(GString *out, const command *c)
{
	g_string_append_printf(out, ".SS truce %s\n", c->name);
	sentence(out, c->summary);
	usage(out, c);
	if (c->description)
		paragraphs(out, c->description);
	if (c->options)
		options(out, c->options);
	if (c->examples)
		verbatim(out, c->examples);
}

static void command_page(GString *out, const command *c)
{
	g_autofree char *name = g_strdup_printf("truce-%s", c->name);
	head(out, name, c->summary);
	section(out, "SYNOPSIS");
	for (const command *const *sub = c->subcommands; sub && *sub; sub++)
		usage(out, *sub);
	if (!c->subcommands)
		usage(out, c);
	section(out, "DESCRIPTION");
	if (c->description)
		paragraphs(out, c->description);
	else
		sentence(out, c->summary);
	if (c->options && c->options->name) {
		section(out, "OPTIONS");
		options(out, c->options);
	}
	if (c->subcommands)
		section(out, "COMMANDS");
	for (const command *const *sub = c->subcommands; sub && *sub; sub++)
		subcommand(out, *sub);
	if (takes_spec(c))
		entries(out, "WHAT A SERIES COMES FROM", help_specs);
	section(out, "OPTIONS OF EVERY COMMAND");
	options(out, common_option_table);
	if (c->examples) {
		section(out, "EXAMPLES");
		verbatim(out, c->examples);
	}
	entries(out, "EXIT STATUS", help_exit_status);
	see_also(out, c);
}

static void overview_page(GString *out)
{
	head(out, "truce", HELP_TAGLINE);
	section(out, "SYNOPSIS");
	g_string_append(out, ".B truce\n.I COMMAND\n[OPTIONS]\n");
	section(out, "DESCRIPTION");
	paragraphs(out, "truce reads two or more patch-sets against one base, understands what "
			"each does at "
			"every point of a common interface, finds where they overlap and where "
			"they conflict, "
			"keeps findings and rulings in a database, and writes a merge plan that a "
			"maintainer "
			"can run.\n\n"
			"It works like git: inside a repository, with subcommands; `git truce` is "
			"the same. "
			"Results go to standard output, progress, notes and errors to standard "
			"error. A pager "
			"and colour are used on a terminal only. Nothing from a patch or a tree is "
			"executed.");
	section(out, "COMMANDS");
	for (const command *const *c = commands; *c; c++) {
		if (!(*c)->unlisted) {
			g_autofree char *title = g_strdup_printf("truce-%s(1)", (*c)->name);
			tagged(out, title, (*c)->summary);
		}
	}
	section(out, "OPTIONS OF EVERY COMMAND");
	options(out, common_option_table);
	entries(out, "WHAT A SERIES COMES FROM", help_specs);
	entries(out, "SETTINGS OF GIT CONFIG", help_settings);
	entries(out, "ENVIRONMENT", help_environment);
	section(out, "FILES");
	tagged(out, "truce/truce.db in the common git directory",
		"the database: series, findings, rulings, the plan; --db PATH names another");
	tagged(out, "refs/truce/", "the series' commits and the plan's, so that git keeps them");
	entries(out, "EXIT STATUS", help_exit_status);
	section(out, "EXAMPLES");
	verbatim(out,
		"truce mediate --base v6.1 --series one=mbox:one.mbox --series two=topic/two\n"
		"truce points\n"
		"truce findings --open\n"
		"truce show 3f2a91c0\n"
		"truce decide 3f2a91c0 --interface --note 'both behind one hook'\n"
		"truce plan --apply merged");
	see_also(out, NULL);
}

void help_man(GString *out, const command *c)
{
	if (c)
		command_page(out, c);
	else
		overview_page(out);
}
