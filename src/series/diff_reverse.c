/* Diffs that are to be applied backwards (quilt -R). */
#include "base/error.h"
#include "series/diff_place.h"

static void reverse_hunk(hunk *h)
{
	unsigned start = h->old_start, count = h->old_count;
	h->old_start = h->new_start;
	h->old_count = h->new_count;
	h->new_start = start;
	h->new_count = count;
	/* Deleted lines stand before added ones in every run of changes. */
	GArray *lines = g_array_sized_new(FALSE, FALSE, sizeof(hunk_line), h->lines->len);
	for (guint i = 0; i < h->lines->len;) {
		guint end = i;
		while (end < h->lines->len &&
			g_array_index(h->lines, hunk_line, end).kind != HUNK_CONTEXT)
			end++;
		for (int pass = 0; pass < 2; pass++)
			for (guint k = i; k < end; k++) {
				hunk_line l = g_array_index(h->lines, hunk_line, k);
				if (l.kind != (pass ? HUNK_DELETE : HUNK_ADD))
					continue;
				l.kind = pass ? HUNK_ADD : HUNK_DELETE;
				g_array_append_val(lines, l);
			}
		if (end < h->lines->len)
			g_array_append_val(lines, g_array_index(h->lines, hunk_line, end));
		i = end + 1;
	}
	g_array_unref(h->lines);
	h->lines = lines;
}

#define SWAP(type, a, b)                                                                           \
	do {                                                                                       \
		type swapped = (a);                                                                \
		(a) = (b);                                                                         \
		(b) = swapped;                                                                     \
	} while (0)

bool diff_reverse_file(const diff *d, patch_file *f, GError **err)
{
	if (f->forward.kind != PATCH_BINARY_NONE && f->reverse.kind == PATCH_BINARY_NONE)
		return error_set(err, TRUCE_ERROR_INPUT, NULL,
			"%s:%u: binary patch that cannot be reversed: it holds only one direction",
			d->source, f->source_line);
	if (f->change == PATCH_COPY)
		return error_set(err, TRUCE_ERROR_INPUT, NULL, "%s:%u: a copy cannot be reversed",
			d->source, f->source_line);
	if (f->change == PATCH_ADD)
		f->change = PATCH_DELETE;
	else if (f->change == PATCH_DELETE)
		f->change = PATCH_ADD;
	SWAP(char *, f->old_path, f->new_path);
	SWAP(char *, f->old_id, f->new_id);
	SWAP(unsigned, f->old_mode, f->new_mode);
	SWAP(patch_binary, f->forward, f->reverse);
	for (guint i = 0; i < f->hunks->len; i++)
		reverse_hunk(g_ptr_array_index(f->hunks, i));
	return true;
}
