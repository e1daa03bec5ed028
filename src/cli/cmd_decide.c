/* truce decide: a mediator's ruling. */
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/shared.h"
#include "cli/suggest.h"
#include "report/sheet.h"
#include "report/tally.h"

typedef struct decide_options {
	const char *take;
	const char *note;
	bool interface, both, dismiss, undo;
} decide_options;

static const option table[] = {
	{0, "take", OPTION_TEXT, "NAME", "take this series' side",
		G_STRUCT_OFFSET(decide_options, take), NULL},
	{0, "interface", OPTION_FLAG, NULL, "put both behind the common interface",
		G_STRUCT_OFFSET(decide_options, interface), NULL},
	{0, "both", OPTION_FLAG, NULL, "take both sides as they are",
		G_STRUCT_OFFSET(decide_options, both), NULL},
	{0, "dismiss", OPTION_FLAG, NULL, "it is no conflict",
		G_STRUCT_OFFSET(decide_options, dismiss), NULL},
	{0, "undo", OPTION_FLAG, NULL, "take the ruling back",
		G_STRUCT_OFFSET(decide_options, undo), NULL},
	{'m', "note", OPTION_TEXT, "TEXT", "why, for the record",
		G_STRUCT_OFFSET(decide_options, note), NULL},
	{0},
};

static bool parse_ruling(decision_take *take, const decide_options *o, GError **err)
{
	unsigned given = !!o->take + o->interface + o->both + o->dismiss + o->undo;
	if (given != 1)
		return error_set(err, TRUCE_ERROR_USAGE,
			"give one of --take NAME, --interface, --both, --dismiss, --undo",
			given ? "a finding has one ruling" : "what is the ruling?");
	*take = o->take	       ? DECISION_TAKE
		: o->interface ? DECISION_INTERFACE
		: o->both      ? DECISION_BOTH
		: o->dismiss   ? DECISION_DISMISS
			       : DECISION_NONE;
	if (o->undo && o->note)
		return error_set(err, TRUCE_ERROR_USAGE, NULL, "--undo takes no note");
	return true;
}

/* The only finding at a point, to rule on it by the point's name. NULL and an error when there is
 * none or more than one. */
static const finding *finding_at(const mediation *m, const point *p, GError **err)
{
	const finding *found = NULL;
	unsigned matches = 0;
	g_autoptr(GString) hint = g_string_new("name one of them:");
	for (guint i = 0; i < m->findings->len; i++) {
		const finding *f = g_ptr_array_index(m->findings, i);
		if (!g_ptr_array_find_with_equal_func(f->points, p->id, g_str_equal, NULL))
			continue;
		g_string_append_printf(hint, "\n%s %s", f->id, f->title);
		found = f;
		matches++;
	}
	if (matches == 1)
		return found;
	if (matches)
		error_set(
			err, TRUCE_ERROR_USAGE, hint->str, "%u findings are at %s", matches, p->id);
	else
		error_set(err, TRUCE_ERROR_NOT_FOUND, "`truce findings` lists what can be ruled on",
			"no finding is at %s", p->id);
	return NULL;
}

static bool is_party(const mediation *m, const finding *f, const char *name, GError **err)
{
	if (!name || g_ptr_array_find_with_equal_func(f->parties, name, g_str_equal, NULL))
		return true;
	g_autofree char *parties = tally_join_names(f->parties);
	const char *near = suggest(
		name, (const char *const *)(const void *)f->parties->pdata, f->parties->len);
	g_autofree char *hint = near ? g_strdup_printf("did you mean '%s'?", near)
				     : g_strdup_printf("the parties of %s are %s", f->id, parties);
	if (mediation_series(m, name) < 0)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, hint, "no series '%s'", name);
	return error_set(
		err, TRUCE_ERROR_USAGE, hint, "'%s' is no party of %s (%s)", name, f->id, f->title);
}

