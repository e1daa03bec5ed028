/* Revisions and commits: finding them, ranges, reading and writing commit objects. */
#include "git/internal.h"

bool repo_resolve(repo *r, oid *commit, const char *rev, GError **err)
{
	g_autoptr(git_object) found = NULL;
	g_autoptr(git_object) peeled = NULL;
	int status = git_revparse_single(&found, r->git, rev);
	if (!status)
		status = git_object_peel(&peeled, found, GIT_OBJECT_COMMIT);
	if (status == GIT_EAMBIGUOUS)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, "give more digits",
			"revision '%s' is ambiguous", rev);
	if (status)
		return error_set(err, TRUCE_ERROR_NOT_FOUND,
			"git rev-parse or git log show what there is; a commit that is not there "
			"may need git fetch",
			"'%s' is not a commit of this repository", rev);
	from_git(commit, git_object_id(peeled));
	return true;
}

static bool lookup_commit(repo *r, git_commit **out, const oid *commit, GError **err)
{
	int status = git_commit_lookup(out, r->git, to_git(commit));
	if (!status)
		return true;
	char hex[OID_HEX + 1];
	return git_fail(err, status == GIT_ENOTFOUND ? TRUCE_ERROR_NOT_FOUND : TRUCE_ERROR_GIT,
		NULL, "commit %s cannot be read", oid_format(hex, commit));
}

bool repo_commit_tree(repo *r, oid *tree, const oid *commit, GError **err)
{
	return repo_read_commit(r, commit, NULL, NULL, NULL, tree, err);
}

bool repo_merge_base(repo *r, oid *out, const oid *a, const oid *b, GError **err)
{
	git_oid base;
	int status = git_merge_base(&base, r->git, to_git(a), to_git(b));
	if (status == GIT_ENOTFOUND)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, "name the base with --base",
			"the two revisions have no common ancestor");
	if (status)
		return git_fail(err, TRUCE_ERROR_GIT, NULL, "no merge base");
	from_git(out, &base);
	return true;
}

bool repo_range(repo *r, GArray *out, const oid *from, const oid *to, GError **err)
{
	g_autoptr(git_revwalk) walk = NULL;
	int status = git_revwalk_new(&walk, r->git);
	if (!status)
		status = git_revwalk_sorting(
			walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME | GIT_SORT_REVERSE);
	if (!status)
		status = git_revwalk_push(walk, to_git(to));
	if (!status)
		status = git_revwalk_hide(walk, to_git(from));
	git_oid id;
	guint before = out->len;
	while (!status && !(status = git_revwalk_next(&id, walk))) {
		g_autoptr(git_commit) commit = NULL;
		status = git_commit_lookup(&commit, r->git, &id);
		if (status || git_commit_parentcount(commit) > 1)
			continue;
		oid copy;
		from_git(&copy, &id);
		g_array_append_val(out, copy);
	}
	if (status == GIT_ITEROVER)
		return true;
	g_array_set_size(out, before);
	return git_fail(err, TRUCE_ERROR_GIT, "a shallow clone may need git fetch --unshallow",
		"the history of the range cannot be read");
}

/* Commit texts are UTF-8, or in the encoding that the commit names, or in what was usual. */
static char *commit_text(const git_commit *commit, const char *text)
{
	if (g_utf8_validate(text, -1, NULL))
		return g_strdup(text);
	const char *encoding = git_commit_message_encoding(commit);
	char *converted = g_convert(text, -1, "UTF-8",
		encoding && g_ascii_strcasecmp(encoding, "UTF-8") ? encoding : "ISO-8859-1", NULL,
		NULL, NULL);
	return converted ? converted : g_utf8_make_valid(text, -1);
}

