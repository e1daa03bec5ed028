/* How many changed lines of patches a compiler sees, and in how many units: for each line "BASE
 * TIP" (revisions or trees) on standard input, seen REPO WARM CACHE [ARCH...] [-v] WARM is a tree
 * whose layout the others share (a release near them). Prints a line a patch, with -v each unseen
 * range with its reason; at the end the sums and the median of processor seconds. */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "analyzers/c/c.h"
#include "kernel/units.h"
#include "model/series.h"

static bool verbose;

typedef struct side {
	kernel_tree *tree;
	GHashTable *wanted; /* path -> oid * */
	GHashTable *sets;   /* path -> fact_set * */
	GPtrArray *touched; /* char *: paths that are compiled */
	guint units, alone, macros;
} side;

typedef struct totals {
	guint changed, seen, files, files_clean, units, alone, macros;
	GHashTable *reasons;
} totals;

static double processor_seconds(void)
{
	struct rusage r;
	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static bool tree_of(repo *r, oid *tree, const char *rev)
{
	oid commit;
	if (repo_resolve(r, &commit, rev, NULL) && repo_commit_tree(r, tree, &commit, NULL))
		return true;
	return oid_parse(tree, rev);
}

static bool line_seen(const side *s, const char *path, unsigned line)
{
	const fact_set *set = g_hash_table_lookup(s->sets, path);
	return set && fact_set_line_seen(set, line);
}

/* The lines of the ranges that nothing showed yet. */
static GArray *unseen(const side *s, const char *path, const GArray *ranges)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(line_range));
	for (guint i = 0; i < ranges->len; i++) {
		line_range r = g_array_index(ranges, line_range, i);
		for (unsigned line = r.first; line <= r.last; line++) {
			if (line_seen(s, path, line))
				continue;
			line_range one = {line, line};
			line_range *top =
				out->len ? &g_array_index(out, line_range, out->len - 1) : NULL;
			if (top && top->last + 1 == line)
				top->last = line;
			else
				g_array_append_val(out, one);
		}
	}
	return out;
}

static void parse(side *s, analysis_unit *u)
{
	g_auto(fact_sink) sink = {0};
	fact_sink_init(&sink);
	u->wanted = s->wanted;
	g_autoptr(GError) err = NULL;
	s->units++;
	if (!c_analyzer.run(u, &sink, &err)) {
		if (verbose)
			printf("  %s: %s\n", u->path, err->message);
		return;
	}
	for (guint i = 0; i < sink.sets->len; i++) {
		const fact_set *from = g_ptr_array_index(sink.sets, i);
		fact_set *to = g_hash_table_lookup(s->sets, from->path);
		for (guint k = 0; verbose && k < MIN(from->diagnostics->len, 2); k++) {
			const diagnostic *d = &g_array_index(from->diagnostics, diagnostic, k);
			if (d->level == DIAGNOSTIC_ERROR)
				printf("  %s:%u: %s\n", d->path, d->line, d->text);
		}
		if (!to) {
			to = fact_set_new(from->path, &from->blob);
			g_hash_table_insert(s->sets, to->path, to);
		}
		fact_set_merge(to, from);
		fact_set_finish(to);
	}
}

/* Units for what is still unseen, and then their reasons for the rest. */
static void read_lines(side *s, const char *path, const char *const *prefer, const GArray *ranges,
	kernel_wish wish, GPtrArray *unreached)
{
	g_autoptr(GArray) open = unseen(s, path, ranges);
	if (!open->len)
		return;
	g_autoptr(kernel_units) all = NULL;
	g_autoptr(GError) err = NULL;
	wish.path = path;
	wish.prefer = prefer;
	wish.ranges = open;
	wish.parsed = (const char *const *)s->touched->pdata;
	if (!kernel_units_for(&all, s->tree, &wish, &err)) {
		printf("  %s: %s\n", path, err->message);
		return;
	}
	for (guint i = 0; i < all->units->len; i++) {
		const kernel_unit *u = g_ptr_array_index(all->units, i);
		g_autoptr(GArray) left = unseen(s, path, u->ranges->len ? u->ranges : open);
		if (!left->len)
			continue;
		if (verbose)
			printf("  %s: %s (%s)%s%s%s%s\n", path, u->unit->path, u->configuration,
				wish.macros ? " for a header's macro" : "",
				*u->assumed ? " -D" : "", *u->assumed ? *u->assumed : "",
				u->alone ? " alone" : "");
		parse(s, u->unit);
	}
	for (guint i = 0; unreached && i < all->unreached->len; i++) {
		const kernel_unreached *u = g_ptr_array_index(all->unreached, i);
		g_ptr_array_add(unreached,
			g_strdup_printf("%u %u %s", u->lines.first, u->lines.last, u->reason));
	}
}

