/* truce plan: the steps; with --apply, a branch that holds them. */
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/shared.h"

typedef struct plan_options {
	const char *apply;
	bool force, json, verbose;
} plan_options;

static const option table[] = {
	{'a', "apply", OPTION_TEXT, "REF",
		"write the steps as commits on the base and point REF at the "
		"last; a bare name is a branch",
		G_STRUCT_OFFSET(plan_options, apply), NULL},
	{0, "force", OPTION_FLAG, NULL, "let --apply move a REF that exists",
		G_STRUCT_OFFSET(plan_options, force), NULL},
	{'v', "verbose", OPTION_FLAG, NULL, "every hunk, and what to move where",
		G_STRUCT_OFFSET(plan_options, verbose), NULL},
	{0, "json", OPTION_FLAG, NULL, "as the `plan` part of the JSON report",
		G_STRUCT_OFFSET(plan_options, json), NULL},
	{0},
};

/* What the branch does not hold, and what in it wants a look: said, never silent. */
static bool note_left(engine *e, GError **err)
{
	g_autoptr(mediation) m = NULL;
	if (!engine_load(e, &m, err))
		return false;
	const char *first;
	unsigned waiting = shared_waiting(m, &first);
	if (waiting)
		context_note("it leaves out the lines that wait for rulings on %u %s: `truce plan` "
			     "lists them; the first: `truce show %s`",
			waiting, waiting == 1 ? "finding" : "findings", first);
	for (guint i = 0; i < m->plan->steps->len; i++) {
		const step *s = g_ptr_array_index(m->plan->steps, i);
		if (s->verified == VERIFIED_WORSE)
			context_note(
				"step %u parses worse than the one before: %s", s->n, s->title);
	}
	context_note_stale(e, m);
	return true;
}

static bool apply(context *c, const plan_options *o, GError **err)
{
	g_autoptr(engine) e = NULL;
	oid tip;
	char hex[OID_HEX + 1];
	if (!strcmp(o->apply, "HEAD") || !strcmp(o->apply, "@"))
		return error_set(err, TRUCE_ERROR_USAGE,
			"give the name of a branch, as in --apply merged",
			"'%s' is no name for a branch", o->apply);
	/* As for `git branch`, a bare name is a branch's. */
	g_autofree char *ref = g_str_has_prefix(o->apply, "refs/")
				       ? g_strdup(o->apply)
				       : g_strconcat("refs/heads/", o->apply, NULL);
	if (!context_open(c, &e, false, err) || !context_need_series(e, err) ||
		!engine_plan_apply(e, ref, o->force, err))
		return false;
	bool known = repo_resolve(engine_repo(e), &tip, ref, NULL);
	context_note("%s is at %s", o->apply, known ? oid_format(hex, &tip) : "its last step");
	return note_left(e, err);
}

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const plan_options *o = options;
	(void)args;
	g_autoptr(engine) e = NULL;
	g_autoptr(mediation) m = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	if (o->force && !o->apply)
		return error_set(
			err, TRUCE_ERROR_USAGE, "add --apply REF", "--force goes with --apply");
	if (o->apply && (o->json || o->verbose))
		return error_set(err, TRUCE_ERROR_USAGE, NULL,
			"--apply writes a branch; --json and --verbose show the plan");
	if (o->apply)
		return apply(c, o, err);
	if (!context_load(c, &e, &m, err))
		return false;
	report_options look = context_look(c, o->verbose);
	if (o->json)
		report_json_part(out, m, "plan");
	else
		report_text_plan(out, m, &look);
	return context_page(c, out, err);
}

const command cmd_plan = {
	.name = "plan",
	.summary = "the steps that bring the series together; --apply makes a branch",
	.usage = "[--verbose] [--json]\n--apply REF [--force]",
	.description =
		"Patches that nothing stands against come whole, each a step with its own message, "
		"author and sign-offs, in the order of their series. The rest is cut: what can be "
		"taken as it is by folder, then what goes through the common interface, then what "
		"was decided. What is still open is listed once, with the findings to rule on and "
		"what waits for it; then the hunks that found no place.",
	.examples = "truce plan\n"
		    "truce plan --apply truce/merged && git log --oneline truce/merged",
	.options = table,
	.options_size = sizeof(plan_options),
	.run = run,
};
