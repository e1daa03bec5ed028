/* A repository for one test, in a directory of its own that goes with it. */
#pragma once

#include "git/repo.h"

typedef struct scratch_repo {
	char *dir;
	repo *repo;
} scratch_repo;

/* Makes it with `git init`; asserts that it works. */
scratch_repo *scratch_repo_new(void);
void scratch_repo_free(scratch_repo *s);
/* Opens the repository anew: nothing but what is on disk is seen then. */
void scratch_repo_reopen(scratch_repo *s);

/* Runs git in the repository with the words of `args` (blank-separated, no quoting) and `input` on
 * stdin (NULL: none). Returns its output, the caller's; NULL when git fails. */
char *scratch_git(const scratch_repo *s, const char *input, const char *args, ...)
	G_GNUC_PRINTF(3, 4);

/* A tree on top of `onto` (NULL: empty): path and content in turn, ended by NULL. A path that
 * starts with '-' is removed; its content is ignored. */
oid scratch_tree(
	const scratch_repo *s, const oid *onto, const char *path, ...) G_GNUC_NULL_TERMINATED;
/* A commit of `tree`, by a fixed author at a fixed time. */
oid scratch_commit(const scratch_repo *s, const oid *tree, const oid *parent, const char *message);
/* The content of `path` in `tree` as a string, the caller's; NULL when it is not there. */
char *scratch_file(const scratch_repo *s, const oid *tree, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(scratch_repo, scratch_repo_free)
