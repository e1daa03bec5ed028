/* The compiler's reader proper, in a file of its own that is loaded when C is to be read: with its
 * libraries it takes some 30 ms to load, and most commands read no C. */
#pragma once

#include "model/unit.h"

/* The symbol by which c_module is found. */
#define C_MODULE_SYMBOL "truce_c_module"

typedef struct c_module {
	const char *truce; /* the version that it belongs to: its structs are the program's */
	/* See analyzer. */
	bool (*run)(const analysis_unit *u, fact_sink *sink, GError **err);
	char *(*library)(void);
} c_module;
