/* truce's parsing beside that of clang, sparse and coccinelle, on the same files in one run.
 *
 *	peers files REPO REV|TREE CACHE OUT ARCH... < PATHS
 *
 * Each .c file of standard input is read as truce reads it (facts and all, in this process), and by
 * `clang -fsyntax-only` and `sparse` with the flags and headers that truce chose, and by
 * `spatch --parse-c`, which takes neither; who comes first goes round. What nobody needs to start a
 * file (an empty file, through each program) is told apart.
 *
 *	peers case REPO DB OUT BASE NAME=SPEC...
 *
 * The facts of base and tips as the engine reads them (DB must be new: then nothing is cached), by
 * the clock; and below OUT what clang needs to do the same: `plain` has one line of arguments for
 * each touched .c file of base and tips in its first configuration, `same` one for each
 * configuration that truce read. bench/peers gives both to clang.
 *
 * Trees are laid below OUT as files: so that the others find what truce has in memory or in maps.
 */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analyzers/c/c.h"
#include "base/digest.h"
#include "base/error.h"
#include "engine/batch.h"
#include "engine/internal.h"
#include "engine/reading.h"
#include "kernel/units.h"
#include "series/apply.h"

#define CLANG "clang-14"

typedef struct cost {
	double wall, processor;
} cost;

static void stop(const GError *err)
{
	fprintf(stderr, "peers: %s\n", err ? err->message : "wrong use");
	exit(2);
}

/* ---- trees as files ---- */

typedef struct world {
	const char *git; /* the repository's path */
	char *out;	 /* absolute */
} world;

static double seconds_between(const struct rusage *a, const struct rusage *b)
{
	return (double)(b->ru_utime.tv_sec - a->ru_utime.tv_sec) +
	       (double)(b->ru_stime.tv_sec - a->ru_stime.tv_sec) +
	       (double)(b->ru_utime.tv_usec - a->ru_utime.tv_usec) / 1e6 +
	       (double)(b->ru_stime.tv_usec - a->ru_stime.tv_usec) / 1e6;
}

/* Runs a program; its standard error goes to `errors` (NULL: nowhere), output to `output`. */
static int run_program(char **argv, char **output, char **errors, cost *c)
{
	g_autoptr(GError) err = NULL;
	int status = -1;
	struct rusage before, after;
	getrusage(RUSAGE_CHILDREN, &before);
	gint64 start = g_get_monotonic_time();
	if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, output, errors,
		    &status, &err))
		stop(err);
	c->wall += (double)(g_get_monotonic_time() - start) / 1e6;
	getrusage(RUSAGE_CHILDREN, &after);
	c->processor += seconds_between(&before, &after);
	return status;
}

/* The tree's folder, filled on first use. The caller's. */
static char *tree_folder(const world *w, const oid *tree)
{
	char hex[OID_HEX + 1];
	char *folder = g_build_filename(w->out, "trees", oid_format(hex, tree), NULL);
	if (g_file_test(folder, G_FILE_TEST_IS_DIR))
		return folder;
	g_mkdir_with_parents(folder, 0777);
	g_autofree char *command =
		g_strdup_printf("git -C \"$1\" archive %s | tar -x -C \"$2\"", hex);
	char *argv[] = {"sh", "-c", command, "sh", (char *)w->git, folder, NULL};
	cost unused = {0, 0};
	if (run_program(argv, NULL, NULL, &unused))
		stop(NULL);
	return folder;
}

static void write_file(const char *path, GBytes *data)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_mkdir_with_parents(folder, 0777);
	gsize len;
	const char *bytes = g_bytes_get_data(data, &len);
	g_autoptr(GError) err = NULL;
	if (!g_file_set_contents(path, bytes ? bytes : "", (gssize)len, &err))
		stop(err);
}

static const char *below(const char *path, const char *root)
{
	size_t len = strlen(root);
	return !strncmp(path, root, len) && path[len] == '/' ? path + len + 1 : NULL;
}

static GBytes *bytes_of(const analysis_unit *u, const memory_file *m)
{
	for (guint i = 0; u->computed && i < u->computed->len; i++) {
		const computed_header *h = g_ptr_array_index(u->computed, i);
		for (guint k = 0; h->made && k < h->places->len; k++) {
			if (!strcmp(g_ptr_array_index(h->places, k), m->path))
				return h->made;
		}
	}
	return m->data;
}

/* Headers that a build would make, of one configuration, in a folder of their own; those that the
 * tree lacks also in the tree, for includes by "". The folder's path, the caller's. */
