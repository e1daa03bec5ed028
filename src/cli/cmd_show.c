/* truce show: a finding or a point with the code of every side. */
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/shared.h"

typedef struct show_options {
	bool verbose, json;
} show_options;

static const option table[] = {
	{'v', "verbose", OPTION_FLAG, NULL, "every place and every line",
		G_STRUCT_OFFSET(show_options, verbose), NULL},
	{0, "json", OPTION_FLAG, NULL, "as in the JSON report", G_STRUCT_OFFSET(show_options, json),
		NULL},
	{0},
};

static GBytes *read_blob(const oid *blob, void *data)
{
	GBytes *bytes = NULL;
	return repo_read_blob(data, &bytes, blob, NULL) ? bytes : NULL;
}

/* What the arguments name, in their order: a point or a finding each, the other NULL. */
typedef struct shown {
	const point_result *point;
	const finding *finding;
} shown;

static bool look_up(GArray *list, const mediation *m, GPtrArray *args, GError **err)
{
	for (guint i = 0; i < args->len; i++) {
		const char *name = g_ptr_array_index(args, i);
		shown one = {.point = mediation_point(m, name)};
		if (!one.point && !(one.finding = shared_finding(m, name, err)))
			return false;
		g_array_append_val(list, one);
	}
	return true;
}

/* One array of findings, or one of points, as in the report. */
static bool show_json(GString *out, mediation *m, GArray *list, GError **err)
{
	g_autoptr(GPtrArray) findings = g_ptr_array_new();
	g_autoptr(GPtrArray) points = g_ptr_array_new();
	for (guint i = 0; i < list->len; i++) {
		const shown *one = &g_array_index(list, shown, i);
		g_ptr_array_add(one->point ? points : findings,
			one->point ? (gpointer)one->point : (gpointer)one->finding);
	}
	if (points->len && findings->len)
		return error_set(err, TRUCE_ERROR_USAGE, "ask for them one after the other",
			"--json shows findings or points, not both at once");
	if (findings->len) {
		report_json_findings(out, m, findings);
		return true;
	}
	/* The part of a mediation that holds these points alone. */
	GPtrArray *all = m->points;
	m->points = points;
	report_json_part(out, m, "points");
	m->points = all;
	return true;
}

static void show_text(
	GString *out, const mediation *m, GArray *list, repo *r, const report_options *look)
{
	for (guint i = 0; i < list->len; i++) {
		const shown *one = &g_array_index(list, shown, i);
		if (i)
			g_string_append_c(out, '\n');
		if (one->point)
			report_text_point(out, m, one->point, read_blob, r, look);
		else
			report_text_finding(out, m, one->finding, read_blob, r, look);
	}
}

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const show_options *o = options;
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(shown));
	if (!context_load(c, &e, &m, err) || !look_up(list, m, args, err))
		return false;
	report_options look = context_look(c, o->verbose);
	if (!o->json)
		show_text(out, m, list, engine_repo(e), &look);
	else if (!show_json(out, m, list, err))
		return false;
	return context_page(c, out, err);
}

const command cmd_show = {
	.name = "show",
	.summary = "a finding or a point, with the code of every side",
	.usage = "ID|POINT... [OPTIONS]",
	.description =
		"ID is the first digits of a finding's fingerprint, as `truce findings` shows "
		"them; POINT a point's id, its member alone, or an older or later name of it. From "
		"160 columns on, two sides stand side by side.",
	.examples = "truce show 3f2a91c0\n"
		    "truce show mmu.set_pte",
	.options = table,
	.options_size = sizeof(show_options),
	.min_args = 1,
	.max_args = G_MAXUINT,
	.run = run,
};
