/* Which lines were compiled, and what clang complained of. */
#include "analyzers/c/parse.h"

#include "analyzers/text/token.h"
#include "base/limits.h"

#include <string.h>

/* Errors kept of one unit: a wrong configuration gives thousands, the first few tell why. */
#define DIAGNOSTICS_KEPT 40u

static void meet_inclusion(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
	(void)stack;
	(void)depth;
	parsed_file *f = parse_file(data, file);
	if (f)
		f->inclusions++;
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
	/* Outside the tree only the compiler's own headers are read: their names suffice. What clang
	 * quotes of another file is nobody's business, should a kernel let it be read at all. */
	g_autofree char *shown =
		path ? g_strdup(path) : g_path_get_basename(clang_getCString(name));
	GString *words = g_string_new(
		path ? clang_getCString(text) : "an error in a file outside of the tree");
	/* "(unnamed at /cache/layout/ID/include/x.h:52:2)": where the tree is laid out is no fact. */
	g_autofree char *root = g_strconcat(p->unit->root, "/", NULL);
	g_string_replace(words, root, "", 0);
	diagnostic kept = {DIAGNOSTIC_ERROR, shown, line, words->str};
	fact_set_add_diagnostic(main_set(p), &kept);
	g_string_free(words, TRUE);
	clang_disposeString(text);
	if (file)
		clang_disposeString(name);
}

/* In assembly only what the preprocessor lacks counts: a header. libclang tells it by words alone.
 */
static bool is_error(const parse *p, CXDiagnostic d)
{
	if (clang_getDiagnosticSeverity(d) < CXDiagnostic_Error)
		return false;
	if (!p->assembly)
		return true;
	CXString text = clang_getDiagnosticSpelling(d);
	bool missing = strstr(clang_getCString(text), "file not found") != NULL;
	clang_disposeString(text);
	return missing;
}

static unsigned read_diagnostics(parse *p)
{
	unsigned errors = 0, count = clang_getNumDiagnostics(p->tu);
	for (unsigned i = 0; i < count; i++) {
		CXDiagnostic d = clang_getDiagnostic(p->tu, i);
		if (is_error(p, d)) {
			CXFile file;
			unsigned line;
			clang_getFileLocation(
				clang_getDiagnosticLocation(d), &file, &line, NULL, NULL);
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

/* Counts for each line how often it was skipped. clang_getSkippedRanges knows only the first time
 * that a file is read; a list of all has every time. */
static void read_skipped(parse *p)
{
	CXSourceRangeList *skipped = clang_getAllSkippedRanges(p->tu);
	for (unsigned i = 0; skipped && i < skipped->count; i++) {
		CXFile file;
		unsigned first, last;
		clang_getFileLocation(
			clang_getRangeStart(skipped->ranges[i]), &file, &first, NULL, NULL);
		clang_getFileLocation(
			clang_getRangeEnd(skipped->ranges[i]), NULL, &last, NULL, NULL);
		parsed_file *f = parse_file(p, file);
		/* From one directive's line to the next one's: those two were read. */
		for (unsigned line = first + 1; f && line < last && line <= f->lines; line++)
			f->skips[line]++;
	}
	clang_disposeSourceRangeList(skipped);
}

/* Without bodies the compiler read only what stands outside of them: no line within the braces that
 * follow a ')' at file scope. */
static void skip_bodies(parse *p, parsed_file *f)
{
	size_t size = 0;
	const char *text = parse_text(p, f->file, &size);
	g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(token));
	if (!text || size > LIMIT_SOURCE_BYTES)
		return;
	tokens_read(tokens, text, size);
	line_range body = {0, 0};
	unsigned depth = 0;
	uint16_t before = 0;
	for (guint i = 0; i < tokens->len; i++) {
		const token *t = &g_array_index(tokens, token, i);
		if (t->flags & TOKEN_DIRECTIVE)
			continue;
		uint16_t code = t->kind == TOKEN_PUNCTUATION ? t->code : 0;
		if (code == '{' && depth++ == 0)
			body.first = before == ')' ? t->line + 1 : 0;
		if (code == '}' && depth && --depth == 0 && body.first) {
			body.last = t->line;
			g_array_append_val(f->broken, body);
		}
		before = code;
	}
}

/* A header may be read several times, and skip other lines each time: a line is seen when one of
 * the times did not skip it. */
static void read_seen(parsed_file *f)
{
	unsigned times = MAX(f->inclusions, 1u);
	for (guint i = 0; i < f->broken->len; i++) {
		const line_range *b = &g_array_index(f->broken, line_range, i);
		for (unsigned line = MAX(b->first, 1u); line <= MIN(b->last, f->lines); line++)
			f->skips[line] = times;
	}
	for (unsigned i = 1; i <= f->lines; i++) {
		unsigned first = i;
		while (i <= f->lines && f->skips[i] < times)
			i++;
		if (i > first)
			fact_set_add_seen(f->set, first, i - 1);
	}
}

void parse_read_lines(parse *p)
{
	parse_file(p, clang_getFile(p->tu, p->main_path));
	clang_getInclusions(p->tu, meet_inclusion, p);
	unsigned errors = read_diagnostics(p);
	fact_set *set = main_set(p);
	set->units++;
	set->clean += errors == 0;
	read_skipped(p);
	for (guint i = 0; i < p->wanted->len; i++) {
		parsed_file *f = g_ptr_array_index(p->wanted, i);
		if (!p->unit->bodies)
			skip_bodies(p, f);
		read_seen(f);
	}
}
