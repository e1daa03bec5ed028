/* Patterns of a catalogue. */
#include "interface/pattern.h"

#include <string.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct pattern {
	char *text;
	bool literal;
	pcre2_code *code; /* NULL when literal */
	pcre2_match_context *limits;
};

static bool is_literal(const char *text)
{
	return text[strspn(text,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
}

/* libpcre2's own words, with the place. */
static char *complaint(int error, size_t offset)
{
	PCRE2_UCHAR text[256];
	pcre2_get_error_message(error, text, sizeof(text));
	return g_strdup_printf("%s (at character %zu)", (const char *)text, offset + 1);
}

static bool compile(pattern *p, pattern_mode mode, char **why)
{
	uint32_t options =
		PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF;
	if (mode == PATTERN_WHOLE)
		options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
	int error;
	PCRE2_SIZE offset;
	p->code = pcre2_compile(
		(PCRE2_SPTR)p->text, PCRE2_ZERO_TERMINATED, options, &error, &offset, NULL);
	if (!p->code) {
		*why = complaint(error, offset);
		return false;
	}
	/* Where there is no JIT (another machine, a locked-down process) matching interprets. */
	pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE);
	p->limits = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(p->limits, PATTERN_LIMIT_STEPS);
	return true;
}

pattern *pattern_new(const char *text, pattern_mode mode, char **why)
{
	if (strlen(text) > PATTERN_LIMIT_PATTERN) {
		*why = g_strdup_printf("longer than %u characters", PATTERN_LIMIT_PATTERN);
		return NULL;
	}
	g_autoptr(pattern) p = g_new0(pattern, 1);
	p->text = g_strdup(text);
	p->literal = mode == PATTERN_WHOLE && is_literal(text);
	if (!p->literal && !compile(p, mode, why))
		return NULL;
	return g_steal_pointer(&p);
}

void pattern_free(pattern *p)
{
	if (!p)
		return;
	g_free(p->text);
	pcre2_match_context_free(p->limits);
	pcre2_code_free(p->code);
	g_free(p);
}

const char *pattern_literal(const pattern *p)
{
	return p->literal ? p->text : NULL;
}

const char *pattern_text(const pattern *p)
{
	return p->text;
}

bool pattern_match(const pattern *p, const char *text)
{
	if (p->literal)
		return strcmp(p->text, text) == 0;
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(p->code, NULL);
	int rc = pcre2_match(p->code, (PCRE2_SPTR)text, strnlen(text, PATTERN_LIMIT_TEXT), 0, 0,
		data, p->limits);
	pcre2_match_data_free(data);
	return rc >= 0;
}
