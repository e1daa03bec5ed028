/* truce decide: a mediator's ruling. */
#include "base/error.h"
#include "cli/commands.h"
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

/* The rulings as they stand now, and what is left to decide. */
static bool tell(context *c, engine *e, GPtrArray *ids, GError **err)
{
	g_autoptr(mediation) m = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	if (!engine_load(e, &m, err))
		return false;
	report_options look = context_look(c, false);
	sheet s = sheet_on(out, &look);
	for (guint i = 0; i < ids->len; i++) {
		const finding *f = mediation_finding(m, g_ptr_array_index(ids, i), NULL);
		if (!f)
			continue;
		g_autofree char *ruling = tally_decision(f->decision);
		sheet_print(&s, STYLE_ID, "%s", f->id);
		sheet_print(&s, STYLE_PLAIN, " %s: ", f->kind);
		sheet_print(&s, STYLE_GOOD, "%s", ruling);
		sheet_newline(&s);
	}
	finding_tally t = tally_findings(m->findings);
	g_autofree char *open = tally_count(
		m->plan ? m->plan->undecided->len : 0, "open decision", "open decisions");
	sheet_print(&s, STYLE_DIM, "%u of %u findings open; the plan has %s", t.open, t.all, open);
	sheet_newline(&s);
	return context_print(c, out, err);
}

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const decide_options *o = options;
	decision_take take = DECISION_NONE;
	g_autoptr(engine) e = NULL;
	if (!parse_ruling(&take, o, err) || !context_open(c, &e, false, err) ||
		!context_need_series(e, err))
		return false;
	for (guint i = 0; i < args->len; i++) {
		const char *id = g_ptr_array_index(args, i);
		bool ok = take == DECISION_NONE ? engine_undecide(e, id, err)
						: engine_decide(e, id, take, o->take, o->note, err);
		if (!ok)
			return false;
	}
	return tell(c, e, args, err);
}

const command cmd_decide = {
	.name = "decide",
	.summary = "rule on a finding; the plan follows",
	.usage = "ID... --take NAME|--interface|--both|--dismiss [--note TEXT]\n"
		 "ID... --undo",
	.description =
		"A ruling is bound to the finding's fingerprint: it stays when lines move, when a "
		"series comes in a new version and when everything is analysed again.",
	.examples = "truce decide 3f2a91c0 --take one --note 'agreed on the list'\n"
		    "truce decide 77b0c3d1 --interface",
	.options = table,
	.options_size = sizeof(decide_options),
	.min_args = 1,
	.max_args = G_MAXUINT,
	.run = run,
};
