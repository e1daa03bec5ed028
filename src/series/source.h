/* The readers of series/, one a kind of source, and what they share. Private to src/series. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/digest.h"
#include "git/repo.h"
#include "model/patch.h"
#include "series/order.h"

/* A SPEC taken apart. */
typedef struct source {
	const char *spec; /* as given, for messages */
	char *path;	  /* of files; NULL for ranges and refs */
	char *prefix;	  /* overlay: target directory without slashes at its ends; "" for none */
	unsigned version; /* the revision asked for with @vN; 0: the newest */
	char *from, *to;  /* range A..B; ref: only `to` */
	GBytes *raw;	  /* of a source that is one file: its bytes as they are on disk */
} source;

typedef struct source_context {
	repo *repo;	 /* NULL when a repository is not at hand */
	const oid *base; /* commit, or NULL */
} source_context;

/* A kind of source: how it is called, read and digested. */
typedef struct source_kind {
	const char *name; /* "mbox": the word before ':'; NULL for those without */
	bool (*read)(patch_list **out, const source *s, const source_context *c, GError **err);
	/* Adds everything that `read` would read. */
	bool (*digest)(digest *d, const source *s, const source_context *c, GError **err);
	size_t file_limit; /* the source is one file of at most so many bytes: `raw` is there for
			    * both; 0: it is something else */
} source_kind;

extern const source_kind source_mbox, source_maildir, source_patches, source_diff, source_quilt,
	source_overlay, source_range, source_ref;

/* Orders the letters, reports a diff that cannot be read, places each diff on the base tree and
 * hands the patches over. `letters` (letter *) are used up. INPUT when no patch is left. */
bool source_finish(patch_list **out, GPtrArray *letters, const order_options *options,
	bool remove_empty, const source *s, const source_context *c, GError **err);

/* Splits a mailbox into letters, appended to `letters`. A text without a "From " line in front is
 * one mail. `name` is the box's, for messages. */
bool source_split_mbox(GPtrArray *letters, GBytes *box, const char *name, GError **err);
/* True when the text starts with a "From " line of a mailbox. */
bool source_is_mbox(GBytes *text);

/* The text of a source that is one file, unpacked. */
bool source_text(GBytes **out, const source *s, size_t limit, GError **err);
/* Adds name and bytes of a source that is one file to a digest, or those of any file. */
void source_digest_raw(digest *d, const source *s, const char *name);
bool source_digest_file(digest *d, const char *path, const char *name, size_t limit, GError **err);
