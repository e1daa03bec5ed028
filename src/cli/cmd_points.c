/* truce points: the matrix of points by series. */
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/suggest.h"

typedef struct points_options {
	const char *group;
	bool contested, json, verbose;
} points_options;

static const option table[] = {
	{'g', "group", OPTION_TEXT, "GROUP", "only the points of this group",
		G_STRUCT_OFFSET(points_options, group), NULL},
	{0, "contested", OPTION_FLAG, NULL, "only points that two or more series hook",
		G_STRUCT_OFFSET(points_options, contested), NULL},
	{'v', "verbose", OPTION_FLAG, NULL, "a line for untouched points too",
		G_STRUCT_OFFSET(points_options, verbose), NULL},
	{0, "json", OPTION_FLAG, NULL, "as the `points` part of the JSON report",
		G_STRUCT_OFFSET(points_options, json), NULL},
	{0},
};

static bool check_group(const mediation *m, const char *group, GError **err)
{
	g_autoptr(GPtrArray) groups = g_ptr_array_new();
	for (guint i = 0; i < m->points->len; i++) {
		const point_result *p = g_ptr_array_index(m->points, i);
		if (!strcmp(p->point->group, group))
			return true;
		if (!g_ptr_array_find_with_equal_func(groups, p->point->group, g_str_equal, NULL))
			g_ptr_array_add(groups, p->point->group);
	}
	g_ptr_array_add(groups, NULL);
	g_autofree char *list = g_strjoinv(", ", (char **)groups->pdata);
	g_autofree char *hint = groups->len > 1 ? g_strdup_printf("there are %s", list) : NULL;
	return error_set(err, TRUCE_ERROR_NOT_FOUND, hint, "no group '%s' in the catalogue", group);
}

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const points_options *o = options;
	(void)args;
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	if (!context_load(c, &e, &m, err) || (o->group && !check_group(m, o->group, err)))
		return false;
	for (guint i = m->points->len; i-- > 0;) {
		const point_result *p = g_ptr_array_index(m->points, i);
		if ((o->group && strcmp(p->point->group, o->group)) ||
			(o->contested && p->verdict != VERDICT_CONTESTED))
			g_ptr_array_remove_index(m->points, i);
	}
	report_options look = context_look(c, o->verbose);
	if (o->json)
		report_json_part(out, m, "points");
	else
		report_text_points(out, m, &look);
	return context_page(c, out, err);
}

const command cmd_points = {
	.name = "points",
	.summary = "the matrix: each point of the interface by each series",
	.usage = "[--group GROUP] [--contested] [OPTIONS]",
	.description =
		"A point is hooked when a series brings its own implementation or routes call "
		"sites through its hook, touched when code is only moved, copied or taken away, "
		"bypassed when a privileged operation stands outside the interface. On a wide "
		"terminal each cell says where.",
	.examples = "truce points --contested\n"
		    "truce show mmu.set_pte",
	.options = table,
	.options_size = sizeof(points_options),
	.run = run,
};
