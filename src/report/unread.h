/* Changed lines that no compiler saw, as reports tell them: by their reason, a line a file. */
#pragma once

#include <glib.h>

#include "model/mediation.h"

/* What was not read for one reason, in one series. */
typedef struct unread {
	const char *reason; /* borrowed from the coverage, as the ranges are */
	GPtrArray *ranges;  /* unparsed_range *, by path and line */
	guint64 lines;
} unread;

/* unread, the most lines first. The caller's. */
GArray *unread_by_reason(const coverage *c);
/* All lines of these. */
guint64 unread_lines(const GArray *reasons);

/* The lines of one file: "41-46, 82; in the base 12". */
typedef struct unread_file {
	const char *path; /* borrowed */
	char *lines;
} unread_file;

/* unread_file *, by path. The caller's. */
GPtrArray *unread_files(const unread *one);
