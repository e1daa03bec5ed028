/* Verification: does each step of the plan leave the tree parsing no worse than before? */
#include "engine/verify.h"

#include <string.h>

#include "base/error.h"
#include "engine/internal.h"

/* The .c files of both trees that differ; char *, sorted. What is new has no state before that it
 * could be worse than. */
static bool changed_sources(GPtrArray **out, engine *e, const oid *before, const oid *after,
	GError **err)
{
	g_autoptr(GPtrArray) changes = NULL;
	if (!repo_diff(e->repo, &changes, before, after, err))
		return false;
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < changes->len; i++) {
		const file_change *c = g_ptr_array_index(changes, i);
		if (g_str_has_suffix(c->path, ".c") && c->status == CHANGE_MODIFIED)
			g_ptr_array_add(paths, g_strdup(c->path));
	}
	*out = paths;
	return true;
}

/* Errors before and after; G_MAXUINT: not parsed at all. */
static bool worse(guint before, guint after)
{
	if (after == G_MAXUINT)
		return before != G_MAXUINT;
	if (before == G_MAXUINT)
		return false;
	return after > before;
}

static bool verify_step(step *s, const oid *before, engine *e, facts_reader *f, GError **err)
{
	g_autoptr(GPtrArray) paths = NULL;
	if (!changed_sources(&paths, e, before, &s->tree, err))
		return false;
	g_autoptr(GArray) old_errors = NULL;
	g_autoptr(GArray) new_errors = NULL;
	if (!facts_reader_errors(&new_errors, e, f, &s->tree, paths, err))
		return false;
	s->verified = VERIFIED_OK;
	/* What parses now cannot be worse than before: only the rest is parsed in the tree before. */
	for (guint i = paths->len; i-- > 0;) {
		if (g_array_index(new_errors, guint, i))
			continue;
		g_array_remove_index(new_errors, i);
		g_ptr_array_remove_index(paths, i);
	}
	if (!facts_reader_errors(&old_errors, e, f, before, paths, err))
		return false;
	for (guint i = 0; i < paths->len; i++) {
		if (worse(g_array_index(old_errors, guint, i), g_array_index(new_errors, guint, i)))
			s->verified = VERIFIED_WORSE;
	}
	return true;
}

bool verify_steps(mediation *m, engine *e, facts_reader *f, GError **err)
{
	oid before = m->base_tree;
	for (guint i = 0; i < m->plan->steps->len; i++) {
		step *s = g_ptr_array_index(m->plan->steps, i);
		if (oid_is_zero(&s->tree))
			continue;
		if (!verify_step(s, &before, e, f, err))
			return false;
		before = s->tree;
	}
	return true;
}
