/* Prints the configuration of a kernel tree on disk, for comparing with the kernel's own conf:
 * kconfig DIR ARCH SRCARCH DEFCONFIG|allyes|allno|alldef [NAME...]  (each NAME is required first)
 * With the one NAME "--solve": asks the solver and the search for every symbol that is off. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "kernel/kconfig_solve.h"

static GBytes *read_disk(const char *path, void *data)
{
	g_autofree char *full = g_build_filename(data, path, NULL);
	char *text;
	gsize len;
	if (!g_file_get_contents(full, &text, &len, NULL))
		return NULL;
	return g_bytes_new_take(text, len);
}

static bool is_on(kconfig_values *v, void *name)
{
	return kconfig_tristate(v, name) != TRI_N;
}

/* Every symbol that is off, switched on by the solver and by the bounded search. */
static void solve_all(const kconfig *k, kconfig_values *usual)
{
	guint asked = 0, solved = 0, impossible = 0, gave_up = 0, searched = 0, only_search = 0;
	gint64 start = g_get_monotonic_time();
	g_autoptr(kconfig_solver) s = kconfig_solver_new(usual);
	gint64 made = g_get_monotonic_time(), in_solver = 0, in_search = 0, slowest = 0;
	const GPtrArray *symbols = kconfig_symbols(k);
	for (guint i = 0; i < symbols->len; i++) {
		const kconfig_symbol *symbol = g_ptr_array_index(symbols, i);
		if (!symbol->name || symbol->constant || !symbol->entries ||
			(symbol->type != KCONFIG_BOOL && symbol->type != KCONFIG_TRISTATE) ||
			kconfig_tristate(usual, symbol->name) != TRI_N)
			continue;
		asked++;
		g_autoptr(kconfig_values) v = NULL;
		g_autoptr(GPtrArray) settings = NULL;
		gint64 before = g_get_monotonic_time();
		int wanted = kconfig_solver_literal(s, symbol->name, TRI_M);
		sat_answer found = kconfig_solver_find(
			s, &v, &settings, &wanted, 1, is_on, (void *)symbol->name);
		gint64 between = g_get_monotonic_time();
		g_autoptr(kconfig_values) w = kconfig_values_copy(usual);
		bool by_search = kconfig_require(w, symbol->name, TRI_M);
		gint64 after = g_get_monotonic_time();
		in_solver += between - before;
		in_search += after - between;
		slowest = MAX(slowest, between - before);
		solved += found == SAT_FOUND;
		impossible += found == SAT_IMPOSSIBLE;
		gave_up += found == SAT_GAVE_UP;
		searched += by_search;
		only_search += by_search && found != SAT_FOUND;
		if (found == SAT_GAVE_UP || (by_search && found != SAT_FOUND))
			printf("%s: %s\n", symbol->name,
				found == SAT_GAVE_UP ? "no solution passes" : "only searched");
		else if (settings && g_getenv("SETTINGS")) {
			g_ptr_array_add(settings, NULL);
			g_autofree char *text = g_strjoinv(" ", (char **)settings->pdata);
			printf("%s: %s\n", symbol->name, text);
		}
	}
	printf("%u asked: %u solved, %u impossible, %u gave up; search %u, search alone %u; "
	       "circuit %.1f ms, solver %.1f ms each (%.1f most), search %.1f ms each\n",
		asked, solved, impossible, gave_up, searched, only_search,
		(double)(made - start) / 1e3, (double)in_solver / 1e3 / MAX(asked, 1),
		(double)slowest / 1e3, (double)in_search / 1e3 / MAX(asked, 1));
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return 2;
	g_autoptr(GHashTable) env = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(env, "ARCH", argv[2]);
	g_hash_table_insert(env, "SRCARCH", argv[3]);
	g_hash_table_insert(env, "srctree", ".");
	const char *version = g_getenv("KERNELVERSION");
	g_hash_table_insert(env, "KERNELVERSION", (gpointer)(version ? version : "6.1.0"));
	g_hash_table_insert(env, "CC", "clang");
	g_hash_table_insert(env, "CC_VERSION_TEXT", "clang version 14.0.6");
	g_autofree char *old = g_strdup_printf("arch/%s/Kconfig", argv[3]);
	g_autofree char *top = g_build_filename(argv[1], "Kconfig", NULL);
	const char *first = g_file_test(top, G_FILE_TEST_EXISTS) ? "Kconfig" : old;
	kconfig_source source = {read_disk, NULL, argv[1]};
	g_autoptr(kconfig) k = NULL;
	g_autoptr(GError) err = NULL;
	gint64 start = g_get_monotonic_time();
	if (!kconfig_read(&k, first, &source, env, &err)) {
		fprintf(stderr, "%s\n", err->message);
		return 2;
	}
	gint64 parsed = g_get_monotonic_time();
	g_autoptr(kconfig_values) v = kconfig_values_new(k);
	g_autoptr(GBytes) def = read_disk(argv[4], argv[1]);
	if (def)
		kconfig_values_load(v, g_bytes_get_data(def, NULL), g_bytes_get_size(def));
	else if (!strcmp(argv[4], "allyes"))
		kconfig_values_fill(v, KCONFIG_FILL_YES);
	else if (!strcmp(argv[4], "allno"))
		kconfig_values_fill(v, KCONFIG_FILL_NO);
	if (argc == 6 && !strcmp(argv[5], "--solve")) {
		solve_all(k, v);
		return 0;
	}
	for (int i = 5; i < argc; i++)
		fprintf(stderr, "require %s: %s\n", argv[i],
			kconfig_require(v, argv[i], TRI_Y) ? "done" : "no way");
	g_autofree char *config = kconfig_dotconfig(v);
	gint64 done = g_get_monotonic_time();
	fputs(config, stdout);
	const GPtrArray *problems = kconfig_problems(k);
	for (guint i = 0; i < problems->len; i++)
		fprintf(stderr, "%s\n", (char *)g_ptr_array_index(problems, i));
	fprintf(stderr, "%u files, read %.1f ms, calculated %.1f ms\n", kconfig_files(k)->len,
		(double)(parsed - start) / 1000, (double)(done - parsed) / 1000);
	return 0;
}
