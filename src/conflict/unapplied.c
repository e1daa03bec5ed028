/* series.unapplied: hunks and files of a series that found no place. */
#include "conflict/check.h"

static const char *reason_text(reject_reason reason)
{
	switch (reason) {
	case REJECT_HUNK:
		return "The lines that it takes away or stands beside are nowhere in the file.";
	case REJECT_MISSING:
		return "The file that it changes is not in the tree.";
	case REJECT_EXISTS:
		return "The file that it adds is there already, with other content.";
	case REJECT_BINARY:
		return "Its binary content does not fit the file, or is not in the patch.";
	case REJECT_COMMIT:
		return "The commit conflicts with the base.";
	}
	g_assert_not_reached();
}

static const char *reason_advice(reject_reason reason)
{
	switch (reason) {
	case REJECT_HUNK:
		return "Compare with the nearest place, change the patch to fit this base, and run "
		       "`truce series update`. If many hunks fail, the base is not the one that "
		       "the series was made on: try another --base.";
	case REJECT_MISSING:
		return "See whether the file was moved, or whether a patch before this one, that "
		       "adds it, is missing from the series.";
	case REJECT_EXISTS:
		return "Either the base has this patch already, or two patches add the file: drop "
		       "one of them.";
	case REJECT_BINARY:
		return "Ask for the patch as `git format-patch --binary` writes it.";
	case REJECT_COMMIT:
		return "Rebase the commit onto the base, or name the base that it stands on.";
	}
	g_assert_not_reached();
}

static char *explain(const conflict_context *c, unsigned i, const reject *r)
{
	GString *text = g_string_new(NULL);
	g_autofree char *patch_name = context_patch_name(c, i, r->patch);
	g_string_append_printf(text, "%s of %s, read from %s, line %u: ", patch_name,
		context_series(c, i)->name, r->origin, r->source_line);
	if (r->hunk)
		g_string_append_printf(text, "hunk %u of %s was not applied. ", r->hunk, r->path);
	else
		g_string_append_printf(text, "%s was not changed. ", r->path);
	g_string_append(text, reason_text(r->reason));
	if (r->near_line) {
		g_autofree char *near_text = lines_text(r->near_line, r->near_end);
		g_string_append_printf(text, " The nearest place is %s.", near_text);
	}
	if (r->difference && *r->difference)
		g_string_append_printf(text, " What differs there:\n%s", r->difference);
	text->str[0] = g_ascii_toupper(text->str[0]);
	return g_string_free(text, FALSE);
}

static void report(conflict_context *c, unsigned i, const reject *r)
{
	g_autofree char *hunk_key = g_strdup_printf("%u", r->hunk);
	g_autofree char *patch_key = NULL;
	const series *s = context_series(c, i);
	for (guint k = 0; k < s->commits->len; k++) {
		const series_commit *commit = g_ptr_array_index(s->commits, k);
		if (commit->n == r->patch)
			patch_key = g_strdup(commit->subject);
	}
	const char *keys[] = {r->path, patch_key ? patch_key : "", hunk_key, NULL};
	finding *f = context_add(c, "series.unapplied", SEVERITY_ERROR, &i, 1, keys);
	if (r->hunk)
		finding_set_title(f, "%s: patch %u: hunk %u of %s has no place", s->name, r->patch,
			r->hunk, r->path);
	else
		finding_set_title(
			f, "%s: patch %u: %s cannot be changed", s->name, r->patch, r->path);
	f->explanation = explain(c, i, r);
	f->suggestion = g_strdup(reason_advice(r->reason));
	/* near_line counts in the tree that the patch met, which is the tip's when no later patch
	 * moved it: the explanation names the lines, the location only the file. */
	finding_add_place(f, (int)i, AT_TIP, NULL, r->path, 0, 0, NULL, r->patch);
}

static bool once(conflict_context *c, GError **err)
{
	(void)err;
	for (unsigned i = 0; i < c->m->series->len; i++) {
		const series *s = context_series(c, i);
		for (guint k = 0; k < s->rejects->len; k++)
			report(c, i, g_ptr_array_index(s->rejects, k));
	}
	return true;
}

const conflict_check check_unapplied = {.name = "series.unapplied", .once = once};
