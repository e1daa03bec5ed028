/* Any bytes as a mailbox and as a patch file, up to the series that they make. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "series/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const patch_list *list)
{
	for (guint i = 0; i < list->patches->len; i++) {
		const patch *p = g_ptr_array_index(list->patches, i);
		if (!p->subject || !p->message || !g_utf8_validate(p->message, -1, NULL) ||
			!g_utf8_validate(p->subject, -1, NULL))
			abort();
		if (p->author.name && !g_utf8_validate(p->author.name, -1, NULL))
			abort();
	}
	for (guint i = 0; i < list->notes->len; i++)
		if (!g_utf8_validate(g_ptr_array_index(list->notes, i), -1, NULL))
			abort();
}

static void finish(GPtrArray *letters, bool keep_order)
{
	source s = {.spec = "fuzz"};
	source_context c = {0};
	order_options options = {.keep_order = keep_order};
	g_autoptr(patch_list) list = NULL;
	if (source_finish(&list, letters, &options, false, &s, &c, NULL))
		check(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(GPtrArray) box = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free);
	if (source_split_mbox(box, bytes, "fuzz", NULL))
		finish(box, false);
	g_autoptr(GPtrArray) file = g_ptr_array_new_with_free_func((GDestroyNotify)letter_free);
	g_ptr_array_add(file, letter_read_file(bytes, "fuzz", "fuzz"));
	finish(file, true);
	return 0;
}
