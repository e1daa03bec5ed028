/* What other backends may use of the native one: calendar arithmetic, and operations that are the same
 * under them. */
#ifndef PV_NATIVE_H
#define PV_NATIVE_H

#include "pv/backend.h"

/* native_NAME, one an operation, with the types of the slots. */
#define PV_OP(group, name, conv, type, params, ...) type native_##name params;
#include "pv/ops/all.h"
#undef PV_OP

/* Seconds from 1970-01-01 to the start of a day. month and day count from 1. */
int64_t pv_seconds(unsigned year, unsigned month, unsigned day);

/* The day that holds `seconds` since 1970, not before it: year, month, day. */
void pv_date(int64_t seconds, unsigned date[3]);

#endif
