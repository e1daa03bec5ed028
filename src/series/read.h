/* From a SPEC to patches: which source it is, and reading it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "git/repo.h"
#include "model/patch.h"

/* SPEC forms (docs/series.md):
 *   A..B  REF  mbox:PATH  maildir:DIR  quilt:DIR  patches:DIR  diff:PATH  overlay:DIR[=>PREFIX]
 * A bare path is recognised by what it holds. */

/* Reads every patch of `spec`. `base` is the mediation's base commit, needed for REF (merge base);
 * NULL when it is not known yet. On success *out is the caller's. Errors name file and line:
 * TRUCE_ERROR_INPUT for what cannot be read, NOT_FOUND for what is not there, LIMIT. Never logs. */
bool series_read(patch_list **out, repo *r, const char *spec, const oid *base, GError **err);

/* A digest of everything that series_read would read (file names, bytes, commit ids): equal digest,
 * equal patches. Cheap; for knowing that nothing changed. 64 hex, the caller's. */
bool series_digest(char **out, repo *r, const char *spec, const oid *base, GError **err);

/* Both at once, of the same bytes. */
bool series_read_digested(
	patch_list **out, char **hex, repo *r, const char *spec, const oid *base, GError **err);

/* Finds the base that patches ask for: the base-commit: trailer when the repository has it, else
 * the commit (tag or branch tip reachable refs) whose tree holds the blobs of the index lines. *how
 * is a sentence for the user. NOT_FOUND when neither tells. */
bool series_find_base(oid *base, char **how, repo *r, const patch_list *patches, GError **err);
