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

/* "Patch: one 4 (subject) by Name <mail>"; of a whole patch the commit says the rest itself. */
static void append_patch(GString *text, const mediation *m, const step *s, const step_patch *p)
{
	const series_commit *c = find_commit(m, p);
	const series *from = g_ptr_array_index(m->series, p->series);
	g_string_append_printf(text, "Patch: %s %u", from->name, p->n);
	if (c && !s->whole) {
		g_string_append_printf(text, " (%s)", c->subject);
		if (!person_is_nobody(&c->author))
			g_string_append_printf(
				text, " by %s <%s>", c->author.name, c->author.email);
	}
	g_string_append_c(text, '\n');
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

/* truce's own lines, which close every message. */
static void append_trailers(GString *text, const mediation *m, const step *s)
{
	g_string_append_printf(text, "Step: %u of %u (%s)\n", s->n, m->plan->steps->len,
		step_action_name(s->action));
	append_list(text, "Series: ", s->series);
	append_list(text, "Points: ", s->points);
	for (guint i = 0; i < s->patches->len; i++)
		append_patch(text, m, s, &g_array_index(s->patches, step_patch, i));
	append_findings(text, m, s);
}

/* "Signed-off-by: A U Thor <mail>": letters, digits and dashes before a colon. */
static bool is_trailer(const char *line)
{
	size_t token =
		strspn(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
	return token && line[token] == ':' && strncmp(line + token, "://", 3);
}

/* True when the last paragraph of a message, which is not its first, is one of trailers, as git
 * sees it: all lines are, or a quarter of them and a sign-off among them. */
static bool ends_in_trailers(const char *message)
{
	g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
	guint end = g_strv_length(lines), first, trailers = 0, others = 0;
	bool signed_off = false;
	while (end && !*g_strstrip(lines[end - 1]))
		end--;
	for (first = end; first && *lines[first - 1] &&
			  strspn(lines[first - 1], " \t") < strlen(lines[first - 1]);)
		first--;
	if (!first)
		return false;
	for (guint i = first; i < end; i++) {
		if (i > first && g_ascii_isspace(*lines[i]))
			continue; /* goes on */
		signed_off |= g_str_has_prefix(lines[i], "Signed-off-by: ") ||
			      g_str_has_prefix(lines[i], "(cherry picked from commit ");
		if (is_trailer(lines[i]))
			trailers++;
		else
			others++;
	}
	return trailers && (!others || (signed_off && trailers * 3 >= others));
}

/* The patch's own message, with truce's lines among its trailers. */
static char *whole_message(const mediation *m, const step *s, const char *message)
{
	GString *text = g_string_new(message);
	while (text->len && g_ascii_isspace(text->str[text->len - 1]))
		g_string_truncate(text, text->len - 1);
	g_string_append(text, ends_in_trailers(text->str) ? "\n" : "\n\n");
	append_trailers(text, m, s);
	return g_string_free(text, FALSE);
}

static char *step_message(const mediation *m, const step *s)
{
	const series_commit *patch_of =
		s->whole ? find_commit(m, &g_array_index(s->patches, step_patch, 0)) : NULL;
	if (patch_of)
		return whole_message(m, s, patch_of->message);
	GString *text = g_string_new(NULL);
	g_string_append_printf(text, "%s\n", s->title);
	if (s->detail)
		g_string_append_printf(text, "\n%s", s->detail);
	g_string_append_c(text, '\n');
	append_trailers(text, m, s);
	return g_string_free(text, FALSE);
}

/* A step of one patch alone, or a part of it, keeps its author; others are the mediator's, at the
 * base's time, so that a plan gives the same commits whenever it is written. */
static bool step_author(const mediation *m, repo *r, const step *s, person *author, GError **err)
{
	if (s->action == STEP_TAKE && (s->whole || s->patches->len == 1)) {
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

/* A branch `a` leaves no room for `a/b`. */
static bool has_room(repo *r, const char *ref, GError **err)
{
	g_autofree char *above = g_path_get_dirname(ref);
	oid there;
	for (; strlen(above) > strlen("refs/heads");) {
		if (repo_get_ref(r, &there, above, NULL))
			return error_set(err, TRUCE_ERROR_USAGE, "choose another name",
				"%s is in the way of %s", above, ref);
		char *next = g_path_get_dirname(above);
		g_free(above);
		above = next;
	}
	return true;
}

static bool may_set(repo *r, const char *ref, bool force, GError **err)
{
	bool branch = g_str_has_prefix(ref, "refs/heads/");
	if (!branch && !g_str_has_prefix(ref, "refs/truce/"))
		return error_set(err, TRUCE_ERROR_USAGE, "give a branch, as in refs/heads/merged",
			"'%s' is neither a branch nor below refs/truce/", ref);
	if (!strcmp(ref, "refs/heads/HEAD"))
		return error_set(err, TRUCE_ERROR_USAGE, "give another name",
			"git keeps the name HEAD for itself");
	if (!has_room(r, ref, err))
		return false;
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
