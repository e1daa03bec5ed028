/* Macros of headers, from the texts of all that a file includes. */
#include "kernel/macros.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"

/* Files followed from one compiled file; 6.1's own reach about 1,500 by text. */
#define FILES 4000u
/* Nested includes followed, as clang does. */
#define INCLUDE_DEPTH 200u
/* Files that define one macro; more (DEBUG, pr_fmt) mean that each defines it for itself. */
#define DEFINERS 24u
/* Macros put in of one scene, and how deep their conditions lead to others. */
#define MACROS 200u
#define MACRO_DEPTH 8u
/* Conditions within each other that are rewritten; bounds the stack. */
#define CONDITION_DEPTH 2000u

/* What the files make of one macro. */
typedef struct definition {
	branch_macro value;
	const char *where; /* the last file that defines it; NULL: none, or it is not asked */
	bool open;	   /* its own conditions are being put in */
} definition;

struct macros {
	scene *s;
	branch_file *f;
	const char *without;
	macros_read read;
	void *data;
	GPtrArray *files;     /* const char *: in about the order of reading. NULL until asked */
	GHashTable *followed; /* path (set) */
	GHashTable *found;    /* name of <x> -> path or NULL: looked up along the include path */
	GPtrArray *args;      /* char *: the flags of the file */
	tree_config *config;
	GHashTable *known;    /* name -> definition * */
	GHashTable *expanded; /* const branch * -> const branch * */
	guint depth;
};

static void definition_free(gpointer data)
{
	definition *d = data;
	g_clear_pointer(&d->value.numbers, g_array_unref);
	g_free(d);
}

macros *macros_new(scene *s, const char *without, branch_file *f, macros_read read, void *data)
{
	macros *m = g_new0(macros, 1);
	*m = (macros){.s = s, .f = f, .without = without, .read = read, .data = data};
	m->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, definition_free);
	m->expanded = g_hash_table_new(NULL, NULL);
	return m;
}

void macros_free(macros *m)
{
	if (!m)
		return;
	g_clear_pointer(&m->files, g_ptr_array_unref);
	g_clear_pointer(&m->followed, g_hash_table_unref);
	g_clear_pointer(&m->found, g_hash_table_unref);
	g_clear_pointer(&m->args, g_ptr_array_unref);
	g_hash_table_unref(m->known);
	g_hash_table_unref(m->expanded);
	g_free(m);
}

/* ---- names ---- */

/* The macros that a text defines or takes back. */
typedef struct name_list {
	GPtrArray *names; /* char *, sorted, in `text` */
	char *text;
} name_list;

