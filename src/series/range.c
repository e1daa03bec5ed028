/* Commits that the repository already has: A..B and REF. */
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "series/message.h"
#include "series/source.h"

static char *first_line(const char *message)
{
	g_autofree char *line = g_strndup(message, strcspn(message, "\n"));
	return text_printable(line, strlen(line));
}

static bool read_commit(patch_list *list, repo *r, const oid *id, GError **err)
{
	g_autofree char *message = NULL;
	person author = {0};
	if (!repo_read_commit(r, id, &message, &author, NULL, NULL, err))
		return false;
	char hex[OID_HEX + 1];
	patch *p = patch_new(PATCH_COMMIT, oid_format(hex, id));
	p->commit = *id;
	p->author = author;
	p->subject = first_line(message);
	message_trailers(p, (span){message, strlen(message)});
	p->message = g_steal_pointer(&message);
	g_ptr_array_add(list->patches, p);
	return true;
}

/* The two ends of the range: A and B, or the merge base with the base and REF. */
static bool find_ends(oid *from, oid *to, const source *s, const source_context *c, GError **err)
{
	if (!c->repo)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, "run truce inside the repository",
			"%s: there is no repository to look it up in", s->spec);
	if (!repo_resolve(c->repo, to, s->to, err))
		return false;
	if (s->from)
		return repo_resolve(c->repo, from, s->from, err);
	if (!c->base)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"give the base with --base, or a range A..B",
			"%s: a single ref needs a base to count its commits from", s->spec);
	if (repo_merge_base(c->repo, from, c->base, to, err))
		return true;
	error_prefix(err, "%s", s->spec);
	return false;
}

static bool read_range(patch_list **out, const source *s, const source_context *c, GError **err)
{
	oid from, to;
	if (!find_ends(&from, &to, s, c, err))
		return false;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(oid));
	if (!repo_range(c->repo, ids, &from, &to, err))
		return false;
	if (!ids->len)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			s->from ? "check the order of the two ends: A..B are the commits of B that "
				  "A lacks"
				: "it is the base, or an ancestor of it: name the series' last "
				  "commit",
			"%s: there are no commits in it", s->spec);
	if (ids->len > LIMIT_SERIES_PATCHES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL, "%s: more than %u commits", s->spec,
			LIMIT_SERIES_PATCHES);
	g_autoptr(patch_list) list = patch_list_new();
	for (guint i = 0; i < ids->len; i++)
		if (!read_commit(list, c->repo, &g_array_index(ids, oid, i), err))
			return false;
	char hex[OID_HEX + 1];
	list->base_hint = g_strdup(oid_format(hex, &from));
	*out = g_steal_pointer(&list);
	return true;
}

static bool digest_range(digest *d, const source *s, const source_context *c, GError **err)
{
	oid from, to;
	if (!find_ends(&from, &to, s, c, err))
		return false;
	digest_add(d, from.bytes, sizeof from.bytes);
	digest_add(d, to.bytes, sizeof to.bytes);
	return true;
}

const source_kind source_range = {NULL, read_range, digest_range, 0};
const source_kind source_ref = {NULL, read_range, digest_range, 0};
