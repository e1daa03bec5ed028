/* Where the program's data and helpers were installed. */
#include "base/install.h"

#include <glib.h>

/* The folder in which the running program stands. The caller's, or NULL. */
static char *own_dir(void)
{
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	return program ? g_path_get_dirname(program) : NULL;
}

/* `path` from the running program's folder, when there is such a thing. The caller's, or NULL. */
static char *beside(const char *path, GFileTest kind)
{
	g_autofree char *bin = own_dir();
	g_autofree char *there = bin ? g_build_filename(bin, path, NULL) : NULL;
	if (!there || !g_file_test(there, kind))
		return NULL;
	return g_canonicalize_filename(there, NULL);
}

char *install_data_dir(void)
{
	char *data = beside("../share/truce", G_FILE_TEST_IS_DIR);
	return data ? data : g_strdup(TRUCE_DATA_DIR);
}

char *install_program_dir(void)
{
	char *programs = beside("../libexec/truce", G_FILE_TEST_IS_DIR);
	if (!programs)
		programs = beside("reference", G_FILE_TEST_IS_DIR);
	return programs ? programs : g_strdup(TRUCE_PROGRAM_DIR);
}

char *install_module(const char *name)
{
	/* installed; then in a build, where tests stand a folder deeper */
	static const char *const folders[] = {"../libexec/truce", ".", ".."};
	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path = g_build_filename(folders[i], name, NULL);
		char *there = beside(path, G_FILE_TEST_IS_REGULAR);
		if (there)
			return there;
	}
	return g_build_filename(TRUCE_PROGRAM_DIR, name, NULL);
}
