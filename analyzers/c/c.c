/* The compiler's reader of C, as the list of analyzers knows it. */
#include "analyzers/c/c.h"

#include <dlfcn.h>
#include <string.h>

#include "analyzers/c/module.h"
#include "base/error.h"
#include "base/install.h"

/* Raise when the facts change. */
#define C_VERSION 6u

static bool claims(const char *path)
{
	return g_str_has_suffix(path, ".c") || g_str_has_suffix(path, ".S");
}

/* Gives the same module each time. It stays: libclang's threads and tables outlive every unit. */
static const c_module *load(GError **err)
{
	g_autofree char *path = install_module(C_MODULE_FILE);
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	const c_module *m = library ? dlsym(library, C_MODULE_SYMBOL) : NULL;
	if (!m) {
		error_set(err, TRUCE_ERROR_IO,
			"install truce again, with libclang: it reads the kernel's C",
			"the reader of C cannot be loaded: %s", dlerror());
		return NULL;
	}
	if (strcmp(m->truce, TRUCE_VERSION) != 0) {
		error_set(err, TRUCE_ERROR_IO, "install truce again",
			"%s belongs to truce %s, this is truce %s", path, m->truce, TRUCE_VERSION);
		return NULL;
	}
	return m;
}

static bool open_module(GError **err)
{
	return load(err) != NULL;
}

static bool run(const analysis_unit *u, fact_sink *sink, GError **err)
{
	const c_module *m = load(err);
	return m && m->run(u, sink, err);
}

static char *library(void)
{
	const c_module *m = load(NULL);
	return m ? m->library() : NULL;
}

const analyzer c_analyzer = {
	.name = "c",
	.version = C_VERSION,
	.claims = claims,
	.open = open_module,
	.run = run,
	.needs_layout = true,
	.library = library,
};
