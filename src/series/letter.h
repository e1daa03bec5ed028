/* One mail or patch file, taken apart: the commit it asks for and the diff in it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/patch.h"
#include "series/diff.h"

typedef struct letter {
	patch *patch;  /* PATCH_DIFF without files; the message is complete */
	diff *diff;    /* not yet placed; NULL when it cannot be parsed (then `error`) */
	GError *error; /* why the diff cannot be parsed: matters only if the patch is wanted */
	bool has_diff; /* a patch is in it, readable or not */
	bool mail;     /* has mail headers */
	bool numbered; /* n/m was in the subject */
	bool reply;    /* Re: */
	char *name;    /* for notes: "02.eml" or "message 12" */
	char *parent;  /* message id that it answers, or NULL */
	char *root;    /* first message id of its thread, or NULL */
	gint64 date;   /* of the mail, seconds since 1970; 0 when not said */
	guint index;   /* place in the source */
	int strip;     /* -p level, -1 to find it */
	bool reverse;  /* to be applied backwards (quilt -R) */
} letter;

/* Reads one mail (RFC 5322 and MIME; a "From " line in front is skipped). `source` names it in
 * messages; `first_line` is the number of its first line there. `rd`: undo mboxrd's ">From". A diff
 * that cannot be parsed is kept as letter.error; false only when this is no mail. */
bool letter_read_mail(letter **out, GBytes *text, const char *source, const char *name,
	unsigned first_line, bool rd, GError **err);

/* Reads a patch file: a mail, or a bare diff with or without a description in front. The subject is
 * the file's name when the text has none. Never fails: see letter.error. */
letter *letter_read_file(GBytes *text, const char *source, const char *name);

/* True when the text starts with a "From " line or with mail headers. */
bool letter_is_mail(GBytes *text);

void letter_free(letter *l);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(letter, letter_free)