static const char *reason_of(const GPtrArray *unreached, unsigned line)
{
	for (guint i = 0; i < unreached->len; i++) {
		unsigned first, last;
		int at = 0;
		const char *text = g_ptr_array_index(unreached, i);
		if (sscanf(text, "%u %u %n", &first, &last, &at) == 2 && line >= first &&
			line <= last)
			return text + at;
	}
	return "left out by what headers define, or after an error";
}

/* The ranges of a list of reasons. */
static GArray *ranges_given_up(const GPtrArray *unreached)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(line_range));
	for (guint i = 0; i < unreached->len; i++) {
		line_range r;
		if (sscanf(g_ptr_array_index(unreached, i), "%u %u", &r.first, &r.last) == 2)
			g_array_append_val(out, r);
	}
	return out;
}

static void judge(
	side *s, totals *t, const char *path, const GArray *ranges, const GPtrArray *unreached)
{
	const fact_set *set = g_hash_table_lookup(s->sets, path);
	if (g_str_has_suffix(path, ".c")) {
		t->files++;
		t->files_clean += set && set->clean;
	}
	for (guint i = 0; i < ranges->len; i++) {
		line_range r = g_array_index(ranges, line_range, i);
		for (unsigned line = r.first; line <= r.last; line++) {
			t->changed++;
			if (line_seen(s, path, line)) {
				t->seen++;
				continue;
			}
			const char *why = reason_of(unreached, line);
			if (verbose)
				printf("  unseen %s:%u: %s\n", path, line, why);
			guint n = GPOINTER_TO_UINT(g_hash_table_lookup(t->reasons, why));
			g_hash_table_insert(t->reasons, g_strdup(why), GUINT_TO_POINTER(n + 1));
		}
	}
}

static GArray *ranges_of(const file_change *c, bool old)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(line_range));
	for (guint i = 0; i < c->hunks->len; i++) {
		const change_hunk *h = &g_array_index(c->hunks, change_hunk, i);
		unsigned start = old ? h->old_start : h->new_start;
		unsigned count = old ? h->old_count : h->new_count;
		line_range r = {start, start + count - 1};
		if (count)
			g_array_append_val(out, r);
	}
	return out;
}

static bool is_c(const char *path)
{
	return g_str_has_suffix(path, ".c") || g_str_has_suffix(path, ".h");
}

static void run_side(side *s, totals *t, GPtrArray *changes, bool old, const char *const *prefer)
{
	for (guint i = 0; i < changes->len; i++) {
		const file_change *c = g_ptr_array_index(changes, i);
		if (c->status == (old ? CHANGE_ADDED : CHANGE_DELETED) || !is_c(c->path))
			continue;
		g_hash_table_insert(
			s->wanted, g_strdup(c->path), oid_copy(old ? &c->old_oid : &c->new_oid));
		if (g_str_has_suffix(c->path, ".c"))
			g_ptr_array_add(s->touched, c->path);
	}
	g_ptr_array_add(s->touched, NULL);
	/* Files that are compiled first: they show headers on the way. */
	for (int pass = 0; pass < 2; pass++)
		for (guint i = 0; i < changes->len; i++) {
			const file_change *c = g_ptr_array_index(changes, i);
			if (c->binary || !g_hash_table_contains(s->wanted, c->path) ||
				g_str_has_suffix(c->path, ".c") != (pass == 0))
				continue;
			g_auto(GStrv) archs = kernel_tree_archs(s->tree, c->path, prefer);
			g_autoptr(GArray) ranges = ranges_of(c, old);
			g_autoptr(GPtrArray) unreached = g_ptr_array_new_with_free_func(g_free);
			if (!*archs || !ranges->len)
				continue;
			kernel_wish plain = {0}, assume = {.assume = true}, alone = {.alone = true};
			kernel_wish macros = {.macros = true};
			read_lines(s, c->path, prefer, ranges, plain, unreached);
			guint before = s->units;
			read_lines(s, c->path, prefer, ranges, macros, unreached);
			s->macros += s->units - before;
			read_lines(s, c->path, prefer, ranges, assume, NULL);
			g_autoptr(GArray) rest = ranges_given_up(unreached);
			before = s->units;
			read_lines(s, c->path, prefer, rest, alone, NULL);
			s->alone += s->units - before;
			judge(s, t, c->path, ranges, unreached);
		}
	t->units += s->units;
	t->alone += s->alone;
	t->macros += s->macros;
}

