/* Text: what is shown, compared or matched. */
#include "base/text.h"

#include <string.h>

void line_index_init(line_index *ix, const char *text, size_t len)
{
	size_t count = 0;
	for (const char *p = text, *end = text + len; p < end; count++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		p = newline ? newline + 1 : end;
	}
	ix->text = text;
	ix->len = len;
	ix->count = count;
	ix->start = g_new(size_t, count + 1);
	size_t i = 0;
	for (const char *p = text, *end = text + len; p < end;) {
		ix->start[i++] = (size_t)(p - text);
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		p = newline ? newline + 1 : end;
	}
	ix->start[count] = len;
}

void line_index_clear(line_index *ix)
{
	g_clear_pointer(&ix->start, g_free);
	ix->count = 0;
}

span line_index_get(const line_index *ix, size_t n)
{
	if (n < 1 || n > ix->count)
		return (span){ix->text + ix->len, 0};
	return (span){ix->text + ix->start[n - 1], ix->start[n] - ix->start[n - 1]};
}

size_t line_index_find(const line_index *ix, size_t offset)
{
	size_t low = 0, high = ix->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ix->start[middle] <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low : 1;
}

/* Characters that are not seen but change how others are: marks and overrides of the writing
 * direction (code that reads other than it runs), separators that end a line. */
static bool is_invisible(gunichar c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

char *text_printable(const char *text, size_t len)
{
	g_autofree char *valid = g_utf8_make_valid(text, (gssize)len);
	GString *out = g_string_sized_new(len);
	for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (c == '\t' || c == '\n')
			g_string_append_unichar(out, c);
		else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			g_string_append(out, "\xef\xbf\xbd");
		else if (is_invisible(c))
			g_string_append_printf(out, "<U+%04X>", c);
		else
			g_string_append_unichar(out, c);
	}
	return g_string_free(out, FALSE);
}

int text_natural_compare(const char *a, const char *b)
{
	const char *first = a, *second = b;
	while (*a && *b) {
		if (g_ascii_isdigit(*a) && g_ascii_isdigit(*b)) {
			while (*a == '0' && g_ascii_isdigit(a[1]))
				a++;
			while (*b == '0' && g_ascii_isdigit(b[1]))
				b++;
			size_t la = strspn(a, "0123456789"), lb = strspn(b, "0123456789");
			if (la != lb)
				return la < lb ? -1 : 1;
			int order = strncmp(a, b, la);
			if (order)
				return order;
			a += la;
			b += lb;
			continue;
		}
		if (*a != *b)
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		a++;
		b++;
	}
	if (*a || *b)
		return *a ? 1 : -1;
	return strcmp(first, second); /* 01 and 1: equal as numbers, still ordered */
}

/* Matches one [class]; returns the character after it, or NULL when it does not match. */
static const char *match_class(const char *glob, char c)
{
	bool negate = false, hit = false;
	const char *p = glob + 1;
	if (*p == '!' || *p == '^') {
		negate = true;
		p++;
	}
	for (bool first = true; *p && (first || *p != ']'); first = false) {
		char low = *p++;
		char high = low;
		if (*p == '-' && p[1] && p[1] != ']') {
			high = p[1];
			p += 2;
		}
		if (low <= c && c <= high)
			hit = true;
	}
	if (*p != ']' || hit == negate || c == '/')
		return NULL;
	return p + 1;
}

static bool glob_here(const char *glob, const char *glob_end, const char *path);

/* Tries each alternative of {a,b} in front of what follows the closing brace. */
static bool match_braces(const char *glob, const char *glob_end, const char *path)
{
	const char *close = NULL;
	int depth = 0;
	for (const char *p = glob; p < glob_end; p++) {
		if (*p == '{')
			depth++;
		else if (*p == '}' && --depth == 0) {
			close = p;
			break;
		}
	}
	if (!close)
		return *path == '{' && glob_here(glob + 1, glob_end, path + 1);
	const char *start = glob + 1;
	depth = 0;
	for (const char *p = start; p <= close; p++) {
		if (*p == '{')
			depth++;
		else if (*p == '}' && p != close)
			depth--;
		if ((*p == ',' && depth == 0) || p == close) {
			g_autofree char *joined = g_strdup_printf("%.*s%.*s", (int)(p - start), start,
				(int)(glob_end - close - 1), close + 1);
			if (glob_here(joined, joined + strlen(joined), path))
				return true;
			start = p + 1;
		}
	}
	return false;
}

static bool glob_here(const char *glob, const char *glob_end, const char *path)
{
	while (glob < glob_end) {
		if (glob_end - glob >= 2 && glob[0] == '*' && glob[1] == '*') {
			const char *rest = glob + 2;
			/* A "**" component and its slash also match nothing: a double star, /x, matches x. */
			if (rest < glob_end && *rest == '/' && glob_here(rest + 1, glob_end, path))
				return true;
			for (const char *p = path;; p++) {
				if (glob_here(rest, glob_end, p))
					return true;
				if (!*p)
					return false;
			}
		}
		if (*glob == '*') {
			for (const char *p = path;; p++) {
				if (glob_here(glob + 1, glob_end, p))
					return true;
				if (!*p || *p == '/')
					return false;
			}
		}
		if (*glob == '{')
			return match_braces(glob, glob_end, path);
		if (!*path)
			return false;
		if (*glob == '[') {
			glob = match_class(glob, *path);
			if (!glob)
				return false;
			path++;
			continue;
		}
		if (*glob == '?' ? *path == '/' : *glob != *path)
			return false;
		glob++;
		path++;
	}
	return !*path;
}

bool text_glob_match(const char *glob, const char *path)
{
	return glob_here(glob, glob + strlen(glob), path);
}

uint64_t text_hash(const void *data, size_t len, uint64_t seed)
{
	uint64_t hash = seed ? seed : 0xcbf29ce484222325u;
	const unsigned char *p = data;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x100000001b3u;
	return hash;
}

bool text_is_binary(const char *data, size_t len)
{
	return memchr(data, 0, MIN(len, (size_t)8000)) != NULL;
}
