/* Reads names from C, assembly, Kbuild and Kconfig as text. */
#include "plan/names_scan.h"

#include <string.h>

/* Strings of one source file; one page a chunk keeps small files small. */
#define NAMES_CHUNK 4096

const char *scan_keep(scanner *s, const char *from, size_t len)
{
	char buffer[256];
	if (len >= sizeof buffer)
		len = sizeof buffer - 1;
	memcpy(buffer, from, len);
	buffer[len] = '\0';
	return g_string_chunk_insert_const(s->out->strings, buffer);
}

void scan_add(scanner *s, name_kind kind, unsigned line, const char *text, guint shape)
{
	source_name n = {.kind = kind, .line = line, .text = text, .shape = shape};
	g_array_append_val(s->out->names, n);
}

line_balance *scan_balance(scanner *s, unsigned line)
{
	if (line > s->out->balance->len)
		g_array_set_size(s->out->balance, line);
	return &g_array_index(s->out->balance, line_balance, line - 1);
}

void scan_block(scanner *s, unsigned first, unsigned last)
{
	line_block b = {first, last};
	if (first < last)
		g_array_append_val(s->out->blocks, b);
}

bool scan_is_start(char c)
{
	return g_ascii_isalpha(c) || c == '_';
}

bool scan_is_char(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

const char *scan_name(scanner *s)
{
	const char *from = s->p;
	while (s->p < s->end && scan_is_char(*s->p))
		s->p++;
	return scan_keep(s, from, (size_t)(s->p - from));
}

bool scan_is_keyword(const char *name)
{
	static const char *const words[] = {"if", "else", "for", "while", "do", "switch", "case",
		"default", "return", "goto", "break", "continue", "sizeof", "void", "int", "char",
		"short", "long", "unsigned", "signed", "const", "volatile", "static", "extern",
		"inline", "struct", "union", "enum", "typedef", "register", "float", "double",
		"asm", "__asm__", "__volatile__", "__inline__", "__attribute__", "typeof", NULL};
	return g_strv_contains(words, name);
}

source_language source_language_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	if (g_str_has_suffix(name, ".c") || g_str_has_suffix(name, ".h"))
		return SOURCE_C;
	if (g_str_has_suffix(name, ".S"))
		return SOURCE_ASM;
	if (g_str_has_prefix(name, "Makefile") || g_str_has_prefix(name, "Kbuild"))
		return SOURCE_KBUILD;
	if (g_str_has_prefix(name, "Kconfig"))
		return SOURCE_KCONFIG;
	return SOURCE_OTHER;
}

source_names *source_names_read(const char *text, size_t len, source_language language)
{
	source_names *out = g_new0(source_names, 1);
	out->names = g_array_new(FALSE, TRUE, sizeof(source_name));
	out->blocks = g_array_new(FALSE, TRUE, sizeof(line_block));
	out->balance = g_array_new(FALSE, TRUE, sizeof(line_balance));
	out->conditions = g_array_new(FALSE, TRUE, sizeof(line_condition));
	out->strings = g_string_chunk_new(NAMES_CHUNK);
	scanner s = {.out = out, .p = text, .end = text + len, .line = 1, .line_start = true};
	s.statement = g_array_new(FALSE, TRUE, sizeof(token));
	switch (language) {
	case SOURCE_C:
		scan_c(&s);
		break;
	case SOURCE_ASM:
		scan_asm(&s);
		break;
	case SOURCE_KBUILD:
		scan_kbuild(&s);
		break;
	case SOURCE_KCONFIG:
		scan_kconfig(&s);
		break;
	case SOURCE_OTHER:
		break;
	}
	for (s.line++; s.conditions; s.conditions--) { /* an #if that nothing ends */
		if (s.conditions <= CONDITION_DEPTH)
			scan_end_branch(&s);
	}
	g_array_unref(s.statement);
	return out;
}

void source_names_free(source_names *s)
{
	if (!s)
		return;
	g_array_unref(s->names);
	g_array_unref(s->blocks);
	g_array_unref(s->balance);
	g_array_unref(s->conditions);
	g_string_chunk_free(s->strings);
	g_free(s);
}
