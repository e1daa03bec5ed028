/* Questions: which units show these lines of a file, answered from what is kept or by the kernel.
 */
#pragma once

#include "db/store.h"
#include "engine/tree_facts.h"
#include "kernel/units.h"

/* See kernel_wish. Strings are borrowed and live as long as the question; arrays are referenced. */
typedef struct question_terms {
	const char *path;
	const char *const *prefer;
	GArray *ranges;	   /* line_range */
	GPtrArray *parsed; /* const char *, NULL-terminated */
	GPtrArray *others; /* kernel_lines *; NULL: none */
	bool macros, assume, alone;
} question_terms;

/* A question as it stands at this moment: it can be asked again when more was read of the tree. */
typedef struct question question;

/* `given`: see choices.h. Borrowed, as is the tree. */
question *question_new(tree_facts *t, const char *given, const question_terms *terms);
void question_free(question *q);
/* The answer: one that is kept, whose units only stand for some (analysis_unit.how), else the
 * kernel's, which is kept then. *units is the caller's; NULL: the kernel has none for this file. */
bool question_answer(kernel_units **units, question *q, store *db, GError **err);
/* The n-th unit of the answer, made. *out is the caller's; each can be had once. */
bool question_make(analysis_unit **out, question *q, guint n, GError **err);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(question, question_free)
