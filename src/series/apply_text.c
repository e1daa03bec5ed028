/* Text hunks onto a text. The search for a place is git's (apply.c: apply_one_fragment, find_pos,
 * match_fragment), so that what git applies is applied at the same lines. */
#include "series/apply_text.h"
#include "series/apply_exact.h"

#include <string.h>

/* How many lines of context at each end must stay when context is reduced: git apply -C1, and
 * GNU patch's default fuzz of 2 on diffs with 3 lines. */
#define REDUCED_CONTEXT_MIN 1u

/* Lines compared or moved for one text. Real patches need a few thousand; a thousand hunks that all
 * stand ten thousand lines from where they say need twenty million; half a million equal lines and
 * a hunk of as many could keep the search busy for hours. Half a second; hunks left then find no
 * place. */
#define SEARCH_WORK_MAX ((guint64)64 << 20)

typedef struct image_line {
	const char *at;
	size_t len;   /* with the newline */
	bool patched; /* written or matched by an earlier hunk: git lets no later one match it */
	bool add_cr;  /* a CR goes before the newline (see PLACED_ENDINGS) */
	bool cut_cr;
} image_line;

/* The old lines of a hunk and where its context ends. */
typedef struct pattern {
	const hunk *h;
	image_line *old; /* context and deleted lines */
	guint old_count;
	guint leading, trailing;   /* context lines at either end */
	guint cut_front, cut_back; /* context lines left off */
	bool begin, end;	   /* must match at the begin or end of the text */
	bool ends_open;		   /* its last new line has no newline: only the end can take it */
	bool ignore_cr;
	guint expected; /* index of the line it should match */
	guint64 *work;	/* left of SEARCH_WORK_MAX, for all hunks of the text */
} pattern;

static GArray *image_new(GBytes *text)
{
	size_t size;
	const char *at = g_bytes_get_data(text, &size);
	GArray *image =
		g_array_sized_new(FALSE, FALSE, sizeof(image_line), (guint)(size / 24 + 16));
	/* Written in blocks: a call a line would cost as much as finding the line. */
	image_line block[64];
	guint filled = 0;
	for (const char *end = at + size; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *next = newline ? newline + 1 : end;
		block[filled++] = (image_line){.at = at, .len = (size_t)(next - at)};
		if (filled == G_N_ELEMENTS(block)) {
			g_array_append_vals(image, block, filled);
			filled = 0;
		}
		at = next;
	}
	g_array_append_vals(image, block, filled);
	return image;
}

static GBytes *image_text(const GArray *image)
{
	size_t size = 0;
	for (guint i = 0; i < image->len; i++)
		size += g_array_index(image, image_line, i).len + 1;
	char *text = g_malloc(size ? size : 1), *to = text;
	for (guint i = 0; i < image->len;) {
		/* Lines that are neighbours in memory are copied in one go. */
		const image_line *line = &g_array_index(image, image_line, i);
		const char *from = line->at;
		size_t len = 0;
		bool plain;
		do {
			plain = !line->add_cr && !line->cut_cr;
			len += line->len;
			line++;
			i++;
		} while (plain && i < image->len && line->at == from + len && !line->add_cr &&
			 !line->cut_cr);
		memcpy(to, from, len);
		to += len;
		if (!plain) {
			const image_line *last = line - 1;
			to -= last->cut_cr ? 2 : 1;
			if (last->add_cr)
				*to++ = '\r';
			*to++ = '\n';
		}
	}
	return g_bytes_new_take(text, (size_t)(to - text));
}

static void pattern_init(pattern *p, const hunk *h, guint64 *work)
{
	*p = (pattern){.h = h, .work = work};
	guint count = h->lines->len;
	p->old = g_new(image_line, count ? count : 1);
	bool before_change = true;
	for (guint i = 0; i < count; i++) {
		const hunk_line *line = &g_array_index(h->lines, hunk_line, i);
		if (line->kind == HUNK_CONTEXT) {
			p->leading += before_change;
			p->trailing++;
		} else {
			before_change = false;
			p->trailing = 0;
		}
		if (line->kind != HUNK_ADD)
			p->old[p->old_count++] =
				(image_line){.at = line->text.at, .len = line->text.len};
		if (line->kind != HUNK_DELETE)
			p->ends_open = line->no_newline;
	}
	/* A hunk at line 1 starts the file; one without trailing context ends it. */
	p->begin = h->old_start <= 1;
	p->end = !p->trailing;
	/* A hunk that leaves nothing names the line before it. */
	p->expected = h->new_count && h->new_start ? h->new_start - 1 : h->new_start;
}