static char *write_made(const world *w, const analysis_unit *u, const char *tree)
{
	g_auto(digest) d = {0};
	digest_init(&d);
	for (guint i = 0; u->memory && i < u->memory->len; i++) {
		const memory_file *m = g_ptr_array_index(u->memory, i);
		gsize len;
		const void *data = g_bytes_get_data(bytes_of(u, m), &len);
		digest_add_text(&d, below(m->path, u->root));
		digest_add(&d, data, len);
	}
	g_autofree char *name = digest_hex(&d);
	char *folder = g_build_filename(w->out, "made", name, NULL);
	bool there = g_file_test(folder, G_FILE_TEST_IS_DIR);
	for (guint i = 0; u->memory && i < u->memory->len; i++) {
		const memory_file *m = g_ptr_array_index(u->memory, i);
		const char *path = below(m->path, u->root);
		g_autofree char *own = g_build_filename(folder, path, NULL);
		g_autofree char *in_tree = g_build_filename(tree, path, NULL);
		if (!there)
			write_file(own, bytes_of(u, m));
		if (*path != '.' && !g_file_test(in_tree, G_FILE_TEST_EXISTS))
			write_file(in_tree, bytes_of(u, m));
	}
	return folder;
}

/* include/asm and its like. */
static void make_links(const analysis_unit *u, const char *tree)
{
	GHashTableIter it;
	gpointer prefix, real;
	if (!u->aliases)
		return;
	g_hash_table_iter_init(&it, u->aliases);
	while (g_hash_table_iter_next(&it, &prefix, &real)) {
		const char *path = below(prefix, u->root);
		g_autofree char *link = path ? g_build_filename(tree, path, NULL) : NULL;
		g_autofree char *target = g_build_filename(tree, real, NULL);
		if (!link)
			continue;
		while (g_str_has_suffix(link, "/"))
			link[strlen(link) - 1] = '\0';
		g_autofree char *folder = g_path_get_dirname(link);
		g_mkdir_with_parents(folder, 0777);
		if (symlink(target, link) && !g_file_test(link, G_FILE_TEST_IS_SYMLINK) &&
			!g_file_test(link, G_FILE_TEST_EXISTS))
			perror(link);
	}
}

/* An argument that names a place of the layout, in the folder `to`; NULL when nothing is there. */
static char *moved(const char *arg, size_t option, const char *root, const char *to)
{
	const char *path = below(arg + option, root);
	if (!path && strcmp(arg + option, root) != 0)
		return NULL;
	g_autofree char *own = g_build_filename(to, path ? path : "", NULL);
	if (!g_file_test(own, G_FILE_TEST_EXISTS))
		return NULL;
	return g_strdup_printf("%.*s%s", (int)option, arg, own);
}

/* The unit's arguments for the tree that lies as files: what is made comes before what is there. */
static GPtrArray *arguments(const analysis_unit *u, const char *tree, const char *made)
{
	static const char *const folders[] = {"-I", "-iquote", "-isystem", "-idirafter", NULL};
	GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < u->args->len; i++) {
		const char *arg = g_ptr_array_index(u->args, i);
		size_t option = strspn(arg, "-") && g_str_has_prefix(arg, "-I") ? 2 : 0;
		const char *before = i ? g_ptr_array_index(u->args, i - 1) : "";
		bool folder = option ? arg[option] : g_strv_contains(folders, before);
		char *first = moved(arg, option, u->root, made);
		char *second = moved(arg, option, u->root, tree);
		if (first && folder) {
			g_ptr_array_add(out, first);
			if (!option)
				g_ptr_array_add(out, g_strdup(before));
			g_ptr_array_add(out, second ? second : g_strdup(arg));
			continue;
		}
		g_ptr_array_add(out, first    ? first
				     : second ? g_steal_pointer(&second)
					      : g_strdup(arg));
		g_free(second);
	}
	g_autofree char *path = g_build_filename(tree, u->path, NULL);
	g_ptr_array_add(out, g_steal_pointer(&path));
	return out;
}

/* Everything of a unit as files; the arguments to compile it from there, the file last. */
static GPtrArray *lay_out(const world *w, const analysis_unit *u, const oid *tree)
{
	g_autofree char *folder = tree_folder(w, tree);
	g_autofree char *made = write_made(w, u, folder);
	make_links(u, folder);
	return arguments(u, folder, made);
}

/* ---- file by file ---- */

typedef enum peer { TRUCE, PEER_CLANG, PEER_SPARSE, PEER_SPATCH, PEERS } peer;

static const char *const peer_names[PEERS] = {
	"truce (facts)", "clang -fsyntax-only", "sparse", "spatch --parse-c"};

