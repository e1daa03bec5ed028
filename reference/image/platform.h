/* What the image needs of the machine that is no operation of the interface: a line to write to and an end. */
#ifndef PV_PLATFORM_H
#define PV_PLATFORM_H

#include "suite/suite.h"

struct platform {
	const char *name;
	void (*write)(const char *text, size_t length);
	/* Ends it: powers off, or halts where that does not work. Does not return. */
	void (*stop)(bool ok);
	/* Fills `boot` from what the loader left at `info`. */
	void (*read)(struct pv_boot *boot, void *info);
	/* Called after arch_setup: the view for the suite. */
	const struct suite_view *(*view)(void);
};

extern const struct platform platform_bare, platform_xen, platform_lguest;

extern char image_start[], image_end[];

/* The counts of a simulated machine; its port answers on no other. */
bool monitor_present(void);
uint64_t monitor_count(unsigned effect);

/* What raw instructions show. */
uint64_t raw_cr(unsigned n);
uint64_t raw_cr8(void);
uint64_t raw_debug(unsigned n);
uint64_t raw_msr(uint32_t msr);
void raw_gdt(struct pv_table *table);
void raw_idt(struct pv_table *table);
uint16_t raw_tr(void);

#endif
