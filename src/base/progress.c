/* Progress on stderr. */
#include "base/progress.h"

#include <stdio.h>

struct progress {
	char *title;
	guint64 total;
	progress_show *show;
	gint64 start; /* monotonic microseconds */
	gint64 last;
	bool shown; /* a line of a terminal is open */
};

/* git's own delay: what is done in a second needs no bar. */
#define PROGRESS_DELAY_US G_TIME_SPAN_SECOND
#define PROGRESS_EVERY_US (G_TIME_SPAN_SECOND / 10)
/* Between the lines of a log, and before the first: runs of a few seconds stay silent, one of ten
 * minutes leaves twenty lines. */
#define PROGRESS_LINE_EVERY_US (30 * G_TIME_SPAN_SECOND)

void progress_show_init(progress_show *s, progress_style style)
{
	*s = (progress_show){style, g_get_monotonic_time() + PROGRESS_LINE_EVERY_US};
}

progress *progress_new(const char *title, guint64 total, progress_show *show)
{
	progress *p = g_new0(progress, 1);
	p->title = g_strdup(title);
	p->total = total;
	p->show = show;
	p->start = g_get_monotonic_time();
	return p;
}

static void put(const progress *p, guint64 done)
{
	if (p->total)
		fprintf(stderr, "%s: %3u%% (%" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT ")", p->title,
			(unsigned)(done * 100 / p->total), done, p->total);
	else
		fprintf(stderr, "%s: %" G_GUINT64_FORMAT, p->title, done);
}

static void update_bar(progress *p, guint64 done, gint64 now)
{
	if (now - p->start < PROGRESS_DELAY_US)
		return;
	if (now - p->last < PROGRESS_EVERY_US && done != p->total)
		return;
	p->last = now;
	p->shown = true;
	fputc('\r', stderr);
	put(p, done);
	fflush(stderr);
}

static void update_log(const progress *p, guint64 done, gint64 now)
{
	if (now < p->show->next_line)
		return;
	p->show->next_line = now + PROGRESS_LINE_EVERY_US;
	put(p, done);
	fputc('\n', stderr);
	fflush(stderr);
}

void progress_update(progress *p, guint64 done)
{
	if (!p || p->show->style == PROGRESS_NONE)
		return;
	gint64 now = g_get_monotonic_time();
	if (p->show->style == PROGRESS_BAR)
		update_bar(p, done, now);
	else
		update_log(p, done, now);
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
