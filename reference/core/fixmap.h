/* The tables under the fixed addresses (PV_FIXMAP), made through the interface itself. */
#ifndef PV_CORE_FIXMAP_H
#define PV_CORE_FIXMAP_H

#include "pv/backend.h"

/* The entry that maps pv_fixmap(slot) in the address space in use, slot 0..15; makes the tables at
 * the first call in an address space. */
pte_t *pv_fixmap_entry(unsigned slot);

#endif