/* The fingerprints of what the arguments name. All of them, before anything is ruled. */
static bool look_up(
	GPtrArray *ids, const mediation *m, const decide_options *o, GPtrArray *args, GError **err)
{
	for (guint i = 0; i < args->len; i++) {
		const char *name = g_ptr_array_index(args, i);
		const point_result *p = mediation_point(m, name);
		const finding *f = p ? finding_at(m, p->point, err) : shared_finding(m, name, err);
		if (!f || !is_party(m, f, o->take, err))
			return false;
		g_ptr_array_add(ids, g_strdup(f->fingerprint));
	}
	return true;
}

static bool rule(
	engine *e, GPtrArray *ids, decision_take take, const decide_options *o, GError **err)
{
	return take == DECISION_NONE ? engine_undecide(e, ids, err)
				     : engine_decide(e, ids, take, o->take, o->note, err);
}

/* The rulings as they stand now, and what is left to decide. */
static bool tell(context *c, const mediation *m, GPtrArray *ids, GError **err)
{
	g_autoptr(GString) out = g_string_new(NULL);
	report_options look = context_look(c, false);
	sheet s = sheet_on(out, &look);
	for (guint i = 0; i < ids->len; i++) {
		const finding *f = mediation_finding(m, g_ptr_array_index(ids, i), NULL);
		if (!f)
			continue;
		g_autofree char *ruling = tally_decision(f->decision);
		g_autofree char *text = g_strdup_printf("%s: %s", ruling, f->title);
		unsigned column = (unsigned)strlen(f->id) + 1;
		sheet_print(&s, STYLE_ID, "%s ", f->id);
		sheet_wrap(&s, f->decision ? STYLE_GOOD : STYLE_PLAIN, column, column, text);
	}
	finding_tally t = tally_findings(m->findings);
	const char *first;
	unsigned waiting = shared_waiting(m, &first);
	g_autofree char *left =
		waiting ? g_strdup_printf(
				  "the plan waits for %u, next: truce show %s", waiting, first)
			: g_strdup("the plan waits for none: truce plan");
	g_autofree char *text = g_strdup_printf("%u of %u findings open; %s", t.open, t.all, left);
	sheet_wrap(&s, STYLE_DIM, 0, 0, text);
	return context_print(c, out, err);
}

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const decide_options *o = options;
	decision_take take = DECISION_NONE;
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) before = NULL;
	g_autoptr(mediation) after = NULL;
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	if (!parse_ruling(&take, o, err) || !context_open(c, &e, false, err) ||
		!context_need_series(e, err) || !engine_load(e, &before, err))
		return false;
	context_note_stale(e, before);
	return look_up(ids, before, o, args, err) && rule(e, ids, take, o, err) &&
	       engine_load(e, &after, err) && tell(c, after, ids, err);
}

const command cmd_decide = {
	.name = "decide",
	.summary = "rule on a finding; the plan follows",
	.usage = "ID|POINT... --take NAME|--interface|--both|--dismiss [--note TEXT]\n"
		 "ID|POINT... --undo",
	.description =
		"A ruling is bound to the finding's fingerprint: it stays when lines move, when a "
		"series comes in a new version and when everything is analysed again. A later "
		"ruling replaces it. A POINT stands for the one finding at it. Of several "
		"findings, all are ruled or none. --interface has both sides' lines written anew "
		"behind an operation, so it is refused where there is no code: configuration, "
		"makefiles, numbers. Lines that need what a ruling leaves out fall with it, unless "
		"the side that is taken has it too; the ruling's step in the plan names them.",
	.examples = "truce decide 3f2a91c0 --take one --note 'agreed on the list'\n"
		    "truce decide mmu.set_pte --interface\n"
		    "truce decide $(truce findings --kind point.contested --oneline | cut -f1) \\\n"
		    "      --interface",
	.options = table,
	.options_size = sizeof(decide_options),
	.min_args = 1,
	.max_args = G_MAXUINT,
	.run = run,
};
