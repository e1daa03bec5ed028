/* Handing a unit to clang, and telling its files apart. */
#include "analyzers/c/parse.h"

#include <string.h>

#include "analyzers/c/constants.h"
#include "base/error.h"

/* A file that the unit read. libclang looks through all that was read, each expansion of a macro
 * too, to find a file's bytes: it is asked once. */
typedef struct known_file {
	parsed_file *wanted; /* NULL: no facts are wanted of it */
	const char *text;
	size_t size;
} known_file;

static void parsed_file_free(gpointer data)
{
	parsed_file *f = data;
	g_free(f->skips);
	g_array_unref(f->declarations);
	g_array_unref(f->broken);
	g_hash_table_unref(f->macros);
	g_free(f);
}

static struct CXUnsavedFile *unsaved_files(const parse *p, unsigned *count)
{
	guint memory = p->memory->len;
	struct CXUnsavedFile *files = g_new0(struct CXUnsavedFile, memory + 1);
	gsize len;
	files[0].Filename = p->main_path;
	files[0].Contents = g_bytes_get_data(p->unit->text, &len);
	files[0].Length = (unsigned long)len;
	for (guint i = 0; i < memory; i++) {
		const memory_file *m = g_ptr_array_index(p->memory, i);
		files[i + 1].Filename = m->path;
		files[i + 1].Contents = g_bytes_get_data(m->data, &len);
		files[i + 1].Length = (unsigned long)len;
	}
	*count = memory + 1;
	return files;
}

/* Where a compiler with these arguments looks for includes, in its order. */
static GPtrArray *search_folders(const analysis_unit *unit)
{
	static const char *const options[] = {"-iquote", "-I", "-isystem", "-idirafter"};
	GPtrArray *folders = g_ptr_array_new();
	for (size_t n = 0; n < G_N_ELEMENTS(options); n++) {
		size_t len = strlen(options[n]);
		for (guint i = 0; i < unit->args->len; i++) {
			const char *arg = g_ptr_array_index(unit->args, i);
			if (strncmp(arg, options[n], len) != 0)
				continue;
			if (arg[len])
				g_ptr_array_add(folders, (gpointer)(arg + len));
			else if (i + 1 < unit->args->len)
				g_ptr_array_add(folders, g_ptr_array_index(unit->args, i + 1));
		}
	}
	return folders;
}

static bool parse_unit(parse *p, GError **err)
{
	const analysis_unit *unit = p->unit;
	unsigned count;
	g_autofree struct CXUnsavedFile *unsaved = unsaved_files(p, &count);
	g_autoptr(GPtrArray) args = g_ptr_array_new();
	if (p->assembly) { /* clang's preprocessor has no other way in through libclang */
		g_ptr_array_add(args, (gpointer) "-x");
		g_ptr_array_add(args, (gpointer) "c");
	}
	if (unit->map) {
		g_ptr_array_add(args, (gpointer) "-ivfsoverlay");
		g_ptr_array_add(args, unit->map);
	}
	g_ptr_array_extend(args, unit->args, NULL, NULL);
	unsigned options =
		CXTranslationUnit_DetailedPreprocessingRecord | CXTranslationUnit_KeepGoing;
	if (!unit->bodies)
		options |= CXTranslationUnit_SkipFunctionBodies;
	enum CXErrorCode code = clang_parseTranslationUnit2(p->index, p->main_path,
		(const char *const *)args->pdata, (int)args->len, unsaved, count, options, &p->tu);
	if (code == CXError_Success && p->tu)
		return true;
	return error_set(err, TRUCE_ERROR_INPUT, NULL, "clang cannot read %s (code %d)", unit->path,
		(int)code);
}

bool parse_open(parse *p, const analysis_unit *unit, fact_sink *sink, GError **err)
{
	p->unit = unit;
	p->sink = sink;
	p->main_path = g_build_filename(unit->root, unit->path, NULL);
	p->files = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	p->wanted = g_ptr_array_new_with_free_func(parsed_file_free);
	p->search = search_folders(unit);
	p->asked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	p->index = clang_createIndex(0, 0);
	p->assembly = g_str_has_suffix(unit->path, ".S");
	p->memory = constants_memory(p);
	if (!parse_unit(p, err))
		return false;
	if (!constants_asked(p))
		return true;
	clang_disposeTranslationUnit(p->tu);
	p->tu = NULL;
	g_ptr_array_unref(p->memory);
	p->memory = constants_memory(p);
	return parse_unit(p, err);
}

