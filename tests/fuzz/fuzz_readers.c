/* Any bytes as a file of each kind that is read as text: C, a header, assembly, Kconfig, a
 * makefile. The first byte says which. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyzers/list.h"
#include "model/fact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const paths[] = {"kernel/a.c", "include/linux/a.h", "arch/i386/kernel/a.S",
	"arch/arm/kernel/a.S", "drivers/Kconfig", "drivers/Makefile", "arch/x86/Kbuild",
	"arch/x86/a.lds.S"};

/* As the file has it, in whatever encoding: reports make it printable. */
static void check_text(const char *text)
{
	if (!text || strchr(text, '\n'))
		abort();
}

/* Every fact lies in the file, and its words are words of a line. */
static void check(const fact_set *f, unsigned lines)
{
	for (guint i = 0; i < f->entities->len; i++) {
		const entity *e = &g_array_index(f->entities, entity, i);
		if (!e->line || e->end_line < e->line || e->end_line > lines)
			abort();
		check_text(e->name);
		check_text(e->signature);
		check_text(e->condition);
		check_text(e->value);
	}
	for (guint i = 0; i < f->uses->len; i++) {
		const use *u = &g_array_index(f->uses, use, i);
		if (!u->line || u->line > lines)
			abort();
		check_text(u->name);
		check_text(u->detail);
		check_text(u->condition);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	const char *path = paths[data[0] % G_N_ELEMENTS(paths)];
	g_autoptr(GBytes) bytes = g_bytes_new(data + 1, size - 1);
	unsigned lines = 1;
	for (size_t i = 1; i < size; i++)
		lines += data[i] == '\n';
	analysis_unit u = {.path = (char *)path, .text = bytes};
	g_autoptr(GPtrArray) readers = g_ptr_array_new();
	analyzers_for(readers, path);
	g_auto(fact_sink) sink;
	fact_sink_init(&sink);
	for (guint i = 0; i < readers->len; i++) {
		const analyzer *a = g_ptr_array_index(readers, i);
		g_autoptr(GError) err = NULL;
		if (!a->needs_layout && !a->run(&u, &sink, &err) && !err)
			abort();
	}
	for (guint i = 0; i < sink.sets->len; i++) {
		fact_set *f = g_ptr_array_index(sink.sets, i);
		fact_set_finish(f);
		check(f, lines);
	}
	return 0;
}
