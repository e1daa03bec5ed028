/* Errands: a file of a tree and who reads it, and the job that comes of them. */
#pragma once

#include "engine/batch.h"
#include "engine/reading.h"

/* What is to be read: a file of a tree by a reader. */
typedef struct errand {
	guint tree; /* of facts_reader.trees */
	const char *path;
	const oid *blob;
	const analyzer *reader;
	const char *const *symbols; /* for facts_reader_parse; NULL: none */
	const char *arch;	    /* NULL: that which the file is read for (archs.h) */
} errand;

/* A job of a tree; `unit` is taken. */
read_job *errand_make_job(facts_reader *f, guint tree, const analyzer *reader, analysis_unit *unit);
/* The job of a compiler's reader. *job NULL: no unit can be made of the file, it is read as text
 * only; coverage says so. */
bool errand_compiler_job(read_job **job, facts_reader *f, const errand *x, GError **err);
/* The same, for a header: of a .c file that reaches it. *job NULL: none does. */
bool errand_header_job(
	read_job **job, facts_reader *f, guint tree, const char *header, GError **err);
/* The symbols that a tree's Kconfig has and its base's has not (kernel_tree_new_symbols). The
 * caller's (g_strfreev). */
bool errand_switches(
	char ***out, const facts_reader *f, tree_facts *t, const char *arch, GError **err);
/* *job NULL: the file is no text. */
bool errand_text_job(read_job **job, engine *e, facts_reader *f, const errand *x, GError **err);
/* Frees a job; NULL is fine: for arrays with a place for each errand. */
void errand_free_job(gpointer job);