static void free_set(gpointer data)
{
	fact_set_free(data);
}

static bool side_open(side *s, kernel_tree *warm, const oid *tree, GError **err)
{
	s->wanted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	s->sets = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_set);
	s->touched = g_ptr_array_new();
	return kernel_tree_tip(&s->tree, warm, tree, err);
}

static void side_clear(side *s)
{
	kernel_tree_free(s->tree);
	g_hash_table_unref(s->wanted);
	g_hash_table_unref(s->sets);
	g_ptr_array_unref(s->touched);
}

static gint compare_doubles(gconstpointer a, gconstpointer b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	if (argc > 4 && !strcmp(argv[argc - 1], "-v"))
		verbose = argv[--argc] != NULL;
	if (argc < 4)
		return 2;
	argv[argc] = NULL;
	g_autoptr(GError) err = NULL;
	repo *r = NULL;
	oid warm_tree;
	kernel_tree *warm = NULL;
	if (!repo_open(&r, argv[1], &err) || !tree_of(r, &warm_tree, argv[2]) ||
		!kernel_tree_open(&warm, r, &warm_tree, argv[3], &err)) {
		fprintf(stderr, "%s\n", err ? err->message : "no such tree");
		return 2;
	}
	totals all = {.reasons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
	g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(double));
	char line[4096];
	while (fgets(line, sizeof line, stdin)) {
		g_auto(GStrv) words = g_strsplit(g_strstrip(line), " ", 3);
		oid trees[2];
		if (g_strv_length(words) < 2 || !tree_of(r, &trees[0], words[0]) ||
			!tree_of(r, &trees[1], words[1]))
			continue;
		double start = processor_seconds();
		g_autoptr(GPtrArray) changes = NULL;
		side sides[2] = {0};
		totals one = {.reasons = all.reasons};
		if (!repo_diff(r, &changes, &trees[0], &trees[1], &err) ||
			!side_open(&sides[0], warm, &trees[0], &err) ||
			!side_open(&sides[1], warm, &trees[1], &err)) {
			fprintf(stderr, "%s\n", err->message);
			return 2;
		}
		for (int i = 0; i < 2; i++)
			run_side(&sides[i], &one, changes, i == 0, (const char *const *)argv + 4);
		for (int i = 0; i < 2; i++)
			side_clear(&sides[i]);
		double took = processor_seconds() - start;
		g_array_append_val(times, took);
		printf("%s %u of %u lines, %u units, %.2f s\n", words[1], one.seen, one.changed,
			one.units, took);
		fflush(stdout);
		all.changed += one.changed;
		all.seen += one.seen;
		all.files += one.files;
		all.files_clean += one.files_clean;
		all.units += one.units;
		all.alone += one.alone;
		all.macros += one.macros;
	}
	g_array_sort(times, compare_doubles);
	GHashTableIter iter;
	gpointer key, value;
	g_hash_table_iter_init(&iter, all.reasons);
	while (g_hash_table_iter_next(&iter, &key, &value))
		printf("%6u %s\n", GPOINTER_TO_UINT(value), (char *)key);
	printf("%u patches: %u of %u lines seen (%.2f %%), %u of %u .c files clean, %u units "
	       "(%u for macros of headers, %u alone); median %.2f s of processor time\n",
		times->len, all.seen, all.changed,
		all.changed ? 100.0 * all.seen / all.changed : 100.0, all.files_clean, all.files,
		all.units, all.macros, all.alone,
		times->len ? g_array_index(times, double, times->len / 2) : 0.0);
	return 0;
}
