/* Parses .c files of a tree in git with the arguments that src/kernel finds, and says what fails.
 *   git diff --name-only BASE TIP -- '*.c' | parse REPO BASE TIP CACHE [ARCH...]
 * BASE and TIP are revisions or trees; paths on standard input. -v as last argument: all errors,
 * -b: prints those paths alone that some configuration of the first ARCH builds; -a: arguments,
 * made headers, -h: paths are headers, for which an includer is looked up, -u: all units that show
 * every line, and what they leave out, -n: every file for each ARCH by that very name (i386 where
 * one folder holds i386 and x86_64). */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "analyzers/c/c.h"
#include "kernel/units.h"

static bool verbose, show_args, headers, all_units, built_only, by_name;
static const char *symbols[2]; /* -sNAME: a symbol to switch on beside the file's own */

static bool tree_of(repo *r, oid *tree, const char *rev)
{
	oid commit;
	if (oid_parse(tree, rev))
		return true;
	return repo_resolve(r, &commit, rev, NULL) && repo_commit_tree(r, tree, &commit, NULL);
}

/* Parses one unit as truce does; returns the number of errors and counts each text. */
static unsigned parse(analysis_unit *u, GHashTable *reasons)
{
	g_auto(fact_sink) sink = {0};
	g_autoptr(GError) err = NULL;
	fact_sink_init(&sink);
	if (!c_analyzer.run(u, &sink, &err)) {
		printf("  parse failed: %s\n", err->message);
		return 1;
	}
	const fact_set *set = fact_sink_file(&sink, u->path, &u->blob);
	unsigned errors = 0;
	for (guint i = 0; i < set->diagnostics->len; i++) {
		const diagnostic *d = &g_array_index(set->diagnostics, diagnostic, i);
		if (d->level != DIAGNOSTIC_ERROR)
			continue;
		if (!errors++ || verbose)
			printf("  %s:%u: %s\n", d->path, d->line, d->text);
		guint count = GPOINTER_TO_UINT(g_hash_table_lookup(reasons, d->text));
		g_hash_table_insert(reasons, g_strdup(d->text), GUINT_TO_POINTER(count + 1));
	}
	return errors;
}

/* Every unit that kernel_units_for gives for the whole file. */
static void parse_units(
	kernel_tree *t, const char *path, const char *const *prefer, GHashTable *reasons)
{
	g_autoptr(kernel_units) all = NULL;
	g_autoptr(GError) err = NULL;
	kernel_wish wish = {.path = path, .prefer = prefer};
	gint64 start = g_get_monotonic_time();
	if (!kernel_units_for(&all, t, &wish, &err)) {
		printf("%s: %s\n", path, err->message);
		return;
	}
	printf("%s: %u units in %.1f ms\n", path, all->units->len,
		(double)(g_get_monotonic_time() - start) / 1e3);
	for (guint i = 0; i < all->units->len; i++) {
		const kernel_unit *u = g_ptr_array_index(all->units, i);
		printf(" %s (%s)%s", u->unit->path, u->configuration, u->certain ? "" : " perhaps");
		for (char **a = u->assumed; *a; a++)
			printf(" -D%s", *a);
		for (guint k = 0; k < MIN(u->ranges->len, 6); k++) {
			const line_range *range = &g_array_index(u->ranges, line_range, k);
			printf(" %u-%u", range->first, range->last);
		}
		printf("\n");
		if (reasons)
			parse(u->unit, reasons);
	}
	for (guint i = 0; i < all->unreached->len; i++) {
		const kernel_unreached *u = g_ptr_array_index(all->unreached, i);
		printf(" not %u-%u: %s\n", u->lines.first, u->lines.last, u->reason);
	}
}

