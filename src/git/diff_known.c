/* Differences that need not be looked for. */
#include "git/diff_known.h"

#include <string.h>

#include "git/diff_shorten.h"
#include "model/series.h"

/* Lines are told apart by a key first; see diff_line_key. */
#define KEY_BITS 12u
#define KEYS (1u << KEY_BITS)
#define COUNT_MAX 255u

typedef enum fate {
	LINE_KEPT,
	LINE_REMOVED,
	LINE_ADDED,
} fate;

/* A line that went or came. */
typedef struct changed_line {
	span text;
	guint32 next; /* another one of the same key, as in `first` */
	fate fate;
} changed_line;

/* A line that stays. */
typedef struct common_line {
	span text;
	guint16 key;
} common_line;

typedef struct known_diff {
	GArray *changed;     /* changed_line */
	GArray *common;	     /* common_line */
	GArray *segments;    /* guint: where in `common` the lines behind each hunk begin */
	guint32 first[KEYS]; /* in `changed`, from 1; 0: no changed line has this key */
	guint8 count[KEYS];  /* how many common lines have it, at most COUNT_MAX */
	size_t compared;     /* lines that may still be compared: a byte of text each */
} known_diff;

static guint16 key_of(span line)
{
	return (guint16)(diff_line_key(line.at, line.len) & (KEYS - 1));
}

/* Takes the next line off `rest`; false at the end. */
static bool next_line(span *rest, span *line)
{
	if (!rest->len)
		return false;
	const char *newline = memchr(rest->at, '\n', rest->len);
	*line = (span){rest->at, newline ? (size_t)(newline - rest->at) + 1 : rest->len};
	rest->at += line->len;
	rest->len -= line->len;
	return true;
}

static bool equal(span a, span b)
{
	return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

/* True when the line stands among the changed ones that have another fate. */
static bool is_elsewhere(known_diff *d, span line, guint16 key, fate own)
{
	for (guint32 n = d->first[key]; n;) {
		const changed_line *c = &g_array_index(d->changed, changed_line, n - 1);
		if (!d->compared)
			return true; /* for all that is known */
		d->compared--;
		if (c->fate != own && equal(c->text, line))
			return true;
		n = c->next;
	}
	return false;
}

static bool add_changed(known_diff *d, span *rest, unsigned count, fate own)
{
	for (unsigned i = 0; i < count; i++) {
		changed_line c = {.fate = own};
		if (!next_line(rest, &c.text))
			return false;
		guint16 key = key_of(c.text);
		if (is_elsewhere(d, c.text, key, own))
			return false;
		c.next = d->first[key];
		g_array_append_val(d->changed, c);
		d->first[key] = d->changed->len;
	}
	return true;
}

/* `count` lines that are the same in both. */
static bool add_common(known_diff *d, span *a, span *b, unsigned count)
{
	const char *from = a->at;
	for (unsigned i = 0; i < count; i++) {
		common_line c;
		if (!next_line(a, &c.text))
			return false;
		c.key = key_of(c.text);
		if (d->count[c.key] < COUNT_MAX)
			d->count[c.key]++;
		g_array_append_val(d->common, c);
	}
	size_t len = (size_t)(a->at - from);
	if (len > b->len || (len && memcmp(from, b->at, len) != 0))
		return false;
	b->at += len;
	b->len -= len;
	return true;
}

/* Takes both texts apart along the hunks; false when they do not fit, or a line is on both sides.
 */
static bool take_apart(known_diff *d, span a, span b, const GArray *hunks)
{
	unsigned line = 0; /* of the old text, where `a` stands */
	for (guint i = 0; i < hunks->len; i++) {
		const change_hunk *h = &g_array_index(hunks, change_hunk, i);
		unsigned at = h->old_count ? h->old_start - 1 : h->old_start;
		/* What touches would be one hunk. */
		if (at < line || (i && at == line) || !add_common(d, &a, &b, at - line) ||
			!add_changed(d, &a, h->old_count, LINE_REMOVED) ||
			!add_changed(d, &b, h->new_count, LINE_ADDED))
			return false;
		line = at + h->old_count;
		g_array_append_val(d->segments, d->common->len);
	}
	unsigned left = text_count_lines(a);
	return add_common(d, &a, &b, left) && !b.len;
}

/* xdl_bogosqrt: how often a line must stand in a text of so many lines to count as often. */
static unsigned often(unsigned lines)
{
	unsigned root = 1;
	for (; lines; lines >>= 2)
		root <<= 1;
	return MIN(root, COUNT_MAX);
}

/* True when between every two hunks there is a line that does not stand often. */
static bool has_rare_lines(const known_diff *d)
{
	guint added = 0;
	for (guint i = 0; i < d->changed->len; i++)
		added += g_array_index(d->changed, changed_line, i).fate == LINE_ADDED;
	guint removed = d->changed->len - added;
	unsigned limit = often(d->common->len + MIN(added, removed));
	for (guint i = 0; i + 1 < d->segments->len; i++) {
		guint at = g_array_index(d->segments, guint, i);
		guint end = g_array_index(d->segments, guint, i + 1);
		while (at < end && d->count[g_array_index(d->common, common_line, at).key] >= limit)
			at++;
		if (at == end)
			return false;
	}
	return true;
}

static bool check(known_diff *d, span a, span b, const GArray *hunks)
{
	d->compared = a.len + b.len;
	if (!take_apart(d, a, b, hunks) || !has_rare_lines(d))
		return false;
	for (guint i = 0; i < d->common->len; i++) {
		const common_line *c = &g_array_index(d->common, common_line, i);
		if (d->first[c->key] && is_elsewhere(d, c->text, c->key, LINE_KEPT))
			return false;
	}
	return true;
}

bool diff_is_forced(span old_text, span new_text, const GArray *hunks)
{
	known_diff *d = g_new0(known_diff, 1);
	d->changed = g_array_new(FALSE, FALSE, sizeof(changed_line));
	d->common = g_array_sized_new(
		FALSE, FALSE, sizeof(common_line), (guint)MIN(old_text.len / 24 + 16, G_MAXINT32));
	d->segments = g_array_new(FALSE, FALSE, sizeof(guint));
	bool forced = hunks->len && check(d, old_text, new_text, hunks);
	g_array_unref(d->changed);
	g_array_unref(d->common);
	g_array_unref(d->segments);
	g_free(d);
	return forced;
}
