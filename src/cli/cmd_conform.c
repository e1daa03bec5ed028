/* truce interface conform: does a backend keep what the interface promises? The one command that
 * runs code of somebody else's: on a simulated machine, in a locked-down process, when it is asked
 * for by name. */
#include <string.h>

#include "base/error.h"
#include "cli/commands.h"
#include "engine/conform.h"

typedef struct conform_options {
	const char *point;
	const char *format;
	const char *output;
	bool json, sarif;
} conform_options;

static const char *const formats[] = {"text", "json", "sarif", "github", "ktap", NULL};

static const option table[] = {
	{'p', "point", OPTION_TEXT, "POINT", "only this operation, or this group of operations",
		G_STRUCT_OFFSET(conform_options, point), NULL},
	{'f', "format", OPTION_CHOICE, "FORMAT",
		"text (as if not given), json (truce-report/1), sarif (2.1.0), github annotations, "
		"or "
		"the suite's own ktap",
		G_STRUCT_OFFSET(conform_options, format), formats},
	{0, "json", OPTION_FLAG, NULL, "the same as --format json",
		G_STRUCT_OFFSET(conform_options, json), NULL},
	{0, "sarif", OPTION_FLAG, NULL, "the same as --format sarif",
		G_STRUCT_OFFSET(conform_options, sarif), NULL},
	{'o', "output", OPTION_TEXT, "FILE", "write to FILE instead of standard output",
		G_STRUCT_OFFSET(conform_options, output), NULL},
	{0},
};

static void write_text(GString *out, context *c, const conform_report *r)
{
	const conform_result *found = r->result;
	report_options look = context_look(c, true);
	if (r->m->findings->len) {
		report_lines(out, r->m->findings, &look);
		g_string_append_c(out, '\n');
	}
	if (found->backend)
		g_string_append_printf(out, "backend: %s\n", found->backend);
	if (found->bail_out)
		g_string_append_printf(out, "the run ended early: %s\n", found->bail_out);
	g_string_append_printf(out, "conform: %s: operations: %u ok, %u failed, %u skipped",
		r->m->findings->len ? "no" : "yes", found->ok, found->failed, found->skipped);
	if (found->unreached)
		g_string_append_printf(out, ", %u not reached", found->unreached);
	g_string_append_c(out, '\n');
}

static bool write_report(
	context *c, const conform_options *o, const conform_report *r, GError **err)
{
	g_autoptr(GString) out = g_string_new(NULL);
	const char *format = o->json ? "json" : o->sarif ? "sarif" : o->format;
	if (!format || !strcmp(format, "text"))
		write_text(out, c, r);
	else if (!strcmp(format, "json"))
		report_json(out, r->m, NULL);
	else if (!strcmp(format, "sarif"))
		report_sarif(out, r->m, NULL);
	else if (!strcmp(format, "github"))
		report_annotations(out, r->m->findings);
	else
		g_string_append(out, r->result->text);
	return context_write(c, o->output ? o->output : "-", out, err);
}

static bool run(context *c, const void *options, GPtrArray *args, GError **err)
{
	const conform_options *o = options;
	g_autoptr(conform_report) r = NULL;
	if (o->json + o->sarif + (o->format != NULL) > 1)
		return error_set(err, TRUCE_ERROR_USAGE, NULL,
			"--format, --json and --sarif exclude each other");
	if (o->output && !context_can_report(o->output, err))
		return false;
	if (!engine_conform(&r, g_ptr_array_index(args, 0), o->point, err))
		return false;
	c->status = r->m->findings->len ? 1 : 0;
	return write_report(c, o, r, err);
}

const command cmd_conform = {
	.name = "interface conform",
	.summary = "run a backend object against the conformance suite",
	.usage = "OBJECT [--point POINT] [--format FORMAT] [-o FILE]",
	.description = "OBJECT is a relocatable object for x86-64 that defines `vendor_backend` "
		       "(docs/interface.md). The reference interface's suite runs against it on a "
		       "simulated "
		       "machine, before and after the patching of call sites; what fails is told "
		       "as findings "
		       "(point.contract). The object is interpreted, never run by this CPU, in a "
		       "process that "
		       "can open no file, reach no network and start no other, with limits of time "
		       "and memory. "
		       "Exits 0 when it conforms, 1 when it does not, 2 when it cannot be run.",
	.examples = "truce interface conform backend.o\n"
		    "truce interface conform backend.o --point mmu\n"
		    "truce interface conform backend.o --sarif -o backend.sarif",
	.options = table,
	.options_size = sizeof(conform_options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
