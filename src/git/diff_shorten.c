/* Two texts made shorter in such a way that xdiff finds the same difference in them. */
#include "git/diff_shorten.h"

#include <string.h>

/* Lines kept beyond the one that stops sliding: xdiff looks past 20 blank lines and one more for
 * the indentation around a group. */
#define CONTEXT 24u
/* With less outside the window there is nothing to win. */
#define SHORTEN_WORTH ((size_t)2 << 10)

#define KEYS (1u << DIFF_KEY_BITS)
#define IN_WINDOW 0x80u
#define COUNT_MAX 2u

/* What all lines that are not needed become. No line of text is this one; should it be, the texts
 * are not shortened. */
static const char filler[] = "\x01\n";
#define FILLER_BYTES (sizeof filler - 1)

typedef struct line {
	guint32 at, len;
	guint16 key;
} line;

/* The lines equal on both sides, before or behind the window. */
typedef struct side {
	const char *text;
	GArray *lines;	  /* line */
	guint first, end; /* the lines of it that stay as they are */
} side;

typedef struct shortening {
	guint8 keys[KEYS]; /* how often a key was seen, to COUNT_MAX, and IN_WINDOW */
	side front, back;
	span old_window, new_window;
	unsigned old_lines, new_lines; /* of the windows */
	bool has_filler;
} shortening;

/* Compared first in blocks of this many bytes, then byte by byte. */
#define EQUAL_BLOCK ((size_t)64)

static size_t equal_begin(const char *a, const char *b, size_t len)
{
	size_t equal = 0;
	while (len - equal >= EQUAL_BLOCK && !memcmp(a + equal, b + equal, EQUAL_BLOCK))
		equal += EQUAL_BLOCK;
	while (equal < len && a[equal] == b[equal])
		equal++;
	return equal;
}

/* The same before `a` and `b`, which are ends. */
static size_t equal_end(const char *a, const char *b, size_t len)
{
	size_t equal = 0;
	while (len - equal >= EQUAL_BLOCK &&
		!memcmp(a - equal - EQUAL_BLOCK, b - equal - EQUAL_BLOCK, EQUAL_BLOCK))
		equal += EQUAL_BLOCK;
	while (equal < len && a[-1 - (ptrdiff_t)equal] == b[-1 - (ptrdiff_t)equal])
		equal++;
	return equal;
}

void text_equal_sides(size_t *front, size_t *back, span a, span b)
{
	size_t shared = MIN(a.len, b.len), begin = 0, end = 0;
	if (shared)
		begin = equal_begin(a.at, b.at, shared);
	while (begin && a.at[begin - 1] != '\n')
		begin--;
	if (shared > begin)
		end = equal_end(a.at + a.len, b.at + b.len, shared - begin);
	/* Back to a line's start on both sides. */
	while (end && !((a.len == end || a.at[a.len - end - 1] == '\n') &&
			      (b.len == end || b.at[b.len - end - 1] == '\n')))
		end--;
	*front = begin;
	*back = end;
}

static const char *line_end(const char *at, const char *end)
{
	const char *newline = memchr(at, '\n', (size_t)(end - at));
	return newline ? newline + 1 : end;
}

unsigned text_count_lines(span text)
{
	unsigned count = 0;
	for (const char *at = text.at, *end = at + text.len; at < end; count++)
		at = line_end(at, end);
	return count;
}

guint16 diff_line_key(const char *at, size_t len)
{
	guint64 middle = 0, last = 0;
	memcpy(&last, len > sizeof last ? at + len - sizeof last : at, MIN(len, sizeof last));
	memcpy(&middle, at + (len > sizeof middle ? (len - sizeof middle) / 2 : 0),
		MIN(len, sizeof middle));
	guint64 mixed = last * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15) ^
			(middle + len) * G_GUINT64_CONSTANT(0xc2b2ae3d27d4eb4f);
	mixed *= G_GUINT64_CONSTANT(0x9fb21c651e98df25);
	return (guint16)(mixed >> (64 - DIFF_KEY_BITS));
}

static void count_key(shortening *s, guint16 key)
{
	if ((s->keys[key] & ~IN_WINDOW) < COUNT_MAX)
		s->keys[key]++;
}

static void read_side(shortening *s, side *to, const char *text, size_t len)
{
	to->text = text;
	to->lines = g_array_sized_new(FALSE, FALSE, sizeof(line), (guint)(len / 24 + 16));
	line block[64];
	guint filled = 0;
	for (const char *at = text, *end = text + len; at < end;) {
		const char *next = line_end(at, end);
		size_t size = (size_t)(next - at);
		line l = {(guint32)(at - text), (guint32)size, diff_line_key(at, size)};
		count_key(s, l.key);
		block[filled++] = l;
		if (filled == G_N_ELEMENTS(block)) {
			g_array_append_vals(to->lines, block, filled);
			filled = 0;
		}
		at = next;
	}
	g_array_append_vals(to->lines, block, filled);
}

static bool is_filler(const char *at, size_t len)
{
	return len == FILLER_BYTES && !memcmp(at, filler, FILLER_BYTES);
}