typedef struct sums {
	cost of[PEERS];
	cost choosing; /* of configurations: truce alone has to */
	guint clean[PEERS];
	guint files;
} sums;

static double own_processor(void)
{
	struct rusage r;
	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static bool by_truce(analysis_unit *u, cost *c)
{
	g_auto(fact_sink) sink = {0};
	g_autoptr(GError) err = NULL;
	fact_sink_init(&sink);
	gint64 start = g_get_monotonic_time();
	double processor = own_processor();
	bool ok = c_analyzer.run(u, &sink, &err);
	c->wall += (double)(g_get_monotonic_time() - start) / 1e6;
	c->processor += own_processor() - processor;
	const fact_set *set = ok ? fact_sink_file(&sink, u->path, &u->blob) : NULL;
	return set && set->clean;
}

static bool by_clang(const GPtrArray *args, cost *c)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_ptr_array_add(argv, (gpointer)CLANG);
	g_ptr_array_add(argv, (gpointer) "-fsyntax-only");
	for (guint i = 0; i < args->len; i++)
		g_ptr_array_add(argv, g_ptr_array_index(args, i));
	g_ptr_array_add(argv, NULL);
	g_autofree char *errors = NULL;
	return run_program((char **)argv->pdata, NULL, &errors, c) == 0;
}

/* sparse knows gcc's words: the target by its width, no count of errors. It says to be the gcc that
 * it was built with, which old trees refuse; here it says what clang says. */
static bool by_sparse(const GPtrArray *args, cost *c)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_ptr_array_add(argv, (gpointer) "sparse");
	g_ptr_array_add(argv, (gpointer) "-D__GNUC__=4");
	g_ptr_array_add(argv, (gpointer) "-D__GNUC_MINOR__=2");
	g_ptr_array_add(argv, (gpointer) "-D__GNUC_PATCHLEVEL__=1");
	for (guint i = 0; i < args->len; i++) {
		const char *arg = g_ptr_array_index(args, i);
		if (!strcmp(arg, "-target") && i + 1 < args->len) {
			bool narrow = g_str_has_prefix(g_ptr_array_index(args, ++i), "i386");
			g_ptr_array_add(argv, (gpointer)(narrow ? "-m32" : "-m64"));
		} else if (!g_str_has_prefix(arg, "-ferror-limit") && strcmp(arg, "-w") != 0) {
			g_ptr_array_add(argv, (gpointer)arg);
		}
	}
	g_ptr_array_add(argv, NULL);
	g_autofree char *errors = NULL;
	int status = run_program((char **)argv->pdata, NULL, &errors, c);
	return status == 0 && !strstr(errors, "error: ");
}

static bool by_spatch(const GPtrArray *args, cost *c)
{
	char *argv[] = {"spatch", "--parse-c", g_ptr_array_index(args, args->len - 1), NULL};
	g_autofree char *output = NULL, *errors = NULL;
	int status = run_program(argv, &output, &errors, c);
	return status == 0 && (strstr(output, "perfect = 1;") || strstr(errors, "perfect = 1;"));
}

static bool by_peer(peer p, analysis_unit *u, const GPtrArray *args, cost *c)
{
	switch (p) {
	case TRUCE:
		return by_truce(u, c);
	case PEER_CLANG:
		return by_clang(args, c);
	case PEER_SPARSE:
		return by_sparse(args, c);
	default:
		return by_spatch(args, c);
	}
}

static void compare_file(const world *w, kernel_tree *t, const oid *tree, const char *path,
	const char *const *archs, sums *s)
{
	g_autoptr(analysis_unit) u = NULL;
	g_autoptr(GError) err = NULL;
	g_auto(GStrv) own = kernel_tree_archs(t, path, archs);
	gint64 start = g_get_monotonic_time();
	double processor = own_processor();
	if (!own || !own[0] || !kernel_tree_unit(&u, t, path, own[0], &err)) {
		printf("%s: %s\n", path, err ? err->message : "no architecture");
		return;
	}
	s->choosing.wall += (double)(g_get_monotonic_time() - start) / 1e6;
	s->choosing.processor += own_processor() - processor;
	u->bodies = true;
	cost unused = {0, 0};
	if (u->computed && u->computed->len) /* what is computed is there for all from now on */
		by_truce(u, &unused);
	g_autoptr(GPtrArray) args = lay_out(w, u, tree);
	bool clean[PEERS];
	for (unsigned i = 0; i < PEERS; i++) {
		peer p = (peer)((s->files + i) % PEERS);
		clean[p] = by_peer(p, u, args, &s->of[p]);
		s->clean[p] += clean[p];
	}
	s->files++;
	printf("%s (%s):", path, u->arch);
	for (unsigned p = 0; p < PEERS; p++)
		printf(" %s %s%s", peer_names[p], clean[p] ? "clean" : "errors",
			p + 1 < PEERS ? "," : "\n");
	fflush(stdout);
}

