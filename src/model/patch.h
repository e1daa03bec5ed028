/* A patch as it was read from its source, before it is applied.
 *
 * A patch is one of three things: a diff (from a mail, a quilt directory, a file), a commit that
 * the repository already has, or an overlay (files laid over the tree). Ownership: every pointer
 * below belongs to the struct that holds it, unless it says borrowed. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "model/oid.h"

typedef enum hunk_line_kind {
	HUNK_CONTEXT = ' ',
	HUNK_ADD = '+',
	HUNK_DELETE = '-',
} hunk_line_kind;

typedef struct hunk_line {
	span text;	 /* with its newline, unless no_newline; borrowed from patch.text */
	unsigned char kind; /* hunk_line_kind */
	bool no_newline; /* followed by "\ No newline at end of file" */
} hunk_line;

typedef struct hunk {
	unsigned old_start, old_count; /* lines from 1; old_start 0 only when old_count is 0 */
	unsigned new_start, new_count;
	unsigned source_line;  /* line of the "@@" in the source (mail or file), from 1 */
	GArray *lines;	       /* hunk_line */
	char *heading;	       /* what follows the second "@@", or NULL */
} hunk;

typedef enum patch_change {
	PATCH_MODIFY,
	PATCH_ADD,
	PATCH_DELETE,
	PATCH_RENAME,
	PATCH_COPY,
} patch_change;

typedef enum patch_binary_kind {
	PATCH_BINARY_NONE,    /* text */
	PATCH_BINARY_LITERAL,
	PATCH_BINARY_DELTA,
	PATCH_BINARY_OMITTED, /* "Binary files differ": the content is not in the patch */
} patch_binary_kind;

/* One half of a "GIT binary patch". */
typedef struct patch_binary {
	patch_binary_kind kind;
	GBytes *data; /* inflated literal, or inflated git delta; NULL for NONE and OMITTED */
} patch_binary;

typedef struct patch_file {
	patch_change change;
	char *old_path;	      /* inside the tree, prefix stripped; NULL when added */
	char *new_path;	      /* NULL when deleted */
	unsigned old_mode;    /* 0100644, 0100755, 0120000, 0160000; 0 when the patch does not say */
	unsigned new_mode;
	char *old_id, *new_id; /* abbreviated blob ids of the index line, or NULL */
	int similarity;	      /* per cent on renames and copies, -1 when not said */
	unsigned source_line; /* line of the file's first header line in the source, from 1 */
	GPtrArray *hunks;     /* hunk * */
	patch_binary forward, reverse;
} patch_file;

/* A file of an overlay. */
typedef struct overlay_file {
	char *path;    /* inside the tree */
	unsigned mode; /* 0100644, 0100755 or 0120000 */
	GBytes *data;  /* content, or the target of a symlink */
} overlay_file;

/* Who stands as the author where nobody is named: in overlays and bare diffs. */
#define NOBODY_NAME "truce"
#define NOBODY_EMAIL "truce@localhost"

typedef enum patch_kind {
	PATCH_DIFF,
	PATCH_COMMIT,
	PATCH_OVERLAY,
} patch_kind;

typedef struct person {
	char *name, *email;
	gint64 time;	/* seconds since 1970 */
	int offset;	/* minutes east of UTC */
} person;

typedef struct patch {
	patch_kind kind;
	char *source;	  /* for messages: "mails/07.eml", "box.mbox message 12", "patches/a.patch" */
	char *subject;	  /* without [PATCH ...]; one line */
	char *message;	  /* the whole commit message, subject line first, ends in a newline */
	person author;	  /* name NULL when the source names none */
	char *message_id; /* without <>, or NULL */
	unsigned number;  /* n of [PATCH n/m]; 0 when not said */
	unsigned total;	  /* m */
	unsigned version; /* v of [PATCH vV]; 1 when not said */
	char *base_commit; /* trailers base-commit:, change-id:; NULL when absent */
	char *change_id;
	GPtrArray *prerequisites; /* char *: "patch-id HEX", "message-id ID", "change-id ID" */

	GBytes *text;	  /* DIFF: memory that the hunk lines point into */
	GPtrArray *files; /* DIFF: patch_file *; OVERLAY: overlay_file * */
	oid commit;	  /* COMMIT */
} patch;

/* The patches of one SPEC, in the order they apply. */
typedef struct patch_list {
	GPtrArray *patches; /* patch * */
	GPtrArray *notes;   /* char *: what a reader left out or missed, one sentence each
			     * ("cover letter 0/24 left out", "patch 7/24 is missing") */
	char *base_hint;    /* commit the source says it stands on (base-commit:), or NULL */
} patch_list;

hunk *hunk_new(void);
void hunk_free(hunk *h);
patch_file *patch_file_new(void);
void patch_file_free(patch_file *f);
overlay_file *overlay_file_new(const char *path, unsigned mode, GBytes *data);
void overlay_file_free(overlay_file *f);
patch *patch_new(patch_kind kind, const char *source);
void patch_free(patch *p);
patch_list *patch_list_new(void);
void patch_list_free(patch_list *l);
void person_clear(person *p);
void person_copy(person *to, const person *from); /* `to` must be clear or zeroed */
bool person_is_nobody(const person *p); /* no name, or the one above */

/* The path that names a file to people: new_path, or old_path when deleted. Borrowed. */
const char *patch_file_path(const patch_file *f);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(hunk, hunk_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(patch_file, patch_file_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(overlay_file, overlay_file_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(patch, patch_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(patch_list, patch_list_free)
