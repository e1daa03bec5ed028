/* Small things that several commands say alike. */
#include "cli/shared.h"

const char *const shared_severities[] = {"note", "warning", "error", NULL};
const char *const shared_formats[] = {"text", "markdown", "json", NULL};

void shared_note_series(const series *s)
{
	g_autofree char *unplaced =
		s->rejects->len ? g_strdup_printf("; %u found no place (`truce series show %s`)",
					  s->rejects->len, s->name)
				: g_strdup("");
	context_note("%s: %u %s, %u files, +%u -%u%s", s->name, s->commits->len,
		s->commits->len == 1 ? "patch" : "patches", s->files, s->insertions, s->deletions,
		unplaced);
	for (guint i = 0; i < s->notes->len; i++)
		context_note("%s: %s", s->name, (const char *)g_ptr_array_index(s->notes, i));
}
