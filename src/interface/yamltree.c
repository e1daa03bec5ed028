/* YAML as a tree of nodes that know their line. */
#include "interface/yamltree.h"

#include <string.h>
#include <yaml.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

static void node_free(yaml_node *n)
{
	if (!n)
		return;
	g_free(n->text);
	if (n->keys)
		g_ptr_array_unref(n->keys);
	if (n->items)
		g_ptr_array_unref(n->items);
	g_free(n);
}

static yaml_node *node_new(yaml_kind kind, size_t line)
{
	yaml_node *n = g_new0(yaml_node, 1);
	n->kind = kind;
	n->line = (unsigned)line + 1;
	if (kind == YAML_IS_MAP)
		n->keys = g_ptr_array_new_with_free_func(g_free);
	if (kind != YAML_IS_SCALAR)
		n->items = g_ptr_array_new_with_free_func((GDestroyNotify)node_free);
	return n;
}

void yaml_tree_free(yaml_tree *t)
{
	if (!t)
		return;
	g_free(t->name);
	node_free(t->root);
	g_free(t);
}

/* What is being read: the open containers, and the key that waits for its value. */
typedef struct builder {
	yaml_tree *tree;
	yaml_node *open[YAML_LIMIT_DEPTH];
	char *key[YAML_LIMIT_DEPTH]; /* pending key of an open map, or NULL */
	unsigned depth;
	unsigned nodes;
} builder;

