/* The formats that exist. */
#include "report/report.h"

#include <string.h>

const report_format report_formats[] = {
	{"text", ".txt", "text/plain", "for a terminal", report_text},
	{"markdown", ".md", "text/markdown", "complete, for reviewers", report_markdown},
	{"json", ".json", "application/json", "complete, for machines (truce-report/1)",
		report_json},
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
		if (g_str_has_suffix(path, f->extension))
			return f;
	}
	return NULL;
}
