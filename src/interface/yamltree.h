/* YAML as a tree of nodes that know their line: the only user of yaml.h.
 *
 * libyaml is used directly, not through libcyaml: libcyaml (1.3) binds straight into structs and
 * forgets the line, so that whatever is only found later (a pattern that does not compile, a rule
 * that names an unknown list) could not say where it stands; and it answers an unknown key with
 * its name alone. Here each node keeps its line and its place, and every error names file, line
 * and key.
 *
 * The input is hostile until read: size, depth and node count are capped; anchors, aliases, tags
 * and several documents are refused. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Nesting of a rule file; the deepest sensible catalogue has 7 levels. */
#define YAML_LIMIT_DEPTH 32u
/* Nodes of a file: the largest catalogue known has about 10,000. */
#define YAML_LIMIT_NODES 1000000u
/* Keys of one map: no map of a catalogue has 30. Keys are looked up one by one. */
#define YAML_LIMIT_KEYS 1000u

typedef enum yaml_kind {
	YAML_IS_SCALAR,
	YAML_IS_LIST,
	YAML_IS_MAP,
} yaml_kind;

typedef struct yaml_node yaml_node;
struct yaml_node {
	yaml_kind kind;
	unsigned line;		 /* from 1 */
	char *text;		 /* scalar */
	GPtrArray *keys;	 /* map: char *, in the order of the file */
	GPtrArray *items;	 /* list, map: yaml_node * */
	const yaml_node *parent; /* NULL for the root */
	unsigned index;		 /* place in the parent's items */
};

typedef struct yaml_tree {
	char *name; /* for messages: the file's path */
	yaml_node *root;
} yaml_tree;

/* Reads one document. On success *out is the caller's (yaml_tree_free). Errors: INPUT with file
 * and line; LIMIT. Thread-safe. */
bool yaml_tree_read(yaml_tree **out, const char *name, GBytes *text, GError **err);
void yaml_tree_free(yaml_tree *t);

/* Sets *err to "FILE:LINE: KEY: message", KEY being the node's place ("points[3].names[0]");
 * returns false. */
bool yaml_fail(const yaml_tree *t, const yaml_node *n, GError **err, const char *hint,
	const char *fmt, ...) G_GNUC_PRINTF(5, 6);

/* The value of a key of a map, or NULL. Borrowed. */
const yaml_node *yaml_get(const yaml_node *map, const char *key);
/* True when `n` is a map whose keys all are in `known` (NULL-terminated); an unknown key is an
 * error that suggests the nearest known one. */
bool yaml_expect_map(
	const yaml_tree *t, const yaml_node *n, const char *const *known, GError **err);
/* A non-empty scalar, borrowed; NULL with *err set otherwise. */
const char *yaml_expect_text(const yaml_tree *t, const yaml_node *n, GError **err);
/* A number within low..high. */
bool yaml_expect_number(
	const yaml_tree *t, const yaml_node *n, double low, double high, double *out, GError **err);
bool yaml_expect_list(const yaml_tree *t, const yaml_node *n, GError **err);
/* One of `words` (NULL-terminated); its index in *out. */
bool yaml_expect_word(const yaml_tree *t, const yaml_node *n, const char *const *words,
	unsigned *out, GError **err);
/* The items of a list, or the scalar itself as the only one: a scalar may stand wherever a list of
 * scalars may. NULL (no node) has none. */
unsigned yaml_count(const yaml_node *n);
const yaml_node *yaml_item(const yaml_node *n, unsigned i);

/* The word of `words` nearest to `text`, or NULL when none is near enough to be meant. */
const char *yaml_nearest(const char *text, const char *const *words);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(yaml_tree, yaml_tree_free)
