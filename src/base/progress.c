/* Progress on stderr for jobs over a second. */
#include "base/progress.h"

#include <stdio.h>

struct progress {
	char *title;
	guint64 total;
	gint64 start; /* monotonic microseconds */
	gint64 last;
	bool show;
	bool shown;
};

/* git's own delay: what is done in a second needs no bar. */
#define PROGRESS_DELAY_US G_TIME_SPAN_SECOND
#define PROGRESS_EVERY_US (G_TIME_SPAN_SECOND / 10)

progress *progress_new(const char *title, guint64 total, bool show)
{
	progress *p = g_new0(progress, 1);
	p->title = g_strdup(title);
	p->total = total;
	p->start = g_get_monotonic_time();
	p->show = show;
	return p;
}

void progress_update(progress *p, guint64 done)
{
	if (!p || !p->show)
		return;
	gint64 now = g_get_monotonic_time();
	if (now - p->start < PROGRESS_DELAY_US)
		return;
	if (now - p->last < PROGRESS_EVERY_US && done != p->total)
		return;
	p->last = now;
	p->shown = true;
	if (p->total)
		fprintf(stderr, "\r%s: %3u%% (%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT ")", p->title,
			(unsigned)(done * 100 / p->total), done, p->total);
	else
		fprintf(stderr, "\r%s: %" G_GUINT64_FORMAT, p->title, done);
	fflush(stderr);
}

void progress_free(progress *p)
{
	if (!p)
		return;
	if (p->shown)
		fputs(", done.\n", stderr);
	g_free(p->title);
	g_free(p);
}
