/* Prints the configuration of a kernel tree on disk, for comparing with the kernel's own conf:
 * kconfig DIR ARCH SRCARCH DEFCONFIG|allyes|allno|alldef [NAME...]  (a NAME=V is required first) */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "kernel/kconfig.h"

static GBytes *read_disk(const char *path, void *data)
{
	g_autofree char *full = g_build_filename(data, path, NULL);
	char *text;
	gsize len;
	if (!g_file_get_contents(full, &text, &len, NULL))
		return NULL;
	return g_bytes_new_take(text, len);
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return 2;
	g_autoptr(GHashTable) env = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(env, "ARCH", argv[2]);
	g_hash_table_insert(env, "SRCARCH", argv[3]);
	g_hash_table_insert(env, "srctree", ".");
	const char *version = g_getenv("KERNELVERSION");
	g_hash_table_insert(env, "KERNELVERSION", (gpointer)(version ? version : "6.1.0"));
	g_hash_table_insert(env, "CC", "clang");
	g_hash_table_insert(env, "CC_VERSION_TEXT", "clang version 14.0.6");
	g_autofree char *old = g_strdup_printf("arch/%s/Kconfig", argv[3]);
	g_autofree char *top = g_build_filename(argv[1], "Kconfig", NULL);
	const char *first = g_file_test(top, G_FILE_TEST_EXISTS) ? "Kconfig" : old;
	kconfig_source source = {read_disk, NULL, argv[1]};
	g_autoptr(kconfig) k = NULL;
	g_autoptr(GError) err = NULL;
	gint64 start = g_get_monotonic_time();
	if (!kconfig_read(&k, first, &source, env, &err)) {
		fprintf(stderr, "%s\n", err->message);
		return 2;
	}
	gint64 parsed = g_get_monotonic_time();
	g_autoptr(kconfig_values) v = kconfig_values_new(k);
	g_autoptr(GBytes) def = read_disk(argv[4], argv[1]);
	if (def)
		kconfig_values_load(v, g_bytes_get_data(def, NULL), g_bytes_get_size(def));
	else if (!strcmp(argv[4], "allyes"))
		kconfig_values_fill(v, KCONFIG_FILL_YES);
	else if (!strcmp(argv[4], "allno"))
		kconfig_values_fill(v, KCONFIG_FILL_NO);
	for (int i = 5; i < argc; i++)
		fprintf(stderr, "require %s: %s\n", argv[i],
			kconfig_require(v, argv[i], TRI_Y) ? "done" : "no way");
	g_autofree char *config = kconfig_dotconfig(v);
	gint64 done = g_get_monotonic_time();
	fputs(config, stdout);
	const GPtrArray *problems = kconfig_problems(k);
	for (guint i = 0; i < problems->len; i++)
		fprintf(stderr, "%s\n", (char *)g_ptr_array_index(problems, i));
	fprintf(stderr, "%u files, read %.1f ms, calculated %.1f ms\n", kconfig_files(k)->len,
		(double)(parsed - start) / 1000, (double)(done - parsed) / 1000);
	return 0;
}