void parse_clear(parse *p)
{
	if (p->tu)
		clang_disposeTranslationUnit(p->tu);
	if (p->index)
		clang_disposeIndex(p->index);
	p->tu = NULL;
	p->index = NULL;
	p->last = NULL;
	p->last_known = NULL;
	g_clear_pointer(&p->files, g_hash_table_unref);
	g_clear_pointer(&p->wanted, g_ptr_array_unref);
	g_clear_pointer(&p->search, g_ptr_array_unref);
	g_clear_pointer(&p->asked, g_hash_table_unref);
	g_clear_pointer(&p->memory, g_ptr_array_unref);
	g_clear_pointer(&p->main_path, g_free);
}

/* The part of `path` below `root`, or NULL. Borrowed. */
static const char *below(const char *path, const char *root)
{
	size_t len = strlen(root);
	return !strncmp(path, root, len) && path[len] == '/' ? path + len + 1 : NULL;
}

/* Links of the layout (include/asm) under the names that the tree has for what they lead to. The
 * caller's, or NULL. */
static char *unaliased(const parse *p, const char *path)
{
	GHashTableIter it;
	gpointer prefix, real;
	if (!p->unit->aliases)
		return NULL;
	g_hash_table_iter_init(&it, p->unit->aliases);
	while (g_hash_table_iter_next(&it, &prefix, &real)) {
		if (g_str_has_prefix(path, prefix))
			return g_strconcat(p->unit->root, "/", real, path + strlen(prefix), NULL);
	}
	return NULL;
}

char *parse_tree_path(const parse *p, const char *path)
{
	g_autofree char *real = unaliased(p, path);
	g_autofree char *plain = g_canonicalize_filename(real ? real : path, "/");
	return g_strdup(below(plain, p->unit->root));
}

/* "" stands for the whole tree: a file may ask for names that are in no #include. */
static void note_read(const parse *p, const known_file *k, const char *path)
{
	static const char question[] = "__has_include";
	fact_sink_read(p->sink, path);
	if (k->text && memmem(k->text, k->size, question, strlen(question)))
		fact_sink_read(p->sink, "");
}

static unsigned line_count(const known_file *k)
{
	unsigned lines = 0;
	for (const char *at = k->text, *end = k->text + k->size; k->text && at < end; lines++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		at = newline ? newline + 1 : end;
	}
	return lines;
}

static parsed_file *meet_file(parse *p, CXFile file, const known_file *k)
{
	CXString name = clang_getFileName(file);
	g_autofree char *path = parse_tree_path(p, clang_getCString(name));
	clang_disposeString(name);
	if (!path)
		return NULL;
	note_read(p, k, path);
	const oid *blob = NULL;
	if (!strcmp(path, p->unit->path))
		blob = &p->unit->blob;
	else if (p->unit->wanted)
		blob = g_hash_table_lookup(p->unit->wanted, path);
	if (!blob)
		return NULL;
	parsed_file *f = g_new0(parsed_file, 1);
	f->set = fact_sink_file(p->sink, path, blob);
	f->file = file;
	f->lines = line_count(k);
	f->skips = g_new0(unsigned, (gsize)f->lines + 1);
	f->declarations = g_array_new(FALSE, FALSE, sizeof(line_range));
	f->broken = g_array_new(FALSE, FALSE, sizeof(line_range));
	f->macros = g_hash_table_new(NULL, NULL);
	g_ptr_array_add(p->wanted, f);
	return f;
}

static known_file *know_file(parse *p, CXFile file)
{
	if (file == p->last)
		return p->last_known;
	known_file *k = g_hash_table_lookup(p->files, file);
	if (!k) {
		k = g_new0(known_file, 1);
		k->text = clang_getFileContents(p->tu, file, &k->size);
		k->wanted = meet_file(p, file, k);
		g_hash_table_insert(p->files, file, k);
	}
	p->last = file;
	p->last_known = k;
	return k;
}

parsed_file *parse_file(parse *p, CXFile file)
{
	return file ? know_file(p, file)->wanted : NULL;
}

const char *parse_text(parse *p, CXFile file, size_t *size)
{
	const known_file *k = know_file(p, file);
	*size = k->size;
	return k->text;
}

parsed_file *parse_place(parse *p, CXSourceLocation at, unsigned *line, unsigned *column)
{
	CXFile file;
	clang_getFileLocation(at, &file, line, column, NULL);
	return parse_file(p, file);
}
