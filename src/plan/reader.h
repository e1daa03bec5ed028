/* What the texts of one series define, use and include, by hunk. Private to src/plan. */
#pragma once

#include "plan/links.h"
#include "plan/names.h"

/* A name that more hunks than this define is too common to tell anything. */
#define COMMON_NAME 8u

typedef struct file_names file_names;

/* A definition in lines that a hunk adds or removes. */
typedef struct definition {
	unsigned atom;
	unsigned patch; /* that adds or removes it; 0: not known */
	const file_change *change;
	const file_names *file;
	guint shape;
	bool macro;
	bool fresh;    /* added: the file did not define the name before */
	bool stand_in; /* in a new header that stands in for one of the base */
	unsigned line; /* of an added one, in the tip: it stands under a condition there, and the
			* file defines the name nowhere else; else 0 */
} definition;

/* An #include of a tip. */
typedef struct include_line {
	const char *path; /* as written */
	unsigned atom;	  /* the hunk that adds it, or G_MAXUINT */
} include_line;

struct file_names {
	const file_change *change;
	const GArray *atoms; /* unsigned */
	source_names *base, *tip;
	GArray *includes;	  /* include_line */
	bool stand_in;		  /* a new header that stands in for one of the base */
	GHashTable *base_defined; /* names; of a new header also those of the header it replaces */
	GHashTable *tip_defined;
	GHashTable *always; /* names and fields that the tip defines under no condition */
};

/* Where a hunk uses a name. */
typedef struct use_place {
	unsigned atom;
	unsigned line; /* of the tip */
	const file_names *file;
} use_place;

typedef struct reader {
	links *k;
	repo *r;
	unsigned series;
	GPtrArray *files;	     /* file_names * */
	GHashTable *known;	     /* names that a touched header of the base defines */
	GHashTable *added, *removed; /* name -> GArray of definition */
	GHashTable *added_fields, *removed_fields;  /* the same */
	GHashTable *removed_uses, *removed_members; /* name -> GArray of unsigned */
	GHashTable *added_uses;			    /* the same */
	GHashTable *symbols;	 /* configuration symbol -> GArray of definition: entries added */
	GHashTable *old_symbols; /* those with an entry in the base of a touched file */
} reader;

void reader_init(reader *d, links *k, repo *r, unsigned series_index);
void reader_clear(reader *d);
/* Reads a changed path: both its texts. */
bool reader_read(reader *d, const file_change *change, GError **err);
/* Fills the tables, once all paths are read. */
void reader_collect(reader *d);

/* The hunk that adds (removes) a line; G_MAXUINT when none does. */
unsigned reader_atom(const reader *d, const file_names *f, unsigned line, bool tip);
/* The patch that added (removed) a line of an atom; 0: not known. */
unsigned atom_line_patch(const atom *a, unsigned line, bool tip);

/* True when what an #include of `user` says, as written, means `path`. */
bool include_is_of(const char *written, const char *path, const char *user);
/* True when the tip of a file includes a header. */
bool reader_includes(const file_names *f, const file_change *header);
/* The hunk of a file that newly includes a header; G_MAXUINT when none does. */
unsigned reader_including_atom(const file_names *f, const file_change *header);

/* Links each use in the file's lines with what it needs (links_uses.c). */
void link_uses(reader *d, const file_names *f);
/* Links definitions that are taken away, moved or given another shape with what that asks for
 * (links_moves.c). */
void link_moves(reader *d);