/* What each program takes for a file with nothing in it, the mean of some. */
static cost starting(const world *w, peer p)
{
	enum { TIMES = 10 };
	g_autofree char *path = g_build_filename(w->out, "empty.c", NULL);
	g_autoptr(GBytes) text = g_bytes_new_static("int x;\n", 7);
	g_autoptr(GPtrArray) args = g_ptr_array_new();
	analysis_unit u = {.arch = "x86_64"};
	write_file(path, text);
	g_ptr_array_add(args, path);
	cost c = {0, 0};
	for (int i = 0; i < TIMES; i++)
		by_peer(p, &u, args, &c);
	return (cost){c.wall / TIMES, c.processor / TIMES};
}

static void print_sums(const world *w, const sums *s)
{
	const cost *own = &s->of[TRUCE];
	printf("\n%u files; choosing their configurations, truce alone: %.2f s, %.2f s of "
	       "processor\n",
		s->files, s->choosing.wall, s->choosing.processor);
	printf("%-22s %8s %10s %8s %10s %8s %12s\n", "", "wall s", "to truce", "cpu s", "to truce",
		"clean", "start cpu s");
	for (unsigned p = 0; p < PEERS; p++) {
		const cost *c = &s->of[p];
		cost start = p == TRUCE ? (cost){0, 0} : starting(w, (peer)p);
		printf("%-22s %8.2f %10.2f %8.2f %10.2f %7.1f%% %12.3f\n", peer_names[p], c->wall,
			c->wall / own->wall, c->processor, c->processor / own->processor,
			100.0 * s->clean[p] / MAX(s->files, 1u), start.processor);
	}
}

static int compare_files(int argc, char **argv)
{
	g_autoptr(GError) err = NULL;
	g_autoptr(repo) r = NULL;
	g_autoptr(kernel_tree) t = NULL;
	oid commit, tree;
	if (argc < 7 || !repo_open(&r, argv[2], &err) ||
		(!oid_parse(&tree, argv[3]) &&
			(!repo_resolve(r, &commit, argv[3], &err) ||
				!repo_commit_tree(r, &tree, &commit, &err))) ||
		!kernel_tree_open(&t, r, &tree, argv[4], &err))
		stop(err);
	world w = {argv[2], g_canonicalize_filename(argv[5], NULL)};
	sums s = {0};
	char line[4096];
	while (fgets(line, sizeof line, stdin))
		compare_file(&w, t, &tree, g_strstrip(line), (const char *const *)argv + 6, &s);
	print_sums(&w, &s);
	g_free(w.out);
	return 0;
}

/* ---- a case ---- */

/* A unit as the engine handed it on, and its parts that go with the job. */
typedef struct seen_unit {
	analysis_unit unit;
	oid tree;
	bool first; /* in the first configuration of its file and tree */
} seen_unit;

typedef struct watcher {
	GPtrArray *units;  /* seen_unit * */
	GHashTable *known; /* char *: tree and path (set) */
	gint64 further;	   /* when the first unit came of a file and tree that had one; 0: never */
} watcher;

static void watch(const analysis_unit *u, const oid *tree, void *data)
{
	watcher *w = data;
	char hex[OID_HEX + 1];
	seen_unit *s = g_new0(seen_unit, 1);
	s->unit = *u;
	s->unit.path = g_strdup(u->path);
	s->unit.root = g_strdup(u->root);
	s->unit.arch = g_strdup(u->arch);
	s->unit.args = g_ptr_array_new();
	for (guint i = 0; i < u->args->len; i++)
		g_ptr_array_add(s->unit.args, g_strdup(g_ptr_array_index(u->args, i)));
	s->tree = *tree;
	s->first = g_hash_table_add(
		w->known, g_strdup_printf("%s %s", oid_format(hex, tree), u->path));
	if (!s->first && !w->further)
		w->further = g_get_monotonic_time();
	g_ptr_array_add(w->units, s);
}

static bool is_touched(const GPtrArray *all, const char *path)
{
	for (guint i = 0; i < all->len; i++) {
		if (series_change(g_ptr_array_index(all, i), path))
			return true;
	}
	return false;
}

