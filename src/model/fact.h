/* Facts: what an analyzer reads in one file of one tree.
 *
 * An entity is something that the file defines or declares; a use is a place where the file uses
 * an entity by name. Both carry lines of that file, from 1. Strings live in the fact_set. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "model/oid.h"

typedef enum entity_kind {
	ENTITY_FUNCTION,
	ENTITY_MACRO,
	ENTITY_STRUCT,
	ENTITY_UNION,
	ENTITY_ENUM,
	ENTITY_ENUMERATOR,
	ENTITY_TYPEDEF,
	ENTITY_FIELD,
	ENTITY_VARIABLE,
	ENTITY_CONFIG_SYMBOL,
	ENTITY_BUILD_OBJECT,
	ENTITY_ASM_LABEL,
	ENTITY_ASM_MACRO,
	ENTITY_KINDS
} entity_kind;

typedef enum use_kind {
	USE_CALL,	 /* name(...) where name is a function; macro uses are USE_MACRO */
	USE_MACRO,	 /* expansion of a macro */
	USE_REFERENCE,	 /* address or value of a function or file-scope variable */
	USE_FIELD,	 /* name = "struct_tag.field" */
	USE_TYPE,
	USE_INSTRUCTION, /* inline or .S assembly: name = mnemonic, detail = operands */
	USE_SLOT,	 /* ops table slot filled: name = "tag_or_variable.field", detail = value; by
			  * an initializer or an assignment statement */
	USE_INCLUDE,	 /* name = path as written */
	USE_CONFIG,	 /* CONFIG_X in a condition or in Kconfig/Kbuild: name = "X" */
	USE_KINDS
} use_kind;

/* Who saw a fact. */
typedef enum fact_reader {
	READER_CLANG, /* libclang, in a configuration */
	READER_TEXT,  /* a reader of text, all branches alike */
} fact_reader;

typedef enum entity_flag {
	ENTITY_DEFINITION = 1 << 0, /* has a body or value; otherwise a declaration */
	ENTITY_STATIC = 1 << 1,
	ENTITY_INLINE = 1 << 2,
	ENTITY_FUNCTION_LIKE = 1 << 3, /* a macro with parameters */
	ENTITY_UNDEF = 1 << 4,	       /* #undef NAME */
} entity_flag;

typedef struct entity {
	entity_kind kind;
	fact_reader reader;
	unsigned flags;		/* entity_flag */
	unsigned line, end_line;
	const char *name;	/* "set_pte", "CONFIG symbol without CONFIG_", label without ':' */
	const char *parent;	/* enclosing struct tag or "" */
	const char *signature;	/* type as spelled: "void (pte_t *, pte_t)"; macro parameters
				 * "(a, b)"; Kconfig type; "" when unknown */
	const char *value;	/* macro body, enumerator value, config default, build rule's
				 * condition ("obj-$(CONFIG_X)"); of functions, and of fields that point
				 * to one, the declaration as written: "static fastcall void f(int
				 * irq)"; "" */
	const char *condition;	/* preprocessor conditions around it, outermost first, joined by
				 * " && "; "" for none */
	guint64 body[2];	/* digest of the normalised tokens of the whole definition, name
				 * excluded (comments and white space out); 0 for declarations */
	unsigned tokens;	/* how many tokens that digest covers */
} entity;

typedef struct use {
	use_kind kind;
	fact_reader reader;
	unsigned line, column;
	const char *name;
	const char *detail;	/* operands, arguments, or the value put into a slot; "" */
	const char *in;		/* enclosing function, macro, variable or label; "" at file scope */
	const char *condition;
} use;

typedef struct line_range {
	unsigned first, last; /* both inclusive */
} line_range;

typedef enum diagnostic_level {
	DIAGNOSTIC_WARNING,
	DIAGNOSTIC_ERROR,
} diagnostic_level;

typedef struct diagnostic {
	diagnostic_level level;
	const char *path; /* may be a header of the tree */
	unsigned line;
	const char *text;
} diagnostic;

/* All facts of one file in one tree. Deterministic order: entities by (line, kind, name), uses by
 * (line, column, kind, name), each once, diagnostics as they were added, each once. */
typedef struct fact_set {
	char *path;
	oid blob;
	GArray *entities;    /* entity */
	GArray *uses;	     /* use */
	GArray *seen;	     /* line_range: lines that libclang compiled, merged and sorted */
	GArray *diagnostics; /* diagnostic: of units whose main file is `path`, as the compiler
			      * came to them, unit after unit: causes before what follows from them */
	unsigned clean;	     /* units with this main file that parsed without error */
	unsigned units;	     /* units with this main file */
	GHashTable *strings; /* every string above, once */
	GStringChunk *chunk; /* owns them */
} fact_set;

fact_set *fact_set_new(const char *path, const oid *blob);
void fact_set_free(fact_set *f);
/* The set's own copy of `text` (NULL counts as ""). Borrowed from the set. */
const char *fact_set_string(fact_set *f, const char *text);
/* Appends a copy; strings are taken into the set. */
void fact_set_add_entity(fact_set *f, const entity *e);
void fact_set_add_use(fact_set *f, const use *u);
void fact_set_add_seen(fact_set *f, unsigned first, unsigned last);
void fact_set_add_diagnostic(fact_set *f, const diagnostic *d);
/* Everything of `from` into `to` (same path and blob); for several units or readers of a file. */
void fact_set_merge(fact_set *to, const fact_set *from);
/* Sorts and drops duplicates; a CLANG fact wins over an equal TEXT fact. Call once when done. */
void fact_set_finish(fact_set *f);
bool fact_set_line_seen(const fact_set *f, unsigned line); /* after fact_set_finish */
/* The uses within an entity, one a call, in order: those whose `in` is its name on its lines. Start
 * with *cursor 0. NULL at the end. After fact_set_finish. */
const use *fact_set_use_within(const fact_set *f, const entity *e, guint *cursor);

/* For caches and worker processes: one self-contained, versioned record, the same on all machines
 * of one byte order. fact_set_decode checks everything and returns NULL on foreign bytes. */
GBytes *fact_set_encode(const fact_set *f);
fact_set *fact_set_decode(GBytes *bytes);

/* Stable names for reports and the database: "function", "call", ... */
const char *entity_kind_name(entity_kind kind);
const char *use_kind_name(use_kind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(fact_set, fact_set_free)
