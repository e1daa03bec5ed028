/* Ops tables as a tree has them: the operations that structs of function pointers hold. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* One operation: a member that holds a function. */
typedef struct ops_member {
	char *record; /* the struct's tag: "pv_mmu_ops" */
	char *group;  /* told from the tag: "mmu" */
	char *name;   /* "set_pte" */
	/* With the parameters' names as far as the tree has them: "void (pte_t *ptep, pte_t
	 * pteval)". NULL when the tree does not say: a function without type in a wrapper. */
	char *signature;
	GPtrArray *variants; /* char *: other signatures, of other #if branches */
	char *wrapper;	  /* "struct paravirt_callee_save" when the function is wrapped; or NULL */
	char *convention; /* "fastcall" of "(fastcall *name)"; or NULL */
	char *condition;  /* of the preprocessor, "" for none; of the first place it stands at */
	char *path;
	unsigned line;
} ops_member;

/* The operations of some structs, in the order of the source, each (record, name) once: the union
 * over all #if branches. */
typedef struct ops_table {
	GPtrArray *records; /* char *: tags that were found */
	GPtrArray *fields;  /* char *: names of members that are such records themselves */
	GPtrArray *files;   /* char *: where they are defined, each once */
	GPtrArray *members; /* ops_member * */
} ops_table;

typedef enum ops_drift_kind {
	OPS_ADDED,   /* the tree has it, the catalogue does not */
	OPS_REMOVED, /* the other way round */
	OPS_RENAMED, /* the tree knows it by another of its names */
	OPS_SIGNATURE,
} ops_drift_kind;

/* A difference between what was expected of a table and what a tree has. */
typedef struct ops_drift {
	ops_drift_kind kind;
	char *name;	/* "mmu.set_pte": of the expectation when it has one */
	char *was, *is; /* signatures or names; NULL when there is none */
	char *path;	/* where the tree has it, or has the table; NULL when it has none */
	unsigned line;
} ops_drift;

ops_member *ops_member_new(const char *record, const char *name);
void ops_member_free(ops_member *m);
ops_table *ops_table_new(void);
void ops_table_free(ops_table *t);
/* The member by name, in one record (NULL: in any). NULL when there is none. Borrowed. */
ops_member *ops_table_find(const ops_table *t, const char *record, const char *name);
/* "mmu" of "pv_mmu_ops", "file" of "file_operations". The caller's. */
char *ops_group(const char *tag);
/* True when `signature` is the member's in some branch, or when the member has none. */
bool ops_member_has_type(const ops_member *m, const char *signature);

ops_drift *ops_drift_new(ops_drift_kind kind, const char *name);
void ops_drift_free(ops_drift *d);
const char *ops_drift_name(ops_drift_kind kind); /* "added" */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ops_member, ops_member_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ops_table, ops_table_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ops_drift, ops_drift_free)
