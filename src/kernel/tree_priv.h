/* What the parts of kernel_tree share. */
#pragma once

#include "kernel/kbuild.h"
#include "kernel/kconfig_solve.h"
#include "kernel/layout.h"
#include "kernel/tree.h"

/* One configuration of one architecture of one tree. */
typedef struct tree_config {
	kconfig_values *values; /* NULL when the tree has no Kconfig */
	GPtrArray *memory;	/* memory_file * that every file gets */
	GHashTable *with_local; /* see generated_local.c: key -> GPtrArray of memory_file * */
	GPtrArray *computed;	/* computed_header * */
	GPtrArray *args;	/* char *: everything that does not depend on the file */
	guint fixed;		/* of these, what no makefile told */
	GHashTable *aliases;	/* absolute prefix -> tree prefix */
} tree_config;

/* What can be configured for an architecture: one for all trees that agree in the files that say
 * so. */
typedef struct tree_language {
	guint users;
	kconfig *language; /* NULL when there is no Kconfig */
	kconfig_values *defaults;
	kconfig_solver *solver; /* around the defaults; see tree_solver. NULL until asked */
} tree_language;

/* One architecture of one tree. */
typedef struct tree_arch {
	struct kernel_tree *tree;
	char *name, *folder; /* see arch.h, and the folder below arch/; "" without architecture */
	const char *subarch; /* of ARCH=um: the machine that it is a program of; NULL: is no um */
	char *host;	  /* of ARCH=um: the folder below arch/ of that machine; NULL: is no um */
	GPtrArray *links; /* see tree_links.c; NULL until asked */
	char *asm_folder; /* "include/asm-i386", where <asm/x.h> is found; NULL: by -I alone */
	tree_language *shared;
	kconfig *language;	  /* of `shared` */
	kconfig_values *defaults; /* of `shared` */
	kbuild *build;
	GHashTable *configs; /* key -> tree_config */
	GPtrArray *awake;    /* tree_config * of `configs`, the last used ones; the others rest */
	GHashTable *environment;
	GHashTable *includers;	/* see tree_includer.c; NULL until asked */
	kconfig_values *asking; /* what make_source.config answers from */
} tree_arch;

struct kernel_tree {
	repo *r;
	struct kernel_tree *base; /* NULL for the base itself */
	oid tree;
	tree_index *index;
	char *cache_dir;
	layout *layout;
	GHashTable *archs;	   /* name -> tree_arch */
	GHashTable *given;	   /* folder -> GBytes: a .config of the user's; NULL: none */
	kernel_commands *commands; /* of a base: a build of the user's; NULL: none */
	GHashTable *includes; /* of a base: oid * -> GPtrArray; see tree_includer.c; NULL: none */
	GHashTable *macro_names; /* of a base: oid * -> names; see macros.c; NULL: none */
	GHashTable *borrowed;	 /* see tree_borrow.c; NULL until asked */
	GHashTable *lenders; /* with it: makefiles that lead out of their folder (set; borrowed) */
	GPtrArray *local_headers;		/* see generated_local.c; NULL until asked */
	GPtrArray *header_rules;		/* of a base: header_rule *; NULL until asked */
	unsigned version, patchlevel, sublevel; /* of its Makefile; 0 when there is none */
	char *release;				/* "2.6.16-rc5" */
	char *configuration; /* of a tip: names what its Kconfig files and defconfigs have other
			      * than   the base's; "": nothing */
	GHashTable *shapes;  /* of a base: see ground.c; NULL: none */
	char *ground, *ground_includes, *ground_sources; /* see ground.h; NULL until asked */
	GHashTable *reads;     /* sources that were read (set; borrowed); NULL: none */
	bool unreadable;       /* a file could not be read, for no fault of its own */
	GHashTable *languages; /* of a base: char * -> tree_language, of its tips; NULL: none */
	bool generated;	       /* include/generated/ instead of include/linux/ */
	bool kbuild_str;       /* KBUILD_BASENAME=KBUILD_STR(x) */
	bool kbuild_quoted;    /* KBUILD_BASENAME="x" */
	bool kbuild_modfile;   /* KBUILD_MODFILE="folder/x" */
	bool gnu11;
	bool one_x86; /* SUBARCH of both i386 and x86_64 is x86 */
};

/* The bytes of a file of the tree; NULL when there is none. The caller's. What answers stand on is
 * noted by it (kernel_tree_reads). */
GBytes *tree_read(kernel_tree *t, const char *path);
/* The same of a source that is asked about, or of which only kernel_ground_includes' part counts,
 * or that no answer stands on. */
GBytes *tree_read_source(kernel_tree *t, const char *path);
void ground_note_read(kernel_tree *t, const tree_file *file);
bool tree_has(kernel_tree *t, const char *path);
/* The architecture's state, made on first use. Never NULL. Borrowed. */
tree_arch *tree_arch_get(kernel_tree *t, const char *name);
void tree_arch_free(gpointer data);
/* A source for makefiles of this architecture, answering CONFIG_ from a->asking. */
make_source tree_make_source(tree_arch *a);

/* The configuration for a way of being built (may be NULL: as it comes). Made once for each set of
 * symbols. Borrowed. */
bool tree_config_get(tree_config **out, tree_arch *a, const GArray *guards, GError **err);
/* The configuration whose answers `settings` ("X=y", sorted) are the only ones that are not the
 * architecture's first; `v` is what they come to (copied on first use). Borrowed. */
bool tree_config_settled(tree_config **out, tree_arch *a, const GPtrArray *settings,
	const kconfig_values *v, GError **err);
