/* Asks src/git what git itself can be asked, for comparison by script:
 *   git_probe REPO numstat A B       as git diff --numstat --no-renames
 *   git_probe REPO merge BASE A B    tree, then the conflicting paths, as git merge-tree
 *   git_probe REPO hunks A B         as the @@ lines of git diff -U0 --no-renames */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "git/repo.h"

static void die(GError *err)
{
	fprintf(stderr, "git_probe: %s\n", err ? err->message : "wrong arguments");
	exit(2);
}

static oid tree_of(repo *r, const char *rev)
{
	GError *err = NULL;
	oid id;
	if (oid_parse(&id, rev)) { /* a tree id stands for itself */
		tree_entry e;
		if (repo_lookup(r, &id, "", &e, NULL) && !repo_commit_tree(r, &e.id, &id, NULL))
			return id;
	}
	if (!repo_resolve(r, &id, rev, &err) || !repo_commit_tree(r, &id, &id, &err))
		die(err);
	return id;
}

static void show_diff(repo *r, const char *a, const char *b, bool hunks)
{
	GError *err = NULL;
	oid old_tree = tree_of(r, a), new_tree = tree_of(r, b);
	g_autoptr(GPtrArray) changes = NULL;
	if (!repo_diff(r, &changes, &old_tree, &new_tree, &err))
		die(err);
	for (guint i = 0; i < changes->len; i++) {
		const file_change *c = g_ptr_array_index(changes, i);
		if (!hunks && c->binary)
			printf("-\t-\t%s\n", c->path);
		else if (!hunks)
			printf("%u\t%u\t%s\n", c->insertions, c->deletions, c->path);
		for (guint k = 0; hunks && k < c->hunks->len; k++) {
			const change_hunk *h = &g_array_index(c->hunks, change_hunk, k);
			printf("%s %u,%u %u,%u\n", c->path, h->old_start, h->old_count,
				h->new_start, h->new_count);
		}
	}
}

static void show_merge(repo *r, char **rev)
{
	GError *err = NULL;
	oid base = tree_of(r, rev[0]), ours = tree_of(r, rev[1]), theirs = tree_of(r, rev[2]), tree;
	g_autoptr(GPtrArray) conflicts = NULL;
	if (!repo_merge(r, &tree, &conflicts, &base, &ours, &theirs, &err))
		die(err);
	char hex[OID_HEX + 1];
	printf("%s\n", oid_format(hex, &tree));
	for (guint i = 0; i < conflicts->len; i++)
		printf("%s\n", ((merge_conflict *)g_ptr_array_index(conflicts, i))->path);
}

int main(int argc, char **argv)
{
	g_autoptr(repo) r = NULL;
	GError *err = NULL;
	if (argc < 5)
		die(NULL);
	if (!repo_open(&r, argv[1], &err))
		die(err);
	if (!strcmp(argv[2], "numstat"))
		show_diff(r, argv[3], argv[4], false);
	else if (!strcmp(argv[2], "hunks"))
		show_diff(r, argv[3], argv[4], true);
	else if (!strcmp(argv[2], "merge") && argc == 6)
		show_merge(r, argv + 3);
	else
		die(NULL);
	return 0;
}
