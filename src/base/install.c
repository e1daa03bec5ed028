/* Where the program's data were installed. */
#include "base/install.h"

#include <glib.h>

char *install_data_dir(void)
{
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	if (program) {
		g_autofree char *bin = g_path_get_dirname(program);
		g_autofree char *prefix = g_path_get_dirname(bin);
		g_autofree char *data = g_build_filename(prefix, "share", "truce", NULL);
		if (g_file_test(data, G_FILE_TEST_IS_DIR))
			return g_steal_pointer(&data);
	}
	return g_strdup(TRUCE_DATA_DIR);
}
