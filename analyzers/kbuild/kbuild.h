/* Makefiles and Kbuild files as facts: objects, and the symbols that build them. */
#pragma once

#include "model/unit.h"

extern const analyzer analyzer_kbuild;
