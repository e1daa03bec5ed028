/* Shared by the lguest-style backend and the image's platform for it. */
#ifndef PV_LGUEST_H
#define PV_LGUEST_H

#include "lguest/abi.h"
#include "native/native.h"

/* A call that traps. Returns the host's result. */
int64_t lguest_call(enum lguest_call number, uint64_t a, uint64_t b, uint64_t c);

/* lguest_NAME, for those that are not native's. */
#define PV_OP(group, name, conv, type, params, ...) type lguest_##name params;
#include "pv/ops/all.h"
#undef PV_OP

#endif
