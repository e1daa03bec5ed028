/* Reading the text of a diff, line by line: git's format with its extended headers, and the plain
 * unified diffs of diff -u, quilt, cvs and svn. What stands in a header line is diff_header.c's. */
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "series/diff.h"
#include "series/diff_binary.h"
#include "series/diff_header.h"

/* "Only in" lines noted of one diff. */
#define MAX_NOTES 100
/* How much of an offending line a message quotes. */
#define QUOTE_BYTES 60

/* A position in the text, always at the start of a line. */
typedef struct reader {
	const char *text;
	gsize len;
	gsize pos;
	unsigned line; /* of pos, in the source */
	const char *source;
} reader;

static void diff_file_free(diff_file *f)
{
	if (!f)
		return;
	patch_file_free(f->file);
	g_free(f->old_name);
	g_free(f->new_name);
	g_free(f->moved_from);
	g_free(f->moved_to);
	g_free(f->index_name);
	g_free(f);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(diff_file, diff_file_free)

void diff_free(diff *d)
{
	if (!d)
		return;
	g_ptr_array_unref(d->files);
	g_ptr_array_unref(d->notes);
	g_clear_pointer(&d->text, g_bytes_unref);
	g_free(d->source);
	g_free(d);
}

/* The line at the reader with its newline, without moving; empty at the end. */
static span peek_at(const reader *r, gsize pos)
{
	if (pos >= r->len)
		return (span){r->text + r->len, 0};
	const char *at = r->text + pos;
	const char *newline = memchr(at, '\n', r->len - pos);
	return (span){at, newline ? (size_t)(newline - at) + 1 : r->len - pos};
}

static span peek(const reader *r)
{
	return peek_at(r, r->pos);
}

static void skip(reader *r, span line)
{
	r->pos += line.len;
	r->line++;
}

static bool starts(span line, const char *prefix)
{
	size_t n = strlen(prefix);
	return line.len >= n && !memcmp(line.at, prefix, n);
}

/* The line without its newline and a carriage return before it. */
static span bare(span line)
{
	if (line.len && line.at[line.len - 1] == '\n')
		line.len--;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool fail_at(const reader *r, unsigned line, GError **err, const char *hint,
	const char *what, span quoted)
{
	g_autofree char *shown =
		text_printable(quoted.len ? quoted.at : "", MIN(quoted.len, (size_t)QUOTE_BYTES));
	return error_set(err, TRUCE_ERROR_INPUT, hint, "%s:%u: %s%s%s%s", r->source, line, what,
		quoted.len ? ": '" : "", shown, quoted.len ? "'" : "");
}

/* True for what may follow a complete hunk: anything that is no line of a hunk. A '-' alone is what
 * list servers put before their footers, "-- " starts a signature. */
static bool ends_hunk(span line)
{
	if (!line.len || (line.at[0] != '+' && line.at[0] != '-'))
		return true;
	if (starts(line, "--- ") || starts(line, "+++ ") || starts(line, "-- "))
		return true;
	line = bare(line);
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] != '-' && line.at[i] != ' ')
			return false;
	return true;
}

static const char miscounted[] =
	"the patch was cut off, wrapped or edited by hand; ask for it again or correct the counts";

