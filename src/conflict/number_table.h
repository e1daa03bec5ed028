/* Collisions of numbers that lines of tables take: system calls in .tbl files and in assembly. Part
 * of number.collision. */
#pragma once

#include "conflict/check.h"

/* Adds what both series of the pair take anew for different names. A pair of macros that was told
 * already gets the tables' places. False with err when a text cannot be read. */
bool number_tables(conflict_context *c, series_pair p, GError **err);
