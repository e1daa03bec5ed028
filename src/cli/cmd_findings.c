/* truce findings: the list, filtered. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/shared.h"
#include "cli/suggest.h"

typedef struct findings_options {
	GPtrArray *kinds;
	const char *severity;
	const char *series;
	const char *point;
	const char *path;
	const char *threshold;
	const char *format;
	bool open, decided, fresh, oneline, json, exit_code;
} findings_options;

static const char *const formats[] = {"text", "oneline", "json", "sarif", NULL};

static const option table[] = {
	{'k', "kind", OPTION_TEXTS, "KIND",
		"only of this kind, or kinds that begin so (point, "
		"code.*); may be repeated",
		G_STRUCT_OFFSET(findings_options, kinds), NULL},
	{'S', "severity", OPTION_CHOICE, "LEVEL", "only of this severity or above",
		G_STRUCT_OFFSET(findings_options, severity), shared_severities},
	{'s', "series", OPTION_TEXT, "NAME", "only with this series as a party",
		G_STRUCT_OFFSET(findings_options, series), NULL},
	{'p', "point", OPTION_TEXT, "POINT", "only at this point, or group of points",
		G_STRUCT_OFFSET(findings_options, point), NULL},
	{0, "path", OPTION_TEXT, "GLOB",
		"only with a place in such a path, from the top of the tree; a directory means all "
		"below",
		G_STRUCT_OFFSET(findings_options, path), NULL},
	{0, "open", OPTION_FLAG, NULL, "only without a decision",
		G_STRUCT_OFFSET(findings_options, open), NULL},
	{0, "decided", OPTION_FLAG, NULL, "only with a decision",
		G_STRUCT_OFFSET(findings_options, decided), NULL},
	{0, "new", OPTION_FLAG, NULL, "only what the analysis before did not find",
		G_STRUCT_OFFSET(findings_options, fresh), NULL},
	{'f', "format", OPTION_CHOICE, "FORMAT",
		"text (as if not given), oneline, json, or sarif (2.1.0)",
		G_STRUCT_OFFSET(findings_options, format), formats},
	{0, "oneline", OPTION_FLAG, NULL,
		"one a line, for scripts: id, severity, kind, decision, title, "
		"separated by tabs",
		G_STRUCT_OFFSET(findings_options, oneline), NULL},
	{0, "json", OPTION_FLAG, NULL, "as the `findings` part of the JSON report",
		G_STRUCT_OFFSET(findings_options, json), NULL},
	{0, "exit-code", OPTION_FLAG, NULL,
		"exit with 1 when an open finding at or above the threshold "
		"is listed",
		G_STRUCT_OFFSET(findings_options, exit_code), NULL},
	{0, "threshold", OPTION_CHOICE, "LEVEL", "for --exit-code, warning if not given",
		G_STRUCT_OFFSET(findings_options, threshold), shared_severities},
	{0},
};

/* "point" and "point.*" take every kind of that family, "point.contested" itself. */
static bool kind_matches(const char *kind, const char *wanted)
{
	size_t len = strlen(wanted);
	if (g_str_has_suffix(wanted, ".*"))
		len -= 2;
	return !strcmp(kind, wanted) || (!strncmp(kind, wanted, len) && kind[len] == '.');
}

/* A family of kinds, "point" of "point.contested", or the nearest kind. The caller's, or NULL. */
static char *near_kind(const char *wanted)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	for (const char *const *kind = finding_kinds; *kind; kind++) {
		g_autofree char *family = g_strndup(*kind, strcspn(*kind, "."));
		g_ptr_array_add(words, g_strdup(*kind));
		if (!g_ptr_array_find_with_equal_func(words, family, g_str_equal, NULL))
			g_ptr_array_add(words, g_steal_pointer(&family));
	}
	return g_strdup(
		suggest(wanted, (const char *const *)(const void *)words->pdata, words->len));
}

/* The kinds of the family that `wanted` begins with, all when there is no such family. The
 * caller's. */
static char *list_kinds(const char *wanted)
{
	g_autofree char *family = g_strndup(wanted, strcspn(wanted, "."));
	bool known = false;
	for (const char *const *kind = finding_kinds; *kind; kind++)
		known |= kind_matches(*kind, family);
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	for (const char *const *kind = finding_kinds; *kind; kind++) {
		if (!known || kind_matches(*kind, family))
			g_ptr_array_add(list, (gpointer)*kind);
	}
	g_ptr_array_add(list, NULL);
	return g_strjoinv(", ", (char **)list->pdata);
}

static bool known_kind(const char *wanted, GError **err)
{
	for (const char *const *kind = finding_kinds; *kind; kind++) {
		if (kind_matches(*kind, wanted))
			return true;
	}
	g_autofree char *near = near_kind(wanted);
	g_autofree char *list = list_kinds(wanted);
	g_autofree char *hint = near ? g_strdup_printf("did you mean '%s'?", near)
				     : g_strdup_printf("there are %s", list);
	return error_set(err, TRUCE_ERROR_USAGE, hint, "there is no kind '%s'", wanted);
}

static bool has_kind(const finding *f, GPtrArray *kinds)
{
	for (guint i = 0; i < kinds->len; i++) {
		if (kind_matches(f->kind, g_ptr_array_index(kinds, i)))
			return true;
	}
	return false;
}

/* A point by one of its names, or a group: what `findings` is asked for must be in the catalogue.
 */
