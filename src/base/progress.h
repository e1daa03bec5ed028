/* Progress on stderr: on a terminal a line that changes, as git shows it, for jobs over a second;
 * elsewhere, as in the log of a CI run, a line now and then of what a run of minutes is at. Used by
 * engine and cli only: library code never logs. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum progress_style {
	PROGRESS_NONE,
	PROGRESS_BAR,	/* for a terminal */
	PROGRESS_LINES, /* for a log */
} progress_style;

/* How progress is shown through a whole run: a run of many short jobs is a long one to its log. */
typedef struct progress_show {
	progress_style style;
	gint64 next_line; /* monotonic microseconds: before it, a log gets no line */
} progress_show;

/* Begins a run now. */
void progress_show_init(progress_show *s, progress_style style);

typedef struct progress progress;

/* `title` is copied ("Parsing"). total 0: unknown. `show` is borrowed. */
progress *progress_new(const char *title, guint64 total, progress_show *show);
void progress_update(progress *p, guint64 done);
/* Ends the line if one was shown. NULL is fine. */
void progress_free(progress *p);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(progress, progress_free)