static void name_list_free(gpointer data)
{
	name_list *l = data;
	g_ptr_array_unref(l->names);
	g_free(l->text);
	g_free(l);
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

/* Appends the name that a #define or #undef behind this '#' has, and a NUL. */
static void add_name(GString *out, const char *p, const char *end)
{
	p = skip_blanks(p, end);
	size_t word = end - p > 7 && !memcmp(p, "define", 6)  ? 6
		      : end - p > 6 && !memcmp(p, "undef", 5) ? 5
							      : 0;
	const char *name = skip_blanks(p + word, end), *stop = name;
	while (stop < end && (g_ascii_isalnum(*stop) || *stop == '_'))
		stop++;
	if (word && name > p + word && stop > name)
		g_string_append_len(g_string_append_len(out, name, stop - name), "", 1);
}

static name_list *read_names(const char *text, size_t len)
{
	g_autoptr(GString) all = g_string_new(NULL);
	const char *end = text + len;
	for (const char *at = text; at && (at = memchr(at, '#', (size_t)(end - at))); at++) {
		const char *line = at;
		while (line > text && (line[-1] == ' ' || line[-1] == '\t'))
			line--;
		if (line == text || line[-1] == '\n')
			add_name(all, at + 1, end);
	}
	name_list *l = g_new0(name_list, 1);
	l->names = g_ptr_array_new();
	gsize size = all->len;
	l->text = g_string_free(g_steal_pointer(&all), FALSE);
	for (gsize at = 0; at < size; at += strlen(l->text + at) + 1)
		g_ptr_array_add(l->names, l->text + at);
	g_ptr_array_sort(l->names, sort_by_text);
	return l;
}

static gint compare_name(gconstpointer name, gconstpointer member)
{
	return strcmp(name, *(const char *const *)member);
}

/* Whether a file of the tree may define it or take it back. Names are read once a blob. */
static bool names_macro(kernel_tree *t, const char *path, const char *name)
{
	kernel_tree *root = t->base ? t->base : t;
	const tree_file *file = tree_index_find(t->index, path);
	if (!root->macro_names)
		root->macro_names =
			g_hash_table_new_full(oid_hash, oid_equal_key, g_free, name_list_free);
	name_list *l = g_hash_table_lookup(root->macro_names, &file->id);
	if (!l) {
		g_autoptr(GBytes) text = tree_read_source(t, path);
		gsize len = 0;
		const char *data = text ? g_bytes_get_data(text, &len) : NULL;
		l = read_names(data ? data : "", len);
		g_hash_table_insert(root->macro_names, oid_copy(&file->id), l);
	}
	return l->names->len &&
	       bsearch(name, l->names->pdata, l->names->len, sizeof(gpointer), compare_name);
}

/* ---- which files ---- */

/* The tree path of what a compiler would open; NULL: none of the tree. Borrowed from the index. */
static const char *path_in_tree(const macros *m, const char *full)
{
	kernel_tree *t = m->s->a->tree;
	g_autofree char *tree_path = NULL;
	GHashTableIter it;
	gpointer from, to;
	g_hash_table_iter_init(&it, m->config->aliases);
	while (!tree_path && g_hash_table_iter_next(&it, &from, &to))
		if (g_str_has_prefix(full, from))
			tree_path = g_strconcat(to, full + strlen(from), NULL);
	const char *root = layout_root(t->layout);
	size_t len = strlen(root);
	if (!tree_path && g_str_has_prefix(full, root) && full[len] == '/')
		tree_path = layout_resolve("", full + len + 1);
	const tree_file *file = tree_path ? tree_index_find(t->index, tree_path) : NULL;
	return file ? file->path : NULL;
}

static const char *along_path(macros *m, const char *name)
{
	gpointer known;
	if (g_hash_table_lookup_extended(m->found, name, NULL, &known))
		return known;
	const char *path = NULL;
	for (guint i = 0; !path && i + 1 < m->args->len; i++) {
		const char *arg = g_ptr_array_index(m->args, i);
		if (strcmp(arg, "-I") != 0 && strcmp(arg, "-iquote") != 0 &&
			strcmp(arg, "-isystem") != 0)
			continue;
		g_autofree char *full =
			g_build_filename(g_ptr_array_index(m->args, i + 1), name, NULL);
		path = path_in_tree(m, full);
	}
	g_hash_table_insert(m->found, g_strdup(name), (gpointer)path);
	return path;
}

static void follow(macros *m, const char *path, guint depth);

/* `name` behind the quote or bracket that opens it. */
static void follow_include(macros *m, const char *from, const char *name, guint depth)
{
	const tree_file *file = NULL;
	if (*name == '"') {
		g_autofree char *folder = g_path_get_dirname(from);
		g_autofree char *beside =
			layout_resolve(strcmp(folder, ".") ? folder : "", name + 1);
		file = beside ? tree_index_find(m->s->a->tree->index, beside) : NULL;
	}
	const char *path = file ? file->path : along_path(m, name + 1);
	if (path)
		follow(m, path, depth + 1);
}

/* What a file includes is read before most of itself. */
static void follow(macros *m, const char *path, guint depth)
{
	if (depth > INCLUDE_DEPTH || g_hash_table_size(m->followed) >= FILES ||
		!g_hash_table_add(m->followed, (gpointer)path))
		return;
	const GPtrArray *names = tree_file_includes(m->s->a->tree, path);
	for (guint i = 0; names && i < names->len; i++)
		follow_include(m, path, g_ptr_array_index(names, i), depth);
	if (strcmp(path, m->without) != 0)
		g_ptr_array_add(m->files, (gpointer)path);
}

static bool take_flags(macros *m)
{
	tree_arch *a = m->s->a;
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	if (!tree_config_settled(&m->config, a, none, a->defaults, NULL))
		return false;
	if (tree_given_flags(m->args, a, m->config, m->s->path))
		return true;
	for (guint i = 0; i < m->config->args->len; i++)
		g_ptr_array_add(m->args, g_strdup(g_ptr_array_index(m->config->args, i)));
	const GPtrArray *ways = m->s->ways;
	tree_file_flags(
		m->args, a, m->config, m->s->path, ways->len ? g_ptr_array_index(ways, 0) : NULL);
	return true;
}

static void find_files(macros *m)
{
	const tree_file *self = tree_index_find(m->s->a->tree->index, m->s->path);
	m->files = g_ptr_array_new();
	m->followed = g_hash_table_new(g_str_hash, g_str_equal);
	m->found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	m->args = g_ptr_array_new_with_free_func(g_free);
	if (!self || !take_flags(m))
		return;
	for (guint i = 0; i + 1 < m->args->len; i++) {
		const char *path = strcmp(g_ptr_array_index(m->args, i), "-include") == 0
					   ? path_in_tree(m, g_ptr_array_index(m->args, i + 1))
					   : NULL;
		if (path)
			follow(m, path, 1);
	}
	follow(m, self->path, 0);
}

/* ---- what they say ---- */

static const branch *leaf_of(const macros *m, const branch_macro *value, const branch *leaf)
{
	if (leaf->kind == BRANCH_COMPARE)
		return branch_compare(m->f, value, leaf);
	return leaf->kind == BRANCH_TRUE ? value->truth : value->defined;
}

static bool is_leaf(const branch *b)
{
	return b->kind == BRANCH_DEFINED || b->kind == BRANCH_TRUE || b->kind == BRANCH_COMPARE;
}

static const branch *rewrite(
	macros *m, const branch *b, const char *name, const branch_macro *before, GHashTable *done);

static const branch *rewritten(
	macros *m, const branch *b, const char *name, const branch_macro *before, GHashTable *done)
{
	const branch *left, *right;
	switch (b->kind) {
	case BRANCH_YES:
		return m->f->yes;
	case BRANCH_NOT:
		return branch_not(m->f, rewrite(m, b->left, name, before, done));
	case BRANCH_AND:
	case BRANCH_OR:
		left = rewrite(m, b->left, name, before, done);
		right = rewrite(m, b->right, name, before, done);
		return b->kind == BRANCH_AND ? branch_and(m->f, left, right)
					     : branch_or(m->f, left, right);
	default:
		if (is_leaf(b) && !strcmp(b->name, name))
			return leaf_of(m, before, b);
		return branch_node(m->f, b);
	}
}

/* A condition of another file as one of m->f, with the macro as it was before that file. */
static const branch *rewrite(
	macros *m, const branch *b, const char *name, const branch_macro *before, GHashTable *done)
{
	const branch *known = g_hash_table_lookup(done, b);
	if (known)
		return known;
	if (m->depth >= CONDITION_DEPTH)
		return branch_node(
			m->f, &(branch){.kind = BRANCH_OPAQUE, .name = "a very long condition"});
	m->depth++;
	known = rewritten(m, b, name, before, done);
	m->depth--;
	g_hash_table_insert(done, (gpointer)b, (gpointer)known);
	return known;
}

static void add_number(macros *m, GArray *numbers, const branch *condition, gint64 number)
{
	branch_number one = {condition, number};
	if (condition != m->f->no)
		g_array_append_val(numbers, one);
}

/* What the macro is behind one more file. */
static void read_file(macros *m, const char *name, definition *d, const branch_macro *of_file)
{
	g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);
	const branch_macro before = d->value;
	branch_macro after = {.numbers = g_array_new(FALSE, FALSE, sizeof(branch_number))};
	const branch *kept = rewrite(m, of_file->kept, name, &before, done);
	if (of_file->number_known)
		add_number(m, after.numbers, m->f->yes, of_file->number);
	for (guint i = 0; !of_file->number_known && of_file->numbers && i < of_file->numbers->len;
		i++) {
		const branch_number *n = &g_array_index(of_file->numbers, branch_number, i);
		add_number(
			m, after.numbers, rewrite(m, n->condition, name, &before, done), n->number);
	}
	for (guint i = 0; before.numbers && i < before.numbers->len; i++) {
		const branch_number *n = &g_array_index(before.numbers, branch_number, i);
		add_number(m, after.numbers, branch_and(m->f, n->condition, kept), n->number);
	}
	after.other = branch_or(m->f, rewrite(m, of_file->other, name, &before, done),
		branch_and(m->f, before.other, kept));
	after.kept = branch_and(m->f, before.kept, kept);
	after.defined = rewrite(m, of_file->defined, name, &before, done);
	after.truth = rewrite(m, of_file->truth, name, &before, done);
	g_clear_pointer(&d->value.numbers, g_array_unref);
	d->value = after;
}

