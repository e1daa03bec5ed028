/* A user's .config and compile_commands.json. */
#include "engine/build.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"
#include "engine/internal.h"

/* Settings of the database: the architectures that have a configuration ("i386 x86_64"), each one's
 * text, and the commands (compressed, in base64: 10 MB of a whole build come to 0.3). */
#define CONFIGS "build.configs"
#define CONFIG "build.config."
#define COMMANDS "build.commands"
/* What is given to forget all that was. */
#define FORGET "auto"

/* ---- files ---- */

static bool read_text(GBytes **out, const char *path, size_t most, GError **err)
{
	g_autoptr(GError) why = NULL;
	if (access(path, R_OK))
		return error_set(err, TRUCE_ERROR_IO,
			"check the path; a relative one counts from the current directory",
			"%s: %s", path, g_strerror(errno));
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &why);
	if (!file)
		return error_set(err, TRUCE_ERROR_IO,
			"check the path; a relative one counts from the current directory",
			"%s: %s", path, why->message);
	if (g_mapped_file_get_length(file) > most)
		return error_set(err, TRUCE_ERROR_LIMIT, NULL,
			"%s has more than the %zu bytes that truce takes", path, most);
	*out = g_bytes_new(g_mapped_file_get_contents(file), g_mapped_file_get_length(file));
	return true;
}

/* The bytes through a compressor or decompressor, at most `most`; NULL when that fails. */
static GBytes *converted(GConverter *converter, GBytes *bytes, size_t most)
{
	g_autoptr(GInputStream) plain = g_memory_input_stream_new_from_bytes(bytes);
	g_autoptr(GInputStream) in = g_converter_input_stream_new(plain, converter);
	GByteArray *out = g_byte_array_new();
	guint8 buffer[16384];
	gssize n;
	while ((n = g_input_stream_read(in, buffer, sizeof buffer, NULL, NULL)) > 0 &&
		out->len + (size_t)n <= most)
		g_byte_array_append(out, buffer, (guint)n);
	if (!n)
		return g_byte_array_free_to_bytes(out);
	g_byte_array_unref(out);
	return NULL;
}

static char *packed(GBytes *bytes)
{
	g_autoptr(GZlibCompressor) zlib = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, -1);
	g_autoptr(GBytes) small = converted(G_CONVERTER(zlib), bytes, LIMIT_COMMANDS_BYTES);
	gsize len = 0;
	const guchar *data = small ? g_bytes_get_data(small, &len) : NULL;
	return g_base64_encode(data, len);
}

static GBytes *unpacked(const char *text)
{
	gsize len;
	guchar *data = g_base64_decode(text, &len);
	g_autoptr(GBytes) small = g_bytes_new_take(data, len);
	g_autoptr(GZlibDecompressor) zlib = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
	return converted(G_CONVERTER(zlib), small, LIMIT_COMMANDS_BYTES);
}

/* ---- which architecture ---- */

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);
	for (const char *at = text; (at = strstr(at, line)); at += len)
		if ((at == text || at[-1] == '\n') &&
			(!at[len] || at[len] == '\n' || at[len] == '\r'))
			return true;
	return false;
}

/* The architecture that a .config is of, by its heading ("# Linux/x86 6.1 ..."), else by what tells
 * older ones apart. The caller's, or NULL. */
static char *arch_of(const char *text)
{
	static const char heading[] = "# Linux/";
	const char *at = strstr(text, heading);
	if (at && (at == text || at[-1] == '\n')) {
		at += strlen(heading);
		return g_strndup(at, strcspn(at, " \t\r\n"));
	}
	static const char *const known[][2] = {{"CONFIG_X86_64=y", "x86_64"},
		{"CONFIG_X86_32=y", "i386"}, {"CONFIG_X86=y", "i386"}, {"CONFIG_ARM64=y", "arm64"},
		{"CONFIG_ARM=y", "arm"}, {"CONFIG_RISCV=y", "riscv"}, {"CONFIG_PPC64=y", "powerpc"},
		{"CONFIG_S390=y", "s390"}, {"CONFIG_MIPS=y", "mips"}};
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (has_line(text, known[i][0]))
			return g_strdup(known[i][1]);
	return NULL;
}

/* "ARCH=FILE" or "FILE". What stands before the first '=' is an architecture when it is a word. */
static const char *split_spec(const char *spec, char **arch)
{
	size_t len = strspn(spec, "abcdefghijklmnopqrstuvwxyz0123456789_");
	*arch = len && spec[len] == '=' ? g_strndup(spec, len) : NULL;
	return *arch ? spec + len + 1 : spec;
}

/* ---- keeping ---- */

static bool kept_configs(char ***archs, engine *e, GError **err)
{
	g_autofree char *names = NULL;
	if (!store_get(e->store, CONFIGS, &names, err))
		return false;
	*archs = g_strsplit(names ? names : "", " ", -1);
	return true;
}

