/* A series after it was applied. */
#include "model/series.h"

#include <string.h>

series *series_new(const char *name)
{
	series *s = g_new0(series, 1);
	s->name = g_strdup(name);
	s->specs = g_ptr_array_new_with_free_func(g_free);
	s->commits = g_ptr_array_new_with_free_func((GDestroyNotify)series_commit_free);
	s->rejects = g_ptr_array_new_with_free_func((GDestroyNotify)reject_free);
	s->notes = g_ptr_array_new_with_free_func(g_free);
	return s;
}

void series_free(series *s)
{
	if (!s)
		return;
	g_free(s->name);
	g_ptr_array_unref(s->specs);
	g_ptr_array_unref(s->commits);
	g_ptr_array_unref(s->rejects);
	g_ptr_array_unref(s->notes);
	g_clear_pointer(&s->changes, g_ptr_array_unref);
	g_free(s);
}

series_commit *series_commit_new(void)
{
	return g_new0(series_commit, 1);
}

static void clear_path_step(gpointer data)
{
	path_step *s = data;
	g_free(s->path);
	g_clear_pointer(&s->hunks, g_array_unref);
}

GArray *path_steps_new(void)
{
	GArray *steps = g_array_new(FALSE, FALSE, sizeof(path_step));
	g_array_set_clear_func(steps, clear_path_step);
	return steps;
}

void series_commit_free(series_commit *c)
{
	if (!c)
		return;
	g_free(c->subject);
	g_free(c->message);
	person_clear(&c->author);
	g_free(c->message_id);
	g_free(c->origin);
	g_free(c->patch_id);
	g_clear_pointer(&c->steps, g_array_unref);
	g_free(c);
}

reject *reject_new(void)
{
	return g_new0(reject, 1);
}

void reject_free(reject *r)
{
	if (!r)
		return;
	g_free(r->path);
	g_free(r->origin);
	g_free(r->difference);
	g_free(r);
}

static void clear_change_hunk(gpointer data)
{
	change_hunk *h = data;
	g_free(h->old_patch);
	g_free(h->new_patch);
}

file_change *file_change_new(const char *path)
{
	file_change *c = g_new0(file_change, 1);
	c->path = g_strdup(path);
	c->status = CHANGE_MODIFIED;
	c->hunks = g_array_new(FALSE, TRUE, sizeof(change_hunk));
	g_array_set_clear_func(c->hunks, clear_change_hunk);
	return c;
}

void file_change_free(file_change *c)
{
	if (!c)
		return;
	g_free(c->path);
	g_array_unref(c->hunks);
	g_free(c);
}

const file_change *series_change(const series *s, const char *path)
{
	guint low = 0, high = s->changes ? s->changes->len : 0;
	while (low < high) {
		guint middle = low + (high - low) / 2;
		const file_change *c = g_ptr_array_index(s->changes, middle);
		int order = strcmp(path, c->path);
		if (!order)
			return c;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

unsigned file_change_patch_of_new(const file_change *c, unsigned line)
{
	for (guint i = 0; i < c->hunks->len; i++) {
		const change_hunk *h = &g_array_index(c->hunks, change_hunk, i);
		if (h->new_count && h->new_start <= line && line < h->new_start + h->new_count)
			return h->new_patch ? h->new_patch[line - h->new_start] : 0;
	}
	return 0;
}

unsigned file_change_patch_of_old(const file_change *c, unsigned line)
{
	for (guint i = 0; i < c->hunks->len; i++) {
		const change_hunk *h = &g_array_index(c->hunks, change_hunk, i);
		if (h->old_count && h->old_start <= line && line < h->old_start + h->old_count)
			return h->old_patch ? h->old_patch[line - h->old_start] : 0;
	}
	return 0;
}

bool file_change_touches_new(const file_change *c, unsigned first, unsigned last)
{
	for (guint i = 0; i < c->hunks->len; i++) {
		const change_hunk *h = &g_array_index(c->hunks, change_hunk, i);
		if (h->new_count && h->new_start <= last && first < h->new_start + h->new_count)
			return true;
		/* A deletion strictly inside the range touches it. */
		if (!h->new_count && first <= h->new_start && h->new_start < last)
			return true;
	}
	return false;
}

bool file_change_touches_old(const file_change *c, unsigned first, unsigned last)
{
	for (guint i = 0; i < c->hunks->len; i++) {
		const change_hunk *h = &g_array_index(c->hunks, change_hunk, i);
		if (h->old_count && h->old_start <= last && first < h->old_start + h->old_count)
			return true;
		/* An insertion strictly inside the range touches it. */
		if (!h->old_count && first <= h->old_start && h->old_start < last)
			return true;
	}
	return false;
}
