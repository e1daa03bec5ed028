/* Ids of objects. */
#pragma once

#include <git2.h>
#include <glib.h>
#include <stdbool.h>

#include "model/oid.h"

/* The id of an object with this content. Fails, with libgit2's error set, on content that attacks
 * SHA-1.
 *
 * libgit2 looks for the known ways to make two contents of one id while it hashes, at a fourth of
 * the speed that processors have for SHA-1. They all need blocks of freely chosen bits that differ,
 * among others, in the topmost bit of bytes. So text of 7-bit characters cannot carry one, and is
 * hashed without the search; nor can a tree whose names are such text, since the rest of it is
 * modes and ids, and an id cannot be chosen (but for a submodule's: trees with one are searched).
 */
bool object_hash(oid *out, git_object_t type, const void *data, size_t len);
