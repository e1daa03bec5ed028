/* A baseline of known findings. */
#include "gate/baseline.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

void baseline_entry_free(baseline_entry *e)
{
	if (!e)
		return;
	g_free(e->fingerprint);
	g_free(e->kind);
	g_free(e->reason);
	g_free(e);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(baseline_entry, baseline_entry_free)

/* Cuts the first word off *rest. The caller's. */
static char *take_word(char **rest)
{
	char *start = g_strchug(*rest);
	size_t len = strcspn(start, " \t");
	*rest = start + len;
	return g_strndup(start, len);
}

static bool is_fingerprint(const char *word)
{
	size_t len = strlen(word);
	return len >= BASELINE_DIGITS && len <= 64 && strspn(word, "0123456789abcdef") == len;
}

static bool names_both(const baseline_entry *a, const baseline_entry *b)
{
	size_t len = MIN(strlen(a->fingerprint), strlen(b->fingerprint));
	return !strncmp(a->fingerprint, b->fingerprint, len);
}

static bool read_line(
	GPtrArray *entries, const char *name, unsigned number, char *line, GError **err)
{
	char *rest = g_strstrip(line);
	if (!*rest || *rest == '#')
		return true;
	g_autoptr(baseline_entry) e = g_new0(baseline_entry, 1);
	e->line = number;
	e->fingerprint = take_word(&rest);
	e->kind = take_word(&rest);
	e->reason = g_strdup(g_strstrip(rest));
	if (!is_fingerprint(e->fingerprint))
		return error_set(err, TRUCE_ERROR_INPUT,
			"a line is: FINGERPRINT KIND REASON; `truce gate --format baseline` writes "
			"them",
			"%s:%u: '%s' is no fingerprint of %u to 64 hex digits", name, number,
			e->fingerprint, BASELINE_DIGITS);
	if (!g_strv_contains(finding_kinds, e->kind))
		return error_set(err, TRUCE_ERROR_INPUT, "a line is: FINGERPRINT KIND REASON",
			"%s:%u: there is no kind of finding '%s'", name, number, e->kind);
	if (!*e->reason)
		return error_set(err, TRUCE_ERROR_INPUT,
			"say behind the kind why the finding may stay",
			"%s:%u: %s %s has no reason", name, number, e->fingerprint, e->kind);
	for (guint i = 0; i < entries->len; i++) {
		const baseline_entry *other = g_ptr_array_index(entries, i);
		if (names_both(other, e))
			return error_set(err, TRUCE_ERROR_INPUT, "keep one of the two",
				"%s:%u: %s stands in line %u already", name, number, e->fingerprint,
				other->line);
	}
	g_ptr_array_add(entries, g_steal_pointer(&e));
	return true;
}

bool baseline_parse(GPtrArray **out, const char *name, const char *text, gsize len, GError **err)
{
	g_autoptr(GPtrArray) entries =
		g_ptr_array_new_with_free_func((GDestroyNotify)baseline_entry_free);
	if (!g_utf8_validate(text, (gssize)len, NULL))
		return error_set(err, TRUCE_ERROR_INPUT, NULL, "%s: not a text in UTF-8", name);
	unsigned number = 0;
	for (const char *p = text, *end = text + len; p < end; number++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline : end;
		g_autofree char *line = g_strndup(p, (gsize)(stop - p));
		if (number >= BASELINE_LIMIT_LINES)
			return error_set(err, TRUCE_ERROR_LIMIT, NULL, "%s: more than %u lines",
				name, BASELINE_LIMIT_LINES);
		if (!read_line(entries, name, number + 1, line, err))
			return false;
		p = stop + 1;
	}
	*out = g_steal_pointer(&entries);
	return true;
}

static baseline_entry *entry_of(GPtrArray *entries, const finding *f)
{
	for (guint i = 0; i < entries->len; i++) {
		baseline_entry *e = g_ptr_array_index(entries, i);
		if (!strcmp(e->kind, f->kind) && g_str_has_prefix(f->fingerprint, e->fingerprint))
			return e;
	}
	return NULL;
}

guint baseline_apply(GPtrArray *entries, GPtrArray *findings, const char *name)
{
	guint count = 0;
	for (guint i = 0; i < findings->len; i++) {
		finding *f = g_ptr_array_index(findings, i);
		baseline_entry *e = entry_of(entries, f);
		if (!e)
			continue;
		decision_free(f->decision);
		f->decision = decision_new();
		f->decision->fingerprint = g_strdup(f->fingerprint);
		f->decision->take = DECISION_DISMISS;
		f->decision->note = g_strdup(e->reason);
		f->decision->by = g_strdup_printf("%s:%u", name, e->line);
		e->used = true;
		count++;
	}
	return count;
}

/* A name of the tree must not begin a line of its own: that would be an entry. */
static void append_one_line(GString *out, const char *text)
{
	g_autofree char *safe = text_printable(text, strlen(text));
	g_string_append(out, g_strdelimit(safe, "\n\r", ' '));
}

void baseline_write(GString *out, GPtrArray *findings)
{
	for (guint i = 0; i < findings->len; i++) {
		const finding *f = g_ptr_array_index(findings, i);
		if (f->decision)
			continue;
		const location *l = f->locations->len ? g_ptr_array_index(f->locations, 0) : NULL;
		g_string_append(out, "# ");
		append_one_line(out, f->title);
		if (l) {
			g_string_append(out, ", ");
			append_one_line(out, l->path);
			g_string_append_printf(out, ":%u", l->line);
		}
		g_string_append_printf(
			out, "\n%.*s %s \n", (int)BASELINE_DIGITS, f->fingerprint, f->kind);
	}
}
