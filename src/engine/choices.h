/* Choices: answers of src/kernel about how files are compiled, kept by all that they stand on.
 *
 * As with reuse.h in two levels: a key of what was asked, of which tree (kernel/ground.h) and with
 * what the user gave; behind it what choosing came to read on earlier occasions, each with its
 * answer. An answer from here is the one that asking anew would give. It names its units and says
 * how they are compiled, which is enough to look for what was read of them; a unit itself is made
 * only for who parses it (read_job.maker). */
#pragma once

#include "base/digest.h"
#include "db/store.h"
#include "kernel/units.h"

/* Of other headers: what a question lets be seen of them (kernel_wish.others and reaches). */
typedef struct choice_sight {
	const GPtrArray *others; /* kernel_lines *; NULL: none */
	bool (*reaches)(const char *file, const char *header, void *data);
	void *data;
	GHashTable *files; /* char * (set): that `reaches` was asked about. Filled by who asks the
			    * kernel; not needed to find an answer */
} choice_sight;

/* Begins a key: what is asked (a word), of which tree. `given` is a digest of what the user gave
 * for all trees. The caller adds the rest of the question; content of the file asked for too. */
void choices_key_begin(digest *d, const char *what, const char *given, kernel_tree *t);
void choices_key_ranges(digest *d, const GArray *ranges);
void choices_key_texts(digest *d, const char *const *texts); /* NULL-terminated; NULL is fine */

/* The answer that holds for the tree; *out is the caller's, NULL when there is none. Its units have
 * path, blob and `how` alone; what is for a person to read is left out. `sight` may be NULL. */
bool choices_find(kernel_units **out, store *s, const char *key, kernel_tree *t,
	const choice_sight *sight, GError **err);
/* Keeps a new answer, unless part of the tree could not be read. `path` is the file asked for; each
 * unit has its `how`. */
bool choices_keep(store *s, const char *key, const char *path, kernel_tree *t,
	const choice_sight *sight, const kernel_units *answer, GError **err);