static void builder_clear(builder *b)
{
	for (unsigned i = 0; i < b->depth; i++)
		g_free(b->key[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(builder, builder_clear)

static bool refuse(const builder *b, size_t line, GError **err, const char *hint, const char *what)
{
	return error_set(err, TRUCE_ERROR_INPUT, hint, "%s:%zu: %s", b->tree->name, line + 1, what);
}

/* True when a scalar that comes now is a key. */
static bool wants_key(const builder *b)
{
	return b->depth && b->open[b->depth - 1]->kind == YAML_IS_MAP && !b->key[b->depth - 1];
}

static void attach(builder *b, yaml_node *n)
{
	if (!b->depth) {
		b->tree->root = n;
		return;
	}
	yaml_node *parent = b->open[b->depth - 1];
	n->parent = parent;
	n->index = parent->items->len;
	if (parent->kind == YAML_IS_MAP)
		g_ptr_array_add(parent->keys, g_steal_pointer(&b->key[b->depth - 1]));
	g_ptr_array_add(parent->items, n);
}

static bool take_key(builder *b, const char *text, size_t line, GError **err)
{
	const yaml_node *map = b->open[b->depth - 1];
	if (map->items->len == YAML_LIMIT_KEYS)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL, "%s:%zu: more than %u keys",
			b->tree->name, line + 1, YAML_LIMIT_KEYS);
	if (yaml_get(map, text)) {
		g_autofree char *what = g_strdup_printf("key \"%s\" stands here twice", text);
		return refuse(b, line, err, "keep one of the two", what);
	}
	b->key[b->depth - 1] = g_strdup(text);
	return true;
}

static bool take_scalar(builder *b, const yaml_event_t *e, GError **err)
{
	size_t line = e->start_mark.line;
	if (memchr(e->data.scalar.value, 0, e->data.scalar.length))
		return refuse(b, line, err, NULL, "a text holds a NUL byte");
	const char *text = (const char *)e->data.scalar.value;
	if (wants_key(b))
		return take_key(b, text, line, err);
	yaml_node *n = node_new(YAML_IS_SCALAR, line);
	n->text = g_strdup(text);
	attach(b, n);
	return true;
}

static bool open_container(builder *b, yaml_kind kind, size_t line, GError **err)
{
	if (b->depth == YAML_LIMIT_DEPTH)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL,
			"%s:%zu: nested deeper than %u levels", b->tree->name, line + 1,
			YAML_LIMIT_DEPTH);
	if (wants_key(b))
		return refuse(b, line, err, NULL, "a key must be a plain word");
	yaml_node *n = node_new(kind, line);
	attach(b, n);
	b->open[b->depth] = n;
	b->key[b->depth++] = NULL;
	return true;
}

static bool count_node(builder *b, size_t line, GError **err)
{
	if (++b->nodes <= YAML_LIMIT_NODES)
		return true;
	return error_set(err, TRUCE_ERROR_LIMIT, NULL, "%s:%zu: more than %u values", b->tree->name,
		line + 1, YAML_LIMIT_NODES);
}

/* Anchors make aliases possible, and aliases make a small file a huge tree; tags ask for types
 * that no rule file has. */
static bool plain(const builder *b, const yaml_event_t *e, const yaml_char_t *anchor,
	const yaml_char_t *tag, GError **err)
{
	const char *hint = "write the value out where it is used";
	if (anchor)
		return refuse(b, e->start_mark.line, err, hint, "anchors (&name) are not read");
	if (tag)
		return refuse(b, e->start_mark.line, err, hint, "tags (!name) are not read");
	return true;
}

static bool take_event(builder *b, const yaml_event_t *e, GError **err)
{
	size_t line = e->start_mark.line;
	switch (e->type) {
	case YAML_ALIAS_EVENT:
		return refuse(b, line, err, "write the value out where it is used",
			"aliases (*name) are not read");
	case YAML_DOCUMENT_START_EVENT:
		if (b->tree->root)
			return refuse(
				b, line, err, "put it into a file of its own", "a second document");
		return true;
	case YAML_SCALAR_EVENT:
		return plain(b, e, e->data.scalar.anchor, e->data.scalar.tag, err) &&
		       count_node(b, line, err) && take_scalar(b, e, err);
	case YAML_SEQUENCE_START_EVENT:
		return plain(b, e, e->data.sequence_start.anchor, e->data.sequence_start.tag,
			       err) &&
		       count_node(b, line, err) && open_container(b, YAML_IS_LIST, line, err);
	case YAML_MAPPING_START_EVENT:
		return plain(b, e, e->data.mapping_start.anchor, e->data.mapping_start.tag, err) &&
		       count_node(b, line, err) && open_container(b, YAML_IS_MAP, line, err);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return true;
	default:
		return true;
	}
}

static bool parse(builder *b, yaml_parser_t *parser, GError **err)
{
	for (;;) {
		yaml_event_t event;
		if (!yaml_parser_parse(parser, &event)) {
			g_autofree char *what = g_strdup_printf(
				"not YAML: %s", parser->problem ? parser->problem : "unreadable");
			return refuse(b, parser->problem_mark.line, err,
				"indent with blanks, never tabs, and quote patterns: 'a|b'", what);
		}
		bool last = event.type == YAML_STREAM_END_EVENT;
		bool ok = take_event(b, &event, err);
		yaml_event_delete(&event);
		if (!ok)
			return false;
		if (last)
			return true;
	}
}

bool yaml_tree_read(yaml_tree **out, const char *name, GBytes *text, GError **err)
{
	gsize len;
	const unsigned char *bytes = g_bytes_get_data(text, &len);
	if (len > LIMIT_YAML_BYTES)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL,
			"%s: %zu bytes; at most %zu are read", name, (size_t)len, LIMIT_YAML_BYTES);
	g_autoptr(yaml_tree) tree = g_new0(yaml_tree, 1);
	tree->name = g_strdup(name);
	g_auto(builder) b = {.tree = tree};
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		return error_set(err, TRUCE_ERROR_INTERNAL, NULL, "%s: no YAML parser", name);
	/* an empty GBytes has no data, which libyaml does not take */
	yaml_parser_set_input_string(&parser, bytes ? bytes : (const unsigned char *)"", len);
	bool ok = parse(&b, &parser, err);
	yaml_parser_delete(&parser);
	if (!ok)
		return false;
	if (!tree->root)
		return error_set(err, TRUCE_ERROR_INPUT, NULL, "%s: the file is empty", name);
	*out = g_steal_pointer(&tree);
	return true;
}

/* "points[3].names[0]": built from the leaf up. */
static char *node_place(const yaml_node *n)
{
	g_autofree char *place = g_strdup("");
	for (; n && n->parent; n = n->parent) {
		const yaml_node *p = n->parent;
		const char *join = !*place || *place == '[' ? "" : ".";
		g_autofree char *step = p->kind == YAML_IS_MAP
						? g_strdup(g_ptr_array_index(p->keys, n->index))
						: g_strdup_printf("[%u]", n->index);
		char *longer = g_strconcat(step, join, place, NULL);
		g_free(place);
		place = longer;
	}
	return g_steal_pointer(&place);
}

