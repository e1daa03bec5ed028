/* Kconfig: the configuration language of the kernel from 2005 to today, read and evaluated as the
 * kernel's own scripts/kconfig does it, without running anything.
 *
 * A `kconfig` is the language read: symbols, menus, expressions. It never changes afterwards and
 * may be shared by threads. A `kconfig_values` is one configuration on it; it belongs to one
 * thread. $(shell) and the cc-option family are answered from the table in kconfig_macro.c (what
 * is asked is written to no shell); see docs/kernel.md. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/text.h"

typedef enum tristate { TRI_N, TRI_M, TRI_Y } tristate;

typedef enum kconfig_type {
	KCONFIG_UNKNOWN, /* used, but never defined */
	KCONFIG_BOOL,
	KCONFIG_TRISTATE,
	KCONFIG_INT,
	KCONFIG_HEX,
	KCONFIG_STRING,
} kconfig_type;

typedef enum kexpr_kind {
	KEXPR_SYMBOL,
	KEXPR_NOT,
	KEXPR_AND,
	KEXPR_OR,
	KEXPR_EQUAL,
	KEXPR_UNEQUAL,
	KEXPR_LESS,
	KEXPR_LESS_EQUAL,
	KEXPR_GREATER,
	KEXPR_GREATER_EQUAL,
} kexpr_kind;

typedef struct kconfig_symbol kconfig_symbol;
typedef struct kconfig_entry kconfig_entry;

/* NULL stands for "yes" wherever an expression is expected. NOT uses `left` only; comparisons use
 * `a` and `b`, SYMBOL uses `a`. */
typedef struct kexpr {
	kexpr_kind kind;
	const struct kexpr *left, *right;
	const kconfig_symbol *a, *b;
} kexpr;

typedef enum kconfig_property_kind {
	KCONFIG_PROMPT,
	KCONFIG_DEFAULT,
	KCONFIG_SELECT, /* value is the selected symbol */
	KCONFIG_IMPLY,
	KCONFIG_RANGE, /* low and high */
} kconfig_property_kind;

typedef struct kconfig_property {
	kconfig_property_kind kind;
	unsigned line;
	const char *text;   /* a prompt's text; NULL otherwise */
	const kexpr *value; /* default's expression; selected symbol */
	const kconfig_symbol *low, *high;
	const kexpr *condition; /* as written after `if`; NULL: always */
	const kexpr *visible;	/* condition and all that is around it */
	const kconfig_entry *entry;
} kconfig_property;

struct kconfig_symbol {
	unsigned id;	  /* index into kconfig_symbols */
	const char *name; /* NULL for an unnamed choice; a constant's text */
	kconfig_type type;
	bool constant; /* "text", y, m, n, 17 */
	bool choice;
	bool optional;		       /* a choice that may be off */
	const kconfig_symbol *chooser; /* the choice that this symbol is a value of */
	GPtrArray *members;	       /* of a choice: const kconfig_symbol * */
	GPtrArray *properties;	       /* kconfig_property *, in order of reading; NULL: none */
	GPtrArray *entries;	       /* kconfig_entry *: where it is defined; NULL: nowhere */
	const kexpr *depends;	       /* direct dependencies: OR over entries; NULL: none */
	const kexpr *selected;	       /* reverse dependencies; NULL: none */
	const kexpr *implied;
	const char *env; /* option env="NAME" */
};

typedef enum kconfig_entry_kind {
	KCONFIG_ENTRY_ROOT,
	KCONFIG_ENTRY_CONFIG,
	KCONFIG_ENTRY_MENUCONFIG,
	KCONFIG_ENTRY_CHOICE,
	KCONFIG_ENTRY_MENU,
	KCONFIG_ENTRY_COMMENT,
	KCONFIG_ENTRY_IF,
} kconfig_entry_kind;