static bool known_point(const mediation *m, const char *name, GError **err)
{
	bool known = mediation_point(m, name) != NULL;
	for (guint i = 0; i < m->points->len && !known; i++) {
		const point_result *p = g_ptr_array_index(m->points, i);
		known = !strcmp(p->point->group, name);
	}
	return known || shared_no_point(m, name, "point or group", err);
}

static bool has_point(const finding *f, const mediation *m, const char *name)
{
	const point_result *p = mediation_point(m, name);
	size_t len = strlen(name);
	for (guint i = 0; i < f->points->len; i++) {
		const char *id = g_ptr_array_index(f->points, i);
		if ((p && !strcmp(id, p->point->id)) || (!strncmp(id, name, len) && id[len] == '.'))
			return true;
	}
	return false;
}

static bool has_path(const finding *f, const char *glob)
{
	/* "./" is what a shell's completion puts in front. */
	g_autofree char *trimmed = g_strdup(g_str_has_prefix(glob, "./") ? glob + 2 : glob);
	size_t len = strlen(trimmed);
	while (len > 1 && trimmed[len - 1] == '/')
		trimmed[--len] = 0;
	g_autofree char *below = g_strconcat(trimmed, "/**", NULL);
	for (guint i = 0; i < f->locations->len; i++) {
		const location *l = g_ptr_array_index(f->locations, i);
		if (l->path &&
			(text_glob_match(trimmed, l->path) || text_glob_match(below, l->path)))
			return true;
	}
	return false;
}

static bool listed(const finding *f, const mediation *m, const findings_options *o)
{
	severity least = SEVERITY_NOTE;
	if (o->severity)
		severity_parse(&least, o->severity);
	return f->severity >= least && !(o->open && f->decision) && !(o->decided && !f->decision) &&
	       (!o->kinds || has_kind(f, o->kinds)) &&
	       (!o->series || g_ptr_array_find_with_equal_func(
				      f->parties, o->series, g_str_equal, NULL)) &&
	       (!o->point || has_point(f, m, o->point)) && (!o->path || has_path(f, o->path));
}

static bool check_filters(const mediation *m, const findings_options *o, GError **err)
{
	for (guint i = 0; o->kinds && i < o->kinds->len; i++) {
		if (!known_kind(g_ptr_array_index(o->kinds, i), err))
			return false;
	}
	if (o->point && !known_point(m, o->point, err))
		return false;
	if (o->open && o->decided)
		return error_set(
			err, TRUCE_ERROR_USAGE, NULL, "--open and --decided exclude each other");
	if (o->threshold && !o->exit_code)
		return error_set(err, TRUCE_ERROR_USAGE, "add --exit-code",
			"--threshold says when --exit-code is 1");
	if (o->json + o->oneline + (o->format != NULL) > 1)
		return error_set(err, TRUCE_ERROR_USAGE, NULL,
			"--format, --json and --oneline exclude each other");
	if (o->series && mediation_series(m, o->series) < 0)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"`truce series list` shows what there is", "no series '%s'", o->series);
	return true;
}

/* How many of the list are open and at or above the threshold. */
static bool over_threshold(GPtrArray *list, const char *threshold)
{
	severity least = SEVERITY_WARNING;
	if (threshold)
		severity_parse(&least, threshold);
	for (guint i = 0; i < list->len; i++) {
		const finding *f = g_ptr_array_index(list, i);
		if (f->severity >= least && !f->decision)
			return true;
	}
	return false;
}

static void write_list(
	GString *out, context *c, const mediation *m, GPtrArray *list, const findings_options *o)
{
	const char *format = o->json ? "json" : o->oneline ? "oneline" : o->format;
	report_options look = context_look(c, true);
	if (!format || !strcmp(format, "text"))
		report_text_findings(out, m, list, &look);
	else if (!strcmp(format, "json"))
		report_json_findings(out, m, list);
	else if (!strcmp(format, "sarif"))
		report_sarif_findings(out, m, list);
	else
		report_findings_lines(out, list);
}

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const findings_options *o = options;
	(void)args;
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	g_autoptr(GString) out = g_string_new(NULL);
	if (!context_load(c, &e, &m, err) || !check_filters(m, o, err))
		return false;
	g_autoptr(GPtrArray) appeared = NULL;
	if (o->fresh && !shared_changes(e, &appeared, NULL, err))
		return false;
	for (guint i = 0; i < m->findings->len; i++) {
		finding *f = g_ptr_array_index(m->findings, i);
		bool passes = !appeared ||
			      g_ptr_array_find_with_equal_func(appeared, f->id, g_str_equal, NULL);
		if (passes && listed(f, m, o))
			g_ptr_array_add(list, f);
	}
	write_list(out, c, m, list, o);
	if (o->exit_code && over_threshold(list, o->threshold))
		c->status = 1;
	return context_page(c, out, err);
}

const command cmd_findings = {
	.name = "findings",
	.summary = "the list of findings, filtered",
	.usage = "[--kind KIND] [--series NAME] [--point POINT] [OPTIONS]",
	.description = "Filters add up: a finding is listed when all of them let it pass.",
	.examples = "truce findings --kind point --open\n"
		    "truce findings --path arch/x86 --severity error\n"
		    "truce findings --exit-code --threshold error >/dev/null || echo conflicts",
	.options = table,
	.options_size = sizeof(findings_options),
	.run = run,
};
