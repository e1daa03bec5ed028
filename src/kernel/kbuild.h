/* Kbuild: which object is built under which symbols, read from Makefiles and Kbuild files as data.
 *
 * Reading is symbolic: all branches of a makefile count, and each rule carries the symbols that
 * must be on or off for it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "kernel/make.h"

/* CONFIG_<name> must be on (y or m), or off. */
typedef struct kbuild_guard {
	char *name;
	bool on;
} kbuild_guard;

/* One word on the right of one assignment. */
typedef struct kbuild_rule {
	char *object;	/* "apic.o", "timers/" as written, variables expanded */
	char *variable; /* "obj-$(CONFIG_X)" as written */
	char *base;	/* "obj", "lib", "core", "extra"; the composite's name for its parts */
	char kind;	/* 'd' a folder, 'o' an object of a list that is linked, 'p' a part of one,
			 * 'i' an include path (-I) */
	unsigned line;
	GArray *guards; /* kbuild_guard */
} kbuild_rule;

typedef struct kbuild_makefile {
	char *path;
	GPtrArray *rules;  /* kbuild_rule *, in order */
	GHashTable *asked; /* CONFIG names that conditionals ask for (set, owned) */
	GPtrArray *statements;
	GPtrArray *included; /* char *: paths of makefiles that were read with it; NULL: none */
} kbuild_makefile;

/* Reads one makefile. `variables` (name -> value; SRCARCH, ARCH ...; may be NULL) are expanded. */
kbuild_makefile *kbuild_read(const char *path, const char *text, size_t len, GHashTable *variables);
/* As kbuild_read, with the rules of makefiles that it includes, which `source` reads. */
kbuild_makefile *kbuild_read_whole(const char *path, const char *text, size_t len,
	GHashTable *variables, const make_source *source);
void kbuild_makefile_free(kbuild_makefile *k);

/* Makefiles of a tree, read once each. */
typedef struct kbuild kbuild;
/* `source` answers reads (config is not used). `srcarch` is the folder below arch/, `subarch` what
 * ARCH=um is a program of (NULL for others). */
kbuild *kbuild_new(
	const make_source *source, const char *arch, const char *srcarch, const char *subarch);
void kbuild_free(kbuild *b);
/* Takes from `base` (of the same architecture, alive longer) what it has read of the makefiles for
 * which `same` says that they are the same here. `data` is that of b's source. */
void kbuild_share(kbuild *b, kbuild *base, bool (*same)(const char *path, void *data));

/* One way in which a file is built. */
typedef struct kbuild_way {
	GArray *guards; /* kbuild_guard: all must hold. Names are borrowed from the kbuild */
	bool reached;	/* makefiles lead from the root to its folder: part of the kernel itself,
			 * unlike a boot loader or a tool */
	char *module;	/* KBUILD_MODNAME: the composite's name, else the object's, '-' as '_' */
	char *folder;	/* of the makefile, when that is no folder above the file's: its flags are
			 * the file's. NULL: as the file lies */
} kbuild_way;
/* The ways in which path ("drivers/net/e1000/e1000_main.c") gets built, in the order of the rules;
 * empty when no makefile names it. What lies in another architecture's folder is built as this
 * one's makefiles say (obj-y += ../../i386/kernel/x.o), when they name it. *asked (may be NULL;
 * set, borrowed) are symbols that conditionals of its makefile ask for. The caller's (kbuild_way
 * *). */
GPtrArray *kbuild_ways(kbuild *b, const char *path, GHashTable **asked);
/* The symbols under which the architecture's makefile puts a folder that holds `header` into the
 * include path (kbuild_guard, names borrowed); empty when it is always there or never named. The
 * deepest folder counts. `asm_folder` is what include/asm leads to (may be NULL). The caller's. */
GArray *kbuild_include_guards(kbuild *b, const char *header, const char *asm_folder);
/* The folder of the include path that those symbols stand before (a tree path); NULL when there is
 * none. The caller's. */
char *kbuild_include_folder(kbuild *b, const char *header, const char *asm_folder);
/* The makefile of a folder (Kbuild before Makefile); NULL when there is none. Borrowed. */
const kbuild_makefile *kbuild_folder(kbuild *b, const char *folder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(kbuild, kbuild_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kbuild_makefile, kbuild_makefile_free)
