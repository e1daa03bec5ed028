/* truce mediate: the whole job in one go. */
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/shared.h"
#include "report/sheet.h"

typedef struct mediate_options {
	const char *base;
	GPtrArray *series;
	const char *rules;
	GPtrArray *config;
	const char *commands;
	const char *report;
	const char *format;
	bool strict;
} mediate_options;

static const option table[] = {
	{'b', "base", OPTION_TEXT, "REV",
		"the commit that every series is judged against; when not "
		"given, the one of before, or found from the patches",
		G_STRUCT_OFFSET(mediate_options, base), NULL},
	{'s', "series", OPTION_TEXTS, "NAME=SPEC", "a series; a NAME given again appends to it",
		G_STRUCT_OFFSET(mediate_options, series), NULL},
	{'r', "rules", OPTION_TEXT, "PACK",
		"the catalogue of the interface, by name or path; when not "
		"given, the one that fits the base",
		G_STRUCT_OFFSET(mediate_options, rules), NULL},
	{'o', "report", OPTION_TEXT, "FILE", "write the report to FILE",
		G_STRUCT_OFFSET(mediate_options, report), NULL},
	{'f', "format", OPTION_CHOICE, "FORMAT",
		"of the report; when not given, by FILE's name, else "
		"markdown",
		G_STRUCT_OFFSET(mediate_options, format), shared_formats},
	{0, "config", OPTION_TEXTS, "[ARCH=]FILE",
		"read the files in this .config instead of the defconfig, from now on; `auto`: "
		"in the defconfig again",
		G_STRUCT_OFFSET(mediate_options, config), NULL},
	{0, "compile-commands", OPTION_TEXT, "FILE",
		"read the files with the flags of this compile_commands.json, from now on; "
		"`auto`: as the makefiles say",
		G_STRUCT_OFFSET(mediate_options, commands), NULL},
	{0, "strict", OPTION_FLAG, NULL, "fail when a hunk finds no place",
		G_STRUCT_OFFSET(mediate_options, strict), NULL},
	{0},
};

static void clear_source(gpointer data)
{
	engine_source *s = data;
	g_free((char *)s->name);
	g_ptr_array_unref(s->specs);
}

/* The specs of the source of that name, made when it is new. */
static GPtrArray *specs_of(GArray *sources, const char *name)
{
	for (guint i = 0; i < sources->len; i++) {
		engine_source *s = &g_array_index(sources, engine_source, i);
		if (!strcmp(s->name, name))
			return s->specs;
	}
	engine_source s = {g_strdup(name), g_ptr_array_new()};
	g_array_append_val(sources, s);
	return s.specs;
}

static bool parse_series(GArray *sources, GPtrArray *given, GError **err)
{
	if (!given)
		return error_set(err, TRUCE_ERROR_USAGE,
			"name them with --series NAME=SPEC, or add them with `truce series add` "
			"and run "
			"`truce analyze`",
			"there is no series to mediate");
	for (guint i = 0; i < given->len; i++) {
		const char *text = g_ptr_array_index(given, i), *equals = strchr(text, '=');
		if (!equals || equals == text || !equals[1])
			return error_set(err, TRUCE_ERROR_USAGE,
				"write --series NAME=SPEC, as in --series one=mbox:one.mbox",
				"'%s' is no series", text);
		g_autofree char *name = g_strndup(text, (gsize)(equals - text));
		g_ptr_array_add(specs_of(sources, name), (gpointer)(equals + 1));
	}
	return true;
}

/* Series that were under mediation and are not any more: said, never silent. */
static void note_dropped(GPtrArray *before, GArray *sources)
{
	for (guint i = 0; i < before->len; i++) {
		const series *s = g_ptr_array_index(before, i);
		bool stays = false;
		for (guint k = 0; k < sources->len && !stays; k++)
			stays = !strcmp(g_array_index(sources, engine_source, k).name, s->name);
		if (!stays)
			context_note("series '%s' of before is not part of this mediation any more",
				s->name);
	}
}

/* Series, base and rules: all of it, or nothing. */
static bool set_series(
	context *c, engine *e, const mediate_options *o, GArray *sources, GError **err)
{
	g_autoptr(GPtrArray) before = NULL;
	g_autofree char *how = NULL;
	g_autofree char *setting = o->rules ? NULL : context_setting(c, "truce.rules");
	if (!store_begin(engine_store(e), err))
		return false;
	if (!store_series_list(engine_store(e), &before, err) ||
		!shared_give_build(e, o->config, o->commands, err) ||
		!engine_series_set(e, o->base, o->rules ? o->rules : setting,
			(const engine_source *)(void *)sources->data, sources->len, o->strict, &how,
			err)) {
		store_rollback(engine_store(e));
		return false;
	}
	if (!store_commit(engine_store(e), err))
		return false;
	note_dropped(before, sources);
	shared_note_base(e, how);
	return true;
}

static bool summarise(context *c, engine *e, const mediation *m, const char *report, GError **err)
{
	g_autoptr(GString) out = g_string_new(NULL);
	report_options look = context_look(c, false);
	report_text_summary(out, m, &look);
	sheet s = sheet_on(out, &look);
	g_autofree char *truce = shared_typed(c);
	sheet_cell(&s, STYLE_HEAD, "Report", 10);
	if (report)
		sheet_print(&s, STYLE_PLAIN, "%s", report);
	else
		sheet_print(&s, STYLE_PLAIN, "%s report", truce);
	sheet_newline(&s);
	return shared_next(out, c, e, m, &look, err) && context_print(c, out, err);
}

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const mediate_options *o = options;
	(void)args;
	g_autoptr(GArray) sources = g_array_new(FALSE, FALSE, sizeof(engine_source));
	g_array_set_clear_func(sources, clear_source);
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	if (!parse_series(sources, o->series, err) ||
		(o->report && !context_can_report(o->report, err)) ||
		!context_open(c, &e, false, err) || !set_series(c, e, o, sources, err) ||
		!engine_analyze(e, &m, err))
		return false;
	/* The summary says it itself. */
	bool summary = o->report ? strcmp(o->report, "-") : !o->format;
	for (guint i = 0; !summary && i < m->series->len; i++)
		shared_note_reading(g_ptr_array_index(m->series, i));
	if (o->report && !context_report(c, e, m, o->format, o->report, true, err))
		return false;
	if (!o->report && o->format)
		return context_report(c, e, m, o->format, "-", true, err);
	return !summary || summarise(c, e, m, o->report, err);
}

const command cmd_mediate = {
	.name = "mediate",
	.summary = "the whole job in one go: series in, findings and a plan out",
	.usage = "[--base REV] --series NAME=SPEC ... [OPTIONS]",
	.description = "Applies every series to the base, reads what each changes, compares them "
		       "at every point "
		       "of the interface, stores findings and plan, and shows a summary. Nothing "
		       "but objects and "
		       "refs/truce/ changes in the repository. What was mediated before is "
		       "replaced; decisions "
		       "stay with the findings that they rule on.\n\n"
		       "A hunk that finds no place becomes a finding; when nothing of a series "
		       "applies, nothing is "
		       "stored.",
	.examples = "truce mediate --base v6.1 --series one=mbox:one.mbox.xz \\\n"
		    "      --series two=topic/two --report report.md\n"
		    "truce mediate --series one=quilt:patches --format json > report.json",
	.options = table,
	.options_size = sizeof(mediate_options),
	.run = run,
};
