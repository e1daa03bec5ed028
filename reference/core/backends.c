/* The list of backends. (By itself, so that no compiler takes it for known: an object may be put into it.) */
#include "pv/backend.h"

extern const struct pv_backend xen_backend, lguest_backend, rom_backend;

/* In the order of asking: who knows its platform for sure comes before who takes anything. */
const struct pv_backend *const pv_backends[] = {
	&xen_backend,
	&lguest_backend,
	&rom_backend,
	&native_backend,
	NULL,
};
