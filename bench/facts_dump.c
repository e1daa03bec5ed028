/* For developers: prints the facts that the text readers see in files on disk, or with --time only
 * how many and how long it took.
 *
 *	facts_dump [--time] FILE...
 *	git show v2.6.16-rc5:arch/i386/kernel/traps.c | facts_dump --as traps.c -
 *
 * In a repository, for two commits: the shadow copies and touches between them, text readers only.
 *
 *	facts_dump --base v2.6.16-rc5 --tip REV [--time] [--rename] [--copies]
 *
 * With clang, as the architecture's configuration has it:
 *
 *	facts_dump --tree v2.6.16-rc5 --arch i386 arch/i386/kernel/traps.c
 *
 * --rename gives added files random names first, to see which copies are found by content. */
#include <stdio.h>
#include <string.h>

#include "analyzers/list.h"
#include "facts/touches.h"
#include "git/repo.h"
#include "kernel/tree.h"

typedef struct totals {
	size_t files, bytes, entities, uses;
} totals;

static void print_set(const fact_set *f)
{
	for (guint i = 0; i < f->entities->len; i++) {
		const entity *e = &g_array_index(f->entities, entity, i);
		printf("%u-%u\t%s\t%s%s%s\t%s\t%s%s%s%s%s\t%u tokens %016" G_GINT64_MODIFIER
		       "x\t[%s]\n",
			e->line, e->end_line, entity_kind_name(e->kind), e->parent,
			*e->parent ? "." : "", e->name, e->signature,
			e->flags & ENTITY_DEFINITION ? "definition" : "declaration",
			e->flags & ENTITY_STATIC ? " static" : "",
			e->flags & ENTITY_INLINE ? " inline" : "",
			e->flags & ENTITY_UNDEF ? " undef" : "",
			e->reader == READER_CLANG ? " clang" : "", e->tokens, e->body[0],
			e->condition);
		if (*e->value)
			printf("\t= %s\n", e->value);
	}
	for (guint i = 0; i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		printf("%u:%u\t%s\t%s\t%s\tin %s%s\t[%s]\n", u->line, u->column,
			use_kind_name(u->kind), u->name, u->detail, u->in,
			u->reader == READER_CLANG ? " clang" : "", u->condition);
	}
}

