/* The compiler's reader of C. */
#include "analyzers/c/c.h"

#include "analyzers/c/parse.h"

/* Raise when the facts change. */
#define C_VERSION 6u

static bool claims(const char *path)
{
	return g_str_has_suffix(path, ".c") || g_str_has_suffix(path, ".S");
}

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

const analyzer c_analyzer = {
	.name = "c",
	.version = C_VERSION,
	.claims = claims,
	.run = run,
	.needs_layout = true,
	.library = library,
};
