/* What a condition needs of the configuration: the symbols that must be on for a line to be read.
 * Private to src/plan. */
#pragma once

#include <glib.h>

/* Names are without CONFIG_, X for X_MODULE too, each kept once in `strings` (equal names have
 * equal pointers). Arrays are the caller's, their names the chunk's. */

/* The configuration symbol that stands at `p`; NULL when another name does. */
const char *condition_symbol(const char *p, const char *end, GStringChunk *strings);

/* The symbols that the expression of an #if (or the name of an #ifdef) at p..end needs to be on:
 * of several alternatives, what each needs. What it does not understand, it leaves out. *off is the
 * symbol that the expression needs to be off when that is all that it says, so that an #else needs
 * it on; else NULL. */
GPtrArray *condition_needs(const char *p, const char *end, GStringChunk *strings, const char **off);

/* The symbols of a Kconfig expression that no ! stands before, of all alternatives. */
GPtrArray *condition_kconfig(const char *expr, GStringChunk *strings);
