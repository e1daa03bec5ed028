/* What the readers of a catalogue's parts share (load_values, load_uses, load_rules, load_points,
 * version; load.c calls them). Internal to src/interface. */
#pragma once

#include "interface/catalogue.h"
#include "interface/rule.h"
#include "interface/yamltree.h"

#define BIT(x) (1u << (x))

/* The lists that a point may have; rules name them. */
typedef enum point_list {
	LIST_NAMES,
	LIST_HOOKS,
	LIST_SITES,
	LIST_CALLS,
	LIST_INSTRUCTIONS,
	POINT_LISTS
} point_list;

/* Their names, NULL-terminated. */
extern const char *const loader_lists[];

/* What is being loaded. `point` and below are those of the point at work. */
typedef struct loader {
	const yaml_tree *tree;
	catalogue *c;
	const yaml_node *vocabulary;
	GPtrArray *words; /* char *, NULL-terminated: vocabulary words and list names */
	const point *point;
	const yaml_node *point_node;
	char *names;	 /* "(?:a|b)" */
	char *slot;	 /* the same of the member and its aliases */
	const char *arg; /* inside a vocabulary word with an argument */
	unsigned word_depth;
	unsigned steps;
} loader;

/* All return false with an error that names file, line and key; where the node is NULL, or has no
 * such key, they return true and leave *out alone. */

/* False: "unknown WHAT "TEXT"", with the nearest of the known words as a hint. */
bool loader_fail_unknown(const loader *l, const yaml_node *n, GError **err, const char *what,
	const char *text, const char *const *known);
/* `text` with {member} and the like replaced; the caller's, NULL on failure. */
char *loader_fill(const loader *l, const yaml_node *n, const char *text, GError **err);
/* The compiled pattern, the catalogue's; NULL on failure. */
const pattern *loader_compile(
	loader *l, const yaml_node *n, const char *text, pattern_mode mode, GError **err);
/* A text, filled and compiled. */
bool loader_pattern(
	loader *l, const yaml_node *n, pattern_mode mode, const pattern **out, GError **err);
/* The text under `key`, without the blanks at its end; the caller's. */
bool loader_text(loader *l, const yaml_node *map, const char *key, char **out, GError **err);
/* The same, which must be there. */
bool loader_need_text(loader *l, const yaml_node *map, const char *key, char **out, GError **err);
/* A list of texts, or one text, appended to *out (char *), which is made when it is NULL. */
bool loader_texts(loader *l, const yaml_node *n, GPtrArray **out, GError **err);
/* Words that stand for bits. */
bool loader_bits(
	loader *l, const yaml_node *n, const char *const *words, unsigned *bits, GError **err);

/* Everything that a list of uses can hold, appended to *out (use_test *), which is made when it is
 * NULL. */
bool loader_uses(loader *l, const yaml_node *n, GPtrArray **out, GError **err);
/* What a word of the vocabulary stands for; `arg` is its argument or NULL. */
bool loader_word(loader *l, const yaml_node *at, const char *word, const char *arg, GPtrArray *out,
	GError **err);
/* A list of the point at work. */
bool loader_point_list(loader *l, point_list which, GPtrArray *out, GError **err);

/* Rules that can hold at the point at work, appended to `out` (rule *); the others' ids go to the
 * catalogue's idle. */
bool loader_rules(loader *l, const yaml_node *n, GPtrArray *out, GError **err);

/* The points of the file, into the catalogue's specs. */
bool loader_points(loader *l, const yaml_node *root, GError **err);

/* The entries of a `fits` list, appended to `out` (fit_test *). */
bool loader_fits(loader *l, const yaml_node *n, GPtrArray *out, GError **err);

/* Reads `versions`, after the points. */
bool versions_read(loader *l, const yaml_node *n, GError **err);
