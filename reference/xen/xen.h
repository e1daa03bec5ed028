/* Shared among the files of the Xen backend, and with the image's platform on Xen. */
#ifndef PV_XEN_H
#define PV_XEN_H

#include "native/native.h"
#include "xen/abi.h"

extern char xen_hypercall_page[PV_PAGE_SIZE];
extern struct xen_shared xen_shared; /* a page of ours that the shared one is mapped over */
extern const struct xen_start *xen_start;

static inline volatile struct xen_vcpu *xen_vcpu(void)
{
	return &xen_shared.vcpu[0];
}

/* A hypercall: number, up to five arguments. Returns Xen's: negative is an error. */
int64_t xen_call(enum xen_call number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e);

/* The same where there is no way on without: a refusal ends the domain with a message. */
void xen_must(const char *what, int64_t result);

static inline uint64_t xen_pointer(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

/* Machine frames and ours. What is no page of ours (a device) is passed as it is. */
uint64_t xen_machine_frame(uint64_t frame);
uint64_t xen_our_frame(uint64_t machine);

/* Machine address of a byte of ours. */
static inline uint64_t xen_machine_address(const void *pointer)
{
	return xen_machine_frame(xen_pointer(pointer) >> PV_PAGE_SHIFT) << PV_PAGE_SHIFT |
	       xen_pointer(pointer) % PV_PAGE_SIZE;
}

/* Maps the page at `address` one to one again, writable or not. */
int64_t xen_protect(uint64_t address, bool writable);

/* The event channel that stands for an interrupt vector; bound at the first call. */
uint32_t xen_port(unsigned vector);

/* The parts of arch_setup. */
void xen_mmu_start(void);
void xen_irq_start(void);
void xen_time_start(void);

/* xen_NAME, for those that are not native's. */
#define PV_OP(group, name, conv, type, params, ...) type xen_##name params;
#include "pv/ops/all.h"
#undef PV_OP

#endif
