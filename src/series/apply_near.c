/* Where a hunk that found no place would nearly fit, and what differs there. */
#include "series/apply_text.h"

#include <string.h>

#include "base/text.h"
#include "git/repo.h"

/* Hunks and texts beyond this are not compared line by line: the answer helps a person, and a
 * hostile patch must not buy minutes with it. */
#define NEAR_WORK_MAX ((guint64)32 << 20)
/* Lines of difference shown; more than a screen helps nobody. */
#define NEAR_LINES_SHOWN 40u

/* The lines a hunk expects, as one text. */
static GString *expected_text(const hunk *h)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < h->lines->len; i++) {
		const hunk_line *line = &g_array_index(h->lines, hunk_line, i);
		if (line->kind != HUNK_ADD)
			g_string_append_len(text, line->text.at, (gssize)line->text.len);
	}
	return text;
}

/* Lines like "}" or an empty one stand everywhere and say little about the place. */
static unsigned line_weight(span line)
{
	unsigned letters = 0;
	for (size_t i = 0; i < line.len && letters < 3; i++)
		letters += g_ascii_isalnum(line.at[i]) != 0;
	return letters >= 3 ? 4 : 1;
}

static bool spans_equal(span a, span b)
{
	return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

/* The start line (from 1) at which most of the expected lines stand, gaps aside: each equal pair of
 * lines votes for the start it implies. 0 when too little matches. */
static unsigned best_start(const line_index *text, const line_index *wanted, unsigned expected)
{
	if ((guint64)text->count * wanted->count > NEAR_WORK_MAX)
		return 0;
	g_autofree unsigned *votes = g_new0(unsigned, text->count + wanted->count + 1);
	unsigned possible = 0;
	for (size_t w = 1; w <= wanted->count; w++) {
		span line = line_index_get(wanted, w);
		unsigned weight = line_weight(line);
		possible += weight;
		for (size_t t = 1; t <= text->count; t++)
			if (spans_equal(line, line_index_get(text, t)))
				votes[t + wanted->count - w] += weight;
	}
	/* votes[s + count - 1] belongs to start s; starts before line 1 have lower indexes. */
	size_t best = 0;
	for (size_t i = 0; i < text->count + wanted->count; i++) {
		gint64 far = ABS((gint64)i - (gint64)(expected + wanted->count - 1));
		gint64 best_far = ABS((gint64)best - (gint64)(expected + wanted->count - 1));
		if (votes[i] > votes[best] || (votes[i] == votes[best] && far < best_far))
			best = i;
	}
	/* A third of what the hunk expects has to be there for the place to be worth a look. */
	if (!votes[best] || votes[best] * 3 < possible)
		return 0;
	return (unsigned)MAX((gint64)best - (gint64)wanted->count + 1, 1);
}

static void append_lines(
	GString *out, char sign, const line_index *from, size_t first, size_t count, unsigned *room)
{
	for (size_t i = first; i < first + count && *room; i++, (*room)--) {
		span line = line_index_get(from, i);
		g_autofree char *shown = text_printable(line.at, line.len);
		g_string_append_printf(out, "%c%s", sign, shown);
		if (out->str[out->len - 1] != '\n')
			g_string_append_c(out, '\n');
	}
}

static char *describe_difference(const line_index *wanted, const line_index *there)
{
	g_autoptr(GArray) hunks = NULL;
	if (!repo_diff_texts(&hunks, wanted->text, wanted->len, there->text, there->len, NULL))
		return NULL;
	GString *out = g_string_new(NULL);
	unsigned room = NEAR_LINES_SHOWN;
	for (guint i = 0; i < hunks->len; i++) {
		const change_hunk *h = &g_array_index(hunks, change_hunk, i);
		append_lines(out, '-', wanted, h->old_start, h->old_count, &room);
		append_lines(out, '+', there, h->new_start, h->new_count, &room);
	}
	return g_string_free(out, !out->len);
}

void text_nearest(near_place *out, GBytes *text, const hunk *h)
{
	*out = (near_place){0};
	size_t size;
	const char *data = g_bytes_get_data(text, &size);
	g_autoptr(GString) expected = expected_text(h);
	line_index all, wanted, there;
	line_index_init(&all, data ? data : "", size);
	line_index_init(&wanted, expected->str, expected->len);
	unsigned first = all.count && wanted.count ? best_start(&all, &wanted, h->old_start) : 0;
	if (first) {
		out->first = first;
		out->last = (unsigned)MIN(first + wanted.count - 1, all.count);
		size_t begin = all.start[first - 1], end = all.start[out->last];
		line_index_init(&there, data + begin, end - begin);
		out->difference = describe_difference(&wanted, &there);
		line_index_clear(&there);
	}
	line_index_clear(&all);
	line_index_clear(&wanted);
}
