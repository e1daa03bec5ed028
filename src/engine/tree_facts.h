/* The facts of one tree: what is to be read of it, and what was. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "kernel/tree.h"
#include "model/fact.h"

typedef struct tree_facts {
	oid tree;
	kernel_tree *kernel;
	GHashTable *wanted;    /* char *path -> oid *: files to read */
	GHashTable *sets;      /* path (borrowed from the set) -> fact_set * */
	GHashTable *unreached; /* see branches.h; NULL: nothing is */
	GHashTable *alone;     /* see branches_read_alone; NULL: nothing was */
	GHashTable *errors;    /* see further.h; NULL: there are none */
	GHashTable *reached; /* "FILE\nHEADER" -> how many were known before: wanted headers that a
			      * compiled file read */
} tree_facts;

tree_facts *tree_facts_new(const oid *tree);
void tree_facts_free(tree_facts *t);
void tree_facts_want(tree_facts *t, const char *path, const oid *blob);
/* Remembers which wanted headers the answer's file read. */
void tree_facts_note_reached(tree_facts *t, const char *file, const GPtrArray *sets);
/* What was noted before this moment can be asked for later: `before` is what tree_facts_moment gave
 * then. */
guint tree_facts_moment(const tree_facts *t);
bool tree_facts_reaches(const tree_facts *t, const char *file, const char *header, guint before);
/* What the jobs (read_job *, NULL: none) answered, into the sets of their trees (tree_facts *, by
 * read_job.tree), in the order of the jobs. Their answers are gone after that. */
void tree_facts_collect(GPtrArray *trees, GPtrArray *jobs);
