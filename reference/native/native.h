/* What other backends may use of the native one: calendar arithmetic, and operations that are the same
 * under them. */
#ifndef PV_NATIVE_H
#define PV_NATIVE_H

#include "pv/backend.h"

/* native_NAME, one an operation, with the types of the slots. */
#define PV_OP(group, name, conv, type, params, args, like, native, manual) type native_##name params;
#define PV_ACT(group, name, conv, params, args, like, native, manual) void native_##name params;
#define PV_ASM(group, name, like, native, manual) void native_##name(void);
#include "pv/ops/all.def"
#undef PV_OP
#undef PV_ACT
#undef PV_ASM

/* Seconds from 1970-01-01 to the start of a day. month and day count from 1. */
int64_t pv_seconds(unsigned year, unsigned month, unsigned day);

/* The day that holds `seconds` since 1970, not before it: year, month, day. */
void pv_date(int64_t seconds, unsigned date[3]);

#endif
