/* One translation unit while it is read: clang's handles, and which files' facts are wanted. */
#pragma once

#include <clang-c/Index.h>
#include <glib.h>
#include <stdbool.h>

#include "model/unit.h"

/* A file of the unit whose facts are wanted. */
typedef struct parsed_file {
	fact_set *set;
	CXFile file;
	unsigned lines;
	unsigned inclusions;  /* times that the unit reads it */
	unsigned *skips;      /* lines + 1 entries: how often each was skipped */
	GArray *declarations; /* line_range: top-level declarations, in order */
	GArray *broken;	      /* line_range: from an error to the end of its declaration */
	GHashTable *macros;   /* places (place_key) where a macro is used */
} parsed_file;

typedef struct parse {
	const analysis_unit *unit;
	fact_sink *sink;
	char *main_path;   /* absolute */
	GPtrArray *memory; /* memory_file *: what the unit has, computed headers among it */
	CXIndex index;
	CXTranslationUnit tu;
	bool assembly;	   /* preprocessed only: what the parser makes of it means nothing */
	GHashTable *files; /* CXFile -> known_file * */
	CXFile last; /* the file asked for last, and what is known of it: most cursors follow */
	struct known_file *last_known; /* another one of the same file */
	GPtrArray *wanted;	       /* parsed_file *, in order of first meeting */
	GPtrArray *search; /* char *: the folders of -I and the like, absolute, in order */
	GHashTable *asked; /* char *: includes whose places are noted */
} parse;

/* Parses the unit. False when clang gives no translation unit at all. */
bool parse_open(parse *p, const analysis_unit *unit, fact_sink *sink, GError **err);
void parse_clear(parse *p);
/* The wanted file behind a handle, or NULL. */
parsed_file *parse_file(parse *p, CXFile file);
/* The bytes of a file that the unit read; NULL when clang has none. Alive as long as the unit. */
const char *parse_text(parse *p, CXFile file, size_t *size);
/* A place in a file as written: its file when wanted, else NULL. What a macro's body makes stands
 * where the macro is used (libclang has no spelling of it: clang_getSpellingLocation answers as
 * clang_getFileLocation does). */
parsed_file *parse_place(parse *p, CXSourceLocation at, unsigned *line, unsigned *column);
/* The tree path of an absolute path of the layout; NULL when it is outside. The caller's. */
char *parse_tree_path(const parse *p, const char *path);

/* The entities and uses of every wanted file; what includes looked for. */
void parse_read_facts(parse *p);
/* What includes looked for, alone. */
void parse_read_includes(parse *p);
/* Notes every place of the tree where the #include of `directive` was looked for: a file that comes
 * to stand there changes what is read. */
void parse_note_include(parse *p, CXCursor directive);
/* Diagnostics of the unit, and the lines that were compiled. Call after parse_read_facts. */
void parse_read_lines(parse *p);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(parse, parse_clear)
