/* Any bytes as a catalogue, and as the gate's baseline: read, or refused with a reason. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "gate/baseline.h"
#include "interface/catalogue.h"
#include "model/function_type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_types(const catalogue *c)
{
	for (size_t i = 0; i < catalogue_length(c); i++) {
		const point *p = catalogue_point(c, i);
		if (!p->id || (p->signature && !function_type_same(p->signature, p->signature)))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(GError) no_catalogue = NULL, no_baseline = NULL;
	catalogue *c = NULL;
	g_autoptr(GPtrArray) entries = NULL;
	if (catalogue_read(&c, "fuzz", bytes, &no_catalogue)) {
		check_types(c);
		catalogue_free(c);
	} else if (c || !no_catalogue || !g_utf8_validate(no_catalogue->message, -1, NULL)) {
		abort();
	}
	if (!baseline_parse(&entries, "fuzz", (const char *)data, size, &no_baseline) &&
		(entries || !no_baseline || !g_utf8_validate(no_baseline->message, -1, NULL)))
		abort();
	return 0;
}
