/* The significant lines of a text. */
#include "facts/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "facts/comments.h"

/* Characters that a line needs to say something. */
#define SIGNIFICANT_CHARACTERS 6u

static int compare_hashes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

void lines_sort(GArray *hashes)
{
	if (!hashes->len)
		return;
	qsort(hashes->data, hashes->len, sizeof(uint64_t), compare_hashes);
	guint kept = 1;
	for (guint i = 1; i < hashes->len; i++) {
		uint64_t hash = g_array_index(hashes, uint64_t, i);
		if (hash != g_array_index(hashes, uint64_t, kept - 1))
			g_array_index(hashes, uint64_t, kept++) = hash;
	}
	g_array_set_size(hashes, kept);
}

/* Appends the hash of the line at p, unless it says nothing; returns behind it. */
static const char *read_line(GArray *out, const char *p, const char *end)
{
	uint64_t hash = 0xcbf29ce484222325u;
	unsigned count = 0;
	for (; p < end && *p != '\n'; p++) {
		if ((unsigned char)*p <= ' ')
			continue;
		hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
		count++;
	}
	if (count >= SIGNIFICANT_CHARACTERS)
		g_array_append_val(out, hash);
	return p < end ? p + 1 : end;
}

void lines_read(GArray *out, const char *text, size_t len)
{
	for (const char *p = text, *end = text + len; p < end;)
		p = read_line(out, p, end);
	lines_sort(out);
}

/* Behind the comments at p, and the white space between them. */
static const char *skip_comments(const char *text, const char *end, const char *comments)
{
	const char *p = text;
	while (p < end) {
		const char *behind = comment_skip(p, text, end, comments);
		if (behind == p && (unsigned char)*p > ' ')
			break;
		p = MAX(behind, p + 1);
	}
	return p;
}

/* Is it a line for the preprocessor alone: an include, or any? */
static bool is_preprocessed(const char *p, const char *end, bool any)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == end || *p != '#')
		return false;
	for (p++; p < end && (*p == ' ' || *p == '\t'); p++)
		;
	static const char include[] = "include";
	return any ||
	       ((size_t)(end - p) >= strlen(include) && !memcmp(p, include, strlen(include)));
}

/* Letters in a row that make a word: names have them, registers by number none. */
#define WORD_LETTERS 3u

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

/* Does the line begin with an instruction: letters, a blank, and no '=' behind it? */
static bool begins_with_mnemonic(const char *p, const char *end)
{
	const char *start = skip_blanks(p, end), *word = start;
	while (word < end && g_ascii_isalpha(*word))
		word++;
	const char *behind = skip_blanks(word, end);
	return word > start && behind > word && (behind == end || *behind != '=');
}

/* Does the line of assembly say more than which registers go to or come from the stack? Where
 * assembly has no mnemonics, "[--sp] = i0;" is the same wherever registers are saved. */
static bool names_something(const char *p, const char *end)
{
	if (begins_with_mnemonic(p, end))
		return true;
	unsigned letters = 0;
	for (; p < end && *p != '\n' && letters < WORD_LETTERS; p++)
		letters = g_ascii_isalpha(*p) ? letters + 1 : 0;
	return letters >= WORD_LETTERS;
}

void lines_read_code(
	GArray *out, const char *text, size_t len, const char *comments, bool statements)
{
	const char *end = text + len;
	for (const char *p = skip_comments(text, end, comments); p < end;) {
		guint count = out->len;
		bool skipped = is_preprocessed(p, end, statements) ||
			       (comments && !names_something(p, end));
		p = read_line(out, p, end);
		if (skipped)
			g_array_set_size(out, count);
	}
	lines_sort(out);
}

void lines_of(GArray *out, const char *text, size_t len)
{
	for (const char *p = text, *end = text + len; p < end; p++) {
		uint64_t hash = 0xcbf29ce484222325u;
		for (; p < end && *p != '\n'; p++)
			if ((unsigned char)*p > ' ')
				hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
		g_array_append_val(out, hash);
	}
}

bool lines_have(const GArray *sorted, uint64_t line)
{
	return sorted->len &&
	       bsearch(&line, sorted->data, sorted->len, sizeof(line), compare_hashes) != NULL;
}

/* Behind the comment or system include at text[i]; i when there is none. */
static size_t skip_boilerplate(const char *text, size_t len, size_t i)
{
	static const char include[] = "#include <";
	const char *end = NULL;
	if (len - i >= 2 && !memcmp(text + i, "/*", 2)) {
		end = g_strstr_len(text + i + 2, (gssize)(len - i - 2), "*/");
		return end ? (size_t)(end - text) + 2 : len;
	}
	bool line = (len - i >= 2 && !memcmp(text + i, "//", 2)) ||
		    (len - i >= sizeof(include) && !memcmp(text + i, include, sizeof(include) - 1));
	if (!line)
		return i;
	end = memchr(text + i, '\n', len - i);
	return end ? (size_t)(end - text) : len;
}

void trigrams_read(GArray *out, const char *text, size_t len)
{
	uint64_t last = 0;
	unsigned count = 0;
	for (size_t i = 0; i < len; i++) {
		size_t behind = skip_boilerplate(text, len, i);
		if (behind > i) {
			i = behind - 1;
			continue;
		}
		if ((unsigned char)text[i] <= ' ')
			continue;
		last = (last << 8 | (unsigned char)text[i]) & 0xffffffu;
		if (++count >= 3)
			g_array_append_val(out, last);
	}
	lines_sort(out);
}

unsigned trigrams_likeness(const GArray *a, const GArray *b)
{
	guint common = 0;
	for (guint i = 0; i < a->len; i++)
		common += lines_have(b, g_array_index(a, uint64_t, i));
	return a->len + b->len ? 200u * common / (a->len + b->len) : 0;
}
