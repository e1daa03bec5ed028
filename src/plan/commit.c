/* Writes a plan as commits on the base. */
#include "plan/make.h"

#include <string.h>

#include "base/error.h"

static void append_list(GString *text, const char *label, const GPtrArray *items)
{
	for (guint i = 0; i < items->len; i++)
		g_string_append_printf(
			text, "%s%s", i ? ", " : label, (const char *)g_ptr_array_index(items, i));
	if (items->len)
		g_string_append_c(text, '\n');
}

static const series_commit *find_commit(const mediation *m, const step_patch *p)
{
	const series *s = g_ptr_array_index(m->series, p->series);
	for (guint i = 0; i < s->commits->len; i++) {
		const series_commit *c = g_ptr_array_index(s->commits, i);
		if (c->n == p->n)
			return c;
	}
	return NULL;
}

static void append_patches(GString *text, const mediation *m, const step *s)
{
	for (guint i = 0; i < s->patches->len; i++) {
		const step_patch *p = &g_array_index(s->patches, step_patch, i);
		const series_commit *c = find_commit(m, p);
		const series *from = g_ptr_array_index(m->series, p->series);
		g_string_append_printf(text, "Patch: %s %u", from->name, p->n);
		if (c)
			g_string_append_printf(text, " (%s)", c->subject);
		g_string_append_c(text, '\n');
	}
}

static void append_findings(GString *text, const mediation *m, const step *s)
{
	for (guint i = 0; i < s->findings->len; i++) {
		const char *id = g_ptr_array_index(s->findings, i);
		const finding *f = mediation_finding(m, id, NULL);
		g_string_append_printf(text, "Finding: %s", id);
		if (f)
			g_string_append_printf(text, " %s: %s", f->kind, f->title);
		g_string_append_c(text, '\n');
	}
}

static char *step_message(const mediation *m, const step *s)
{
	GString *text = g_string_new(NULL);
	g_string_append_printf(text, "%s\n\nStep %u of %u of the merge plan (%s).\n", s->title,
		s->n, m->plan->steps->len, step_action_name(s->action));
	if (s->detail)
		g_string_append_printf(text, "\n%s", s->detail);
	g_string_append_c(text, '\n');
	append_list(text, "Series: ", s->series);
	append_list(text, "Points: ", s->points);
	append_patches(text, m, s);
	append_findings(text, m, s);
	return g_string_free(text, FALSE);
}

/* A step of one patch alone keeps its author; others are the mediator's, at the base's time, so
 * that a plan gives the same commits whenever it is written. */
static bool step_author(const mediation *m, repo *r, const step *s, person *author, GError **err)
{
	if (s->patches->len == 1 && s->action == STEP_TAKE) {
		const series_commit *c = find_commit(m, &g_array_index(s->patches, step_patch, 0));
		if (c && c->author.name && c->author.email) {
			person_copy(author, &c->author);
			return true;
		}
	}
	person base = {0};
	if (!repo_read_commit(r, &m->base, NULL, &base, NULL, NULL, err))
		return false;
	repo_identity(r, author);
	author->time = base.time;
	author->offset = base.offset;
	person_clear(&base);
	return true;
}

static bool write_step(const mediation *m, repo *r, const step *s, oid *tip, GError **err)
{
	person author = {0};
	if (!step_author(m, r, s, &author, err))
		return false;
	g_autofree char *message = step_message(m, s);
	oid commit;
	bool ok = repo_write_commit(r, &commit, &s->tree, tip, 1, &author, message, err);
	person_clear(&author);
	if (ok)
		*tip = commit;
	return ok;
}

static bool may_set(repo *r, const char *ref, bool force, GError **err)
{
	bool branch = g_str_has_prefix(ref, "refs/heads/");
	if (!branch && !g_str_has_prefix(ref, "refs/truce/"))
		return error_set(err, TRUCE_ERROR_USAGE, "give a branch, as in refs/heads/merged",
			"'%s' is neither a branch nor below refs/truce/", ref);
	oid old;
	if (!force && repo_get_ref(r, &old, ref, NULL))
		return error_set(err, TRUCE_ERROR_USAGE,
			"choose another name, or give --force to move it", "%s exists already",
			ref);
	return true;
}

bool plan_apply(const mediation *m, repo *r, const char *ref, bool force, GError **err)
{
	if (!may_set(r, ref, force, err))
		return false;
	oid tip = m->base;
	for (guint i = 0; i < m->plan->steps->len; i++) {
		const step *s = g_ptr_array_index(m->plan->steps, i);
		if (!oid_is_zero(&s->tree) && !write_step(m, r, s, &tip, err)) {
			error_prefix(err, "step %u", s->n);
			return false;
		}
	}
	if (g_str_has_prefix(ref, "refs/heads/"))
		return repo_set_branch(r, ref, &tip, force, err);
	return repo_set_ref(r, ref, &tip, err);
}
