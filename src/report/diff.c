/* What the parties' patches do at the places of a finding, as unified differences. */
#include "report/diff.h"

#include <string.h>

#include "base/text.h"

/* Lines around a hunk, as git shows them. */
#define CONTEXT 3u

/* A hunk of a path with the place that it was chosen for. */
typedef struct chosen {
	const file_change *change;
	guint hunk;	      /* index in change->hunks */
	unsigned first, last; /* lines of the tip that the finding names; 0: all */
} chosen;

/* Both texts of a changed path. */
typedef struct texts {
	GBytes *old_bytes, *new_bytes;
	line_index old, new;
} texts;

/* A piece of a file: lines first..last, none when last < first. */
typedef struct piece {
	unsigned first, last;
} piece;

static unsigned piece_lines(piece p)
{
	return p.last < p.first ? 0 : p.last - p.first + 1;
}

/* --- which hunks --- */

/* Lines at the gap that a pure deletion leaves count as its place. */
static bool overlaps(unsigned start, unsigned count, const location *l)
{
	if (!l->line)
		return true;
	unsigned end = MAX(l->line, l->end_line);
	if (!count)
		return l->line <= start + 1 && end >= start;
	return l->line < start + count && end >= start;
}

static bool is_chosen(const GArray *list, const file_change *change, guint h)
{
	for (guint i = 0; i < list->len; i++) {
		const chosen *c = &g_array_index(list, chosen, i);
		if (c->change == change && c->hunk == h)
			return true;
	}
	return false;
}

/* The hunks at the side's places, in the order of the places; at most `most`, *all says how many
 * there are. The caller's. */
static GArray *choose(const series *s, const finding *f, int index, guint most, guint *all)
{
	GArray *list = g_array_new(FALSE, TRUE, sizeof(chosen));
	for (guint i = 0; i < f->locations->len; i++) {
		const location *l = g_ptr_array_index(f->locations, i);
		const file_change *change =
			l->series == index && l->path && l->at != AT_MERGED && s->changes
				? series_change(s, l->path)
				: NULL;
		for (guint h = 0; change && h < change->hunks->len; h++) {
			const change_hunk *one = &g_array_index(change->hunks, change_hunk, h);
			bool base = l->at == AT_BASE;
			if (!overlaps(base ? one->old_start : one->new_start,
				    base ? one->old_count : one->new_count, l) ||
				is_chosen(list, change, h))
				continue;
			chosen c = {change, h, base ? 0 : l->line,
				base ? 0 : MAX(l->line, l->end_line)};
			g_array_append_val(list, c);
		}
	}
	*all = list->len;
	g_array_set_size(list, MIN(list->len, most));
	return list;
}

static gint compare_chosen(gconstpointer va, gconstpointer vb)
{
	const chosen *a = va, *b = vb;
	int order = strcmp(a->change->path, b->change->path);
	return order ? order : a->hunk < b->hunk ? -1 : a->hunk > b->hunk;
}

/* --- their text --- */

static void texts_clear(texts *t)
{
	if (t->old.text)
		line_index_clear(&t->old);
	if (t->new.text)
		line_index_clear(&t->new);
	g_clear_pointer(&t->old_bytes, g_bytes_unref);
	g_clear_pointer(&t->new_bytes, g_bytes_unref);
}

static bool read_one(GBytes **bytes, line_index *ix, const oid *blob, const report_options *options)
{
	if (oid_is_zero(blob)) {
		line_index_init(ix, "", 0);
		return true;
	}
	*bytes = options->read(blob, options->read_data);
	if (!*bytes)
		return false;
	gsize len;
	const char *text = g_bytes_get_data(*bytes, &len);
	if (text_is_binary(text ? text : "", len))
		return false;
	line_index_init(ix, text ? text : "", len);
	return true;
}

static bool read_texts(texts *t, const file_change *change, const report_options *options)
{
	*t = (texts){0};
	if (read_one(&t->old_bytes, &t->old, &change->old_oid, options) &&
		read_one(&t->new_bytes, &t->new, &change->new_oid, options))
		return true;
	texts_clear(t);
	return false;
}

static void put_line(GString *out, char mark, const line_index *ix, unsigned n)
{
	span line = line_index_get(ix, n);
	size_t len = line.len;
	while (len && (line.at[len - 1] == '\n' || line.at[len - 1] == '\r'))
		len--;
	g_autofree char *printable = text_printable(len ? line.at : "", len);
	g_string_append_printf(out, "%c%s\n", mark, printable);
}

static void put_lines(GString *out, char mark, const line_index *ix, piece p)
{
	for (unsigned n = p.first; n <= p.last && p.last <= ix->count; n++)
		put_line(out, mark, ix, n);
}

static void put_range(GString *out, char mark, piece p)
{
	unsigned n = piece_lines(p);
	g_string_append_printf(out, "%c%u", mark, n ? p.first : p.first ? p.first - 1 : 0);
	if (n != 1)
		g_string_append_printf(out, ",%u", n);
}

/* The part of `p` with at most `room` lines, around first..last where that is given. */
static piece clip(piece p, unsigned first, unsigned last, unsigned room)
{
	if (piece_lines(p) <= room)
		return p;
	piece part = p;
	if (first > p.first + CONTEXT)
		part.first = MIN(first - CONTEXT, p.last - room + 1);
	unsigned end = last ? MAX(last, part.first) + CONTEXT : p.last;
	part.last = MIN(MIN(p.last, end), part.first + room - 1);
	return part;
}

