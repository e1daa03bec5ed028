/* What an analyzer is given: one file of one tree, the way the kernel would compile it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/fact.h"
#include "model/oid.h"

/* A file of the tree that differs from the layout on disk (a tip's touched or added file, a
 * generated header), given to the compiler from memory. */
typedef struct memory_file {
	char *path; /* absolute, under the layout directory, as the compiler will ask for it */
	GBytes *data;
} memory_file;

/* A header of numbers that a build has the compiler work out (asm-offsets.h, bounds.h): asm
 * statements of a C file hold what is asked, and the build reads the answers off the assembly. */
typedef struct computed_header {
	GPtrArray *places; /* char *: absolute paths, each that of a memory_file of the unit, which
			    * stands in for what cannot be computed */
	char *path;	   /* of the C file, in the tree */
	GBytes *text;	   /* its bytes */
	GPtrArray *parts;  /* memory_file *: other files whose asm statements count */
	GPtrArray *args;   /* char *: compiler arguments without the file */
	bool always;	   /* every unit reads it; else it is computed for those that do */
	/* Filled at first use by the reader, in its own process. */
	bool tried;
	GBytes *made;	   /* NULL: could not be computed */
	GHashTable *reads; /* as of fact_sink */
} computed_header;

/* One translation unit in one configuration. */
typedef struct analysis_unit {
	char *path; /* in the tree: the main file */
	oid blob;
	GBytes *text;	     /* the main file's bytes; NULL once it was read */
	char *arch;	     /* "i386", "x86_64", ... */
	char *root;	     /* layout directory: tree path p is root/p; NULL for text analyzers */
	char *map;	     /* file for -ivfsoverlay: what the tree has other than the layout, and
			      * has not; NULL: nothing */
	GPtrArray *args;     /* char *: compiler arguments without the file; NULL for text */
	GPtrArray *memory;   /* memory_file *, borrowed; NULL for none */
	GPtrArray *computed; /* computed_header *, borrowed, each before those that read it; NULL
			      * for none */
	/* Tree paths whose facts are wanted beside the main file (touched headers): path -> oid *.
	 * Borrowed; NULL for none. Facts of other headers are not reported. */
	GHashTable *wanted;
	/* Maps other spellings of an absolute path to a tree path (include/asm/x.h through the
	 * link): absolute prefix -> tree prefix. Borrowed; NULL for none. */
	GHashTable *aliases;
	bool bodies; /* false: skip function bodies (the second try after a crash) */
	char *how;   /* a digest of arch, args and memory: how the file is compiled. NULL: not told.
		      * A unit that has it and no args only stands for one that can be made */
} analysis_unit;

void analysis_unit_free(analysis_unit *u);
memory_file *memory_file_new(const char *path, GBytes *data);
void memory_file_free(memory_file *m);
/* With empty lists; the rest is zero. */
computed_header *computed_header_new(const char *path, GBytes *text);
void computed_header_free(computed_header *h);

/* Where an analyzer writes. One fact_set a path; the sink owns them. */
typedef struct fact_sink {
	GPtrArray *sets;   /* fact_set *, in order of first use */
	GHashTable *index; /* path -> fact_set *, borrowed */
	GHashTable *reads; /* char *: see fact_sink_read */
} fact_sink;

void fact_sink_init(fact_sink *s);
void fact_sink_clear(fact_sink *s);
/* The set of `path`, made on first use. Borrowed. */
fact_set *fact_sink_file(fact_sink *s, const char *path, const oid *blob);
/* Notes that the facts depend on what the tree holds, or does not hold, at this tree path: a file
 * that was read, or one that was looked for and would have been read. "" stands for the whole tree.
 * The main file need not be noted. For readers with needs_layout; `path` is copied. */
void fact_sink_read(fact_sink *s, const char *path);

/* An analyzer: a folder, this descriptor and one line in analyzers/list.c. It never sees SQL, the
 * terminal or the repository. */
typedef struct analyzer {
	const char *name;
	unsigned version; /* part of every cache key: raise it when the facts change */
	/* True when it reads files of this path. The first analyzer in the list that claims a path
	 * and every one with `also` read it. */
	bool (*claims)(const char *path);
	/* Makes ready to run, in the process that others are forked from: there is nothing to load
	 * in those. NULL: always ready. */
	bool (*open)(GError **err);
	/* Reads u and writes facts. False: the file could not be read at all (err says why). A
	 * file with errors in it is no failure: its diagnostics are facts. Must be safe to run in
	 * a forked process. */
	bool (*run)(const analysis_unit *u, fact_sink *sink, GError **err);
	bool needs_layout; /* wants root and args: a compiler's reader */
	/* Names the library that reads, with its version: part of every cache key. The caller's;
	 * NULL for readers that are all of truce's own. */
	char *(*library)(void);
} analyzer;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(analysis_unit, analysis_unit_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(fact_sink, fact_sink_clear)
