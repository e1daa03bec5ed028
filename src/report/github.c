/* Annotations of GitHub Actions for a whole mediation. Findings that are ruled stop nobody and are
 * left out; the last line sums up. */
#include "report/report.h"
#include "report/tally.h"

void report_github(GString *out, const mediation *m, const report_options *options)
{
	(void)options;
	g_autoptr(GPtrArray) open = g_ptr_array_new();
	for (guint i = 0; i < m->findings->len; i++) {
		finding *f = g_ptr_array_index(m->findings, i);
		if (!f->decision)
			g_ptr_array_add(open, f);
	}
	report_annotations(out, open);
	finding_tally t = tally_findings(m->findings);
	g_string_append_printf(out, "truce: %u errors, %u warnings, %u notes; %u of %u open\n",
		t.by_severity[SEVERITY_ERROR], t.by_severity[SEVERITY_WARNING],
		t.by_severity[SEVERITY_NOTE], t.open, t.all);
}
