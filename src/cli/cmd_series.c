/* truce series: keeps the patch-sets under mediation. */
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/shared.h"
#include "cli/suggest.h"

/* --- what the commands share --- */

static const series *find_series(GPtrArray *list, const char *name)
{
	for (guint i = 0; i < list->len; i++) {
		const series *s = g_ptr_array_index(list, i);
		if (!strcmp(s->name, name))
			return s;
	}
	return NULL;
}

static bool no_series(GPtrArray *list, const char *name, GError **err)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (guint i = 0; i < list->len; i++)
		g_ptr_array_add(names, ((const series *)g_ptr_array_index(list, i))->name);
	const char *near = suggest(name, (const char *const *)names->pdata, names->len);
	g_autofree char *hint = near ? g_strdup_printf("did you mean '%s'?", near)
				     : g_strdup("`truce series list` shows what there is");
	return error_set(err, TRUCE_ERROR_NOT_FOUND, hint, "no series '%s'", name);
}

/* All names before anything is done with one. */
static bool know_all(GPtrArray *list, GPtrArray *names, GError **err)
{
	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		if (!find_series(list, name))
			return no_series(list, name, err);
		for (guint k = 0; k < i; k++) {
			if (!strcmp(name, g_ptr_array_index(names, k)))
				return error_set(err, TRUCE_ERROR_USAGE, "name each series once",
					"series '%s' is named twice", name);
		}
	}
	return true;
}

/* A mediation that holds nothing but base and stored series. */
static bool load_series(mediation **out, engine *e, GError **err)
{
	g_autoptr(mediation) m = mediation_new();
	g_autoptr(GPtrArray) list = NULL;
	if (!store_series_list(engine_store(e), &list, err))
		return false;
	/* No base is no error here: then no series is stored either. */
	engine_base(e, &m->base, &m->base_rev, NULL);
	g_ptr_array_unref(m->series);
	m->series = g_steal_pointer(&list);
	*out = g_steal_pointer(&m);
	return true;
}

/* --- add --- */

typedef struct add_options {
	const char *base;
	bool replace, strict;
} add_options;

static const option add_table[] = {
	{'b', "base", OPTION_TEXT, "REV",
		"the commit that every series is judged against; when not "
		"given, the one of before, or found from the patches",
		G_STRUCT_OFFSET(add_options, base), NULL},
	{0, "replace", OPTION_FLAG, NULL,
		"replace the series of that name instead of appending to it",
		G_STRUCT_OFFSET(add_options, replace), NULL},
	{0, "strict", OPTION_FLAG, NULL, "fail when a hunk finds no place",
		G_STRUCT_OFFSET(add_options, strict), NULL},
	{0},
};

/* Base and series, or neither. */
static bool add(engine *e, const add_options *o, const char *name, GPtrArray *specs, char **how,
	GError **err)
{
	store *db = engine_store(e);
	if (!store_begin(db, err))
		return false;
	/* A commit that fails has rolled back. */
	if ((!o->base || engine_set_base(e, o->base, err)) &&
		engine_series_add(e, name, specs, !o->replace, o->strict, how, err))
		return store_commit(db, err);
	store_rollback(db);
	return false;
}

/* A new base is one for all: those that still stand on the old one have to follow. */
static void note_other_base(const mediation *m)
{
	for (guint i = 0; i < m->series->len; i++) {
		const series *s = g_ptr_array_index(m->series, i);
		if (!oid_equal(&s->base, &m->base))
			context_note(
				"%s: applied to another base; `truce series update` applies it "
				"to %s",
				s->name, m->base_rev);
	}
}

static bool run_add(context *c, const void *options, GPtrArray *args, GError **err)
{
	const add_options *o = options;
	const char *name = g_ptr_array_index(args, 0);
	g_autoptr(GPtrArray) specs = g_ptr_array_new();
	for (guint i = 1; i < args->len; i++)
		g_ptr_array_add(specs, g_ptr_array_index(args, i));
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	g_autofree char *how = NULL;
	if (!context_open(c, &e, false, err) || !add(e, o, name, specs, &how, err) ||
		!load_series(&m, e, err))
		return false;
	shared_note_base(e, how);
	const series *s = find_series(m->series, name);
	if (s)
		shared_note_series(s);
	note_other_base(m);
	return true;
}

static const command cmd_add = {
	.name = "series add",
	.summary = "add a series, or append to one",
	.usage = "NAME SPEC... [OPTIONS]",
	.description =
		"Reads the patches, applies them to the base and keeps the series. A NAME given "
		"again appends to that series.",
	.examples = "truce series add one mbox:one.mbox.xz --base v6.1\n"
		    "truce series add two patches:patches 'overlay:headers=>include/two'",
	.options = add_table,
	.options_size = sizeof(add_options),
	.min_args = 2,
	.max_args = G_MAXUINT,
	.run = run_add,
};