void tree_config_free(gpointer data);
/* Whether the user gave a .config for the architecture. */
bool tree_is_given(const tree_arch *a);
/* The solver around the architecture's first configuration; NULL without Kconfig. Borrowed. */
kconfig_solver *tree_solver(tree_arch *a);
/* How many guards hold in the architecture's first configuration after switching what can be. */
guint tree_guards_held(kconfig_values *v, const GArray *guards);

/* The unit of `path`, with `more` guards (kbuild_guard, may be NULL) beside those of its build. */
bool tree_unit(
	analysis_unit **out, tree_arch *a, const char *path, const GArray *more, GError **err);

/* The ways in which a file is built, copies that the build picks by a symbol included. The
 * caller's (kbuild_way *). */
GPtrArray *tree_ways(tree_arch *a, const char *path);
/* The unit of `path` built this way (NULL: in none that is known) in this configuration, with -D
 * for each of `defines` (NULL: none). */
bool tree_unit_in(analysis_unit **out, tree_arch *a, const char *path, const kbuild_way *way,
	tree_config *config, char **defines, GError **err);

/* What a text includes: as written, with the quote or bracket that opens it. The caller's (char *).
 */
GPtrArray *tree_includes(GBytes *text);
/* What a file of the tree includes, in the same form. Read once a blob. Borrowed; NULL when there
 * is none. */
const GPtrArray *tree_file_includes(kernel_tree *t, const char *path);

/* One step from a header towards the file that is compiled. */
typedef struct tree_step {
	const char *from;     /* includes the step before it; borrowed from the index */
	const char *included; /* as written */
} tree_step;
/* How a compiled file reaches a header: steps from the header up, the last from the file itself. */
typedef struct tree_chain {
	GArray *steps; /* tree_step */
} tree_chain;
/* Files that are compiled (.c; .S when `assembly`) and include `header`, nearest first, of equally
 * near ones those of `parsed` (may be NULL) first; at most `most`. Whether one is built is not
 * asked. The caller's (tree_chain *). */
GPtrArray *tree_includers(
	tree_arch *a, const char *header, const char *const *parsed, bool assembly, guint most);

/* ---- makefiles ---- */

/* The variable that keeps what CPPFLAGS and its like were before the makefile added to them. */
#define TREE_GIVEN_CPPFLAGS "TRUCE_GIVEN_CPPFLAGS"
/* The architecture's makefile, run in this configuration (NULL: none). The caller's (make_free). */
make *tree_arch_makefile(tree_arch *a, kconfig_values *values);
/* That of a folder; NULL when there is none. The caller's. */
make *tree_folder_makefile(tree_arch *a, kconfig_values *values, const char *folder);
/* The same with symbols as `source` answers them. */
make *tree_folder_makefile_of(tree_arch *a, const make_source *source, const char *folder);
/* A variable's value after a run in that configuration. The caller's. */
char *tree_make_get(tree_arch *a, kconfig_values *values, make *m, const char *name);
/* Takes what matters of a command line written by makefiles. */
void tree_take_flags(GPtrArray *args, tree_arch *a, const char *text);

/* ---- links that a build makes ---- */

/* Where the tree path leads through a link; NULL when it does not. The caller's. */
char *tree_linked(tree_arch *a, const char *path);
/* A path by which the tree's file is found through a link to it; NULL: none leads there.
 * Borrowed. */
const char *tree_link_to(tree_arch *a, const char *path);
/* Headers behind links, as memory files that include them. */
void tree_put_links(tree_arch *a, tree_config *c);

/* ---- programs of user space ---- */

/* Why such a file has no unit: what it includes is not the tree's. */
#define TREE_PROGRAM "a program of user space: needs the C library's headers"
/* Whether the file is built as a part of um that runs on the host's C library (USER_OBJS). */
bool tree_is_program(tree_arch *a, const char *path);
/* Arguments of a file that is compiled as a program on the host is, with the flags that the
 * makefile's `variable` has. */
bool tree_program_flags(
	GPtrArray *args, tree_arch *a, tree_config *c, const char *variable, GError **err);

/* Arguments that every file of a configuration gets: target, language, include paths. */
bool tree_flags(GPtrArray *args, tree_arch *a, tree_config *c, GError **err);
/* KBUILD_BASENAME and its like of an object ("x" of x.o) in a folder, by the tree's era. */
void tree_name_flags(GPtrArray *args, const kernel_tree *t, const char *folder, const char *object,
	const char *module);
/* The arguments of a file as the user's build compiled it, instead of all that makefiles tell.
 * False when there is none, or it was made for another architecture. */
bool tree_given_flags(GPtrArray *args, tree_arch *a, tree_config *c, const char *path);
/* What the file's own makefiles add; `way` may be NULL. */
void tree_file_flags(
	GPtrArray *args, tree_arch *a, tree_config *c, const char *path, const kbuild_way *way);

/* The architectures (folders below arch/) whose makefiles build `path`, a file in the folder of
 * another: char *, sorted, borrowed. NULL when there are none. */
const GPtrArray *tree_borrowers(kernel_tree *t, const char *path);
/* Whether the architecture's makefiles build this file of another one's folder. */
bool tree_borrows(tree_arch *a, const char *path);
/* Headers that a build would make, as memory files. */
bool tree_memory(tree_arch *a, tree_config *c, GError **err);
/* Makes every file that `text` includes under a name that is no header readable: beside it, in
 * include/, or in a folder of `args` (-I). */
bool tree_place_includes(
	tree_arch *a, const char *path, GBytes *text, const GPtrArray *args, GError **err);
