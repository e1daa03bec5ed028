/* Any bytes as a diff: parsed, placed both ways round, and every hunk line looked at. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "series/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Counts must agree with the lines, and every line must lie inside the text. */
static void check(const patch *p)
{
	gsize len;
	const char *text = p->text ? g_bytes_get_data(p->text, &len) : NULL;
	for (guint i = 0; i < p->files->len; i++) {
		const patch_file *f = g_ptr_array_index(p->files, i);
		if (!patch_file_path(f) || !repo_path_is_safe(patch_file_path(f)))
			abort();
		for (guint k = 0; k < f->hunks->len; k++) {
			const hunk *h = g_ptr_array_index(f->hunks, k);
			unsigned old_lines = 0, new_lines = 0;
			for (guint n = 0; n < h->lines->len; n++) {
				const hunk_line *l = &g_array_index(h->lines, hunk_line, n);
				old_lines += l->kind != HUNK_ADD;
				new_lines += l->kind != HUNK_DELETE;
				if (l->text.at < text || l->text.at + l->text.len > text + len)
					abort();
			}
			if (old_lines != h->old_count || new_lines != h->new_count)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int reverse = 0; reverse < 2; reverse++) {
		g_autoptr(GBytes) bytes = g_bytes_new(data, size);
		g_autoptr(diff) d = NULL;
		if (!diff_parse(&d, bytes, 0, 1, "fuzz", NULL))
			return 0;
		patch *p = patch_new(PATCH_DIFF, "fuzz");
		g_auto(diff_place_state) s;
		diff_place_init(&s, NULL, NULL);
		if (diff_place(p, d, -1, reverse, &s, NULL))
			check(p);
		patch_free(p);
	}
	return 0;
}