/* --- list and show --- */

typedef struct list_options {
	bool json;
} list_options;

static const option list_table[] = {
	{0, "json", OPTION_FLAG, NULL, "as the `series` part of the JSON report",
		G_STRUCT_OFFSET(list_options, json), NULL},
	{0},
};

static bool run_list(context *c, const void *options, GPtrArray *args, GError **err)
{
	const list_options *o = options;
	(void)args;
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	if (!context_open(c, &e, true, err) || !context_need_series(e, err) ||
		!load_series(&m, e, err))
		return false;
	report_options look = context_look(c, false);
	if (o->json)
		report_json_part(out, m, "series");
	else
		report_text_series(out, m, &look);
	return context_page(c, out, err);
}

static bool run_show(context *c, const void *options, GPtrArray *args, GError **err)
{
	const list_options *o = options;
	const char *name = g_ptr_array_index(args, 0);
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	if (!context_open(c, &e, true, err) || !context_need_series(e, err) ||
		!load_series(&m, e, err))
		return false;
	const series *s = find_series(m->series, name);
	if (!s)
		return no_series(m->series, name, err);
	report_options look = context_look(c, true);
	if (o->json) {
		for (guint i = m->series->len; i-- > 0;) {
			if (g_ptr_array_index(m->series, i) != s)
				g_ptr_array_remove_index(m->series, i);
		}
		report_json_part(out, m, "series");
	} else {
		report_text_one_series(out, m, s, &look);
	}
	return context_page(c, out, err);
}

static const command cmd_list = {
	.name = "series list",
	.summary = "list the series under mediation",
	.usage = "[--json]",
	.options = list_table,
	.options_size = sizeof(list_options),
	.run = run_list,
};

static const command cmd_show_series = {
	.name = "series show",
	.summary = "show a series' sources and patches, and what found no place",
	.usage = "NAME [--json]",
	.options = list_table,
	.options_size = sizeof(list_options),
	.min_args = 1,
	.max_args = 1,
	.run = run_show,
};

/* --- update and remove --- */

typedef struct update_options {
	bool strict;
} update_options;

static const option update_table[] = {
	{0, "strict", OPTION_FLAG, NULL, "fail when a hunk finds no place",
		G_STRUCT_OFFSET(update_options, strict), NULL},
	{0},
};

static bool run_update(context *c, const void *options, GPtrArray *args, GError **err)
{
	const update_options *o = options;
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) before = NULL;
	if (!context_open(c, &e, false, err) || !context_need_series(e, err) ||
		!load_series(&before, e, err) || !know_all(before->series, args, err))
		return false;
	guint n = args->len ? args->len : before->series->len;
	for (guint i = 0; i < n; i++) {
		const series *stored =
			g_ptr_array_index(before->series, MIN(i, before->series->len - 1));
		const char *name = args->len ? g_ptr_array_index(args, i) : stored->name;
		bool changed;
		if (!engine_series_update(e, name, o->strict, &changed, err))
			return false;
		g_autoptr(mediation) m = NULL;
		if (!load_series(&m, e, err))
			return false;
		const series *s = find_series(m->series, name);
		if (!changed)
			context_note("%s: unchanged", name);
		else if (s)
			shared_note_series(s);
	}
	return true;
}

static bool run_remove(context *c, const void *options, GPtrArray *args, GError **err)
{
	(void)options;
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	if (!context_open(c, &e, false, err) || !context_need_series(e, err) ||
		!load_series(&m, e, err) || !know_all(m->series, args, err))
		return false;
	for (guint i = 0; i < args->len; i++) {
		const char *name = g_ptr_array_index(args, i);
		if (!engine_series_remove(e, name, err))
			return false;
		context_note("%s: removed; decisions on its findings are kept", name);
	}
	return true;
}

static const command cmd_update = {
	.name = "series update",
	.summary = "read series again whose sources changed",
	.usage = "[NAME...] [--strict]",
	.description = "Without a NAME, all of them. Then run `truce analyze`.",
	.options = update_table,
	.options_size = sizeof(update_options),
	.max_args = G_MAXUINT,
	.run = run_update,
};

static const command cmd_remove = {
	.name = "series remove",
	.summary = "take series out of the mediation",
	.usage = "NAME...",
	.min_args = 1,
	.max_args = G_MAXUINT,
	.run = run_remove,
};

static const command *const subcommands[] = {
	&cmd_add,
	&cmd_list,
	&cmd_show_series,
	&cmd_update,
	&cmd_remove,
	NULL,
};

const command cmd_series = {
	.name = "series",
	.summary = "keep the patch-sets: add, list, show, update, remove",
	.usage = "COMMAND [OPTIONS]",
	.examples = "truce series add one mbox:one.mbox.xz --base v6.1\n"
		    "truce series show one\n"
		    "truce series update && truce analyze",
	.subcommands = subcommands,
};
