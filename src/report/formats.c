/* The formats that exist. */
#include "report/report.h"

#include <string.h>

const report_format report_formats[] = {
	{"text", ".txt", "text/plain", "for a terminal", report_text},
	{"markdown", ".md", "text/markdown", "complete, for reviewers", report_markdown},
	{"json", ".json", "application/json", "complete, for machines (truce-report/1)",
		report_json},
	{"html", ".html", "text/html", "one page that stands alone, with both sides' code",
		report_html},
	{"mail", ".eml", "message/rfc822", "a mail to the authors and the list", report_mail},
	{"sarif", ".sarif", "application/sarif+json", "SARIF 2.1.0, for code scanning",
		report_sarif},
	{"github", NULL, "text/plain", "annotations of GitHub Actions", report_github},
	{"junit", ".xml", "application/xml", "JUnit, for CI", report_junit},
	{"ktap", ".ktap", "text/plain", "KTAP 1, as kernel tests report", report_ktap},
	{0},
};

const report_format *report_format_find(const char *name)
{
	for (const report_format *f = report_formats; f->name; f++) {
		if (!strcmp(f->name, name))
			return f;
	}
	return NULL;
}

const report_format *report_format_of_file(const char *path)
{
	for (const report_format *f = report_formats; f->name; f++) {
		if (f->extension && g_str_has_suffix(path, f->extension))
			return f;
	}
	return NULL;
}
