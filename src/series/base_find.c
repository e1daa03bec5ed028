/* Finding the commit that patches were made on, from what the patches say themselves. */
#include <string.h>

#include "base/error.h"
#include "series/base_search.h"
#include "series/read.h"

/* Version words looked at in the paths of plain diffs. */
#define MAX_VERSIONS 64u

static bool find_by_trailer(oid *base, char **how, repo *r, const patch_list *patches)
{
	const char *asked = patches->base_hint;
	for (guint i = 0; !asked && i < patches->patches->len; i++)
		asked = ((const patch *)g_ptr_array_index(patches->patches, i))->base_commit;
	if (!asked || !repo_resolve(r, base, asked, NULL))
		return false;
	const patch *first = patches->patches->len ? g_ptr_array_index(patches->patches, 0) : NULL;
	*how = g_strdup_printf(
		first && first->kind == PATCH_COMMIT ? "the range starts at %s" : "base-commit: %s",
		asked);
	return true;
}

/* "linux-2.6.16-rc5.orig/fs/a.c" names version 2.6.16-rc5. The caller's; NULL. */
static char *version_of_name(const char *name, size_t len)
{
	size_t end = 0;
	while (end < len && name[end] != '/' && !g_ascii_isspace(name[end]))
		end++;
	if (end >= len || name[end] != '/')
		return NULL;
	size_t start = 0;
	while (start < end && !g_ascii_isdigit(name[start]))
		start++;
	g_autofree char *word = g_strndup(name + start, end - start);
	static const char *const endings[] = {".orig", ".old", "-orig", "-old"};
	for (size_t i = 0; i < G_N_ELEMENTS(endings); i++)
		if (g_str_has_suffix(word, endings[i]))
			word[strlen(word) - strlen(endings[i])] = '\0';
	/* It becomes part of a revision, where other characters mean something. */
	bool plain = !word[strspn(word, "0123456789abcdefghijklmnopqrstuvwxyz"
					"ABCDEFGHIJKLMNOPQRSTUVWXYZ.-_+")];
	return plain && strchr(word, '.') && !strstr(word, "..") ? g_steal_pointer(&word) : NULL;
}

static void count_version(GHashTable *votes, const char *line, size_t len)
{
	g_autofree char *version = version_of_name(line, len);
	if (!version || (g_hash_table_size(votes) >= MAX_VERSIONS &&
				!g_hash_table_contains(votes, version)))
		return;
	guint n = GPOINTER_TO_UINT(g_hash_table_lookup(votes, version));
	g_hash_table_insert(votes, g_steal_pointer(&version), GUINT_TO_POINTER(n + 1));
}

/* The version that most old paths of plain diffs name, if the repository has a tag for it. */
static bool find_by_paths(oid *base, char **how, repo *r, const patch_list *patches)
{
	g_autoptr(GHashTable) votes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (guint i = 0; i < patches->patches->len; i++) {
		const patch *p = g_ptr_array_index(patches->patches, i);
		gsize len = 0;
		const char *at = p->text ? g_bytes_get_data(p->text, &len) : NULL;
		for (const char *end = at + len; at && at < end;) {
			const char *newline = memchr(at, '\n', (size_t)(end - at));
			size_t n = newline ? (size_t)(newline - at) : (size_t)(end - at);
			if (n > 4 && !memcmp(at, "--- ", 4))
				count_version(votes, at + 4, n - 4);
			at = newline ? newline + 1 : end;
		}
	}
	const char *best = NULL;
	guint most = 0;
	GHashTableIter it;
	gpointer key, value;
	g_hash_table_iter_init(&it, votes);
	while (g_hash_table_iter_next(&it, &key, &value)) {
		guint n = GPOINTER_TO_UINT(value);
		if (n > most || (n == most && best && strcmp(key, best) > 0)) {
			most = n;
			best = key;
		}
	}
	if (!best)
		return false;
	g_autofree char *tag = g_strdup_printf("refs/tags/v%s", best);
	if (!repo_resolve(r, base, tag, NULL))
		return false;
	*how = g_strdup_printf("most paths of the patches name version %s", best);
	return true;
}

bool series_find_base(oid *base, char **how, repo *r, const patch_list *patches, GError **err)
{
	if (find_by_trailer(base, how, r, patches))
		return true;
	bool asked = false;
	GError *failure = NULL;
	if (base_search(base, how, &asked, r, patches, &failure))
		return true;
	if (failure) {
		g_propagate_error(err, failure);
		return false;
	}
	if (find_by_paths(base, how, r, patches))
		return true;
	return error_set(err, TRUCE_ERROR_NOT_FOUND,
		"name the commit that the patches were made on with --base REV", "%s",
		asked ? "no commit near any tag or branch holds the files that the patches change"
		      : "the patches do not say what they were made on: there is neither a "
			"base-commit: trailer nor an index line");
}