/* True when a makefile gives it to the file. */
static bool is_given(const macros *m, const char *name)
{
	size_t len = strlen(name);
	for (guint i = 0; i < m->args->len; i++) {
		const char *arg = g_ptr_array_index(m->args, i);
		if (g_str_has_prefix(arg, "-D") && !strncmp(arg + 2, name, len) &&
			(!arg[2 + len] || arg[2 + len] == '='))
			return true;
	}
	return false;
}

/* The files that define it or take it back, in the order of reading. The caller's; NULL: too many.
 */
static GPtrArray *definers(macros *m, const char *name)
{
	g_autoptr(GPtrArray) out = g_ptr_array_new();
	for (guint i = 0; i < m->files->len; i++) {
		const char *path = g_ptr_array_index(m->files, i);
		if (!names_macro(m->s->a->tree, path, name))
			continue;
		if (out->len >= DEFINERS)
			return NULL;
		g_ptr_array_add(out, (gpointer)path);
	}
	return g_steal_pointer(&out);
}

static void read_files(macros *m, const char *name, definition *d, const GPtrArray *files)
{
	for (guint i = 0; i < files->len; i++) {
		const char *path = g_ptr_array_index(files, i);
		const branch_file *file = m->read(path, m->data);
		const branch_macro *of_file = g_hash_table_lookup(file->macros, name);
		if (!of_file)
			continue; /* in a comment */
		read_file(m, name, d, of_file);
		d->where = path;
	}
}