static unsigned read_window(shortening *s, span window)
{
	unsigned count = 0;
	for (const char *at = window.at, *end = at + window.len; at < end; count++) {
		const char *next = line_end(at, end);
		size_t size = (size_t)(next - at);
		guint16 key = diff_line_key(at, size);
		count_key(s, key);
		s->keys[key] |= IN_WINDOW;
		s->has_filler = s->has_filler || is_filler(at, size);
		at = next;
	}
	return count;
}

static const line *side_line(const side *s, guint i)
{
	return &g_array_index(s->lines, line, i);
}

/* A key seen once, in a part that both texts have, is that of a line that each has once. */
static bool is_single(const shortening *s, const side *in, guint i)
{
	return s->keys[side_line(in, i)->key] == 1;
}

static void choose_kept(shortening *s)
{
	side *f = &s->front, *b = &s->back;
	guint first = f->lines->len;
	while (first && !is_single(s, f, first - 1))
		first--;
	f->first = first > CONTEXT ? first - CONTEXT : 0;
	f->end = f->lines->len;
	guint last = 0;
	while (last < b->lines->len && !is_single(s, b, last))
		last++;
	b->end = b->lines->len - last > CONTEXT ? last + CONTEXT : b->lines->len;
}

/* Adds what stays of a side; how many lines that are. */
static unsigned keep_lines(shortening *s, const side *from, GString *to)
{
	unsigned kept = 0;
	for (guint i = 0; i < from->lines->len;) {
		guint run = i;
		while (run < from->lines->len &&
			((run >= from->first && run < from->end) ||
				s->keys[side_line(from, run)->key] & IN_WINDOW)) {
			const line *l = side_line(from, run++);
			s->has_filler = s->has_filler || is_filler(from->text + l->at, l->len);
		}
		if (run > i) {
			const line *head = side_line(from, i), *tail = side_line(from, run - 1);
			g_string_append_len(to, from->text + head->at,
				(gssize)(tail->at + tail->len - head->at));
			kept += run - i;
		}
		i = run > i ? run : i + 1;
	}
	return kept;
}

/* The fewest lines for which xdl_bogosqrt answers as for `count`: it counts digits to the base of
 * four. */
static unsigned fewest_lines(unsigned count)
{
	unsigned least = count ? 1 : 0;
	for (count >>= 2; count; count >>= 2)
		least <<= 2;
	return least;
}

static unsigned fillers_needed(unsigned all, unsigned kept)
{
	unsigned least = fewest_lines(all);
	return least > kept ? least - kept : 0;
}

static void join(GString **out, const GString *front, span window, const GString *back)
{
	*out = g_string_sized_new(front->len + window.len + back->len + 1);
	g_string_append_len(*out, front->str, (gssize)front->len);
	g_string_append_len(*out, window.at, (gssize)window.len);
	g_string_append_len(*out, back->str, (gssize)back->len);
}

static bool build(shortening *s, short_texts *out)
{
	g_autoptr(GString) front = g_string_new(NULL);
	g_autoptr(GString) back = g_string_new(NULL);
	unsigned front_kept = keep_lines(s, &s->front, front);
	unsigned back_kept = keep_lines(s, &s->back, back);
	if (s->has_filler)
		return false;
	unsigned kept = front_kept + back_kept, all = s->front.lines->len + s->back.lines->len;
	unsigned needed = MAX(fillers_needed(all + s->old_lines, kept + s->old_lines),
		fillers_needed(all + s->new_lines, kept + s->new_lines));
	needed = MIN(needed, all - kept);
	/* The fillers stand in for lines that went: before the window if any did there, else
	 * behind. */
	bool before = front_kept < s->front.lines->len;
	if (before)
		front_kept += needed;
	else if (needed && back->len && back->str[back->len - 1] != '\n')
		return false;
	g_autoptr(GString) padding = g_string_sized_new(needed * FILLER_BYTES + 1);
	for (unsigned i = 0; i < needed; i++)
		g_string_append_len(padding, filler, FILLER_BYTES);
	if (before)
		g_string_prepend_len(front, padding->str, (gssize)padding->len);
	else
		g_string_append_len(back, padding->str, (gssize)padding->len);
	join(&out->old_text, front, s->old_window, back);
	join(&out->new_text, front, s->new_window, back);
	out->shift = s->front.lines->len - front_kept;
	return true;
}

bool diff_shorten(short_texts *out, span old_text, span new_text)
{
	size_t front, back;
	text_equal_sides(&front, &back, old_text, new_text);
	if (front + back < SHORTEN_WORTH || MAX(old_text.len, new_text.len) > G_MAXINT32)
		return false;
	shortening *s = g_new0(shortening, 1);
	s->old_window = (span){old_text.at + front, old_text.len - front - back};
	s->new_window = (span){new_text.at + front, new_text.len - front - back};
	s->old_lines = read_window(s, s->old_window);
	s->new_lines = read_window(s, s->new_window);
	read_side(s, &s->front, old_text.at, front);
	read_side(s, &s->back, old_text.at + old_text.len - back, back);
	choose_kept(s);
	bool ok = build(s, out);
	g_array_unref(s->front.lines);
	g_array_unref(s->back.lines);
	g_free(s);
	return ok;
}

void short_texts_clear(short_texts *s)
{
	if (s->old_text)
		g_string_free(s->old_text, TRUE);
	if (s->new_text)
		g_string_free(s->new_text, TRUE);
	s->old_text = s->new_text = NULL;
}