bool yaml_fail(const yaml_tree *t, const yaml_node *n, GError **err, const char *hint,
	const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	g_autofree char *what = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	g_autofree char *place = node_place(n);
	g_autofree char *text = g_strdup_printf("%s%s%s", place, *place ? ": " : "", what);
	g_autofree char *shown = text_printable(text, strlen(text));
	return error_set(err, TRUCE_ERROR_INPUT, hint, "%s:%u: %s", t->name, n->line, shown);
}

const yaml_node *yaml_get(const yaml_node *map, const char *key)
{
	if (!map || map->kind != YAML_IS_MAP)
		return NULL;
	for (guint i = 0; i < map->items->len; i++)
		if (strcmp(g_ptr_array_index(map->keys, i), key) == 0)
			return g_ptr_array_index(map->items, i);
	return NULL;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	return MIN(MIN(a, b), c);
}

/* Longest word that is compared: no key is nearly as long. */
#define NEAREST_MAX 64u

/* Levenshtein's distance. */
static unsigned edit_distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	if (la > NEAREST_MAX || lb > NEAREST_MAX)
		return G_MAXUINT;
	unsigned row[NEAREST_MAX + 1];
	for (unsigned j = 0; j <= lb; j++)
		row[j] = j;
	for (unsigned i = 1; i <= la; i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= lb; j++) {
			unsigned old = row[j];
			row[j] = least(
				row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = old;
		}
	}
	return row[lb];
}

const char *yaml_nearest(const char *text, const char *const *words)
{
	const char *best = NULL;
	/* More than a third of the letters wrong is another word. */
	unsigned limit = (unsigned)strlen(text) / 3 + 2;
	for (; *words; words++) {
		unsigned distance = edit_distance(text, *words);
		if (distance < limit) {
			limit = distance;
			best = *words;
		}
	}
	return best;
}

static char *suggestion(const char *text, const char *const *words)
{
	const char *near = yaml_nearest(text, words);
	if (near)
		return g_strdup_printf("did you mean \"%s\"?", near);
	g_autofree char *all = g_strjoinv(", ", (char **)words);
	return g_strdup_printf("known here: %s", all);
}

bool yaml_expect_map(const yaml_tree *t, const yaml_node *n, const char *const *known, GError **err)
{
	if (n->kind != YAML_IS_MAP)
		return yaml_fail(t, n, err, NULL, "keys and values expected (KEY: VALUE)");
	for (guint i = 0; i < n->keys->len; i++) {
		const char *key = g_ptr_array_index(n->keys, i);
		if (g_strv_contains(known, key))
			continue;
		g_autofree char *hint = suggestion(key, known);
		return yaml_fail(t, g_ptr_array_index(n->items, i), err, hint, "unknown key");
	}
	return true;
}

const char *yaml_expect_text(const yaml_tree *t, const yaml_node *n, GError **err)
{
	if (n->kind == YAML_IS_SCALAR && *n->text)
		return n->text;
	yaml_fail(t, n, err, NULL, "a text expected");
	return NULL;
}

bool yaml_expect_number(
	const yaml_tree *t, const yaml_node *n, double low, double high, double *out, GError **err)
{
	const char *text = yaml_expect_text(t, n, err);
	if (!text)
		return false;
	char *end;
	double value = g_ascii_strtod(text, &end);
	/* written so that NaN fails */
	if (*end || !(value >= low && value <= high))
		return yaml_fail(t, n, err, NULL, "a number from %g to %g expected, not \"%s\"",
			low, high, text);
	*out = value;
	return true;
}

bool yaml_expect_list(const yaml_tree *t, const yaml_node *n, GError **err)
{
	return n->kind == YAML_IS_LIST || yaml_fail(t, n, err, NULL, "a list expected");
}

bool yaml_expect_word(const yaml_tree *t, const yaml_node *n, const char *const *words,
	unsigned *out, GError **err)
{
	const char *text = yaml_expect_text(t, n, err);
	if (!text)
		return false;
	for (unsigned i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0) {
			*out = i;
			return true;
		}
	g_autofree char *hint = suggestion(text, words);
	return yaml_fail(t, n, err, hint, "unknown word \"%s\"", text);
}

unsigned yaml_count(const yaml_node *n)
{
	if (!n)
		return 0;
	return n->kind == YAML_IS_LIST ? n->items->len : 1;
}

const yaml_node *yaml_item(const yaml_node *n, unsigned i)
{
	return n->kind == YAML_IS_LIST ? g_ptr_array_index(n->items, i) : n;
}
