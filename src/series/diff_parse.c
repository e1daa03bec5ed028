/* Reading the text of a diff, line by line: git's format with its extended headers, and the plain
 * unified diffs of diff -u, quilt, cvs and svn. What stands in a header line is diff_header.c's. */
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "series/diff.h"
#include "series/diff_binary.h"
#include "series/diff_header.h"
#include "series/diff_hunk.h"
#include "series/lines.h"

/* "Only in" lines noted of one diff. */
#define MAX_NOTES 100
/* How much of a line a note quotes. */
#define QUOTE_BYTES 60
/* About what a file takes in memory, names and ids with it. */
#define FILE_MEMORY ((gsize)400)

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

static void omit_binary(patch_file *f)
{
	f->forward.kind = f->reverse.kind = PATCH_BINARY_OMITTED;
}

/* Reads "--- old" and "+++ new" when they stand here. */
static bool read_name_lines(diff_reader *r, diff_file *f, GError **err)
{
	span old_line = diff_peek(r), new_line = line_at(r->text, r->pos + old_line.len);
	if (!line_starts(old_line, "--- ") || !line_starts(new_line, "+++ "))
		return true;
	bool old_epoch, new_epoch;
	g_autofree char *old_name =
		diff_header_name(diff_after(line_bare(old_line), 4), &old_epoch);
	g_autofree char *new_name =
		diff_header_name(diff_after(line_bare(new_line), 4), &new_epoch);
	if (!old_name || !*old_name)
		return diff_fail_at(r, r->line, err, NULL, "file name that cannot be read",
			line_bare(old_line));
	if (!new_name || !*new_name)
		return diff_fail_at(r, r->line + 1, err, NULL, "file name that cannot be read",
			line_bare(new_line));
	diff_skip(r, old_line);
	diff_skip(r, new_line);
	bool old_dev = !strcmp(old_name, "/dev/null"), new_dev = !strcmp(new_name, "/dev/null");
	if (old_dev && new_dev)
		return diff_fail_at(
			r, r->line - 2, err, NULL, "both names are /dev/null", (span){0});
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
	if (line_starts(line, "old mode ")) {
		*bad = !diff_read_mode(diff_after(line, 9), &f->old_mode);
	} else if (line_starts(line, "new mode ")) {
		*bad = !diff_read_mode(diff_after(line, 9), &f->new_mode);
	} else if (line_starts(line, "new file mode ")) {
		f->change = PATCH_ADD;
		*bad = !diff_read_mode(diff_after(line, 14), &f->new_mode);
	} else if (line_starts(line, "deleted file mode ")) {
		f->change = PATCH_DELETE;
		*bad = !diff_read_mode(diff_after(line, 18), &f->old_mode);
	} else if (line_starts(line, "rename from ") || line_starts(line, "copy from ")) {
		f->change = line.at[0] == 'r' ? PATCH_RENAME : PATCH_COPY;
		g_free(d->moved_from);
		d->moved_from = diff_whole_name(diff_after(line, line.at[0] == 'r' ? 12 : 10));
		*bad = !d->moved_from || !*d->moved_from;
	} else if (line_starts(line, "rename to ") || line_starts(line, "copy to ")) {
		f->change = line.at[0] == 'r' ? PATCH_RENAME : PATCH_COPY;
		g_free(d->moved_to);
		d->moved_to = diff_whole_name(diff_after(line, line.at[0] == 'r' ? 10 : 8));
		*bad = !d->moved_to || !*d->moved_to;
	} else if (line_starts(line, "similarity index ") ||
		   line_starts(line, "dissimilarity index ")) {
		const char *p = line.at + (line.at[0] == 's' ? 17 : 20);
		unsigned value;
		if (diff_read_number(&p, line.at + line.len, &value) && value <= 100)
			f->similarity = line.at[0] == 's' ? (int)value : 100 - (int)value;
	} else if (line_starts(line, "index ")) {
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
		if (line_starts(line, known[i]))
			return true;
	return false;
}

static bool read_git_file(diff_reader *r, diff_file *d, GError **err)
{
	patch_file *f = d->file;
	span first = diff_peek(r);
	unsigned at = r->line;
	d->git = true;
	f->source_line = at;
	diff_split_git_line(d, diff_after(line_bare(first), strlen("diff --git ")));
	diff_skip(r, first);
	for (span line = diff_peek(r);; line = diff_peek(r)) {
		bool bad;
		if (!read_extended(d, line_bare(line), &bad))
			break;
		if (bad)
			return diff_fail_at(r, r->line, err, NULL,
				"header line that cannot be read", line_bare(line));
		diff_skip(r, line);
	}
	bool moved = f->change == PATCH_RENAME || f->change == PATCH_COPY;
	if (moved && (!d->moved_from || !d->moved_to))
		return diff_fail_at(
			r, at, err, NULL, "rename or copy without both names", line_bare(first));
	if (!moved && (d->moved_from || d->moved_to))
		return diff_fail_at(r, at, err, NULL,
			"file that is both moved and added or deleted", line_bare(first));
	span line = diff_peek(r);
	if (line_starts(line, "GIT binary patch"))
		return diff_read_binary(r, f, err);
	if (line_starts(line, "Binary files ") || line_starts(line, "Files ")) {
		omit_binary(f);
		diff_skip(r, line);
		return true;
	}
	if (!read_name_lines(r, d, err))
		return false;
	if (f->change == PATCH_MODIFY && d->old_null)
		f->change = PATCH_ADD;
	else if (f->change == PATCH_MODIFY && d->new_null)
		f->change = PATCH_DELETE;
	if (!diff_read_hunks(r, f, err))
		return false;
	if (!d->old_name && !d->new_name && !moved)
		return diff_fail_at(r, at, err, NULL, "header that does not tell the file's name",
			line_bare(first));
	return true;
}

/* A file that is new has no old lines, and a deleted one no new ones. */
static bool check_counts(const diff_reader *r, const patch_file *f, GError **err)
{
	for (guint i = 0; i < f->hunks->len; i++) {
		const hunk *h = g_ptr_array_index(f->hunks, i);
		if (f->change == PATCH_ADD && h->old_count)
			return diff_fail_at(r, h->source_line, err, NULL,
				"new file with a hunk that needs old lines", (span){0});
		if (f->change == PATCH_DELETE && h->new_count)
			return diff_fail_at(r, h->source_line, err, NULL,
				"deleted file with a hunk that leaves lines", (span){0});
	}
	return true;
}

static bool read_plain_file(diff_reader *r, diff_file *d, GError **err)
{
	d->file->source_line = r->line;
	if (!read_name_lines(r, d, err) || !diff_read_hunks(r, d->file, err))
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
static bool read_binary_note(diff_reader *r, diff_file *d, span line)
{
	span s = line_bare(line);
	const char *head = line_starts(s, "Binary files ") ? "Binary files " : "Files ";
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
static bool at_plain_file(const diff_reader *r, span line)
{
	if (!line_starts(line, "--- "))
		return false;
	span second = line_at(r->text, r->pos + line.len);
	return line_starts(second, "+++ ") &&
	       line_starts(line_at(r->text, r->pos + line.len + second.len), "@@ -");
}

/* True when a context diff ("diff -c") of one file starts at the reader. */
static bool at_context_diff(const diff_reader *r, span line)
{
	if (!line_starts(line, "*** "))
		return false;
	span second = line_at(r->text, r->pos + line.len);
	return line_starts(second, "--- ") &&
	       line_starts(line_at(r->text, r->pos + line.len + second.len), "***************");
}

/* "Only in new/fs: a.c": diff -r without -N leaves that file out of the patch. */
static void note_only_in(const diff_reader *r, GPtrArray *notes, span line)
{
	span s = line_bare(line);
	if (!g_strstr_len(s.at, (gssize)s.len, ": ") || notes->len >= MAX_NOTES)
		return;
	g_autofree char *shown = text_printable(s.at, MIN(s.len, (size_t)QUOTE_BYTES));
	g_ptr_array_add(notes,
		g_strdup_printf("%s:%u: '%s': that file is not in the patch (diff -r without -N)",
			r->source, r->line, shown));
}

/* Reads what starts at the reader into *d when it is a file of a diff; else leaves *d untouched. */
static bool read_file(
	diff_reader *r, diff_file **out, char **index_name, GPtrArray *notes, GError **err)
{
	span line = diff_peek(r), next = line_at(r->text, r->pos + line.len);
	g_autoptr(diff_file) d = NULL;
	bool found = false;
	switch (line.len ? line.at[0] : 0) {
	case 'd':
		if ((line_starts(line, "diff --cc ") || line_starts(line, "diff --combined ")) &&
			(line_starts(next, "index ") || line_starts(next, "mode ") ||
				line_starts(next, "--- ")))
			return diff_fail_at(r, r->line, err,
				"write the merge's change against one parent: git diff PARENT "
				"MERGE",
				"combined diff of a merge, which no one can apply",
				line_bare(line));
		if (line_starts(line, "diff --git ") && continues_git_header(next)) {
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
			return diff_fail_at(r, r->line, err,
				"ask for a unified diff (diff -u, git diff), or convert it with "
				"filterdiff --format=unified of patchutils",
				"context diff, which cannot be read", line_bare(line));
		break;
	case '@': {
		g_autoptr(hunk) h = hunk_new();
		if (line_starts(line, "@@ -") && diff_read_hunk_header(h, line_bare(line)))
			return diff_fail_at(r, r->line, err,
				"the lines '--- OLD' and '+++ NEW' must stand before it",
				"hunk without a file header", line_bare(line));
		break;
	}
	case 'I':
		if (line_starts(line, "Index: ")) {
			g_free(*index_name);
			span name = diff_after(line_bare(line), 7);
			while (name.len && g_ascii_isspace(name.at[name.len - 1]))
				name.len--;
			*index_name = name.len ? diff_whole_name(name) : NULL;
		}
		break;
	case 'C':
		/* Subversion's words where a binary file would be. */
		if (line_starts(line, "Cannot display: file marked as a binary type") &&
			*index_name) {
			d = diff_file_new();
			d->file->source_line = r->line;
			d->index_name = g_steal_pointer(index_name);
			omit_binary(d->file);
			diff_skip(r, line);
			found = true;
		}
		break;
	case 'O':
		if (line_starts(line, "Only in "))
			note_only_in(r, notes, line);
		break;
	case 'B':
	case 'F':
		if (line_starts(line, "Binary files ") || line_starts(line, "Files ")) {
			g_autoptr(diff_file) b = diff_file_new();
			if (read_binary_note(r, b, line)) {
				d = g_steal_pointer(&b);
				diff_skip(r, line);
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
		diff_skip(r, line);
	return true;
}

bool diff_parse(diff **out, GBytes *text, gsize offset, unsigned first_line, const char *source,
	GError **err)
{
	gsize len;
	const char *data = g_bytes_get_data(text, &len);
	diff_reader r = {.text = {data ? data : "", len},
		.pos = MIN(offset, len),
		.line = first_line,
		.source = source};
	g_autoptr(diff) d = g_new0(diff, 1);
	d->files = g_ptr_array_new_with_free_func((GDestroyNotify)diff_file_free);
	d->notes = g_ptr_array_new_with_free_func(g_free);
	d->text = g_bytes_ref(text);
	d->source = g_strdup(source);
	g_autofree char *index_name = NULL;
	while (r.pos < r.text.len) {
		diff_file *f = NULL;
		if (!read_file(&r, &f, &index_name, d->notes, err))
			return false;
		if (!f)
			continue;
		g_ptr_array_add(d->files, f);
		if (!diff_take_memory(&r, FILE_MEMORY, err))
			return false;
	}
	d->memory = r.memory;
	*out = g_steal_pointer(&d);
	return true;
}
