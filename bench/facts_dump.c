/* For developers: prints the facts that the text readers see in files on disk, or with --time only
 * how many and how long it took.
 *
 *	facts_dump [--time] FILE...
 *	git show v2.6.16-rc5:arch/i386/kernel/traps.c | facts_dump --as traps.c -  */
#include <stdio.h>
#include <string.h>

#include "analyzers/list.h"

typedef struct totals {
	size_t files, bytes, entities, uses;
} totals;

static void print_set(const fact_set *f)
{
	for (guint i = 0; i < f->entities->len; i++) {
		const entity *e = &g_array_index(f->entities, entity, i);
		printf("%u-%u\t%s\t%s%s%s\t%s\t%s%s%s%s%s\t%u tokens %016" G_GINT64_MODIFIER "x\t[%s]\n",
			e->line, e->end_line, entity_kind_name(e->kind), e->parent,
			*e->parent ? "." : "", e->name, e->signature,
			e->flags & ENTITY_DEFINITION ? "definition" : "declaration",
			e->flags & ENTITY_STATIC ? " static" : "", e->flags & ENTITY_INLINE ? " inline" : "",
			e->flags & ENTITY_UNDEF ? " undef" : "", e->reader == READER_CLANG ? " clang" : "",
			e->tokens, e->body[0], e->condition);
		if (*e->value)
			printf("\t= %s\n", e->value);
	}
	for (guint i = 0; i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		printf("%u:%u\t%s\t%s\t%s\tin %s%s\t[%s]\n", u->line, u->column, use_kind_name(u->kind),
			u->name, u->detail, u->in, u->reader == READER_CLANG ? " clang" : "", u->condition);
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

int main(int argc, char **argv)
{
	const char *as = NULL;
	gboolean time = FALSE;
	const GOptionEntry options[] = {
		{"as", 0, 0, G_OPTION_ARG_STRING, &as, "Read as a file of this name", "NAME"},
		{"time", 0, 0, G_OPTION_ARG_NONE, &time, "Print only counts and time", NULL},
		{0},
	};
	g_autoptr(GOptionContext) context = g_option_context_new("FILE...");
	g_option_context_add_main_entries(context, options, NULL);
	g_autoptr(GError) error = NULL;
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
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