static bool read_file(const char *path, const char *name, bool quiet, totals *t)
{
	char *text = NULL;
	gsize len = 0;
	g_autoptr(GError) error = NULL;
	if (!g_file_get_contents(strcmp(path, "-") ? path : "/dev/stdin", &text, &len, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return false;
	}
	g_autoptr(GBytes) bytes = g_bytes_new_take(text, len);
	analysis_unit u = {.path = (char *)name, .text = bytes};
	g_autoptr(GPtrArray) readers = g_ptr_array_new();
	analyzers_for(readers, name);
	g_auto(fact_sink) sink;
	fact_sink_init(&sink);
	for (guint i = 0; i < readers->len; i++) {
		const analyzer *a = g_ptr_array_index(readers, i);
		if (!a->needs_layout && !a->run(&u, &sink, &error)) {
			fprintf(stderr, "%s\n", error->message);
			return false;
		}
	}
	for (guint i = 0; i < sink.sets->len; i++) {
		fact_set *f = g_ptr_array_index(sink.sets, i);
		fact_set_finish(f);
		t->entities += f->entities->len;
		t->uses += f->uses->len;
		if (!quiet)
			print_set(f);
	}
	t->files++;
	t->bytes += len;
	return true;
}

static void print_touches(const touch_set *t)
{
	for (guint i = 0; i < t->touches->len; i++) {
		const touch *x = &g_array_index(t->touches, touch, i);
		const place *p = x->tip.path ? &x->tip : &x->base;
		printf("%s:%u\t%s\t%s\t%s\t%s\tin %s", p->path, p->line,
			touch_change_name(x->change),
			x->is_use ? use_kind_name(x->use) : entity_kind_name(x->entity), x->name,
			x->is_use ? x->detail : x->signature_tip, x->in);
		if (x->tip.path && x->base.path)
			printf("\tbase %s:%u", x->base.path, x->base.line);
		printf("%s%s\t[%s]\n", x->origin ? " copy of " : "", x->origin ? x->origin : "",
			x->condition);
	}
}

static double milliseconds_since(gint64 *start)
{
	gint64 now = g_get_monotonic_time();
	double passed = (double)(now - *start) / 1000.0;
	*start = now;
	return passed;
}

/* Reads `path` of a tree into `sets`. */
static bool read_blob(repo *r, GHashTable *sets, const char *path, const oid *blob, GError **err)
{
	g_autoptr(GBytes) bytes = NULL;
	if (g_hash_table_contains(sets, path))
		return true;
	if (!repo_read_blob(r, &bytes, blob, err))
		return false;
	analysis_unit u = {.path = (char *)path, .blob = *blob, .text = bytes};
	g_autoptr(GPtrArray) readers = g_ptr_array_new();
	analyzers_for(readers, path);
	g_auto(fact_sink) sink;
	fact_sink_init(&sink);
	for (guint i = 0; i < readers->len; i++) {
		const analyzer *a = g_ptr_array_index(readers, i);
		if (!a->needs_layout && !a->run(&u, &sink, err))
			return false;
	}
	fact_set *all = fact_set_new(path, blob);
	for (guint i = 0; i < sink.sets->len; i++)
		fact_set_merge(all, g_ptr_array_index(sink.sets, i));
	fact_set_finish(all);
	g_hash_table_insert(sets, all->path, all);
	return true;
}

static bool is_file(unsigned mode)
{
	return (mode & 0170000) == 0100000;
}

static bool compare_revisions(const char *base_rev, const char *tip_rev, bool time, bool rename,
	bool copies_only, GError **err)
{
	g_autoptr(repo) r = NULL;
	g_autoptr(series) s = series_new("tip");
	g_autoptr(touch_set) touches = touch_set_new();
	if (!repo_open(&r, NULL, err) || !repo_resolve(r, &s->base, base_rev, err) ||
		!repo_resolve(r, &s->tip, tip_rev, err) ||
		!repo_commit_tree(r, &s->base_tree, &s->base, err) ||
		!repo_commit_tree(r, &s->tip_tree, &s->tip, err) ||
		!repo_diff(r, &s->changes, &s->base_tree, &s->tip_tree, err))
		return false;
	guint32 seed = 1;
	for (guint i = 0; rename && i < s->changes->len; i++) {
		file_change *c = g_ptr_array_index(s->changes, i);
		if (c->status != CHANGE_ADDED)
			continue;
		const char *dot = strrchr(c->path, '.');
		seed = seed * 1664525u + 1013904223u;
		char *path = g_strdup_printf("d%u/f%u%s", seed % 7, seed, dot ? dot : "");
		fprintf(stderr, "%s is %s\n", path, c->path);
		g_free(c->path);
		c->path = path;
	}
	gint64 start = g_get_monotonic_time();
	if (!facts_find_shadows(touches, r, s, err))
		return false;
	double shadows = milliseconds_since(&start);
	for (guint i = 0; i < touches->shadows->len; i++) {
		const shadow_copy *c = &g_array_index(touches->shadows, shadow_copy, i);
		printf("copy\t%s\t%s\t%u\n", c->path, c->origin, c->similarity);
	}
	for (guint i = 0; i < touches->functions->len; i++) {
		const function_copy *c = &g_array_index(touches->functions, function_copy, i);
		printf("function\t%s:%u\t%s\t%s:%u\t%s\t%u\n", c->path, c->line, c->name, c->origin,
			c->origin_line, c->origin_name, c->similarity);
	}
	if (copies_only) {
		fprintf(stderr, "copies found in %.0f ms\n", shadows);
		return true;
	}
	g_autoptr(GHashTable) base =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)fact_set_free);
	g_autoptr(GHashTable) tip =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)fact_set_free);
	for (guint i = 0; i < s->changes->len; i++) {
		const file_change *c = g_ptr_array_index(s->changes, i);
		tree_entry entry;
		const char *origin = touch_set_origin(touches, c->path);
		if (is_file(c->old_mode) && !read_blob(r, base, c->path, &c->old_oid, err))
			return false;
		if (is_file(c->new_mode) && !read_blob(r, tip, c->path, &c->new_oid, err))
			return false;
		if (origin && repo_lookup(r, &s->base_tree, origin, &entry, NULL) &&
			!read_blob(r, base, origin, &entry.id, err))
			return false;
	}
	for (guint i = 0; i < touches->functions->len; i++) {
		const char *path = g_array_index(touches->functions, function_copy, i).origin;
		tree_entry entry;
		if (repo_lookup(r, &s->base_tree, path, &entry, NULL) &&
			!read_blob(r, base, path, &entry.id, err))
			return false;
	}
	double reading = milliseconds_since(&start);
	series_reading all = {s, base, tip, touches};
	facts_find_touches(touches, &all);
	double comparing = milliseconds_since(&start);
	if (time)
		printf("%u copies in %.0f ms, %u files read in %.0f ms, %u touches in %.0f ms\n",
			touches->shadows->len, shadows,
			g_hash_table_size(base) + g_hash_table_size(tip), reading,
			touches->touches->len, comparing);
	else
		print_touches(touches);
	return true;
}