static bool forget_configs(engine *e, GError **err)
{
	g_auto(GStrv) archs = NULL;
	if (!kept_configs(&archs, e, err))
		return false;
	for (char **a = archs; *a; a++) {
		g_autofree char *key = g_strconcat(CONFIG, *a, NULL);
		if (**a && !store_set(e->store, key, NULL, err))
			return false;
	}
	return store_set(e->store, CONFIGS, NULL, err);
}

static bool keep_config(engine *e, const char *arch, const char *text, GError **err)
{
	g_auto(GStrv) archs = NULL;
	g_autofree char *key = g_strconcat(CONFIG, arch, NULL);
	if (!kept_configs(&archs, e, err) || !store_set(e->store, key, text, err))
		return false;
	if (g_strv_contains((const char *const *)archs, arch))
		return true;
	g_autofree char *before = g_strjoinv(" ", archs);
	g_autofree char *names = g_strconcat(before, *before ? " " : "", arch, NULL);
	return store_set(e->store, CONFIGS, names, err);
}

bool engine_give_config(engine *e, const char *spec, GError **err)
{
	g_autofree char *arch = NULL;
	g_autoptr(GBytes) bytes = NULL;
	if (!strcmp(spec, FORGET))
		return forget_configs(e, err);
	const char *path = split_spec(spec, &arch);
	if (!read_text(&bytes, path, LIMIT_CONFIG_BYTES, err))
		return false;
	gsize len;
	const char *data = g_bytes_get_data(bytes, &len);
	g_autofree char *text = g_strndup(data ? data : "", len);
	if (strlen(text) != len || !g_utf8_validate(text, -1, NULL) || !strstr(text, "CONFIG_"))
		return error_set(err, TRUCE_ERROR_INPUT,
			"name the .config of a kernel build, or a defconfig",
			"%s is no configuration", path);
	if (!arch)
		arch = arch_of(text);
	if (!arch)
		return error_set(err, TRUCE_ERROR_USAGE, "write --config ARCH=FILE",
			"%s does not say of which architecture it is", path);
	return keep_config(e, arch, text, err);
}

bool engine_give_commands(engine *e, const char *path, GError **err)
{
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(kernel_commands) commands = NULL;
	if (!strcmp(path, FORGET))
		return store_set(e->store, COMMANDS, NULL, err);
	if (!read_text(&bytes, path, LIMIT_COMMANDS_BYTES, err))
		return false;
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	if (!kernel_commands_read(&commands, text ? text : "", len, err)) {
		error_prefix(err, "%s", path);
		return false;
	}
	g_autofree char *value = packed(bytes);
	return store_set(e->store, COMMANDS, value, err);
}

/* ---- using ---- */

static bool give_configs(kernel_tree *t, engine *e, GError **err)
{
	g_auto(GStrv) archs = NULL;
	if (!kept_configs(&archs, e, err))
		return false;
	for (char **a = archs; *a; a++) {
		g_autofree char *key = g_strconcat(CONFIG, *a, NULL);
		g_autofree char *text = NULL;
		if (**a && !store_get(e->store, key, &text, err))
			return false;
		if (text)
			kernel_tree_give_config(t, *a, text, strlen(text));
	}
	return true;
}

static bool give_commands(kernel_tree *t, engine *e, GError **err)
{
	g_autofree char *value = NULL;
	if (!store_get(e->store, COMMANDS, &value, err))
		return false;
	g_autoptr(GBytes) bytes = value ? unpacked(value) : NULL;
	if (!bytes)
		return true;
	gsize len;
	const char *text = g_bytes_get_data(bytes, &len);
	kernel_commands *commands = NULL;
	if (!kernel_commands_read(&commands, text ? text : "", len, err))
		return false;
	kernel_tree_give_commands(t, commands);
	return true;
}

bool build_open_tree(kernel_tree **out, engine *e, const oid *tree, GError **err)
{
	g_autoptr(kernel_tree) t = NULL;
	if (!kernel_tree_open(&t, e->repo, tree, e->cache_dir, err) || !give_configs(t, e, err) ||
		!give_commands(t, e, err))
		return false;
	*out = g_steal_pointer(&t);
	return true;
}

bool build_digest(digest *d, engine *e, GError **err)
{
	g_auto(GStrv) archs = NULL;
	g_autofree char *commands = NULL;
	if (!kept_configs(&archs, e, err) || !store_get(e->store, COMMANDS, &commands, err))
		return false;
	for (char **a = archs; *a; a++) {
		g_autofree char *key = g_strconcat(CONFIG, *a, NULL);
		g_autofree char *text = NULL;
		if (**a && !store_get(e->store, key, &text, err))
			return false;
		digest_add_text(d, *a);
		digest_add_text(d, text);
	}
	digest_add_text(d, commands);
	return true;
}
