/* See core/string.h. */
#include "core/string.h"

void *memcpy(void *to, const void *from, size_t n)
{
	void *at = to;

	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(n) : : "memory");
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(byte) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *left = a, *right = b;

	for (size_t i = 0; i < n; i++) {
		if (left[i] != right[i])
			return left[i] - right[i];
	}
	return 0;
}

size_t strlen(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

bool text_equal(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && memcmp(a, b, strlen(a)) == 0;
}

bool text_starts(const char *text, const char *start)
{
	while (*start) {
		if (*text++ != *start++)
			return false;
	}
	return true;
}

struct line {
	char *out;
	size_t size, length;
};

static void put(struct line *line, char c)
{
	if (line->length + 1 < line->size)
		line->out[line->length++] = c;
}

static void put_text(struct line *line, const char *text)
{
	while (*text)
		put(line, *text++);
}

static void put_number(struct line *line, uint64_t value, unsigned base)
{
	char digits[24];
	unsigned n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		put(line, digits[--n]);
}

size_t text_format_list(char *out, size_t size, const char *format, va_list list)
{
	struct line line = {out, size, 0};

	for (; *format; format++) {
		bool wide = false;

		if (*format != '%') {
			put(&line, *format);
			continue;
		}
		format++;
		if (*format == 'l') {
			wide = true;
			format++;
		}
		if (*format == 's')
			put_text(&line, va_arg(list, const char *));
		else if (*format == 'u' || *format == 'x')
			put_number(&line, wide ? va_arg(list, uint64_t) : va_arg(list, unsigned),
				*format == 'x' ? 16 : 10);
		else
			put(&line, *format);
	}
	if (size)
		line.out[line.length] = 0;
	return line.length;
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
