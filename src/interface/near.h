/* What came nearest to a rule that found nothing: for people who write rules. Internal to
 * src/interface. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* A definition or use that had the name and did not pass. Borrowed. */
typedef struct near_fact {
	const char *kind, *name, *detail;
	const char *path;
	unsigned line;
	const char *change;
} near_fact;

/* Zeroed at first. */
typedef struct near {
	unsigned named;	 /* had the name */
	unsigned rank;	 /* how far the nearest came; 0: none had the name */
	unsigned failed; /* came that far */
	const char *key; /* of the rule, which it did not pass; static */
	char *text;	 /* the first that came that far */
	bool base;	 /* a rule was left out for what the base defines */
} near;

/* `n` may be NULL: then nobody asks. */
void near_note(near *n, const char *key, const near_fact *f);
void near_note_base(near *n);
/* One line, without a full stop. The caller's. */
char *near_tell(const near *n);
void near_clear(near *n);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(near, near_clear)
