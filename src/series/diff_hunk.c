/* Reading hunks, line by line. */
#include "series/diff_hunk.h"

#include "series/diff_header.h"
#include "series/lines.h"

/* About what a hunk takes in memory without its lines. */
#define HUNK_MEMORY ((gsize)200)
/* Lines after which their memory is counted. */
#define LINES_AT_ONCE 4096u

/* True for what may follow a complete hunk: anything that is no line of a hunk. A '-' alone is what
 * list servers put before their footers, "-- " starts a signature. */
static bool ends_hunk(span line)
{
	if (!line.len || (line.at[0] != '+' && line.at[0] != '-'))
		return true;
	if (line_starts(line, "--- ") || line_starts(line, "+++ ") || line_starts(line, "-- "))
		return true;
	line = line_bare(line);
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] != '-' && line.at[i] != ' ')
			return false;
	return true;
}

static const char miscounted[] =
	"the patch was cut off, wrapped or edited by hand; ask for it again or correct the counts";

static bool read_hunk_lines(diff_reader *r, hunk *h, GError **err)
{
	unsigned old_left = h->old_count, new_left = h->new_count;
	while (old_left || new_left) {
		span line = diff_peek(r);
		if (line.len && line.at[line.len - 1] != '\n')
			return diff_fail_at(r, r->line, err, miscounted,
				"the text ends within this line of a hunk", line);
		hunk_line l = {.text = diff_after(line, line.len ? 1 : 0)};
		char kind = line.len ? line.at[0] : 0;
		if (kind == '\n' || (kind == '\r' && line.len == 2 && line.at[1] == '\n')) {
			/* An empty context line that lost its blank. */
			kind = ' ';
			l.text = line;
		}
		l.kind = (unsigned char)kind;
		if (kind == ' ' && old_left && new_left) {
			old_left--;
			new_left--;
		} else if (kind == '-' && old_left) {
			old_left--;
		} else if (kind == '+' && new_left) {
			new_left--;
		} else if (kind == '\\' && h->lines->len) {
			g_array_index(h->lines, hunk_line, h->lines->len - 1).no_newline = true;
			diff_skip(r, line);
			continue;
		} else {
			g_autofree char *what = g_strdup_printf(
				"%s where the hunk of line %u still needs %u old and %u new lines",
				line.len ? "this line" : "the text ends", h->source_line, old_left,
				new_left);
			return diff_fail_at(r, r->line, err, miscounted, what, line_bare(line));
		}
		g_array_append_val(h->lines, l);
		diff_skip(r, line);
		if (h->lines->len % LINES_AT_ONCE == 0 &&
			!diff_take_memory(r, LINES_AT_ONCE * sizeof l, err))
			return false;
	}
	span line = diff_peek(r);
	if (line_starts(line, "\\ ") && h->lines->len) {
		g_array_index(h->lines, hunk_line, h->lines->len - 1).no_newline = true;
		diff_skip(r, line);
		line = diff_peek(r);
	}
	if (!ends_hunk(line)) {
		g_autofree char *what = g_strdup_printf(
			"this line follows the hunk of line %u, whose counts are full",
			h->source_line);
		return diff_fail_at(r, r->line, err, miscounted, what, line_bare(line));
	}
	return true;
}

/* Lines that say "\ No newline" must not keep the newline that the diff's own line ends with. */
static void drop_newlines(hunk *h)
{
	for (guint i = 0; i < h->lines->len; i++) {
		hunk_line *l = &g_array_index(h->lines, hunk_line, i);
		if (l->no_newline && l->text.len && l->text.at[l->text.len - 1] == '\n')
			l->text.len--;
	}
}

bool diff_read_hunks(diff_reader *r, patch_file *f, GError **err)
{
	for (span line = diff_peek(r); line_starts(line, "@@ -"); line = diff_peek(r)) {
		g_autoptr(hunk) h = hunk_new();
		h->source_line = r->line;
		if (!diff_read_hunk_header(h, line_bare(line)))
			return diff_fail_at(r, r->line, err, NULL,
				"hunk header that cannot be read", line_bare(line));
		diff_skip(r, line);
		if (!read_hunk_lines(r, h, err) ||
			!diff_take_memory(r,
				HUNK_MEMORY + h->lines->len % LINES_AT_ONCE * sizeof(hunk_line),
				err))
			return false;
		drop_newlines(h);
		g_ptr_array_add(f->hunks, g_steal_pointer(&h));
	}
	return true;
}
