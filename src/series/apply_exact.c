/* Hunks that all stand at the very lines they name. What is exact is git's rule, as in
 * apply_text.c. */
#include "series/apply_exact.h"

#include <string.h>

void running_edit_begin(running_edit *e, unsigned old_lines)
{
	text_edit_clear(&e->edit);
	*e = (running_edit){.edit = {g_array_new(FALSE, FALSE, sizeof(change_hunk)), old_lines}};
}

void running_edit_note(running_edit *e, const hunk *h, guint cut_front, guint cut_back, guint place)
{
	if (!e->edit.hunks || place < e->end) {
		text_edit_clear(&e->edit);
		return;
	}
	guint total = h->lines->len - cut_front - cut_back;
	const hunk_line *lines = (const hunk_line *)(const void *)h->lines->data + cut_front;
	guint old_at = (guint)(place - e->grown), new_at = place;
	for (guint i = 0; i < total;) {
		change_hunk c = {0};
		for (; i < total && lines[i].kind != HUNK_CONTEXT; i++) {
			c.old_count += lines[i].kind == HUNK_DELETE;
			c.new_count += lines[i].kind == HUNK_ADD;
		}
		if (!c.old_count && !c.new_count) {
			i++;
			old_at++;
			new_at++;
			continue;
		}
		c.old_start = c.old_count ? old_at + 1 : old_at;
		c.new_start = c.new_count ? new_at + 1 : new_at;
		g_array_append_val(e->edit.hunks, c);
		old_at += c.old_count;
		new_at += c.new_count;
		e->grown += (gint64)c.new_count - c.old_count;
	}
	e->end = new_at;
}

/* Where reading and writing stand. */
typedef struct walk {
	const char *at, *end; /* of the old text */
	const char *copied;   /* up to here it is in `to` */
	guint line;	      /* of `at`, from 0 */
	char *to;
} walk;

static bool skip_to_line(walk *w, guint line)
{
	for (; w->line < line && w->at < w->end; w->line++) {
		const char *newline = memchr(w->at, '\n', (size_t)(w->end - w->at));
		w->at = newline ? newline + 1 : w->end;
	}
	return w->line == line;
}

static bool is_next(const walk *w, span line)
{
	return line.len && line.len <= (size_t)(w->end - w->at) &&
	       !memcmp(w->at, line.at, line.len) &&
	       (line.at[line.len - 1] == '\n' || w->at + line.len == w->end);
}

static void put(walk *w, const char *from, size_t len)
{
	if (len)
		memcpy(w->to, from, len);
	w->to += len;
}

/* The hunk's lines from `at` on. */
static bool walk_hunk(walk *w, const hunk *h)
{
	bool ends = true, open = false; /* no context behind; its last new line has no newline */
	for (guint i = 0; i < h->lines->len; i++) {
		const hunk_line *line = &g_array_index(h->lines, hunk_line, i);
		ends = line->kind != HUNK_CONTEXT;
		if (line->kind != HUNK_DELETE)
			open = line->no_newline;
		if (line->kind == HUNK_ADD) {
			put(w, w->copied, (size_t)(w->at - w->copied));
			w->copied = w->at;
			put(w, line->text.at, line->text.len);
			continue;
		}
		if (!is_next(w, line->text))
			return false;
		if (line->kind == HUNK_DELETE)
			put(w, w->copied, (size_t)(w->at - w->copied));
		w->at += line->text.len;
		w->line++;
		if (line->kind == HUNK_DELETE)
			w->copied = w->at;
	}
	return !(ends || open) || w->at == w->end;
}

static bool apply_all(walk *w, const GPtrArray *hunks, running_edit *e)
{
	for (guint i = 0; i < hunks->len; i++) {
		const hunk *h = g_ptr_array_index(hunks, i);
		/* A hunk that leaves nothing names the line before it. */
		guint place = h->new_count && h->new_start ? h->new_start - 1 : h->new_start;
		gint64 line = (gint64)place - e->grown;
		bool blind = !h->old_count && h->old_start;
		if (blind || (h->old_start <= 1 && place) || line < w->line ||
			!skip_to_line(w, (guint)line) || !walk_hunk(w, h))
			return false;
		running_edit_note(e, h, 0, 0, place);
	}
	return true;
}

/* Room for the old text and everything that is added. */
static size_t most_bytes(size_t old_size, const GPtrArray *hunks)
{
	size_t most = old_size + 1;
	for (guint i = 0; i < hunks->len; i++) {
		const hunk *h = g_ptr_array_index(hunks, i);
		for (guint k = 0; k < h->lines->len; k++) {
			const hunk_line *line = &g_array_index(h->lines, hunk_line, k);
			most += line->kind == HUNK_ADD ? line->text.len : 0;
		}
	}
	return most;
}

GBytes *text_apply_exact(GBytes *old, const GPtrArray *hunks, running_edit *e)
{
	size_t size;
	const char *text = g_bytes_get_data(old, &size);
	if (!hunks->len)
		return NULL;
	char *made = g_malloc(most_bytes(size, hunks));
	walk w = {.at = text, .end = text + size, .copied = text, .to = made};
	running_edit_begin(e, 0);
	if (!apply_all(&w, hunks, e)) {
		text_edit_clear(&e->edit);
		g_free(made);
		return NULL;
	}
	put(&w, w.copied, (size_t)(w.end - w.copied));
	skip_to_line(&w, G_MAXUINT);
	e->edit.old_lines = w.line;
	size_t len = (size_t)(w.to - made);
	return g_bytes_new_take(g_realloc(made, len + 1), len);
}
