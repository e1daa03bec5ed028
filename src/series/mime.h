/* A mail with what transport did to it undone: encodings, attachments, format=flowed. MIME is
 * GMime's work. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct mime_mail {
	GBytes *text;  /* of all parts that may hold words or a patch */
	gsize start;   /* in it: where the body begins (a slice of the mail keeps its headers) */
	char *charset; /* of the first part, or NULL */
	char *from, *subject, *date; /* headers, decoded; NULL when not there */
	char *id, *parent, *root; /* message ids: its own, what it answers, its thread's; or NULL */
} mime_mail;

/* Reads `mail`, whose headers end at `headers_end`. False when it is no mail, or one of more parts
 * than any honest one. On success *out is
 * the caller's (mime_mail_clear). Thread-safe. */
bool mime_read(mime_mail *out, GBytes *mail, gsize headers_end);
void mime_mail_clear(mime_mail *m);
/* For who uses GMime without reading a mail. Any number of times, in any thread. */
void mime_init(void);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(mime_mail, mime_mail_clear)
