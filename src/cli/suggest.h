/* What a mistyped word was meant to be. */
#pragma once

#include <stddef.h>

/* The name nearest to `word`, when one is near enough to be meant; else NULL. Borrowed. */
const char *suggest(const char *word, const char *const *names, size_t n);
