/* What reader, macro language and evaluator of Kconfig share. */
#pragma once

#include "kernel/kconfig.h"

typedef struct kconfig_macros kconfig_macros;

struct kconfig {
	GStringChunk *strings;
	GPtrArray *nodes;      /* everything allocated, freed at the end */
	GPtrArray *symbols;    /* kconfig_symbol *, by id */
	GHashTable *names;     /* name -> symbol; constants apart in `constants` */
	GHashTable *constants; /* text -> symbol */
	GPtrArray *properties;
	GPtrArray *problems;
	GPtrArray *files;
	kconfig_entry *root;
	kconfig_symbol *modules; /* the symbol that allows m */
	const kconfig_symbol *yes, *mod, *no;
	GHashTable *environment; /* borrowed while reading */
	bool old_choices;	 /* of a kernel before v2.6.36, by KERNELVERSION */
};

kconfig_macros *kconfig_macros_new(GHashTable *environment);
void kconfig_macros_free(kconfig_macros *m);
/* `flavour`: '=' (recursive), ':' (simple) or '+' (append). */
void kconfig_macro_assign(kconfig_macros *m, const char *name, char flavour, const char *value);
/* Expands every $(...) of `text`; the caller's. */
char *kconfig_macro_expand(kconfig_macros *m, const char *text);
/* The length of the $(...) that starts at `text`; 0 when it does not end. */
size_t kconfig_macro_length(const char *text);