static void pattern_clear(pattern *p)
{
	g_clear_pointer(&p->old, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(pattern, pattern_clear)

static bool ends_in_cr(const image_line *line)
{
	return line->len >= 2 && line->at[line->len - 1] == '\n' && line->at[line->len - 2] == '\r';
}

static bool lines_equal(const image_line *a, const image_line *b, bool ignore_cr)
{
	if (!ignore_cr || ends_in_cr(a) == ends_in_cr(b))
		return a->len == b->len && !memcmp(a->at, b->at, a->len);
	/* One ends in CRLF, the other must have the same text and LF. */
	const image_line *with = ends_in_cr(a) ? a : b, *without = ends_in_cr(a) ? b : a;
	return without->len + 1 == with->len && without->at[without->len - 1] == '\n' &&
	       !memcmp(with->at, without->at, without->len - 1);
}

static bool matches_at(const pattern *p, const GArray *image, guint at)
{
	guint count = p->old_count - p->cut_front - p->cut_back;
	if (at > image->len || count > image->len - at)
		return false;
	bool reaches_end = at + count == image->len;
	if ((p->begin && at) || (p->end && !reaches_end) || (p->ends_open && !reaches_end))
		return false;
	const image_line *lines = (const image_line *)(const void *)image->data + at;
	const image_line *old = p->old + p->cut_front;
	guint equal = 0;
	while (equal < count && !lines[equal].patched &&
		lines_equal(&lines[equal], &old[equal], p->ignore_cr))
		equal++;
	guint64 cost = MIN((guint64)equal + 1, *p->work);
	*p->work -= cost;
	return equal == count && *p->work;
}

/* git's order: the expected line, then one after, one before, two after, ... */
static bool find_place(const pattern *p, const GArray *image, guint *place)
{
	guint count = p->old_count - p->cut_front - p->cut_back;
	guint start = p->expected;
	if (p->begin)
		start = 0;
	else if (p->end)
		start = image->len >= count ? image->len - count : image->len;
	start = MIN(start, image->len);
	if (matches_at(p, image, start)) {
		*place = start;
		return true;
	}
	if (p->begin || p->end)
		return false; /* there is only one such place */
	for (guint step = 1; *p->work && (step <= start || step <= image->len - start); step++) {
		if (step <= image->len - start && matches_at(p, image, start + step)) {
			*place = start + step;
			return true;
		}
		if (step <= start && matches_at(p, image, start - step)) {
			*place = start - step;
			return true;
		}
	}
	return false;
}

/* True when the hunk would fit at some other place as well. */
static bool is_ambiguous(const pattern *p, const GArray *image, guint place)
{
	for (guint at = 0; at <= image->len && *p->work; at++)
		if (at != place && matches_at(p, image, at))
			return true;
	return !*p->work; /* not known: take it for ambiguous */
}

/* Pairs of lines compared when looking for what a hunk adds; a hostile patch must not buy minutes.
 */
#define PRESENT_WORK_MAX ((guint64)200 << 20)

/* Lines with less are found everywhere and prove nothing. */
#define TELLING_LETTERS 3u

static bool is_telling(const hunk_line *line)
{
	unsigned letters = 0;
	for (size_t i = 0; i < line->text.len && letters < TELLING_LETTERS; i++)
		letters += g_ascii_isalnum(line->text.at[i]) != 0;
	return letters >= TELLING_LETTERS;
}

static bool has_line(const GArray *image, span text)
{
	const image_line *lines = (const image_line *)(const void *)image->data;
	for (guint i = 0; i < image->len; i++)
		if (lines[i].len == text.len && !memcmp(lines[i].at, text.at, text.len))
			return true;
	return false;
}

/* True when most of what the hunk adds stands in the text already: it was applied before, and what
 * came after it changed its surroundings. Little context would put it there twice. */
static bool is_present(const hunk *h, const GArray *image)
{
	unsigned telling = 0, present = 0;
	if ((guint64)h->lines->len * image->len > PRESENT_WORK_MAX)
		return true;
	for (guint i = 0; i < h->lines->len; i++) {
		const hunk_line *line = &g_array_index(h->lines, hunk_line, i);
		if (line->kind != HUNK_ADD || !is_telling(line))
			continue;
		telling++;
		present += has_line(image, line->text);
	}
	return present * 2 > telling;
}

/* Leaves context lines off, outermost first and the longer end first, as git apply -C does. With
 * less to go by a wrong place is likely, so that a place which is neither the expected one nor the
 * only one is not taken: here truce is stricter than git. */
static bool find_reduced(pattern *p, const GArray *image, guint *place)
{
	guint leading = p->leading, trailing = p->trailing;
	if (leading == p->old_count)
		trailing = 0; /* nothing but context before the additions: count it once */
	while (leading > REDUCED_CONTEXT_MIN || trailing > REDUCED_CONTEXT_MIN) {
		if (p->begin || p->end) {
			p->begin = p->end = false;
		} else if (leading >= trailing) {
			p->cut_front++;
			leading--;
			p->expected += 1;
		} else {
			p->cut_back++;
			trailing--;
		}
		if (find_place(p, image, place))
			return *place == p->expected || !is_ambiguous(p, image, *place);
	}
	return false;
}

/* A diff made without context says only line numbers where it inserts. */
static bool find_bare(pattern *p, const GArray *image, guint *place)
{
	if (p->leading || p->trailing)
		return false;
	p->begin = p->end = false;
	*place = p->expected;
	return matches_at(p, image, *place);
}

/* Most lines of the place decide whether what is added there ends in CRLF. */
static bool prefers_cr(const GArray *image, guint at, guint count)
{
	guint with = 0;
	for (guint i = at; i < at + count; i++) {
		const image_line *line = &g_array_index(image, image_line, i);
		with += ends_in_cr(line);
	}
	return with * 2 > count;
}

static void splice(GArray *image, const pattern *p, guint place)
{
	guint old_count = p->old_count - p->cut_front - p->cut_back;
	guint total = p->h->lines->len - p->cut_front - p->cut_back;
	bool cr = p->ignore_cr && prefers_cr(image, place, old_count);
	g_autoptr(GArray) lines = g_array_sized_new(FALSE, TRUE, sizeof(image_line), total);
	guint from = place;
	for (guint i = 0; i < total; i++) {
		const hunk_line *h = &g_array_index(p->h->lines, hunk_line, i + p->cut_front);
		/* Context stays as the text has it. */
		image_line line = h->kind == HUNK_ADD
					  ? (image_line){.at = h->text.at, .len = h->text.len}
					  : g_array_index(image, image_line, from++);
		if (h->kind == HUNK_DELETE)
			continue;
		if (h->kind == HUNK_ADD && p->ignore_cr && line.len &&
			line.at[line.len - 1] == '\n') {
			bool has = ends_in_cr(&line);
			line.add_cr = cr && !has;
			line.cut_cr = !cr && has;
		}
		line.patched = true;
		g_array_append_val(lines, line);
	}
	if (lines->len > old_count) {
		guint grow = lines->len - old_count;
		guint before = image->len;
		g_array_set_size(image, before + grow);
		image_line *data = (image_line *)(void *)image->data;
		memmove(data + place + lines->len, data + place + old_count,
			(before - place - old_count) * sizeof *data);
	} else if (lines->len < old_count) {
		g_array_remove_range(image, place + lines->len, old_count - lines->len);
	}
	if (lines->len)
		memcpy((image_line *)(void *)image->data + place, lines->data,
			lines->len * sizeof(image_line));
}

static placement place_hunk(
	GArray *image, const hunk *h, text_rules rules, guint64 *work, running_edit *edit)
{
	g_auto(pattern) p = {0};
	pattern_init(&p, h, work);
	guint place;
	placement how = PLACED_NOWHERE;
	/* Lines added to a file that has some, and no context: any place would match. */
	bool blind = !p.old_count && h->old_start;
	if (!blind && find_place(&p, image, &place))
		how = place == p.expected ? PLACED_EXACT : PLACED_OFFSET;
	if (how == PLACED_NOWHERE && rules == TEXT_ALL && !blind) {
		p.ignore_cr = true;
		if (find_place(&p, image, &place))
			how = PLACED_ENDINGS;
		else
			p.ignore_cr = false;
	}
	if (how == PLACED_NOWHERE && rules == TEXT_ALL) {
		if (find_bare(&p, image, &place))
			how = PLACED_BARE;
		else if (!is_present(h, image) && find_reduced(&p, image, &place))
			how = PLACED_REDUCED;
	}
	if (how == PLACED_NOWHERE)
		return how;
	/* Moving a line is a fourth of the work of comparing one. */
	*work -= MIN((guint64)(image->len - place) / 4, *work - 1);
	running_edit_note(edit, h, p.cut_front, p.cut_back, place);
	splice(image, &p, place);
	return how;
}

/* Line by line, for hunks of which not all stand where they say. */
static GBytes *search_and_apply(GBytes *old, const GPtrArray *hunks, text_rules rules,
	placement *places, running_edit *running)
{
	g_autoptr(GArray) image = image_new(old);
	bool changed = false;
	guint64 work = SEARCH_WORK_MAX;
	running_edit_begin(running, image->len);
	for (guint i = 0; i < hunks->len; i++) {
		places[i] = place_hunk(image, g_ptr_array_index(hunks, i), rules, &work, running);
		changed = changed || places[i] != PLACED_NOWHERE;
	}
	return changed ? image_text(image) : g_bytes_ref(old);
}

GBytes *text_apply(
	GBytes *old, const GPtrArray *hunks, text_rules rules, placement *places, text_edit *edit)
{
	running_edit running = {0};
	GBytes *made = text_apply_exact(old, hunks, &running);
	for (guint i = 0; made && i < hunks->len; i++)
		places[i] = PLACED_EXACT;
	if (!made)
		made = search_and_apply(old, hunks, rules, places, &running);
	if (edit)
		*edit = running.edit;
	else
		text_edit_clear(&running.edit);
	return made;
}

void text_edit_clear(text_edit *e)
{
	g_clear_pointer(&e->hunks, g_array_unref);
}