/* Context before and after a hunk stops at the neighbouring hunks of the same file. */
static piece lead_of(const file_change *change, guint h, const line_index *new)
{
	const change_hunk *one = &g_array_index(change->hunks, change_hunk, h);
	const change_hunk *before = h ? one - 1 : NULL;
	unsigned first = one->new_count ? one->new_start : one->new_start + 1;
	unsigned bound = 1;
	if (before)
		bound = before->new_count ? before->new_start + before->new_count
					  : before->new_start + 1;
	unsigned from = first > CONTEXT ? first - CONTEXT : 1;
	piece p = {MAX(from, bound), first - 1};
	p.last = MIN(p.last, (unsigned)new->count);
	return p;
}

static piece trail_of(const file_change *change, guint h, const line_index *new)
{
	const change_hunk *one = &g_array_index(change->hunks, change_hunk, h);
	const change_hunk *next = h + 1 < change->hunks->len ? one + 1 : NULL;
	unsigned after = one->new_count ? one->new_start + one->new_count : one->new_start + 1;
	unsigned bound = (unsigned)new->count;
	if (next)
		bound = next->new_count ? next->new_start - 1 : next->new_start;
	return (piece){after, MIN(bound, after + CONTEXT - 1)};
}

/* One hunk in at most `room` lines. *shown_to is the last line of the new text that stands above
 * already. Returns how many lines were used. */
static unsigned put_hunk(
	GString *out, const texts *t, const chosen *c, unsigned room, unsigned *shown_to)
{
	const change_hunk *h = &g_array_index(c->change->hunks, change_hunk, c->hunk);
	unsigned old_first = h->old_count ? h->old_start : h->old_start + 1;
	unsigned new_first = h->new_count ? h->new_start : h->new_start + 1;
	piece old = {old_first, old_first + h->old_count - 1};
	piece new = {new_first, new_first + h->new_count - 1};
	/* What was there and what takes its place share the room; lines that one half does not
	 * need are the other's. */
	unsigned half = MAX(room / 2, room - MIN(room, piece_lines(new)));
	piece gone = clip(old, 0, 0, half);
	piece come = clip(new, c->first, c->last, room - MIN(room, piece_lines(gone)));
	unsigned left = piece_lines(old) - piece_lines(gone) + piece_lines(new) - piece_lines(come);
	/* Context stands only beside lines that are shown to their end. */
	piece lead = lead_of(c->change, c->hunk, &t->new);
	piece trail = trail_of(c->change, c->hunk, &t->new);
	lead.first = MAX(lead.first, *shown_to + 1);
	if (come.first != new.first || lead.last < lead.first)
		lead.last = lead.first - 1;
	if (come.last != new.last)
		trail.last = trail.first - 1;
	*shown_to = MAX(come.last, trail.last);
	unsigned before = piece_lines(lead), after = piece_lines(trail);
	piece old_range = {gone.first - before, gone.last + after};
	piece new_range = {come.first - before, come.last + after};
	g_string_append(out, "@@ ");
	put_range(out, '-', old_range);
	g_string_append_c(out, ' ');
	put_range(out, '+', new_range);
	g_string_append(out, " @@\n");
	put_lines(out, ' ', &t->new, lead);
	put_lines(out, '-', &t->old, gone);
	put_lines(out, '+', &t->new, come);
	put_lines(out, ' ', &t->new, trail);
	if (left)
		g_string_append_printf(
			out, "# %u more %s of this hunk\n", left, left == 1 ? "line" : "lines");
	return piece_lines(gone) + piece_lines(come);
}

static void put_names(GString *out, const file_change *change)
{
	g_autofree char *path = text_printable(change->path, strlen(change->path));
	g_strdelimit(path, "\t\n", ' ');
	g_string_append_printf(out, "--- %s%s\n", change->status == CHANGE_ADDED ? "" : "a/",
		change->status == CHANGE_ADDED ? "/dev/null" : path);
	g_string_append_printf(out, "+++ %s%s\n", change->status == CHANGE_DELETED ? "" : "b/",
		change->status == CHANGE_DELETED ? "/dev/null" : path);
}

bool diff_of_side(
	GString *out, const mediation *m, const finding *f, int side, const report_options *options)
{
	if (!options || !options->read || side < 0 || (guint)side >= m->series->len)
		return false;
	guint all;
	g_autoptr(GArray) list =
		choose(g_ptr_array_index(m->series, side), f, side, DIFF_MOST_HUNKS, &all);
	g_array_sort(list, compare_chosen);
	const file_change *named = NULL;
	unsigned room = DIFF_MOST_LINES, shown_to = 0;
	guint shown = 0;
	for (guint i = 0; i < list->len && room; i++) {
		const chosen *c = &g_array_index(list, chosen, i);
		texts t;
		if (!read_texts(&t, c->change, options))
			continue;
		if (named != c->change) {
			put_names(out, c->change);
			shown_to = 0;
		}
		named = c->change;
		unsigned used = put_hunk(out, &t, c, room, &shown_to);
		room -= MIN(room, used);
		texts_clear(&t);
		shown++;
	}
	if (shown && shown < all)
		g_string_append_printf(
			out, "# %u more %s\n", all - shown, all - shown == 1 ? "hunk" : "hunks");
	return shown;
}
