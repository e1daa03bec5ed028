/* What a unit's includes looked for: the places where another file would have been read instead. */
#include "analyzers/c/parse.h"

#include <string.h>

/* How an #include names its file. */
typedef enum include_form {
	FORM_QUOTED,
	FORM_ANGLED,
	FORM_UNKNOWN, /* by a macro: as quoted, which looks in more places */
} include_form;

static include_form form_of(parse *p, CXFile file, unsigned offset)
{
	size_t size = 0;
	const char *text = parse_text(p, file, &size);
	const char *end = text + size;
	for (const char *at = text ? text + offset : NULL; at && at < end && *at != '\n'; at++) {
		if (*at == '"')
			return FORM_QUOTED;
		if (*at == '<')
			return FORM_ANGLED;
	}
	return FORM_UNKNOWN;
}

/* Notes folder/name; returns true when it is the file that was found. */
static bool note_place(parse *p, const char *folder, const char *name, const char *found)
{
	g_autofree char *full = g_build_filename(folder, name, NULL);
	g_autofree char *path = parse_tree_path(p, full);
	if (!path)
		return false; /* outside of the tree nothing is read but the compiler's own */
	fact_sink_read(p->sink, path);
	return found && !strcmp(path, found);
}

static void note_places(
	parse *p, const char *folder, const char *name, include_form form, const char *found)
{
	if (*name == '/') {
		note_place(p, "/", name, found);
		return;
	}
	if (form != FORM_ANGLED && note_place(p, folder, name, found))
		return;
	for (guint i = 0; i < p->search->len; i++) {
		if (note_place(p, g_ptr_array_index(p->search, i), name, found))
			return;
	}
}

void parse_note_include(parse *p, CXCursor directive)
{
	CXFile from;
	unsigned offset;
	clang_getFileLocation(clang_getCursorLocation(directive), &from, NULL, NULL, &offset);
	if (!from)
		return; /* of the command line: by its whole path */
	CXString from_name = clang_getFileName(from);
	CXString spelled = clang_getCursorSpelling(directive);
	const char *name = clang_getCString(spelled);
	g_autofree char *folder = g_path_get_dirname(clang_getCString(from_name));
	include_form form = form_of(p, from, offset);
	g_autofree char *key =
		g_strdup_printf("%d %s %s", (int)form, form == FORM_ANGLED ? "" : folder, name);
	if (g_hash_table_add(p->asked, g_steal_pointer(&key))) {
		CXFile target = clang_getIncludedFile(directive);
		CXString target_name = target ? clang_getFileName(target) : (CXString){0};
		g_autofree char *found =
			target ? parse_tree_path(p, clang_getCString(target_name)) : NULL;
		note_places(p, folder, name, form, found);
		if (target)
			clang_disposeString(target_name);
	}
	clang_disposeString(spelled);
	clang_disposeString(from_name);
}

static enum CXChildVisitResult visit(CXCursor c, CXCursor parent, CXClientData data)
{
	(void)parent;
	if (clang_getCursorKind(c) == CXCursor_InclusionDirective)
		parse_note_include(data, c);
	return CXChildVisit_Continue;
}

void parse_read_includes(parse *p)
{
	clang_visitChildren(clang_getTranslationUnitCursor(p->tu), visit, p);
}
