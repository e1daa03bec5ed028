/* Measures of the applier, straight on the library:
 *
 *   apply_bench series REPO BASE [--flush] SPEC...
 *       applies the SPECs in order and prints counts, times, the tip's tree and the rejects
 *   apply_bench batch REPO < LIST
 *       LIST: a line "BASE SPEC" each; applies SPEC to BASE alone and prints
 *       "SPEC TREE applied|partial fuzzy N rejects N" */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "series/apply.h"
#include "series/read.h"

static void die(GError *err)
{
	fprintf(stderr, "apply_bench: %s\n", err ? err->message : "wrong arguments");
	exit(2);
}

/* Wall and processor time of a stage: on a busy machine only the second one says anything. */
typedef struct stopwatch {
	gint64 wall;
	clock_t processor;
} stopwatch;

static stopwatch stopwatch_start(void)
{
	return (stopwatch){g_get_monotonic_time(), clock()};
}

static void stopwatch_print(const char *stage, stopwatch start)
{
	printf("%s: %.3f s, %.3f s of processors\n", stage,
		(double)(g_get_monotonic_time() - start.wall) / G_USEC_PER_SEC,
		(double)(clock() - start.processor) / CLOCKS_PER_SEC);
}

static series *start_series(repo *r, const char *rev)
{
	GError *err = NULL;
	series *s = series_new("bench");
	if (!repo_resolve(r, &s->base, rev, &err) ||
		!repo_commit_tree(r, &s->base_tree, &s->base, &err))
		die(err);
	s->tip = s->base;
	s->tip_tree = s->base_tree;
	return s;
}

static void add_spec(series *s, repo *r, const char *spec)
{
	GError *err = NULL;
	g_autoptr(patch_list) patches = NULL;
	stopwatch start = stopwatch_start();
	if (!series_read(&patches, r, spec, &s->base, &err))
		die(err);
	stopwatch_print("read", start);
	start = stopwatch_start();
	g_ptr_array_add(s->specs, g_strdup(spec));
	if (!series_apply(s, r, patches, s->specs->len - 1, &err))
		die(err);
	stopwatch_print("apply", start);
}

/* Resident memory now, own and mapped from files (the repository's packs) apart. */
static void print_memory(const char *when)
{
	g_autofree char *status = NULL;
	if (!g_file_get_contents("/proc/self/status", &status, NULL, NULL))
		return;
	g_auto(GStrv) lines = g_strsplit(status, "\n", -1);
	printf("memory %s:", when);
	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, "VmHWM") || g_str_has_prefix(*line, "RssAnon") ||
			g_str_has_prefix(*line, "RssFile"))
			printf(" %s", g_strdelimit(*line, "\t", ' '));
	printf("\n");
}

static void print_rejects(const series *s)
{
	for (guint i = 0; i < s->rejects->len; i++) {
		const reject *x = g_ptr_array_index(s->rejects, i);
		printf("reject: %s:%u: %s hunk %u reason %d near %u-%u\n", x->origin,
			x->source_line, x->path, x->hunk, (int)x->reason, x->near_line,
			x->near_end);
		if (x->difference)
			printf("%s", x->difference);
	}
}

static void run_series(repo *r, int argc, char **argv)
{
	GError *err = NULL;
	g_autoptr(series) s = start_series(r, argv[0]);
	bool flush = false;
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--flush"))
			flush = true;
		else
			add_spec(s, r, argv[i]);
	}
	print_memory("applied");
	stopwatch start = stopwatch_start();
	if (flush && !repo_flush(r, &err))
		die(err);
	stopwatch_print("flush", start);
	start = stopwatch_start();
	if (!series_finish(s, r, &err))
		die(err);
	stopwatch_print("finish", start);
	unsigned applied = 0, fuzzy = 0;
	for (guint i = 0; i < s->commits->len; i++) {
		const series_commit *c = g_ptr_array_index(s->commits, i);
		applied += c->applied;
		fuzzy += c->fuzzy;
	}
	char hex[OID_HEX + 1];
	printf("patches %u applied %u fuzzy hunks %u rejects %u\n", s->commits->len, applied, fuzzy,
		s->rejects->len);
	printf("files %u +%u -%u\n", s->files, s->insertions, s->deletions);
	print_memory("finished");
	print_rejects(s);
	printf("tree %s\n", oid_format(hex, &s->tip_tree));
}

static void run_batch(repo *r)
{
	char line[8192];
	while (fgets(line, sizeof line, stdin)) {
		g_strchomp(line);
		char *spec = strchr(line, ' ');
		if (!spec)
			die(NULL);
		*spec++ = 0;
		GError *err = NULL;
		g_autoptr(series) s = start_series(r, line);
		g_autoptr(patch_list) patches = NULL;
		char hex[OID_HEX + 1];
		/* Each one stands alone: nothing of it is kept. */
		repo_scratch_begin(r);
		if (!series_read(&patches, r, spec, &s->base, &err) ||
			!series_apply(s, r, patches, 0, &err)) {
			g_autofree char *text = error_text(err);
			printf("%s error %s\n", spec, text);
			g_error_free(err);
		} else {
			const series_commit *c =
				s->commits->len ? g_ptr_array_index(s->commits, s->commits->len - 1)
						: NULL;
			printf("%s %s %s fuzzy %u rejects %u\n", spec,
				oid_format(hex, &s->tip_tree),
				c && c->applied ? "applied" : "partial", c ? c->fuzzy : 0,
				s->rejects->len);
		}
		repo_scratch_end(r);
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	GError *err = NULL;
	g_autoptr(repo) r = NULL;
	if (argc < 3)
		die(NULL);
	if (!repo_open(&r, argv[2], &err))
		die(err);
	if (!strcmp(argv[1], "series") && argc > 4)
		run_series(r, argc - 3, argv + 3);
	else if (!strcmp(argv[1], "batch"))
		run_batch(r);
	else
		die(NULL);
	return 0;
}
