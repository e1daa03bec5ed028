/* What the program finds in the module. */
#include "analyzers/c/module.h"

#include "analyzers/c/parse.h"

static bool run(const analysis_unit *u, fact_sink *sink, GError **err)
{
	g_auto(parse) p = {0};
	if (!parse_open(&p, u, sink, err))
		return false;
	if (p.assembly)
		parse_read_includes(&p);
	else
		parse_read_facts(&p);
	parse_read_lines(&p);
	return true;
}

static char *library(void)
{
	CXString version = clang_getClangVersion();
	char *own = g_strdup(clang_getCString(version));
	clang_disposeString(version);
	return own;
}

extern const c_module truce_c_module;
__attribute__((visibility("default"))) const c_module truce_c_module = {
	.truce = TRUCE_VERSION,
	.run = run,
	.library = library,
};
