/* Where the program's data and helpers were installed. */
#include "base/install.h"

#include <glib.h>

/* The folder in which the running program stands. The caller's, or NULL. */
static char *own_dir(void)
{
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	return program ? g_path_get_dirname(program) : NULL;
}

/* `path` from the running program's folder, when there is such a folder. The caller's, or NULL. */
static char *beside(const char *path)
{
	g_autofree char *bin = own_dir();
	g_autofree char *there = bin ? g_build_filename(bin, path, NULL) : NULL;
	if (!there || !g_file_test(there, G_FILE_TEST_IS_DIR))
		return NULL;
	return g_canonicalize_filename(there, NULL);
}

char *install_data_dir(void)
{
	char *data = beside("../share/truce");
	return data ? data : g_strdup(TRUCE_DATA_DIR);
}

char *install_program_dir(void)
{
	char *programs = beside("../libexec/truce");
	if (!programs)
		programs = beside("reference");
	return programs ? programs : g_strdup(TRUCE_PROGRAM_DIR);
}
