/* What a mail's subject line says about its place in a series. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct subject {
	char *text;	  /* without Re: and the [..] that belong to the mail; one line */
	unsigned number;  /* n of n/m; 0 when not said, or for a cover letter */
	unsigned total;	  /* m; 0 when not said */
	unsigned version; /* 1 when not said */
	bool numbered;	  /* n/m was there (tells 0/m from nothing) */
	bool reply;	  /* starts with Re: (or AW:, Antw:, Fwd: and the like) */
	bool patch;	  /* has a [..] with the word PATCH */
} subject;

/* Understands [PATCH v2 3/24], [RFC, PATCH 2/24], [PATCH 3 of 5], [PATCHv3 1/2], [V2][PATCH 1/3],
 * [patch 04/10 v3]. As git am, all leading [..] are dropped, but one that follows the [PATCH ...]
 * stays: it is the author's ("[PATCH 3/9] [SCSI] fix" is the commit "[SCSI] fix"). */
void subject_parse(subject *out, const char *line);
void subject_clear(subject *s);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(subject, subject_clear)