static void print_compiled(const fact_set *f, bool quiet)
{
	if (!quiet)
		print_set(f);
	unsigned seen = 0;
	for (guint i = 0; i < f->seen->len; i++) {
		const line_range *r = &g_array_index(f->seen, line_range, i);
		seen += r->last - r->first + 1;
		if (!quiet)
			printf("seen %u-%u\n", r->first, r->last);
	}
	for (guint i = 0; i < f->diagnostics->len; i++) {
		const diagnostic *d = &g_array_index(f->diagnostics, diagnostic, i);
		printf("%s:%u: %s\n", d->path, d->line, d->text);
	}
	printf("%s: %u entities, %u uses, %u lines seen, %u of %u clean\n", f->path,
		f->entities->len, f->uses->len, seen, f->clean, f->units);
}

/* Reads files of a revision as the architecture would compile them. */
static bool compile_files(
	const char *rev, const char *arch, int count, char **paths, bool quiet, GError **err)
{
	g_autoptr(repo) r = NULL;
	g_autoptr(kernel_tree) tree = NULL;
	oid commit, root;
	g_autofree char *cache = g_build_filename(g_get_tmp_dir(), "truce-facts-dump", NULL);
	if (!repo_open(&r, NULL, err) || !repo_resolve(r, &commit, rev, err) ||
		!repo_commit_tree(r, &root, &commit, err) ||
		!kernel_tree_open(&tree, r, &root, cache, err))
		return false;
	for (int i = 0; i < count; i++) {
		g_autoptr(analysis_unit) u = NULL;
		gint64 start = g_get_monotonic_time();
		if (!kernel_tree_unit(&u, tree, paths[i], arch, err))
			return false;
		double made = milliseconds_since(&start);
		g_auto(fact_sink) sink;
		fact_sink_init(&sink);
		g_autoptr(GPtrArray) readers = g_ptr_array_new();
		analyzers_for(readers, paths[i]);
		for (guint k = 0; k < readers->len; k++) {
			const analyzer *a = g_ptr_array_index(readers, k);
			if (!a->run(u, &sink, err))
				return false;
			printf("%s: %s took %.0f ms\n", paths[i], a->name,
				milliseconds_since(&start));
		}
		printf("%s: unit made in %.0f ms\n", paths[i], made);
		for (guint k = 0; !quiet && k < u->args->len; k++)
			printf("%s%s", k ? " " : "args: ", (char *)g_ptr_array_index(u->args, k));
		for (guint k = 0; k < sink.sets->len; k++) {
			fact_set_finish(g_ptr_array_index(sink.sets, k));
			print_compiled(g_ptr_array_index(sink.sets, k), quiet);
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	const char *as = NULL;
	const char *base = NULL, *tip = NULL, *tree = NULL, *arch = "i386";
	gboolean time = FALSE, rename = FALSE, copies = FALSE;
	const GOptionEntry options[] = {
		{"as", 0, 0, G_OPTION_ARG_STRING, &as, "Read as a file of this name", "NAME"},
		{"time", 0, 0, G_OPTION_ARG_NONE, &time, "Print only counts and time", NULL},
		{"base", 0, 0, G_OPTION_ARG_STRING, &base, "Compare from this commit", "REV"},
		{"tip", 0, 0, G_OPTION_ARG_STRING, &tip, "Compare to this commit", "REV"},
		{"tree", 0, 0, G_OPTION_ARG_STRING, &tree, "Read files of this commit with clang",
			"REV"},
		{"arch", 0, 0, G_OPTION_ARG_STRING, &arch, "For this architecture", "NAME"},
		{"rename", 0, 0, G_OPTION_ARG_NONE, &rename, "Give added files other names", NULL},
		{"copies", 0, 0, G_OPTION_ARG_NONE, &copies, "Print only the copies", NULL},
		{0},
	};
	g_autoptr(GOptionContext) context = g_option_context_new("FILE...");
	g_option_context_add_main_entries(context, options, NULL);
	g_autoptr(GError) error = NULL;
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return 2;
	}
	if (base && tip) {
		if (compare_revisions(base, tip, time, rename, copies, &error))
			return 0;
		fprintf(stderr, "%s\n", error->message);
		return 2;
	}
	if (tree) {
		if (compile_files(tree, arch, argc - 1, argv + 1, time, &error))
			return 0;
		fprintf(stderr, "%s\n", error->message);
		return 2;
	}
	totals t = {0};
	gint64 start = g_get_monotonic_time();
	bool good = true;
	for (int i = 1; i < argc; i++)
		good &= read_file(argv[i], as ? as : argv[i], time, &t);
	if (time)
		printf("%zu files, %zu bytes, %zu entities, %zu uses, %.0f ms\n", t.files, t.bytes,
			t.entities, t.uses, (double)(g_get_monotonic_time() - start) / 1000.0);
	return good ? 0 : 2;
}