bool repo_read_commit(repo *r, const oid *commit, char **message, person *author, oid *parent,
	oid *tree, GError **err)
{
	g_autoptr(git_commit) c = NULL;
	if (!lookup_commit(r, &c, commit, err))
		return false;
	if (tree)
		from_git(tree, git_commit_tree_id(c));
	if (parent) {
		*parent = (oid){{0}};
		if (git_commit_parentcount(c))
			from_git(parent, git_commit_parent_id(c, 0));
	}
	if (message)
		*message = commit_text(c, git_commit_message(c));
	if (author) {
		const git_signature *who = git_commit_author(c);
		author->name = commit_text(c, who->name);
		author->email = commit_text(c, who->email);
		author->time = who->when.time;
		author->offset = who->when.offset;
	}
	return true;
}

bool repo_has(repo *r, const oid *id)
{
	return pending_find(r->pending, id) || git_odb_exists(r->odb, to_git(id));
}

bool repo_find_blob(repo *r, oid *out, const char *hex, GError **err)
{
	size_t digits = strlen(hex);
	git_oid prefix, id;
	git_object_t type = GIT_OBJECT_INVALID;
	size_t size;
	/* git abbreviates to no less than 4 digits. */
	if (digits < 4 || digits > OID_HEX || git_oid_fromstrn(&prefix, hex, digits))
		return error_set(err, TRUCE_ERROR_NOT_FOUND, NULL, "'%s' is not a blob id", hex);
	int status = git_odb_exists_prefix(&id, r->odb, &prefix, digits);
	if (status == GIT_EAMBIGUOUS)
		return error_set(err, TRUCE_ERROR_NOT_FOUND, NULL,
			"blob %s is ambiguous in this repository", hex);
	if (!status)
		status = git_odb_read_header(&size, &type, r->odb, &id);
	if (status || type != GIT_OBJECT_BLOB)
		return error_set(
			err, TRUCE_ERROR_NOT_FOUND, NULL, "blob %s is not in the repository", hex);
	from_git(out, &id);
	return true;
}

/* A name or address as git lets it stand in a commit: no '<', '>', newline or NUL, and no "crud"
 * (blanks and punctuation that git's ident.c cuts off) at either end. */
static void append_ident(GString *out, const char *text)
{
	static const char crud[] = " .,:;<>\"\\'";
	const char *begin = text ? text : "";
	while (*begin && ((unsigned char)*begin <= ' ' || strchr(crud, *begin)))
		begin++;
	size_t len = strlen(begin);
	while (len && ((unsigned char)begin[len - 1] <= ' ' || strchr(crud, begin[len - 1])))
		len--;
	for (size_t i = 0; i < len; i++)
		if (begin[i] != '<' && begin[i] != '>' && begin[i] != '\n')
			g_string_append_c(out, begin[i]);
}

static void append_person(GString *out, const char *role, const person *who)
{
	g_string_append_printf(out, "%s ", role);
	size_t before = out->len;
	append_ident(out, who->name);
	if (out->len == before)
		append_ident(out, who->email);
	if (out->len == before) /* git refuses a commit without a name */
		g_string_append(out, "unknown");
	g_string_append(out, " <");
	append_ident(out, who->email);
	int offset = CLAMP(who->offset, -1439, 1439);
	unsigned minutes = (unsigned)ABS(offset);
	g_string_append_printf(out, "> %" G_GINT64_FORMAT " %c%02u%02u\n", MAX(who->time, 0),
		offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

bool repo_write_commit(repo *r, oid *out, const oid *tree, const oid *parents, size_t n_parents,
	const person *author, const char *message, GError **err)
{
	char hex[OID_HEX + 1];
	GString *text = g_string_new(NULL);
	g_string_append_printf(text, "tree %s\n", oid_format(hex, tree));
	for (size_t i = 0; i < n_parents; i++)
		g_string_append_printf(text, "parent %s\n", oid_format(hex, &parents[i]));
	append_person(text, "author", author);
	append_person(text, "committer", author);
	g_string_append_c(text, '\n');
	g_string_append(text, message);
	g_autoptr(GBytes) bytes = g_string_free_to_bytes(text);
	return object_write(r, out, GIT_OBJECT_COMMIT, bytes, err);
}
