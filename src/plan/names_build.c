/* Names in Kbuild and Kconfig files. */
#include "plan/names_scan.h"

#include <string.h>

#include "base/text.h"
#include "plan/condition.h"

void scan_kbuild(scanner *s)
{
	while (s->p < s->end) {
		if (*s->p == '\n') {
			s->line++;
			s->p++;
			continue;
		}
		if (g_ascii_isspace(*s->p)) {
			s->p++;
			continue;
		}
		if (*s->p == '#') {
			while (s->p < s->end && *s->p != '\n')
				s->p++;
			continue;
		}
		const char *from = s->p;
		while (s->p < s->end && !g_ascii_isspace(*s->p))
			s->p++;
		size_t len = (size_t)(s->p - from);
		if ((len > 2 && !memcmp(s->p - 2, ".o", 2)) || (len > 1 && s->p[-1] == '/'))
			scan_add(s, NAME_FILE, s->line, scan_keep(s, from, len), 0);
	}
}

/* A line's first word, when it is `word`; what follows it, blanks skipped. NULL otherwise. */
static const char *after_word(const char *line, const char *word)
{
	size_t len = strlen(word);
	if (strncmp(line, word, len) || scan_is_char(line[len]))
		return NULL;
	line += len;
	while (*line == ' ' || *line == '\t')
		line++;
	return line;
}

static void add_needed(scanner *s, unsigned line, const char *expr)
{
	g_autoptr(GPtrArray) names = condition_kconfig(expr, s->out->strings);
	for (guint i = 0; i < names->len; i++)
		scan_add(s, NAME_NEEDED, line, g_ptr_array_index(names, i), 0);
}

/* Says what an entry is, or what it needs: "depends on A && B", "default y if A". */
static void read_kconfig_line(scanner *s, unsigned n, const char *line)
{
	static const char *const entries[] = {"config", "menuconfig"};
	static const char *const conditions[] = {"depends on", "depends", "requires", "if"};
	for (size_t i = 0; i < G_N_ELEMENTS(entries); i++) {
		const char *name = after_word(line, entries[i]);
		size_t len = 0;
		while (name && scan_is_char(name[len]))
			len++;
		if (len)
			scan_add(s, NAME_SYMBOL, n, scan_keep(s, name, len), 0);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++) {
		const char *expr = after_word(line, conditions[i]);
		if (expr) {
			add_needed(s, n, expr);
			return;
		}
	}
	const char *when = after_word(line, "default") ? strstr(line, " if ") : NULL;
	if (when)
		add_needed(s, n, when + strlen(" if "));
}

void scan_kconfig(scanner *s)
{
	line_index ix;
	line_index_init(&ix, s->p, (size_t)(s->end - s->p));
	for (size_t n = 1; n <= ix.count; n++) {
		span l = line_index_get(&ix, n);
		g_autofree char *line = g_strstrip(g_strndup(l.at, l.len));
		const char *path = after_word(line, "source");
		if (!path) {
			read_kconfig_line(s, (unsigned)n, line);
			continue;
		}
		g_autofree char *file = g_strdup(path);
		g_strdelimit(file, "\"", ' ');
		g_strstrip(file);
		scan_add(s, NAME_FILE, (unsigned)n, scan_keep(s, file, strlen(file)), 0);
	}
	line_index_clear(&ix);
}
