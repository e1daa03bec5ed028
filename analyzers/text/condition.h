/* The stack of preprocessor conditions around a line. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct condition_stack condition_stack;

condition_stack *condition_stack_new(void);
void condition_stack_free(condition_stack *s);

/* #if, #ifdef ("defined(X)"), #ifndef ("!defined(X)"). */
void condition_if(condition_stack *s, const char *expression);
/* An include guard's #ifndef: it is on the stack, and says nothing. */
void condition_guard(condition_stack *s);
/* #elif; #else has expression NULL. Without an #if it is ignored. */
void condition_else(condition_stack *s, const char *expression);
void condition_endif(condition_stack *s);

/* All conditions of now, outermost first, joined by " && "; "" for none. Borrowed: lives as long
 * as the stack. */
const char *condition_text(const condition_stack *s);
/* True inside text that only an assembler sees (__ASSEMBLY__). */
bool condition_assembly(const condition_stack *s);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(condition_stack, condition_stack_free)
