/* Kconfig files as facts: symbols, and where they are referred to. */
#pragma once

#include "model/unit.h"

extern const analyzer analyzer_kconfig;
