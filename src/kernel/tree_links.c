/* Symbolic links that a build makes into the tree: um's include/asm-um/arch leads to the headers of
 * the machine that it is a program of. What leads where is a rule (rules/headers.ini), with the
 * variables of the architecture's makefile.
 *
 * A compiler is given, in each link's place, a header that includes the one that is linked to: two
 * machines can then be read in one layout, and what is read keeps the path that the tree has. */
#include "kernel/generated.h"

#include <string.h>

#include "kernel/header_rules.h"

/* Links of one architecture, those behind linked folders included: 2.6.16's um has 300. */
#define LINKS 20000u

typedef struct tree_link {
	char *from, *to; /* files of the tree, or headers that are made */
} tree_link;

static void link_free(gpointer data)
{
	tree_link *l = data;
	g_free(l->from);
	g_free(l->to);
	g_free(l);
}

static void add(tree_arch *a, char *from, char *to)
{
	tree_link *l = g_new0(tree_link, 1);
	l->from = from;
	l->to = to;
	g_ptr_array_add(a->links, l);
}

/* Each file below the folder `to` (with a slash at its end) at its place below `from`. */
static void add_folder(tree_arch *a, const char *from, const char *to)
{
	const GArray *files = a->tree->index->files;
	for (guint i = tree_index_lower(a->tree->index, to); i < files->len; i++) {
		const char *path = g_array_index(files, tree_file, i).path;
		if (!g_str_has_prefix(path, to) || a->links->len >= LINKS)
			break;
		add(a, g_strconcat(from, path + strlen(to), NULL), g_strdup(path));
	}
}

static bool is_there(kernel_tree *t, const char *path)
{
	size_t len = strlen(path);
	g_autofree char *folder = g_strndup(path, len ? len - 1 : 0);
	return g_str_has_suffix(path, "/") ? tree_index_has_folder(t->index, folder)
					   : tree_has(t, path);
}

/* Where the link at `from` leads: "$@" of the rule is its path. The caller's. */
static char *target_of(tree_arch *a, make *m, const header_rule *rule, const char *from)
{
	char *to = NULL;
	make_set(m, "@", from);
	for (char **l = rule->link; *l && !(to && is_there(a->tree, to)); l++) {
		g_autofree char *told = make_expand(m, *l);
		bool folder = g_str_has_suffix(told, "/");
		g_autofree char *inside = *told == '/' ? NULL : layout_resolve("", told);
		if (!inside)
			continue;
		g_free(to);
		to = g_strconcat(inside, folder ? "/" : "", NULL);
	}
	return to;
}

static void add_rule(tree_arch *a, make *m, const header_rule *rule)
{
	g_autofree char *told = make_expand(m, rule->each ? rule->each : rule->path);
	g_auto(GStrv) names = make_words(told);
	for (char **n = names; *n && a->links->len < LINKS; n++) {
		g_autofree char *inside = **n == '/' ? NULL : layout_resolve("", *n);
		g_autofree char *to = inside ? target_of(a, m, rule, *n) : NULL;
		/* As it is spelled: "x/../y/" is how a compiler asks for it. */
		if (to && g_str_has_suffix(*n, "/"))
			add_folder(a, *n, to);
		else if (to)
			add(a, g_strdup(*n), g_steal_pointer(&to));
	}
}

static const GPtrArray *links_of(tree_arch *a)
{
	if (a->links)
		return a->links;
	a->links = g_ptr_array_new_with_free_func(link_free);
	const GPtrArray *rules = header_rules_of(a->tree);
	g_autoptr(make) m = NULL;
	for (guint i = 0; i < rules->len; i++) {
		const header_rule *rule = g_ptr_array_index(rules, i);
		if (!rule->link || !header_rule_holds(rule, a))
			continue;
		if (!m)
			m = tree_arch_makefile(a, NULL);
		add_rule(a, m, rule);
	}
	return a->links;
}

char *tree_linked(tree_arch *a, const char *path)
{
	const GPtrArray *links = links_of(a);
	for (guint i = 0; i < links->len; i++) {
		const tree_link *l = g_ptr_array_index(links, i);
		if (!strcmp(l->from, path))
			return g_strdup(l->to);
	}
	return NULL;
}

const char *tree_link_to(tree_arch *a, const char *path)
{
	const GPtrArray *links = links_of(a);
	for (guint i = 0; i < links->len; i++) {
		const tree_link *l = g_ptr_array_index(links, i);
		if (!strcmp(l->to, path))
			return l->from;
	}
	return NULL;
}

/* The text of a header in the place of a link: what it leads to, as a file of some include/ (whose
 * folder is in the include path) is named, others by where they lie. */
static char *forward(tree_arch *a, const char *to)
{
	static const char folder[] = "include/";
	const char *inner = g_str_has_prefix(to, folder) ? to + strlen(folder) : NULL;
	g_autofree char *arch = g_strdup_printf("arch/%s/include/", a->folder);
	if (!inner && g_str_has_prefix(to, arch))
		inner = to + strlen(arch);
	return inner ? g_strdup_printf("#include <%s>\n", inner)
		     : g_strdup_printf("#include \"%s/%s\"\n", layout_root(a->tree->layout), to);
}

void tree_put_links(tree_arch *a, tree_config *c)
{
	const GPtrArray *links = links_of(a);
	for (guint i = 0; i < links->len; i++) {
		const tree_link *l = g_ptr_array_index(links, i);
		generated_put(a, c, l->from, forward(a, l->to));
	}
}
