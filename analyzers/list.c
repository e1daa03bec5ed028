/* The list of analyzers. */
#include "analyzers/list.h"

#include <string.h>

#include "analyzers/asm/asm.h"
#include "analyzers/c/c.h"
#include "analyzers/ctext/ctext.h"
#include "analyzers/kbuild/kbuild.h"
#include "analyzers/kconfig/kconfig.h"

const analyzer *const analyzers[] = {
	&c_analyzer,
	&ctext_analyzer,
	&asm_analyzer,
	&analyzer_kconfig,
	&analyzer_kbuild,
	NULL,
};

void analyzers_for(GPtrArray *out, const char *path)
{
	for (size_t i = 0; analyzers[i]; i++)
		if (analyzers[i]->claims(path))
			g_ptr_array_add(out, (gpointer)analyzers[i]);
}

const analyzer *analyzer_named(const char *name)
{
	for (size_t i = 0; name && analyzers[i]; i++)
		if (!strcmp(analyzers[i]->name, name))
			return analyzers[i];
	return NULL;
}
