/* truce gate: the yes or no that CI asks for. */
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/shared.h"
#include "engine/gate.h"

typedef struct gate_options {
	const char *base;
	const char *rules;
	const char *baseline;
	const char *format;
	const char *output;
	const char *threshold;
} gate_options;

static const char *const formats[] = {"text", "json", "sarif", "github", "baseline", NULL};

static const option table[] = {
	{'b', "base", OPTION_TEXT, "REV",
		"the commit that the series is judged against; when not given, the one under "
		"mediation, or found from the patches",
		G_STRUCT_OFFSET(gate_options, base), NULL},
	{'r', "rules", OPTION_TEXT, "PACK",
		"the catalogue of the interface, by name or path; when not given, the one that "
		"fits "
		"the base",
		G_STRUCT_OFFSET(gate_options, rules), NULL},
	{'B', "baseline", OPTION_TEXT, "FILE",
		"findings that are known: a line each, its fingerprint, its kind, and the reason "
		"why "
		"it may stay",
		G_STRUCT_OFFSET(gate_options, baseline), NULL},
	{'f', "format", OPTION_CHOICE, "FORMAT",
		"text (as if not given), json (truce-report/1), sarif (2.1.0), github annotations, "
		"or the lines that a baseline would have",
		G_STRUCT_OFFSET(gate_options, format), formats},
	{'o', "output", OPTION_TEXT, "FILE", "write to FILE instead of standard output",
		G_STRUCT_OFFSET(gate_options, output), NULL},
	{0, "threshold", OPTION_CHOICE, "LEVEL",
		"fail at findings of this severity or above; warning if not given",
		G_STRUCT_OFFSET(gate_options, threshold), shared_severities},
	{0},
};

/* What the gate stands on: findings at or above the threshold that nobody knows yet. */
static guint count_new(const mediation *m, const char *threshold)
{
	severity least = SEVERITY_WARNING;
	guint count = 0;
	if (threshold)
		severity_parse(&least, threshold);
	for (guint i = 0; i < m->findings->len; i++) {
		const finding *f = g_ptr_array_index(m->findings, i);
		count += f->severity >= least && !f->decision;
	}
	return count;
}

/* Findings without a ruling. */
static GPtrArray *unruled(const mediation *m)
{
	GPtrArray *list = g_ptr_array_new();
	for (guint i = 0; i < m->findings->len; i++) {
		finding *f = g_ptr_array_index(m->findings, i);
		if (!f->decision)
			g_ptr_array_add(list, f);
	}
	return list;
}

static const char *plural(guint n)
{
	return n == 1 ? "" : "s";
}

static void write_text(GString *out, context *c, const gate_result *r, GPtrArray *list, guint fails)
{
	const mediation *m = r->m;
	report_options look = context_look(c, true);
	if (list->len) {
		report_lines(out, list, &look);
		g_string_append_c(out, '\n');
	}
	g_string_append_printf(out, "gate: %s: ", fails ? "no" : "yes");
	if (fails)
		g_string_append_printf(out, "%u finding%s", fails, plural(fails));
	else
		g_string_append_printf(out, "nothing new against %s %s", m->catalogue->name,
			m->catalogue->version);
	if (list->len > fails)
		g_string_append_printf(out, "%s%u below the threshold", fails ? ", " : ", but ",
			list->len - fails);
	if (r->known)
		g_string_append_printf(out, ", %u known", r->known);
	g_string_append_c(out, '\n');
}

static bool write_result(
	context *c, const gate_options *o, const gate_result *r, guint fails, GError **err)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GPtrArray) list = unruled(r->m);
	const char *format = o->format ? o->format : "text";
	if (!strcmp(format, "json"))
		report_json(out, r->m, NULL);
	else if (!strcmp(format, "sarif"))
		report_sarif(out, r->m, NULL);
	else if (!strcmp(format, "github")) /* a known one would stand at every change */
		report_annotations(out, list);
	else if (!strcmp(format, "baseline"))
		gate_baseline_lines(out, r->m);
	else
		write_text(out, c, r, list, fails);
	return context_write(c, o->output ? o->output : "-", out, err);
}

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const gate_options *o = options;
	g_autoptr(engine) e = NULL;
	g_autoptr(gate_result) r = NULL;
	g_autofree char *setting = o->rules ? NULL : context_setting(c, "truce.rules");
	gate_request q = {args, o->base, o->rules ? o->rules : setting, o->baseline};
	if ((o->output && !context_can_report(o->output, err)) ||
		!context_open(c, &e, false, err) || !engine_gate(&r, e, &q, err))
		return false;
	if (r->how)
		context_note("%s", r->how);
	shared_note_incoming(g_ptr_array_index(r->m->series, 0));
	shared_note_work(e);
	for (guint i = 0; i < r->stale->len; i++)
		context_note("%s: no finding has it any more",
			(const char *)g_ptr_array_index(r->stale, i));
	guint fails = count_new(r->m, o->threshold);
	c->status = fails ? 1 : 0;
	return write_result(c, o, r, fails, err);
}

const command cmd_gate = {
	.name = "gate",
	.summary = "does a series keep to the interface? yes (0) or no (1), for CI",
	.usage = "SPEC... [--base REV] [--rules PACK] [--baseline FILE] [OPTIONS]",
	.description =
		"Judges one series against the catalogue of the interface: a privileged operation "
		"or a vendor's call outside of it (point.bypass), an operation that a backend "
		"lacks "
		"(point.incomplete) or brings with another type or convention (point.contract), a "
		"changed ops table (interface.drift). Only what the series introduces and still "
		"leaves at its end is told. What is under mediation is not touched.\n\n"
		"A baseline holds known findings, a line each: fingerprint, kind, reason. "
		"Fingerprints hold while code moves. `--format baseline` writes the lines without "
		"reasons; a line without one is refused.",
	.examples = "truce gate origin/main..HEAD --base origin/main\n"
		    "truce gate mbox:series.mbox --base v6.1 --baseline .truce-baseline\n"
		    "truce gate HEAD --base v6.1 --format github",
	.options = table,
	.options_size = sizeof(gate_options),
	.min_args = 1,
	.max_args = G_MAXUINT,
	.run = run,
};