/* One block of a Kconfig file. */
struct kconfig_entry {
	kconfig_entry_kind kind;
	const char *path; /* the file */
	unsigned line, end_line;
	kconfig_symbol *symbol; /* config, menuconfig, choice */
	const kexpr *own;	/* its own depends on */
	const kexpr *depends;	/* with those of what is around it */
	const kexpr *visible_if;
	kconfig_property *prompt;
	kconfig_entry *parent, *children, *next;
	kconfig_type type; /* as declared here; UNKNOWN when not */
};

/* Where files come from. read returns the bytes of a tree path, or NULL when there is none; list
 * (may be NULL) the tree paths (char *, caller's) that match a glob. */
typedef struct kconfig_source {
	GBytes *(*read)(const char *path, void *data);
	GPtrArray *(*list)(const char *glob, void *data);
	void *data;
} kconfig_source;

typedef struct kconfig kconfig;

/* Reads `path` and what it sources. `environment` (name -> value; ARCH, SRCARCH, srctree,
 * KERNELVERSION, CC ...) answers $(NAME) and option env. A missing or broken part becomes a
 * problem (kconfig_problems) and the rest is read, as a person would; false only when `path`
 * itself is missing. */
bool kconfig_read(kconfig **out, const char *path, const kconfig_source *source,
	GHashTable *environment, GError **err);
void kconfig_free(kconfig *k);
const kconfig_symbol *kconfig_find(const kconfig *k, const char *name); /* NULL: not named */
const GPtrArray *kconfig_symbols(const kconfig *k); /* kconfig_symbol *; constants included */
const kconfig_entry *kconfig_root(const kconfig *k);
const GPtrArray *kconfig_problems(const kconfig *k); /* "path:line: text" */
/* Files that were read (char *), in order. */
const GPtrArray *kconfig_files(const kconfig *k);
/* An expression as Kconfig would spell it; "" for NULL. The caller's. */
char *kexpr_text(const kexpr *e);
const char *kconfig_type_name(kconfig_type type);

typedef struct kconfig_values kconfig_values;

/* A configuration without any value set: all defaults. Needs k alive. */
kconfig_values *kconfig_values_new(const kconfig *k);
kconfig_values *kconfig_values_copy(const kconfig_values *v);
void kconfig_values_free(kconfig_values *v);
/* Keeps of v only in what it differs from `like`, of the same language, which must outlive it and
 * is set no more: some KB in place of 64 bytes a symbol. Whatever is asked of v later wakes it up. */
void kconfig_values_rest(kconfig_values *v, const kconfig_values *like);
/* Takes the assignments of a .config or defconfig text; later ones win. */
void kconfig_values_load(kconfig_values *v, const char *text, size_t len);
/* Sets a value as a user would ("y", "17", "text"). False when there is no such symbol. */
bool kconfig_values_set(kconfig_values *v, const char *name, const char *value);
/* Answers to every question without a value: all yes, all no. */
typedef enum kconfig_fill { KCONFIG_FILL_YES, KCONFIG_FILL_NO, KCONFIG_FILL_MOD } kconfig_fill;
void kconfig_values_fill(kconfig_values *v, kconfig_fill fill);
/* The value in force: "y", "m", "n", a number, a text. NULL when the symbol is not defined. */
const char *kconfig_value(kconfig_values *v, const char *name);
tristate kconfig_tristate(kconfig_values *v, const char *name);
tristate kexpr_value(kconfig_values *v, const kexpr *e);
/* True when the kernel's conf would write the symbol to .config. */
bool kconfig_is_written(kconfig_values *v, const kconfig_symbol *s);
/* Brings `name` to at least (want M, Y) or at most (want N) this value by setting it and what it
 * needs: dependencies, choices, selectors, defaults. False, and nothing changed, when no way was
 * found. `depth`-bounded search, not a proof. */
bool kconfig_require(kconfig_values *v, const char *name, tristate want);
bool kconfig_require_expr(kconfig_values *v, const kexpr *e, tristate want);
/* The texts that the kernel's conf writes; the caller's. */
char *kconfig_autoconf(kconfig_values *v);
char *kconfig_dotconfig(kconfig_values *v);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(kconfig, kconfig_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kconfig_values, kconfig_values_free)
