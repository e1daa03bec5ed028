/* truce analyze: facts, points, findings, plan of the stored series. */
#include "base/error.h"
#include "cli/commands.h"
#include "cli/shared.h"
#include "engine/explain.h"

typedef struct analyze_options {
	const char *rules;
	GPtrArray *config;
	const char *commands;
	const char *explain;
	bool json;
} analyze_options;

static const option table[] = {
	{'r', "rules", OPTION_TEXT, "PACK",
		"the catalogue of the interface, by name or path, from now "
		"on; `auto`: the one that fits the base",
		G_STRUCT_OFFSET(analyze_options, rules), NULL},
	{0, "config", OPTION_TEXTS, "[ARCH=]FILE",
		"read the files in this .config instead of the defconfig, from now on; `auto`: "
		"in the defconfig again",
		G_STRUCT_OFFSET(analyze_options, config), NULL},
	{0, "compile-commands", OPTION_TEXT, "FILE",
		"read the files with the flags of this compile_commands.json, from now on; "
		"`auto`: as the makefiles say",
		G_STRUCT_OFFSET(analyze_options, commands), NULL},
	{0, "explain", OPTION_TEXT, "FILE",
		"show how a file is read instead: configurations, flags, headers made, lines left "
		"out, errors",
		G_STRUCT_OFFSET(analyze_options, explain), NULL},
	{0, "json", OPTION_FLAG, NULL, "show the JSON report instead of the summary",
		G_STRUCT_OFFSET(analyze_options, json), NULL},
	{0},
};

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const analyze_options *o = options;
	(void)args;
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	if (!context_open(c, &e, false, err) || !context_need_series(e, err))
		return false;
	if (!shared_give_build(e, o->config, o->commands, err))
		return false;
	if (o->explain)
		return engine_explain(e, o->explain, out, err) && context_page(c, out, err);
	const char *rules = g_strcmp0(o->rules, "auto") ? o->rules : NULL;
	if ((o->rules && !engine_set_rules(e, rules, err)) || !engine_analyze(e, &m, err))
		return false;
	shared_note_work(e);
	report_options look = context_look(c, false);
	if (o->json) {
		report_json(out, m, &look);
		return context_page(c, out, err);
	}
	report_text_summary(out, m, &look);
	return shared_next(out, c, e, m, &look, err) && context_print(c, out, err);
}

const command cmd_analyze = {
	.name = "analyze",
	.summary = "read and compare the stored series; only what changed since",
	.usage = "[--rules PACK] [--config [ARCH=]FILE] [--json]\n--explain FILE",
	.description =
		"Facts, points, findings and plan, from the series that `truce series` keeps. "
		"Interrupted, it goes on where it was.\n\n"
		"--explain tells of one file, named as in git, in the base and in every series "
		"that "
		"changes it.",
	.examples = "truce analyze --explain kernel/sched.c",
	.options = table,
	.options_size = sizeof(analyze_options),
	.run = run,
};
