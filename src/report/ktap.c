/* KTAP version 1 (Documentation/dev-tools/ktap.rst): one result a finding. Open errors and warnings
 * are "not ok", notes "ok", what is ruled is skipped with the ruling. */
#include <string.h>

#include "base/text.h"
#include "report/report.h"
#include "report/tally.h"

static void append_line(GString *out, const char *raw)
{
	g_autofree char *printable = text_printable(raw ? raw : "", raw ? strlen(raw) : 0);
	for (const char *p = printable; *p; p++) {
		bool blank = *p == '\n' || *p == '\r' || *p == '\t';
		g_string_append_c(out, blank ? ' ' : *p);
	}
	g_string_append_c(out, '\n');
}

/* Lines of diagnosis under a result. */
static void append_diagnosis(GString *out, const char *raw)
{
	g_auto(GStrv) lines = g_strsplit(raw ? raw : "", "\n", -1);
	for (char **line = lines; *line; line++) {
		if (!**line)
			continue;
		g_string_append(out, "# ");
		append_line(out, *line);
	}
}

static void append_result(GString *out, const mediation *m, const finding *f, guint n)
{
	bool fails = !f->decision && f->severity > SEVERITY_NOTE;
	g_autofree char *title = g_strdup_printf("%s: %s", f->kind, f->title);
	g_strdelimit(title, "#", ' '); /* it starts a directive */
	g_autofree char *ruling = f->decision ? tally_decision(f->decision) : NULL;
	g_autofree char *line =
		ruling ? g_strdup_printf("%s # SKIP ruled: %s", title, ruling) : g_strdup(title);
	g_string_append_printf(out, "%s %u ", fails ? "not ok" : "ok", n);
	append_line(out, line);
	if (!fails)
		return;
	append_diagnosis(out, f->explanation);
	for (guint i = 0; i < f->locations->len; i++) {
		const location *l = g_ptr_array_index(f->locations, i);
		g_autofree char *tree = tally_tree_name(m, l);
		g_autofree char *place = tally_place(l->path, l->line, l->end_line);
		g_autofree char *text = g_strdup_printf("%s: %s", tree, place);
		append_diagnosis(out, text);
	}
	g_autofree char *show = g_strdup_printf("truce show %s", f->id);
	append_diagnosis(out, show);
}

void report_ktap(GString *out, const mediation *m, const report_options *options)
{
	(void)options;
	g_string_append_printf(out, "KTAP version 1\n1..%u\n", m->findings->len);
	for (guint i = 0; i < m->findings->len; i++)
		append_result(out, m, g_ptr_array_index(m->findings, i), i + 1);
}
