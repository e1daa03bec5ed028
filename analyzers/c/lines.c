/* Which lines were compiled, and what clang complained of. */
#include "analyzers/c/parse.h"

#include <string.h>

/* Errors kept of one unit: a wrong configuration gives thousands, the first few tell why. */
#define DIAGNOSTICS_KEPT 40u

static void meet_inclusion(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
	(void)stack;
	(void)depth;
	parse_file(data, file);
}

static fact_set *main_set(parse *p)
{
	return fact_sink_file(p->sink, p->unit->path, &p->unit->blob);
}

/* From an error to the end of the declaration that holds it nothing counts as seen. */
static void break_declaration(parsed_file *f, unsigned line)
{
	line_range range = {line, line};
	for (guint i = 0; i < f->declarations->len; i++) {
		const line_range *d = &g_array_index(f->declarations, line_range, i);
		if (d->first <= line && line <= d->last)
			range.last = MAX(range.last, d->last);
	}
	g_array_append_val(f->broken, range);
}

static void keep_diagnostic(parse *p, CXDiagnostic d, CXFile file, unsigned line)
{
	CXString name = file ? clang_getFileName(file) : (CXString){0};
	CXString text = clang_getDiagnosticSpelling(d);
	g_autofree char *path =
		file ? parse_tree_path(p, clang_getCString(name)) : g_strdup(p->unit->path);
	/* Outside the tree only the compiler's own headers are read: their names suffice. */
	g_autofree char *shown =
		path ? g_strdup(path) : g_path_get_basename(clang_getCString(name));
	diagnostic kept = {DIAGNOSTIC_ERROR, shown, line, clang_getCString(text)};
	fact_set_add_diagnostic(main_set(p), &kept);
	clang_disposeString(text);
	if (file)
		clang_disposeString(name);
}

static unsigned read_diagnostics(parse *p)
{
	unsigned errors = 0, count = clang_getNumDiagnostics(p->tu);
	for (unsigned i = 0; i < count; i++) {
		CXDiagnostic d = clang_getDiagnostic(p->tu, i);
		if (clang_getDiagnosticSeverity(d) >= CXDiagnostic_Error) {
			CXFile file;
			unsigned line;
			clang_getFileLocation(clang_getDiagnosticLocation(d), &file, &line, NULL,
				NULL);
			parsed_file *f = parse_file(p, file);
			if (f)
				break_declaration(f, line);
			if (errors++ < DIAGNOSTICS_KEPT)
				keep_diagnostic(p, d, file, line);
		}
		clang_disposeDiagnostic(d);
	}
	return errors;
}

/* Marks first..last in `lines` (one byte a line, from 1) as not seen. */
static void clear_lines(guint8 *lines, unsigned count, unsigned first, unsigned last)
{
	for (unsigned i = MAX(first, 1u); i <= MIN(last, count); i++)
		lines[i] = 0;
}

static void read_seen(parse *p, parsed_file *f)
{
	g_autofree guint8 *lines = g_malloc(f->lines + 1);
	memset(lines, 1, f->lines + 1);
	CXSourceRangeList *skipped = clang_getSkippedRanges(p->tu, f->file);
	for (unsigned i = 0; skipped && i < skipped->count; i++) {
		unsigned first, last;
		clang_getFileLocation(clang_getRangeStart(skipped->ranges[i]), NULL, &first, NULL,
			NULL);
		clang_getFileLocation(clang_getRangeEnd(skipped->ranges[i]), NULL, &last, NULL,
			NULL);
		/* From one directive's line to the next one's: those two were read. */
		if (last > first + 1)
			clear_lines(lines, f->lines, first + 1, last - 1);
	}
	clang_disposeSourceRangeList(skipped);
	for (guint i = 0; i < f->broken->len; i++) {
		const line_range *b = &g_array_index(f->broken, line_range, i);
		clear_lines(lines, f->lines, b->first, b->last);
	}
	for (unsigned i = 1; i <= f->lines; i++) {
		unsigned first = i;
		while (i <= f->lines && lines[i])
			i++;
		if (i > first)
			fact_set_add_seen(f->set, first, i - 1);
	}
}

void parse_read_lines(parse *p)
{
	clang_getInclusions(p->tu, meet_inclusion, p);
	unsigned errors = read_diagnostics(p);
	fact_set *set = main_set(p);
	set->units++;
	set->clean += errors == 0;
	for (guint i = 0; i < p->wanted->len; i++)
		read_seen(p, g_ptr_array_index(p->wanted, i));
}