static bool read_hunk_lines(reader *r, hunk *h, GError **err)
{
	unsigned old_left = h->old_count, new_left = h->new_count;
	while (old_left || new_left) {
		span line = peek(r);
		if (line.len && line.at[line.len - 1] != '\n')
			return fail_at(r, r->line, err, miscounted,
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
			skip(r, line);
			continue;
		} else {
			g_autofree char *what = g_strdup_printf(
				"%s where the hunk of line %u still needs %u old and %u new lines",
				line.len ? "this line" : "the text ends", h->source_line, old_left,
				new_left);
			return fail_at(r, r->line, err, miscounted, what, bare(line));
		}
		g_array_append_val(h->lines, l);
		skip(r, line);
	}
	span line = peek(r);
	if (starts(line, "\\ ") && h->lines->len) {
		g_array_index(h->lines, hunk_line, h->lines->len - 1).no_newline = true;
		skip(r, line);
		line = peek(r);
	}
	if (!ends_hunk(line)) {
		g_autofree char *what = g_strdup_printf(
			"this line follows the hunk of line %u, whose counts are full",
			h->source_line);
		return fail_at(r, r->line, err, miscounted, what, bare(line));
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

static bool read_hunks(reader *r, patch_file *f, GError **err)
{
	for (span line = peek(r); starts(line, "@@ -"); line = peek(r)) {
		g_autoptr(hunk) h = hunk_new();
		h->source_line = r->line;
		if (!diff_read_hunk_header(h, bare(line)))
			return fail_at(r, r->line, err, NULL, "hunk header that cannot be read",
				bare(line));
		skip(r, line);
		if (!read_hunk_lines(r, h, err))
			return false;
		drop_newlines(h);
		g_ptr_array_add(f->hunks, g_steal_pointer(&h));
	}
	return true;
}

/* One "literal N" or "delta N" block with its closing empty line. */
static bool read_binary_half(reader *r, patch_binary *half, GError **err)
{
	span line = peek(r), head = bare(line);
	unsigned at = r->line;
	bool literal = starts(head, "literal ");
	if (!literal && !starts(head, "delta "))
		return true;
	span number = diff_after(head, literal ? 8 : 6);
	guint64 size = 0;
	bool valid = number.len > 0 && number.len < 19;
	for (size_t i = 0; i < number.len && valid; i++) {
		valid = g_ascii_isdigit(number.at[i]);
		size = size * 10 + (guint64)(number.at[i] - '0');
	}
	if (!valid)
		return fail_at(r, at, err, NULL, "binary patch without a size", head);
	if (size > LIMIT_FILE_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT,
			"no file of a kernel tree is that large; the header is wrong or hostile",
			"%s:%u: binary patch claims %" G_GUINT64_FORMAT
			" bytes, more than the %zu that a file may have",
			r->source, at, size, LIMIT_FILE_BYTES);
	skip(r, line);
	g_autoptr(GByteArray) packed = g_byte_array_new();
	for (line = peek(r); bare(line).len; line = peek(r)) {
		if (!diff_binary_line(packed, bare(line)))
			return fail_at(r, r->line, err, NULL,
				"line of a binary patch that is not base85", bare(line));
		if (packed->len > LIMIT_FILE_BYTES)
			return error_set(err, TRUCE_ERROR_LIMIT, NULL,
				"%s:%u: binary patch with more than %zu packed bytes", r->source,
				at, LIMIT_FILE_BYTES);
		skip(r, line);
	}
	if (line.len)
		skip(r, line);
	if (!diff_binary_inflate(&half->data, packed, size, err)) {
		error_prefix(err, "%s:%u", r->source, at);
		return false;
	}
	half->kind = literal ? PATCH_BINARY_LITERAL : PATCH_BINARY_DELTA;
	return true;
}

static bool read_binary(reader *r, patch_file *f, GError **err)
{
	unsigned at = r->line;
	skip(r, peek(r));
	if (!read_binary_half(r, &f->forward, err))
		return false;
	if (f->forward.kind == PATCH_BINARY_NONE)
		return fail_at(r, at, err, NULL, "binary patch without literal or delta", peek(r));
	return read_binary_half(r, &f->reverse, err);
}

static void omit_binary(patch_file *f)
{
	f->forward.kind = f->reverse.kind = PATCH_BINARY_OMITTED;
}

/* Reads "--- old" and "+++ new" when they stand here. */
static bool read_name_lines(reader *r, diff_file *f, GError **err)
{
	span old_line = peek(r), new_line = peek_at(r, r->pos + old_line.len);
	if (!starts(old_line, "--- ") || !starts(new_line, "+++ "))
		return true;
	bool old_epoch, new_epoch;
	g_autofree char *old_name = diff_header_name(diff_after(bare(old_line), 4), &old_epoch);
	g_autofree char *new_name = diff_header_name(diff_after(bare(new_line), 4), &new_epoch);
	if (!old_name || !*old_name)
		return fail_at(
			r, r->line, err, NULL, "file name that cannot be read", bare(old_line));
	if (!new_name || !*new_name)
		return fail_at(
			r, r->line + 1, err, NULL, "file name that cannot be read", bare(new_line));
	skip(r, old_line);
	skip(r, new_line);
	bool old_dev = !strcmp(old_name, "/dev/null"), new_dev = !strcmp(new_name, "/dev/null");
	if (old_dev && new_dev)
		return fail_at(r, r->line - 2, err, NULL, "both names are /dev/null", (span){0});
	f->old_null = f->old_null || old_dev || old_epoch;
	f->new_null = f->new_null || new_dev || new_epoch;
	if (!old_dev) {
		g_free(f->old_name);
		f->old_name = g_steal_pointer(&old_name);
	} else if (!f->git) {
		g_clear_pointer(&f->old_name, g_free);
	}
	if (!new_dev) {
		g_free(f->new_name);
		f->new_name = g_steal_pointer(&new_name);
	} else if (!f->git) {
		g_clear_pointer(&f->new_name, g_free);
	}
	return true;
}

/* One extended header line; false when the line is none. *bad: it is one, but broken. */
static bool read_extended(diff_file *d, span line, bool *bad)
{
	patch_file *f = d->file;
	*bad = false;
	if (starts(line, "old mode ")) {
		*bad = !diff_read_mode(diff_after(line, 9), &f->old_mode);
	} else if (starts(line, "new mode ")) {
		*bad = !diff_read_mode(diff_after(line, 9), &f->new_mode);
	} else if (starts(line, "new file mode ")) {
		f->change = PATCH_ADD;
		*bad = !diff_read_mode(diff_after(line, 14), &f->new_mode);
	} else if (starts(line, "deleted file mode ")) {
		f->change = PATCH_DELETE;
		*bad = !diff_read_mode(diff_after(line, 18), &f->old_mode);
	} else if (starts(line, "rename from ") || starts(line, "copy from ")) {
		f->change = line.at[0] == 'r' ? PATCH_RENAME : PATCH_COPY;
		g_free(d->moved_from);
		d->moved_from = diff_whole_name(diff_after(line, line.at[0] == 'r' ? 12 : 10));
		*bad = !d->moved_from || !*d->moved_from;
	} else if (starts(line, "rename to ") || starts(line, "copy to ")) {
		f->change = line.at[0] == 'r' ? PATCH_RENAME : PATCH_COPY;
		g_free(d->moved_to);
		d->moved_to = diff_whole_name(diff_after(line, line.at[0] == 'r' ? 10 : 8));
		*bad = !d->moved_to || !*d->moved_to;
	} else if (starts(line, "similarity index ") || starts(line, "dissimilarity index ")) {
		const char *p = line.at + (line.at[0] == 's' ? 17 : 20);
		unsigned value;
		if (diff_read_number(&p, line.at + line.len, &value) && value <= 100)
			f->similarity = line.at[0] == 's' ? (int)value : 100 - (int)value;
	} else if (starts(line, "index ")) {
		diff_read_index(f, diff_after(line, 6));
	} else {
		return false;
	}
	return true;
}

/* True when the line behind "diff --git" belongs to a header; else the words stand in prose. */
static bool continues_git_header(span line)
{
	static const char *const known[] = {"old mode ", "new mode ", "new file mode ",
		"deleted file mode ", "rename ", "copy ", "similarity index ",
		"dissimilarity index ", "index ", "--- ", "GIT binary patch", "Binary files "};
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (starts(line, known[i]))
			return true;
	return false;
}

static bool read_git_file(reader *r, diff_file *d, GError **err)
{
	patch_file *f = d->file;
	span first = peek(r);
	unsigned at = r->line;
	d->git = true;
	f->source_line = at;
	diff_split_git_line(d, diff_after(bare(first), strlen("diff --git ")));
	skip(r, first);
	for (span line = peek(r);; line = peek(r)) {
		bool bad;
		if (!read_extended(d, bare(line), &bad))
			break;
		if (bad)
			return fail_at(r, r->line, err, NULL, "header line that cannot be read",
				bare(line));
		skip(r, line);
	}
	bool moved = f->change == PATCH_RENAME || f->change == PATCH_COPY;
	if (moved && (!d->moved_from || !d->moved_to))
		return fail_at(r, at, err, NULL, "rename or copy without both names", bare(first));
	if (!moved && (d->moved_from || d->moved_to))
		return fail_at(r, at, err, NULL, "file that is both moved and added or deleted",
			bare(first));
	span line = peek(r);
	if (starts(line, "GIT binary patch"))
		return read_binary(r, f, err);
	if (starts(line, "Binary files ") || starts(line, "Files ")) {
		omit_binary(f);
		skip(r, line);
		return true;
	}
	if (!read_name_lines(r, d, err))
		return false;
	if (f->change == PATCH_MODIFY && d->old_null)
		f->change = PATCH_ADD;
	else if (f->change == PATCH_MODIFY && d->new_null)
		f->change = PATCH_DELETE;
	if (!read_hunks(r, f, err))
		return false;
	if (!d->old_name && !d->new_name && !moved)
		return fail_at(
			r, at, err, NULL, "header that does not tell the file's name", bare(first));
	return true;
}

/* A file that is new has no old lines, and a deleted one no new ones. */
static bool check_counts(const reader *r, const patch_file *f, GError **err)
{
	for (guint i = 0; i < f->hunks->len; i++) {
		const hunk *h = g_ptr_array_index(f->hunks, i);
		if (f->change == PATCH_ADD && h->old_count)
			return fail_at(r, h->source_line, err, NULL,
				"new file with a hunk that needs old lines", (span){0});
		if (f->change == PATCH_DELETE && h->new_count)
			return fail_at(r, h->source_line, err, NULL,
				"deleted file with a hunk that leaves lines", (span){0});
	}
	return true;
}

static bool read_plain_file(reader *r, diff_file *d, GError **err)
{
	d->file->source_line = r->line;
	if (!read_name_lines(r, d, err) || !read_hunks(r, d->file, err))
		return false;
	/* An epoch stamp is a hint only: some tools write it on any file. */
	const hunk *h = g_ptr_array_index(d->file->hunks, 0);
	bool single = d->file->hunks->len == 1;
	if (d->old_null && d->old_name && !(single && !h->old_count))
		d->old_null = false;
	if (d->new_null && d->new_name && !(single && !h->new_count))
		d->new_null = false;
	if (d->old_null)
		d->file->change = PATCH_ADD;
	else if (d->new_null)
		d->file->change = PATCH_DELETE;
	return true;
}

/* "Binary files a/x and b/x differ" of diff -r, outside a git header. */
static bool read_binary_note(reader *r, diff_file *d, span line)
{
	span s = bare(line);
	const char *head = starts(s, "Binary files ") ? "Binary files " : "Files ";
	size_t n = strlen(head), tail = strlen(" differ");
	if (s.len < n + tail + 7 || memcmp(s.at + s.len - tail, " differ", tail))
		return false;
	s = (span){s.at + n, s.len - n - tail};
	const char *and = g_strstr_len(s.at, (gssize)s.len, " and ");
	if (!and)
		return false;
	d->file->source_line = r->line;
	d->old_name = diff_whole_name((span){s.at, (size_t)(and-s.at)});
	d->new_name = diff_whole_name(diff_after(s, (size_t)(and-s.at) + 5));
	if (!d->old_name || !d->new_name)
		return false;
	if (!strcmp(d->old_name, "/dev/null")) {
		d->old_null = true;
		d->file->change = PATCH_ADD;
		g_clear_pointer(&d->old_name, g_free);
	} else if (!strcmp(d->new_name, "/dev/null")) {
		d->new_null = true;
		d->file->change = PATCH_DELETE;
		g_clear_pointer(&d->new_name, g_free);
	}
	omit_binary(d->file);
	return true;
}

static diff_file *diff_file_new(void)
{
	diff_file *d = g_new0(diff_file, 1);
	d->file = patch_file_new();
	return d;
}

/* True when a plain diff of one file starts at the reader. */
static bool at_plain_file(const reader *r, span line)
{
	if (!starts(line, "--- "))
		return false;
	span second = peek_at(r, r->pos + line.len);
	return starts(second, "+++ ") && starts(peek_at(r, r->pos + line.len + second.len), "@@ -");
}

/* True when a context diff ("diff -c") of one file starts at the reader. */
static bool at_context_diff(const reader *r, span line)
{
	if (!starts(line, "*** "))
		return false;
	span second = peek_at(r, r->pos + line.len);
	return starts(second, "--- ") &&
	       starts(peek_at(r, r->pos + line.len + second.len), "***************");
}

/* "Only in new/fs: a.c": diff -r without -N leaves that file out of the patch. */
static void note_only_in(const reader *r, GPtrArray *notes, span line)
{
	span s = bare(line);
	if (!g_strstr_len(s.at, (gssize)s.len, ": ") || notes->len >= MAX_NOTES)
		return;
	g_autofree char *shown = text_printable(s.at, MIN(s.len, (size_t)QUOTE_BYTES));
	g_ptr_array_add(notes,
		g_strdup_printf("%s:%u: '%s': that file is not in the patch (diff -r without -N)",
			r->source, r->line, shown));
}

/* Reads what starts at the reader into *d when it is a file of a diff; else leaves *d untouched. */
static bool read_file(reader *r, diff_file **out, char **index_name, GPtrArray *notes, GError **err)
{
	span line = peek(r), next = peek_at(r, r->pos + line.len);
	g_autoptr(diff_file) d = NULL;
	bool found = false;
	switch (line.len ? line.at[0] : 0) {
	case 'd':
		if ((starts(line, "diff --cc ") || starts(line, "diff --combined ")) &&
			(starts(next, "index ") || starts(next, "mode ") || starts(next, "--- ")))
			return fail_at(r, r->line, err,
				"write the merge's change against one parent: git diff PARENT "
				"MERGE",
				"combined diff of a merge, which no one can apply", bare(line));
		if (starts(line, "diff --git ") && continues_git_header(next)) {
			d = diff_file_new();
			found = true;
			if (!read_git_file(r, d, err) || !check_counts(r, d->file, err))
				return false;
		}
		break;
	case '-':
		if (at_plain_file(r, line)) {
			d = diff_file_new();
			d->index_name = g_steal_pointer(index_name);
			found = true;
			if (!read_plain_file(r, d, err) || !check_counts(r, d->file, err))
				return false;
		}
		break;
	case '*':
		if (at_context_diff(r, line))
			return fail_at(r, r->line, err,
				"ask for a unified diff (diff -u, git diff), or convert it with "
				"filterdiff --format=unified of patchutils",
				"context diff, which cannot be read", bare(line));
		break;
	case '@': {
		g_autoptr(hunk) h = hunk_new();
		if (starts(line, "@@ -") && diff_read_hunk_header(h, bare(line)))
			return fail_at(r, r->line, err,
				"the lines '--- OLD' and '+++ NEW' must stand before it",
				"hunk without a file header", bare(line));
		break;
	}
	case 'I':
		if (starts(line, "Index: ")) {
			g_free(*index_name);
			span name = diff_after(bare(line), 7);
			while (name.len && g_ascii_isspace(name.at[name.len - 1]))
				name.len--;
			*index_name = name.len ? diff_whole_name(name) : NULL;
		}
		break;
	case 'C':
		/* Subversion's words where a binary file would be. */
		if (starts(line, "Cannot display: file marked as a binary type") && *index_name) {
			d = diff_file_new();
			d->file->source_line = r->line;
			d->index_name = g_steal_pointer(index_name);
			omit_binary(d->file);
			skip(r, line);
			found = true;
		}
		break;
	case 'O':
		if (starts(line, "Only in "))
			note_only_in(r, notes, line);
		break;
	case 'B':
	case 'F':
		if (starts(line, "Binary files ") || starts(line, "Files ")) {
			g_autoptr(diff_file) b = diff_file_new();
			if (read_binary_note(r, b, line)) {
				d = g_steal_pointer(&b);
				skip(r, line);
				found = true;
			}
		}
		break;
	default:
		break;
	}
	if (found)
		*out = g_steal_pointer(&d);
	else
		skip(r, line);
	return true;
}

bool diff_parse(diff **out, GBytes *text, gsize offset, unsigned first_line, const char *source,
	GError **err)
{
	gsize len;
	const char *data = g_bytes_get_data(text, &len);
	reader r = {.text = data ? data : "",
		.len = len,
		.pos = MIN(offset, len),
		.line = first_line,
		.source = source};
	g_autoptr(diff) d = g_new0(diff, 1);
	d->files = g_ptr_array_new_with_free_func((GDestroyNotify)diff_file_free);
	d->notes = g_ptr_array_new_with_free_func(g_free);
	d->text = g_bytes_ref(text);
	d->source = g_strdup(source);
	g_autofree char *index_name = NULL;
	while (r.pos < r.len) {
		diff_file *f = NULL;
		if (!read_file(&r, &f, &index_name, d->notes, err))
			return false;
		if (f)
			g_ptr_array_add(d->files, f);
	}
	*out = g_steal_pointer(&d);
	return true;
}
