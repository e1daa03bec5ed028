/* Patching of call sites: from `call *slot(%rip)` to a direct call, or to the backend's own code. */
#ifndef PV_PATCH_H
#define PV_PATCH_H

#include "pv/backend.h"

struct pv_patched {
	unsigned sites;
	unsigned direct; /* now direct calls */
	unsigned inlined; /* now the backend's code, no call left */
	unsigned left;	  /* as they were: the target is too far away */
};

/* Patches all sites for the pv_ops in force. context: boot, one CPU, interrupts off, text writable. The
 * next serialising instruction or interrupt makes it seen (SDM 3A 8.1.3); this function does one. */
struct pv_patched pv_patch_sites(void);

/* Undoes it: all sites are indirect calls again. */
void pv_unpatch_sites(void);

/* Copies [start, end) to `site` if it fits into `room`: what patch operations are made of. */
unsigned pv_patch_copy(void *site, unsigned room, const void *start, const void *end);

#endif