static const branch *expand(macros *m, const branch *b, guint depth);

/* Puts macros into what is said of another. */
static void expand_value(macros *m, definition *d, guint depth)
{
	branch_macro *v = &d->value;
	d->open = true;
	v->defined = expand(m, v->defined, depth);
	v->truth = expand(m, v->truth, depth);
	v->other = expand(m, v->other, depth);
	for (guint i = 0; v->numbers && i < v->numbers->len; i++) {
		branch_number *n = &g_array_index(v->numbers, branch_number, i);
		n->condition = expand(m, n->condition, depth);
	}
	d->open = false;
}

/* Nobody but the files decides about it. */
static bool is_asked(macros *m, const char *name)
{
	return g_hash_table_size(m->known) < MACROS && !is_given(m, name);
}

static const definition *define(macros *m, const char *name, guint depth)
{
	definition *d = g_hash_table_lookup(m->known, name);
	if (d)
		return d;
	if (!m->files)
		find_files(m);
	bool asked = is_asked(m, name);
	d = g_new0(definition, 1);
	d->value = (branch_macro){
		.defined = m->f->no, .truth = m->f->no, .other = m->f->no, .kept = m->f->no};
	g_hash_table_insert(m->known, g_strdup(name), d);
	g_autoptr(GPtrArray) files = asked ? definers(m, name) : NULL;
	if (!files)
		return d;
	read_files(m, name, d, files);
	if (d->where)
		expand_value(m, d, depth);
	else if (!g_str_has_prefix(name, "__") && !g_str_has_prefix(name, "CONFIG_"))
		scene_set_absent(m->s, name);
	return d;
}

static const branch *expanded_leaf(macros *m, const branch *b, guint depth)
{
	if (depth >= MACRO_DEPTH || scene_knows(m->s, b))
		return b;
	const definition *d = define(m, b->name, depth + 1);
	return d->where && !d->open ? leaf_of(m, &d->value, b) : b;
}

static const branch *expand(macros *m, const branch *b, guint depth)
{
	const branch *known = g_hash_table_lookup(m->expanded, b), *left, *right;
	if (known || m->depth >= CONDITION_DEPTH)
		return known ? known : b;
	m->depth++;
	known = b;
	if (b->kind == BRANCH_NOT) {
		left = expand(m, b->left, depth);
		known = left == b->left ? b : branch_not(m->f, left);
	} else if (b->kind == BRANCH_AND || b->kind == BRANCH_OR) {
		left = expand(m, b->left, depth);
		right = expand(m, b->right, depth);
		if (left != b->left || right != b->right)
			known = b->kind == BRANCH_AND ? branch_and(m->f, left, right)
						      : branch_or(m->f, left, right);
	} else if (is_leaf(b)) {
		known = expanded_leaf(m, b, depth);
	}
	m->depth--;
	/* A macro may be left as it is for a circle that ends elsewhere. */
	if (known != b || !is_leaf(b))
		g_hash_table_insert(m->expanded, (gpointer)b, (gpointer)known);
	return known;
}

const branch *macros_expand(macros *m, const branch *b)
{
	return expand(m, b, 0);
}

bool macros_first(macros *m, const branch *b, const char **name, const char **where)
{
	if (b->kind == BRANCH_NOT)
		return macros_first(m, b->left, name, where);
	if (b->kind == BRANCH_AND || b->kind == BRANCH_OR)
		return macros_first(m, b->left, name, where) ||
		       macros_first(m, b->right, name, where);
	const definition *d = is_leaf(b) ? g_hash_table_lookup(m->known, b->name) : NULL;
	if (!d || !d->where)
		return false;
	*name = b->name;
	*where = d->where;
	return true;
}
