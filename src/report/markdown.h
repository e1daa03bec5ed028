/* Parts of the Markdown report. */
#pragma once

#include "report/report.h"

/* "## Findings" and all of them; of errors both sides' hunks too. */
void markdown_findings(GString *out, const mediation *m, const report_options *options);
/* "## Coverage": what no compiler saw, by its reason. Nothing before an analysis. */
void markdown_coverage(GString *out, const mediation *m);