int main(int argc, char **argv)
{
	while (argc > 5 && argv[argc - 1][0] == '-') {
		verbose |= argv[argc - 1][1] == 'v';
		show_args |= argv[argc - 1][1] == 'a';
		headers |= argv[argc - 1][1] == 'h';
		built_only |= argv[argc - 1][1] == 'b';
		all_units |= argv[argc - 1][1] == 'u';
		by_name |= argv[argc - 1][1] == 'n';
		if (argv[argc - 1][1] == 's')
			symbols[0] = argv[argc - 1] + 2;
		argc--;
	}
	if (argc < 5)
		return 2;
	argv[argc] = NULL;
	g_autoptr(GError) err = NULL;
	repo *r = NULL;
	oid base_tree, tip_tree;
	kernel_tree *base = NULL, *tip = NULL;
	if (!repo_open(&r, argv[1], &err) || !tree_of(r, &base_tree, argv[2]) ||
		!tree_of(r, &tip_tree, argv[3]) ||
		!kernel_tree_open(&base, r, &base_tree, argv[4], &err) ||
		!kernel_tree_tip(&tip, base, &tip_tree, &err)) {
		fprintf(stderr, "%s\n", err ? err->message : "no such tree");
		return 2;
	}
	g_autoptr(GHashTable) reasons =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	unsigned files = 0, clean = 0, none = 0;
	gint64 made = 0, parsed = 0;
	char line[4096];
	while (fgets(line, sizeof line, stdin)) {
		g_strstrip(line);
		if (built_only) {
			if (kernel_tree_is_built(tip, line, argv[5]))
				printf("%s\n", line);
			fflush(stdout);
			continue;
		}
		if (all_units) {
			parse_units(tip, line, (const char *const *)argv + 5,
				show_args ? NULL : reasons);
			continue;
		}
		g_auto(GStrv) archs =
			by_name ? g_strdupv(argv + 5)
				: kernel_tree_archs(tip, line, (const char *const *)argv + 5);
		if (!*archs)
			none++;
		for (char **a = archs; *a; a++) {
			g_autoptr(analysis_unit) u = NULL;
			g_autofree char *user = NULL;
			g_clear_error(&err);
			gint64 start = g_get_monotonic_time();
			bool made_unit = headers ? kernel_tree_header_unit(&u, tip, line, *a, &err)
						 : kernel_tree_unit_with(
							   &u, tip, line, *a, symbols, NULL, &err);
			if (!made_unit) {
				printf("%s (%s): %s\n", line, *a, err->message);
				continue;
			}
			if (headers)
				user = g_strdup(u->path);
			gint64 middle = g_get_monotonic_time();
			printf("%s (%s)%s%s\n", line, *a, user ? " by " : "", user ? user : "");
			fflush(stdout);
			for (guint i = 0; show_args && i < u->args->len; i++)
				printf("    %s\n", (char *)g_ptr_array_index(u->args, i));
			for (guint i = 0; show_args && i < u->memory->len; i++) {
				const memory_file *m = g_ptr_array_index(u->memory, i);
				printf("    made %s\n", m->path + strlen(u->root) + 1);
				if (g_str_has_suffix(m->path, "/autoconf.h"))
					printf("%.*s", (int)g_bytes_get_size(m->data),
						(const char *)g_bytes_get_data(m->data, NULL));
			}
			unsigned errors = parse(u, reasons);
			for (guint i = 0; show_args && u->computed && i < u->computed->len; i++) {
				const computed_header *h = g_ptr_array_index(u->computed, i);
				printf("  from %s:\n%.*s", h->path,
					h->made ? (int)g_bytes_get_size(h->made) : 0,
					h->made ? (const char *)g_bytes_get_data(h->made, NULL)
						: "");
			}
			made += middle - start;
			parsed += g_get_monotonic_time() - middle;
			files++;
			clean += errors == 0;
		}
	}
	GHashTableIter iter;
	gpointer key, value;
	g_hash_table_iter_init(&iter, reasons);
	while (verbose && g_hash_table_iter_next(&iter, &key, &value))
		printf("%6u %s\n", GPOINTER_TO_UINT(value), (char *)key);
	printf("%u of %u units clean, %u files without target; units %.2f s, parsing %.2f s\n",
		clean, files, none, (double)made / 1e6, (double)parsed / 1e6);
	return 0;
}
