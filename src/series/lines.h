/* Lines of a text that are read in place. */
#pragma once

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

/* The line that begins at `pos`, with its newline; empty at the end of the text. */
static inline span line_at(span text, size_t pos)
{
	if (pos >= text.len)
		return (span){text.at + text.len, 0};
	const char *at = text.at + pos;
	const char *newline = memchr(at, '\n', text.len - pos);
	return (span){at, newline ? (size_t)(newline - at) + 1 : text.len - pos};
}

static inline bool line_starts(span line, const char *prefix)
{
	size_t n = strlen(prefix);
	return line.len >= n && !memcmp(line.at, prefix, n);
}

/* "Name: value" with a name of header characters. */
static inline bool line_is_header(span line)
{
	size_t i = 0;
	while (i < line.len &&
		(g_ascii_isalnum(line.at[i]) || line.at[i] == '-' || line.at[i] == '_'))
		i++;
	return i > 0 && i < line.len && line.at[i] == ':';
}

/* The line without its newline and a carriage return before it. */
static inline span line_bare(span line)
{
	if (line.len && line.at[line.len - 1] == '\n')
		line.len--;
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}
