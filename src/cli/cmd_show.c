/* truce show: a finding or a point with the code of every side. */
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/suggest.h"

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

/* So many findings are listed when the digits given name several. */
#define MAX_CANDIDATES 8u

static bool not_found(const mediation *m, const char *name, unsigned matches, GError **err)
{
	if (matches) {
		g_autoptr(GString) hint = g_string_new("give more digits:");
		unsigned shown = 0;
		for (guint i = 0; i < m->findings->len && shown < MAX_CANDIDATES; i++) {
			const finding *f = g_ptr_array_index(m->findings, i);
			if (!g_str_has_prefix(f->fingerprint, name))
				continue;
			g_string_append_printf(hint, "\n%s %s", f->id, f->title);
			shown++;
		}
		return error_set(
			err, TRUCE_ERROR_USAGE, hint->str, "'%s' names %u findings", name, matches);
	}
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < m->points->len; i++) {
		const point *p = ((const point_result *)g_ptr_array_index(m->points, i))->point;
		g_ptr_array_add(names, strchr(name, '.') ? p->id : p->member);
	}
	const char *near = suggest(name, (const char *const *)names->pdata, names->len);
	g_autofree char *hint =
		near ? g_strdup_printf("did you mean '%s'?", near)
		     : g_strdup("`truce findings` and `truce points` show what there is");
	return error_set(err, TRUCE_ERROR_NOT_FOUND, hint, "no finding or point '%s'", name);
}

static bool show_point(GString *out, mediation *m, const point_result *p, engine *e, bool json,
	const report_options *look)
{
	if (!json) {
		report_text_point(out, m, p, read_blob, engine_repo(e), look);
		return true;
	}
	/* The part of a mediation that holds this point alone. */
	GPtrArray *all = m->points;
	m->points = g_ptr_array_new();
	g_ptr_array_add(m->points, (gpointer)p);
	report_json_part(out, m, "points");
	g_ptr_array_unref(m->points);
	m->points = all;
	return true;
}

static bool show_one(GString *out, mediation *m, const char *name, engine *e, bool json,
	const report_options *look, GError **err)
{
	const point_result *p = mediation_point(m, name);
	if (p)
		return show_point(out, m, p, e, json, look);
	unsigned matches;
	finding *f = mediation_finding(m, name, &matches);
	if (!f)
		return not_found(m, name, matches, err);
	if (json) {
		g_autoptr(GPtrArray) one = g_ptr_array_new();
		g_ptr_array_add(one, f);
		report_json_findings(out, m, one);
	} else {
		report_text_finding(out, m, f, read_blob, engine_repo(e), look);
	}
	return true;
}

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const show_options *o = options;
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	if (!context_load(c, &e, &m, err))
		return false;
	report_options look = context_look(c, o->verbose);
	for (guint i = 0; i < args->len; i++) {
		if (i && !o->json)
			g_string_append_c(out, '\n');
		if (!show_one(out, m, g_ptr_array_index(args, i), e, o->json, &look, err))
			return false;
	}
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
