/* The image's own functions for text (core/string.h), as this program's C library has them. */
#include "core/string.h"

#include <stdio.h>
#include <string.h>

size_t text_format_list(char *out, size_t size, const char *format, va_list list)
{
	int length = vsnprintf(out, size, format, list);

	if (length < 0)
		return 0;
	return (size_t)length < size ? (size_t)length : size - 1;
}

size_t text_format(char *out, size_t size, const char *format, ...)
{
	va_list list;
	size_t length;

	va_start(list, format);
	length = text_format_list(out, size, format, list);
	va_end(list);
	return length;
}

bool text_starts(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}
