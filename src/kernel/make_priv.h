/* What the evaluator of makefiles and its functions share. */
#pragma once

#include "kernel/make.h"

typedef struct make_variable {
	char *value;
	bool simple;
} make_variable;

struct make {
	make_source source;
	GHashTable *variables; /* name -> make_variable */
	unsigned depth, include_depth, steps;
};

/* Evaluates `inner` of $(inner) when it is a call of a function. False when it is a variable. */
bool make_call_function(make *m, const char *inner, char **result);
/* Each word that matches `from` (with one %) becomes `to`. The caller's. */
char *make_patsubst(const char *from, const char *to, const char *text);
