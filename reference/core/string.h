/* The few functions that a compiler may call by itself, and lines of text. */
#ifndef PV_CORE_STRING_H
#define PV_CORE_STRING_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *text);
bool text_equal(const char *a, const char *b);
bool text_starts(const char *text, const char *start);

/* Writes text into `out` of `size` bytes, always ended: %s %u %x %lu %lx %% only.
 * Returns its length; what does not fit is cut off. */
size_t text_format(char *out, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
size_t text_format_list(char *out, size_t size, const char *format, va_list list);

#endif