static void write_commands(const world *w, const watcher *seen, const GPtrArray *all)
{
	g_autoptr(GString) plain = g_string_new(NULL), same = g_string_new(NULL);
	for (guint i = 0; i < seen->units->len; i++) {
		const seen_unit *s = g_ptr_array_index(seen->units, i);
		if (!g_str_has_suffix(s->unit.path, ".c"))
			continue;
		g_autoptr(GPtrArray) args = lay_out(w, &s->unit, &s->tree);
		g_autoptr(GString) line = g_string_new(NULL);
		for (guint k = 0; k < args->len; k++) {
			g_autofree char *word = g_shell_quote(g_ptr_array_index(args, k));
			g_string_append_printf(line, "%s%s", k ? " " : "", word);
		}
		g_string_append_c(line, '\n');
		g_string_append(same, line->str);
		if (s->first && is_touched(all, s->unit.path))
			g_string_append(plain, line->str);
	}
	g_autofree char *plain_path = g_build_filename(w->out, "plain", NULL);
	g_autofree char *same_path = g_build_filename(w->out, "same", NULL);
	g_file_set_contents(plain_path, plain->str, -1, NULL);
	g_file_set_contents(same_path, same->str, -1, NULL);
}

static void set_series(engine *e, const char *base, char **specs)
{
	g_autoptr(GArray) sources = g_array_new(FALSE, TRUE, sizeof(engine_source));
	g_autoptr(GError) err = NULL;
	for (; *specs; specs++) {
		const char *equals = strchr(*specs, '=');
		if (!equals)
			stop(NULL);
		g_autofree char *name = g_strndup(*specs, (gsize)(equals - *specs));
		engine_source *last =
			sources->len ? &g_array_index(sources, engine_source, sources->len - 1)
				     : NULL;
		if (!last || strcmp(last->name, name) != 0) {
			engine_source fresh = {g_steal_pointer(&name), g_ptr_array_new()};
			g_array_append_val(sources, fresh);
			last = &g_array_index(sources, engine_source, sources->len - 1);
		}
		g_ptr_array_add(last->specs, (gpointer)(equals + 1));
	}
	if (!engine_series_set(e, base, NULL, (const engine_source *)sources->data, sources->len,
		    false, NULL, &err))
		stop(err);
}

static int read_case(int argc, char **argv)
{
	g_autoptr(GError) err = NULL;
	g_autoptr(engine) e = NULL;
	g_autoptr(facts_reader) facts = NULL;
	g_autoptr(GPtrArray) all = NULL;
	if (argc < 7)
		stop(NULL);
	engine_options options = {.repo_path = argv[2], .db_path = argv[3], .jobs = 2};
	if (!engine_open(&e, &options, &err))
		stop(err);
	set_series(e, argv[5], argv + 6);
	watcher seen = {g_ptr_array_new(), g_hash_table_new(g_str_hash, g_str_equal), 0};
	e->watch = watch;
	e->watch_data = &seen;
	oid base, tree;
	g_autofree char *rev = NULL;
	cost c = {0, 0};
	struct rusage before, after;
	gint64 start = g_get_monotonic_time();
	double processor = own_processor();
	getrusage(RUSAGE_CHILDREN, &before);
	if (!engine_base(e, &base, &rev, &err) || !repo_commit_tree(e->repo, &tree, &base, &err) ||
		!store_series_list(e->store, &all, &err))
		stop(err);
	for (guint i = 0; i < all->len; i++) {
		series *s = g_ptr_array_index(all, i);
		if (!s->changes && !series_finish(s, e->repo, &err))
			stop(err);
	}
	if (!facts_reader_run(&facts, e, &tree, all, NULL, &err))
		stop(err);
	c.wall = (double)(g_get_monotonic_time() - start) / 1e6;
	/* What the processes took is known once they have ended. */
	g_clear_pointer(&e->readers, reader_pool_free);
	getrusage(RUSAGE_CHILDREN, &after);
	c.processor = own_processor() - processor + seconds_between(&before, &after);
	engine_work work = engine_work_done(e);
	world w = {argv[2], g_canonicalize_filename(argv[4], NULL)};
	write_commands(&w, &seen, all);
	printf("truce: facts of base and %u tips in %.2f s (%.2f s of processors), first "
	       "configurations "
	       "in %.2f s of them; %u read, %u from the cache; %u units by a compiler\n",
		all->len, c.wall, c.processor,
		seen.further ? (double)(seen.further - start) / 1e6 : c.wall, work.parsed,
		work.cached, seen.units->len);
	g_free(w.out);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "files"))
		return compare_files(argc, argv);
	if (argc > 2 && !strcmp(argv[1], "case"))
		return read_case(argc, argv);
	stop(NULL);
	return 2;
}
