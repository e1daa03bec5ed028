/* Headers that a build makes by running something, made here by reading what it would read.
 *
 * Two kinds: what lies in an include path is given to every file of a configuration (memory files
 * of tree_config); what lies in a folder of sources, to the files that ask for it
 * (generated_local).
 */
#pragma once

#include "kernel/tree_priv.h"

/* Begins the text of a header that is not what a build would make: names alone. What the build
 * would put there follows. */
#define GENERATED_STAND_IN "/* stands in for "

/* The folder of the layout with what stands in for the headers of the host's C library. */
#define GENERATED_HOST ".host/include"

/* Adds a header to the configuration's memory files unless the tree brings it. Takes `text`; NULL
 * adds nothing. */
void generated_put(tree_arch *a, tree_config *c, const char *path, char *text);
/* arch/X/include/generated/asm/y.h for generic-y and mandatory-y of Kbuild files. */
void generated_wrappers(tree_arch *a, tree_config *c);
/* Lines of a file of the tree without those that begin with '#', split into words: NULL-terminated
 * vectors. The caller's; NULL when there is no such file. */
GPtrArray *generated_lines(tree_arch *a, const char *path);
/* Tables and numbers of system calls. */
void generated_syscalls(tree_arch *a, tree_config *c);
/* Other tables of one architecture: arm64's registers, arm's machines, s390's facilities. */
void generated_tables(tree_arch *a, tree_config *c);
/* Headers of include paths that rules tell (header_rules.h). */
void generated_by_rules(tree_arch *a, tree_config *c);
/* Conversions between ticks and times for this HZ; NULL when there is none. The caller's. */
char *generated_timeconst(unsigned hz);
/* bounds.h and asm-offsets.h: what stands in for them, and what they are computed from. */
bool generated_constants(tree_arch *a, tree_config *c, GError **err);

/* ---- headers of folders ---- */

/* What a file of the tree gets: the configuration's memory files, and headers of folders that it
 * asks for. `text` is the file's. Borrowed from the configuration. */
const GPtrArray *generated_local(tree_arch *a, tree_config *c, const char *path, GBytes *text);

/* Makers: the text of a header, or NULL when this tree has nothing to make it of. The caller's. */
typedef char *generated_maker(tree_arch *a, tree_config *c, const char *path);
generated_maker generated_grammar;     /* x.asn1.h of x.asn1 */
generated_maker generated_shipped;     /* x.h of x.h_shipped */
generated_maker generated_classes;     /* SELinux' classes, by classmap.h */
generated_maker generated_permissions; /* and their permissions */
generated_maker generated_registers;   /* radeon's registers that user space may write */
generated_maker generated_crc32;
generated_maker generated_crc64;
generated_maker generated_identifiers; /* ASN.1 object identifiers */
generated_maker generated_features;    /* names of x86's processor features */
generated_maker generated_policy;      /* files as strings */
